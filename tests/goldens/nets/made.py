"""Makes the model of a description with any Keras."""

import numpy as np

from ..tools import drawn, normal

BATCH = 3
# The functions that descriptions name.
FUNCTIONS = {
    "square": lambda K: lambda x, by=1.0: by * K.square(x),
    "scaled": lambda K: lambda x, by=2.0: by * x - 1.0,
    "first_step": lambda K: (
        lambda x, mask=None: K.not_equal(x[:, :, 0], x[:, :, 0] + K.cast(x[:, :, 0] > 0.0, "float32"))
    ),
}


def thing(value, K, keras):
    """An argument with the layers and functions that are described in it."""
    if isinstance(value, dict) and "class" in value:
        rest = {key: thing(item, K, keras) for key, item in value.items() if key != "class"}
        return getattr(keras.layers, value["class"])(**rest)
    if isinstance(value, dict) and "function" in value:
        return FUNCTIONS[value["function"]](K)
    if isinstance(value, list):
        items = [thing(item, K, keras) for item in value]
        return items if any(isinstance(item, (dict, keras.layers.Layer)) for item in items) else tuple(items)
    return value


class Made:
    """The model of a description.

    Attributes:
        layer: what is drawn.
        inputs, outputs: lists of tensors.
        model: from the inputs to what the layer gives.
        values: arrays for the inputs.
    """

    def __init__(self, description, K, keras):
        self.description, self.K, self.keras = description, K, keras
        given = description["inputs"]
        masked, high = given.get("masked", ()), given.get("high")
        self.inputs, self.values, tensors = [], [], []
        for i, shape in enumerate(given["shapes"]):
            self.values.append(array((BATCH,) + tuple(shape), i, high, i in masked or given.get("zeros")))
            batch = BATCH if given.get("fixed") else None
            self.inputs.append(
                keras.layers.Input(batch_shape=(batch,) + tuple(shape), dtype="int32" if high else "float32")
            )
            tensors.append(keras.layers.Masking()(self.inputs[-1]) if i in masked else self.inputs[-1])
        arguments = {name: thing(value, K, keras) for name, value in description["arguments"].items()}
        self.layer = layer_of(description["class"], arguments, keras)
        states = given.get("states", 0)
        called = {"initial_state": tensors[-states:]} if states else {}
        tensors = tensors[: len(tensors) - states]
        found = self.layer(tensors if len(tensors) > 1 else tensors[0], **called)
        self.outputs = list(found) if isinstance(found, (list, tuple)) else [found]
        self.model = keras.models.Model(self.inputs, self.outputs)
        self.initial = self.model.get_weights()
        drawn(self.model, seed=7)

    @property
    def masked(self):
        return bool(self.description["inputs"].get("masked")) or bool(self.description["arguments"].get("mask_zero"))

    def trained(self):
        """A model with a head that can be trained."""
        layers, output = self.keras.layers, self.outputs[0]
        rank = self.K.ndim(output)
        if rank == 3 and (self.masked or self.description["class"] == "Masking"):
            output = layers.SimpleRNN(2, name="head")(output)
        else:
            output = layers.Dense(2, name="head")(layers.Flatten()(output) if rank > 2 else output)
        model = self.keras.models.Model(self.inputs, output)
        return drawn(model, seed=7)

    def draws(self):
        """Whether it draws random numbers in phase 1."""
        return any("dropout" in name or name in ("rate", "stddev") for name, value in self.settings() if value)

    def settings(self):
        """All arguments, of what is described inside, too."""
        left = [self.description["arguments"]]
        while left:
            here = left.pop()
            for name, value in here.items() if isinstance(here, dict) else ():
                yield name, value
                left += value if isinstance(value, list) else [value]

    def is_stateful(self):
        return any(name == "stateful" and value for name, value in self.settings())


def layer_of(kind, arguments, keras):
    """The layer itself; cells go into a loop."""
    layers = keras.layers
    made = getattr(layers, kind)(**arguments)
    return layers.RNN(made, return_sequences=True) if kind.endswith(("Cell", "Cells")) else made


def array(shape, seed, high, zeros):
    """An input; with zeros at some steps if it is to be masked."""
    if high:
        return np.random.RandomState(seed).randint(0, high, size=shape).astype("int32")
    values = normal(*shape, seed=seed)
    if zeros:
        values[0, -2:] = 0
        values[1, 0] = 0
        values[2, 2:3] = 0
    return values
