"""What Keras 2.3.1 offers, read off the real thing: kind -> class or function -> the arguments it is made with."""

import inspect
import json
import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "surface.json")
KINDS = ("layers", "initializers", "regularizers", "constraints", "activations", "losses", "metrics", "optimizers")
# What these modules have for other purposes: to look things up by name.
LOOKUP = ("get", "serialize", "deserialize", "serialize_keras_object", "deserialize_keras_object")


def read(keras):
    """The surface of a Keras, and the other names of each class: kind -> name -> the name it has itself."""
    surface, aliases = {}, {}
    for kind in KINDS:
        module = getattr(keras, kind)
        surface[kind], aliases[kind] = {}, {}
        for name in sorted(vars(module)):
            value = getattr(module, name)
            if name.startswith("_") or name in LOOKUP or not str(getattr(value, "__module__", "")).startswith("keras."):
                continue
            if inspect.isclass(value) and value.__name__ != name:
                aliases[kind][name] = value.__name__
            elif inspect.isclass(value):
                surface[kind][name] = arguments(value)
            elif inspect.isfunction(value):
                surface[kind][name] = inspect.getfullargspec(inspect.unwrap(value)).args
    return surface, aliases


def arguments(kind):
    """The arguments of a class's own ``__init__``."""
    own = next(vars(parent)["__init__"] for parent in kind.__mro__ if "__init__" in vars(parent))
    if own is object.__init__:
        return []
    spec = inspect.getfullargspec(inspect.unwrap(own))
    return spec.args[1:] + spec.kwonlyargs


def stored():
    with open(PATH) as file:
        found = json.load(file)
    return found["surface"], found["aliases"]


def write(keras):
    surface, aliases = read(keras)
    with open(PATH, "w") as file:
        json.dump({"surface": surface, "aliases": aliases}, file, indent=1, sort_keys=True)
        file.write("\n")
