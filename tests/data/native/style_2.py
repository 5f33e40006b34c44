import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Input
from keras.models import Model

results = {}
height, width = 8, 8
inp = Input((height, width, 3))
h = Conv2D(3, 3, activation="relu", name="conv1")(inp)
vgg = Model(inp, Conv2D(3, 3, activation="relu", name="conv2")(h))
style_layers = ["conv1", "conv2"]
get_features = K.function([vgg.input], [vgg.get_layer(name).output for name in style_layers])
targets = get_features([np.random.RandomState(2).rand(1, height, width, 3)])


def gram(x):
    features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
    return K.dot(features, K.transpose(features))


outputs_dict = dict([(layer.name, layer.output) for layer in vgg.layers])
loss = 0
for name, target in zip(style_layers, targets):
    feature = outputs_dict[name]
    loss = loss + K.sum(K.square(gram(feature[0]) - gram(K.constant(target[0])))) / 4.0
grads = K.gradients(loss, vgg.input)[0]


class Evaluator:
    def __init__(self):
        self.fetch = K.function([vgg.input], [loss, grads])

    def __call__(self, x):
        loss_value, grad_value = self.fetch([x.reshape((1, height, width, 3))])
        return loss_value, grad_value.flatten().astype("float64")


results["loss"], results["grads"] = Evaluator()(np.random.RandomState(3).rand(1, height, width, 3))
