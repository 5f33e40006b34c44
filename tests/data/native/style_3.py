import numpy as np
import keras.backend as K
from keras.layers import Conv2D, Input
from keras.models import Model

results = {}
shape = (1, 8, 8, 3)
target = K.variable(np.random.RandomState(4).rand(*shape))
generated = K.placeholder(shape)
x = Input(shape[1:])
net = Model(x, Conv2D(4, 3, activation="relu", name="conv")(x))
tensor = K.concatenate([target, generated], axis=0)
maps = net(tensor)
loss = K.mean(K.square(maps[0] - maps[1])) + 0.1 * K.mean(K.abs(generated))
grad = K.gradients(loss, generated)[0]
fetch_loss_and_grads = K.function([generated], [loss, grad])


class Evaluator(object):
    def __init__(self):
        self.loss_value = None
        self.grad_values = None

    def loss(self, x):
        outs = fetch_loss_and_grads([x.reshape(shape)])
        self.loss_value = outs[0]
        self.grad_values = outs[1].flatten().astype("float64")
        return self.loss_value

    def grads(self, x):
        return np.copy(self.grad_values)


evaluator = Evaluator()
start = np.random.RandomState(5).rand(*shape)
results["loss"] = evaluator.loss(start)
results["grads"] = evaluator.grads(start)
