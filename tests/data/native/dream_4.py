import numpy as np
import tensorflow as tf
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Conv2D, Input
from tensorflow.keras.models import Model

results = {}
inp = Input((None, None, 3))
h = Conv2D(3, 3, activation="relu", name="a")(inp)
net = Model(inp, Conv2D(4, 3, activation="relu", name="b")(h))
layers = [net.get_layer(n).output for n in ("a", "b")]
loss = tf.add_n([tf.reduce_mean(layer ** 2) for layer in layers])
grads = tf.gradients(loss, net.input)[0]
grads /= tf.math.reduce_std(grads) + 1e-8
step = K.function([net.input], [loss, grads])
img = np.random.RandomState(0).rand(1, 9, 9, 3).astype("float32")
for _ in range(3):
    l, g = step([img])
    img = np.clip(img + g * 0.1, -1, 1)
results["img"] = img
