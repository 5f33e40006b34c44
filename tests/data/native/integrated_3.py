import numpy as np
import tensorflow as tf
import tensorflow.keras.backend as K
from tensorflow import keras

results = {}
features = keras.Input((3,), name="features")
model = keras.Model(features, keras.layers.Dense(1, activation="sigmoid")(keras.layers.Dense(4, activation="relu")(features)))
STEPS = 20
x = np.random.RandomState(11).normal(size=(2, 3))
path = np.concatenate([x * alpha for alpha in np.linspace(0, 1, STEPS)])
gradient_fn = K.function([features], [K.gradients(model.output, features)[0]])
slopes = gradient_fn([path])[0].reshape(STEPS, 2, 3)
results["attributions"] = slopes.mean(axis=0) * x
