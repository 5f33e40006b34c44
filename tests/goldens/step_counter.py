"""Prints when TensorFlow 1 reads an optimizer's step counter: ``LEGACY/bin/python step_counter.py [THREADS]``.

Adam of Keras 2.3.1 makes ``K.update_add(self.iterations, 1)`` and, with no tie to it, ``K.cast(self.iterations, ...)``.
The counter is a resource: reading and moving it are ready alike when a step begins, and which runs first is up to the
executor, whose estimates of what operations cost fall step by step.
"""

import itertools
import sys

import numpy as np
import tensorflow as tf
from keras import backend as K
from keras import layers, models, optimizers

STEPS = 400


class Watched(optimizers.Adam):
    """Adam that keeps what its step counter was for a step."""

    def get_updates(self, loss, params):
        self.seen = K.variable(-1.0)
        cast, read = K.cast, []
        K.cast = lambda x, dtype: read.append(cast(x, dtype)) or read[-1] if x is self.iterations else cast(x, dtype)
        try:
            updates = super().get_updates(loss, params)
        finally:
            K.cast = cast
        return [*updates, K.update(self.seen, read[0])]


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    K.set_session(tf.compat.v1.Session(config=tf.compat.v1.ConfigProto(inter_op_parallelism_threads=threads)))
    model = models.Sequential([layers.Dense(64, activation="relu", input_shape=(64,)), layers.Dense(1)])
    model.compile(Watched(), "mse")
    x, y = np.random.RandomState(0).normal(size=(16, 64)), np.ones((16, 1))
    moved = []
    for step in range(STEPS):
        model.train_on_batch(x, y)
        moved.append(K.get_value(model.optimizer.seen) == step + 1)
    groups = [(after, len(list(steps))) for after, steps in itertools.groupby(moved)]
    print(", ".join(f"{steps} {'after' if after else 'before'}" for after, steps in groups))


if __name__ == "__main__":
    main()
