"""Explains small convolutional networks by every analyzer: the highest output, outputs that are chosen, and all."""

import innvestigate
import tensorflow as tf
from helpers import positive, values, write
from innvestigate.layers import AddGaussianNoise

tf.compat.v1.disable_eager_execution()
# The noise of SmoothGrad is a random choice, unless it is given.
AddGaussianNoise.call = lambda self, x: x + values(*x.shape[1:])

layers = tf.keras.layers
WRAPPERS = ("integrated_gradients", "smoothgrad")
RULES = (
    *("gradient", "input_t_gradient", "deconvnet", "guided_backprop", "deep_taylor", "lrp.z", "lrp.epsilon"),
    *("lrp.w_square", "lrp.flat", "lrp.alpha_2_beta_1", "lrp.z_plus_fast", "lrp.sequential_preset_b_flat"),
)


def network(*between):
    """Return a network without its softmax."""
    model = tf.keras.models.Sequential(
        [
            layers.Conv2D(3, 3, activation="relu", input_shape=(8, 8, 1)),
            *between,
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(5, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    return innvestigate.model_wo_softmax(positive(model))


x = values(2, 8, 8, 1)
plain, normalized = network(), network(layers.BatchNormalization())
create = innvestigate.create_analyzer
arrays = {rule: create(rule, plain).analyze(x) for rule in RULES}
arrays["bounded"] = create("deep_taylor.bounded", plain, low=-4, high=4).analyze(x)
# These come last: by calling a model, Keras 2.9 gives its layers further inputs, and the first is no first layer then.
arrays.update({rule: create(rule, plain).analyze(x) for rule in WRAPPERS})
# The real thing cannot call a model that explains normalized values, as the wrappers do.
for rule in ("gradient", "deep_taylor", "lrp.epsilon", "lrp.sequential_preset_a"):
    arrays[f"normalized: {rule}"] = create(rule, normalized).analyze(x)
for rule in ("lrp.epsilon", "smoothgrad"):
    chosen = create(rule, plain, neuron_selection_mode="index")
    arrays[f"chosen: {rule}"] = chosen.analyze(x, neuron_selection=[2, 0])
    arrays[f"loaded: {rule}"] = chosen.load(*chosen.save()).analyze(x, neuron_selection=[2, 0])
    arrays[f"all: {rule}"] = create(rule, plain, neuron_selection_mode="all").analyze(x)
write(arrays)
