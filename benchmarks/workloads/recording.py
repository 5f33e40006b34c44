"""Recording 1,000 elementwise calls on a symbolic tensor: what building an expression costs

Nothing is computed: the time is that of the K calls themselves.
"""

from __future__ import annotations

import numpy as np

BURST = 1
CALLS = 1000
FUNCTIONS = ("abs", "square", "tanh", "exp", "sigmoid")


def make(keras):
    return {"inputs": np.arange(8), "indices": np.arange(3)}


def build(keras, arrays):
    """No model is needed."""


def graph(kit):
    K = kit.K

    def expression(index):
        def call(size):
            tensor = K.placeholder((None, int(size) + 1))
            for number in range(index, index + CALLS):
                tensor = getattr(K, FUNCTIONS[number % len(FUNCTIONS)])(tensor)
            return {"shape": np.array([size or -1 for size in K.int_shape(tensor)])}

        return call

    return expression


SCRIPTS = {"graph": graph}
