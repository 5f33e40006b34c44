"""What is said of arrays that do not fit a model, before anything is computed."""

import numpy as np

from ..registry import case

zeros = np.zeros


def classifier(keras, units=2):
    layers = keras.layers
    model = keras.models.Sequential([layers.Dense(4, input_shape=(3,)), layers.Dense(units, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy")
    return model


def of_two(keras):
    a, b = keras.layers.Input((3,), name="a"), keras.layers.Input((2,), name="b")
    outputs = [keras.layers.Dense(2, name="o")(a), keras.layers.Dense(1, name="p")(b)]
    model = keras.models.Model([a, b], outputs)
    model.compile("sgd", "mse")
    return model


def stateful(keras):
    layers = keras.layers
    model = keras.models.Sequential([layers.LSTM(3, batch_input_shape=(4, 2, 1), stateful=True), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def temporal(keras):
    model = keras.models.Sequential([keras.layers.LSTM(3, input_shape=(2, 1), return_sequences=True)])
    model.compile("sgd", "mse", sample_weight_mode="temporal")
    return model


def of_pictures(keras):
    layers = keras.layers
    model = keras.models.Sequential(
        [layers.Conv2D(3, 2, input_shape=(5, 5, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def messages(K, make, calls):
    """The class and text of the error of each call, and whether a callback was called or a weight moved."""
    found, touched = {}, []
    for name, call in sorted(calls.items()):
        K.clear_session()
        model = make()
        before = model.get_weights()
        try:
            call(model)
            found[name] = "no error"
        except (TypeError, ValueError) as error:
            kind = "TypeError" if isinstance(error, TypeError) else "ValueError"
            found[name] = "%s: %s" % (kind, error)
        touched.append(any(np.any(a != b) for a, b in zip(before, model.get_weights())))
    return dict(found, touched=np.array(touched))


@case()
def checks_of_shapes(K, keras, load):
    called = []
    watch = keras.callbacks.LambdaCallback(on_train_begin=called.append)
    found = messages(
        K,
        lambda: classifier(keras),
        {
            "width": lambda m: m.fit(zeros((5, 4)), zeros((5, 2)), verbose=0, callbacks=[watch]),
            "axes": lambda m: m.fit(zeros((5, 4, 1)), zeros((5, 2)), verbose=0),
            "target_width": lambda m: m.fit(zeros((5, 3)), zeros((5, 3)), verbose=0, callbacks=[watch]),
            "target_column": lambda m: m.fit(zeros((5, 3)), zeros(5), verbose=0),
            "samples": lambda m: m.fit(zeros((5, 3)), zeros((4, 2)), verbose=0, callbacks=[watch]),
            "too_many": lambda m: m.fit([zeros((1, 3))] * 2, zeros((1, 2)), verbose=0),
            "predict": lambda m: m.predict(zeros((5, 4))),
            "predict_numbers": lambda m: m.predict([1.0, 2.0, 3.0]),
            "evaluate": lambda m: m.evaluate(zeros((5, 4)), zeros((5, 2)), verbose=0),
            "evaluate_target": lambda m: m.evaluate(zeros((5, 3)), zeros((5, 3)), verbose=0),
            "train_on_batch": lambda m: m.train_on_batch(zeros((5, 4)), zeros((5, 2))),
            "train_on_batch_target": lambda m: m.train_on_batch(zeros((5, 3)), zeros((5, 3))),
            "test_on_batch": lambda m: m.test_on_batch(zeros((5, 3)), zeros((4, 2))),
            "predict_on_batch": lambda m: m.predict_on_batch(zeros((5, 4))),
            "validation": lambda m: m.fit(
                zeros((5, 3)),
                zeros((5, 2)),
                validation_data=(zeros((5, 4)), zeros((5, 2))),
                verbose=0,
                callbacks=[watch],
            ),
            "validation_parts": lambda m: m.fit(
                zeros((5, 3)), zeros((5, 2)), validation_data=(zeros((5, 3)),), verbose=0
            ),
        },
    )
    found.update(
        messages(K, lambda: classifier(keras, 1), {"classes": lambda m: m.fit(zeros((5, 3)), zeros(5), verbose=0)})
    )
    return dict(found, called=len(called))


@case()
def checks_of_several_arrays(K, keras, load):
    x, y = [zeros((2, 3)), zeros((2, 2))], [zeros((2, 2)), zeros((2, 1))]
    return messages(
        K,
        lambda: of_two(keras),
        {
            "too_few": lambda m: m.fit(x[0], y, verbose=0),
            "too_few_targets": lambda m: m.fit(x, y[0], verbose=0),
            "second": lambda m: m.fit([x[0], zeros((2, 3))], y, verbose=0),
            "swapped": lambda m: m.fit(x, y[::-1], verbose=0),
            "samples": lambda m: m.fit([x[0], zeros((4, 2))], y, verbose=0),
            "target_samples": lambda m: m.fit(x, [y[0], zeros((4, 1))], verbose=0),
            "missing": lambda m: m.fit({"a": x[0]}, y, verbose=0),
            "missing_target": lambda m: m.fit(x, {"o": y[0]}, verbose=0),
            "weights": lambda m: m.fit(x, y, sample_weight=zeros(2), verbose=0),
            "weights_of_one": lambda m: m.fit(x, y, sample_weight=[zeros(2)], verbose=0),
        },
    )


@case()
def checks_of_weights(K, keras, load):
    x, y = zeros((5, 3)), np.eye(2)[[0, 1, 1, 0, 0]]
    found = messages(
        K,
        lambda: classifier(keras),
        {
            "axes": lambda m: m.fit(x, y, sample_weight=zeros((5, 3)), verbose=0),
            "length": lambda m: m.fit(x, y, sample_weight=zeros(4), verbose=0),
            "class_missing": lambda m: m.fit(x, y, class_weight={0: 1.0}, verbose=0),
            "class_missing_in_a_batch": lambda m: m.train_on_batch(x, y, class_weight={1: 1.0}),
        },
    )
    x, y = zeros((5, 2, 1)), zeros((5, 2, 3))
    of_steps = messages(
        K,
        lambda: temporal(keras),
        {
            "classes": lambda m: m.fit(x, y, class_weight={0: 1.0}, verbose=0),
            "one_axis": lambda m: m.fit(x, y, sample_weight=zeros(5), verbose=0),
        },
    )
    return dict(found, **{"steps_" + name: value for name, value in of_steps.items()})


@case()
def checks_of_layers(K, keras, load):
    found = messages(
        K,
        lambda: of_pictures(keras),
        {
            "axes": lambda m: m.fit(zeros((6, 5, 5)), zeros(6), verbose=0),
            "size": lambda m: m.fit(zeros((6, 5, 6, 1)), zeros(6), verbose=0),
            "one_sample": lambda m: m.predict(zeros((5, 5, 1))),
            "one_hot": lambda m: m.fit(zeros((6, 5, 5, 1)), zeros((6, 3)), verbose=0),
        },
    )
    call = {"stateful": lambda m: m.fit(zeros((6, 2, 1)), zeros((6, 1)), batch_size=4, verbose=0)}
    return dict(found, **messages(K, lambda: stateful(keras), call))
