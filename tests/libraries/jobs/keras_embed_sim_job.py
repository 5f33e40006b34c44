"""Finds words by their embedding."""

import keras
from helpers import fixed, trained, values, write
from keras_embed_sim import EmbeddingRet, EmbeddingSim

words = keras.layers.Input((5,))
embedded, weights = EmbeddingRet(input_dim=11, output_dim=6, mask_zero=True)(words)
model = fixed(keras.models.Model(words, EmbeddingSim()([embedded, weights])))
numbers = abs(values(6, 5) * 3).astype("int32") % 11
write(trained(model, numbers, numbers[..., None], "sparse_categorical_crossentropy"))
