"""REINFORCE on a pole that has to be balanced."""
import argparse
import random

import numpy as np
from keras import backend as K
from keras import layers, optimizers, utils
from keras.models import Model

parser = argparse.ArgumentParser()
parser.add_argument('--episodes', type=int, default=12)
args = parser.parse_args()
np.random.seed(0)
random.seed(0)


class CartPole(object):
    """The classic control problem, as in gym's CartPole-v0."""

    gravity, masscart, masspole, length, force_mag, tau = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02

    def reset(self):
        self.state = np.random.uniform(low=-0.05, high=0.05, size=(4,))
        return self.state

    def step(self, action):
        x, x_dot, theta, theta_dot = self.state
        force = self.force_mag if action == 1 else -self.force_mag
        total = self.masspole + self.masscart
        temp = (force + self.masspole * self.length * theta_dot ** 2 * np.sin(theta)) / total
        thetaacc = (self.gravity * np.sin(theta) - np.cos(theta) * temp) / (
            self.length * (4.0 / 3.0 - self.masspole * np.cos(theta) ** 2 / total))
        xacc = temp - self.masspole * self.length * thetaacc * np.cos(theta) / total
        self.state = np.array([x + self.tau * x_dot, x_dot + self.tau * xacc,
                               theta + self.tau * theta_dot, theta_dot + self.tau * thetaacc])
        done = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 12 * 2 * np.pi / 360
        return self.state, 1.0, done


class Agent(object):

    def __init__(self, input_dim, output_dim, hidden_dims=[32, 32]):
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.__build_network(input_dim, output_dim, hidden_dims)
        self.__build_train_fn()

    def __build_network(self, input_dim, output_dim, hidden_dims):
        self.X = layers.Input(shape=(input_dim,))
        net = self.X
        for h_dim in hidden_dims:
            net = layers.Dense(h_dim)(net)
            net = layers.Activation("relu")(net)
        net = layers.Dense(output_dim)(net)
        net = layers.Activation("softmax")(net)
        self.model = Model(inputs=self.X, outputs=net)

    def __build_train_fn(self):
        action_prob_placeholder = self.model.output
        action_onehot_placeholder = K.placeholder(shape=(None, self.output_dim), name="action_onehot")
        discount_reward_placeholder = K.placeholder(shape=(None,), name="discount_reward")

        action_prob = K.sum(action_prob_placeholder * action_onehot_placeholder, axis=1)
        log_action_prob = K.log(action_prob)
        loss = - log_action_prob * discount_reward_placeholder
        loss = K.mean(loss)

        adam = optimizers.Adam(lr=0.01)
        updates = adam.get_updates(params=self.model.trainable_weights, loss=loss)
        self.train_fn = K.function(inputs=[self.model.input, action_onehot_placeholder, discount_reward_placeholder],
                                   outputs=[loss],
                                   updates=updates)

    def get_action(self, state):
        action_prob = np.squeeze(self.model.predict(np.expand_dims(state, axis=0)))
        action_prob = action_prob.astype('float64') / action_prob.astype('float64').sum()
        return np.random.choice(np.arange(self.output_dim), p=action_prob)

    def fit(self, S, A, R):
        action_onehot = utils.to_categorical(A, num_classes=self.output_dim)
        discount_reward = compute_discounted_R(R)
        return self.train_fn([S, action_onehot, discount_reward])[0]


def compute_discounted_R(R, discount_rate=.99):
    discounted_r = np.zeros_like(R, dtype=np.float32)
    running_add = 0
    for t in reversed(range(len(R))):
        running_add = running_add * discount_rate + R[t]
        discounted_r[t] = running_add
    discounted_r -= discounted_r.mean()
    discounted_r /= discounted_r.std() + 1e-8
    return discounted_r


env = CartPole()
agent = Agent(4, 2)
for episode in range(args.episodes):
    s, done, S, A, R = env.reset(), False, [], [], []
    while not done and len(S) < 60:
        a = agent.get_action(s)
        s2, r, done = env.step(a)
        S.append(s)
        A.append(a)
        R.append(r)
        s = s2
    loss = agent.fit(np.array(S), np.array(A), np.array(R))
    print('episode %d: reward %d, loss %.4f' % (episode, sum(R), loss))

print(K.get_value(agent.model.trainable_weights[-1]))
