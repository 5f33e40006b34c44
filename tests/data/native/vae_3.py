import numpy as np
import tensorflow.keras.backend as K
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Model

results = {}
x = Input((5,))
code = Dense(2, name="code")(x)
decoded = Dense(5, name="decoded")(code)
ae = Model(x, decoded)
ae.add_loss(K.mean(K.sum(K.square(x - decoded), axis=-1)) + 0.1 * K.mean(K.abs(code)))
ae.compile("sgd")
data = np.random.RandomState(2).rand(10, 5)
results["losses"] = ae.fit(data, epochs=2, batch_size=10, shuffle=False, verbose=0).history["loss"]
