import numpy as np
from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model

results = {}
i = Input((4,))
model = Model(i, Dense(3, activation="softmax")(Dense(6, activation="relu")(i)))


def integrated_gradients(model, sample, label, steps=10):
    grads = K.gradients(model.output[:, label], model.input)[0]
    get_grads = K.function([model.input], [grads])
    baseline = np.zeros_like(sample)
    total = np.zeros_like(sample)
    for step in range(1, steps + 1):
        total += get_grads([baseline + (sample - baseline) * step / steps])[0]
    return total * (sample - baseline) / steps


results["ig"] = integrated_gradients(model, np.random.RandomState(10).rand(1, 4), 2)
