"""Probes of the repairs of names: whether Keras names things as Keras 2 did."""

from kerases import keras, layers

from k2compat import backend as K
from repair.probes import probe, probe_of_keras3


@probe
def layer_numbers():
    K.reset_uids()
    x = layers.Input((3,))
    first = layers.Dense(2)
    model = keras.Model(x, layers.Dense(1)(first(x)))
    names = [*(layer.name for layer in model.layers), model.name, keras.metrics.AUC().name]
    assert names == ["input_1", "dense_1", "dense_2", "model_1", "auc_1"]


@probe
def weight_names():
    K.reset_uids()
    K.clear_session()
    x = layers.Input((3, 2))
    model = keras.Model(x, layers.Bidirectional(layers.LSTM(2))(layers.LSTM(2, return_sequences=True)(x)))
    names = [weight.name for weight in model.weights]
    expected = ["lstm_2/kernel:0", "bidirectional_1/forward_lstm_1/kernel:0"]
    assert names[::3][:2] == expected
    assert model.weights[0].op.name == "lstm_2/kernel"
    assert len(set(names)) == 9


@probe
def tensor_names():
    K.clear_session()
    x = layers.Input((3,))
    dense = layers.Dense(2, name="d")
    names = [x.name, dense(x).name, dense(x).name, layers.Dense(2, activation="relu", name="r")(x).op.name]
    assert names == ["input_1:0", "d/BiasAdd:0", "d_1/BiasAdd:0", "r/Relu"]


@probe_of_keras3
def to_categorical():
    found = [keras.utils.to_categorical([0, 1]), keras.utils.to_categorical([0, 1], 2, "uint8")]
    assert [array.dtype.name for array in found] == ["float32", "uint8"]


@probe
def custom_names():
    class OwnRegularizer(keras.regularizers.Regularizer):
        pass

    with keras.utils.CustomObjectScope({"own_name": K.sin, "OwnRegularizer": OwnRegularizer}):
        assert keras.activations.get("own_name") is K.sin
        assert isinstance(keras.regularizers.get("OwnRegularizer"), OwnRegularizer)


@probe_of_keras3
def custom_object_scopes():
    with keras.utils.CustomObjectScope():
        pass
    outer = keras.utils.custom_object_scope({"first": K.sin}, {"second": K.cos})
    with outer, keras.utils.CustomObjectScope({"third": K.exp}):
        found = [keras.saving.get_registered_object(name) for name in ("first", "second", "third")]
    assert found == [K.sin, K.cos, K.exp]
