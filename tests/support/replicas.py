"""What test_map_replicas.py runs: ``replicas.py devices``, or ``replicas.py workers NUMBER`` in two processes."""

import json
import sys
import warnings

import numpy as np
import tensorflow as tf

BATCH = 4  # of a replica
SEEN = []


def functions(strategy, K, keras):
    """The same function of weights outside of a strategy's scope, in it, frozen, and compiled by XLA."""

    def model():
        x = keras.layers.Input((8, 8, 3))
        y = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3, activation="relu")(x))
        return keras.Model(x, keras.layers.Dense(3)(keras.layers.Flatten()(y)))

    def function(of, **how):
        score = of.output[:, 1]
        outputs = [of.output, *K.gradients(score, of.input), K.argmax(of.output), of.output > 0.0]
        return K.function([of.input, K.learning_phase()], outputs, **how)

    outside = model()
    random = np.random.RandomState(1)
    outside.set_weights([random.uniform(0.1, 0.9, w.shape) - 0.3 * (w.ndim > 1) for w in outside.get_weights()])
    with strategy.scope():
        inside = model()
    inside.set_weights(outside.get_weights())
    return {
        "outside": function(outside),
        "scope": function(inside),
        "frozen": function(outside, freeze=True),
        "compiled by XLA": function(inside, jit_compile=True),
        "XLA outside": function(outside, jit_compile=True),
    }


def same(found, expected):
    return len(found) == len(expected) and all(
        np.array_equal(value, wanted) and value.dtype == wanted.dtype
        for one, other in zip(found, expected, strict=True)
        for value, wanted in zip(one, other, strict=True)
    )


def close(found, expected):
    return len(found) == len(expected) and all(
        np.allclose(value, wanted, rtol=1e-4, atol=1e-5)
        for one, other in zip(found, expected, strict=True)
        for value, wanted in zip(one, other, strict=True)
    )


def recording(K):
    """A function that notes, on which device or in which process, how many rows it is computed for."""
    x = K.placeholder((None, 2))

    def note(rows):
        SEEN.append(len(rows))
        return rows

    return K.function([x], [tf.numpy_function(note, [x], tf.float32) * K.ones((1, 2))])


def devices():
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    from kerases import keras

    from k2compat import backend as K

    pictures = np.random.RandomState(0).rand(11, 8, 8, 3).astype("float32")
    whole, last = {}, {}
    made = functions(strategy, K, keras)
    across = made.pop("XLA outside")
    for name, f in made.items():
        plain = list(f.map(pictures, batch_size=BATCH))
        found = list(f.map(pictures, batch_size=2 * BATCH, strategy=strategy))
        whole[name] = same(found[:8], plain[:8])
        last[name] = close(found[8:], plain[8:])
    placed = K.placeholder((None, 2), name="placed")
    where = K.function([placed], [tf.numpy_function(lambda rows: rows, [placed], tf.float32)])
    return {
        "replicas": strategy.num_replicas_in_sync,
        "equal to the bit": whole,
        "last batch": last,
        "dtypes": [value.dtype.name for value in found[0]],
        "devices": devices_of(where, strategy),
        "batches": [len(item[0]) for item in f.map([pictures[:4], pictures[4:]], batch_size=None, strategy=strategy)],
        "XLA with weights of another device": ending(
            lambda: list(across.map(pictures, strategy=strategy, on_error="skip"))
        ),
        "indivisible": ending(lambda: K.function([placed], [K.sum(placed)]).map([], strategy=strategy)),
    }


def devices_of(function, strategy):
    """The devices on which the parts of a batch are computed."""
    list(function.map(np.ones((4, 2)), batch_size=4, strategy=strategy))
    (bound,) = function._plans._executors.values()
    nodes = bound.replicas[strategy]._step.graph.get_operations()
    return sorted({node.device.split("device:")[1] for node in nodes if node.type.endswith("PartitionedCall")})


def ending(work):
    try:
        work()
    except Exception as error:
        return type(error).__name__.removeprefix("K2")
    return "none"


def workers(number):
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    from kerases import keras

    from k2compat import backend as K

    pictures = np.random.RandomState(0).rand(11, 8, 8, 3).astype("float32")
    f = functions(strategy, K, keras)["outside"]
    plain = list(f.map(pictures, batch_size=BATCH))

    def mapped(data=pictures, size=2 * BATCH, **how):
        return f.map(data, batch_size=size, strategy=strategy, **how)

    def counted(results, stop=None):
        """How an iteration ended, and after how many results."""
        found = 0
        try:
            for _ in results:
                found += 1
                if found == stop:
                    results.close()
        except Exception as error:
            return [type(error).__name__, found]
        return ["none", found]

    def unreadable(only):
        def read(index):
            if index == 6 and number >= only:
                raise OSError("gone")
            return pictures[index]

        return map(read, range(len(pictures)))

    found = list(mapped())
    list(recording(K).map(np.ones((4, 2)), batch_size=4, strategy=strategy))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        skipped = mapped(unreadable(0), on_error="skip")
        skipped_results = len(list(skipped))
    return {
        "replicas": strategy.num_replicas_in_sync,
        "equal to the bit": same(found[:8], plain[:8]),
        "last batch": close(found[8:], plain[8:]),
        "share of the work": SEEN[-1],
        "left out": [skipped_results, [bad.item for bad in skipped.errors]],
        "one has fewer items": counted(mapped(pictures[: 11 - number], BATCH)),
        "one cannot read": counted(mapped(unreadable(1), BATCH)),
        "one goes on, one stops": counted(mapped(pictures, 2), stop=1 if number else None),
        "after all that": same(list(mapped()), found),
    }


if __name__ == "__main__":
    print(json.dumps(devices() if sys.argv[1] == "devices" else workers(int(sys.argv[2]))))
