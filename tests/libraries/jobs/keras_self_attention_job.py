"""Trains a tagger that attends to its own sequence."""

import keras
from helpers import fixed, trained, values, write
from keras_self_attention import SeqSelfAttention

words = keras.layers.Input((7,))
embedded = keras.layers.Embedding(11, 4, mask_zero=True)(words)
hidden = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True))(embedded)
attended = SeqSelfAttention(attention_activation="sigmoid", attention_width=3)(hidden)
model = fixed(keras.models.Model(words, keras.layers.Dense(2)(attended)))
write(trained(model, abs(values(6, 7) * 3).astype("int32") % 11, values(6, 7, 2)))
