import numpy as np
from keras import backend as K
from keras.layers import Dense, Dropout, Input
from keras.models import Model

results = {}
a = Input((5,))
net = Model(a, Dense(2, activation="softmax")(Dropout(0.2)(Dense(10, activation="tanh")(a))))
stochastic = K.function([net.input, K.learning_phase()], [net.output])
batch = np.random.RandomState(8).rand(2, 5)
for phase in (0, 1):
    samples = np.stack([stochastic([batch, phase])[0] for _ in range(6)])
    results["still%d" % phase] = samples.std(axis=0).max() < 1e-6
results["mean"] = stochastic([batch, 0])[0]
