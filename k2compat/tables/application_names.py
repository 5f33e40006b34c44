"""The names that the layers of ``keras.applications`` had in Keras 2, where today's are others."""

from __future__ import annotations

from collections.abc import Iterator

# Blocks of ResNet50 by stage, which were lettered.
STAGES = {2: "abc", 3: "abcd", 4: "abcdef", 5: "abc"}
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


# Name of a model -> {name of a layer in Keras 2: today's}.
APPLICATIONS = {"resnet50": dict(resnet50())}
