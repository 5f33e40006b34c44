"""Runs a small XLNet on two segments, the second with the memory of the first."""

import numpy as np
from helpers import fixed, values, write
from keras_xlnet import build_xlnet

SIZES = {"units": 6, "num_token": 20, "num_block": 2, "num_head": 2, "hidden_dim": 12, "batch_size": 2}
model = fixed(build_xlnet(training=False, memory_len=5, target_len=5, permute=False, **SIZES))
arrays = {}
for turn in range(2):
    words = abs(values(2, 5, seed=turn) * 6).astype("int32") % 20
    segments = np.repeat([[0, 0, 1, 1, 1]], 2, 0)
    arrays[f"turn_{turn}"] = model.predict([words, segments, np.full((2, 1), 5 * turn)], batch_size=2)
write(arrays)
