import numpy as np
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import Adam

results = {}


class A2CAgent:
    def __init__(self, state_size, action_size):
        self.state_size = state_size
        self.action_size = action_size
        self.actor, self.critic = self.build_model()
        self.optimizer = [self.actor_optimizer(), self.critic_optimizer()]

    def build_model(self):
        actor = Sequential([Dense(8, input_dim=self.state_size, activation="relu"), Dense(self.action_size, activation="softmax")])
        critic = Sequential([Dense(8, input_dim=self.state_size, activation="relu"), Dense(1)])
        return actor, critic

    # make loss function for Policy Gradient
    def actor_optimizer(self):
        action = K.placeholder(shape=(None, self.action_size))
        advantages = K.placeholder(shape=(None, ))
        policy = self.actor.output
        good_prob = K.sum(action * policy, axis=1)
        eligibility = K.log(good_prob + 1e-10) * K.stop_gradient(advantages)
        loss = -K.sum(eligibility)
        entropy = K.sum(policy * K.log(policy + 1e-10), axis=1)
        actor_loss = loss + 0.01 * entropy
        optimizer = Adam(lr=0.01)
        updates = optimizer.get_updates(self.actor.trainable_weights, [], actor_loss)
        train = K.function([self.actor.input, action, advantages], [], updates=updates)
        return train

    # make loss function for Value approximation
    def critic_optimizer(self):
        discounted_reward = K.placeholder(shape=(None, ))
        value = self.critic.output
        loss = K.mean(K.square(discounted_reward - value))
        optimizer = Adam(lr=0.01)
        updates = optimizer.get_updates(self.critic.trainable_weights, [], loss)
        train = K.function([self.critic.input, discounted_reward], [], updates=updates)
        return train

    def train_model(self, states, actions, rewards):
        values = self.critic.predict(states).reshape(-1)
        self.optimizer[0]([states, actions, rewards - values])
        self.optimizer[1]([states, rewards])


agent = A2CAgent(3, 2)
states = np.random.RandomState(15).rand(5, 3)
for _ in range(3):
    agent.train_model(states, np.eye(2)[[0, 1, 1, 0, 1]], np.linspace(0, 1, 5))
results["actor"] = agent.actor.predict(states)
results["critic"] = agent.critic.predict(states)
