"""The repairs of Keras and TensorFlow: each does what its reason says, can be undone, and stays out if asked to."""

import warnings

import pytest
from kerases import KIND

import k2compat
from k2compat.repair.table import Repair
from repair.probes import PROBES

REPAIRS = {repair.name: repair for repair in k2compat.repairs()}


def holds(name):
    """Return whether a probe finds the behaviour of Keras 2."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            PROBES[name]()
        except (Exception, pytest.fail.Exception):
            return False
        return True


def test_every_repair_has_a_probe_and_every_probe_a_repair():
    assert set(PROBES) == set(REPAIRS)


@pytest.mark.parametrize("name", REPAIRS)
def test_a_repair_does_what_it_says_and_is_undone(name):
    repair = REPAIRS[name]
    assert repair.active
    PROBES[name]()
    try:
        repair.undo()
        repair.undo()
        assert not repair.active
        assert not holds(name)
    finally:
        repair.apply()
        repair.apply()
    assert repair.active
    PROBES[name]()


def test_a_repair_keeps_its_place_below_later_ones_in_the_same_place(monkeypatch):
    class Layer:
        call = "original"

    first, second = (Repair(name, "A reason of more than five words.", [(Layer, "call", name)]) for name in "ab")
    monkeypatch.setattr("k2compat.repair.table.TABLE", [first, second])
    seen = []
    for step in (first.apply, second.apply, first.undo, first.apply, second.undo, first.undo):
        step()
        seen.append(Layer.call)
    assert seen == ["a", "b", "b", "b", "a", "original"]


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
parts += "regularizers optimizers constraints initializers utils".split()
[importlib.import_module(f"{root}.{part}") for root in ("keras._tf_keras.keras", "tensorflow.keras") for part in parts]
from keras import layers, models, optimizers
old, src = keras._tf_keras.keras, keras.src
places = [tf, tf.compat.v1, keras, keras.activations, keras.layers, keras.losses, keras.metrics, keras.models]
places += [src.activations, src.legacy.saving.saving_utils, src.models.functional.Functional]
places += [src.ops.symbolic_arguments.SymbolicArguments, old, old.activations, old.layers, old.models, old.losses]
places += [keras.KerasTensor, keras.Variable, keras.Layer, keras.Model, keras.Sequential, layers.InputLayer]
places += [importlib.import_module(name) for name in ("numpy", "collections", "inspect", "time")]
places += [importlib.import_module("h5py").AttributeManager]
ops = "tensorflow.python.ops."
places += [importlib.import_module(ops + name) for name in ("gen_nn_ops", "gen_math_ops")]
places += [layers.BatchNormalization, layers.GRU, layers.GRUCell, optimizers.Optimizer, optimizers.Adam]
places += [keras.callbacks.Callback, keras.metrics.Mean, tf.image, tf.nn, tf.random, tf.linalg]
places += [keras.callbacks.ModelCheckpoint, keras.callbacks.History]
places += [optimizers.Nadam, old.metrics, keras.Operation, src.backend.common.name_scope.name_scope]
places += [layers.Bidirectional, layers.UpSampling2D, src.models.model, src.saving.saving_api]
places += [layers.TimeDistributed, src.layers.layer, src.trainers.trainer.Trainer]
places += [layers.Softmax, layers.Concatenate, layers.Multiply, layers.RNN, layers.StackedRNNCells]
places += [tf.Variable, tf.TensorArray, tf.data.Dataset, tf.data, *tf.distribute.ReplicaContext.__mro__[:2]]
places += [tf.train, tf.compat.v1.train.Optimizer, src.random.seed_generator]
places += [tf.summary, tf.compat.v1.summary, tf.math]
places += [layers.SimpleRNN, layers.Lambda, tf.Tensor, layers.Embedding, src.layers]
places += [layers.Wrapper, src.utils.python_utils, src.optimizers]
places += [src.layers.merging.base_merge.Merge, keras.initializers.Constant]
places += [src.legacy.saving.serialization, layers.Flatten, tf.__internal__.EagerTensor]
places += [src.utils.tracking.TrackedList, src.utils.tracking.TrackedDict, src.utils.tracking.TrackedSet]
places += [src.legacy.saving.legacy_h5_format, src.backend.numpy, src.backend.nn]
places += [keras.constraints, keras.initializers, optimizers, keras.backend, keras.utils, keras.src.models.functional]
places += [src.ops.operation, src.ops.function, src.metrics.metric]
places += [keras.preprocessing, keras.preprocessing.image, keras.preprocessing.sequence]
places += [src.ops.node.Node, src.ops.function.Function, tf.Graph]
places += [keras.applications, keras.applications.resnet50, keras.saving.CustomObjectScope]
places += [src.legacy.preprocessing.image.ImageDataGenerator, src.legacy.preprocessing.image.Iterator]
places += [keras.regularizers, old.regularizers, keras.initializers.RandomNormal, keras.initializers.Orthogonal]
places += [keras.preprocessing, keras.preprocessing.image, keras.preprocessing.sequence, src.trainers.compile_utils]
places += [src.trainers.compile_utils.CompileLoss, src.trainers.compile_utils.CompileMetrics, keras.Model.__mro__[1]]
places += [src.trainers.compile_utils.MetricsList, src.trainers.epoch_iterator.EpochIterator]
places += [*(getattr(keras.regularizers, name) for name in "L1 L2 L1L2 OrthogonalRegularizer".split())]
""",
    "keras2": """
import importlib, inspect, sys, tensorflow as tf
keras = importlib.import_module(tf.keras.Model.__module__.partition(".")[0])
src = importlib.import_module(keras.__name__ + ".src")
layers, optimizers, engine = keras.layers, keras.optimizers, src.engine
ops = src.layers.core.tf_op_layer
places = [tf, tf.compat.v1, keras, layers, optimizers, engine.keras_tensor.KerasTensor, engine.base_layer_utils]
places += [value for value in vars(layers).values() if isinstance(value, type)]
places += [importlib.import_module(name) for name in ("numpy", "collections", "inspect", "time")] + [keras.models]
places += [importlib.import_module("h5py").AttributeManager]
inner = "tensorflow.python.ops."
places += [importlib.import_module(inner + name) for name in ("gen_nn_ops", "gen_math_ops")]
places += [ops.KerasOpDispatcher, ops.TFSlicingOpDispatcher, layers.Layer, layers.InputLayer, layers.RNN]
places += [layers.Bidirectional, layers.UpSampling2D, layers.SeparableConv2D, layers.GRU, layers.GRUCell]
places += [src.layers.normalization.batch_normalization.BatchNormalizationBase, src.layers.convolutional.base_conv.Conv]
places += [engine.node.Node, engine.training, engine.functional.Functional, keras.Model, keras.Sequential]
places += [keras.initializers.RandomNormal, keras.initializers.Orthogonal]
places += [layers.TimeDistributed, layers.Softmax, src.utils.traceback_utils]
places += [optimizers.Optimizer, optimizers.RMSprop, optimizers.Nadam, *optimizers.Optimizer.__mro__[1:3]]
places += [engine.functional_utils, tf.Graph, keras.utils, tf.train, tf.compat.v1.train.Optimizer]
places += [tf.summary, tf.compat.v1.summary, tf.math, src.backend]
places += [src.utils.generic_utils, *tf.distribute.ReplicaContext.__mro__[:2]]
places += [engine.compile_utils.LossesContainer, keras.callbacks.Callback, *keras.metrics.Mean.__mro__]
places += [keras.callbacks.ModelCheckpoint, keras.callbacks.History]
places += [engine.compile_utils, engine.compile_utils.LossesContainer, engine.compile_utils.MetricsContainer]
places += [keras.constraints, keras.initializers, keras.models, src.losses, src.metrics]
places += [*(getattr(keras.regularizers, name) for name in "L1 L2 L1L2 OrthogonalRegularizer".split())]
places += [tf.Variable, tf.TensorArray, tf.data.Dataset, tf.data]
places += [src.optimizers, src.saving.legacy.hdf5_format, keras.applications, keras.applications.resnet50]
places += [engine.data_adapter.DataHandler, tf.Tensor, tf.image, tf.nn, tf.random, tf.linalg]
places += [src.preprocessing.image, src.preprocessing.image.ImageDataGenerator, keras.preprocessing.image]
""",
}
# What Keras and TensorFlow have there under every name, before and after, in a process of its own.
UNTOUCHED = """
def state():
    public = {name for name in sys.modules if name.startswith("keras.") and not name.startswith("keras.src.")}
    options = tf.config.optimizer.get_experimental_options()
    addresses = {name for name in ("tensorflow.compat.v1", "tensorflow.summary") if name in sys.modules}
    found = {(0, "imports"): public, (0, "addresses"): addresses}
    found[0, "options"] = options.get("dependency_optimization", True)
    for number, place in enumerate(places):
        for name, value in list(vars(place).items()):
            found[number, name] = value
            if inspect.isfunction(value):
                inner = getattr(inspect.unwrap(value), "__defaults__", None)  # that may be a function of C
                found[number, name, "defaults"] = (value.__defaults__, inner)
    return found

def differing(before, after):
    loaded = {key for key in after if key[0] < 2}  # TensorFlow loads parts of itself when they are first asked for
    changed = {key for key in before if key not in after or before[key] is not after[key] and before[key] != after[key]}
    return {key for key in changed | (set(after) - set(before) - loaded) if key[1] != "__annotations__"}

import numpy as np
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
elsewhere = ("__defaults__", "dependency_optimization", "are_taken")
modules = lambda thing: thing is sys.modules
seen = lambda thing, name: (
    name in elsewhere or modules(thing) or any(thing is one or thing is vars(one) for one in places)
)
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


@pytest.mark.slow
@pytest.mark.skipif(KIND == "keras2", reason="repairs of functions in modules are those of Keras 3")
@pytest.mark.parametrize("first", ["", "tf.keras.Model", "from tensorflow.keras import layers, models, losses"])
def test_repairs_reach_what_is_imported_later_and_by_another_name(first, run_script):
    run_script(LATE.format(first=first))


@pytest.mark.slow
def test_without_repairs_keras_is_left_alone_and_undoing_leaves_no_trace(run_script):
    run_script(PLACES[KIND] + UNTOUCHED, K2COMPAT_REPAIRS="0")
