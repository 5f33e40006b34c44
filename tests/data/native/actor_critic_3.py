# The gradient of the critic by the action trains the actor, as in DDPG.
import numpy as np
from keras import backend as K
from keras.layers import Concatenate, Dense, Input
from keras.models import Model

results = {}
S = Input((3,), name="state")
A = Input((2,), name="action")
critic = Model([S, A], Dense(1)(Dense(6, activation="relu")(Concatenate()([S, A]))))
action_grads = K.function([critic.input[0], critic.input[1]], K.gradients(critic.output, [critic.input[1]]))


def gradients(states, actions):
    """Return the gradient of the value with regard to the actions."""
    return action_grads([states, actions])


rng = np.random.RandomState(17)
results["grads"] = gradients(rng.rand(4, 3), rng.rand(4, 2))[0]
