import numpy as np
from keras import backend as K
from keras.layers import Conv2D
from keras.models import Sequential

results = {}


def normalize(x):
    # utility function to normalize a tensor by its L2 norm
    return x / (K.sqrt(K.mean(K.square(x))) + K.epsilon())


model = Sequential([Conv2D(3, 3, activation="relu", input_shape=(10, 10, 1), name="block1"), Conv2D(3, 3, name="block2")])
input_img = model.input
layer_dict = dict([(layer.name, layer) for layer in model.layers[0:]])
kept_filters = []
for filter_index in range(3):
    # we build a loss function that maximizes the activation of the nth filter
    layer_output = layer_dict["block2"].output
    if K.image_data_format() == 'channels_first':
        loss = K.mean(layer_output[:, filter_index, :, :])
    else:
        loss = K.mean(layer_output[:, :, :, filter_index])
    # we compute the gradient of the input picture wrt this loss
    grads = K.gradients(loss, input_img)[0]
    grads = normalize(grads)
    # this function returns the loss and grads given the input picture
    iterate = K.function([input_img], [loss, grads])
    input_img_data = np.random.RandomState(16).random_sample((1, 10, 10, 1))
    for i in range(4):
        loss_value, grads_value = iterate([input_img_data])
        input_img_data += grads_value * 0.5
        if loss_value <= -10.:
            break
    kept_filters.append((input_img_data, loss_value))
for number, (data, value) in enumerate(kept_filters):
    results["filter%d" % number], results["loss%d" % number] = data, value
