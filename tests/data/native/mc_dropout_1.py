import numpy as np
from keras import backend as K
from keras.layers import Dense, Dropout, Input
from keras.models import Model

results = {}
inp = Input((4,))
model = Model(inp, Dense(1)(Dropout(0.5)(Dense(30, activation="relu")(inp))))
f = K.function([model.layers[0].input, K.learning_phase()], [model.layers[-1].output])


def predict_with_uncertainty(f, x, n_iter=10):
    result = np.zeros((n_iter,) + (x.shape[0], 1))
    for i in range(n_iter):
        result[i, :, :] = f([x, 1])[0]
    return result.mean(axis=0), result.std(axis=0)


x = np.random.RandomState(6).rand(3, 4)
mean, std = predict_with_uncertainty(f, x)
results["uncertain"] = std > 0
results["shape"] = mean.shape
