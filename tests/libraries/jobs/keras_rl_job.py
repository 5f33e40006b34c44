"""Trains a DQN agent for a few steps in a world of numbers."""

import random

import keras
import numpy as np
from helpers import fixed, values, write
from rl.agents.dqn import DQNAgent
from rl.core import Env
from rl.memory import SequentialMemory
from rl.policy import GreedyQPolicy


class World(Env):
    """States that are known beforehand."""

    def __init__(self):
        self.states = values(200, 3)
        self.number = 0

    def reset(self):
        self.number += 1
        return self.states[self.number]

    def step(self, action):
        self.number += 1
        return self.states[self.number], float(action) + float(self.states[self.number][0]), self.number % 10 == 0, {}

    def close(self):
        """There is nothing to close."""


model = keras.models.Sequential([keras.layers.Flatten(input_shape=(1, 3)), keras.layers.Dense(2)])
fixed(model)
arrays = {}
# Below 1 the target network is moved in each step: before or after the network, in Keras 2 that is left to chance.
for steps in (3, 5):
    random.seed(3)
    np.random.seed(3)
    memory = SequentialMemory(limit=50, window_length=1)
    arguments = {"nb_steps_warmup": 5, "batch_size": 4, "policy": GreedyQPolicy(), "target_model_update": steps}
    agent = DQNAgent(model, memory=memory, nb_actions=2, **arguments)
    # Whether Adam of Keras 2 reads its step counter before or after it moves is left to chance.
    agent.compile(keras.optimizers.SGD(lr=1e-2, momentum=0.9), metrics=["mae"])
    agent.fit(World(), nb_steps=30, verbose=0)
    for number, weight in enumerate(agent.model.get_weights() + agent.target_model.get_weights()):
        arrays[f"update {steps}, weight {number}"] = weight
write(arrays)
