import numpy as np
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD

results = {}
model = Sequential([Dense(6, activation="tanh", input_shape=(3,)), Dense(2, activation="softmax")])
optimizer = SGD(lr=0.1)
action = K.placeholder(shape=[None, 2])
discounted_rewards = K.placeholder(shape=[None, ])
# negative log likelihood of what was done
good_prob = K.sum(action * model.output, axis=1)
eligibility = K.log(good_prob) * K.stop_gradient(discounted_rewards)
loss = -K.sum(eligibility)
updates = optimizer.get_updates(model.trainable_weights, [], loss)
train = K.function([model.input, action, discounted_rewards], [loss], updates=updates)
x = np.random.RandomState(13).rand(4, 3)
losses = [train([x, np.eye(2)[[0, 1, 0, 1]], np.ones(4)])[0] for _ in range(4)]
results["losses"] = losses
results["policy"] = model.predict(x)
