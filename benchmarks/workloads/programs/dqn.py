"""Deep Q-learning as it was published again and again: a prediction for each step, a ``fit`` for each replayed one."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from benchmarks.workloads.programs import calls
from benchmarks.workloads.programs.program import SEED, Program, adam

DISCOUNT, EXPLORATION = 0.95, 0.5
REPLAYED = 32
LONGEST = 200


class CartPole:
    """The environment ``CartPole-v0`` of Gym: its equations, without the package."""

    GRAVITY, POLE, TOTAL, LENGTH, FORCE, TAU = 9.8, 0.1, 1.1, 0.5, 10.0, 0.02

    def reset(self, random):
        self.state = random.uniform(-0.05, 0.05, 4)
        return self.state

    def step(self, action):
        x, speed, angle, turning = self.state
        cos, sin = math.cos(angle), math.sin(angle)
        push = self.FORCE if action == 1 else -self.FORCE
        temp = (push + self.POLE * self.LENGTH * turning**2 * sin) / self.TOTAL
        falling = (self.GRAVITY * sin - cos * temp) / (self.LENGTH * (4.0 / 3.0 - self.POLE * cos**2 / self.TOTAL))
        moving = temp - self.POLE * self.LENGTH * falling * cos / self.TOTAL
        change = np.array([speed, moving, turning, falling])
        self.state = self.state + self.TAU * change
        done = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 12 * math.pi / 180
        return self.state, 1.0, done


class Agent:
    """The agent of those programs.

    Args:
        model: gives the value of each action.
        random: the source of its random numbers.
        memory: what it remembers of earlier episodes.
    """

    def __init__(self, model, random, memory=()):
        self.model = model
        self.random = random
        self.memory = deque(memory, maxlen=2000)

    def act(self, state):
        if self.random.rand() <= EXPLORATION:
            return self.random.randint(calls.ACTIONS)
        return int(np.argmax(self.model.predict(state, verbose=0)[0]))

    def play(self, act):
        """Play one episode; return the number of its steps."""
        environment = CartPole()
        state = environment.reset(self.random).reshape(1, -1)
        before = len(self.memory)
        for _ in range(LONGEST):
            action = act(state)
            following, reward, done = environment.step(action)
            following = following.reshape(1, -1)
            self.memory.append((state, action, reward, following, done))
            state = following
            if done:
                break
        return len(self.memory) - before

    def replay(self):
        chosen = self.random.choice(len(self.memory), REPLAYED, replace=False)
        for state, action, reward, following, done in [self.memory[number] for number in chosen]:
            target = reward
            if not done:
                target = reward + DISCOUNT * np.amax(self.model.predict(following, verbose=0)[0])
            values = self.model.predict(state, verbose=0)
            values[0][action] = target
            self.model.fit(state, values, epochs=1, verbose=0)
        return values


def run(kit):
    model = kit.model["values"]
    model.compile(loss="mse", optimizer=adam(kit))
    random = np.random.RandomState(SEED)
    before = Agent(model, random)
    while len(before.memory) < REPLAYED:
        before.play(lambda _state: random.randint(calls.ACTIONS))

    def episode(seed):
        agent = Agent(model, np.random.RandomState(int(seed)), before.memory)
        steps = agent.play(agent.act)
        return {"values": agent.replay(), "steps": np.array(float(steps))}

    return episode


def data(_random):
    return {"inputs": np.arange(8)}


WORKLOADS = {
    "dqn": Program(
        "One episode of a DQN: `predict` for each step of CartPole, then 32 replayed with a `fit` for each",
        {"values": calls.network},
        data,
        run,
        share=0.6,
    )
}
