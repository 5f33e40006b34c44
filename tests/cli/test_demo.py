"""The demo on its shipped files: equal to Keras 2, heatmaps on the digits, and a tester that can fail."""

import ast
import csv
import difflib
import os
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
from PIL import Image

from cli.running import fresh, goldens, run_main
from goldens.compare import difference
from goldens.demo import pictures as drawing
from k2compat.demo import run as demo
from k2compat.demo import shipped

ROOT = Path(__file__).parents[2]
TOLERANCE = 1e-4
SEED, COUNT = 2019, 200


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One run of the demo, with the folder it wrote to and the arrays its script left."""
    out = tmp_path_factory.mktemp("demo") / "new" / "folder"
    arrays = {}

    def collect_and_keep(*arguments):
        arrays.update(original(*arguments))
        return arrays

    original = shipped.collect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shipped, "collect", collect_and_keep)
        before = os.getcwd()
        done = run_main("demo", "--out", out)
        assert os.getcwd() == before
    done.folder, done.arrays = out, arrays
    return done


@pytest.fixture
def rerun(run, monkeypatch, tmp_path):
    """Runs the command again with other goldens, on the arrays of the run there was."""

    def with_goldens(**changed):
        np.savez(tmp_path / "goldens.npz", **{**goldens(), **changed})
        monkeypatch.setattr(shipped, "GOLDENS", tmp_path / "goldens.npz")
        monkeypatch.setattr(demo, "run_script", lambda *_: run.arrays)
        monkeypatch.setattr(demo.pictures, "write", lambda *_: [])
        return run_main("demo", "--out", tmp_path / "out")

    return with_goldens


def boxes():
    """(left, top, right, bottom) of each picture, read without the package's help."""
    with shipped.BOXES.open() as file:
        return [[int(row[side]) for side in ("left", "top", "right", "bottom")] for row in csv.DictReader(file)]


def share_in_boxes(peaks):
    inside = [
        left <= x <= right and top <= y <= bottom
        for (x, y), (left, top, right, bottom) in zip(peaks, boxes(), strict=True)
    ]
    return sum(inside) / len(inside)


def jet_index(picture):
    """The value 0..255 of each pixel of a picture coloured with JET."""
    colours = cv2.applyColorMap(np.arange(256, dtype="uint8")[:, None], cv2.COLORMAP_JET)[:, 0].astype(int)
    distance = np.abs(picture[:, :, None].astype(int) - colours).sum(axis=-1)
    assert distance.min(axis=-1).max() == 0, "a colour that is not in the map"
    return distance.argmin(axis=-1)


def last_line(text):
    return text.strip().splitlines()[-1]


# ---- the run ----


@pytest.mark.slow
def test_the_demo_ends_equal(run):
    assert run.code == 0
    assert last_line(run.out) == "Verdict: EQUAL. All 8 arrays are those of Keras 2."
    assert run.err == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", [*shipped.OF_ALL, *shipped.OF_SHOWN])
def test_every_array_is_that_of_keras_2(run, name):
    golden = goldens()[name]
    assert len(golden) == (COUNT if name in shipped.OF_ALL else shipped.SHOWN)
    problems = [difference(*pair, TOLERANCE) for pair in zip(golden, run.arrays[name], strict=True)]
    assert [problem for problem in problems if problem] == []
    assert np.all(np.abs(golden).reshape(len(golden), -1).max(axis=1) > 0), "an empty golden proves nothing"


@pytest.mark.slow
@pytest.mark.parametrize("peaks", list(shipped.PEAKS))
def test_heatmaps_find_the_digits(run, peaks):
    assert share_in_boxes(goldens()[peaks]) > 0.9
    assert share_in_boxes(run.arrays[peaks]) > 0.9


@pytest.mark.slow
def test_the_printed_hits_are_those_of_the_boxes(run):
    rows = [line for line in run.out.splitlines() if "Keras" in line and " of 200" in line]
    assert len(rows) == 2
    for row, arrays in zip(rows, [goldens(), run.arrays], strict=True):
        for peaks in shipped.PEAKS:
            share = share_in_boxes(arrays[peaks])
            assert f"{round(share * COUNT)} of 200 ({share:.1%})" in row


def test_a_peak_outside_is_no_hit():
    outside = np.array([[left - 1, top] for left, top, _, _ in boxes()])
    assert not shipped.hits(outside).any()
    assert shipped.hits(np.array(boxes())[:, 2:]).all()


@pytest.mark.slow
def test_the_diff_is_printed(run):
    lines = run.out.splitlines()
    assert "-from keras import backend as K" in lines
    assert "+from k2compat import backend as K" in lines


def test_the_scripts_differ_in_the_import_only():
    before, after = (path.read_text().splitlines() for path in (shipped.BEFORE, shipped.AFTER))
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert changed == ["- from keras import backend as K", "+ from k2compat import backend as K"]


# ---- the pictures it writes ----


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "guided_"])
@pytest.mark.parametrize("number", range(shipped.SHOWN))
def test_the_heatmap_shows_the_golden_peak(run, number, prefix):
    written = cv2.imread(str(run.folder / f"picture_{number:03d}_{prefix}heatmap.png"))
    column, row = goldens()[f"{prefix}peaks"][number]
    index = jet_index(written)
    assert index[row, column] == index.max() > 230
    left, top, right, bottom = boxes()[number]
    inside = np.zeros(written.shape[:2], bool)
    inside[top : bottom + 1, left : right + 1] = True
    assert index[inside].mean() > 2 * index[~inside].mean(), "the digit is not what is highlighted"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(shipped.SHOWN))
def test_the_overlay_is_the_picture_under_the_heatmap(run, number):
    name = f"picture_{number:03d}"
    heatmap, overlay = (cv2.imread(str(run.folder / f"{name}_{kind}.png")) for kind in ("heatmap", "overlay"))
    picture = cv2.imread(str(shipped.DATA / "pictures" / f"{name}.png"))
    assert np.abs(0.4 * heatmap + 0.6 * picture - overlay).max() <= 1


@pytest.mark.slow
def test_what_is_said_to_be_written_is(run):
    files = sorted(path.name for path in run.folder.iterdir())
    assert len(files) == 4 * shipped.SHOWN + 2
    assert f"Wrote {len(files)} pictures to {run.folder}; see {run.folder / 'overview.png'} first." in run.out


@pytest.mark.slow
def test_the_picture_of_the_documents_is_the_overview(run):
    documented = np.asarray(Image.open(ROOT / "docs" / "heatmap.png").convert("RGB")).astype(int)
    drawn = np.asarray(Image.open(run.folder / "overview.png").convert("RGB")).astype(int)
    assert documented.shape == drawn.shape
    # A heatmap value on the edge between two of the 256 colours may fall to either side.
    assert np.mean(np.abs(documented - drawn) > 8) < 1e-3


# ---- the tester is tested ----


@pytest.mark.slow
def test_what_the_threshold_allows_is_equal(rerun):
    golden = goldens()["heatmap"]
    golden[17] += 0.3 * TOLERANCE * np.abs(golden[17]).max()
    assert rerun(heatmap=golden).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [*shipped.OF_ALL, *shipped.OF_SHOWN])
def test_a_wrong_golden_is_reported(rerun, name):
    golden = goldens()[name]
    # One value of one picture, and not the picture with the largest values: each is judged by its own.
    picture = np.abs(golden).reshape(len(golden), -1).max(axis=1).argmin()
    golden[picture].flat[5] += 3 * TOLERANCE * np.abs(golden[picture]).max()
    done = rerun(**{name: golden})
    assert done.code == 1
    assert last_line(done.out) == f"Verdict: DIFFERENT from Keras 2 in {name}."
    assert [line.split()[1] for line in done.out.splitlines() if "DIFFERENT" in line][:-1] == [name]


@pytest.mark.slow
def test_a_wrong_shape_is_reported(rerun):
    done = rerun(preds=goldens()["preds"][:, :9])
    assert done.code == 1
    assert "Keras 2 gave (200, 9)" in done.out


@pytest.mark.slow
def test_values_that_are_not_finite_are_told(run, rerun):
    broken = run.arrays["guided"].copy()
    broken[3, 2, 1] = np.nan
    run.arrays["guided"], intact = broken, run.arrays["guided"]
    try:
        done = rerun()
    finally:
        run.arrays["guided"] = intact
    assert done.code == 1
    assert "1 values are not finite" in done.out


def test_a_script_that_stops_is_a_difference(monkeypatch, tmp_path):
    script = tmp_path / "stops.py"
    script.write_text("raise ValueError('no such thing')\n")
    monkeypatch.setattr(shipped, "AFTER", script)
    done = run_main("demo", "--out", tmp_path / "out")
    assert done.code == 1
    assert last_line(done.out).startswith("Verdict: DIFFERENT. The script stopped")
    assert "ValueError: no such thing" in done.err


# ---- what is shipped ----


def test_the_model_was_saved_by_keras_2():
    with h5py.File(shipped.MODEL, "r") as file:
        assert file.attrs["keras_version"] == "2.3.1"
        names = set(file["model_weights"])
    assert {"model_input", "block1_conv1", "block5_conv3"} <= names
    assert shipped.MODEL.stat().st_size < 1_000_000
    assert str(goldens()["recorded_with"]).startswith("Keras 2.3.1 on TensorFlow 1.15")


def test_the_data_is_small():
    assert sum(path.stat().st_size for path in shipped.DATA.rglob("*") if path.is_file()) < 3_200_000


def test_the_pictures_are_those_the_recorder_draws(tmp_path):
    names = shipped.unpack(tmp_path)
    drawn, digits, drawn_boxes = drawing.test_pictures(COUNT, SEED)
    stored = np.stack([np.asarray(Image.open(tmp_path / "pictures" / f"{name}.png")) for name in names])
    assert np.array_equal(stored, drawn)
    assert drawn_boxes.tolist() == boxes()
    assert digits.tolist() == shipped.boxes()["digit"].tolist()


def test_no_digit_is_both_learnt_from_and_tested_with():
    learnt, tested = (drawing.digits(train)[0] for train in (True, False))
    assert len(learnt) + len(tested) == 1797
    assert not {digit.tobytes() for digit in learnt} & {digit.tobytes() for digit in tested}


def test_the_box_is_around_the_digit():
    random = np.random.RandomState(0)
    canvas = np.full((drawing.SIZE, drawing.SIZE, 3), 0.5)
    picture, (left, top, right, bottom) = drawing.with_digit(canvas, drawing.digits(train=True)[0][0], random)
    changed = np.argwhere(np.abs(picture.astype(int) - 128).max(axis=-1) > 60)
    assert np.abs(changed.min(axis=0) - (top, left)).max() <= 1
    assert np.abs(changed.max(axis=0) - (bottom, right)).max() <= 1


@pytest.mark.parametrize("file", [Path(shipped.__file__), *sorted((ROOT / "tests" / "goldens" / "demo").glob("*.py"))])
def test_what_the_recorder_runs_is_python_3_7(file):
    ast.parse(file.read_text(), feature_version=(3, 7))


# ---- in a process of its own ----


def test_help_does_not_wait_for_tensorflow(tmp_path):
    done = fresh("-X", "importtime", "-m", "k2compat", "demo", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "--layer" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "k2compat.cli" in imported
    assert not {"tensorflow", "keras", "numpy", "rich"} & imported


@pytest.mark.slow
def test_the_command_is_quiet_and_equal(tmp_path):
    done = fresh("-m", "k2compat", "demo", cwd=tmp_path)
    assert done.returncode == 0
    assert last_line(done.stdout).startswith("Verdict: EQUAL")
    assert done.stderr == ""
    assert (tmp_path / "k2compat-demo" / "overview.png").exists()
