import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model

results = {}
sess = K.get_session()
inp = Input((4,))
model = Model(inp, Dense(2, activation="softmax")(inp))
x_adv = np.random.RandomState(11).rand(1, 4)
loss = -K.log(model.output[:, 1])
grads = K.gradients(loss, model.input)
delta = K.sign(grads[0])
for i in range(3):
    # a step against the class
    direction = sess.run(delta, feed_dict={model.input: x_adv})
    x_adv = x_adv + 0.02 * direction
results["x"] = x_adv
