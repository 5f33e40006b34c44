import keras.backend as K
import numpy as np
from keras.layers import Conv2D, Dense, GlobalAveragePooling2D, Input
from keras.models import Model

results = {}


class GuidedSaliency:
    """Positive gradients of the strongest channel with regard to the picture."""

    def __init__(self, net, layer):
        output = net.get_layer(layer).output
        strongest = K.max(output, axis=3)
        gradient = K.gradients(K.sum(strongest), net.input)[0]
        self.run = K.function([net.input, K.learning_phase()], [K.relu(gradient)])

    def __call__(self, picture):
        return self.run([picture, 0])[0]


a = Input((7, 7, 3))
net = Model(a, Dense(2)(GlobalAveragePooling2D()(Conv2D(4, 3, activation="relu", name="top")(a))))
results["saliency"] = GuidedSaliency(net, "top")(np.random.RandomState(31).rand(1, 7, 7, 3))
