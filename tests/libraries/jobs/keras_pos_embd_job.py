"""Adds trained and trigonometric positions to embedded words."""

import keras
from helpers import fixed, trained, values, write
from keras_pos_embd import PositionEmbedding, TrigPosEmbedding

words = keras.layers.Input((5,))
embedded = keras.layers.Embedding(11, 4)(words)
placed = PositionEmbedding(input_dim=5, output_dim=4, mode=PositionEmbedding.MODE_ADD)(embedded)
placed = TrigPosEmbedding(mode=TrigPosEmbedding.MODE_ADD)(placed)
model = fixed(keras.models.Model(words, keras.layers.Dense(3)(placed)))
write(trained(model, abs(values(6, 5) * 3).astype("int32") % 11, values(6, 5, 3)))
