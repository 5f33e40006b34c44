# keras-vis-like: a class, momentum, placeholder made for the purpose
import numpy as np
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential

results = {}


class ActivationMaximizer:
    def __init__(self, model, layer_idx, filter_indices, lam=0.01):
        self.model = model
        out = model.layers[layer_idx].output
        loss = 0.
        for idx in filter_indices:
            loss = loss - K.mean(out[:, idx])
        loss += lam * K.sum(K.square(model.layers[0].input))
        grads = K.gradients(loss, model.layers[0].input)[0]
        grads = grads / (K.max(K.abs(grads)) + K.epsilon())
        self.compute_fn = K.function([model.layers[0].input, K.learning_phase()], [loss, grads, model.output])

    def minimize(self, seed, steps=5):
        x = seed.copy()
        cache = None
        for _ in range(steps):
            loss, g, out = self.compute_fn([x, 0])
            cache = g ** 2 if cache is None else 0.9 * cache + 0.1 * g ** 2
            x = x - g / (np.sqrt(cache) + K.epsilon())
        return x, loss


model = Sequential([Dense(6, activation="tanh", input_shape=(4,)), Dense(3, activation="linear")])
x, l = ActivationMaximizer(model, -1, [0, 2]).minimize(np.random.RandomState(0).rand(1, 4))
results["x"], results["l"] = x, l
