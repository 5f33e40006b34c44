# everything in a class
import numpy as np
from keras.layers import Conv2D, Input
from keras.models import Model
import keras.backend as K
from scipy.optimize import fmin_l_bfgs_b

results = {}


class StyleTransfer:
    def __init__(self, net, content, style):
        self.content, self.style = content, style
        features = net.output
        x = net.input
        target = K.constant(net.predict(content))
        style_target = K.constant(net.predict(style))
        loss = K.sum(K.square(features - target)) + 0.1 * K.sum(K.square(self.gram(features) - self.gram(style_target)))
        self.f = K.function([x], [loss] + K.gradients(loss, x))
        self.grad = None

    def gram(self, x):
        feats = K.batch_flatten(K.permute_dimensions(x[0], (2, 0, 1)))
        return K.dot(feats, K.transpose(feats))

    def loss(self, x):
        loss, grad = self.f([x.reshape(self.content.shape)])
        self.grad = grad.flatten().astype("float64")
        return loss.astype("float64")

    def grads(self, x):
        return self.grad

    def run(self, n):
        x, value, _ = fmin_l_bfgs_b(self.loss, self.content.flatten() * 0.5, fprime=self.grads, maxfun=n)
        return value


a = Input((6, 6, 3))
net = Model(a, Conv2D(3, 3, activation="relu")(a))
rng = np.random.RandomState(0)
results["v"] = StyleTransfer(net, rng.rand(1, 6, 6, 3), rng.rand(1, 6, 6, 3)).run(3)
