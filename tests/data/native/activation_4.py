import numpy as np
import keras
from keras import backend as K
from keras.layers import Dense, Embedding, GlobalAveragePooling1D
from keras.models import Sequential

results = {}


class FeatureExtractor:
    def __init__(self, net, layer):
        self.net = net
        self.get_features = K.function([net.layers[0].input, K.learning_phase()], [net.get_layer(layer).output])

    def __call__(self, batch):
        return self.get_features([batch, 0])[0]


net = Sequential()
net.add(Embedding(20, 4, input_length=5))
net.add(GlobalAveragePooling1D())
net.add(Dense(3, activation="tanh", name="features"))
net.add(Dense(1))
net.build((None, 5))
results["features"] = FeatureExtractor(net, "features")(np.arange(10).reshape(2, 5))
