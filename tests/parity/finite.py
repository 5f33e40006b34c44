"""Checks the gradients a case takes by finite differences, whatever the case is: it watches ``K.gradients`` and
``K.function`` while the case runs.

Each time a function is called, every gradient taken so far whose loss that function's feeds suffice for is compared: in
a random direction of each variable, the gradient has to be the central difference of the loss. What is random or
declared constant (``K.stop_gradient``) is held fixed by feeding it.
"""

import contextlib
import json
from unittest import mock

import numpy as np

from goldens import registry
from k2compat.backend import optimizers
from k2compat.errors import UnfedPlaceholderError

STEP = {"float64": 1e-6, "float32": 1e-2}
HELD = ("stop_gradient", "random_normal", "random_uniform", "random_binomial", "truncated_normal", "dropout")


class Taken:
    """A gradient that was taken: of the sum of the losses, with respect to the variables it exists for."""

    def __init__(self, losses, variables, gradients):
        self.losses = losses
        self.pairs = [(v, g) for v, g in zip(variables, gradients) if g is not None]


class Watch:
    """Watches a case.

    Args:
        K: the backend the case is given.

    Attributes:
        errors: for each gradient that was checked, the error relative to the gradient's norm.
        open: gradients whose loss no function was called for yet.
    """

    def __init__(self, K):
        self.K = K
        self.errors = []
        self.open = []
        self.held = []
        self.random = np.random.RandomState(0)
        self.make_gradients, self.make_function = K.gradients, K.function

    @contextlib.contextmanager
    def watching(self):
        with contextlib.ExitStack() as patches:
            patches.enter_context(mock.patch.object(self.K, "gradients", self.gradients))
            patches.enter_context(mock.patch.object(optimizers, "gradients", self.gradients))
            patches.enter_context(mock.patch.object(self.K, "function", self.function))
            for name in HELD:
                patches.enter_context(mock.patch.object(self.K, name, self.holding(getattr(self.K, name))))
            yield self

    def holding(self, make):
        def made(*args, **kwargs):
            tensor = make(*args, **kwargs)
            self.held.append(tensor)
            return tensor

        return made

    def gradients(self, loss, variables):
        found = self.make_gradients(loss, variables)
        self.open.append(Taken(as_list(loss), as_list(variables), found))
        return found

    def function(self, inputs, outputs, updates=None, **kwargs):
        function = self.make_function(inputs, outputs, updates, **kwargs)
        feedable = [getattr(item, "output", item) for item in as_list(inputs)]

        def call(values=()):
            given = dict(kwargs.get("feed_dict") or {})
            self.check(
                [*feedable[: len(as_list(values))], *given], [*as_list(values)[: len(feedable)], *given.values()]
            )
            return function(values)

        return call

    def check(self, inputs, values):
        """Checks what these feeds suffice for."""
        still_open = []
        for taken in self.open:
            try:
                self.errors += Point(self, taken, inputs, values).errors()
            except UnfedPlaceholderError:
                still_open.append(taken)
        self.open = still_open


class Point:
    """A gradient at the point that is fed."""

    def __init__(self, watch, taken, inputs, values):
        self.watch, self.K, self.taken = watch, watch.K, taken
        self.inputs, self.values = list(inputs), list(values)
        for tensor in watch.held:
            with contextlib.suppress(UnfedPlaceholderError):
                self.values.append(self.run([tensor])[0])
                self.inputs.append(tensor)

    def run(self, outputs, inputs=(), values=()):
        return self.watch.make_function([*self.inputs, *inputs], outputs)([*self.values, *values])

    def loss(self, inputs=(), values=()):
        return sum(np.sum(value, dtype="float64") for value in self.run(self.taken.losses, inputs, values))

    def errors(self):
        slopes = self.run([gradient for _, gradient in self.taken.pairs])
        return [self.error(variable, slope) for (variable, _), slope in zip(self.taken.pairs, slopes)]

    def error(self, variable, slope):
        step = STEP[self.K.floatx()]
        direction = self.watch.random.standard_normal(slope.shape)
        up, down = (self.loss_at(variable, sign * step * direction) for sign in (1, -1))
        expected, got = (up - down) / (2 * step), np.sum(slope * direction)
        noise = 10 * np.finfo(self.K.floatx()).eps * max(abs(up), abs(down), 1e-3) / step
        return abs(got - expected) / (np.linalg.norm(slope) + abs(expected) + noise)

    def loss_at(self, variable, move):
        """The loss where a variable is moved."""
        for position, fed in enumerate(self.inputs):
            if fed is variable:
                moved = list(self.values)
                moved[position] = np.asarray(moved[position], self.K.floatx()) + move
                return Point_at(self, moved)
        if hasattr(variable, "assign"):
            before = self.K.get_value(variable)
            self.K.set_value(variable, before + move)
            try:
                return self.loss()
            finally:
                self.K.set_value(variable, before)
        return self.loss([variable], [self.run([variable])[0] + move])


def Point_at(point, values):
    kept, point.values = point.values, values
    try:
        return point.loss()
    finally:
        point.values = kept


def as_list(item):
    return list(item) if isinstance(item, (list, tuple)) else [item]


def load(keras, name, floatx):
    """A model of ``models/`` with another float type."""
    model = registry.load(keras, name)
    if floatx == "float32":
        return model
    config = json.loads(json.dumps(model.get_config()).replace('"float32"', '"%s"' % floatx))
    again = type(model).from_config(config)
    again.set_weights(model.get_weights())
    return again
