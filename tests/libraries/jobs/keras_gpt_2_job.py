"""Runs a small GPT-2 and trains it."""

from helpers import fixed, trained, values, write
from keras_gpt_2 import get_model

model = fixed(get_model(n_vocab=20, n_ctx=8, n_embd=12, n_head=3, n_layer=2))
words = abs(values(4, 8) * 6).astype("int32") % 20
write(trained(model, words, words[..., None], "sparse_categorical_crossentropy"))
