"""Looks at activations and gradients of a small convolutional network."""

import keract
import numpy as np
from helpers import fixed, values, write
from tensorflow import keras

layers = keras.layers
model = keras.models.Sequential(
    [
        layers.Conv2D(3, 3, activation="relu", input_shape=(6, 6, 1), name="conv"),
        layers.MaxPooling2D(name="pool"),
        layers.Flatten(name="flat"),
        layers.Dense(2, activation="softmax", name="top"),
    ]
)
fixed(model).compile("sgd", "categorical_crossentropy")
x, y = values(4, 6, 6, 1), np.eye(2)[[0, 1, 1, 0]]
weights = keract.get_gradients_of_trainable_weights(model, x, y)
write(
    {
        **{"value of " + name: found for name, found in keract.get_activations(model, x).items()},
        **{f"weight {i}": g for i, g in enumerate(weights.values())},
        **{"gradient of " + name: g for name, g in keract.get_gradients_of_activations(model, x, y).items()},
    }
)
