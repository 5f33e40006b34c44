import numpy as np
from keras import backend as K
from keras.layers import Dense, Dropout, Input
from keras.models import Model

results = {}
inp = Input((4,))
model = Model(inp, Dense(2)(Dropout(0.4)(Dense(5, activation="relu")(inp))))
outputs = [layer.output for layer in model.layers]  # all layer outputs
functors = [K.function([inp, K.learning_phase()], [out]) for out in outputs]  # evaluation functions
test = np.random.RandomState(13).rand(3, 4)
layer_outs = [func([test, 0]) for func in functors]
for number, outs in enumerate(layer_outs):
    results["layer%d" % number] = outs[0]
