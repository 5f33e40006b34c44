"""Names that programs imported from the inside of Keras 2, and that today's Keras does not have."""

import importlib
import warnings

import numpy as np

from ..registry import case
from ..tools import drawn, normal, numbered, outcome


def module(keras, name):
    return importlib.import_module(keras.__name__ + "." + name)


@case()
def layers_of_keras_1(K, keras, load):
    """``MaxoutDense`` and ``Highway``: what they compute, how they train, and copies of them."""
    arrays = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, kwargs in (
            ("MaxoutDense", {"output_dim": 3, "nb_feature": 2, "W_regularizer": "l2", "b_constraint": "non_neg"}),
            ("MaxoutDense", {"output_dim": 3, "bias": False, "activity_regularizer": "l1"}),
            ("Highway", {"activation": "tanh", "W_constraint": "max_norm"}),
            ("Highway", {"bias": False}),
        ):
            model = keras.models.Sequential([getattr(keras.legacy.layers, name)(input_dim=4, **kwargs)])
            drawn(model)
            key = name + str(len(kwargs))
            arrays[key] = model.predict(normal(5, 4))
            model.compile("sgd", "mse")
            arrays[key + "_loss"] = model.train_on_batch(normal(5, 4), np.ones((5, 4 if name == "Highway" else 3)))
            arrays.update(numbered(model.get_weights(), key + "_trained"))
            copy = keras.models.model_from_json(model.to_json(), {name: getattr(keras.layers, name)})
            copy.set_weights(model.get_weights())
            arrays[key + "_copy"] = copy.predict(normal(5, 4))
    return arrays


@case()
def batches_of_a_loop(K, keras, load):
    """``keras.engine.training_utils``: what loops cut, shuffle, check and weigh arrays with."""
    utils = keras.engine.training_utils
    targets = np.eye(3)[[0, 1, 2, 1]]
    return {
        "batches": utils.make_batches(10, 4),
        "shuffled": utils.batch_shuffle(np.arange(11), 3),
        "column": utils.standardize_input_data(np.arange(3.0), ["x"])[0],
        "by_name": utils.standardize_input_data({"a": np.ones((2, 1)), "b": np.zeros((2, 1))}, ["b", "a"]),
        "wrong_rank": outcome(
            lambda: utils.standardize_input_data([np.ones((2, 3))], ["x"], [(None, 3, 1)]), ValueError
        ),
        "wrong_size": outcome(lambda: utils.standardize_input_data([np.ones((2, 3))], ["x"], [(None, 4)]), ValueError),
        "too_many": outcome(lambda: utils.standardize_input_data([np.ones((2, 3))] * 2, ["x"]), ValueError),
        "weights": utils.standardize_weights(targets),
        "weights_of_steps": utils.standardize_weights(np.zeros((2, 3, 1)), sample_weight_mode="temporal"),
        "weights_of_classes": utils.standardize_weights(targets, np.arange(4.0), {0: 1.0, 1: 2.0, 2: 3.0}),
        "missing_class": outcome(lambda: utils.standardize_weights(targets, class_weight={0: 1.0}), ValueError),
        "samples": utils.check_num_samples([np.ones((7, 2))], batch_size=2),
        "both": outcome(lambda: utils.check_num_samples([np.ones((7, 2))], batch_size=2, steps=3), ValueError),
    }


@case()
def masked_objective(K, keras, load):
    """``weighted_masked_objective`` with weights, with a mask, and with both."""
    fn = keras.engine.training_utils.weighted_masked_objective(keras.losses.mean_squared_error)
    y_true, y_pred = K.constant(normal(4, 3, 2)), K.constant(normal(4, 3, 2, seed=1))
    mask, weights = K.constant(np.arange(12).reshape(4, 3) % 4 > 0), K.constant([0.0, 1.0, 2.0, 0.5])
    given = ((None, None), (weights, None), (None, mask), (weights, mask))
    return numbered([K.eval(fn(y_true, y_pred, *each)) for each in given])


@case()
def helpers_of_layers(K, keras, load):
    """Names of layers, units of weights, norms of gradients, metrics and one-hot arrays."""
    base_layer, g = keras.engine.base_layer, K.constant([3.0, 4.0])
    to_categorical = keras.utils.to_categorical
    logger = keras.callbacks.BaseLogger()
    logger.set_params({"metrics": ["loss"]})
    logger.on_epoch_begin(0)
    logger.on_batch_end(0, {"loss": 1.0, "size": 3})
    logger.on_batch_end(1, {"loss": 5.0, "size": 1})
    logs = {}
    logger.on_epoch_end(0, logs)
    return {
        "names": [base_layer._to_snake_case(name) for name in ("MyConv2D", "LSTMCell", "_Hidden")],
        "shape": base_layer._collect_input_shape(K.zeros((2, 3))),
        "fans": [keras.initializers._compute_fans(shape) for shape in ((3, 4), (3, 3, 2, 8), (5,))],
        "fans_first": keras.initializers._compute_fans((8, 2, 3, 3), "channels_first"),
        "clipped": [K.eval(keras.optimizers.clip_norm(g, c, K.constant(5.0))) for c in (0.0, 1.0, 10.0)],
        "accuracy": K.eval(keras.metrics.accuracy(K.constant([1.0, 2.0, 3.0]), K.constant([1.0, 0.0, 3.0]))),
        "categorical": to_categorical([[1], [2]]),
        "dtypes": [to_categorical([0, 1]).dtype.name, to_categorical([0, 1], 3, "uint8").dtype.name],
        "same_backend": keras.losses.K.epsilon() == K.epsilon(),
        "logged": logs["loss"],
    }


@case()
def shapes_of_applications(K, keras, load):
    """``_obtain_input_shape`` of models that were copied from ``keras.applications``."""
    obtain = getattr(module(keras, "applications.imagenet_utils"), "_obtain_input_shape", None)  # until 2.1
    obtain = obtain or importlib.import_module("keras_applications").imagenet_utils._obtain_input_shape
    given = {"default_size": 224, "min_size": 32, "data_format": "channels_last"}
    refused = [
        outcome(lambda: obtain((16, 16, 3), require_flatten=False, **given), ValueError),
        outcome(lambda: obtain((64, 64, 3), require_flatten=True, weights="imagenet", **given), ValueError),
        outcome(lambda: obtain((64, None, 3), require_flatten=True, **given), ValueError),
    ]
    return {
        "default": obtain(None, require_flatten=True, **given),
        "any": [-1 if size is None else size for size in obtain(None, require_flatten=False, **given)],
        "own": obtain((64, 48, 3), require_flatten=True, **given),
        "refused": refused,
    }


@case()
def data_of_tests(K, keras, load):
    """``keras.utils.test_utils``: data that are drawn, and what a layer computes in a test."""
    utils = module(keras, "utils.test_utils")
    (x, y), (test_x, test_y) = utils.get_test_data(6, 2, (3,), (2,), classification=False)
    (points, labels), _ = utils.get_test_data(5, 1, (2,), num_classes=3)
    ones = {"kernel_initializer": "ones", "units": 2}
    return {
        "x": x,
        "y": y,
        "test": np.concatenate([test_x, test_y], axis=1),
        "points": points,
        "labels": labels,
        "tested": utils.layer_test(keras.layers.Dense, kwargs=ones, input_data=normal(3, 4)),
    }
