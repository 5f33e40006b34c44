# Guided Grad-CAM by gradients that speak for the class.
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten, Input
from keras.models import Model

results = {}
inp = Input((8, 8, 1))
model = Model(inp, Dense(2)(Flatten()(Conv2D(3, 3, activation="relu", name="conv")(inp))))
conv_layer = model.get_layer("conv")
x = np.random.RandomState(30).rand(1, 8, 8, 1)
for index in range(2):
    prediction = model.output[:, index]
    grads = K.gradients(prediction, conv_layer.output)[0]
    # only gradients that speak for the class count, and only where the channel is active
    guided_grads = tf.cast(conv_layer.output > 0, "float32") * tf.cast(grads > 0, "float32") * grads
    weights = tf.reduce_mean(guided_grads, axis=(1, 2))
    cam = tf.reduce_sum(tf.multiply(weights[:, tf.newaxis, tf.newaxis, :], conv_layer.output), axis=-1)
    guided_grads_value, cam_value = K.function([model.get_layer(index=0)], [guided_grads, cam])([x])
    results["guided%d" % index], results["cam%d" % index] = guided_grads_value, cam_value
