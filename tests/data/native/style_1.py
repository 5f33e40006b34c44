# Style transfer with L-BFGS, as in the examples of Keras.
import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Input
from keras.models import Model
from scipy.optimize import fmin_l_bfgs_b

results = {}
img_nrows, img_ncols = 8, 8
content_weight, style_weight, total_variation_weight = 0.025, 1.0, 0.01
picture = Input((img_nrows, img_ncols, 3))
h = Conv2D(4, 3, activation="relu", name="block1")(picture)
net = Model(picture, Conv2D(4, 3, activation="relu", name="block2")(h))
content = np.random.RandomState(0).rand(1, 8, 8, 3)
style = np.random.RandomState(1).rand(1, 8, 8, 3)

# get tensor representations of our images
base_image = K.variable(content)
style_reference_image = K.variable(style)

# this will contain our generated image
if K.image_data_format() == 'channels_first':
    combination_image = K.placeholder((1, 3, img_nrows, img_ncols))
else:
    combination_image = K.placeholder((1, img_nrows, img_ncols, 3))

# combine the 3 images into a single Keras tensor
input_tensor = K.concatenate([base_image, style_reference_image, combination_image], axis=0)


def gram_matrix(x):
    assert K.ndim(x) == 3
    features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
    gram = K.dot(features, K.transpose(features))
    return gram


def style_loss(style, combination):
    S = gram_matrix(style)
    C = gram_matrix(combination)
    size = img_nrows * img_ncols
    return K.sum(K.square(S - C)) / (4.0 * (3 ** 2) * (size ** 2))


def content_loss(base, combination):
    return K.sum(K.square(combination - base))


def total_variation_loss(x):
    a = K.square(x[:, :img_nrows - 1, :img_ncols - 1, :] - x[:, 1:, :img_ncols - 1, :])
    b = K.square(x[:, :img_nrows - 1, :img_ncols - 1, :] - x[:, :img_nrows - 1, 1:, :])
    return K.sum(K.pow(a + b, 1.25))


# combine these loss functions into a single scalar
features = net(input_tensor)
loss = K.variable(0.)
loss = loss + content_weight * content_loss(features[0, :, :, :], features[2, :, :, :])
sl = style_loss(features[1, :, :, :], features[2, :, :, :])
loss = loss + style_weight * sl
loss = loss + total_variation_weight * total_variation_loss(combination_image)

# get the gradients of the generated image wrt the loss
grads = K.gradients(loss, combination_image)
outputs = [loss]
if isinstance(grads, (list, tuple)):
    outputs += grads
else:
    outputs.append(grads)
f_outputs = K.function([combination_image], outputs)


def eval_loss_and_grads(x):
    x = x.reshape((1, img_nrows, img_ncols, 3))
    outs = f_outputs([x])
    loss_value = outs[0]
    if len(outs[1:]) == 1:
        grad_values = outs[1].flatten().astype('float64')
    else:
        grad_values = np.array(outs[1:]).flatten().astype('float64')
    return loss_value, grad_values


class Evaluator(object):

    def __init__(self):
        self.loss_value = None
        self.grads_values = None

    def loss(self, x):
        assert self.loss_value is None
        loss_value, grad_values = eval_loss_and_grads(x)
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
x, min_val, info = fmin_l_bfgs_b(evaluator.loss, content.flatten(), fprime=evaluator.grads, maxfun=4)
results["loss"], results["grads"] = eval_loss_and_grads(content * 0.9)
results["min"] = min_val
