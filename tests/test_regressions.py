"""What makes calls, loops and imports cheap, in numbers that do not depend on the machine.

Each check is a number and the most it may be; beside it stands a fault that has to push the number above that.
"""

import contextlib
import gc
import json
import mmap
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import tensorflow as tf
from helpers import dense_model, filled, normal
from kerases import keras, layers
from processes import run_script
from tensorflow.python import pywrap_tfe

from benchmarks.workloads import resident_megabytes
from k2compat import backend as K
from k2compat.runtime import feeds
from k2compat.runtime.structural_key import StructuralKey

ROWS = normal(3, 4, seed=5).astype("float32")
CLASSES = 5
PICTURES = 20
WARM_UP, REBUILDS = 60, 200


def saliency(model, index, **how):
    """A function as scripts build it anew for each picture."""
    score = K.sum(model.output[:, index])
    return K.function([model.input], [score, *K.gradients(score, model.input)], **how)


def loop(model, **how):
    """The functions of a loop over pictures, each of another class, called once."""
    functions = [saliency(model, number % CLASSES, **how) for number in range(PICTURES)]
    for function in functions:
        function([ROWS])
    return functions


def compilations():
    """One for the first picture's class, and one for any."""
    functions = loop(dense_model(classes=CLASSES), tier="compiled")
    return sum(function.stats()["compilations"] for function in functions)


def cache_misses():
    return sum(1 - function.stats()["cache_hits"] for function in loop(dense_model(classes=CLASSES)))


def runs_of_a_layer():
    """How often a layer's Python code runs in a loop over pictures: each trace and each eager pass runs it.

    Its gradient's reach is found by tracing, the first call is eager, and two functions are compiled.
    """
    runs = []

    def counted(x):
        runs.append(x)
        return x * 2.0

    x = layers.Input((4,))
    model = filled(keras.Model(x, layers.Dense(CLASSES)(layers.Lambda(counted)(x))))
    runs.clear()
    loop(model)
    return len(runs)


@contextlib.contextmanager
def counted_calls():
    """The calls of TensorFlow's runtime, each an operation or a compiled function: the list grows with them."""
    calls = []
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TFE_Py_Execute", "TFE_Py_FastPathExecute", "TFE_Py_ExecuteCancelable"):
            original = getattr(pywrap_tfe, name)
            patch.setattr(pywrap_tfe, name, lambda *args, _call=original: (calls.append(args), _call(*args))[1])
        yield calls


def runtime_calls():
    function = saliency(dense_model(), 1)
    for _ in range(3):
        function([ROWS])
    with counted_calls() as calls:
        function([ROWS])
    return len(calls)


def runtime_calls_of_a_new_function():
    """Building a function that is like earlier ones, and calling it."""
    model = dense_model(classes=CLASSES)
    loop(model)
    with counted_calls() as calls:
        saliency(model, 3)([ROWS])
    return len(calls)


def rebuilding(measured):
    """How much one more rebuild leaves of what is measured, after some of them."""
    model = dense_model(classes=CLASSES)

    def after(rebuilds):
        for number in range(rebuilds):
            saliency(model, number % CLASSES)([ROWS])
        gc.collect()
        return measured()

    before = after(WARM_UP)
    return (after(REBUILDS) - before) / REBUILDS


def bytes_of_python():
    tracemalloc.start()
    try:
        return rebuilding(lambda: tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()


def bytes_of_the_process():
    return rebuilding(lambda: resident_megabytes() * 1e6)


def python_calls(work):
    """How many Python and C functions a piece of work calls."""
    count = [0]

    def event(_frame, kind, _arg):
        count[0] += kind in ("call", "c_call")

    gc.collect()
    gc.disable()  # collections come when they like
    sys.setprofile(event)
    try:
        work()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count[0]


def steepness_of_a_chain():
    """What a call in a long chain costs, recorded and evaluated, in that of a call in a short one."""

    def evaluated(length):
        tensor = start = K.placeholder((None, 4))
        for _ in range(length):
            tensor = K.tanh(K.abs(tensor))
        K.function([start], [tensor], tier="eager")([ROWS])

    evaluated(10)
    short, long = (python_calls(lambda length=length: evaluated(length)) / length for length in (50, 300))
    return long / short


IMPORT = "import k2compat.backend"
NEW_MODULES = f"""
import json, sys, tensorflow, {keras.__name__.partition(".")[0]}
before = [*sys.modules.values()]  # by whatever address
exec(sys.argv[1])
known = set(map(id, before))
print(json.dumps(sorted(name for name, module in sys.modules.items() if id(module) not in known)))
"""


def new_modules():
    """The modules that the import of the backend loads into a process that has TensorFlow and its Keras."""
    return json.loads(run_script(NEW_MODULES, IMPORT).stdout.splitlines()[-1])


def foreign_modules():
    ours = {"k2compat", "keras", "tf_keras", *sys.stdlib_module_names}
    # Keras by another name, and modules of repairs
    keras_or_own = ("tensorflow.keras", "tensorflow.contrib", "tensorflow.layers")
    found = [module for module in new_modules() if not module.startswith(keras_or_own)]
    return sum(module.partition(".")[0] not in ours for module in found)


def nothing_is_alike(monkeypatch):
    original = StructuralKey.__init__

    def changed(self, *args):
        original(self, *args)
        self.key = (*self.key, object())

    monkeypatch.setattr(StructuralKey, "__init__", changed)


def fed_twice(monkeypatch):
    original = feeds.tensor_from
    monkeypatch.setattr(feeds, "tensor_from", lambda array: tf.identity(original(array)))


def new_pages(size):
    """Memory that the process has from the system, not from what other tests have freed."""
    pages = mmap.mmap(-1, size)
    pages.write(bytes(size))
    return pages


def keeping(monkeypatch, made):
    """Every ``K.gradients`` leaves something behind."""
    kept, original = [], K.gradients

    def remembered(*args):
        found = original(*args)
        kept.append(made(found))
        return found

    monkeypatch.setattr(K, "gradients", remembered)


def walking_back(monkeypatch):
    """Every call looks at all calls before it."""
    seen, original = [], K.abs

    def looking(x):
        seen.append(x)
        for tensor in seen:
            K.int_shape(tensor)
        return original(x)

    monkeypatch.setattr(K, "abs", looking)


def importing(statement):
    return lambda monkeypatch: monkeypatch.setitem(globals(), "IMPORT", f"{IMPORT}; {statement}")


@dataclass(frozen=True)
class Check:
    """A number and the most it may be.

    Attributes:
        number: measures it.
        most: the limit.
        fault: what has to push the number above that, from pytest's ``monkeypatch``.
    """

    number: Callable[[], float]
    most: float
    fault: Callable[[pytest.MonkeyPatch], None]


CHECKS = [
    Check(compilations, 2, nothing_is_alike),
    Check(cache_misses, 1, nothing_is_alike),
    Check(runs_of_a_layer, 4, nothing_is_alike),
    Check(runtime_calls, 1, fed_twice),
    Check(runtime_calls_of_a_new_function, 1, nothing_is_alike),
    Check(bytes_of_python, 1000, lambda patch: keeping(patch, lambda found: [*found])),
    Check(bytes_of_the_process, 20_000, lambda patch: keeping(patch, lambda _: new_pages(80_000))),
    Check(steepness_of_a_chain, 1.1, walking_back),
    Check(foreign_modules, 0, importing("import sklearn.linear_model")),
]
parametrized = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.number.__name__)


@parametrized
def test_it_stays_small(check):
    assert check.number() <= check.most


@parametrized
def test_a_fault_is_seen(check, monkeypatch):
    check.fault(monkeypatch)
    assert check.number() > check.most


def test_the_runtimes_calls_are_counted():
    values = tf.constant([1.0, 2.0])
    doubled = tf.function(lambda x: x * 2.0).get_concrete_function(values)
    with counted_calls() as calls:
        values + values
        assert len(calls) == 1
        doubled(values)
        assert len(calls) == 2
