# Chollet's book, 8.3: with a fetch function and Evaluator
import numpy as np
from keras.layers import Conv2D, Input
from keras.models import Model
from keras import backend as K
from scipy.optimize import fmin_l_bfgs_b

results = {}
img_height, img_width = 8, 8
target = np.random.RandomState(0).rand(1, 8, 8, 3)
inp = Input((8, 8, 3))
net = Model(inp, Conv2D(4, 3, activation="relu", name="conv2")(Conv2D(4, 3, activation="relu", name="conv1")(inp)))
dream = net.input
loss = K.variable(0.)
layer_contributions = {"conv1": 0.5, "conv2": 1.5}
layer_dict = dict([(layer.name, layer) for layer in net.layers])
for layer_name in layer_contributions:
    coeff = layer_contributions[layer_name]
    activation = layer_dict[layer_name].output
    scaling = K.prod(K.cast(K.shape(activation), 'float32'))
    loss = loss - coeff * K.sum(K.square(activation[:, 2: -2, 2: -2, :])) / scaling
grads = K.gradients(loss, dream)[0]
fetch_loss_and_grads = K.function([dream], [loss, grads])


class Evaluator(object):
    def __init__(self):
        self.loss_value = None
        self.grads_values = None

    def loss(self, x):
        assert self.loss_value is None
        x = x.reshape((1, img_height, img_width, 3))
        outs = fetch_loss_and_grads([x])
        loss_value = outs[0]
        grad_values = outs[1].flatten().astype('float64')
        self.loss_value = loss_value
        self.grad_values = grad_values
        return self.loss_value

    def grads(self, x):
        assert self.loss_value is not None
        grad_values = np.copy(self.grad_values)
        self.loss_value = None
        self.grad_values = None
        return grad_values


evaluator = Evaluator()
x, min_val, info = fmin_l_bfgs_b(evaluator.loss, target.flatten(), fprime=evaluator.grads, maxfun=3)
results["min"] = min_val
