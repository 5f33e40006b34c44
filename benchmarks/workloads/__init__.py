"""The workloads, one file each; a new file is found by itself.

A workload is a file, or an object in the ``WORKLOADS`` of a file or a folder, which are a group then. It has a
docstring, whose first line is the table's title, and

- ``make(keras)``: the arrays of the workload (weights, whose names have a "/", and inputs), computed once by Keras 3
  and given to every contender;
- ``build(keras, arrays)``: the model, with those weights;
- ``SCRIPTS``: for each script name of ``benchmarks.contenders`` a function of a ``Kit``;
- ``CONTENDERS``: who takes part, where it is not everyone with a script.

The scripts of a *timed* workload return ``expression(index)``, which sets up the work for one index (a class, say) and
returns a function of an input that does it and returns named arrays. Beside them there are

- ``BURST``: how many calls are timed together. The shorter a call, the more;
- ``REBUILDS``: False where setting up anew is not measured;
- ``SHARE``: the part of a plan's turns that is enough;
- ``AGREEING``: the part of each array's values that has to be that of the others.

The scripts of a *traced* workload, whose cost depends on how often or how large, return ``point(at)``: the measured
value there, and named arrays. Beside them there are

- ``POINTS`` and ``QUICK_POINTS``: where it is measured, in this order, in one process;
- ``UNTIL``: contender -> the last point it is measured at, where more would take too long; results are compared at
  the last point that all reach;
- ``AXIS`` and ``UNIT``: what the points count, and of what the values are;
- ``SUMMARIES``: what a curve comes down to, by names of ``benchmarks.curves``.

Also runs under Python 3.7, for the real Keras 2.
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
import re
import resource
import time
from collections import defaultdict
from typing import Any

import numpy as np


class Kit:
    """What a script works with.

    Attributes:
        keras: the contender's Keras.
        K: its backend, None where it has none.
        model: the workload's model.
        arrays: the workload's arrays, but for weights.
        options: keywords of ``K.function`` that make the contender.
    """

    def __init__(self, keras: Any, K: Any, model: Any, arrays: Any, options: Any):
        self.keras = keras
        self.K = K
        self.model = model
        self.arrays = arrays
        self.options = options

    def function(self, inputs: Any, outputs: Any) -> Any:
        return self.K.function(inputs, outputs, **self.options)


def found() -> dict[str, Any]:
    """Every workload by its name."""
    workloads = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        module = importlib.import_module(f"{__name__}.{name}")
        workloads.update(getattr(module, "WORKLOADS", {name: module}))
    return workloads


def groups() -> dict[str, list[str]]:
    """Return the names of the workloads of each group."""
    modules = {
        name: importlib.import_module("%s.%s" % (__name__, name)) for _, name, _ in pkgutil.iter_modules(__path__)
    }
    return {name: list(module.WORKLOADS) for name, module in modules.items() if hasattr(module, "WORKLOADS")}


def names() -> list[str]:
    """The names of all workloads."""
    return list(found())


def load(name: str) -> Any:
    """A workload."""
    return found()[name]


def is_traced(workload: Any) -> bool:
    """Whether a workload gives a curve rather than times."""
    return hasattr(workload, "POINTS")


def weights_of(model: Any) -> dict[str, Any]:
    """A model's weights by layer name and position, to be carried to another Keras."""
    return dict(zip(weight_names(model), model.get_weights()))


def set_weights(model: Any, arrays: dict[str, Any]) -> None:
    """Gives a model the weights ``weights_of`` took.

    Raises:
        KeyError: if a layer's name is not among them, that is, if the architectures differ.
    """
    model.set_weights([arrays[name] for name in weight_names(model)])


def weight_names(model: Any) -> list[str]:
    """Names for a model's weights, in the order of ``get_weights``."""
    names_of_layers = layer_names([layer.name for layer in model.layers])
    return [
        f"{name}/{position}"
        for name, layer in zip(names_of_layers, model.layers)
        for position in range(len(layer.weights))
    ]


def layer_names(names: list[str]) -> list[str]:
    """Names that every Keras gives to the layers of the same architecture.

    Of numbered names only the order is the same everywhere ("conv2d_1" is another's "conv2d", or "conv2d_96"), and the
    last layer is called "probs" by one Keras and "predictions" by the next.
    """
    parts = [re.match(r"(.*?)(?:_(\d+))?$", name).groups() for name in names[:-1]]  # type: ignore[union-attr]
    numbers = defaultdict(list)
    for base, number in parts:
        numbers[base].append(int(number or 0))
    ranks = {base: sorted(found) for base, found in numbers.items()}
    return [*(f"{base}#{ranks[base].index(int(number or 0))}" for base, number in parts), "last"]


def optimizers_of(kit: Any) -> Any:
    """Return the optimizers of a contender's Keras; graph mode takes only those of then, since TensorFlow 2.11."""
    import tensorflow as tf

    found = kit.keras.optimizers
    return found.legacy if hasattr(found, "legacy") and not tf.executing_eagerly() else found


def timed(work: Any) -> tuple[float, Any]:
    """The seconds a piece of work takes, and what it returns."""
    start = time.perf_counter()
    value = work()
    return time.perf_counter() - start, value


def resident_megabytes() -> float:
    """The memory this process has, without what is only waiting to be collected; where that is not told, its peak."""
    gc.collect()
    try:
        with open("/proc/self/statm") as pages:
            return int(pages.read().split()[1]) * resource.getpagesize() / 1e6
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # of macOS, in bytes


def named(loss: Any, gradient: Any) -> dict[str, Any]:
    """The results of one step on a picture."""
    return {"loss": np.asarray(loss), "gradient": np.asarray(gradient)}


def scripts_of(step_of: Any) -> dict[str, Any]:
    """The scripts of a step on a picture as it is written for TensorFlow 2, run eagerly and compiled.

    Args:
        step_of: gives the step for a ``Kit``.
    """

    def eager(kit: Any) -> Any:
        import tensorflow as tf

        step = step_of(kit)
        return lambda _index: lambda picture: named(*step(tf.constant(picture)))

    def compiled(kit: Any) -> Any:
        import tensorflow as tf

        step = tf.function(step_of(kit))
        return lambda _index: lambda picture: named(*step(tf.constant(picture)))

    return {"eager": eager, "compiled": compiled}
