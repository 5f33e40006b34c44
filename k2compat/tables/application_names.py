"""The names that the layers of ``keras.applications`` had in Keras 2, where today's are others."""

from __future__ import annotations

from collections.abc import Iterator

# Blocks of ResNet50 by stage, which were lettered.
STAGES = {2: "abc", 3: "abcd", 4: "abcdef", 5: "abc"}
BLOCKS = {35: 10, 17: 20, 8: 10}
BRANCHES = {"branch2a": 1, "branch2b": 2, "branch2c": 3, "branch1": 0}


def resnet50() -> Iterator[tuple[str, str]]:
    """Yield the names of the layers of ResNet50: that of Keras 2, and today's."""
    yield from (("conv1", "conv1_conv"), ("bn_conv1", "conv1_bn"), ("activation_1", "conv1_relu"))
    number = 1
    for stage, letters in STAGES.items():
        for block, letter in enumerate(letters, start=1):
            prefix = f"conv{stage}_block{block}"
            for branch, part in BRANCHES.items():
                if part or block == 1:
                    yield f"res{stage}{letter}_{branch}", f"{prefix}_{part}_conv"
                    yield f"bn{stage}{letter}_{branch}", f"{prefix}_{part}_bn"
            yield f"add_{(number + 2) // 3}", f"{prefix}_add"
            for layer in ("1_relu", "2_relu", "out"):
                number += 1
                yield f"activation_{number}", f"{prefix}_{layer}"
    yield "fc1000", "predictions"


def inception_resnet() -> Iterator[tuple[str, int]]:
    """Yield the names of the layers that add the blocks of InceptionResNetV2, and their current names."""
    names = [f"block{kind}_{number}" for kind, count in BLOCKS.items() for number in range(1, count + 1)]
    yield from zip(names, range(len(names)), strict=True)


DENSENET = {"conv1/conv": "conv1_conv", "conv1/bn": "conv1_bn", "conv1/relu": "conv1_relu", "fc1000": "predictions"}
# What the name of a model begins with -> {name of a layer in Keras 2: today's, or its place among those of ``SCALED``}.
APPLICATIONS: dict[str, dict[str, str | int]] = {
    **{f"resnet{size}": {"probs": "predictions"} for size in ("50v2", "101", "152")},
    "resnet50": dict(resnet50()),
    "densenet": dict(DENSENET),
    "inception_resnet_v2": dict(inception_resnet()),
    "mobilenet_": {"act_softmax": "predictions"},
    "mobilenetv2_": {"Logits": "predictions"},
}
# What the layers are called whose numbers count on from model to model.
SCALED = "custom_scale_layer"


def names_in(model: str) -> dict[str, str | int]:
    """Return the old names of the layers of a model, by its own name."""
    return next((names for start, names in APPLICATIONS.items() if model.startswith(start)), {})
