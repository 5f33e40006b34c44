"""The learning phase: a scalar tensor until it is set."""

import numpy as np

from ..registry import case
from ..tools import normal


@case(rows=["phase-tensor"])
def learning_phase_is_a_scalar_tensor(K, keras, load):
    """A scalar tensor; unfed it is 0. Fed 0, 1, True, 1.0 it switches batch normalization (dropout too)."""
    model = load("m")
    phase = K.learning_phase()
    bn = K.function([model.input, phase], [model.get_layer("bn").output])
    x = normal(6, 8, seed=1)
    feeds = {"0": 0, "1": 1, "true": True, "1_0": 1.0, "false": False, "numpy": np.array(1)}
    arrays = {"fed_" + name: bn([x, value])[0] for name, value in feeds.items()}
    arrays["unfed"] = K.function([model.input], [model.get_layer("bn").output])([x])[0]
    arrays["ndim"] = K.ndim(phase)
    arrays["value_is_0"] = int(K.eval(K.cast(phase, "int32"))) == 0
    return arrays


@case(rows=["phase-set"])
def set_learning_phase_fixes_what_is_built_afterwards(K, keras, load):
    """K.set_learning_phase(1), then a model: batch statistics without feeding; 0: moving averages."""
    x, arrays = normal(6, 8, seed=2), {}
    for phase in (1, 0):
        K.set_learning_phase(phase)
        model = load("m")
        f = K.function([model.input], [model.get_layer("bn").output])
        arrays["phase_%d" % phase] = f([x])[0]
    return arrays


@case(rows=["phase-type"])
def learning_phase_type(K, keras, load):
    """No int until set_learning_phase, then the int; it hashes and is a key of feed_dict."""
    before = K.learning_phase()
    table = {before: "phase"}
    stays = K.learning_phase() is before
    found = table[K.learning_phase()]
    K.set_learning_phase(1)
    after = K.learning_phase()
    return {
        "int_before": isinstance(before, int),
        "int_after": isinstance(after, int),
        "after": int(after),
        "found": found,
        "stays": stays,
    }


@case(rows=["phase-in-train"])
def in_train_phase_is_symbolic(K, keras, load):
    """K.in_train_phase(1., 0.) with the symbolic phase gives a symbolic tensor; functions are branches too."""
    phase = K.learning_phase()
    p = K.placeholder((None,), name="p")
    number = K.in_train_phase(K.constant(1.0), K.constant(0.0))
    branches = K.in_train_phase(lambda: p * 2.0, lambda: p + 100.0)
    swapped = K.in_test_phase(p * 3.0, p)
    f = K.function([p, phase], [number, branches, swapped])
    fed = np.array([1.0, 2.0])
    train, test = f([fed, 1]), f([fed, 0])
    return {
        "is_number": isinstance(number, (int, float)),
        "train": np.concatenate([np.ravel(value) for value in train]),
        "test": np.concatenate([np.ravel(value) for value in test]),
        "explicit": K.function([p], [K.in_train_phase(p * 5.0, p, training=1)])([fed])[0],
    }


@case(rows=["phase-in-train"])
def in_train_phase_of_numbers(K, keras, load):
    """The very call of the specification, with plain numbers."""
    value = K.in_train_phase(1.0, 0.0)
    f = K.function([K.learning_phase()], [value])
    return {"train": f([1])[0], "test": f([0])[0], "is_number": isinstance(value, float)}


@case()
def phases_alternate(K, keras, load):
    """One function called with phases in turn: neither sticks."""
    model = load("residual")
    f = K.function([model.input, K.learning_phase()], [model.output])
    x = np.random.RandomState(3).uniform(size=(4, 24, 24, 3))
    values = [f([x, phase])[0] for phase in (0, 1, 0, 1)]
    return {"test": values[0], "train": values[1], "test_again": values[2], "train_again": values[3]}


@case()
def custom_layer_with_a_phase(K, keras, load):
    """A Lambda that behaves by the phase, as Gaussian-noise-like layers do."""
    x = keras.layers.Input((3,), name="x")
    y = keras.layers.Lambda(lambda t: K.in_train_phase(t * 10.0, t), output_shape=(3,))(x)
    model = keras.models.Model(x, y)
    f = K.function([model.input, K.learning_phase()], [model.output])
    return {"test": f([np.ones((1, 3)), 0])[0], "train": f([np.ones((1, 3)), 1])[0]}
