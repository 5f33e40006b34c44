'''Neural style transfer, with a small network of its own in place of VGG.'''
from __future__ import print_function

import time

import numpy as np
from keras import backend as K
from keras.layers import AveragePooling2D, Conv2D, Input
from keras.models import Model

content_weight = 0.025
style_weight = 1.0
total_variation_weight = 1e-4
iterations = 6
img_nrows, img_ncols = 48, 64


def pictures():
    """A disc to keep, and stripes whose style to take."""
    yy, xx = np.mgrid[0:img_nrows, 0:img_ncols].astype('float32')
    disc = ((yy - 24) ** 2 + (xx - 32) ** 2 < 15 ** 2).astype('float32')
    content = np.stack([disc * 200, disc * 120 + 40, 90 - disc * 60], axis=-1)
    stripes = np.sin((xx + yy) / 3.0) * 100 + 128
    style = np.stack([stripes, 255 - stripes, np.full_like(stripes, 60.)], axis=-1)
    noise = np.random.RandomState(4).normal(0, 5, (img_nrows, img_ncols, 3))
    return content[None] - 110., style[None] - 110. + noise[None]


base, style = pictures()
base_image = K.variable(base)
style_reference_image = K.variable(style)
if K.image_data_format() == 'channels_first':
    combination_image = K.placeholder((1, 3, img_nrows, img_ncols))
else:
    combination_image = K.placeholder((1, img_nrows, img_ncols, 3))
input_tensor = K.concatenate([base_image, style_reference_image, combination_image], axis=0)

net = Input(tensor=input_tensor)
x = Conv2D(16, (3, 3), activation='relu', padding='same', name='block1_conv1')(net)
x = Conv2D(16, (3, 3), activation='relu', padding='same', name='block1_conv2')(x)
x = AveragePooling2D((2, 2), name='block1_pool')(x)
x = Conv2D(32, (3, 3), activation='relu', padding='same', name='block2_conv1')(x)
x = Conv2D(32, (3, 3), activation='relu', padding='same', name='block2_conv2')(x)
model = Model(net, x)
outputs_dict = dict([(layer.name, layer.output) for layer in model.layers])


def gram_matrix(x):
    assert K.ndim(x) == 3
    features = K.batch_flatten(K.permute_dimensions(x, (2, 0, 1)))
    return K.dot(features, K.transpose(features))


def style_loss(style, combination):
    S = gram_matrix(style)
    C = gram_matrix(combination)
    channels = 3
    size = img_nrows * img_ncols
    return K.sum(K.square(S - C)) / (4. * (channels ** 2) * (size ** 2))


def content_loss(base, combination):
    return K.sum(K.square(combination - base))


def total_variation_loss(x):
    a = K.square(x[:, :img_nrows - 1, :img_ncols - 1, :] - x[:, 1:, :img_ncols - 1, :])
    b = K.square(x[:, :img_nrows - 1, :img_ncols - 1, :] - x[:, :img_nrows - 1, 1:, :])
    return K.sum(K.pow(a + b, 1.25))


loss = K.variable(0.)
layer_features = outputs_dict['block2_conv2']
loss = loss + content_weight * content_loss(layer_features[0, :, :, :], layer_features[2, :, :, :])
feature_layers = ['block1_conv1', 'block2_conv1']
for layer_name in feature_layers:
    layer_features = outputs_dict[layer_name]
    sl = style_loss(layer_features[1, :, :, :], layer_features[2, :, :, :])
    loss = loss + (style_weight / len(feature_layers)) * sl
loss = loss + total_variation_weight * total_variation_loss(combination_image)

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
    return outs[0], outs[1].flatten().astype('float64')


class Evaluator(object):

    def __init__(self):
        self.loss_value = None
        self.grads_values = None

    def loss(self, x):
        assert self.loss_value is None
        self.loss_value, self.grad_values = eval_loss_and_grads(x)
        return self.loss_value

    def grads(self, x):
        assert self.loss_value is not None
        grad_values = np.copy(self.grad_values)
        self.loss_value = None
        self.grad_values = None
        return grad_values


evaluator = Evaluator()
x = base.astype('float64').flatten()
velocity = np.zeros_like(x)
for i in range(iterations):
    start_time = time.time()
    for step in range(5):
        current = evaluator.loss(x)
        g = evaluator.grads(x)
        velocity = 0.8 * velocity - 2.0 * g / (np.abs(g).max() + 1e-8)
        x = x + velocity
    print('Iteration %d: loss %.1f' % (i, current))

print('activations:', K.get_session().run(outputs_dict['block1_pool'],
                                          feed_dict={combination_image: x.reshape((1, img_nrows, img_ncols, 3))}).mean())
