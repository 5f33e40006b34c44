"""What is computed on samples kept for validation: one reader for a whole training, and the weights of classes."""

import numpy as np

from ..registry import case
from ..tools import normal, numbered
from .generators import batches, plain, turning
from .training import dense


def curves(history):
    """Curves as arrays of one dtype: Keras 2 mixes two."""
    return {name: np.array(history[name], "float64") for name in sorted(history)}


def with_prefix(prefix, found):
    return {prefix + name: value for name, value in found.items()}


@case()
def validation_by_a_generator_goes_on(K, keras, load):
    """A validation of two batches begins behind the last one, with and without workers."""
    found = {}
    for name, workers in (("reading", 1), ("alone", 0)):
        history = (
            plain(keras)
            .fit_generator(
                batches(1, 0),
                3,
                epochs=4,
                validation_data=batches(1, 30),
                validation_steps=2,
                workers=workers,
                verbose=0,
            )
            .history
        )
        found.update(with_prefix(name + "_", curves(history)))
    return found


@case()
def validation_by_a_sequence_goes_on(K, keras, load):
    """It is told of the ends of its passes where there are workers, and goes on with fewer or more steps."""
    found = {}
    for name, workers, steps in (("alone", 0, None), ("fewer", 0, 2), ("reading_more", 1, 4), ("reading", 1, None)):
        source = turning(keras)
        history = (
            plain(keras)
            .fit_generator(
                batches(1, 0), 3, epochs=3, validation_data=source, validation_steps=steps, workers=workers, verbose=0
            )
            .history
        )
        found.update(with_prefix(name + "_", curves(history)))
    return found


@case()
def class_weights_of_split_samples(K, keras, load):
    """Weights of classes, beside those of samples and without, hold for the samples that are split off, too."""
    found, labels = {}, np.array([2, 0, 1, 1, 2, 0, 0, 2, 1, 2])
    weights = {0: 1.0, 1: 3.0, 2: 0.25}
    for name, y, loss, others in (
        ("rows", np.eye(3)[labels], "categorical_crossentropy", {}),
        ("numbers", labels[:, None], "sparse_categorical_crossentropy", {}),
        ("samples", labels[:, None], "sparse_categorical_crossentropy", {"sample_weight": np.linspace(0.2, 2, 10)}),
    ):
        model = keras.models.Sequential([dense(keras, 3, 1, 4, input_shape=(4,), activation="softmax")])
        model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"], weighted_metrics=["mse"])
        history = model.fit(
            normal(10, 4),
            y,
            4,
            epochs=2,
            validation_split=0.4,
            class_weight=weights,
            shuffle=False,
            verbose=0,
            **others,
        ).history
        kept = {
            ("val_" if key.startswith("val_") else "") + "loss": history[key] for key in history if key.endswith("loss")
        }
        found.update(with_prefix(name + "_", curves(kept)))
        found.update(numbered(model.get_weights(), name + "_weight"))
    return found
