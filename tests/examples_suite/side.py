"""Runs examples, each as a main program, and writes down their results: ``side.py EXAMPLES RESULTS NAME ...``.

Under ``k2compat run`` it is the program; under Python 3.7 it runs beside Keras 2.3.1 itself. Weights get the same
initial values on both sides, by the names of their layers; dropout and other noise is off. ``EXAMPLES_MOVED=SEED`` in
the environment moves each of these values to one of the two numbers next to it, which shows how far rounding reaches.
"""

import ast
import importlib.util
import os
import random
import re
import sys
import traceback
import types
import zlib

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, HERE)
import data  # noqa: E402
import recording  # noqa: E402
import sizes  # noqa: E402
import substitutes  # noqa: E402

RANDOM = ("VarianceScaling", "RandomNormal", "RandomUniform", "TruncatedNormal", "Orthogonal")
NOISE = ("Dropout", "AlphaDropout", "SpatialDropout1D")
CELLS = ("SimpleRNNCell", "GRUCell", "LSTMCell")


def main(examples, results, *names):
    """Run examples, each in a process and a folder of its own."""
    substitutes.install()
    import keras

    prepare(keras)
    failed = 0
    for name in names:
        path = os.path.join(os.path.abspath(examples), name + ".py")
        place = os.path.join(os.path.abspath(results), "work", sizes.AFTER.get(name, name))
        if not os.path.isdir(place):
            os.makedirs(place)
        child = os.fork()  # TensorFlow is loaded once, and nothing has been computed
        if not child:
            with open(os.path.join(results, name + ".txt"), "w") as output:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
            os._exit(example(keras, path, os.path.join(os.path.abspath(results), name + ".npz"), place))
        failed += os.waitpid(child, 0)[1] != 0
    return failed


def prepare(keras):
    """Take out what is other in each version or each run: data, noise, initial weights, trained models."""
    # Of Python 3.7 on, an empty match splits a text; babi_memnn means the pattern it gives to be no empty one.
    plain_split = re.split
    re.split = lambda pattern, *args: plain_split("(\\W+)" if pattern == "(\\W+)?" else pattern, *args)
    np.random.randint = apart(np.random.randint)
    for dataset, load_data in data.DATASETS.items():
        getattr(keras.datasets, dataset).load_data = load_data
    from keras.utils import data_utils

    data_utils.get_file = keras.utils.get_file = data.get_file
    keras.utils.plot_model = lambda *args, **kwargs: None
    silence(keras)
    same_weights(keras)
    untrained_applications(keras)
    if is_legacy(keras):
        order_updates(keras)


def apart(randint):
    """Keep the seeds that Keras draws apart from the numbers of the program: other versions draw fewer."""
    seeds = np.random.RandomState(0)

    def drawn(*args, **kwargs):
        caller = sys._getframe(1).f_globals.get("__name__", "")
        is_keras = caller.startswith(("keras.", "tf_keras.", "k2compat.")) and "preprocessing" not in caller
        return seeds.randint(*args, **kwargs) if is_keras else randint(*args, **kwargs)

    return drawn


def is_legacy(keras):
    return keras.__version__.startswith("2.3")


def order_updates(keras):
    """Take chance out of TensorFlow 1, as ``k2compat parity`` does."""
    import tensorflow as tf
    from tensorflow.python.keras import backend as inner

    place = os.path.join(os.path.dirname(TESTS), "k2compat", "parity", "worker", "update_order.py")
    spec = importlib.util.spec_from_file_location("update_order", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.compute_before_updating(inner.GraphExecutionFunction, tf)


def example(keras, path, results, place):
    """Run one; return the exit code of its process."""
    name = os.path.splitext(os.path.basename(path))[0]
    os.chdir(place)
    data.write(place)
    log = recording.Log(path)
    recording.install(log, keras)
    np.random.seed(0)
    random.seed(0)
    sys.argv = [path] + list(sizes.ARGUMENTS.get(name, ()))
    error = run(path, sizes.EXAMPLES[name])
    if not error:
        log.finish()
    np.savez(results, error=np.array(error), **log.arrays)
    print(error, file=sys.stderr)
    sys.stdout.flush()
    return 1 if error else 0


def run(path, small):
    """Run the source with its literals replaced; return the traceback of what stopped it, or an empty string."""
    with open(path, encoding="utf-8") as file:
        tree = Smaller(small).visit(ast.parse(file.read()))
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    try:
        exec(compile(ast.fix_missing_locations(tree), path, "exec"), module.__dict__)
    except SystemExit as end:
        return "" if end.code in (None, 0) else f"SystemExit: {end.code}"
    except BaseException:
        return traceback.format_exc()
    return ""


class Smaller(ast.NodeTransformer):
    """Replaces literals, as ``sizes`` says."""

    def __init__(self, small):
        self.named = {key: value for key, value in small.items() if isinstance(key, str)}
        self.numbers = {key: value for key, value in small.items() if not isinstance(key, str)}

    def literal(self, name, node):
        if name in self.named and isinstance(node, (ast.Num, ast.Constant, ast.Tuple) if OLD else LITERALS):
            return ast.copy_location(ast.parse(repr(self.named[name]), mode="eval").body, node)
        return self.visit(node)

    def visit_Assign(self, node):
        target = node.targets[0]
        node.value = self.literal(getattr(target, "id", None), node.value)
        return node

    def visit_keyword(self, node):
        node.value = self.literal(node.arg, node.value)
        return node

    def visit_arguments(self, node):
        given = node.args[len(node.args) - len(node.defaults) :]
        node.defaults = [self.literal(argument.arg, value) for argument, value in zip(given, node.defaults)]
        return node

    def visit_Num(self, node):  # of Python 3.7
        return self.number(node, node.n)

    def visit_Constant(self, node):
        return self.number(node, node.value)

    def number(self, node, value):
        if type(value) is int and value in self.numbers:
            return ast.copy_location(ast.parse(repr(self.numbers[value]), mode="eval").body, node)
        return node


OLD = sys.version_info < (3, 8)
LITERALS = (ast.Constant, ast.Tuple)


def silence(keras):
    """Switch noise off."""
    for name in NOISE:
        with_arguments(getattr(keras.layers, name), lambda args, kwargs: ((0.0,) + args[1:], dict(kwargs)))
    for name in CELLS:
        with_arguments(getattr(keras.layers, name), lambda args, kwargs: (args, without_dropout(kwargs)))
    keras.backend.random_normal = drawn(keras)


def without_dropout(kwargs):
    return {key: 0.0 if key in ("dropout", "recurrent_dropout") else value for key, value in kwargs.items()}


def with_arguments(owner, changed):
    original = owner.__init__

    def __init__(self, *args, **kwargs):
        args, kwargs = changed(args, kwargs)
        original(self, *args, **kwargs)

    owner.__init__ = __init__


def drawn(keras):
    """Return a ``K.random_normal`` whose draws are all the same."""

    def random_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
        import tensorflow as tf

        return tf.ones(tf.stack(list(shape))) * (0.5 * stddev) + mean

    return random_normal


def same_weights(keras):
    """Give weights with random initial values the same ones on both sides, from the names of their layers."""
    kinds = {vars(keras.initializers)[name] for name in RANDOM}
    for owner in {found for kind in kinds for found in kind.__mro__ if "__call__" in vars(found)}:
        if owner.__name__ in RANDOM:
            owner.__call__ = initial


def initial(self, shape, dtype=None, **kwargs):
    shape = tuple(int(size) for size in shape)
    seed = zlib.crc32(f"{layer_of(sys._getframe(1))} {shape}".encode())
    scale = np.sqrt(2.0 / (np.prod(shape[:-2]) * sum(shape[-2:]))) if len(shape) > 1 else 0.1
    return moved((np.random.RandomState(seed).randn(*shape) * scale).astype("float32"), seed)


def moved(values, seed):
    """Return values, or the numbers next to them if the environment says so."""
    if "EXAMPLES_MOVED" not in os.environ:
        return values
    draw = np.random.RandomState((seed + int(os.environ["EXAMPLES_MOVED"])) % 2**32)
    return np.nextafter(values, np.where(draw.rand(*values.shape) < 0.5, np.float32("-inf"), np.float32("inf")))


def layer_of(frame):
    """Return the name of the layer that a weight is made for, by the calls that made it; cells have no names."""
    while frame is not None:
        layer = frame.f_locals.get("layer" if frame.f_code.co_name == "start_anew" else "self")
        if frame.f_code.co_name in ("add_weight", "build", "start_anew") and not type(layer).__name__.endswith("Cell"):
            return today.get(layer.name, layer.name)
        frame = frame.f_back
    return ""


today = {}


def untrained_applications(keras):
    """Let the models of ``keras.applications`` have no weights to download."""
    if not is_legacy(keras):
        from k2compat.tables.application_names import APPLICATIONS

        today.update((new, old) for old, new in APPLICATIONS["resnet50"].items())
    for place, name in (
        ("vgg16", "VGG16"),
        ("vgg19", "VGG19"),
        ("resnet50", "ResNet50"),
        ("inception_v3", "InceptionV3"),
    ):
        module = getattr(keras.applications, place)
        setattr(module, name, untrained(getattr(module, name)))


def untrained(make):
    def model(*args, **kwargs):
        return make(*args, **dict(kwargs, weights=None))

    return model


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
