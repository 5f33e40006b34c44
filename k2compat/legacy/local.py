"""``keras.layers.local``: convolutions with a kernel of its own at each place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k2compat.legacy.conv_utils import conv_output_length, normalize_data_format, normalize_padding, normalize_tuple
from k2compat.ops import convolution, nn

INITIALIZERS = ("kernel_initializer", "bias_initializer")
REGULARIZERS = ("kernel_regularizer", "bias_regularizer")
CONSTRAINTS = ("kernel_constraint", "bias_constraint")


class LocallyConnected:
    """A layer with a kernel for each place; a mixin over ``Layer``.

    Attributes:
        keras: the Keras.
        rank: the number of axes along which there are places.
    """

    keras: Any
    rank: int
    add_weight: Callable[..., Any]
    kernel: Any
    bias: Any

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        keras = self.keras
        parent: Any = super()
        parent.__init__(activity_regularizer=keras.regularizers.get(activity_regularizer), **kwargs)
        self.filters = int(filters)
        self.kernel_size = normalize_tuple(kernel_size, self.rank, "kernel_size")
        self.strides = normalize_tuple(strides, self.rank, "strides")
        self.padding = normalize_padding(padding)
        if self.padding != "valid":
            raise ValueError(
                f'Invalid border mode for {type(self).__name__} (only "valid" is supported): {self.padding}'
            )
        self.data_format = normalize_data_format(data_format or ("channels_last" if self.rank == 1 else None))
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        given = locals()
        for names, module in (
            (INITIALIZERS, "initializers"),
            (REGULARIZERS, "regularizers"),
            (CONSTRAINTS, "constraints"),
        ):
            for name in names:
                setattr(self, name, getattr(keras, module).get(given[name]))
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2)

    def places(self, input_shape: Any) -> tuple[Any, ...]:
        """Return the number of places along each axis."""
        first = 2 if self.data_format == "channels_first" and self.rank > 1 else 1
        lengths = input_shape[first : first + self.rank]
        axes = zip(lengths, self.kernel_size, self.strides, strict=True)
        return tuple(conv_output_length(length, size, self.padding, stride) for length, size, stride in axes)

    def build(self, input_shape: Any) -> None:
        """Make the weights.

        Raises:
            ValueError: the number of places or channels is not known.
        """
        places = self.places(input_shape)
        channels = input_shape[1 if self.data_format == "channels_first" and self.rank > 1 else -1]
        if None in (*places, channels):
            raise ValueError(
                f"The spatial dimensions and the channels of the inputs to `{type(self).__name__}` should be "
                f"fully-defined, but layer received the inputs shape {tuple(input_shape)}"
            )
        count = size = 1
        for place, width in zip(places, self.kernel_size, strict=True):
            count, size = count * place, size * width
        own: Any = self
        self.kernel = self.add_weight(
            shape=(count, size * channels, self.filters),
            initializer=own.kernel_initializer,
            name="kernel",
            regularizer=own.kernel_regularizer,
            constraint=own.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(*places, self.filters),
                initializer=own.bias_initializer,
                name="bias",
                regularizer=own.bias_regularizer,
                constraint=own.bias_constraint,
            )
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return the shape of the output."""
        places = self.places(input_shape)
        if self.data_format == "channels_first" and self.rank > 1:
            return (input_shape[0], self.filters, *places)
        return (input_shape[0], *places, self.filters)

    def call(self, inputs: Any) -> Any:
        """Return the sums of each place, and its bias."""
        if self.rank == 1:
            output = convolution.local_conv1d(inputs, self.kernel, self.kernel_size, self.strides)
        else:
            places = self.places(inputs.shape)
            output = convolution.local_conv2d(
                inputs, self.kernel, self.kernel_size, self.strides, places, self.data_format
            )
        if self.use_bias:
            output = nn.bias_add(output, self.bias, self.data_format)
        return output if self.activation is None else self.activation(output)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        parent: Any = super()
        keras, own, config = self.keras, vars(self), parent.get_config()
        plain = ("filters", "kernel_size", "strides", "padding", "data_format", "use_bias")
        config.update({name: own[name] for name in plain})
        config["activation"] = keras.activations.serialize(self.activation)
        for names, module in (
            (INITIALIZERS, "initializers"),
            (REGULARIZERS, "regularizers"),
            (CONSTRAINTS, "constraints"),
        ):
            config.update({name: getattr(keras, module).serialize(own[name]) for name in names if own[name]})
        return config
