"""Checks the gradients a case takes by finite differences, whatever the case is: it watches ``K.gradients`` and
``K.function`` while the case runs.

Each time a function is called, every gradient taken so far whose loss can be computed from what that function is fed is
compared: in a random direction of each variable, the gradient has to be the central difference of the loss. What is
random or declared constant (``K.stop_gradient``) is held fixed by feeding its value.
"""

import contextlib
import json
from unittest import mock

import numpy as np

from goldens import registry
from k2compat.errors import UnfedPlaceholderError
from k2compat.ops import optimizers

# Cases run in float64: in float32 either the step crosses kinks or the loss is too coarse for it.
FLOATX = "float64"
STEP = 1e-6
TOLERANCE = 1e-6
HELD = ("stop_gradient", "random_normal", "random_uniform", "random_binomial", "truncated_normal", "dropout")


def largest_error(case, K, keras):
    """Runs a case and checks its gradients.

    Args:
        case: of the registry.
        K, keras: what it is given.

    Returns:
        How many gradients were checked, how many could not be, and the largest error, relative to its gradient's norm.
    """
    before = K.floatx()
    K.set_floatx(FLOATX)
    try:
        K.clear_session()
        np.random.seed(0)
        with Watch(K).watching() as watch:
            case.run(K, keras, lambda name: load(keras, name))
    finally:
        K.set_floatx(before)
    return len(watch.errors), len(watch.open), max(watch.errors, default=0.0)


class Taken:
    """A gradient that was taken: of the sum of the losses, with respect to the variables it exists for."""

    def __init__(self, losses, variables, gradients):
        pairs = [(v, g) for v, g in zip(variables, gradients, strict=True) if g is not None]
        self.losses = losses
        self.variables = [variable for variable, _ in pairs]
        self.gradients = [gradient for _, gradient in pairs]


class Watch:
    """Watches a case.

    Attributes:
        errors: for each gradient that was checked, its error.
        open: gradients whose loss no function has been called for yet.
        held: tensors that do not move with what they are made of.
    """

    def __init__(self, K):
        self.K = K
        self.errors, self.open, self.held = [], [], []
        self.random = np.random.RandomState(0)
        self.make_gradients, self.make_function = K.gradients, K.function

    @contextlib.contextmanager
    def watching(self):
        """Stands between the case and the backend for a while."""
        with contextlib.ExitStack() as patches:
            for owner, name, double in [
                (self.K, "function", self.function),
                (self.K, "gradients", self.gradients),
                (optimizers, "gradients", self.gradients),  # those that get_updates takes
                *((self.K, name, self.holding(getattr(self.K, name))) for name in HELD),
            ]:
                patches.enter_context(mock.patch.object(owner, name, double))
            yield self

    def holding(self, make):
        def made(*args, **kwargs):
            self.held.append(make(*args, **kwargs))
            return self.held[-1]

        return made

    def gradients(self, loss, variables):
        found = self.make_gradients(loss, variables)
        taken = Taken(as_list(loss), as_list(variables), found)
        if taken.gradients:
            self.open.append(taken)
        return found

    def function(self, inputs, outputs, updates=None, **kwargs):
        function = self.make_function(inputs, outputs, updates, **kwargs)
        tensors = [getattr(item, "output", item) for item in as_list(inputs)]

        def call(values=()):
            self.check([*zip(tensors, as_list(values), strict=False), *(kwargs.get("feed_dict") or {}).items()])
            return function(values)

        return call

    def check(self, feeds):
        """Checks what these feeds, pairs of tensor and value, suffice for."""
        still_open = []
        for taken in self.open:
            try:
                self.errors += Point(self, taken, feeds).errors()
            except UnfedPlaceholderError:
                still_open.append(taken)
        self.open = still_open


class Point:
    """A gradient at the point that is fed."""

    def __init__(self, watch, taken, feeds):
        self.K, self.random, self.make_function = watch.K, watch.random, watch.make_function
        self.taken, self.feeds = taken, list(feeds)
        for tensor in watch.held:
            with contextlib.suppress(UnfedPlaceholderError):
                self.feeds.append((tensor, self.values([tensor])[0]))

    def errors(self):
        """For each variable, the error in one random direction."""
        slopes = self.values(self.taken.gradients)
        return [self.error(variable, slope) for variable, slope in zip(self.taken.variables, slopes, strict=True)]

    def error(self, variable, slope):
        start = self.start(variable)
        direction = self.random.standard_normal(slope.shape)
        if self.is_between(variable):
            direction *= start != 0  # a relu gives zeros, and what comes after it has kinks there: ties of pooling
        up, down = (self.loss_at(variable, start + sign * STEP * direction) for sign in (1, -1))
        difference, claimed = (up - down) / (2 * STEP), np.sum(slope * direction)
        noise = np.finfo(FLOATX).eps * max(abs(up), abs(down), 1.0) / STEP
        return abs(claimed - difference) / (np.linalg.norm(slope) + abs(difference) + noise / TOLERANCE)

    def values(self, outputs, feeds=()):
        """Values of tensors; of two values for one tensor, the later one counts."""
        feeds = [*self.feeds, *feeds]
        return self.make_function([tensor for tensor, _ in feeds], outputs)([value for _, value in feeds])

    def start(self, variable):
        """Where a variable is."""
        fed = [value for tensor, value in self.feeds if tensor is variable]
        value = fed[0] if fed else self.values([variable])[0]
        return np.asarray(value, FLOATX)

    def is_between(self, variable):
        """Whether it is neither fed nor a weight, but computed."""
        return not hasattr(variable, "assign") and not any(tensor is variable for tensor, _ in self.feeds)

    def loss_at(self, variable, value):
        """The loss where a variable has another value: as a weight that is set, or as a tensor that is fed."""
        if not hasattr(variable, "assign"):
            return self.loss([(variable, value)])
        before = self.K.get_value(variable)
        self.K.set_value(variable, value)
        try:
            return self.loss()
        finally:
            self.K.set_value(variable, before)

    def loss(self, feeds=()):
        return sum(np.sum(value, dtype="float64") for value in self.values(self.taken.losses, feeds))


def as_list(item):
    return list(item) if isinstance(item, (list, tuple)) else [item]


def load(keras, name):
    """A model of ``models/`` in float64."""
    model = registry.load(keras, name)
    config = json.loads(json.dumps(model.get_config()).replace('"float32"', json.dumps(FLOATX)))
    again = type(model).from_config(config)
    again.set_weights(model.get_weights())
    return again
