import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten
from keras.models import Sequential

results = {}
model = Sequential([Conv2D(4, 3, activation="relu", input_shape=(8, 8, 1), name="conv"), Flatten(), Dense(3)])
target_layer = model.get_layer("conv")
cost = model.output[:, 2]
grads = K.gradients(cost, target_layer.output)[0]
# of first, second and third order, for an exponential score
first_order = K.exp(cost)[0] * grads
second_order = first_order * grads
third_order = second_order * grads
compute = K.function([model.input, K.learning_phase()], [target_layer.output, first_order, second_order, third_order])
outputs = compute([np.random.RandomState(5).rand(1, 8, 8, 1), 0])
maps, one, two, three = [value[0] for value in outputs]
alpha = two / (2 * two + three * maps.sum(axis=(0, 1)) + 1e-7)
results["map"] = np.maximum((np.maximum(one, 0) * alpha).sum(axis=(0, 1)) * maps, 0).sum(-1)
