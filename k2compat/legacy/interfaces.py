"""``keras.legacy.interfaces``: decorators by which methods take the arguments of Keras 1."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

# What is done before the arguments are renamed: (args, kwargs) -> (args, kwargs, what it changed).
Preprocessor = Callable[[Any, dict[str, Any]], tuple[Any, dict[str, Any], list[Any]]]

_AXES = {"dim_ordering": {"tf": "channels_last", "th": "channels_first", "default": None}}
_WEIGHTS = {
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
}
_CONVOLUTION = {"nb_filter": "filters", "border_mode": "padding", **_WEIGHTS}
_IMAGES = {"subsample": "strides", "dim_ordering": "data_format", **_CONVOLUTION}
_RECURRENT = {
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}


def generate_legacy_interface(
    allowed_positional_args: Sequence[str] | None = None,
    conversions: Any = None,
    preprocessor: Preprocessor | None = None,
    value_conversions: Mapping[str, Mapping[Any, Any]] | None = None,
    object_type: str = "class",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that renames the arguments of a method.

    Args:
        allowed_positional_args: those that may be given by position; None for any.
        conversions: pairs of an old and a new name.
        preprocessor: what changes the arguments before.
        value_conversions: name -> {old value: new value}.
        object_type: "class" for ``__init__``, "method" for others.
    """

    def legacy_support(func: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(func)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            name = type(args[0]).__name__ if object_type == "class" else func.__name__
            converted: list[Any] = []
            if preprocessor is not None:
                args, kwargs, converted = preprocessor(args, kwargs)
            if allowed_positional_args is not None and len(args) > len(allowed_positional_args) + 1:
                raise TypeError(
                    f"`{name}` can accept only {len(allowed_positional_args)} positional arguments "
                    f"{tuple(allowed_positional_args)}, but you passed the following positional arguments: "
                    f"{list(args[1:])}"
                )
            converted = [*converted, *renamed(kwargs, dict(conversions or ()), value_conversions or {})]
            if converted:
                warnings.warn(f"Update your `{name}` call to the Keras 2 API: {converted}", stacklevel=2)
            return func(*args, **kwargs)

        vars(wrapper)["_original_function"] = func
        return wrapper

    return legacy_support


generate_legacy_method_interface = functools.partial(generate_legacy_interface, object_type="method")


def renamed(
    kwargs: dict[str, Any], names: Mapping[str, str], values: Mapping[str, Mapping[Any, Any]]
) -> list[tuple[str, str]]:
    """Rename keyword arguments in place, and return the pairs of new and old names."""
    for key in set(values) & set(kwargs):
        kwargs[key] = values[key].get(kwargs[key], kwargs[key])
    found = [(new, old) for old, new in names.items() if old in kwargs]
    for new, old in found:
        value = kwargs.pop(old)
        if new in kwargs:
            raise_duplicate_arg_error(old, new)
        kwargs[new] = value
    return found


def raise_duplicate_arg_error(old_arg: str, new_arg: str) -> NoReturn:
    """Refuse an argument that is given by both names."""
    raise TypeError(
        f"For the `{new_arg}` argument, the layer received both the legacy keyword argument `{old_arg}` and the Keras "
        f"2 keyword argument `{new_arg}`. Stick to the latter!"
    )


def support(
    positional: str | None, names: Mapping[str, str] | None = None, preprocessor: Preprocessor | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator; the names of arguments that may be given by position are separated by spaces."""
    allowed = None if positional is None else positional.split()
    return generate_legacy_interface(allowed, list((names or {}).items()), preprocessor, _AXES)


def conv1d_args_preprocessor(args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any], list[Any]]:
    """Make an input shape of ``input_dim`` and ``input_length``."""
    if "input_dim" not in kwargs:
        return args, kwargs, []
    kwargs["input_shape"] = (kwargs.pop("input_length", None), kwargs.pop("input_dim"))
    return args, kwargs, [("input_shape", "input_dim")]


def recurrent_args_preprocessor(args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any], list[Any]]:
    """Make the current arguments of ``forget_bias_init``, ``input_dim`` and ``consume_less``."""
    if kwargs.pop("forget_bias_init", None) == "one":
        kwargs["unit_forget_bias"] = True
    if "consume_less" in kwargs:
        kwargs["implementation"] = {"cpu": 0, "mem": 1, "gpu": 2}.get(kwargs.pop("consume_less"), 1)
    return conv1d_args_preprocessor(args, kwargs)


def conv2d_args_preprocessor(args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any], list[Any]]:
    """Make one kernel size of ``nb_row`` and ``nb_col``, by name or position."""
    if len(args) > 4:
        raise TypeError("Layer can receive at most 3 positional arguments.")
    if len(args) == 4 and isinstance(args[2], int) and isinstance(args[3], int):
        return [*args[:2], (args[2], args[3])], kwargs, [("kernel_size", "nb_row/nb_col")]
    if len(args) == 3 and "nb_col" in kwargs:
        return [*args[:2], (args[2], kwargs.pop("nb_col"))], kwargs, [("kernel_size", "nb_row/nb_col")]
    if len(args) < 3 and "nb_row" in kwargs and "nb_col" in kwargs:
        kwargs["kernel_size"] = (kwargs.pop("nb_row"), kwargs.pop("nb_col"))
        return args, kwargs, [("kernel_size", "nb_row/nb_col")]
    return args, kwargs, []


def add_weight_args_preprocessing(args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any], list[Any]]:
    """Take the shape first and the name second, as Keras 1 had them."""
    if len(args) > 1 and isinstance(args[1], (tuple, list)):
        kwargs["shape"] = args[1]
        args = (args[0], *args[2:])
        if len(args) > 1 and isinstance(args[1], str):
            kwargs["name"] = args[1]
            args = (args[0], *args[2:])
    return args, kwargs, []


def get_updates_arg_preprocessing(args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any], list[Any]]:
    """Take parameters, constraints and loss by position, as Keras 1 had them."""
    if len(args) > 4:
        raise TypeError("`get_update` call received more arguments than expected.")
    if len(args) == 4:
        optimizer, kwargs["params"], _, kwargs["loss"] = args
        return [optimizer], kwargs, []
    if len(args) == 3 and isinstance(args[1], (list, tuple)):
        kwargs["params"] = args[1]
        return [args[0]], kwargs, []
    return args, kwargs, []


legacy_dense_support = support("units", {"output_dim": "units", **_WEIGHTS})
legacy_dropout_support = support("rate noise_shape seed", {"p": "rate"})
legacy_embedding_support = support(
    "input_dim output_dim",
    {
        "init": "embeddings_initializer",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
)
legacy_pooling1d_support = support(
    "pool_size strides padding", {"pool_length": "pool_size", "stride": "strides", "border_mode": "padding"}
)
legacy_pooling2d_support = support(
    "pool_size strides padding", {"border_mode": "padding", "dim_ordering": "data_format"}
)
legacy_pooling3d_support = legacy_pooling2d_support
legacy_global_pooling_support = support(None, {"dim_ordering": "data_format"})
legacy_prelu_support = support("alpha_initializer", {"init": "alpha_initializer"})
legacy_gaussiannoise_support = support("stddev", {"sigma": "stddev"})
legacy_gaussiandropout_support = support("rate", {"p": "rate"})
legacy_spatialdropout1d_support = support("rate", {"p": "rate"})
legacy_spatialdropoutNd_support = support("rate", {"p": "rate", "dim_ordering": "data_format"})
legacy_lambda_support = support("function output_shape")
legacy_recurrent_support = support("units", {"output_dim": "units", **_RECURRENT}, recurrent_args_preprocessor)
legacy_upsampling1d_support = support("size", {"length": "size"})
legacy_upsampling2d_support = support("size", {"dim_ordering": "data_format"})
legacy_upsampling3d_support = legacy_upsampling2d_support
legacy_zeropadding2d_support = support("padding", {"dim_ordering": "data_format"})
legacy_zeropadding3d_support = legacy_zeropadding2d_support
legacy_cropping2d_support = support("cropping", {"dim_ordering": "data_format"})
legacy_cropping3d_support = legacy_cropping2d_support
legacy_batchnorm_support = support("", {"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"})
legacy_conv1d_support = support(
    "filters kernel_size",
    {"filter_length": "kernel_size", "subsample_length": "strides", **_CONVOLUTION},
    conv1d_args_preprocessor,
)
legacy_conv2d_support = support("filters kernel_size", _IMAGES, conv2d_args_preprocessor)
legacy_conv3d_support = support("filters kernel_size", _IMAGES)
legacy_deconv2d_support = legacy_conv2d_support
legacy_separable_conv2d_support = legacy_conv2d_support
legacy_convlstm2d_support = support("filters kernel_size", {**_IMAGES, **_RECURRENT}, conv2d_args_preprocessor)
legacy_generator_methods_support = generate_legacy_method_interface(
    None,
    {
        "samples_per_epoch": "steps_per_epoch",
        "val_samples": "steps",
        "nb_epoch": "epochs",
        "nb_val_samples": "validation_steps",
        "nb_worker": "workers",
        "pickle_safe": "use_multiprocessing",
        "max_q_size": "max_queue_size",
    },
)
legacy_model_constructor_support = support(None, {"input": "inputs", "output": "outputs"})
legacy_input_support = support(None, {"input_dtype": "dtype"})
legacy_add_weight_support = generate_legacy_interface(["name", "shape"], None, add_weight_args_preprocessing)
legacy_get_updates_support = generate_legacy_interface(None, None, get_updates_arg_preprocessing)
