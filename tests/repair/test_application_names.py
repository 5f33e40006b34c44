"""The old names of the layers of ``keras.applications``."""

import pytest
from kerases import keras, layers

import k2compat.backend  # noqa: F401  (the repairs)

OLD_AND_TODAY = [
    ("resnet50", "res2b_branch2a", "conv2_block2_1_conv"),
    ("resnet50v2", "probs", "predictions"),
    ("resnet152v2", "probs", "predictions"),
    ("densenet121", "conv1/conv", "conv1_conv"),
    ("mobilenet_0.50_128", "act_softmax", "predictions"),
    ("mobilenetv2_1.40_224", "Logits", "predictions"),
    ("inception_resnet_v2", "block35_2", "custom_scale_layer_43"),
]


def model_of(name, *names):
    x = inputs = layers.Input((2,))
    for one in names:
        x = layers.Dense(2, name=one)(x)
    return keras.Model(inputs, x, name=name)


@pytest.mark.parametrize(("model", "old", "today"), OLD_AND_TODAY)
def test_layers_are_found_by_their_old_names(model, old, today):
    assert model_of(model, "custom_scale_layer_42", today).get_layer(old).name == today


def test_a_layer_that_has_an_old_name_itself_is_found():
    assert model_of("resnet50", "predictions", "fc1000").get_layer("fc1000").name == "fc1000"


def test_a_block_that_is_not_there_is_missing():
    with pytest.raises(ValueError, match="block35_2"):
        model_of("inception_resnet_v2", "custom_scale_layer_42").get_layer("block35_2")
