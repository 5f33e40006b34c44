import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Input
from keras.models import Model

results = {}
base = Input((12, 12, 3))
net = Model(base, Conv2D(3, 3, activation="relu", name="b")(Conv2D(3, 3, activation="relu", name="a")(base)))
settings = {'features': {'a': 0.5, 'b': 1.5}}


def build_dream(model):
    layers = dict([(layer.name, layer) for layer in model.layers])
    loss = 0.
    for name in settings['features']:
        if name not in layers:
            raise ValueError('Layer ' + name + ' not found in model.')
        out = layers[name].output
        if K.image_data_format() == 'channels_first':
            loss += settings['features'][name] * K.mean(K.square(out[:, :, 2:-2, 2:-2]))
        else:
            loss += settings['features'][name] * K.mean(K.square(out[:, 2:-2, 2:-2, :]))
    gradient = K.gradients(loss, model.input)[0]
    gradient /= K.maximum(K.mean(K.abs(gradient)), K.epsilon())
    return K.function([model.input], [loss, gradient])


step = build_dream(net)
x = np.random.RandomState(19).rand(1, 12, 12, 3)
for _ in range(3):
    value, gradient = step([x])
    x = x + 0.05 * gradient
results["image"], results["loss"] = x, value
