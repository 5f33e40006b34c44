import numpy as np
from keras import backend as K
from keras.layers import Dense, Input
from keras.losses import categorical_crossentropy
from keras.models import Model

results = {}
inp = Input((6,))
model = Model(inp, Dense(3, activation="softmax")(Dense(5, activation="relu")(inp)))
x = np.random.RandomState(9).rand(2, 6)
y = np.eye(3)[[0, 2]]

# the direction in which the loss grows
target = K.placeholder(shape=(None, 3))
loss = categorical_crossentropy(target, model.output)
grads = K.gradients(loss, model.input)[0]
signed = K.sign(grads)
perturb = K.function([model.input, target], [signed])
noise = perturb([x, y])[0]
results["adversarial"] = x + 0.1 * noise
