"""What a model's loop reads from the data that it is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from k2compat.errors import K2ValueError
from k2compat.repair.shared.input_checks import signature_of
from k2compat.repair.shared.model_functions import tensors_of
from k2compat.repair.table import is_applied
from k2compat.training.input_checks import Signature, batch_size_of, standardize, weights_of_classes
from k2compat.training.rows import Rows, Unknown, plain, rows_of
from k2compat.training.samples import Samples, Steps, flattened
from k2compat.training.stats import state_of


def checked_signature(kit: Any, model: Any) -> Signature | None:
    """Return what a model's arrays are checked against, None for a model whose arrays are not."""
    return signature_of(model, kit.keras, kit.compilation) if is_applied("input_checks") else None


class Reader:
    """Makes samples for the steps of a model.

    Args:
        kit: of its Keras.
        model: the model.
        step: the method that gets the data: "train_step" or the like.

    Attributes:
        signature: what arrays are checked against, None where they are not.
    """

    def __init__(self, kit: Any, model: Any, step: str):
        self.model, self.step = model, step
        self.floatx = kit.keras.backend.floatx()
        self.dtypes = state_of(model).fact("input_dtypes", kit.input_dtypes, model)
        self.is_plain = kit.is_plain(model, step)
        self.names = model.output_names if self.is_plain else []
        self.signature = checked_signature(kit, model) if self.is_plain else None

    def batch_size(self, given: Any) -> int:
        """Return the number of samples in a batch."""
        if self.signature is None:
            return int(given or 32)
        return int(batch_size_of(given, self.signature) or 32)

    def read(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        batch_size: Any = None,
        at_once: bool = False,
    ) -> Samples:
        """Return the samples of some data.

        Args:
            x: inputs.
            y: targets.
            sample_weight: weights of samples or steps.
            class_weight: weights of classes.
            batch_size: of the batches they are cut into.
            at_once: whether they are one batch, without targets; its arrays may have different numbers of samples.

        Raises:
            Unknown: there is something among the data that the loop cannot read.
            ValueError: arrays that do not fit the model.
        """
        if self.signature is not None:
            for part in (x, y, sample_weight):
                refuse_unknown(part)
            given = (x, y, sample_weight, class_weight, batch_size)
            inputs, targets, weights = standardize(self.signature, *given, at_once)
            x = alone(inputs)
            if targets:
                y = alone(self._of_outputs(targets))
                are_given = any(weight is not None for weight in weights)
                sample_weight = alone(self._of_outputs(weights)) if are_given else None
        elif self.is_plain:
            x, y, sample_weight = alone(x), alone(self._by_name(y)), alone(self._by_name(sample_weight))
        if self.signature is None and class_weight:
            sample_weight = weighed(y, sample_weight, class_weight)
        return self._samples(x, y, sample_weight, at_once)

    def steps(self, count: Any, name: str, x: Any = None, y: Any = None, sample_weight: Any = None) -> Steps | None:
        """Return the steps of a model that has inputs or targets from tensors; None if it has to be fed all, or no
        number of steps is given where there are arrays.

        Args:
            count: the number of steps, None where none was given.
            name: of the argument.
            x, y, sample_weight: what is fed beside, or None.

        Raises:
            ValueError: the number is missing, and nothing is fed.
        """
        model = self.model
        if not any(state_of(model).fact("tensors", tensors_of, model)):
            return None
        is_fed = any(part is not None and len(part) for part in (x, y))
        if count is None and is_fed:
            return None
        if count is None:
            doing = {"train_step": "fitting", "test_step": "evaluating"}.get(self.step, "predicting")
            raise K2ValueError(f"If {doing} from data tensors, you should specify the `{name}` argument.")
        return Steps(self.read(x, y, sample_weight) if is_fed else None, int(count))

    def standard(self, x: list[Any], y: list[Any], weights: list[Any]) -> Samples:
        """Return the samples of arrays as ``_standardize_user_data`` gives them."""
        if not y:
            return self._samples(alone(x), None, None)
        return self._samples(alone(x), alone(self._of_outputs(y)), alone(self._of_outputs(weights)))

    def _of_outputs(self, parts: list[Any]) -> list[Any]:
        """Return a part for each output, None for those without a loss."""
        assert self.signature is not None
        known = dict(zip(self.signature.outputs, parts, strict=True))
        return [known.get(name) for name in self.names]

    def _by_name(self, part: Any) -> Any:
        """Return what a dict has for each output, None where it has nothing; anything else as it is."""
        if isinstance(part, dict) and set(part) <= set(self.names):
            return [part.get(name) for name in self.names]
        return part

    def _samples(self, x: Any, y: Any, sample_weight: Any, at_once: bool = False) -> Samples:
        leaves: list[Any] = []
        inputs, key = flattened(x, leaves)
        rows = [rows_of(array, dtype) for array, dtype in self._typed(leaves)]
        if y is None:
            samples = Samples((inputs,) if isinstance(inputs, tuple) else inputs, ("x", key), rows)
            return samples if at_once else counted(samples)
        form, keys = [inputs], [key]
        for part, make in ((y, self._labels), (each(sample_weight, y), self._weights)):
            if part is not None:
                leaves.clear()
                structure, key = flattened(part, leaves)
                form.append(shifted(structure, len(rows)))
                keys.append(key)
                rows += [make(plain(leaf)) for leaf in leaves]
        return counted(Samples(tuple(form), tuple(keys), rows))

    def _typed(self, leaves: list[Any]) -> list[tuple[Any, Any]]:
        """Return inputs as arrays, each with the dtype that it is fed in."""
        arrays = [plain(leaf) for leaf in leaves]
        if len(self.dtypes) == len(arrays) == 1:
            return [(arrays[0], self.dtypes[0])]
        return [(array, self.floatx if array.dtype.kind == "f" else array.dtype) for array in arrays]

    def _labels(self, array: Any) -> Rows:
        """Return targets as Keras 2 fed them: floats, those of one axis as a column."""
        if not isinstance(array, np.ndarray) and not hasattr(array, "tocsr"):
            array = np.asarray(array[0 : array.shape[0]])
        return rows_of(array[:, None] if array.ndim == 1 else array, self.floatx)

    def _weights(self, array: Any) -> Rows:
        return rows_of(array, self.floatx)


def refuse_unknown(part: Any) -> None:
    """Refuse what is neither an array nor a list or dict of arrays and numbers.

    Raises:
        Unknown: it is something else.
    """
    if part is None or isinstance(part, np.ndarray):
        return
    items = part.values() if isinstance(part, dict) else part if isinstance(part, (list, tuple)) else [part]
    for item in items:
        if item is not None and not isinstance(item, (np.ndarray, int, float, list, tuple)):
            plain(item)


def alone(part: Any) -> Any:
    """Return the only array of a list of one."""
    return part[0] if isinstance(part, (list, tuple)) and len(part) == 1 else part


def each(sample_weight: Any, y: Any) -> Any:
    """Return weights of samples, the same for each of several outputs."""
    if sample_weight is None or not isinstance(y, (list, tuple)) or isinstance(sample_weight, (list, tuple)):
        return sample_weight
    return [sample_weight for _ in y]


def shifted(structure: Any, by: int) -> Any:
    """Return a structure with the numbers of its leaves counted from another one."""
    if structure is None:
        return None
    if isinstance(structure, dict):
        return {name: shifted(part, by) for name, part in structure.items()}
    if isinstance(structure, tuple):
        return tuple(shifted(part, by) for part in structure)
    return structure + by


def counted(samples: Samples) -> Samples:
    """Return samples of which there are as many in each array.

    Raises:
        Unknown: there are not; Keras says so.
    """
    count = samples.count
    if any(rows.shape[0] != count for rows in samples.rows):
        raise Unknown("arrays with different numbers of samples")
    return samples


def weighed(y: Any, sample_weight: Any, class_weight: Any) -> Any:
    """Return the weights of samples with those of their classes.

    Raises:
        Unknown: there are several outputs; Keras says so.
    """
    if isinstance(y, (list, tuple, dict)) or not isinstance(class_weight, dict):
        raise Unknown("class_weight of several outputs")
    found = weights_of_classes(plain(y), class_weight)
    return found if sample_weight is None else found * np.asarray(sample_weight)
