"""The benchmarks: options, arithmetic of ratios, the refusal to publish, and a small workload from end to end."""

import ast
import importlib.util
import json

import numpy as np
import pytest
from measurements import measured, timed
from paths import ROOT

from benchmarks import cli, workloads
from benchmarks.contenders import CONTENDERS, CONTROL, REFERENCE, SUBJECT
from benchmarks.curves import SUMMARIES
from benchmarks.measure import MEASURES, QUICK, Plan, contenders_of
from benchmarks.processes import Worker, WorkerError, turns
from benchmarks.ratios import DisagreementError, check_agreement, difference, findings, ratio
from benchmarks.report import duration

pytestmark = pytest.mark.keras3_only

UNDER_PYTHON_37 = [
    "worker.py",
    "contenders.py",
    *(str(path.relative_to(ROOT / "benchmarks")) for path in ROOT.glob("benchmarks/workloads/**/*.py")),
]
SLOWER, FASTER = "tf.function by hand", "eager GradientTape"


def test_ratios_are_paired_by_round():
    # Both sides of the third round were disturbed: the ratio does not see it.
    found = ratio([1.0, 1.1, 50.0, 1.0], [2.0, 2.2, 100.0, 2.0])
    assert (found.low, found.median, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_the_spread_of_a_ratio_is_its_quartiles():
    found = ratio([1.0, 2.0, 3.0, 4.0, 5.0], [1.0] * 5)
    assert (found.low, found.median, found.high) == (2.0, 3.0, 4.0)
    assert str(found) == "3.00 (2.00-4.00)"


def test_a_single_round_has_a_ratio():
    assert ratio([3.0], [2.0]).median == 1.5


def test_rounds_that_do_not_pair_are_refused():
    with pytest.raises(ValueError, match="argument 2"):
        ratio([1.0], [1.0, 2.0])


def test_everyone_is_first_equally_often():
    orders = [list(order) for _, order in turns(["a", "b", "c"], 6)]
    assert all(sorted(order) == ["a", "b", "c"] for order in orders)
    assert [order[0] for order in orders] == ["a", "b", "c"] * 2


def test_losing_is_said_in_words():
    found = findings(measured(**{SUBJECT: [2.0, 2.1, 2.0], REFERENCE: [4.0, 4.0, 4.0], SLOWER: [1.0, 1.0, 1.0]}))
    assert len(found) == len(MEASURES)
    assert found[0] == f"Slower: warm call: 2.00 (2.00-2.05) times as long as {SLOWER}."
    assert not any(REFERENCE in sentence for sentence in found)


def test_a_difference_within_the_spread_is_no_loss():
    found = findings(measured(**{SUBJECT: [1.0, 1.2, 0.8, 1.1], REFERENCE: [1.0, 1.0, 1.0, 1.0]}))
    assert found == [f"{SUBJECT} is slower than no other contender in any measure."]


def test_too_few_rounds_tell_no_loss():
    found = findings(measured(**{SUBJECT: [9.0, 9.0], REFERENCE: [1.0, 1.0]}))
    assert found == [f"{SUBJECT} is slower than no other contender in any measure."]


def test_the_limit_is_called_a_limit():
    found = findings(measured(**{SUBJECT: [2.0] * 3, REFERENCE: [4.0] * 3, "forward pass only": [1.0] * 3}))
    assert "does less work" in found[0]


def test_the_noise_is_told():
    found = findings(measured(**{SUBJECT: [1.0, 1.0], REFERENCE: [2.0, 2.0], CONTROL: [2.2, 2.2]}))
    assert found[-1] == f"Noise: {REFERENCE} against itself in a second process, warm call: 1.10 (1.10-1.10)."


def test_without_the_subject_nothing_is_claimed():
    assert findings(measured(**{REFERENCE: [1.0], FASTER: [2.0]})) == []


def test_agreement_gives_the_largest_difference():
    results = {REFERENCE: {"map": np.array([1.0, -4.0])}, SUBJECT: {"map": np.array([1.0, -4.001]), "more": np.ones(1)}}
    assert check_agreement(results) == pytest.approx(0.001 / 4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"map": np.array([1.0, -4.1])},
        {"map": np.array([1.0, np.nan])},
        {"map": np.array([1.0, -4.0, 0.0])},
        {"other": np.array([1.0, -4.0])},
    ],
    ids=["value", "nan", "shape", "nothing-shared"],
)
def test_disagreement_is_refused(wrong):
    with pytest.raises(DisagreementError, match=SUBJECT):
        check_agreement({REFERENCE: {"map": np.array([1.0, -4.0])}, SUBJECT: wrong})


def test_a_part_of_the_values_may_be_enough():
    expected, found = np.arange(10.0), np.arange(10.0)
    found[3] = 8.0
    assert difference(found, expected, share=0.8) == 0.0
    assert difference(found, expected) == pytest.approx(5 / 9)
    with pytest.raises(DisagreementError):
        check_agreement({REFERENCE: {"map": expected}, SUBJECT: {"map": found}})
    assert check_agreement({REFERENCE: {"map": expected}, SUBJECT: {"map": found}}, share=0.8) == 0.0


@pytest.mark.parametrize("empty", [np.zeros(3), np.full(3, np.nan)], ids=["zeros", "nan"])
def test_results_that_say_nothing_agree_with_nothing(empty):
    assert difference(empty, empty) == np.inf


@pytest.mark.parametrize(
    ("seconds", "text"), [(42e-6, "42 µs"), (0.0042, "4.20 ms"), (0.052, "52 ms"), (5.7, "5700 ms"), (12.34, "12.3 s")]
)
def test_durations_read_well(seconds, text):
    assert duration(seconds) == text


def test_a_report_holds_every_contender_and_measure():
    report = timed("resnet50", **{SUBJECT: [1.0, 1.0], REFERENCE: [2.0, 2.0]})
    markdown = report.markdown()
    assert f"| {SUBJECT} | 1000 ms, 0.50 (0.50-0.50) |" in markdown
    assert f"| {REFERENCE} | 2000 ms |" in markdown
    assert all(title in markdown for title in MEASURES.values())
    assert report.table().row_count == 2
    assert json.loads(json.dumps(report.data()))["ratios"]["call"][SUBJECT]["median"] == 0.5


def test_options_make_the_plan():
    parse = cli.parser().parse_args
    assert cli.plan_of(parse([])) == Plan()
    assert cli.plan_of(parse(["--quick"])) == QUICK
    assert cli.plan_of(parse(["--quick", "--repeats", "7"])).calls == 7


@pytest.mark.parametrize("arguments", [["--repeats", "0"], ["--only", "nothing"], ["--unknown"]])
def test_wrong_options_end_the_run(arguments, capsys):
    with pytest.raises(SystemExit):
        cli.parser().parse_args(arguments)
    assert "usage" in capsys.readouterr().err


def test_the_reference_and_its_repetition_always_run():
    everyone = list(CONTENDERS)
    assert cli.chosen(everyone, None) == everyone
    assert set(cli.chosen(everyone, SUBJECT)) == {SUBJECT, REFERENCE, CONTROL}
    with pytest.raises(ValueError, match="nobody"):
        cli.chosen(everyone, "nobody")


def test_the_real_keras_2_joins_only_when_it_is_there():
    workload = workloads.load("gradient")
    assert "real Keras 2" not in contenders_of(workload, None)
    assert "real Keras 2" in contenders_of(workload, "/legacy/bin/python")


def test_a_workload_may_name_who_takes_part():
    assert set(contenders_of(workloads.load("imports"), "/legacy/bin/python")) == {SUBJECT, "k2compat on Keras 2"}


@pytest.mark.parametrize("name", workloads.names())
def test_a_workload_has_all_its_parts(name):
    workload = workloads.load(name)
    assert workload.__doc__.splitlines()[0]
    assert callable(workload.make)
    assert callable(workload.build)
    assert CONTENDERS[SUBJECT].script in workload.SCRIPTS
    assert set(workload.SCRIPTS) <= {contender.script for contender in CONTENDERS.values()}
    if workloads.is_traced(workload):
        assert list(workload.POINTS) == sorted(workload.POINTS)
        assert len(workload.QUICK_POINTS) <= len(workload.POINTS)
        assert set(workload.SUMMARIES) <= set(SUMMARIES)
        last = getattr(workload, "UNTIL", {})
        assert set(last) <= set(CONTENDERS)
        assert set(last.values()) <= set(workload.POINTS)
    else:
        assert workload.BURST >= 1


def test_a_quick_run_is_of_workloads_and_contenders_there_are():
    assert set(QUICK.workloads) <= set(workloads.names())
    assert set(QUICK.contenders) <= set(CONTENDERS)


def test_a_long_workload_has_fewer_turns():
    plan = Plan().fitted(workloads.load("vgg16_batch8"))
    assert (plan.calls, plan.rebuilds) == (10, 0)
    assert Plan().fitted(workloads.load("gradient")) == Plan()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["input_1", "conv2d", "conv2d_1", "top"], ["input#0", "conv2d#0", "conv2d#1", "last"]),
        (["input_9", "conv2d_96", "conv2d_95", "probs"], ["input#0", "conv2d#1", "conv2d#0", "last"]),
        (["block1_conv1", "block_1_expand", "fc"], ["block1_conv1#0", "block_1_expand#0", "last"]),
    ],
)
def test_layers_have_the_same_name_in_every_keras(names, expected):
    assert workloads.layer_names(names) == expected


@pytest.mark.parametrize("file", UNDER_PYTHON_37)
def test_files_of_the_worker_parse_under_python_37(file):
    ast.parse((ROOT / "benchmarks" / file).read_text(), feature_version=(3, 7))


def test_disagreeing_contenders_publish_nothing(monkeypatch, tmp_path, capsys):
    def disagree(*_):
        raise DisagreementError("k2compat: map is off")

    monkeypatch.setattr(cli, "run", disagree)
    monkeypatch.setattr(cli.compileall, "compile_dir", lambda *_, **__: True)
    assert cli.main(["--json", str(tmp_path / "out.json"), "--markdown", str(tmp_path / "out.md")]) == cli.DISAGREED
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "map is off" in captured.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_failing_contender_is_told_with_its_traceback(tmp_path):
    with Worker("gradient", SUBJECT, tmp_path / "arrays.npz") as worker, pytest.raises(WorkerError, match="arrays.npz"):
        worker.ask("start")


@pytest.mark.slow
def test_a_worker_that_ends_is_told(tmp_path):
    with Worker("gradient", SUBJECT, tmp_path / "arrays.npz") as worker:
        worker.process.kill()
        with pytest.raises(WorkerError, match="ended"):
            worker.ask("start")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_small_workload_runs_from_end_to_end(tmp_path, capsys):
    if not importlib.util.find_spec("tf_keras"):  # looked for only: once it is imported here, all tests would have two
        pytest.skip("the reference contender needs the extra 'bench'")
    file = tmp_path / "out.json"
    options = ["--quick", "--repeats", "2", "--only", "gradient", "--json", str(file)]
    assert cli.main(options) == cli.AGREED, capsys.readouterr().err
    workload = json.loads(file.read_text())["workloads"][0]
    assert workload["agreement"] < 1e-4
    assert set(workload["seconds"]["call"]) == set(QUICK.contenders)
    assert all(len(times) == 2 and min(times) > 0 for times in workload["seconds"]["call"].values())
