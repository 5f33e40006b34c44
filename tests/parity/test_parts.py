"""Parts of parity: the fixture for test suites, the streams of random numbers, the weights, and the page."""

import random
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import tensorflow as tf

import k2compat.backend  # noqa: F401  (pytester forgets modules that are first imported in its runs)
from k2compat.parity import html, images, parity, report
from k2compat.parity.recording import Recording
from k2compat.parity.side import Parity, Side
from k2compat.parity.verdicts import compare
from k2compat.parity.worker import random_streams
from k2compat.parity.worker.initial_weights import SHAKE, Carrier, shaken
from k2compat.parity.worker.recorder import Recorder

pytest_plugins = ["pytester"]
TEST = """
    import numpy as np
    import pytest
    from kerases import keras
    from k2compat import backend as K

    def test_of_the_team(parity):
        with parity.kept("kept"):
            K.eval(K.variable(np.full(3, {value})))
"""


@pytest.fixture
def team(pytester, monkeypatch):
    """Runs a team's test suite, in which a model gives a value."""

    def run(value, *arguments):
        pytester.makepyfile(TEST.format(value=value))
        return pytester.runpytest_inprocess("-p", "k2compat.parity.pytest_plugin", "-p", "no:randomly", *arguments)

    return run


def test_the_fixture_compares_with_what_is_kept(team):
    missing = team(1.0)
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(["*there is no recording in kept; run pytest --parity-record to make it*"])
    team(1.0, "--parity-record").assert_outcomes(passed=1)
    team(1.0).assert_outcomes(passed=1)
    changed = team(1.001)
    changed.assert_outcomes(failed=1)
    changed.stdout.fnmatch_lines(["*K.eval: DIFFERS, 1.0e-03 apart*"])


def test_the_fixture_refuses_a_block_without_results(team, pytester):
    team(1.0, "--parity-record").assert_outcomes(passed=1)
    empty = "def test_of_the_team(parity):\n    with parity.kept('kept'):\n        pass\n"
    for arguments in ([], ["--parity-record"]):
        pytester.makepyfile(empty)
        done = pytester.runpytest_inprocess("-p", "k2compat.parity.pytest_plugin", "-p", "no:randomly", *arguments)
        done.assert_outcomes(failed=1)
        done.stdout.fnmatch_lines(["*The block of parity.kept recorded no result.*"])


# Weights.


def carrier(folder, reference=None, **more):
    return Carrier(Recorder(str(folder)), reference and str(reference), seed=0, **more)


def made(carrier, *weights):
    """Asks for weights, given as (layer, layer's name, name, shape); those of the reference are their number."""
    drawn = [np.full(shape, number, "float32") for number, (*_, shape) in enumerate(weights)]
    values = [
        carrier.value(*weight[:3], weight[3], lambda seed, array=array: array)
        for weight, array in zip(weights, drawn, strict=True)
    ]
    carrier.finish()
    carrier.recorder.writer.close()
    return [None if value is None else int(value.flat[0]) for value in values]


KERNEL, BIAS = ("Dense", "dense", "kernel", (3, 4)), ("Dense", "dense", "bias", (4,))
OTHER = ("Dense", "dense_1", "kernel", (3, 4))
CONV = ("Conv2D", "conv", "kernel", (3, 3, 1, 4))


def test_weights_are_carried_over_by_order(tmp_path):
    made(carrier(tmp_path / "a"), KERNEL, BIAS, OTHER)
    renamed = [("Dense", f"dense_{number}", *weight[2:]) for number, weight in enumerate((KERNEL, BIAS, OTHER), 7)]
    assert made(carrier(tmp_path / "b", tmp_path / "a"), *renamed) == [0, 1, 2]


def test_weights_in_another_order_are_found_by_name(tmp_path):
    made(carrier(tmp_path / "a"), KERNEL, BIAS, CONV, OTHER)
    assert made(carrier(tmp_path / "b", tmp_path / "a"), CONV, OTHER, KERNEL, BIAS) == [2, 3, 0, 1]


def test_weights_that_are_called_otherwise_are_found_by_their_layer(tmp_path):
    depthwise = ("DepthwiseConv2D", "depthwise_conv2d_1", "depthwise_kernel", (3, 3, 4, 2))
    made(carrier(tmp_path / "a"), CONV, depthwise, KERNEL)
    today = ("DepthwiseConv2D", "depthwise_conv2d", "kernel", (3, 3, 4, 2))
    assert made(carrier(tmp_path / "b", tmp_path / "a"), CONV, today, KERNEL) == [0, 1, 2]


def test_weights_that_do_not_fit_are_told(tmp_path):
    made(carrier(tmp_path / "a"), KERNEL, CONV)
    wrong = ("Dense", "dense", "kernel", (3, 5))
    assert made(carrier(tmp_path / "b", tmp_path / "a"), wrong, CONV) == [None, 1]
    (told,) = report.weights_told(compare(tmp_path / "a", tmp_path / "b"))
    assert "1 NOT carried over (the first: kernel of Dense dense, (3, 5))" in told
    assert "1 of the reference's were not asked for" in told


def test_shaken_weights_move_a_little():
    weights = np.random.RandomState(0).normal(size=1000).astype("float32")
    moved = shaken(weights, 0)
    assert np.sum(moved != weights) > 900
    np.testing.assert_allclose(moved, weights, rtol=1.1 * SHAKE)
    assert moved.dtype == weights.dtype
    counts = np.arange(3)
    assert shaken(counts, 0) is counts


# Random numbers.


@pytest.fixture
def installed():
    """The streams of a side, taken back afterwards."""
    kept = [(np.random, name, getattr(np.random, name)) for name in dir(np.random) if name[0] != "_"]
    kept += [(random, name, getattr(random, name)) for name in random_streams.PYTHONS]
    for owner in (tf, tf.compat.v1, tf.compat.v2):
        kept += [(owner.random, "shuffle", owner.random.shuffle)]
    seeders = ((tf.random, "set_seed"), (tf.compat.v1, "set_random_seed"))
    kept += [(owner, name, getattr(owner, name)) for owner, name in seeders]
    state, pythons = np.random.get_state(), random.getstate()
    yield lambda **more: random_streams.install(tf, **{"seed": 0, "offset": 0, **more})
    for owner, name, value in kept:
        setattr(owner, name, value)
    np.random.set_state(state)
    random.setstate(pythons)


def called_by(module, code):
    """The value of an expression, computed by code of a module of that name."""
    return eval(code, {"__name__": module, "np": np, "random": random})


def test_what_libraries_draw_leaves_the_scripts_numbers_alone(installed):
    expected = np.random.RandomState(0).rand(2)
    installed()
    first = np.random.rand()
    seeds = [called_by(name, "np.random.randint(10**6)") for name in ("keras.backend", "tf_keras.src.backend")]
    called_by("keras.src.random.seed_generator", "random.randint(1, 10**9)")
    assert [first, np.random.rand()] == list(expected)
    assert random.random() == random.Random(0).random()
    installed(offset=1)
    assert [called_by("keras.backend", "np.random.randint(10**6)") for _ in range(2)] != seeds


def test_augmentation_draws_the_scripts_numbers(installed):
    installed()
    drawn = called_by("keras.preprocessing.image", "np.random.uniform()")
    assert drawn == np.random.RandomState(0).uniform()


def test_samples_are_shuffled_alike_whatever_order_they_had(installed):
    installed()
    random_streams.start_training()
    orders = []
    for indices in (np.arange(20), np.arange(20)[::-1].copy()):
        random_streams.start_epoch()
        random_streams._shuffles.epoch = 3
        called_by("keras.engine.training_arrays", "np.random.shuffle")  # the name is looked up there
        eval("np.random.shuffle(i)", {"__name__": "keras.engine.training_arrays", "np": np, "i": indices})
        orders.append(list(indices))
    assert orders[0] == orders[1] != list(range(20))
    random_streams._shuffles.epoch = 4
    eval("np.random.shuffle(i)", {"__name__": "keras.engine.training_arrays", "np": np, "i": indices})
    assert list(indices) != orders[0]


# Pictures and the page.


@pytest.mark.parametrize(
    ("shape", "picture"),
    [
        ((8, 9), (8, 9)),
        ((8, 9, 3), (8, 9, 3)),
        ((8, 9, 1), (8, 9)),
        ((1, 8, 9), (8, 9)),
        ((1, 8, 9, 3), (8, 9, 3)),
        ((5, 8, 9, 1), (8, 9)),
        ((7, 9), None),
        ((1, 8, 9, 16), None),
        ((20, 8, 9), None),
        ((100,), None),
        ((), None),
    ],
)
def test_pictures_are_recognised(shape, picture):
    found = images.as_picture(np.zeros(shape))
    assert (None if found is None else found.shape) == picture


def test_pictures_are_drawn_on_one_scale():
    reference = np.zeros((8, 8))
    found = reference.copy()
    found[2, 3] = 4.0
    (left, scale), (right, _), (difference, own) = images.side_by_side(reference, found)
    assert (scale, own) == ("0 to 4", "0 to 4")
    assert left.shape == right.shape == difference.shape == (160, 160, 3)
    assert np.unique(left.reshape(-1, 3), axis=0).shape == (1, 3)
    assert (right[50, 70] != right[0, 0]).any()
    np.testing.assert_array_equal(right, difference)


def test_pictures_in_colour_keep_their_colours():
    red = np.zeros((8, 8, 3))
    red[:4, :, 0] = 1
    (drawn, _), *_ = images.side_by_side(red, red)
    assert drawn[0, 0].tolist() == [0, 0, 255]  # OpenCV has blue first


class Balanced(HTMLParser):
    """Counts tags that are opened and closed."""

    VOID = {"meta", "img", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        self.open += [tag] * (tag not in self.VOID)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_the_page_shows_pictures_curves_and_differences(tmp_path):
    sides = []
    for name, error in (("reference", 0.0), ("k2compat", 0.01)):
        recorder = Recorder(str(tmp_path / name))
        heatmap = np.linspace(0, 1, 64).reshape(8, 8) + error
        recorder.call(("old<script>.py", 3), "K.function", 1, False, lambda: [heatmap, np.ones(3)], (), {})  # noqa: B023
        recorder.writer.line("training", training=1, file="old<script>.py", line=4, what="model.fit")
        recorder.writer.line(
            "epoch", training=1, losses={"loss": 1.0}, batches={"loss": recorder.writer.array(np.ones(3))}
        )
        recorder.result(("old<script>.py", 4), "model.fit", None, [], training=1)
        recorder.writer.line("end", error=None)
        recorder.writer.close()
        sides.append(Side(name, "graph", "python", "keras", tmp_path / name))
    done = Parity(tmp_path / "old<script>.py", compare(*(side.recording for side in sides)), sides, [])
    text = html.page(done)
    parser = Balanced()
    parser.feed(text)
    assert (parser.open, parser.wrong) == ([], [])
    assert text.count("data:image/png;base64,") == 3
    assert text.count("<svg") == text.count('role="img"') == 2
    assert "width=device-width" in text
    assert "prefers-color-scheme: dark" in text
    assert "<div class=scroll tabindex=0" in text
    assert "old<script>" not in text
    assert re.search(r"<td class=wrong>DIFFERS</td>", text)
    assert done.exit_code == 1


def test_the_library_is_there_without_the_command():
    assert callable(parity)
    assert Recording.__doc__
