"""Trains the feed-forward part of a transformer."""

import keras
from helpers import fixed, trained, values, write
from keras_position_wise_feed_forward import FeedForward

x = keras.layers.Input((4, 6))
y = FeedForward(units=12, activation="relu")(x)
write(trained(fixed(keras.models.Model(x, y)), values(8, 4, 6), values(8, 4, 6, seed=2)))
