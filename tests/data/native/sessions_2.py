import numpy as np
from keras import backend as K
from keras.layers import Dense, Dropout, Input
from keras.models import Model

results = {}
a = Input((3,))
h = Dense(4, activation="tanh", name="hidden")(a)
model = Model(a, Dense(2)(Dropout(0.5)(h)))
x = np.random.RandomState(19).rand(2, 3)
sess = K.get_session()
hidden, out = sess.run([h, model.output], feed_dict={model.input: x, K.learning_phase(): 0})
results["hidden"], results["out"] = hidden, out
