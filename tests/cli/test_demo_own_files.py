"""``demo --model --image``: models and pictures of all kinds are drawn, what cannot be used is told in one line."""

import shutil
import warnings
import zipfile

import cv2
import h5py
import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from cli.running import fresh, goldens, run_main
from goldens.compare import difference
from k2compat.cli import main
from k2compat.demo import own_files, shipped

SIZE = 16


@pytest.fixture
def folder(tmp_path):
    """A folder with a picture, cat.png, and room for models."""
    noise = np.random.RandomState(1).randint(0, 256, (30, 40, 3)).astype("uint8")
    Image.fromarray(noise).save(tmp_path / "cat.png")
    return tmp_path


def save(model, folder, name="my.h5"):
    path = folder / name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's own, about its way to read weights
        model.save(path)
    return path


def classifier(*body, channels=3, size=SIZE):
    """A Sequential classifier of pictures, of six classes."""
    pooling = layers.GlobalAveragePooling2D(name="pool")
    dense = layers.Dense(6, activation="softmax", name="predictions")
    return keras.Sequential([layers.Input((size, size, channels)), *body, pooling, dense])


def convolutions(*names):
    return [layers.Conv2D(4, 3, padding="same", activation="relu", name=name) for name in names]


def draw(folder, model, image="cat.png", **options):
    extra = [text for name, value in options.items() for text in (f"--{name}", value)]
    return run_main("demo", "--model", folder / model, "--image", folder / image, "--out", folder / "out", *extra)


def arrays(folder, picture="cat"):
    with np.load(folder / "out" / f"{picture}.npz") as file:
        return {name: file[name] for name in file.files}


def refused(done):
    """The one line of a refusal."""
    assert done.code == 2
    assert done.out == ""
    (line,) = done.err.splitlines()
    assert line.startswith("k2compat demo: ")
    return line.removeprefix("k2compat demo: ")


# ---- what is drawn ----


def test_the_shipped_model_as_ones_own_gives_the_goldens(tmp_path):
    picture = shipped.shown_pictures()[3]
    done = run_main("demo", "--model", shipped.MODEL, "--image", picture, "--out", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    found = arrays(tmp_path, picture.stem)
    for name in (*shipped.OF_ALL, *shipped.OF_SHOWN):
        assert difference(goldens()[name][3], found[name], 1e-4) is None, name
    digit, (column, row) = shipped.boxes()["digit"][3], goldens()["peaks"][3]
    assert f"Class {digit} of 0 to 9" in done.out
    assert f"peak is at column {column}, row {row} of 96x96" in done.out


def test_every_file_that_is_named_is_there(folder):
    save(classifier(*convolutions("first", "second")), folder)
    done = draw(folder, "my.h5")
    named = [line.partition(": ")[2] for line in done.out.splitlines() if str(folder) in line]
    assert len(named) == 1 + len(own_files.KINDS)
    for path in named[1:]:
        with Image.open(path) as picture:
            assert picture.size == (40, 30), "as large as the user's picture"


def test_names_with_quotes_and_brackets_are_kept(tmp_path):
    folder = tmp_path / 'my "red" [bold]\\files :+1:'
    folder.mkdir()
    shutil.copy(shipped.MODEL, folder / "my.h5")
    shutil.copy(shipped.shown_pictures()[0], folder / 'a "cat".png')
    done = draw(folder, "my.h5", image='a "cat".png')
    assert (done.code, done.err) == (0, "")
    overlay = folder / "out" / 'a "cat"_overlay.png'
    assert overlay.is_file()
    assert f"Overlay: {overlay}" in done.out.splitlines()


def test_the_script_it_writes_runs_by_itself(folder):
    """Run in this process, it leaves the same arrays again."""
    save(classifier(*convolutions("first", "second")), folder)
    assert draw(folder, "my.h5").code == 0
    before = arrays(folder)
    (folder / "out" / "cat.npz").unlink()
    shipped.run_script(folder / "out" / own_files.SCRIPT, folder)
    assert all(np.array_equal(before[name], again) for name, again in arrays(folder).items())


@pytest.mark.parametrize(("layer", "chosen"), [(None, "second"), ("first", "first"), ("second", "second")])
def test_the_layer(folder, layer, chosen):
    model = classifier(layers.Conv2D(4, 3, name="first"), layers.Conv2D(5, 3, name="second"))
    save(model, folder)
    done = draw(folder, "my.h5", **({"layer": layer} if layer else {}))
    assert done.code == 0
    assert f"Layer {chosen}," in done.out
    maps = keras.Model(model.inputs, model.get_layer(chosen).output)
    assert arrays(folder)["heatmap"].shape == maps.output_shape[1:3]


@pytest.mark.parametrize("name", ["my.h5", "my.hdf5", "my.keras"])
def test_the_kinds_of_model_files(folder, name):
    save(classifier(*convolutions("only")), folder, name)
    done = draw(folder, name)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_channels_of_the_model(folder, channels):
    model = classifier(*convolutions("only"), channels=channels)
    save(model, folder)
    assert draw(folder, "my.h5").code == 0
    color_mode = {1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
    picture = keras.utils.load_img(folder / "cat.png", target_size=(SIZE, SIZE), color_mode=color_mode)
    x = keras.utils.img_to_array(picture)[None] / 255.0
    assert np.allclose(arrays(folder)["preds"], model(x)[0], atol=1e-6)


def test_a_model_of_any_size_gets_the_picture_as_it_is(folder):
    save(classifier(*convolutions("only"), size=None), folder)
    assert draw(folder, "my.h5").code == 0
    assert arrays(folder)["heatmap"].shape == (30, 40)


def test_a_model_that_scales_pixels_gets_them_as_they_are(folder):
    model = classifier(layers.Rescaling(1 / 255), *convolutions("only"))
    save(model, folder, "my.keras")
    done = draw(folder, "my.keras")
    assert "0 to 255, as the model scales them itself" in done.out
    picture = keras.utils.load_img(folder / "cat.png", target_size=(SIZE, SIZE))
    assert np.allclose(arrays(folder)["preds"], model(keras.utils.img_to_array(picture)[None])[0], atol=1e-6)


def nested_model(kind):
    """A classifier around a sub-model, as transfer learning makes them."""
    inputs = layers.Input((SIZE, SIZE, 3), name="inner_input")
    base = keras.Model(inputs, convolutions("inner_conv")[0](inputs), name="base")
    if kind == "sequential":
        return classifier(base)
    pictures = layers.Input((SIZE, SIZE, 3), name="pictures")
    pooled = layers.GlobalAveragePooling2D(name="pool")(base(pictures))
    return keras.Model(pictures, layers.Dense(6, activation="softmax")(pooled))


@pytest.mark.parametrize("kind", ["functional", "sequential"])
@pytest.mark.parametrize("options", [{}, {"layer": "base"}], ids=["default", "by-name"])
def test_a_sub_model_is_looked_at_from_outside(folder, kind, options):
    model = nested_model(kind)
    save(model, folder)
    done = draw(folder, "my.h5", **options)
    assert (done.code, done.err) == (0, "")
    assert "Layer base, 16x16 maps" in done.out
    # The gradient of mean pooling and a dense layer can be written down.
    found = arrays(folder)
    kernel, probabilities = model.layers[-1].get_weights()[0], found["preds"]
    best = probabilities.argmax()
    gradient = probabilities[best] * (kernel[:, best] - kernel @ probabilities) / SIZE**2
    assert difference(gradient, found["pooled_grads"], 1e-3) is None


# ---- what is refused ----


def test_a_picture_that_is_not_written_is_reported(folder, monkeypatch):
    """cv2.imwrite does not raise."""
    monkeypatch.setattr(cv2, "imwrite", lambda *_: False)
    shutil.copy(shipped.MODEL, folder / "my.h5")
    told = refused(draw(folder, "my.h5"))
    assert told.startswith(f"OpenCV could not write {folder / 'out' / 'cat_heatmap.png'}, ")


def test_a_wrong_layer_lists_those_there_are(folder):
    save(classifier(*convolutions("first", "second"), layers.Dropout(0.5, name="drop")), folder)
    told = refused(draw(folder, "my.h5", layer="block5_conv3"))
    assert told == f"{folder / 'my.h5'} has no layer block5_conv3; convolutional layers: first, second"


def test_a_layer_without_maps_is_refused(folder):
    save(classifier(*convolutions("first", "second")), folder)
    told = refused(draw(folder, "my.h5", layer="pool"))
    assert told == "layer pool gives (None, 4), not maps; convolutional layers: first, second"


def test_a_layer_inside_a_sub_model_is_explained(folder):
    save(nested_model("functional"), folder)
    told = refused(draw(folder, "my.h5", layer="inner_conv"))
    assert "has layer inner_conv only inside its sub-model base, a graph apart" in told
    assert told.endswith("convolutional layers: base (a sub-model, taken as a whole)")


def test_a_sub_model_that_gives_no_maps_is_explained(folder):
    base = keras.Sequential(
        [layers.Input((SIZE, SIZE, 3)), *convolutions("inner_conv"), layers.GlobalAveragePooling2D()], name="base"
    )
    path = save(keras.Sequential([layers.Input((SIZE, SIZE, 3)), base, layers.Dense(2)]), folder)
    told = refused(draw(folder, "my.h5"))
    assert told.startswith(f"{path} has its convolutional layers inside its sub-model base, a graph apart")


def two_inputs():
    first, second = (layers.Input((SIZE, SIZE, 3)) for _ in range(2))
    y = layers.GlobalAveragePooling2D()(convolutions("only")[0](first + second))
    return keras.Model([first, second], layers.Dense(2)(y))


def two_outputs():
    pictures = layers.Input((SIZE, SIZE, 3))
    y = layers.GlobalAveragePooling2D()(convolutions("only")[0](pictures))
    return keras.Model(pictures, [layers.Dense(2)(y), layers.Dense(2)(y)])


UNUSABLE_MODELS = {
    "no convolution": (
        lambda: keras.Sequential([layers.Input((SIZE, SIZE, 3)), layers.Flatten(), layers.Dense(2)]),
        "has no convolutional layer",
    ),
    "no pictures": (lambda: keras.Sequential([layers.Input((20, 2)), layers.Conv1D(2, 3)]), "takes (None, 20, 2)"),
    "no classes": (lambda: keras.Sequential([layers.Input((8, 8, 3)), *convolutions("only")]), "gives (None, 8, 8, 4)"),
    "two inputs": (two_inputs, "has 2 inputs"),
    "two outputs": (two_outputs, "has 2 outputs"),
}


@pytest.mark.parametrize("kind", UNUSABLE_MODELS)
def test_a_model_that_cannot_be_used_is_reported(folder, kind):
    build, told = UNUSABLE_MODELS[kind]
    path = save(build(), folder, "my.keras")
    assert refused(draw(folder, "my.keras")).startswith(f"{path} {told}")


def weights_only(path):
    model = classifier(*convolutions("only"))
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]


def zip_without_model(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme.txt", "no model")


def truncated(path):
    path.write_bytes(shipped.MODEL.read_bytes()[:100_000])


def unknown_layer_class(path):
    shutil.copy(shipped.MODEL, path)
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = file.attrs["model_config"].replace("Conv2D", "MyConv")


UNUSABLE_FILES = {
    "text.h5": (lambda path: path.write_text("no model"), "is no Keras model; give a file that model.save(...) wrote"),
    "empty.keras": (lambda path: path.write_text(""), "is no Keras model"),
    "zip.keras": (zip_without_model, "is no Keras model"),
    "weights.h5": (weights_only, "holds weights only; save the whole model with model.save(...)"),
    "truncated.h5": (truncated, "is a broken HDF5 file"),
    "unknown.h5": (unknown_layer_class, "cannot be loaded: "),
    "model.bin": (lambda path: shutil.copy(shipped.MODEL, path), "is a model, but Keras goes by the ending; rename"),
    "folder.h5": (lambda path: path.mkdir(), "is a folder"),
    "missing.h5": (lambda path: None, "does not exist"),
}


@pytest.mark.parametrize("name", UNUSABLE_FILES)
def test_a_file_that_is_no_model_is_reported(folder, name):
    make, told = UNUSABLE_FILES[name]
    make(folder / name)
    assert refused(draw(folder, name)).startswith(f"{folder / name} {told}")


UNUSABLE_PICTURES = {
    "text.png": (lambda path: path.write_text("no picture"), "is no picture that can be read"),
    "truncated.png": (
        lambda path: path.write_bytes(shipped.shown_pictures()[0].read_bytes()[:2000]),
        "is no picture that can be read",
    ),
    "model.png": (lambda path: shutil.copy(shipped.MODEL, path), "is no picture that can be read"),
    "folder.png": (lambda path: path.mkdir(), "is a folder"),
    "missing.png": (lambda path: None, "does not exist"),
}


@pytest.mark.parametrize("name", UNUSABLE_PICTURES)
def test_a_file_that_is_no_picture_is_reported(folder, name):
    make, told = UNUSABLE_PICTURES[name]
    make(folder / name)
    shutil.copy(shipped.MODEL, folder / "my.h5")
    assert refused(draw(folder, "my.h5", image=name)).startswith(f"{folder / name} {told}")


@pytest.mark.parametrize("own", [True, False])
def test_a_folder_that_cannot_be_written_is_reported(folder, own):
    (folder / "out").write_text("a file, not a folder")
    for out, reason in [(folder / "out", "file exists"), (folder / "out" / "below", "not a directory")]:
        files = ("--model", shipped.MODEL, "--image", folder / "cat.png") if own else ()
        told = refused(run_main("demo", *files, "--out", out))
        assert told == f"cannot write to the folder {out}: {reason}; choose another with --out"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--model", "my.h5"], "--model and --image go together; --image is missing"),
        (["--image", "cat.png"], "--model and --image go together; --model is missing"),
        (["--layer", "conv"], "--layer names a layer of your own model; --model and --image are missing"),
    ],
)
def test_options_that_do_not_fit_are_told(arguments, told, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["demo", *arguments])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"k2compat demo: error: {told}"


def test_repairs_that_are_left_out_are_told(folder, monkeypatch):
    monkeypatch.setenv("K2COMPAT_REPAIRS", "0")
    told = refused(run_main("demo", "--out", folder / "out"))
    assert told == "K2COMPAT_REPAIRS=0 leaves Keras 3 as it is, and old scripts do not run on it; unset it"
    assert not (folder / "out").exists()


@pytest.mark.slow
def test_a_refusal_is_one_line_in_a_fresh_process(folder):
    shutil.copy(shipped.MODEL, folder / "my.h5")
    done = fresh("-m", "k2compat", "demo", "--model", "my.h5", "--image", "cat.png", "--layer", "x", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "block1_conv1, " in done.stderr
