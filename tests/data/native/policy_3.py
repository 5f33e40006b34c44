import numpy as np
import tensorflow.keras.backend as K
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam

results = {}


def build_policy():
    state = Input((3,))
    return Model(state, Dense(3, activation="softmax")(Dense(7, activation="relu")(state)))


def build_train(policy, lr=0.01):
    advantage = K.placeholder((None, 1))
    taken = K.placeholder((None,), dtype="int32")
    chosen = K.sum(policy.output * K.one_hot(taken, 3), axis=-1, keepdims=True)
    entropy = -K.mean(policy.output * K.log(policy.output + 1e-8))
    loss = -K.mean(K.log(chosen + 1e-8) * advantage) - 0.01 * entropy
    opt = Adam(lr=lr)
    updates = opt.get_updates(loss=loss, params=policy.trainable_weights)
    return K.function([policy.input, taken, advantage], [loss, entropy], updates=updates)


policy = build_policy()
train_step = build_train(policy)
rng = np.random.RandomState(14)
for number in range(4):
    loss, entropy = train_step([rng.rand(5, 3), rng.randint(0, 3, 5), rng.rand(5, 1)])
    results["loss%d" % number] = loss
results["out"] = policy.predict(np.ones((1, 3)))
