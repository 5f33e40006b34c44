import numpy as np
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential

results = {}


def dice_coef(y_true, y_pred, smooth=1):
    y_true_f = K.flatten(y_true)
    y_pred_f = K.flatten(y_pred)
    intersection = K.sum(y_true_f * y_pred_f)
    return (2. * intersection + smooth) / (K.sum(y_true_f) + K.sum(y_pred_f) + smooth)


def dice_coef_loss(y_true, y_pred):
    return -dice_coef(y_true, y_pred)


model = Sequential([Dense(2, activation="sigmoid", input_shape=(3,))])
model.compile("sgd", loss=dice_coef_loss, metrics=[dice_coef])
rng = np.random.RandomState(12)
results["loss"] = model.train_on_batch(rng.rand(4, 3), rng.randint(0, 2, (4, 2)).astype("float32"))
