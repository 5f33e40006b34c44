import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model

results = {}
a = Input((5,))
model = Model(a, Dense(3, activation="softmax")(Dense(8, activation="tanh")(a)))
x = np.random.RandomState(8).rand(4, 5)

# how much each feature matters
gradients = K.gradients(model.output, model.input)
f = K.function(model.inputs, gradients)
results["all"] = f([x])[0]
one = K.function([model.input], K.gradients(model.output[:, 1], model.input))
results["one"] = one([x])[0]
