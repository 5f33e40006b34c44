import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten
from keras.models import Sequential
from tensorflow.python.ops import gen_nn_ops

results = {}


@tf.RegisterGradient("GuidedRelu")
def _GuidedReluGrad(op, grad):
    return tf.where(0. < grad, gen_nn_ops.relu_grad(grad, op.outputs[0]), tf.zeros(tf.shape(grad)))


def make():
    model = Sequential()
    model.add(Conv2D(3, 3, activation="relu", input_shape=(6, 6, 1)))
    model.add(Flatten())
    model.add(Dense(5, activation="relu"))
    model.add(Dense(2))
    return model


with tf.get_default_graph().gradient_override_map({"Relu": "GuidedRelu"}):
    model = make()

# gradient of the class score by the picture
score = model.output[:, 1]
grads = K.gradients(score, model.input)[0]
guided = K.function([model.input], [grads])
x = np.random.RandomState(2).rand(3, 6, 6, 1)
results["guided"] = guided([x])[0]
