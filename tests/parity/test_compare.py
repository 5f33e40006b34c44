"""The tester of parity is tested: what is wrong on one side is found, named, and nothing else is."""

from collections import namedtuple

import numpy as np
import pytest
from helpers import dense_model
from kerases import keras, layers

from k2compat import backend as K
from k2compat import parity
from k2compat.parity import report
from k2compat.parity.alignment import align, by_count
from k2compat.parity.comparison import ATOL, RTOL
from k2compat.parity.differences import BLOCK, Moments, measure, moments_differ
from k2compat.parity.recording import Recording
from k2compat.parity.worker.recorder import Recorder


@pytest.fixture
def side(tmp_path):
    """Makes recordings of results: pairs (what, result), each called in a line of its own number."""

    def make(*results, name=None):
        folder = tmp_path / (name or f"side{len(list(tmp_path.iterdir()))}")
        recorder = Recorder(str(folder))
        for line, (what, result) in enumerate(results, start=1):
            recorder.call(("script.py", line), what, None, False, lambda value: value, (result,), {})
        recorder.writer.line("end", error=None)
        recorder.writer.close()
        return Recording(folder)

    return make


def normal(*shape, seed=0, dtype="float32"):
    return np.random.RandomState(seed).normal(size=shape).astype(dtype)


def verdicts(comparison):
    return [row.verdict for row in comparison.rows]


def test_equal_results_are_equal(side):
    arrays = [normal(3, 4), np.arange(5), np.array(["a", "b"]), np.array(True), np.zeros((0, 2)), 2.5, None]
    comparison = parity.compare(side(("K.eval", arrays)), side(("K.eval", arrays)))
    assert comparison.equal
    assert verdicts(comparison) == ["equal"] * 6
    assert "6 arrays of 1 results: 6 equal." in report.as_text(comparison)
    assert str(comparison) == "6 arrays, equal"


@pytest.mark.parametrize("scale", [1.0, 1e-5, 1e6])
def test_an_error_of_a_thousandth_in_one_element_is_found(side, scale):
    left, right = normal(50, 4) * scale, normal(50, 4) * scale
    right.flat[np.argmax(np.abs(right))] *= np.float32(1.001)
    comparison = parity.compare(side(("K.function", [normal(2), left])), side(("K.function", [normal(2), right])))
    assert verdicts(comparison) == ["equal", "DIFFERS"]
    row = comparison.first_difference
    assert row.value.name == "[1]"
    assert row.measured.at == np.argmax(np.abs(left))
    assert row.measured.relative == pytest.approx(1e-3, rel=1e-2)
    assert not comparison.equal


def test_rounding_is_no_difference(side):
    array = normal(100)
    assert parity.compare(side(("K.eval", array)), side(("K.eval", array * np.float32(1 + 1e-6)))).equal


def test_a_swapped_pair_of_outputs_is_named(side):
    a, b = normal(3), normal(3, seed=1)
    comparison = parity.compare(side(("K.function", [a, b])), side(("K.function", [b, a])))
    assert [row.remark for row in comparison.rows] == ["swapped with [1]", "swapped with [0]"]
    assert verdicts(comparison) == ["DIFFERS", "DIFFERS"]


def test_swapped_outputs_of_two_shapes_are_named_too(side):
    a, b = normal(3), normal(4)
    comparison = parity.compare(side(("K.function", [a, b])), side(("K.function", [b, a])))
    assert [row.remark for row in comparison.rows] == ["swapped with [1]", "swapped with [0]"]


def test_a_stale_result_is_named(tmp_path):
    weights = [normal(3, seed=seed) for seed in range(3)]

    def loop(values, name):
        recorder = Recorder(str(tmp_path / name))
        for value in values:
            recorder.call(("script.py", 7), "K.get_value", None, False, lambda: value, (), {})  # noqa: B023
        recorder.writer.close()
        return Recording(tmp_path / name)

    comparison = parity.compare(loop(weights, "left"), loop([weights[0], weights[0], weights[2]], "right"))
    assert verdicts(comparison) == ["equal", "DIFFERS", "equal"]
    assert comparison.rows[1].remark == "stale: it is the reference's result #1"
    (line,) = report.lines(comparison.rows)
    assert (line.numbers, line.verdict) == ("1-3", "DIFFERS 1 times, first in #2")


@pytest.mark.parametrize(("left", "right"), [("float32", "float64"), ("int32", "int64"), ("float32", "int64")])
def test_a_wrong_dtype_is_a_difference(side, left, right):
    array = np.arange(4)
    comparison = parity.compare(side(("K.eval", array.astype(left))), side(("K.eval", array.astype(right))))
    assert verdicts(comparison) == ["DTYPE DIFFERS"]
    assert comparison.rows[0].remark == f"{left} became {right}"


def test_a_wrong_shape_is_a_difference(side):
    comparison = parity.compare(side(("K.eval", normal(3, 1))), side(("K.eval", normal(3))))
    assert verdicts(comparison) == ["SHAPE DIFFERS"]


def test_what_is_not_finite_has_to_be_so_on_both_sides(side):
    left = np.array([1.0, np.nan, np.inf, -np.inf])
    assert parity.compare(side(("K.eval", left)), side(("K.eval", left))).equal
    for index, value in enumerate([np.nan, 1.0, np.nan, np.inf]):
        right = left.copy()
        right[index] = value
        assert verdicts(parity.compare(side(("K.eval", left)), side(("K.eval", right)))) == ["DIFFERS"]


def test_integers_and_texts_have_no_tolerance(side):
    big = np.array([10**9, 1])
    assert not parity.compare(side(("K.eval", big)), side(("K.eval", big + [1, 0]))).equal
    assert not parity.compare(side(("K.eval", np.array("a"))), side(("K.eval", np.array("b")))).equal


def test_a_result_that_is_missing_does_not_shift_the_others(side):
    results = [("K.eval", normal(3, seed=seed)) for seed in range(4)]
    left, right = side(*results), side(*results)
    del right.events[1]
    comparison = parity.compare(left, right)
    assert verdicts(comparison) == ["equal", "ONLY IN REFERENCE", "equal", "equal"]
    assert [row.number for row in comparison.rows] == [1, 2, 3, 4]
    assert verdicts(parity.compare(right, left)) == ["equal", "ONLY IN K2COMPAT", "equal", "equal"]


def test_results_belong_together_by_their_order_where_places_do_not_count(side):
    left, right = side(("K.eval", normal(3))), side(("K.eval", normal(3)))
    right.events[0].line = 99
    assert not parity.compare(left, right).equal
    assert parity.compare(left, right, places=False).equal


# Random results.


def test_what_the_reference_does_not_repeat_is_random_and_never_equal(side):
    left, right, again = (side(("K.function", [normal(500, seed=seed), np.ones(2)])) for seed in range(3))
    comparison = parity.compare(left, right, again=again)
    assert verdicts(comparison) == ["random", "equal"]
    assert comparison.equal
    # Even where a draw happens to be the same.
    assert verdicts(parity.compare(left, left, again=again)) == ["random", "equal"]


def test_random_results_of_another_distribution_are_a_difference(side):
    left, again = (side(("K.function", normal(500, seed=seed))) for seed in (0, 2))
    for wrong in (normal(500, seed=1) + 1, normal(500, seed=1) * 2):
        comparison = parity.compare(left, side(("K.function", wrong)), again=again)
        assert verdicts(comparison) == ["random, MOMENTS DIFFER"]
        assert not comparison.equal


def test_moments_of_one_distribution_agree():
    wrong = 0
    for seed in range(200):
        draws = [Moments.of(normal(50, seed=3 * seed + part)) for part in range(3)]
        wrong += moments_differ(*draws)
    assert wrong <= 1


def test_moments_are_those_of_numpy():
    array = normal(1000) * 3 + 7
    moments = Moments.of(array)
    assert moments.mean == pytest.approx(array.mean(), rel=1e-5)
    assert moments.deviation == pytest.approx(array.std(), rel=1e-5)
    assert moments.mean_error == pytest.approx(array.std() / np.sqrt(1000), rel=1e-5)


def test_a_difference_may_be_as_large_as_the_reference_moves_itself(side):
    left, right = side(("K.eval", np.ones(3))), side(("K.eval", np.ones(3) * 1.001))
    shaken = [side(("K.eval", np.ones(3) * factor)) for factor in (1.0005, 1.000001)]
    comparisons = [parity.compare(left, right, shaken=run) for run in shaken]
    assert [verdicts(comparison) for comparison in comparisons] == [["sensitive"], ["DIFFERS"]]
    assert [comparison.equal for comparison in comparisons] == [True, False]


# Curves.


def curve(folder, losses, batches=None, ended=True):
    """A recording of one training."""
    recorder = Recorder(str(folder))
    recorder.writer.line("training", training=1, file="script.py", line=3, what="model.fit")
    for index, loss in enumerate(losses):
        given = {"loss": recorder.writer.array(np.asarray(batches[index], "float64"))} if batches else {}
        recorder.writer.line("epoch", training=1, losses={"loss": loss}, batches=given)
    if ended:
        recorder.result(("script.py", 3), "model.fit", None, [], training=1)
    recorder.writer.close()
    return Recording(folder)


def test_curves_tell_where_they_part(tmp_path):
    batches = [[4.0, 3.0], [2.0, 1.5, 1.2]]
    apart = [[4.0, 3.0], [2.0, 1.6, 1.9]]
    comparison = parity.compare(curve(tmp_path / "a", [3, 1.2], batches), curve(tmp_path / "b", [3, 1.9], apart))
    assert [(row.value.name, row.remark) for row in comparison.rows] == [
        ("loss", "apart from epoch 2 on"),
        ("loss by batch", "apart from epoch 2, batch 2 on"),
    ]


def test_curves_may_part_as_fast_as_the_reference_from_itself(tmp_path):
    reference = curve(tmp_path / "a", [4.0, 3.0, 2.0, 1.0])
    shaken = curve(tmp_path / "c", [4.0, 3.0, 2.001, 1.01])
    late = parity.compare(reference, curve(tmp_path / "b", [4.0, 3.0, 2.002, 1.03]), shaken=shaken)
    assert (verdicts(late), late.equal) == (["sensitive"], True)
    assert late.rows[0].remark == "apart from epoch 3 on; the reference itself moves by 1.0e-02"
    early = parity.compare(reference, curve(tmp_path / "d", [4.004, 3.0, 2.0, 1.0]), shaken=shaken)
    assert (verdicts(early), early.equal) == (["DIFFERS"], False)


def test_a_training_that_was_interrupted_is_compared_as_far_as_it_came(tmp_path):
    left, right = curve(tmp_path / "a", [3.0, 2.0, 1.0]), curve(tmp_path / "b", [3.0, 2.0], ended=False)
    comparison = parity.compare(left, right)
    assert verdicts(comparison) == ["SHAPE DIFFERS"]
    assert comparison.rows[0].remark == "(3,) became (2,), equal as far as both go"
    assert not right.events[0].finished


def test_graph_mode_and_today_tell_the_loss_of_batches_alike():
    from k2compat.parity.worker.training_curve import MeanLoss

    losses, sizes = [4.0, 2.0, 1.0], [10, 10, 5]
    means = [np.average(losses[: n + 1], weights=sizes[: n + 1]) for n in range(3)]
    graph, today = MeanLoss(), MeanLoss()
    for batch, (loss, size, mean) in enumerate(zip(losses, sizes, means, strict=True)):
        assert graph.added({"loss": loss, "size": size, "batch": batch, "acc": 0.5})["loss"] == pytest.approx(mean)
        assert today.added({"loss": mean, "acc": 0.5}) == {"loss": mean, "acc": 0.5}


# Large arrays, alignment.


def test_arrays_are_compared_block_by_block(side):
    left = normal(3 * BLOCK + 7)
    right = left.copy()
    right[2 * BLOCK + 5] += 1
    row = parity.compare(side(("K.eval", left)), side(("K.eval", right))).rows[0]
    assert isinstance(row.a.load(), np.memmap)
    assert (row.measured.at, row.measured.scale) == (2 * BLOCK + 5, np.abs(left).max())
    assert row.measured.absolute == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "int8", "uint64", "bool"])
def test_every_kind_of_number_is_measured(dtype):
    a = np.arange(6).reshape(2, 3).astype(dtype)
    b = a.copy()
    b[1, 0] = ~b[1, 0] if dtype == "bool" else 5
    assert measure(a, a).absolute == measure(a, a).unlike == 0
    assert measure(a, b).at == 3
    assert measure(a, b).absolute == 2 or dtype == "bool"


def test_alignment_pairs_what_belongs_together():
    pairs = list(align("abcabc", "abxbc", str))
    assert [pair for pair in pairs if None not in pair] == [("a", "a"), ("b", "b"), ("b", "b"), ("c", "c")]
    assert "".join(left for left, _ in pairs if left) == "abcabc"
    assert "".join(right for _, right in pairs if right) == "abxbc"


def test_alignment_of_what_is_too_long_goes_by_count():
    pairs = list(by_count("aab", "abc", "aab", "abc"))
    assert sorted(pairs, key=str) == sorted([("a", "a"), ("a", None), ("b", "b"), (None, "c")], key=str)


# Recording inside a program.


def test_a_program_records_what_it_pulls_out():
    model = dense_model()
    model.compile("sgd", "mse")
    x, y = normal(8, 4), normal(8, 3)
    grads = K.gradients(model.output, model.input)
    with parity.record() as recording:
        function = K.function([model.input], grads)
        function([x])
        K.eval(K.constant([1.0, 2.0]))
        K.get_value(model.layers[1].kernel)
        predicted = model.predict(x, verbose=0)
        model.train_on_batch(x, y)
        model.fit(x, y, epochs=2, batch_size=4, verbose=0)
        K.get_session().run({"out": model.output}, {model.input: x})
    whats = [event.what for event in recording.events]
    assert whats[:4] == ["K.function", "K.eval", "K.get_value", "model.predict"]
    assert whats[4:] == ["model.train_on_batch", "model.fit", "session.run"]
    assert all(event.file == __file__ for event in recording.events)
    assert recording.events[0].line + 1 == recording.events[1].line
    fit = {value.name: value for value in recording.events[5].values}
    assert fit["loss"].shape == (2,)
    assert (fit["loss by batch"].shape, fit["loss by batch"].epochs) == ((4,), [2, 2])
    assert [value.name for value in recording.events[6].values] == ["['out']"]
    np.testing.assert_array_equal(recording.events[3].values[0].load(), predicted)
    assert recording.ended
    assert recording.error is None


def test_recording_leaves_nothing_behind():
    before = {name: getattr(K, name) for name in ("function", "eval", "get_value")}, keras.Model.predict
    with pytest.raises(ZeroDivisionError), parity.record() as recording:
        K.eval(K.constant(1.0))
        1 / 0  # noqa: B018
    assert ({name: getattr(K, name) for name in before[0]}, keras.Model.predict) == before
    assert "ZeroDivisionError" in recording.error
    assert len(recording.events) == 1


def test_only_the_outermost_call_is_recorded():
    model = dense_model()
    with parity.record() as recording:
        K.batch_get_value(model.weights)
    assert [event.what for event in recording.events] == ["K.batch_get_value"]


def test_what_callbacks_pull_out_is_recorded():
    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            K.get_value(self.model.layers[1].kernel)

    model = dense_model()
    model.compile("sgd", "mse")
    with parity.record() as recording:
        model.fit(normal(4, 4), normal(4, 3), epochs=2, verbose=0, callbacks=[Watch()])
    assert [event.what for event in recording.events] == ["K.get_value", "K.get_value", "model.fit"]


def test_a_change_of_the_model_is_found_in_a_program():
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3)])
    x = normal(2, 4)

    def work():
        with parity.record() as recording:
            model.predict(x, verbose=0)
        return recording

    first = work()
    assert parity.compare(first, work()).equal
    K.set_value(model.layers[0].bias, [0.0, 1e-2, 0.0])
    assert str(parity.compare(first, work())).endswith("model.predict: DIFFERS")


def test_indexed_slices_are_recorded_dense(side):
    IndexedSlicesValue = namedtuple("IndexedSlicesValue", ["values", "indices", "dense_shape"])  # private
    values = IndexedSlicesValue(np.ones((2, 3), "float32"), np.array([1, 1]), np.array([4, 3]))
    dense = np.zeros((4, 3), "float32")
    dense[1] = 2
    assert parity.compare(side(("session.run", values)), side(("session.run", dense))).equal


def test_tolerances_can_be_chosen(side):
    left, right = side(("K.eval", np.ones(3))), side(("K.eval", np.ones(3) * 1.01))
    assert not parity.compare(left, right).equal
    assert parity.compare(left, right, rtol=0.02).equal
    assert parity.compare(left, right, atol=0.02).equal
    assert (RTOL, ATOL) == (1e-4, 1e-8)
