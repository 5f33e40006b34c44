import numpy as np
from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model
from keras.optimizers import RMSprop

results = {}


class Actor:
    def __init__(self, inp_dim, out_dim, lr):
        state = Input((inp_dim,))
        self.model = Model(state, Dense(out_dim, activation="softmax")(Dense(6, activation="relu")(state)))
        self.action_pl = K.placeholder(shape=(None, out_dim))
        self.advantages_pl = K.placeholder(shape=(None,))
        self.rms_optimizer = RMSprop(lr=lr, epsilon=0.1, rho=0.99)

    def optimizer(self):
        """Actor optimization: advantages and entropy."""
        weighted_actions = K.sum(self.action_pl * self.model.output, axis=1)
        eligibility = K.log(weighted_actions + 1e-10) * K.stop_gradient(self.advantages_pl)
        entropy = K.sum(self.model.output * K.log(self.model.output + 1e-10), axis=1)
        loss = 0.001 * entropy - K.sum(eligibility)
        updates = self.rms_optimizer.get_updates(self.model.trainable_weights, [], loss)
        return K.function([self.model.input, self.action_pl, self.advantages_pl], [], updates=updates)


actor = Actor(3, 2, 0.01)
train = actor.optimizer()
s = np.random.RandomState(16).rand(4, 3)
for _ in range(3):
    train([s, np.eye(2)[[0, 1, 0, 1]], np.array([1., 0.5, -0.5, 1.])])
results["policy"] = actor.model.predict(s)
