"""Trains a layer normalization in a network."""

import keras
from helpers import fixed, trained, values, write
from keras_layer_normalization import LayerNormalization

x = keras.layers.Input((4, 6))
y = keras.layers.Dense(2)(LayerNormalization()(keras.layers.Dense(5, activation="tanh")(x)))
write(trained(fixed(keras.models.Model(x, y)), values(8, 4, 6), values(8, 4, 2, seed=2)))
