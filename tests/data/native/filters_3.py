import numpy as np
import keras.backend as K
from keras.layers import Conv2D, Dense, Flatten, Input
from keras.models import Model

results = {}
picture = Input((8, 8, 1))
net = Model(picture, Dense(3)(Flatten()(Conv2D(2, 3, activation="relu")(picture))))
K.set_learning_phase(0)


class Visualizer(object):
    def __init__(self, net, unit, l2=0.01):
        self.x = net.input
        objective = K.mean(net.layers[-1].output[:, unit]) - l2 * K.sum(K.square(net.input))
        gradient = K.l2_normalize(K.gradients(objective, net.input)[0])
        self.step = K.function([net.input], [objective, gradient])

    def run(self, start, rate, count):
        current = start
        for _ in range(count):
            value, gradient = self.step([current])
            current = current + rate * gradient
        return value, current


results["value"], results["image"] = Visualizer(net, 2).run(np.random.RandomState(17).rand(1, 8, 8, 1), 0.3, 5)
