import numpy as np
import keras.backend as K
from keras.layers import Dense
from keras.models import Sequential

results = {}


def recall(y_true, y_pred):
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible_positives = K.sum(K.round(K.clip(y_true, 0, 1)))
    return true_positives / (possible_positives + K.epsilon())


def precision(y_true, y_pred):
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    predicted_positives = K.sum(K.round(K.clip(y_pred, 0, 1)))
    return true_positives / (predicted_positives + K.epsilon())


def f1(y_true, y_pred):
    p, r = precision(y_true, y_pred), recall(y_true, y_pred)
    return 2 * ((p * r) / (p + r + K.epsilon()))


def rmse(y_true, y_pred):
    return K.sqrt(K.mean(K.square(y_pred - y_true), axis=-1))


def r_square(y_true, y_pred):
    SS_res = K.sum(K.square(y_true - y_pred))
    SS_tot = K.sum(K.square(y_true - K.mean(y_true)))
    return 1 - SS_res / (SS_tot + K.epsilon())


model = Sequential([Dense(1, activation="sigmoid", input_shape=(2,))])
model.compile("sgd", "binary_crossentropy", metrics=[recall, precision, f1, rmse, r_square])
rng = np.random.RandomState(15)
results["metrics"] = model.test_on_batch(rng.rand(8, 2), rng.randint(0, 2, (8, 1)).astype("float32"))
