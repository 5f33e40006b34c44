"""What the workloads of this group have in common."""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import optimizers_of, set_weights, weights_of

SEED = 7
RATE = 1e-9


class Program:
    """A timed workload: a script that is the same for everyone who runs whole programs.

    Args:
        title: the first line of its documentation.
        networks: name of a model -> function of a Keras that makes it.
        data: gives the arrays, from a ``RandomState``: ``inputs``, whose items are given to the program in turn, and
            others.
        run: function of a ``Kit`` that gives the function of an input; the models are ``kit.model[name]``.
        burst: how many calls are timed together.
        share: the part of a plan's turns that is enough.
        same: the results that today's Keras computes too; None for all of them.
    """

    REBUILDS = False

    def __init__(self, title, networks, data, run, burst=1, share=1.0, same=None):
        self.__doc__ = title
        self.networks = networks
        self.data = data
        self.BURST = burst
        self.SHARE = share

        def script(kit):
            work = run(kit)
            return lambda _index: work

        def script_of_today(kit):
            work = run(kit)
            return lambda _index: lambda given: only(same, work(given))

        self.SCRIPTS = {"graph": script, "program": script_of_today if same else script}

    def make(self, keras):
        keras.utils.set_random_seed(SEED)
        arrays = {"indices": np.arange(1), **self.data(np.random.RandomState(SEED))}
        for name, network in self.networks.items():
            arrays.update(("%s/%s" % (name, key), array) for key, array in weights_of(network(keras)).items())
        return arrays

    def build(self, keras, arrays):
        models = {name: network(keras) for name, network in self.networks.items()}
        for name, model in models.items():
            own = {key[len(name) + 1 :]: array for key, array in arrays.items() if key.startswith(name + "/")}
            set_weights(model, own)
        return models


def only(names, results):
    return {name: results[name] for name in names}


def adam(kit):
    """Adam with steps that leave the weights where they are."""
    return optimizers_of(kit).Adam(RATE)


def floats(random, *shape):
    return random.normal(size=shape).astype("float32")


def losses(history):
    """The results of a ``fit``: its losses."""
    return {"loss": np.array(history.history["loss"], "float64")}
