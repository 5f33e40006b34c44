"""Every name outside the public interfaces of Keras and TensorFlow that the package relies on: listed, and there."""

import ast
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from helpers import dense_model
from kerases import KIND, keras, layers

import k2compat
from k2compat import backend as K

PACKAGE = Path(k2compat.__file__).parent


def compiled_dense():
    model = dense_model()
    model.compile("sgd", "mse")
    return model


def built_nadam():
    optimizer = keras.optimizers.Nadam()
    optimizer.build(dense_model().trainable_variables)
    return optimizer


# Names outside the public interface that the package relies on -> where they have to be found.
PRIVATE_OF_KERAS_3 = {
    "_initialize_with_initializer": lambda: dense_model().layers[1].kernel,
    "_iterations": keras.optimizers.SGD,
    "_non_trainable_variables": lambda: dense_model().layers[1],
    "_symbolic_build": dense_model,
    "_trainable_variables": lambda: dense_model().layers[1],
    "_variables": keras.optimizers.SGD,
    "_backend_update_step": keras.optimizers.Nadam,
    "_clip_gradients": keras.optimizers.SGD,
    "_clone_functional_model": lambda: keras.src.models.cloning,
    "_get_variable_index": keras.optimizers.SGD,
    "_auto_config": lambda: dense_model().layers[1],
    "_call_has_training_arg": lambda: layers.Dropout(0.5),
    "_compile_loss": compiled_dense,
    "_flatten_layers": dense_model,
    "_functional": lambda: keras.Sequential([layers.Input((2,)), layers.Dense(1)]),
    "_getframe": lambda: sys,
    "_inbound_nodes": lambda: dense_model().layers[1],
    "_inputs_struct": dense_model,
    "_keras_history": lambda: dense_model().output,
    "_keras_logits": lambda: keras.activations.softmax(tf.zeros((1, 2))),
    "_keras_mask": lambda: layers.Embedding(3, 2, mask_zero=True)(np.array([[1, 0]])),
    "_layers": keras.Sequential,
    "_learning_rate": keras.optimizers.SGD,
    "_lock": lambda: dense_model().layers[1],
    "_losses": lambda: dense_model().layers[1],
    "_nodes_by_depth": dense_model,
    "_outbound_nodes": lambda: dense_model().layers[1],
    "_post_build": lambda: dense_model().layers[1],
    "_shape": lambda: K.placeholder((2,)),
    "_sparse": lambda: K.placeholder((2,)),
    "_tf_keras": lambda: keras,
    "_tracker": lambda: dense_model().layers[1],
    "_u_product": built_nadam,
    "_value": lambda: dense_model().layers[1].kernel,
}
PRIVATE_OF_KERAS_2 = {
    "_activity_regularizer": lambda: dense_model().layers[1],
    "_eager_losses": lambda: dense_model().layers[1],
    "_handle_activity_regularization": lambda: dense_model().layers[1],
    "_losses": lambda: dense_model().layers[1],
    "_nodes_by_depth": dense_model,
    "_build_learning_rate": keras.optimizers.SGD,
    "_callable_losses": lambda: dense_model().layers[1],
    "_cast_dtype": lambda: dense_model().layers[1].kernel,
    "_clip_gradients": keras.optimizers.SGD,
    "_trainable_weights": lambda: dense_model().layers[1],
    "_non_trainable_weights": lambda: dense_model().layers[1],
    "_flatten_layers": dense_model,
    "_getframe": lambda: sys,
    "_inbound_nodes": lambda: dense_model().layers[1],
    "_index_dict": built_nadam,
    "_internal_apply_gradients": keras.optimizers.Nadam,
    "_iterations": keras.optimizers.SGD,
    "_keras_history": lambda: dense_model().output,
    "_keras_logits": lambda: keras.activations.softmax(tf.zeros((1, 2))),
    "_keras_mask": lambda: layers.Embedding(3, 2, mask_zero=True)(np.array([[1, 0]])),
    "_learning_rate": keras.optimizers.SGD,
    "_outbound_nodes": lambda: dense_model().layers[1],
    "_process_kwargs": keras.optimizers.SGD,
    "_tf_data_format": lambda: layers.Conv2D(1, 1),
    "_type_spec": lambda: K.placeholder((2,)),
    "_variables": keras.optimizers.SGD,
    "_u_product": built_nadam,
    "_user_loss_weights": lambda: compiled_dense().compiled_loss,
    "_var_key": keras.optimizers.SGD,
    "_variable": lambda: dense_model().layers[1].kernel,
}
PRIVATE = PRIVATE_OF_KERAS_3 if KIND == "keras3" else PRIVATE_OF_KERAS_2
OTHER = "keras2" if KIND == "keras3" else "keras3"
DOTTED = ("keras.src.", "tf.__internal__.", "tensorflow.python.")


def sources():
    return [
        ast.parse(path.read_text())
        for folder in ("adapters", "graph", "backend")
        for path in (PACKAGE / folder).rglob("*.py")
        if not path.name.startswith(OTHER)
    ]


def own_names(tree):
    """Underscored names that the package's own classes and modules define."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef) and inner.name.startswith("_"):
                    yield inner.name
                    if inner.name == "__init__":
                        yield from (
                            t.attr
                            for t in ast.walk(inner)
                            if isinstance(t, ast.Attribute) and isinstance(t.ctx, ast.Store)
                        )
                if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                    yield inner.target.id


def dotted(node):
    """The full name of nested attributes, "" for something else."""
    if isinstance(node, ast.Name):
        return node.id
    base = dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{base}.{node.attr}" if base else ""


def test_private_names_the_package_uses_are_listed_here_and_exist():
    trees = sources()
    own = {name for tree in trees for name in own_names(tree)}
    used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    private = {n for n in used if n.startswith("_") and not n.startswith(("__", "_k2compat", "_keras_shape"))}
    assert private - own - set(PRIVATE) == set()
    missing = [name for name, place in PRIVATE.items() if not hasattr(place(), name)]
    assert missing == []


def test_private_modules_the_package_uses_exist():
    paths = {dotted(node) for tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    paths |= {
        f"{n.module}.{a.name}"
        for t in sources()
        for n in ast.walk(t)
        if isinstance(n, ast.ImportFrom) and n.module
        for a in n.names
    }
    private = {path for path in paths if path.startswith(DOTTED)}
    assert private
    for path in private:
        root, *names = path.split(".")
        thing = {"keras": keras, "tf": tf, "tensorflow": tf}[root]
        for depth, name in enumerate(names, start=1):
            thing = getattr(thing, name, None) or sys.modules.get(".".join([root, *names[:depth]]))
            assert thing is not None, f"{path} has moved"
