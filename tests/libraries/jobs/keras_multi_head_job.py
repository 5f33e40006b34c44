"""Trains a multi-head attention."""

import keras
from helpers import fixed, trained, values, write
from keras_multi_head import MultiHeadAttention

x = keras.layers.Input((5, 8))
y = MultiHeadAttention(head_num=4)(x)
write(trained(fixed(keras.models.Model(x, y)), values(6, 5, 8), values(6, 5, 8, seed=2)))
