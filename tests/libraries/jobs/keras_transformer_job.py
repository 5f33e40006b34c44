"""Trains a small transformer."""

from helpers import fixed, trained, values, write
from keras_transformer import get_model

model = fixed(get_model(11, 6, encoder_num=2, decoder_num=1, head_num=3, hidden_dim=8))
x, y = (abs(values(4, 5, seed=seed) * 3).astype("int32") % 11 for seed in (0, 1))
write(trained(model, [x, y], y[..., None], "sparse_categorical_crossentropy"))
