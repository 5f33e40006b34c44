"""Tables of calls: each row is one call of a K function, recorded once under Keras 2 and replayed in several modes.

``tables/SUBJECT.py`` holds the rows and ``tables/SUBJECT.npz`` what Keras 2.3.1 gave for them: a flat array for each
dtype, and an index that says which row has which part of it. ``record_tables.py`` writes them.
"""

import importlib
import json
import os
import pkgutil
from collections import namedtuple

import numpy as np

from .compare import difference

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tables")

# The largest error allowed, relative to the largest value: kernels of two TensorFlows add in another order.
TOLERANCES = {"float16": 4e-3, "float32": 2e-5, "float64": 1e-9}

# An array that is given to the function as it is; all others become tensors.
Raw = namedtuple("Raw", "array")
# A dense array that becomes a sparse tensor.
Sparse = namedtuple("Sparse", "array")

ROWS = {}


class Row:
    """One call.

    Attributes:
        id: what tells it from all others: the function and its arguments.
        subject: the table it is in.
        function: the name of the K function.
        args, kwargs: its arguments.
        compute: runs instead of it, given K and the arguments; None for the function itself.
        error: whether it raises.
        lenient: why it raised under Keras 2 and works here; empty if it does not differ.
        tolerance: in place of that of the result's dtype.
    """

    def __init__(self, subject, function, args, kwargs, tag="", compute=None, error=False, lenient="", tolerance=None):
        words = [told(argument) for argument in args] + ["%s=%s" % (k, told(kwargs[k])) for k in sorted(kwargs)]
        self.id = "%s(%s)%s" % (function, ", ".join(words), " " + tag if tag else "")
        self.subject, self.function, self.args, self.kwargs = subject, function, args, kwargs
        self.compute, self.error, self.lenient, self.tolerance = compute, error, lenient, tolerance

    def call(self, K, tensor):
        """The tensors the call gives, flat; sparse ones as dense ones.

        Args:
            K: the backend.
            tensor: makes a tensor of an array; told whether it is to be sparse.
        """
        args, kwargs = mapped(list(self.args), tensor), mapped(self.kwargs, tensor)
        result = self.compute(K, *args, **kwargs) if self.compute else getattr(K, self.function)(*args, **kwargs)
        return [K.to_dense(item) if K.is_tensor(item) and K.is_sparse(item) else item for item in flat(result)]

    def problem(self, golden, found):
        """What is wrong with the results, or None."""
        if len(golden) != len(found):
            return "%d results, the golden has %d" % (len(found), len(golden))
        problems = [self.unlike(np.asarray(a), np.asarray(b)) for a, b in zip(golden, found)]
        return "; ".join(filter(None, problems)) or None

    def unlike(self, golden, found):
        if golden.dtype != found.dtype or golden.shape != found.shape:
            return "%s%s, the golden is %s%s" % (found.dtype, found.shape, golden.dtype, golden.shape)
        if golden.dtype.kind == "f":
            where = ~np.isfinite(golden)
            if not np.array_equal(golden[where], found[where], equal_nan=True):
                return "%s, the golden has %s" % (found, golden)
            golden, found = np.where(where, 0, golden), np.where(where, 0, found)
        tolerance = self.tolerance or TOLERANCES.get(golden.dtype.name, 0)
        return difference(golden, found, tolerance)


def table(module):
    """What adds rows to the table of a module: ``row(function, *args, tag=, compute=, error=, lenient=, **kwargs)``."""
    subject = module.rpartition(".")[2]

    def row(function, *args, **kwargs):
        options = {
            name: kwargs.pop(name) for name in ("tag", "compute", "error", "lenient", "tolerance") if name in kwargs
        }
        made = Row(subject, function, args, kwargs, **options)
        if made.id in ROWS:
            raise ValueError("two rows are %s; give one of them a tag" % made.id)
        ROWS[made.id] = made

    return row


def all_rows():
    """Imports every table and returns the rows by id."""
    for module in sorted(info.name for info in pkgutil.iter_modules([HERE])):
        importlib.import_module(__package__ + ".tables." + module)
    return ROWS


def mapped(tree, tensor):
    """Arguments with tensors in place of arrays."""
    if isinstance(tree, Raw):
        return tree.array
    if isinstance(tree, Sparse):
        return tensor(tree.array, True)
    if isinstance(tree, np.ndarray):
        return tensor(tree, False)
    if isinstance(tree, dict):
        return {key: mapped(value, tensor) for key, value in tree.items()}
    return type(tree)(mapped(item, tensor) for item in tree) if isinstance(tree, (list, tuple)) else tree


def flat(result):
    """The leaves of what a function returns."""
    if isinstance(result, (list, tuple, map)) and not isinstance(result, np.ndarray):
        return [leaf for item in result for leaf in flat(item)]
    return [result]


def told(argument):
    """An argument in an id: arrays by dtype and shape."""
    if isinstance(argument, (Raw, Sparse)):
        return "%s %s" % (type(argument).__name__.lower(), told(argument.array))
    if isinstance(argument, np.ndarray):
        return "%s[%s]" % (argument.dtype, ",".join(map(str, argument.shape)))
    if isinstance(argument, (list, tuple)):
        return ("[%s]" if isinstance(argument, list) else "(%s)") % ", ".join(map(told, argument))
    return argument.__name__ if callable(argument) else repr(argument)


def path_of(subject):
    return os.path.join(HERE, subject + ".npz")


def write(subject, results, recorded_with):
    """Stores the results of a table: id -> list of arrays, or None for an error."""
    index, parts = {}, {}
    for name, arrays in results.items():
        index[name] = None if arrays is None else [[array.dtype.name, list(array.shape)] for array in arrays]
        for array in arrays or []:
            parts.setdefault(array.dtype.name, []).append(array.ravel())
    stored = {dtype: np.concatenate(arrays) for dtype, arrays in parts.items()}
    text = json.dumps({"recorded_with": recorded_with, "rows": index})
    np.savez_compressed(path_of(subject), index=np.frombuffer(text.encode(), "uint8"), **stored)


def read(subject):
    """The results of a table as ``write`` got them, and what recorded them."""
    with np.load(path_of(subject)) as stored:
        index = json.loads(stored["index"].tobytes().decode())
        left = {dtype: stored[dtype] for dtype in stored.files if dtype != "index"}
    results = {}
    for name, shapes in index["rows"].items():
        results[name] = None if shapes is None else []
        for dtype, shape in shapes or []:
            size = int(np.prod(shape))
            results[name].append(left[dtype][:size].reshape(shape))
            left[dtype] = left[dtype][size:]
    return results, index["recorded_with"]
