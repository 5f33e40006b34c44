import keras.backend as K
import numpy as np
from keras.layers import Conv2D, Dense, Flatten
from keras.models import Sequential

results = {}


def build_model():
    model = Sequential()
    model.add(Conv2D(4, (3, 3), activation="relu", input_shape=(10, 10, 1)))
    model.add(Conv2D(5, (3, 3), activation="relu", name="conv_2"))
    model.add(Flatten())
    model.add(Dense(4, activation="softmax"))
    return model


def grad_cam(model, image, class_index, layer_name):
    """Return the map of one class."""
    class_output = model.output[:, class_index]
    conv_output = model.get_layer(layer_name).output
    grads = K.gradients(class_output, conv_output)[0]
    gradient_function = K.function([model.input], [conv_output, grads])
    output, grads_val = gradient_function([image])
    # the batch has one picture
    output, grads_val = output[0, :], grads_val[0, :, :, :]
    weights = np.mean(grads_val, axis=(0, 1))
    return np.maximum(np.dot(output, weights), 0)


model = build_model()
picture = np.random.RandomState(1).rand(1, 10, 10, 1)
for index in range(4):
    results["cam%d" % index] = grad_cam(model, picture, index, "conv_2")
