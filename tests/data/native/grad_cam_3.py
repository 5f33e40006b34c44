import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Conv2D, Dense, GlobalMaxPooling2D, Input
from tensorflow.keras.models import Model

results = {}


class GradCAM:
    def __init__(self, model, layer_name):
        self.model = model
        self.layer_name = layer_name

    def heatmap(self, images, category):
        loss = K.sum(self.model.layers[-1].output[:, category])
        target = self.model.get_layer(self.layer_name).output
        grads = K.gradients(loss, target)[0]
        # normalise, so that large gradients do not win
        grads = grads / (K.sqrt(K.mean(K.square(grads))) + K.epsilon())
        fn = K.function([self.model.layers[0].input, K.learning_phase()], [target, grads])
        activation, gradient = fn([images, 0])
        weights = gradient.mean(axis=(1, 2), keepdims=True)
        return np.maximum((activation * weights).sum(axis=-1), 0)


inputs = Input((8, 8, 2))
hidden = Conv2D(3, 3, activation="relu", name="features")(inputs)
model = Model(inputs, Dense(2)(GlobalMaxPooling2D()(hidden)))
results["map"] = GradCAM(model, "features").heatmap(np.random.RandomState(2).rand(2, 8, 8, 2), 1)
