import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Input
from keras.models import Model

results = {}
img = Input((12, 12, 3))
model = Model(img, Conv2D(4, 3, activation="relu", name="conv2")(Conv2D(4, 3, activation="relu", name="conv1")(img)))


def deprocess_image(x):
    x -= x.mean()
    x /= x.std() + 1e-5
    x *= 0.1
    return np.clip(x + 0.5, 0, 1)


def generate_pattern(layer_name, filter_index, size=12):
    layer_output = model.get_layer(layer_name).output
    loss = K.mean(layer_output[:, :, :, filter_index])
    grads = K.gradients(loss, model.input)[0]
    grads /= (K.sqrt(K.mean(K.square(grads))) + 1e-5)
    iterate = K.function([model.input], [loss, grads])
    input_img_data = np.random.RandomState(15).random_sample((1, size, size, 3)) * 20 + 128.
    step = 1.
    for i in range(5):
        loss_value, grads_value = iterate([input_img_data])
        input_img_data += grads_value * step
    return deprocess_image(input_img_data[0])


results["pattern"] = generate_pattern("conv2", 1)
