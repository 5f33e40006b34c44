"""Draws Grad-CAM heatmaps of small convolutional networks."""

import keras
from eli5.keras.explain_prediction import explain_prediction_keras
from helpers import fixed, values, write

layers = keras.layers
sequential = keras.models.Sequential(
    [
        layers.Conv2D(4, 3, activation="relu", input_shape=(10, 10, 3), name="first"),
        layers.MaxPooling2D(name="pool"),
        layers.Conv2D(3, 2, activation="relu", name="second"),
        layers.GlobalAveragePooling2D(name="mean"),
        layers.Dense(3, activation="softmax", name="top"),
    ]
)
x = layers.Input((10, 10, 3))
y = layers.Conv2D(4, 3, padding="same", name="left")(x)
z = layers.Activation("tanh", name="both")(layers.add([y, layers.Conv2D(4, 1, name="right")(x)]))
functional = keras.models.Model(x, layers.Dense(4)(layers.Flatten()(z)))
picture = values(1, 10, 10, 3)
arrays = {}
CASES = (
    (sequential, None, None),
    (sequential, [1], "first"),
    (sequential, [2], "pool"),
    (functional, None, "both"),
    (functional, [3], -4),
    (functional, [0], functional.get_layer("left")),
)
for number, (model, targets, layer) in enumerate(CASES):
    explained = explain_prediction_keras(fixed(model), picture, targets=targets, layer=layer).targets[0]
    arrays[f"heatmap {number}"] = explained.heatmap
    arrays[f"target and score {number}"] = [float(explained.target), float(explained.score)]
write(arrays)
