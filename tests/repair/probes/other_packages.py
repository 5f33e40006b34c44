"""Probes of the repairs of Python, NumPy and h5py, and of what a newer Python cannot read."""

import collections
import collections.abc
import inspect
import time

import h5py
import numpy as np
import pytest
from error_cases_of_training import bytecode_of_another_python

from k2compat.errors import K2ValueError
from repair.probes import probe


@probe
def lambda_bytecode():
    with pytest.raises(K2ValueError, match="bytecode that Python"):
        bytecode_of_another_python()


@probe
def numpy_names():
    assert np.zeros(1, np.float).dtype == np.float64
    assert np.array([None], dtype=np.object).dtype == object
    assert np.product([2, 3]) == np.asscalar(np.array([6])) == 6
    assert np.NINF < np.float_(0) < np.Inf


@probe
def h5py_text():
    with h5py.File("texts", "w", driver="core", backing_store=False) as file:
        file.attrs["names"], file.attrs["one"] = [b"kernel:0", b"bias:0"], "text"
        assert [name.decode("utf8") for name in file.attrs["names"]] == ["kernel:0", "bias:0"]
        assert file.attrs["one"] == file.attrs["one"].decode() == "text"
        file.create_group("copy").attrs.update(file.attrs)
        assert file["copy"].attrs["one"] == "text" and file["copy"].attrs["names"][1].decode() == "bias:0"


@probe
def numpy_ragged():
    pair = np.array([[np.ones(3), np.ones(2)]])
    assert (pair.shape, pair.dtype) == ((1, 2), object)
    assert np.asarray([[1], [2, 3]]).tolist() == np.copy([[1], [2, 3]]).tolist() == [[1], [2, 3]]
    with np.testing.assert_raises(ValueError):
        np.array([[1], [2, 3]], "float32")


@probe
def python_names():
    assert isinstance({}, collections.Mapping)
    assert collections.Callable is collections.abc.Callable
    spec = inspect.getargspec(lambda x, y=2, *rest: x)
    assert spec == (["x", "y"], "rest", None, (2,))
    assert spec.args == ["x", "y"]
    assert time.clock() <= time.clock()
