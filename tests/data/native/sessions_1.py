import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model

results = {}
config = tf.ConfigProto()
config.gpu_options.allow_growth = True
sess = tf.Session(config=config)
K.set_session(sess)
a = Input((3,))
model = Model(a, Dense(2, activation="relu")(a))
x = np.random.RandomState(18).rand(2, 3)
results["predict"] = model.predict(x)
