"""Draws saliency maps, class activation maps and activation maximization of a small convolutional network."""

import keras
import numpy as np
from helpers import fixed, values, write
from vis.utils import utils
from vis.visualization import visualize_activation, visualize_cam, visualize_saliency

layers = keras.layers
model = keras.models.Sequential(
    [
        layers.Conv2D(4, 3, activation="relu", input_shape=(10, 10, 3), name="first"),
        layers.MaxPooling2D(name="pool"),
        layers.Conv2D(3, 2, name="second"),
        layers.Activation("relu", name="rectified"),
        layers.Flatten(name="flat"),
        layers.Dense(5, activation="relu", name="hidden"),
        layers.Dense(3, activation="softmax", name="top"),
    ]
)
fixed(model).compile("sgd", "categorical_crossentropy")
x = values(1, 10, 10, 3)
arrays = {"softmax": model.predict(x)}
model.layers[-1].activation = keras.activations.linear
linear = utils.apply_modifications(model)
arrays["linear"] = linear.predict(x)
for modifier in (None, "guided", "rectified"):
    for kind in (None, "absolute", "relu", "negate"):
        name = f"{modifier} {kind}"
        of = {"seed_input": x[0], "backprop_modifier": modifier, "grad_modifier": kind}
        arrays["saliency " + name] = visualize_saliency(linear, -1, 1, **of)
        arrays["cam " + name] = visualize_cam(linear, -1, 2, **of)
    of = {"seed_input": x[0] * 10 + 120, "backprop_modifier": modifier, "max_iter": 5, "input_range": (0.0, 255.0)}
    arrays[f"maximized {modifier}"] = visualize_activation(linear, -1, 0, **of)
    arrays[f"filter {modifier}"] = visualize_activation(linear, 2, 1, **of)
arrays["cam before the pool"] = visualize_cam(linear, -1, 0, x[0], penultimate_layer_idx=0)
write({name: np.asarray(value, "float32") for name, value in arrays.items()})
