"""Initial weights: the reference writes down what each weight began with, the other runs begin with the same.

A weight's value is drawn when its layer asks for it, before a file or a training can change it, in a graph of its own.
"""

from __future__ import annotations

import functools
import inspect
import sys
from typing import Any

import numpy as np

from k2compat.parity.worker import hooks, storage
from k2compat.parity.worker.recorder import Recorder, place_of

SHAKE = 1e-5  # as much as rounding makes of constants like 1 - 0.999
LAYERS_OF_GRAPH_MODE = ("tf_keras.src.engine.base_layer_v1", "keras.src.engine.base_layer_v1")
RANDOM_VARIABLES = {
    "random_uniform_variable": lambda generator, low, high, shape: generator.uniform(low, high, shape),
    "random_normal_variable": lambda generator, mean, scale, shape: generator.normal(mean, scale, shape),
}


class Carrier:
    """Gives weights their initial values, and writes down what they are and where they came from.

    Args:
        recorder: where to.
        reference: the folder of the reference's recording; None in the reference itself.
        seed: of what the reference draws.
        shaken: whether the values are changed a little, to see how sensitive results are.
    """

    def __init__(self, recorder: Recorder, reference: Any, seed: int, shaken: bool = False):
        self.recorder, self.reference, self.seed, self.shaken = recorder, reference, seed, shaken
        known = storage.lines(reference) if reference else ()
        self.left = {line["number"]: line for line in known if line["kind"] == "weight"}
        self.number = self.next = 0

    def value(self, layer: str, layer_name: Any, name: Any, shape: Any, draw: Any) -> Any:
        """Return the initial value of the next weight.

        Args:
            layer: what makes it, the name of a class.
            layer_name: the name of the layer.
            name: its own name, such as "kernel".
            shape: its shape.
            draw: what draws a value, given a seed.

        Returns:
            An array, or None if the reference has none for it.
        """
        number, self.number = self.number, self.number + 1
        mine = {"layer": layer, "layer_name": layer_name, "name": name, "shape": [int(size) for size in shape]}
        if not self.reference:
            array = np.asarray(draw(self.seed + number))
            self.recorder.writer.line("weight", number=number, value=self.recorder.writer.array(array), **mine)
            return array
        found, how = self.match(mine)
        carried = None if found is None else found["number"]
        self.recorder.writer.line("weight", number=number, carried=carried, how=how, **mine)
        if found is None:
            return None
        value = storage.read(self.reference, found["value"]).reshape(mine["shape"])
        return shaken(value, number) if self.shaken else value

    def match(self, mine: Any) -> Any:
        """Return the reference's weight for one of this side: the next one, or else the first one left that is most
        alike.
        """
        following = self.left.get(self.next)
        if following and all(following[key] == mine[key] for key in ("shape", "layer", "name")):
            found, how = following, "order"
        else:
            for keys in (("layer_name", "name"), ("layer", "name"), ("layer_name",), ("layer",), ("name",)):
                alike = [line for line in self.left.values() if all(line[key] == mine[key] for key in (*keys, "shape"))]
                if alike:
                    found, how = alike[0], " and ".join(keys)
                    break
            else:
                return None, "none"
        self.next = found["number"] + 1
        return self.left.pop(found["number"]), how

    def finish(self) -> None:
        """Write down which of the reference's weights nothing asked for."""
        self.recorder.writer.line("weights", left=sorted(self.left))


def shaken(value: Any, seed: int) -> Any:
    """Return an array of floating-point numbers, each changed by up to ``SHAKE`` of its value."""
    if value.dtype.kind != "f":
        return value
    return (value * (1 + SHAKE * np.random.RandomState(seed).uniform(-1, 1, value.shape))).astype(value.dtype)


class Carried:
    """An initializer that gives the carried value, and the layer's own if there is none."""

    def __init__(self, carrier: Carrier, own: Any, tf: Any, layer: Any, name: Any):
        self.carrier, self.own, self.tf, self.layer, self.name = carrier, own, tf, layer, name

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        shape = tuple(int(size) for size in shape)
        given = kwargs if dtype is None else dict(kwargs, dtype=dtype)

        def draw(seed: int) -> Any:
            value = drawn(self.tf, seed, lambda: self.own(shape, **given))
            # Some initializers compute with NumPy, and leave the conversion to the layer.
            return value if dtype is None else value.astype(self.tf.as_dtype(dtype).as_numpy_dtype)

        kind, layer_name = type(self.layer).__name__, getattr(self.layer, "name", None)
        value = self.carrier.value(kind, layer_name, self.name, shape, draw)
        if value is None:
            return self.own(shape, **given)
        return symbolic(self.tf, value) if self.carrier.reference is None else value


def drawn(tf: Any, seed: int, make: Any) -> Any:
    """Return the value of a tensor that is made in a graph of its own."""
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        v1.set_random_seed(seed)
        tensor = tf.convert_to_tensor(make())
        with v1.Session(config=v1.ConfigProto(device_count={"GPU": 0})) as session:
            return session.run(tensor)


def symbolic(tf: Any, value: Any) -> Any:
    """Return a tensor of graph mode with a known value, that is not part of the graph."""
    tensor = tf.compat.v1.py_func(lambda: value, [], value.dtype)
    tensor.set_shape(value.shape)
    return tensor


def install(carrier: Carrier, tf: Any) -> None:
    """Give all weights that are made from now on their initial values."""
    for package in hooks.packages():
        initializers = package.initializers
        layers = [package.layers.Layer]
        layers += [sys.modules[name].Layer for name in LAYERS_OF_GRAPH_MODE if name in sys.modules]
        for layer in layers:
            owner = next(owner for owner in layer.__mro__ if "add_weight" in vars(owner))
            if not hasattr(owner.add_weight, "_carries"):
                owner.add_weight = carrying(owner.add_weight, carrier, tf, initializers)
    for backend in hooks.backends():
        for name, draw in RANDOM_VARIABLES.items():
            if name in vars(backend):
                setattr(backend, name, drawing(backend, name, draw, carrier))
        if "variable" in vars(backend):
            backend.variable = valued(backend.variable, carrier, tf)


def carrying(add_weight: Any, carrier: Carrier, tf: Any, initializers: Any) -> Any:
    """``Layer.add_weight`` with the carried initial value."""
    parameters = inspect.signature(add_weight).parameters
    names = [name for name, parameter in parameters.items() if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]
    # Keras 3 names none of them, and takes them in this order.
    order = names[1:] if len(names) > 1 else ["shape", "initializer", "dtype"]

    @functools.wraps(add_weight)
    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if any(owner.__name__ == "Metric" for owner in type(layer).__mro__):  # what it counts is no model's weight
            return add_weight(layer, *args, **kwargs)
        given = {**dict(zip(order, args)), **kwargs}
        own = initializers.get(given.get("initializer") or "glorot_uniform")
        own = own() if inspect.isclass(own) else own
        given["initializer"] = Carried(carrier, own, tf, layer, given.get("name"))
        return add_weight(layer, **given)

    call._carries = True  # type: ignore[attr-defined]
    return call


def drawing(backend: Any, name: str, draw: Any, carrier: Carrier) -> Any:
    """``K.random_uniform_variable`` or its brother, with the carried value."""
    own = getattr(backend, name)

    @functools.wraps(own)
    def call(shape: Any, first: Any = None, second: Any = None, *args: Any, **kwargs: Any) -> Any:
        bound = inspect.signature(own).bind(shape, *[n for n in (first, second) if n is not None], *args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        low, high = list(given.values())[1:3]
        value = carrier.value(
            "K", None, name, shape, lambda seed: draw(np.random.RandomState(seed), low, high, tuple(shape))
        )
        if value is None:
            return own(*bound.args, **bound.kwargs)
        return backend.variable(value, dtype=given.get("dtype"), name=given.get("name"))

    return call


def valued(variable: Any, carrier: Carrier, tf: Any) -> Any:
    """``K.variable``, which carries what the script gives it as a tensor; arrays are the same on both sides."""

    @functools.wraps(variable)
    def call(value: Any, *args: Any, **kwargs: Any) -> Any:
        is_tensor = tf.is_tensor(value) or type(value).__name__ in ("KerasTensor", "Lazy", "Variable")
        if is_tensor and place_of(sys._getframe(1)) is not None and getattr(value.shape, "rank", 0) is not None:
            shape = [int(size) for size in value.shape]

            def draw(seed: int) -> Any:
                with tf.compat.v1.Session(graph=value.graph) as session:
                    return session.run(value)

            carried = carrier.value("K", None, "variable", shape, draw)
            value = value if carried is None else np.array(carried)
        return variable(value, *args, **kwargs)

    return call
