"""``keras.wrappers.scikit_learn``: models as estimators of scikit-learn."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from k2compat.legacy.generic_utils import has_arg, to_list
from k2compat.tables import words

# The arguments of ``Sequential.fit``, ``predict`` and ``evaluate`` of Keras 2.
_FIT = (
    "x y batch_size epochs verbose callbacks validation_split validation_data shuffle class_weight sample_weight "
    "initial_epoch steps_per_epoch validation_steps validation_freq max_queue_size workers use_multiprocessing"
)
FIT = frozenset(words(_FIT))
PREDICT = frozenset(words("x batch_size verbose steps callbacks max_queue_size workers use_multiprocessing"))
PREDICT_CLASSES = frozenset(["x", "batch_size", "verbose"])
EVALUATE = PREDICT | {"y", "sample_weight"}
CATEGORICAL = "categorical_crossentropy"


class BaseWrapper:
    """An estimator that makes a model by a function of the program.

    Args:
        build_fn: returns the compiled model; an object that can be called, or None for the estimator's own
            ``__call__``.
        **sk_params: arguments of ``build_fn``, and of the model's ``fit``, ``predict`` and ``evaluate``.
    """

    model: Any
    _estimator_type: str | None = None

    def __init__(self, build_fn: Any = None, **sk_params: Any):
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    def _maker(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Return what makes the model, and the function that has its arguments."""
        if self.build_fn is None:
            own: Any = self
            return own, own.__call__
        if isinstance(self.build_fn, (types.FunctionType, types.MethodType)):
            return self.build_fn, self.build_fn
        return self.build_fn, self.build_fn.__call__

    def check_params(self, params: Any) -> None:
        """Refuse parameters that nothing takes.

        Raises:
            ValueError: there is one.
        """
        function = self._maker()[1]
        for name in params:
            if name not in FIT | PREDICT | EVALUATE | {"nb_epoch"} and not has_arg(function, name):
                raise ValueError(f"{name} is not a legal parameter")

    def get_params(self, **params: Any) -> dict[str, Any]:
        """Return the parameters, and ``build_fn``."""
        return {**copy.deepcopy(self.sk_params), "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> BaseWrapper:
        """Change parameters."""
        params = dict(params)
        if "build_fn" in params:
            self.build_fn = params.pop("build_fn")
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Make a model and train it.

        Returns:
            The ``History``.
        """
        make, function = self._maker()
        self.model = make(**{name: value for name, value in self.sk_params.items() if has_arg(function, name)})
        if is_categorical(self.model.loss) and len(y.shape) != 2:
            y = one_hot(y)
        return self.model.fit(x, y, **{**copy.deepcopy(self._only(FIT)), **kwargs})

    def filter_sk_params(self, fn: Callable[..., Any], override: Any = None) -> dict[str, Any]:
        """Return the parameters that a function takes."""
        found = {name: value for name, value in self.sk_params.items() if has_arg(fn, name)}
        return {**found, **(override or {})}

    def _only(self, names: frozenset[str], override: Any = None) -> dict[str, Any]:
        return {**{name: value for name, value in self.sk_params.items() if name in names}, **(override or {})}

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn asks of an estimator since 1.6."""
        from sklearn.base import BaseEstimator
        from sklearn.utils import ClassifierTags, RegressorTags

        tags: Any = BaseEstimator().__sklearn_tags__()
        tags.estimator_type = self._estimator_type
        tags.classifier_tags = ClassifierTags() if self._estimator_type == "classifier" else None
        tags.regressor_tags = RegressorTags() if self._estimator_type == "regressor" else None
        tags.target_tags.required = True
        return tags

    def __sklearn_clone__(self) -> Any:
        """Return an estimator of the same parameters that has no model."""
        return type(self)(**self.get_params())


class KerasClassifier(BaseWrapper):
    """A classifier of scikit-learn that is a model."""

    _estimator_type = "classifier"
    classes_: Any

    def fit(self, x: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> Any:
        """Make a model and train it; the classes are those that are in ``y``.

        Raises:
            ValueError: ``y`` has more than two axes.
        """
        y = np.array(y)
        if len(y.shape) == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        elif len(y.shape) in (1, 2):
            self.classes_ = np.unique(y)
            y = np.searchsorted(self.classes_, y)
        else:
            raise ValueError(f"Invalid shape for y: {y.shape}")
        self.n_classes_ = len(self.classes_)
        if sample_weight is not None:
            kwargs["sample_weight"] = sample_weight
        return super().fit(x, y, **kwargs)

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Return the class of each sample."""
        likely = self.model.predict(x, **self._only(PREDICT_CLASSES, kwargs))
        return self.classes_[likely.argmax(axis=-1) if likely.shape[-1] > 1 else (likely > 0.5).astype("int32")]

    def predict_proba(self, x: Any, **kwargs: Any) -> Any:
        """Return the probability of each class; of both where the model gives one number."""
        likely = self.model.predict(x, **self._only(PREDICT_CLASSES, kwargs))
        return np.hstack([1 - likely, likely]) if likely.shape[1] == 1 else likely

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Return the accuracy.

        Raises:
            ValueError: the model was compiled without it.
        """
        y = np.searchsorted(self.classes_, y)
        if is_categorical(self.model.loss) and len(y.shape) != 2:
            y = one_hot(y)
        kwargs = self._only(EVALUATE, kwargs)
        for name, output in zip(self.model.metrics_names, to_list(self.model.evaluate(x, y, **kwargs)), strict=False):
            if name in ("accuracy", "acc"):
                return output
        raise ValueError(
            'The model is not configured to compute accuracy. You should pass `metrics=["accuracy"]` to the '
            "`model.compile()` method."
        )


class KerasRegressor(BaseWrapper):
    """A regressor of scikit-learn that is a model."""

    _estimator_type = "regressor"

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Return the number of each sample."""
        found = np.array(self.model.predict(x, **self._only(PREDICT, kwargs)))
        return np.squeeze(found, axis=-1) if found.shape[-1] == 1 else found

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Return the loss with its sign turned."""
        return -to_list(self.model.evaluate(x, y, **self._only(EVALUATE, kwargs)))[0]


def is_categorical(loss: Any) -> bool:
    """Return whether a loss is the categorical crossentropy."""
    return CATEGORICAL in (loss, getattr(loss, "__name__", None), getattr(loss, "name", None))


def one_hot(y: Any) -> Any:
    """Return the rows of classes."""
    y = np.array(y, dtype="int").ravel()
    return np.eye(y.max() + 1, dtype="float32")[y]
