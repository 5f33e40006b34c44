"""The layers of Keras 2 that no Keras has now, made for a Keras."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from typing import Any

from k2compat.errors import K2TypeError
from k2compat.legacy import cudnn_recurrent, keras1_layers, local, pooling, recurrent

FURTHER = {"LSTM": {"unit_forget_bias": True}, "GRU": {}}
MERGES = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum"}


def removed_layers(keras: Any) -> dict[str, Any]:
    """Return name -> class or function, for ``keras.layers``; it may have some of them."""
    spec = keras.layers.InputSpec
    found = {
        "Recurrent": made("Recurrent", keras, recurrent.Recurrent, keras.layers.Layer, {"spec": spec}),
        **dict(cudnn_layers(keras)),
        **dict(pooling_layers(keras)),
        "Merge": functools.partial(merge, keras),
    }
    for rank in (1, 2):
        name = f"LocallyConnected{rank}D"
        members = {"keras": keras, "rank": rank}
        found[name] = made(name, keras, local.LocallyConnected, keras.layers.Layer, members)
    for name in ("MaxoutDense", "Highway"):
        found[name] = made(name, keras, getattr(keras1_layers, name), keras.layers.Layer, {"keras": keras})
    for new, old in {f"Conv{rank}D": f"AtrousConvolution{rank}D" for rank in (1, 2)}.items():
        found[old] = functools.partial(atrous, keras, new)
        found[old.replace("olution", "")] = found[old]
    for rank in (2, 3):
        found[f"Deconvolution{rank}D"] = found[f"Deconv{rank}D"] = getattr(keras.layers, f"Conv{rank}DTranspose")
    return found


def made(
    name: str,
    keras: Any,
    mixin: Any,
    base: Any,
    members: dict[str, Any],
    metaclass: Any = None,
    place: str = "layers",
) -> Any:
    """Return a class of a Keras."""
    described = {"__module__": f"{keras.__name__}.{place}", "__doc__": mixin.__doc__, "__qualname__": name}
    return (metaclass or type(base))(name, (mixin, base), {**described, **members})


def cudnn_layers(keras: Any) -> Iterator[tuple[str, Any]]:
    """Yield the layers of cuDNN, by name."""
    layers = keras.layers
    for kind, further in FURTHER.items():
        cell = made(f"CuDNN{kind}Cell", keras, getattr(cudnn_recurrent, f"{kind}Cell"), layers.Layer, {})
        members = {"keras": keras, "cell_class": cell, "further": further}
        yield f"CuDNN{kind}", made(f"CuDNN{kind}", keras, cudnn_recurrent.CuDNNRNN, layers.RNN, members)


def pooling_layers(keras: Any) -> Iterator[tuple[str, Any]]:
    """Yield the base classes of pooling, by name."""
    layers = keras.layers
    for rank in (1, 2, 3):
        members = {"spec": layers.InputSpec, "rank": rank}
        for prefix, mixin in (("", pooling.Pooling), ("Global", pooling.GlobalPooling)):
            known = tuple(getattr(layers, f"{prefix}{kind}Pooling{rank}D") for kind in ("Max", "Average"))
            name = f"_{prefix}Pooling{rank}D"
            yield name, made(name, keras, mixin, layers.Layer, members, pooling.with_known(layers.Layer, known))


def atrous(keras: Any, kind: str, *args: Any, atrous_rate: Any = 1, **kwargs: Any) -> Any:
    """Return a convolution whose ``dilation_rate`` had another name."""
    warnings.warn(f"The `Atrous` layers are `{kind}` with the argument `dilation_rate`.", stacklevel=2)
    return getattr(keras.layers, kind)(*args, dilation_rate=atrous_rate, **kwargs)


def merge(
    keras: Any, layers: Any = None, mode: Any = "sum", concat_axis: int = -1, dot_axes: Any = -1, **kwargs: Any
) -> Any:
    """Return the layer that ``Merge(mode=...)`` of Keras 1 was.

    Raises:
        TypeError: branches of a ``Sequential`` are given.
    """
    if layers:
        raise K2TypeError(
            "Merge([left, right], mode=...) in a Sequential has two inputs, which a Sequential cannot have. Build the "
            "model with the functional API: Merge(mode=...)([left.output, right.output])."
        )
    kwargs = {name: value for name, value in kwargs.items() if name in ("name", "trainable", "output_shape")}
    if callable(mode):
        return keras.layers.Lambda(mode, **kwargs)
    kwargs.pop("output_shape", None)
    if mode == "concat":
        return keras.layers.Concatenate(axis=concat_axis, **kwargs)
    if mode in ("dot", "cos"):
        return keras.layers.Dot(axes=dot_axes, normalize=mode == "cos", **kwargs)
    return getattr(keras.layers, MERGES[mode])(**kwargs)
