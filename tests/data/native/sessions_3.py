import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential

results = {}
model = Sequential([Dense(3, input_shape=(2,), activation="sigmoid", kernel_initializer="ones")])
K.get_session().run(tf.global_variables_initializer())
x = np.random.RandomState(20).rand(4, 2)
y = K.get_session().run(model.output, {model.input: x})
results["weights"] = [K.get_value(w).sum() for w in model.weights]
results["square"] = K.get_session().run(tf.reduce_sum(tf.square(model.output)), feed_dict={model.input: x})
