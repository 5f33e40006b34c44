"""Steps of training, evaluation and prediction: compiled once for arrays of some shapes, called the shortest way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from k2compat.runtime.direct_call import caller, has_branches, tensor_from
from k2compat.training.rows import Unknown
from k2compat.training.samples import Structure, packed

Shape = tuple[int | None, ...]


class Step:
    """One step for arrays of some shapes and dtypes.

    Args:
        function: computes a step from its data: a flat list of tensors.
        structure: of the data.
        shapes: of the arrays, None where any size will do.
        dtypes: of the arrays.
        eager: whether the function runs as it is.
        jit_compile: whether TensorFlow compiles it with XLA.

    Attributes:
        layout: what its results are, for who made it.
    """

    def __init__(
        self,
        function: Callable[[Any], list[Any]],
        structure: Structure,
        shapes: Sequence[Shape],
        dtypes: Sequence[Any],
        eager: bool,
        jit_compile: bool,
    ):
        self._function, self._structure, self._eager = function, structure, eager
        self.shapes = list(shapes)
        self._tails = [(shape[0], shape[1:], None in shape[1:]) for shape in self.shapes]
        self._stacked = False
        self._jit_compile = jit_compile
        self.layout: Any = None
        self._call: Callable[[Sequence[Any]], Sequence[Any]] = self._perform
        if not eager:
            self._compile(dtypes)

    def fits(self, arrays: Sequence[np.ndarray]) -> bool:
        """Return whether arrays have the shapes that this step is for."""
        for array, (size, tail, loose) in zip(arrays, self._tails, strict=True):
            shape = array.shape
            if size is not None and shape[0] != size:
                return False
            if shape[1:] != tail and not (loose and agrees(shape[1:], tail)):
                return False
        return True

    def __call__(self, arrays: Sequence[np.ndarray], fresh: bool = False) -> Any:
        """Run the step.

        Args:
            arrays: its data, flat.
            fresh: whether nobody else has these arrays.

        Returns:
            An array or list with an item for each result.
        """
        results = self._call([tensor_from(array, fresh) for array in arrays])
        if self._stacked:
            return results[0].numpy()
        return [result.numpy() for result in results]

    def _compile(self, dtypes: Sequence[Any]) -> None:
        signature = [tf.TensorSpec(shape, dtype) for shape, dtype in zip(self.shapes, dtypes, strict=True)]
        function = tf.function(
            self._perform, input_signature=signature, autograph=False, jit_compile=self._jit_compile or None
        )
        concrete = function.get_concrete_function()
        self._call = caller(concrete, alone=not self._jit_compile and not has_branches(concrete.graph))
        self._concrete = concrete

    def _perform(self, *tensors: Any) -> list[Any]:
        if self._eager:
            (tensors,) = tensors
        results = [dense(value) for value in self._function(packed(self._structure, tensors))]
        scalars = [value.dtype == tf.float32 and value.shape.rank == 0 for value in results]
        self._stacked = len(results) > 1 and all(scalars)
        return [tf.stack(results)] if self._stacked else results


def dense(value: Any) -> Any:
    """Return a result as a tensor.

    Raises:
        Unknown: it is a ragged or sparse one.
    """
    if isinstance(value, (tf.RaggedTensor, tf.SparseTensor)):
        raise Unknown(f"a result that is a {type(value).__name__}")
    return tf.convert_to_tensor(value)


def agrees(shape: Sequence[int], wanted: Shape) -> bool:
    """Return whether a shape is one of those wanted."""
    return len(shape) == len(wanted) and all(
        size is None or size == found for found, size in zip(shape, wanted, strict=True)
    )


def relaxed(shapes: Sequence[Shape], arrays: Sequence[np.ndarray]) -> list[Shape]:
    """Return shapes with None where arrays have another size."""
    return [
        tuple(size if size == found else None for size, found in zip(shape, array.shape, strict=True))
        for shape, array in zip(shapes, arrays, strict=True)
    ]


class StepCache:
    """The steps of a model, while it stays as it was when they were made.

    Attributes:
        compiled: how many steps were made.
    """

    def __init__(self) -> None:
        self._steps: dict[Hashable, Step] = {}
        self._lock = threading.RLock()
        self.compiled = 0

    def clear(self) -> None:
        """Forget all steps."""
        self._steps.clear()

    def step(
        self, key: Hashable, arrays: Sequence[np.ndarray], fixed_batch: bool, make: Callable[[list[Shape]], Step]
    ) -> Step:
        """Return the step for arrays.

        Args:
            key: what the step does, and the structure and dtypes of the data.
            arrays: its data.
            fixed_batch: whether the first step is for batches of this size alone.
            make: makes a step for arrays of some shapes. Sizes that differ from call to call are None in the second.
        """
        key = (key, *[array.ndim for array in arrays])
        found = self._steps.get(key)
        if found is not None and found.fits(arrays):
            return found
        with self._lock:
            found = self._steps.get(key)
            if found is None:
                first = slice(0, None) if fixed_batch else slice(1, None)
                rest = () if fixed_batch else (None,)
                shapes: list[Shape] = [(*rest, *array.shape[first]) for array in arrays]
            elif found.fits(arrays):
                return found
            else:
                shapes = relaxed(found.shapes, arrays)
            self._steps[key] = found = make(shapes)
            self.compiled += 1
        return found
