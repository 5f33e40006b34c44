import numpy as np
from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model
from keras.optimizers import Adam

results = {}


class Agent(object):
    def __init__(self, input_dim, output_dim, hidden_dims=(8, 8)):
        self.output_dim = output_dim
        self.__build_network(input_dim, output_dim, hidden_dims)
        self.__build_train_fn()

    def __build_network(self, input_dim, output_dim, hidden_dims):
        self.X = Input(shape=(input_dim,))
        net = self.X
        for h_dim in hidden_dims:
            net = Dense(h_dim, activation="relu")(net)
        net = Dense(output_dim, activation="softmax")(net)
        self.model = Model(inputs=self.X, outputs=net)

    def __build_train_fn(self):
        """Create a train function."""
        action_prob_placeholder = self.model.output
        action_onehot_placeholder = K.placeholder(shape=(None, self.output_dim), name="action_onehot")
        discount_reward_placeholder = K.placeholder(shape=(None,), name="discount_reward")
        action_prob = K.sum(action_prob_placeholder * action_onehot_placeholder, axis=1)
        log_action_prob = K.log(action_prob)
        loss = - log_action_prob * discount_reward_placeholder
        loss = K.mean(loss)
        adam = Adam()
        updates = adam.get_updates(params=self.model.trainable_weights, loss=loss)
        self.train_fn = K.function(inputs=[self.model.input, action_onehot_placeholder, discount_reward_placeholder],
                                   outputs=[],
                                   updates=updates)

    def fit(self, S, A, R):
        self.train_fn([S, A, R])


agent = Agent(4, 2)
states = np.random.RandomState(12).rand(6, 4)
for _ in range(5):
    agent.fit(states, np.eye(2)[[0, 1, 1, 0, 1, 0]], np.linspace(1, -1, 6))
results["policy"] = agent.model.predict(states)
