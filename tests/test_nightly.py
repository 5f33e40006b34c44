"""The nets of every night catch what is planted."""

import json

from kerases import keras
from nightly import training_draws
from nightly.training import differences

SEEDS = range(6)


def test_a_difference_between_trainings_is_named():
    expected = {"step 0": [1.0, 2.0], "weight 0": [[0.5, float("nan")]]}
    assert differences(expected, {"step 0": [1.0001, 2.0], "weight 0": [[0.5, float("nan")]]}) == []
    assert differences(expected, {**expected, "step 0": [1.001, 2.0]})[0].startswith("step 0: [1.001 2.")
    assert differences(expected, {**expected, "weight 0": [[0.5, 0.5]]})[0].startswith("weight 0: ")
    assert "shape (1,)" in differences(expected, {**expected, "step 0": [1.0]})[0]
    assert "results ['step 0']" in differences(expected, {"step 0": [1.0, 2.0]})[0]


def test_a_draw_is_plain_data_and_always_the_same():
    for seed in SEEDS:
        description = training_draws.drawn(seed)
        assert json.loads(json.dumps(description)) == description == training_draws.drawn(seed)
    assert len({training_draws.drawn(seed)["optimizer"][0] for seed in range(50)}) == len(training_draws.OPTIMIZERS)


def test_another_rate_makes_another_training():
    description = training_draws.drawn(0)
    found = training_draws.answered(description, keras)
    assert differences(found, training_draws.answered(description, keras)) == []
    name, options = description["optimizer"]
    other = training_draws.answered({**description, "optimizer": [name, {**options, "lr": 3 * options["lr"]}]}, keras)
    assert differences(found, other)
