import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Conv2D, Input
from keras.models import Model

results = {}
source = Input((10, 10, 3))
model = Model(source, Conv2D(5, 3, activation="relu", name="deep")(source))
dream_in = model.input
deep = model.get_layer("deep").output
total = K.sum(K.square(deep[:, 1:-1, 1:-1, :])) / K.cast(K.prod(K.shape(deep)), "float32")
# keep the picture smooth
total = total - 0.1 * K.mean(K.square(dream_in[:, 1:, :, :] - dream_in[:, :-1, :, :]))
dream_grads = K.gradients(total, dream_in)[0]
fn = K.function([dream_in], [total, dream_grads / (K.std(dream_grads) + 1e-8)])
canvas = np.random.RandomState(20).rand(1, 10, 10, 3)
for _ in range(3):
    loss_value, gradient_value = fn([canvas])
    canvas += gradient_value * 0.1
results["canvas"] = canvas
results["loss"] = loss_value
