"""``keras.layers.pooling``: the base classes of pooling, from which programs derive their own."""

from __future__ import annotations

from typing import Any

from k2compat.errors import not_overridden
from k2compat.legacy.conv_utils import conv_output_length, normalize_data_format, normalize_padding, normalize_tuple


class Pooling:
    """A layer that pools windows by its ``_pooling_function``; a mixin over ``Layer``.

    Attributes:
        spec: the class ``InputSpec`` of the Keras.
        rank: the number of axes along which the windows are.
    """

    spec: Any
    rank: int

    def __init__(
        self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", data_format: Any = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.pool_size = normalize_tuple(pool_size, self.rank, "pool_size")
        self.strides = normalize_tuple(pool_size if strides is None else strides, self.rank, "strides")
        self.padding = normalize_padding(padding)
        self.data_format = normalize_data_format(data_format or ("channels_last" if self.rank == 1 else None))
        self.input_spec = self.spec(ndim=self.rank + 2)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return the shape of the output."""
        first = 2 if self.data_format == "channels_first" else 1
        sizes = zip(input_shape[first : first + self.rank], self.pool_size, self.strides, strict=True)
        lengths = [conv_output_length(length, size, self.padding, stride) for length, size, stride in sizes]
        return (*input_shape[:first], *lengths, *input_shape[first + self.rank :])

    def _pooling_function(self, inputs: Any, pool_size: Any, strides: Any, padding: Any, data_format: Any) -> Any:
        method = "_pooling_function(self, inputs, pool_size, strides, padding, data_format)"
        raise not_overridden(self, method, "the windows, each as one number")

    def call(self, inputs: Any) -> Any:
        """Return the windows, each as one number."""
        return self._pooling_function(
            inputs=inputs,
            pool_size=self.pool_size,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        parent: Any = super()
        names = ("pool_size", "strides", "padding", "data_format")
        return {**parent.get_config(), **{name: getattr(self, name) for name in names}}


class GlobalPooling:
    """A layer that pools all places; subclasses have ``call``; a mixin over ``Layer``."""

    spec: Any
    rank: int

    def __init__(self, data_format: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = normalize_data_format(data_format or ("channels_last" if self.rank == 1 else None))
        self.input_spec = self.spec(ndim=self.rank + 2)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return the shape of the output."""
        return (input_shape[0], input_shape[1 if self.data_format == "channels_first" else -1])

    def call(self, inputs: Any) -> Any:
        """Return one number for each channel."""
        raise not_overridden(self, "call(self, inputs)", "one number for each channel")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        parent: Any = super()
        return {**parent.get_config(), "data_format": self.data_format}


def with_known(base: type, known: tuple[type, ...]) -> type:
    """Return the metaclass of a base class of which the classes that Keras has are subclasses too."""

    class Base(type(base)):  # type: ignore[misc]
        def __instancecheck__(cls, instance: Any) -> bool:
            return super().__instancecheck__(instance) or cls.__name__.startswith("_") and isinstance(instance, known)

        def __subclasscheck__(cls, subclass: Any) -> bool:
            return super().__subclasscheck__(subclass) or cls.__name__.startswith("_") and issubclass(subclass, known)

    return Base
