"""Trains a small BERT for its two tasks."""

import keras
import numpy as np
from helpers import fixed, values, write
from keras_bert import compile_model, get_model

SETTING = {"token_num": 20, "head_num": 3, "transformer_num": 2, "embed_dim": 12, "feed_forward_dim": 24, "seq_len": 8}
model = fixed(get_model(dropout_rate=0.0, pos_num=8, **SETTING))
compile_model(model, weight_decay=0.01, decay_steps=90000, warmup_steps=60000, learning_rate=1e-3)
# Late in the training one step more changes little: TensorFlow 1 leaves it open whether the counter is read before or
# after it moves (tests/goldens/step_counter.py).
keras.backend.set_value(model.optimizer.iterations, 20000)
words = abs(values(4, 8) * 6).astype("int32") % 20
x = [words, np.repeat([[0, 0, 0, 0, 1, 1, 1, 1]], 4, 0), (words % 3 == 0).astype("float32")]
y = [words[..., None], np.array([[0], [1], [1], [0]])]
before = model.predict(x)
losses = [model.train_on_batch(x, y) for _ in range(2)]
after = model.predict(x)
arrays = {"before_words": before[0], "before_next": before[1], "after_words": after[0], "after_next": after[1]}
write(dict(arrays, losses=np.array(losses, "float32")))
