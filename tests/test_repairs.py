"""The repairs of Keras and TensorFlow: each does what its reason says, can be undone, and stays out if asked to."""

import os
import subprocess
import sys
import warnings

import pytest
import repair_probes
import repair_probes_of_keras2
import repair_probes_of_models
import repair_probes_of_training
from kerases import KIND

import k2compat

REPAIRS = {repair.name: repair for repair in k2compat.repairs()}
PROBES = (repair_probes_of_keras2 if KIND == "keras2" else repair_probes).PROBES
assert repair_probes_of_models and repair_probes_of_training  # their probes are in PROBES, too


def holds(name):
    """Whether a probe finds Keras 2's behaviour."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(PROBES[name]())
        except Exception:
            return False


def test_every_repair_has_a_probe_and_every_probe_a_repair():
    assert set(PROBES) == set(REPAIRS)


@pytest.mark.parametrize("name", REPAIRS)
def test_a_repair_does_what_it_says_and_is_undone(name):
    repair = REPAIRS[name]
    assert repair.active
    assert PROBES[name]()
    try:
        repair.undo()
        repair.undo()
        assert not repair.active
        assert not holds(name)
    finally:
        repair.apply()
        repair.apply()
    assert repair.active
    assert PROBES[name]()


def test_repairs_are_listed_with_a_reason():
    assert len(REPAIRS) == len(k2compat.repairs())
    for repair in k2compat.repairs():
        assert repair.name.isidentifier()
        assert repair.reason.endswith((".", ")"))
        assert len(repair.reason.split()) > 5


# Where each Keras is changed.
PLACES = {
    "keras3": """
import importlib, inspect, keras, sys, tensorflow as tf
tf.keras.Model  # TensorFlow loads its own Keras when it is first asked for
parts = "activations layers losses metrics models preprocessing preprocessing.image preprocessing.sequence".split()
[importlib.import_module(f"{root}.{part}") for root in ("keras._tf_keras.keras", "tensorflow.keras") for part in parts]
from keras import layers, models, optimizers
old, src = keras._tf_keras.keras, keras.src
places = [tf, tf.compat.v1, keras, keras.activations, keras.layers, keras.losses, keras.metrics, keras.models]
places += [src.activations, src.legacy.saving.saving_utils, src.models.functional.Functional]
places += [src.ops.symbolic_arguments.SymbolicArguments, old, old.activations, old.layers, old.models, old.losses]
places += [keras.KerasTensor, keras.Variable, keras.Layer, keras.Model, keras.Sequential, layers.InputLayer]
places += [layers.BatchNormalization, layers.GRU, layers.GRUCell, optimizers.Optimizer, optimizers.Adam]
places += [optimizers.Nadam, old.metrics, keras.Operation, src.backend.common.name_scope.name_scope]
places += [layers.Bidirectional, layers.UpSampling2D, src.models.model, src.saving.saving_api]
places += [layers.TimeDistributed, src.layers.layer]
places += [src.legacy.saving.legacy_h5_format, src.backend.numpy, src.backend.nn]
places += [keras.constraints, keras.initializers, optimizers, keras.backend, keras.utils, keras.src.models.functional]
places += [keras.preprocessing, keras.preprocessing.image, keras.preprocessing.sequence]
""",
    "keras2": """
import importlib, inspect, sys, tensorflow as tf
keras = importlib.import_module(tf.keras.Model.__module__.partition(".")[0])
src = importlib.import_module(keras.__name__ + ".src")
layers, optimizers, engine = keras.layers, keras.optimizers, src.engine
ops = src.layers.core.tf_op_layer
places = [tf, tf.compat.v1, keras, layers, optimizers, engine.keras_tensor.KerasTensor, engine.base_layer_utils]
places += [ops.KerasOpDispatcher, ops.TFSlicingOpDispatcher, layers.Layer, layers.InputLayer, layers.RNN]
places += [layers.Bidirectional, layers.UpSampling2D, layers.SeparableConv2D, layers.GRU, layers.GRUCell]
places += [src.layers.normalization.batch_normalization.BatchNormalizationBase, src.layers.convolutional.base_conv.Conv]
places += [engine.node.Node, engine.training, engine.functional.Functional, keras.Model, keras.Sequential]
places += [optimizers.Optimizer, optimizers.RMSprop, optimizers.Nadam, *optimizers.Optimizer.__mro__[1:3]]
""",
}
# What Keras and TensorFlow have there under every name, before and after, in a process of its own.
UNTOUCHED = """
def state():
    public = {name for name in sys.modules if name.startswith("keras.") and not name.startswith("keras.src.")}
    options = tf.config.optimizer.get_experimental_options()
    found = {(0, "imports"): public, (0, "options"): options.get("dependency_optimization", True)}
    for number, place in enumerate(places):
        for name, value in list(vars(place).items()):
            found[number, name] = value
            if inspect.isfunction(value):
                found[number, name, "defaults"] = (value.__defaults__, inspect.unwrap(value).__defaults__)
    return found

def differing(before, after):
    loaded = {key for key in after if key[0] < 2}  # TensorFlow loads parts of itself when they are first asked for
    changed = {key for key in before if key not in after or before[key] is not after[key] and before[key] != after[key]}
    return {key for key in changed | (set(after) - set(before) - loaded) if key[1] != "__annotations__"}

before = state()
import k2compat
from k2compat import backend as K
needed = {name for repair in k2compat.repairs() if repair.needed for _, name, _ in repair.patches}
changed = {key for key in differing(before, state()) if key[1] not in needed}
assert not changed, changed
for repair in k2compat.repairs():
    assert repair.active == repair.needed, repair
p = K.placeholder((2,))
assert K.function([p], K.gradients(K.sum(K.square(p)), p))([[1.0, 2.0]])[0].tolist() == [2.0, 4.0]
for repair in k2compat.repairs():
    repair.apply()
elsewhere = ("__defaults__", "dependency_optimization")
seen = lambda thing, name: name in elsewhere or any(thing is place for place in places)
missed = [r.name for r in k2compat.repairs()[1:] if not any(seen(thing, name) for thing, name, _ in r.patches)]
assert not missed, missed
assert len(differing(before, state())) > 50
for repair in reversed(k2compat.repairs()):
    repair.undo()
assert not differing(before, state()), differing(before, state())
"""


# Imported below k2compat, and by names under which Python may not have made the modules before.
LATE = """
import tensorflow as tf
{first}
from k2compat import backend as K
import numpy as np, keras
from tensorflow.keras.models import model_from_json
from tensorflow.keras.losses import mean_squared_error, mse
from tensorflow.keras.layers import Input, Dense
from tensorflow.keras.activations import hard_sigmoid
import keras._tf_keras.keras.layers as third

one = np.ones((2, 3), "float32")
for make in (Input, tf.keras.Input, tf.keras.layers.Input, keras.Input, keras.layers.Input, third.Input):
    assert K.eval(Dense(1, kernel_initializer="ones")(make(tensor=K.constant(one)))).tolist() == [[3.0], [3.0]]
for loss in (mean_squared_error, mse, tf.keras.losses.mean_squared_error, keras.losses.mse):
    error = loss(K.constant(one), 3 * keras.Input(tensor=K.constant(one)))
    assert K.eval(error).tolist() == [4.0, 4.0]
np.testing.assert_allclose(K.eval(hard_sigmoid(K.constant([1.0, 3.0]))), [0.7, 1.0], rtol=1e-6)
dense = {{"class_name": "Dense", "config": {{"units": 4, "batch_input_shape": [None, 3], "activation": "relu"}}}}
saved = '{{"class_name": "Sequential", "keras_version": "2.3.1", "config": {{"name": "s", "layers": [%s]}}}}'
assert model_from_json(saved % __import__("json").dumps(dense)).output_shape == (None, 4)
"""


@pytest.mark.skipif(KIND == "keras2", reason="repairs of functions in modules are those of Keras 3")
@pytest.mark.parametrize("first", ["", "tf.keras.Model", "from tensorflow.keras import layers, models, losses"])
def test_repairs_reach_what_is_imported_later_and_by_another_name(first):
    environment = {**os.environ, "PYTHONPATH": str(repair_probes.PACKAGE.parent)}
    ran = subprocess.run(
        [sys.executable, "-c", LATE.format(first=first)], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


def test_without_repairs_keras_is_left_alone_and_undoing_leaves_no_trace():
    environment = {**os.environ, "K2COMPAT_REPAIRS": "0", "PYTHONPATH": str(repair_probes.PACKAGE.parent)}
    ran = subprocess.run(
        [sys.executable, "-c", PLACES[KIND] + UNTOUCHED], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
