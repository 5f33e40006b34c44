# Grad-CAM, saliency, activations, filters and losses as people wrote them; what they give is written to a file.
import sys

import numpy as np
import keras
import tensorflow as tf
from keras import backend as K
from keras.layers import Activation, Conv2D, Dense, Dropout, Flatten, Input, Lambda, Layer, MaxPooling2D
from keras.models import Model, Sequential

keras.utils.set_random_seed(3)
results = {}
X = np.random.RandomState(0).rand(5, 8, 8, 1)

model = Sequential([
    Conv2D(4, (3, 3), activation='relu', input_shape=(8, 8, 1)),
    Conv2D(6, (3, 3), activation='relu', name='last_conv'),
    MaxPooling2D(pool_size=(2, 2)),
    Flatten(),
    Dropout(0.5),
    Dense(3, activation='softmax'),
])

inp = Input((8, 8, 1))
t = Conv2D(4, 3, name="c1", activation="relu")(inp)
t = Conv2D(4, 3, name="c2", activation="tanh")(t)
frozen = Model(inp, Dense(3, activation="softmax")(Flatten()(t)))
for layer in frozen.layers:
    layer.trainable = False

# Grad-CAM of the book
x = X[:1]
preds = frozen.predict(x, verbose=0)
class_output = frozen.output[:, int(np.argmax(preds[0]))]
last_conv_layer = frozen.get_layer("c2")
grads = K.gradients(class_output, last_conv_layer.output)[0]
pooled_grads = K.mean(grads, axis=(0, 1, 2))
iterate = K.function([frozen.input], [pooled_grads, last_conv_layer.output[0]])
pooled_grads_value, conv_layer_output_value = iterate([x])
for i in range(int(pooled_grads.shape[0])):
    conv_layer_output_value[:, :, i] *= pooled_grads_value[i]
results['book'] = conv_layer_output_value


def normalize(x):
    # utility function to normalize a tensor by its L2 norm
    return x / (K.sqrt(K.mean(K.square(x))) + 1e-5)


def grad_cam(input_model, image, cls, layer_name):
    y_c = input_model.output[0, cls]
    conv_output = input_model.get_layer(layer_name).output
    grads = K.gradients(y_c, conv_output)[0]
    # Normalize if necessary
    grads = normalize(grads)
    gradient_function = K.function([input_model.input], [conv_output, grads])

    output, grads_val = gradient_function([image])
    output, grads_val = output[0, :], grads_val[0, :, :, :]
    return np.dot(output, np.mean(grads_val, axis=(0, 1)))


def saliency(input_model, layer_idx=-1):
    inp = input_model.layers[0].input
    outp = input_model.layers[layer_idx].output
    max_outp = K.max(outp, axis=1)
    sal = K.gradients(K.sum(max_outp), inp)[0]
    max_class = K.argmax(outp, axis=1)
    return K.function([inp, K.learning_phase()], [sal, max_class])


def saliency_list(input_model):
    s = K.gradients(K.max(input_model.output), input_model.input)
    return K.function([input_model.input, K.learning_phase()], s)


class Bottleneck:
    def __init__(self, model, layer):
        self.fn = K.function([model.layers[0].input, K.learning_phase()], [model.layers[layer].output])

    def predict(self, data):
        return self.fn([data, 0])[0]


results['grad_cam'] = grad_cam(model, X[:1], 1, 'last_conv')
sal, classes = saliency(model)([X, 0])
results['saliency'], results['classes'] = sal, classes
results['saliency_list'] = saliency_list(model)([X, 0])[0]
results['bottleneck'] = Bottleneck(model, 3).predict(X)

# the loss is made before the loop over the layers
output = model.output[:, 1]
for each in range(2):
    g = K.gradients(output, model.layers[each].output)[0]
    pooled = K.mean(g, axis=(0, 1, 2))
    run = K.function([model.input], [pooled, model.layers[each].output[0]])
    a, b = run([X[:1]])
    results['loop%d' % each] = a

layer_dict = dict([(layer.name, layer) for layer in model.layers])
input_img = model.input
for filter_index in range(3):
    layer_output = layer_dict['last_conv'].output
    if K.image_data_format() == 'channels_first':
        loss = K.mean(layer_output[:, filter_index, :, :])
    else:
        loss = K.mean(layer_output[:, :, :, filter_index])

    # we compute the gradient of the input picture wrt this loss
    grads = K.gradients(loss, input_img)[0]

    # normalization trick: we normalize the gradient
    grads /= (K.sqrt(K.mean(K.square(grads))) + 1e-5)

    # this function returns the loss and grads given the input picture
    iterate = K.function([input_img], [loss, grads])
    input_img_data = np.ones((1, 8, 8, 1)) * 0.5
    for i in range(3):
        loss_value, grads_value = iterate([input_img_data])
        input_img_data += grads_value * 1.
    results['filter%d' % filter_index] = input_img_data

first = model.input
outputs = [layer.output for layer in model.layers]
functors = [K.function([first, K.learning_phase()], [out]) for out in outputs]
for number, outs in enumerate([func([X, 0.]) for func in functors]):
    results['layer%d' % number] = outs[0]
functor = K.function([first] + [K.learning_phase()], outputs)
results['last'] = functor([X, 0])[-1]
two = K.function([model.layers[0].input], [model.layers[1].output, model.layers[-1].output])
results['one'], results['two'] = two([X])
results['middle'] = K.function([model.layers[1].input], [model.layers[3].output])([np.ones((1, 6, 6, 4))])[0]
get_max = K.function([model.input], [K.max(model.output, axis=1)])
results['max'] = get_max([X])[0]
drop = K.function([model.layers[0].input, K.learning_phase()], [model.layers[-2].output])
results['drops'] = np.mean(drop([X, 1])[0] == 0) > np.mean(drop([X, 0])[0] == 0)

smooth = 1.


def dice_coef(y_true, y_pred):
    y_true_f = K.flatten(y_true)
    y_pred_f = K.flatten(y_pred)
    intersection = K.sum(y_true_f * y_pred_f)
    return (2. * intersection + smooth) / (K.sum(y_true_f) + K.sum(y_pred_f) + smooth)


def focal_loss(gamma=2., alpha=.25):
    def focal(y_true, y_pred):
        y_pred = K.clip(y_pred, K.epsilon(), 1. - K.epsilon())
        pt = tf.where(K.equal(y_true, 1), y_pred, K.ones_like(y_pred))
        return -K.sum(alpha * K.pow(1. - pt, gamma) * K.log(pt)) * K.cast(1, K.floatx())
    return focal


def acc(y_true, y_pred):
    return K.mean(K.equal(K.argmax(y_true), K.argmax(y_pred, axis=-1)))


def crossentropy(y_true, y_pred):
    return K.categorical_crossentropy(y_true, y_pred) + K.categorical_crossentropy(y_true, K.softmax(y_pred))


def swish(x):
    return x * K.sigmoid(x)


class Scale(Layer):
    def build(self, input_shape):
        self.w = self.add_weight(name="w", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs):
        x = K.dot(self._signed(inputs), K.expand_dims(self.w) * K.constant([[1, 2, 3]]))
        x = K.concatenate([x, K.reverse(x, axes=1), K.permute_dimensions(x, (0, 1))])
        return K.hard_sigmoid(K.reshape(x, (-1, 9)) + K.std(x, axis=1, keepdims=True)) + K.cumsum(x)[:1, :1]

    def _signed(self, x):
        return K.sign(x) * K.sqrt(x) + K.tile(K.gather(x, [0]), [K.shape(x)[0], 1]) + K.l2_normalize(x, axis=-1)


def distance(vects):
    x, y = vects
    return K.sqrt(K.maximum(K.sum(K.square(x - y), axis=1, keepdims=True), K.epsilon()))


y = np.array([[1., 0., 0.], [0., 1., 0.]], dtype="float32")
q = np.array([[.7, .2, .1], [.4, .5, .1]], dtype="float32")
for f in (dice_coef, focal_loss(), acc, crossentropy):
    results[f.__name__] = np.array(f(tf.constant(y), tf.constant(q)))
a = Input((3,))
h = Activation(swish)(Scale()(a))
d = Lambda(distance)([a, Lambda(lambda t: K.repeat_elements(K.mean(t, axis=1, keepdims=True), 3, 1))(h)])
results['layer'] = Model(a, [h, d]).predict(q - 0.3, verbose=0)[0]
results['distance'] = Model(a, [h, d]).predict(q - 0.3, verbose=0)[1]
results['parameters'] = np.sum([K.count_params(w) for w in model.trainable_weights])
np.savez(sys.argv[1], **results)
