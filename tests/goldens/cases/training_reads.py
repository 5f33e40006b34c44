"""How often and in which order generators and sequences are read, and when they are told that an epoch has ended."""

import random
import time

import numpy as np

from ..registry import case
from ..tools import normal, numbered
from .generators import plain
from .training_steps import batch_losses


def counted(reads, pause=0.0):
    """Batches over and over; the numbers of those read go into a list."""
    number = 0
    while True:
        reads.append(number)
        x = normal(4, 3, seed=number)
        yield x, np.tanh(x[:, :1]) * (number % 3 + 1)
        number += 1


def watched(keras, log, size=5):
    """A sequence that writes down which batch is asked for, and the ends of epochs as -1."""

    class Watched(keras.utils.Sequence):
        def __len__(self):
            return size

        def __getitem__(self, index):
            log.append(index)
            x = normal(4, 3, seed=index)
            return x, np.tanh(x[:, :1]) * (index + 1)

        def on_epoch_end(self):
            log.append(-1)

    return Watched()


def settled(log):
    """A list, as soon as no reader adds to it any more."""
    seen = -1
    while seen != len(log):
        seen = len(log)
        time.sleep(0.05)
    return list(log)


def slow(keras):
    """A callback that lets readers run ahead."""
    return keras.callbacks.LambdaCallback(on_batch_end=lambda batch, logs: time.sleep(0.02))


@case()
def reads_of_a_generator(K, keras, load):
    """Three batches an epoch, two epochs, with and without a reader; what the next training goes on with."""
    found = {}
    for name, kwargs in (("reader_", {}), ("main_", {"workers": 0}), ("short_", {"max_queue_size": 2})):
        reads = []
        generator, model = counted(reads), plain(keras)
        watch = batch_losses(keras)
        for _ in range(2):
            model.fit_generator(generator, 3, epochs=2, verbose=0, callbacks=[watch, slow(keras)], **kwargs)
            settled(reads)
        found[name + "reads"] = np.array(reads)
        found[name + "losses"] = np.array(watch.values)
    return found


@case()
def reads_of_generators_that_test(K, keras, load):
    """Evaluations and predictions without a reader take what they need, one after the other."""
    reads, model = [], plain(keras)
    generator = counted(reads)
    values = [model.evaluate_generator(generator, 2, workers=0) for _ in range(2)]
    predicted = model.predict_generator((x for x, _ in generator), 2, workers=0)
    model.fit_generator(generator, 2, epochs=2, validation_data=generator, validation_steps=1, workers=0, verbose=0)
    return dict(numbered(model.get_weights(), "weight"), reads=np.array(reads), values=values, predicted=predicted)


@case()
def reads_of_a_sequence(K, keras, load):
    """In order, in random order, without a reader; each epoch's order is drawn anew by Python."""
    found = {}
    for name, kwargs in (
        ("ordered_", {"shuffle": False}),
        ("shuffled_", {}),
        ("main_", {"workers": 0}),
        ("fewer_", {"shuffle": False, "steps_per_epoch": 3, "workers": 0}),
    ):
        log, watch, model = [], batch_losses(keras), plain(keras)
        random.seed(11)
        model.fit_generator(watched(keras, log), epochs=3, verbose=0, callbacks=[watch], **kwargs)
        log = settled(log)
        # A reader may have begun with an epoch that is not trained on.
        found[name + "reads"] = np.array(log if "workers" in kwargs else log[: 3 * 6 - 1])
        found[name + "losses"] = np.array(watch.values)
        found.update(numbered(model.get_weights(), name + "weight"))
    return found


@case()
def reads_of_sequences_that_test(K, keras, load):
    """Evaluation and prediction read in order."""
    log, model, found = [], plain(keras), {}
    for name, run in (
        ("evaluated", model.evaluate_generator),
        ("predicted", lambda source, **kwargs: model.predict_generator(inputs_of(keras, source), **kwargs)),
    ):
        del log[:]
        found[name] = run(watched(keras, log), workers=0)
        found[name + "_reads"] = np.array(log)
        found[name + "_by_reader"] = run(watched(keras, log))
        found[name + "_more"] = run(watched(keras, log), steps=7, workers=0)
    return found


def inputs_of(keras, source):
    class Inputs(keras.utils.Sequence):
        def __len__(self):
            return len(source)

        def __getitem__(self, index):
            return source[index][0]

    return Inputs()


@case()
def hooks_before_reads(K, keras, load):
    """``on_train_begin`` comes before the first batch is drawn, ``on_epoch_begin`` before the next ones are used."""
    found = {}
    for name, kwargs in (("reader", {}), ("main", {"workers": 0})):
        events = []

        def generator(events=events):
            for batch in counted([]):
                events.append("read")
                yield batch

        class Watch(keras.callbacks.Callback):
            def on_train_begin(self, logs=None, events=events):
                time.sleep(0.05)
                events.append("train")

            def on_epoch_begin(self, epoch, logs=None, events=events):
                events.append("epoch")

        plain(keras).fit_generator(generator(), 2, epochs=2, verbose=0, callbacks=[Watch()], **kwargs)
        found[name] = np.array(events if name == "main" else events[:1])
    return found
