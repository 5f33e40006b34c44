"""Runs what ``f.to_source()`` gives, beside the function it was made of."""

import importlib.util
import itertools
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from k2compat.graph.symbols import Phase

TOLERANCE = 2e-5
_numbers = itertools.count()
_folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # TensorFlow reads the files when it traces


def factory(source, name="function"):
    """The factory that a source defines, imported from a file."""
    path = Path(_folder.name) / f"emitted_{next(_numbers)}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, f"make_{name}")


def made(source, name="function"):
    """The function of a source, for what its parameters stand for in this process."""
    return factory(source, name)(**source.arguments)


def arrays(results):
    """Flat results as arrays."""
    return [np.asarray(result) for result in tf.nest.flatten(results)]


def fed(function, values):
    """Values as an emitted function takes them: of the dtype its docstring says."""
    symbols = [*function.inputs, *function.feed_dict]
    values = [*values, *function.feed_dict.values()]
    pairs = zip(symbols, values, strict=True)
    return [
        bool(value) if isinstance(symbol, Phase) else np.asarray(value, tf.as_dtype(symbol.dtype).as_numpy_dtype)
        for symbol, value in pairs
    ]


def variables_of(arguments):
    """The variables among arguments, and those of the models and layers among them."""
    found = {}
    for argument in arguments.values():
        for variable in [argument] if isinstance(argument, tf.Variable) else getattr(argument, "variables", ()):
            found[id(variable)] = variable
    return list(found.values())


def both(function, values, call=None):
    """Results and variables afterwards, of the emitted code and of the function itself.

    Args:
        function: what ``K.function`` gave.
        values: one for each input.
        call: calls the function; by default itself.

    Returns:
        Two lists of arrays.
    """
    source = function.to_source()
    assert "k2compat" not in source
    emitted = made(source)
    variables = variables_of(source.arguments)
    before = [variable.numpy() for variable in variables]
    found = [*arrays(emitted(*fed(function, values))), *(variable.numpy() for variable in variables)]
    for variable, value in zip(variables, before, strict=True):
        variable.assign(value)
    expected = [*arrays((call or function)(values)), *(variable.numpy() for variable in variables)]
    return found, expected


def differences(found, expected):
    """What two lists of arrays differ in, in words."""
    if len(found) != len(expected):
        return [f"{len(found)} arrays instead of {len(expected)}"]
    return [f"array {n}: {text}" for n, text in enumerate(map(difference, found, expected)) if text]


def difference(found, expected):
    """What two arrays differ in, empty if in nothing that matters."""
    if (found.shape, found.dtype) != (expected.shape, expected.dtype):
        return f"{found.dtype}{found.shape} instead of {expected.dtype}{expected.shape}"
    if expected.dtype.kind not in "fc":
        return "" if np.array_equal(found, expected) else "other values"
    scale = max(np.abs(expected).max(initial=0), 1e-6)
    error = np.abs(found - expected).max(initial=0) / scale
    return "" if error <= TOLERANCE else f"error {error:.2g} of the largest value {scale:.3g}"


def moments_differ(found, expected):
    """Whether two lists of drawn arrays have another mean or spread."""
    pairs = [pair for pair in zip(found, expected, strict=True) if pair[1].size > 16]
    close = [
        np.isclose(a.mean(), b.mean(), atol=0.4 * b.std()) and 0.6 * b.std() <= a.std() <= 1.6 * b.std() + 1e-6
        for a, b in pairs
    ]
    return not all(close)
