"""The benchmarks' targets and curves, and the joining of runs: what is printed, drawn and said of measurements."""

import pytest
from measurements import MEMORY, measured, timed, traced

from benchmarks import chart, cli, program_chart, readme, stored, targets, workloads
from benchmarks.contenders import CONTENDERS, CONTROL, EAGER, FROZEN, HAND, KERAS3, OURS, REFERENCE, SUBJECT
from benchmarks.curves import SUMMARIES
from benchmarks.measure import MEASURES, contenders_of
from benchmarks.processes import ROOT
from benchmarks.ratios import findings

pytestmark = pytest.mark.keras3_only


@pytest.mark.parametrize("target", targets.TARGETS, ids=lambda t: f"{t.workload}-{t.measure}-{t.subject}-{t.against}")
def test_a_target_is_about_something_that_is_measured(target):
    workload = workloads.load(target.workload)
    among = contenders_of(workload, "/legacy/bin/python")
    assert target.subject in among
    assert target.against is None or target.against in among
    assert target.measure in (workload.SUMMARIES if workloads.is_traced(workload) else MEASURES)


def test_every_workload_has_a_target():
    assert {target.workload for target in targets.TARGETS} == set(workloads.names())


@pytest.mark.parametrize(
    ("summary", "number"), [("total", 70), ("largest", 40), ("growth", 30), ("steepness", 1.0), ("median", 20)]
)
def test_a_curve_comes_down_to_a_number(summary, number):
    assert SUMMARIES[summary].of([1, 2, 4], [10, 20, 40]) == pytest.approx(number)


def test_what_grows_with_the_square_is_steep():
    assert SUMMARIES["steepness"].of([1, 2, 4], [1, 4, 16]) == 4


@pytest.mark.parametrize(("seconds", "word"), [(0.79, "met"), (0.81, "missed")])
def test_a_ratio_is_judged_by_its_target(seconds, word):
    verdict = verdict_on("gradient", "call", [timed("gradient", **{SUBJECT: [seconds] * 3, REFERENCE: [1.0] * 3})])
    assert verdict.word == word
    assert f"{seconds:.2f} ({seconds:.2f}-{seconds:.2f})" in verdict.row()


@pytest.mark.parametrize(("last", "word"), [(509, "met"), (511, "missed")])
def test_a_value_is_judged_in_its_unit(last, word):
    report = traced("memory", [20, 100, 1000], "MB", ["growth"], **{SUBJECT: [500, 505, last]})
    verdict = verdict_on("memory", "growth", [report])
    assert verdict.word == word
    assert "at most 10 MB" in verdict.row()


def test_what_did_not_run_is_not_called_met():
    assert verdict_on("gradient", "call", []).word == "not measured"
    assert verdict_on("gradient", "call", [timed("gradient", **{SUBJECT: [0.1]})]).word == "not measured"
    assert "| met |" not in targets.markdown(targets.judge([]))


def test_a_missed_target_is_said_in_words():
    verdicts = targets.judge([timed("gradient", **{SUBJECT: [2.0] * 3, REFERENCE: [1.0] * 3})])
    missed, counts = targets.in_words(verdicts)
    assert missed == (
        "Missed: gradient: warm call, k2compat, against compat.v1: 2.00 (2.00-2.00), where at most 0.80 was the target."
    )
    assert counts.startswith(f"Of {len(targets.TARGETS)} targets 0 are met, 1 are missed")


def verdict_on(workload, measure, reports):
    verdicts = [v for v in targets.judge(reports) if (v.target.workload, v.target.measure) == (workload, measure)]
    return verdicts[0]


def test_a_curve_tells_where_it_loses():
    times = {SUBJECT: [4.0, 4.0], REFERENCE: [2.0, 2.0], CONTROL: [2.0, 3.0]}
    report = traced("chain", [10, 20], "s", ["largest"], **times)
    assert report.findings[-1] == f"Noise: {REFERENCE} against itself in a second process: 1.50 (1.50-1.50)."
    assert [SUBJECT, "4 s", "4 s", "4 s, 2.00 (2.00-2.00)"] in report.rows()
    # Two processes tell no loss; three do.
    report.curve.values = {name: values * 2 for name, values in report.curve.values.items()}
    assert report.find()[0] == f"Slower: the largest: 2.00 (2.00-2.00) times as long as {REFERENCE}."


def test_who_stops_early_is_compared_over_what_both_did():
    times = {SUBJECT: [1.0, 1.0, 7.0], REFERENCE: [2.0, 4.0]}
    report = traced("pictures", [1, 2, 3], "s", ["total"], **times)
    assert [SUBJECT, "1 s", "7 s", "9 s, 0.33 (0.33-0.33)"] in report.rows()
    assert [REFERENCE, "2 s", "4 s (up to 2)", "6 s (up to 2)"] in report.rows()


def test_runs_are_joined_from_their_files(tmp_path):
    first = [timed("gradient", **{SUBJECT: [9.0] * 3, REFERENCE: [1.0] * 3})]
    second = [
        traced("memory", [20, 100, 1000], "MB", ["growth"], **MEMORY),
        timed("gradient", **{SUBJECT: [0.5] * 3, REFERENCE: [1.0] * 3}),
    ]
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file, reports in zip(files, (first, second), strict=True):
        stored.write(file, reports)
    joined = stored.read(files)
    assert [report.name for report in joined] == ["gradient", "memory"]
    assert [report.data() for report in joined] == [second[1].data(), second[0].data()]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"workloads": [{}]}'])
def test_a_file_of_something_else_is_refused(content, tmp_path, capsys):
    file = tmp_path / "other.json"
    file.write_text(content)
    assert cli.main(["--from-json", str(file)]) == cli.FAILED
    assert "other.json: expected a file written by --json" in " ".join(capsys.readouterr().err.split())


def test_everything_is_printed_again_from_the_files(tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="charts need the extra 'bench'")
    both = [
        timed(
            "gradient",
            **{SUBJECT: [2.0] * 3, FROZEN: [1.0] * 3, HAND: [1.0] * 3, EAGER: [9.0] * 3, REFERENCE: [1.0] * 3},
        ),
        traced("memory", [20, 100, 1000], "MB", ["growth"], **MEMORY),
        timed("predict", **{SUBJECT: [0.5] * 3, KERAS3: [90.0] * 3, REFERENCE: [1.0] * 3}),
        traced("training_memory", [20, 100, 1000], "MB", ["growth"], **MEMORY),
    ]
    file = tmp_path / "a.json"
    stored.write(file, both)
    pages, drawn = [], []
    for number in range(2):
        page, picture = tmp_path / f"{number}.md", tmp_path / f"{number}.png"
        options = ["--from-json", str(file), "--markdown", str(page), "--chart", str(picture)]
        assert cli.main(options) == cli.AGREED
        pages.append(page.read_text())
        drawn.append([picture.read_bytes(), (tmp_path / f"{number}_programs.png").read_bytes()])
    assert pages[0] == pages[1]
    assert drawn[0] == drawn[1]
    assert all(image.startswith(b"\x89PNG") for image in drawn[0])
    assert "| missed |" in pages[0]
    assert "## memory: what it is" in pages[0]
    assert "Missed: gradient" in capsys.readouterr().out.replace("\n", " ")


def test_a_readme_is_filled_between_its_marks(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(f"before\n\n{readme.START}\nold\n{readme.END}\n\nafter\n")
    reports = [timed(name, **{SUBJECT: [2.0] * 3, REFERENCE: [1.0] * 3}) for name in ("gradient", "predict", "classes")]
    for _ in range(2):
        readme.fill(page, reports, [tmp_path / "docs" / "speed.png"])
    text = page.read_text()
    assert text.startswith(f"before\n\n{readme.START}\n![")
    assert text.endswith(f"{readme.END}\n\nafter\n")
    assert "](docs/speed.png)" in text
    assert "old" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows[0] == "| workload | k2compat's time in that of graph mode |"
    assert [row.split(" | ")[0] for row in rows[2:]] == ["| predict", "| gradient"]
    assert "2.00" in rows[3]


def test_a_readme_has_eight_rows_at_most(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(f"{readme.START}\n{readme.END}\n")
    names = (*readme.FUNCTIONS, *readme.PROGRAMS)
    readme.fill(page, [timed(name, **{SUBJECT: [2.0] * 3, REFERENCE: [1.0] * 3}) for name in names], [])
    rows = [line.split(" | ")[0] for line in page.read_text().splitlines() if line.startswith("|")][2:]
    assert rows == [f"| {name}" for name in (*readme.PROGRAMS, *readme.FUNCTIONS)][: readme.ROWS]


def test_a_readme_without_marks_is_left_alone(tmp_path, capsys):
    page, file = tmp_path / "README.md", tmp_path / "a.json"
    page.write_text(f"{readme.END} {readme.START}")
    stored.write(file, [timed("gradient", **{SUBJECT: [2.0] * 3, REFERENCE: [1.0] * 3})])
    assert cli.main(["--from-json", str(file), "--readme", str(page)]) == cli.FAILED
    assert "expected the marks" in " ".join(capsys.readouterr().err.split())
    assert page.read_text() == f"{readme.END} {readme.START}"


def test_the_readme_of_the_project_has_the_marks():
    text = (ROOT / "README.md").read_text()
    assert text.count(readme.START) == text.count(readme.END) == 1
    assert text.index(readme.START) < text.index(readme.END)


def test_bars_are_drawn_for_what_was_measured():
    half = timed("gradient", **{SUBJECT: [2.0] * 3, REFERENCE: [4.0] * 3})
    alone = timed("policy", **{SUBJECT: [2.0] * 3})
    ((report, target, _),) = chart.bars_of([half, alone])
    assert (report, target.at_most) == (half, 0.80)


def test_every_target_against_the_reference_has_a_name_in_the_chart():
    named = set(chart.NAMES) | set(program_chart.NAMES)
    assert {target.workload for target in targets.TARGETS if target.against == REFERENCE} == named


def test_a_group_stands_for_its_workloads():
    programs = workloads.groups()["programs"]
    assert set(programs) == {*program_chart.NAMES, program_chart.MEMORY}
    assert cli.asked_for(["predict", "programs", "gradient"]) == [
        "predict",
        *(name for name in programs if name != "predict"),
        "gradient",
    ]


def test_what_is_ours_is_no_contender_to_lose_against():
    found = findings(measured(**{SUBJECT: [2.0] * 3, FROZEN: [1.0] * 3, REFERENCE: [4.0] * 3}))
    assert found == [f"{SUBJECT} is slower than no other contender in any measure."]
    assert set(OURS) < set(CONTENDERS)
