"""Reads a user's model and picture, and finds out what the heatmap script has to say for them."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
from PIL import Image

from k2compat.adapters.registry import adapter
from k2compat.demo.screen import Problem, one_line
from k2compat.graph.gradients import gradients

COLOR_MODES = {1: "grayscale", 3: "rgb", 4: "rgba"}
CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose")
# A sub-model is called once for itself, once in the model, and again when that is loaded or rebuilt.
MOST_NODES = 8
SUFFIXES = {"hdf5": (".h5", ".hdf5"), "keras": (".keras",)}


@dataclass(frozen=True)
class Subject:
    """What differs from the shipped script, most of it as Python expressions of the symbol ``model``."""

    model: Path
    picture: Path
    layer: str
    maps: str  # the feature maps
    input: str
    size: tuple[int, int]
    color_mode: str
    rescales: bool  # the model divides by 255 itself


def keras_in_use() -> Any:
    """Return the Keras the adapter answers for."""
    return adapter().package


def inspect(model_path: Path, picture_path: Path, layer_name: str | None) -> Subject:
    """Check the files before anything is computed with them.

    Raises:
        Problem: for what cannot be used.
    """
    width, height = picture_size(picture_path)
    model = load(model_path)
    rows, columns, channels = input_shape(model, model_path)
    layer, maps = feature_maps(model, model_path, layer_name)
    return Subject(
        model=model_path.resolve(),
        picture=picture_path.resolve(),
        layer=layer,
        maps=maps,
        input=input_expression(model),
        size=(rows or height, columns or width),
        color_mode=COLOR_MODES[channels],
        rescales=any(type(layer).__name__ in ("Rescaling", "Normalization") for layer in every_layer(model)),
    )


def quoted(text: object) -> str:
    """Return text as a Python literal in double quotes."""
    return json.dumps(str(text), ensure_ascii=False)


def check_file(path: Path) -> None:
    if path.is_dir():
        raise Problem(f"{path} is a folder; give a file")
    if not path.exists():
        raise Problem(f"{path} does not exist; check the path")


def picture_size(path: Path) -> tuple[int, int]:
    """Return width and height of a picture that can be read to its end."""
    check_file(path)
    try:
        with Image.open(path) as picture:
            picture.load()
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Problem(f"{path} is no picture that can be read ({one_line(error, 80)}); give a PNG or JPEG") from error


def load(path: Path) -> Any:
    """Return the model of a file."""
    check_file(path)
    kind = kind_of_file(path)
    if path.suffix not in SUFFIXES[kind]:
        raise Problem(f"{path} is a model, but Keras goes by the ending; rename it to {path.stem}{SUFFIXES[kind][0]}")
    try:
        return keras_in_use().models.load_model(path, compile=False)
    except Exception as error:  # whatever a model's own layers raise
        reason = one_line(error).partition(". ")[0]
        advice = "classes and functions of your own have to be there when a model is loaded: do it in a script"
        raise Problem(f"{path} cannot be loaded: {type(error).__name__}: {reason}; {advice}") from error


def kind_of_file(path: Path) -> str:
    """Return which kind of model file it is by its content."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "config.json" in archive.namelist():
                return "keras"
    elif h5py.is_hdf5(path):
        try:
            with h5py.File(path, "r") as file:
                if "model_config" in file.attrs:
                    return "hdf5"
                if "layer_names" in file.attrs or "layers" in file:
                    raise Problem(f"{path} holds weights only; save the whole model with model.save(...)")
        except OSError as error:
            raise Problem(f"{path} is a broken HDF5 file; copy it or save it again") from error
    raise Problem(f"{path} is no Keras model; give a file that model.save(...) wrote, .h5 or .keras")


def input_shape(model: Any, path: Path) -> tuple[int | None, int | None, int]:
    """Return rows, columns and channels of the pictures a model takes; check that it is a classifier of pictures."""
    if getattr(model, "inputs", None) is None:
        raise Problem(f"{path} has no fixed input: it was never called; add an Input layer and save it again")
    for what, tensors in [("inputs", model.inputs), ("outputs", model.outputs)]:
        if len(tensors) != 1:
            raise Problem(f"{path} has {len(tensors)} {what}; the script takes models with one input and one output")
    taken, given = tuple(model.inputs[0].shape), tuple(model.outputs[0].shape)
    if len(taken) != 4 or taken[-1] not in COLOR_MODES:
        raise Problem(
            f"{path} takes {shown(taken)}; the script takes models of pictures: (None, rows, columns, 1, 3 or 4)"
        )
    if len(given) != 2:
        raise Problem(f"{path} gives {shown(given)}; the script takes classifiers, which give (None, classes)")
    return taken[1], taken[2], taken[3]


def shown(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join(map(str, shape)) + ")"


def every_layer(model: Any) -> list[Any]:
    """Return the layers of a model and of the models in it."""
    return [layer for layer in model._flatten_layers(include_self=False) if layer is not model]


def input_expression(model: Any) -> str:
    """Return how the script names the input: by its layer, as old scripts do, where the model lists it."""
    named = [layer for layer in model.layers if type(layer).__name__ == "InputLayer"]
    return f"model.get_layer({quoted(named[0].name)})" if named else "model.input"


def convolutions(model: Any) -> list[str]:
    """Return names of the convolutional layers a model lists itself."""
    kinds = tuple(getattr(keras_in_use().layers, name) for name in CONVOLUTIONS)
    return [layer.name for layer in model.layers if isinstance(layer, kinds)]


def nested(model: Any) -> list[Any]:
    """Return the models among a model's layers that hold convolutional layers."""
    inner = [layer for layer in model.layers if hasattr(layer, "layers")]
    return [layer for layer in inner if convolutions(layer) or nested(layer)]


def feature_maps(model: Any, path: Path, name: str | None) -> tuple[str, str]:
    """Return the layer to look at: its name, and the expression of its output in the graph of the model's output."""
    inner = nested(model)
    usable = [*convolutions(model), *(sub_model.name for sub_model in inner if is_maps(sub_model.output))]
    if not usable:
        raise Problem(no_convolution(path, inner))
    name = name or (convolutions(model) or usable)[-1]
    layers = {layer.name: layer for layer in model.layers}
    if name not in layers:
        raise Problem(f"{no_layer(name, path, inner)}; convolutional layers: {listed(usable, inner)}")
    tensor = getattr(layers[name], "output", None)
    if not is_maps(tensor):
        given = shown(tuple(getattr(tensor, "shape", ())))
        raise Problem(f"layer {name} gives {given}, not maps; convolutional layers: {listed(usable, inner)}")
    for expression, tensor in candidates(model, layers[name]):
        if is_maps(tensor) and gradients(model.output[:, 0], tensor)[0] is not None:
            return name, expression
    raise Problem(
        f"{path}: the model's output does not depend on {name}; convolutional layers: {listed(usable, inner)}"
    )


def is_maps(tensor: Any) -> bool:
    return len(getattr(tensor, "shape", ())) == 4


def no_convolution(path: Path, inner: list[Any]) -> str:
    if not inner:
        return f"{path} has no convolutional layer, so there are no maps to make a heatmap of"
    return (
        f"{path} has its convolutional layers inside its sub-model {inner[-1].name}, a graph apart from the model's "
        "output; rebuild the model so that it calls those layers itself"
    )


def no_layer(name: str, path: Path, inner: list[Any]) -> str:
    for sub_model in inner:
        if any(layer.name == name for layer in every_layer(sub_model)):
            return f"{path} has layer {name} only inside its sub-model {sub_model.name}, a graph apart from its output"
    return f"{path} has no layer {name}"


def listed(usable: list[str], inner: list[Any]) -> str:
    sub_models = {sub_model.name for sub_model in inner}
    return ", ".join(f"{name} (a sub-model, taken as a whole)" if name in sub_models else name for name in usable)


def candidates(model: Any, layer: Any) -> Iterator[tuple[str, Any]]:
    """Yield where a layer's output may be found, as (expression, tensor), the plain way first.

    A sub-model's own output belongs to its own graph; in the outer one it is the input of the layer that follows.
    """
    yield f"model.get_layer({quoted(layer.name)}).output", layer.output
    if hasattr(layer, "layers"):
        for following in model.layers[model.layers.index(layer) + 1 :][:1]:
            yield f"model.get_layer({quoted(following.name)}).input", following.input
        for node in range(MOST_NODES):
            with contextlib.suppress(AttributeError, IndexError, ValueError):  # no such node
                yield f"model.get_layer({quoted(layer.name)}).get_output_at({node})", layer.get_output_at(node)
