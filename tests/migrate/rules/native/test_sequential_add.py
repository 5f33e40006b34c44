"""Rule native.sequential-add: layers that are added one by one are given at once, where a tape needs their tensors."""

from migrate.cases import check_noop, check_transformed

HEAD = "import keras\nimport tensorflow as tf\nfrom keras.layers import Dense\n"
TAPE = "with tf.GradientTape() as tape:\n    y = keras.Model(model.inputs[0], model.outputs[0])(x)\n"
ADDED = """\
def make():
    model = keras.Sequential()
    model.add(Dense(3))  # first
    # and the last
    model.add(Dense(2, activation="relu",
                    name="last"))
    return model
"""


def test_layers_are_listed():
    after = """\
def make():
    model = keras.Sequential(
        [
            Dense(3),  # first
            # and the last
            Dense(2, activation="relu",
                            name="last"),
        ]
    )
    return model
"""
    check_transformed(HEAD + ADDED + TAPE, HEAD + after + TAPE, "native.sequential-add")


def test_without_a_tape_nothing_is_to_be_done():
    check_noop(HEAD + ADDED, "native.sequential-add")


def test_layers_that_are_added_elsewhere_stay():
    check_noop(
        HEAD + ADDED.replace("    return", "    if deep:\n        model.add(Dense(1))\n    return") + TAPE,
        "native.sequential-add",
    )


def test_what_is_built_otherwise_stays():
    check_noop(HEAD + "model = keras.Sequential([Dense(3)])\n" + TAPE, "native.sequential-add")
