"""Explains a small convolutional network by every rule."""

import innvestigate
import innvestigate.utils
import keras
from helpers import fixed, values, write

layers = keras.layers
model = keras.models.Sequential(
    [
        layers.Conv2D(3, 3, activation="relu", input_shape=(8, 8, 1)),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(5, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ]
)
logits = innvestigate.utils.model_wo_softmax(fixed(model))
RULES = (
    *("gradient", "input_t_gradient", "integrated_gradients", "deconvnet", "guided_backprop", "deep_taylor", "lrp.z"),
    *("lrp.epsilon", "lrp.w_square", "lrp.flat", "lrp.alpha_2_beta_1", "lrp.alpha_1_beta_0", "lrp.z_plus"),
)
x = values(2, 8, 8, 1)
write({rule: innvestigate.create_analyzer(rule, logits).analyze(x) for rule in RULES})
