"""Rule ``keras3.keras1-arguments``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from k2compat.migrate.analysis.keras_objects import is_of_keras2, name_today, number, renamings, written
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import constant
from k2compat.tables.keras1_arguments import (
    ARGUMENTS,
    DATA_FORMATS,
    KERNEL_NUMBERS,
    NAMES_OF_KERAS1,
    WITHOUT_EFFECT,
)

RECURRENT = ("layers.LSTM", "layers.GRU", "layers.SimpleRNN")
SEQUENCES = (*RECURRENT, "layers.Conv1D", "layers.Convolution1D")
TRANSPOSED = ("layers.Conv2DTranspose", "layers.Conv3DTranspose")
SEPARABLE = ("layers.SeparableConv2D", "layers.SeparableConvolution2D")


@dataclass
class Rewriting:
    """What is done to one call."""

    edits: list[Edit] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    dropped: list[cst.Arg] = field(default_factory=list)
    manual: list[ManualWork] = field(default_factory=list)

    def add(self, message: str, *edits: Edit) -> None:
        self.said.append(message)
        self.edits += edits

    def drop(self, argument: cst.Arg, message: str) -> None:
        self.said.append(message)
        self.dropped.append(argument)


class Keras1Arguments(Rule):
    """Arguments of layers are called as they are since Keras 2.

    | Keras 1 | current |
    | --- | --- |
    | `Convolution2D(32, 3, 3, border_mode=, subsample=, init=, dim_ordering="th")` | `Convolution2D(32, (3, 3), padding=, strides=, kernel_initializer=, data_format="channels_first")` |
    | `W_regularizer=`, `b_constraint=`, `bias=`, `U_regularizer=` | `kernel_regularizer=`, `bias_constraint=`, `use_bias=`, `recurrent_regularizer=` |
    | `Dense(output_dim=)`, `Dropout(p=)`, `GaussianNoise(sigma=)`, `MaxPooling1D(pool_length=, stride=)` | `units=`, `rate=`, `stddev=`, `pool_size=, strides=` |
    | `LSTM(inner_init=, inner_activation=, dropout_W=, consume_less=, input_dim=4, input_length=7)` | `recurrent_initializer=, recurrent_activation=, dropout=, input_shape=(7, 4)` |
    | `Model(input=, output=)`, `to_categorical(nb_classes=)`, `ReduceLROnPlateau(epsilon=)` | `inputs=, outputs=`, `num_classes=`, `min_delta=` |

    `Conv2D(32, 3, 3)` of the package Keras 2 has a kernel of 3 by 3, and so it is written; with `tensorflow.keras`
    the last 3 is the strides, so it is reported. Reported too: `weights=`, `mode=2` of `BatchNormalization`,
    `border_mode="full"`, `period=` of `ModelCheckpoint`.

    ```diff
     from keras.layers import Convolution2D, Dense
     from keras.models import Model
     from keras.regularizers import l2
    -x = Convolution2D(32, 3, 3, border_mode="same", init="he_normal", subsample=(2, 2))(image)
    -y = Dense(output_dim=10, W_regularizer=l2(0.01))(x)
    -model = Model(input=image, output=y)
    +x = Convolution2D(32, (3, 3), padding="same", kernel_initializer="he_normal", strides=(2, 2))(image)
    +y = Dense(units=10, kernel_regularizer=l2(0.01))(x)
    +model = Model(inputs=image, outputs=y)
    ```
    """  # noqa: E501

    summary = "give arguments of layers the names they have since Keras 2"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for call in module.nodes(cst.Call):
            called = name_today(module, call.func)
            if called is None:
                continue
            done = Rewriting()
            for step in (convert_values, merge_kernel, merge_input_shape, take_out, rename, report):
                step(module, call, called, done)
            yield from done.manual
            if done.said:
                edits = [*done.edits, *module.drop_arguments(call, done.dropped)]
                yield module.change(call, f"{module.text(call.func)}: {', '.join(done.said)}", edits)


def rename(module: Module, call: cst.Call, called: str, done: Rewriting) -> None:
    """Rename arguments that have another name, but for those that something else is done to."""
    touched = {id(argument) for argument in done.dropped}
    names = {
        old: new
        for old, new in ARGUMENTS.get(called, {}).items()
        if (given := module.argument(call, old)) is not None and id(given) not in touched and old != "dim_ordering"
    }
    edits, said = renamings(module, call, names)
    done.edits += edits
    done.said += said
    keywords = {argument.keyword.value for argument in call.args if argument.keyword is not None}
    for old, new in names.items():
        if new in keywords:
            message = f"`{old}=` stays: `{new}=` is given, too"
            done.manual.append(module.manual(call, message, "take one of them out."))


def convert_values(module: Module, call: cst.Call, called: str, done: Rewriting) -> None:
    """``dim_ordering="th"`` is ``data_format="channels_first"``."""
    argument = module.argument(call, "dim_ordering")
    if argument is None or "dim_ordering" not in ARGUMENTS.get(called, {}):
        return
    value = constant(argument.value)
    keyword = module.rename_argument(argument, "data_format")
    if value in DATA_FORMATS:
        quote = module.text(argument.value)[0]
        new = f"{quote}{DATA_FORMATS[value]}{quote}"
        done.add(f"`dim_ordering='{value}'` is `data_format={new}`", keyword, module.replace(argument.value, new))
    elif value == "default":
        done.drop(argument, "`dim_ordering='default'` goes")
    elif is_ordering_of_backend(module, argument.value):
        function = argument.value.func  # type: ignore[attr-defined]
        if isinstance(function, cst.Attribute):
            edit = module.replace(function.attr, "image_data_format")
            done.add("`dim_ordering=` is `data_format=`", keyword, edit)
    else:
        message = f"`dim_ordering=` stays: `{module.text(argument.value)}` may be 'tf' or 'th'"
        advice = "write `data_format=` with 'channels_last' for 'tf', 'channels_first' for 'th'."
        done.manual.append(module.manual(argument, message, advice))


def is_ordering_of_backend(module: Module, node: cst.BaseExpression) -> bool:
    called = module.refers_to(node.func) if isinstance(node, cst.Call) else None
    return called in ("keras.backend.image_dim_ordering", "k2compat.backend.image_dim_ordering")


def merge_kernel(module: Module, call: cst.Call, called: str, done: Rewriting) -> None:
    """Make the numbers of a kernel a pair or triple: by position behind the filters, or by keyword."""
    keywords = KERNEL_NUMBERS.get(called)
    if keywords is None:
        return
    if module.argument(call, keywords[-1]) is not None:
        given = [module.argument(call, name, place + 1) for place, name in enumerate(keywords)]
        numbers = [argument for argument in given if argument is not None]
    else:
        numbers = kernel_by_position(module, call, called, len(keywords), done)
    if len(numbers) < len(keywords):
        return
    values = ", ".join(written(module, argument.value) for argument in numbers)
    first, *others = numbers
    places = [list(call.args).index(argument) for argument in numbers]
    together = places == list(range(places[0], places[0] + len(places)))
    prefix = "kernel_size=" if first.keyword is not None else ""
    end = end_of(module, numbers[-1] if together else first)
    done.add(f"the kernel is `({values})`", Edit(module.span(first)[0], end, f"{prefix}({values})"))
    done.dropped += [] if together else others


def kernel_by_position(module: Module, call: cst.Call, called: str, count: int, done: Rewriting) -> list[cst.Arg]:
    """Return the numbers behind the filters, where they are the kernel; none where they are something else."""
    numbers = list(call.args[1 : 1 + count])
    if len(numbers) < count or any(argument.keyword or argument.star for argument in call.args[: 1 + count]):
        return []
    if any(isinstance(argument.value, cst.Tuple | cst.List) for argument in numbers):
        return []
    if not is_spelt_as_keras1(module, call, called) and not is_of_keras2(module):
        if all(number(argument.value) is not None for argument in numbers):
            text = ", ".join(module.text(argument.value) for argument in numbers)
            message = f"`{module.text(call.func)}(..., {text})`: Keras 2 took the numbers for the sizes of the kernel"
            advice = f"write `({text})` if that is meant; Keras 3 takes the second for the strides."
            done.manual.append(module.manual(call, message, advice))
        return []
    following = call.args[1 + count] if called in TRANSPOSED and len(call.args) > 1 + count else None
    if following is not None and following.keyword is None and not following.star:
        done.drop(following, "the shape of the output goes: it follows from the others")
    return numbers


def end_of(module: Module, argument: cst.Arg) -> int:
    """Return where an argument ends, before its comma."""
    return module.whole(argument.value)[1]


def is_spelt_as_keras1(module: Module, call: cst.Call, called: str) -> bool:
    """Return whether a call has a name or an argument of Keras 1."""
    spelt = (module.refers_to(call.func) or "").rpartition(".")[2]
    keywords = {argument.keyword.value for argument in call.args if argument.keyword is not None}
    return spelt in NAMES_OF_KERAS1 or any(keyword in ARGUMENTS.get(called, {}) for keyword in keywords)


def merge_input_shape(module: Module, call: cst.Call, called: str, done: Rewriting) -> None:
    """``input_dim=`` and ``input_length=`` of layers of sequences are one shape."""
    size, length = module.argument(call, "input_dim"), module.argument(call, "input_length")
    if called not in SEQUENCES or size is None:
        return
    steps = "None" if length is None else written(module, length.value)
    shape = f"input_shape=({steps}, {written(module, size.value)})"
    done.add(f"`{shape}`", Edit(module.span(size)[0], end_of(module, size), shape))
    if length is not None:
        done.dropped.append(length)


def take_out(module: Module, call: cst.Call, called: str, done: Rewriting) -> None:
    """Take out arguments that had no effect."""
    for argument in call.args:
        keyword = argument.keyword.value if argument.keyword is not None else ""
        text = f"`{keyword}={module.text(argument.value)}`"
        if (called, keyword) in WITHOUT_EFFECT:
            done.drop(argument, f"{text} goes: {WITHOUT_EFFECT[called, keyword]}")
        elif called == "layers.BatchNormalization" and keyword == "mode" and number(argument.value) == 0:
            done.drop(argument, f"{text} goes: there is no other mode")
        elif called in (*RECURRENT, "layers.ConvLSTM2D") and keyword == "forget_bias_init":
            if constant(argument.value) == "one":
                done.drop(argument, f"{text} goes: it is the default")
        elif called in TRANSPOSED and keyword == "output_shape":
            done.drop(argument, f"{text} goes: it follows from the others")
        elif called == "layers.Embedding" and keyword == "dropout":
            done.drop(argument, f"{text} goes, as Keras 2 ignored it; a `SpatialDropout1D` behind has its effect")
        elif called in SEPARABLE and keyword == "init":
            value = written(module, argument.value)
            new = f"depthwise_initializer={value}, pointwise_initializer={value}"
            done.add("`init=` is for both kernels", Edit(module.span(argument)[0], end_of(module, argument), new))
        elif called == "callbacks.TensorBoard" and keyword == "write_grads" and module.text(argument.value) == "False":
            done.drop(argument, f"{text} goes: Keras 3 writes none")
        elif called == "callbacks.ModelCheckpoint" and keyword == "period" and number(argument.value) == 1:
            done.drop(argument, f"{text} goes: it is the default")


# (called, or "layers." for any layer), argument -> what to do.
UNKNOWN_TODAY: dict[tuple[str, str], str] = {
    ("layers.BatchNormalization", "mode"): "modes 1 and 2 are removed: write a layer of your own.",
    ("callbacks.TensorBoard", "write_grads"): "take it out: Keras 3 writes no histograms of gradients.",
    ("callbacks.TensorBoard", "embeddings_layer_names"): "take it out: Keras 3 takes all embeddings.",
    ("callbacks.TensorBoard", "embeddings_data"): "take it out: Keras 3 writes the embeddings alone.",
    (
        "callbacks.ModelCheckpoint",
        "period",
    ): "write `save_freq=` in batches, or count epochs in a callback of your own.",
    ("layers.LSTM", "forget_bias_init"): "`unit_forget_bias=True` is for ones; Keras 2 ignored others.",
    ("layers.", "weights"): "build the layer, then call its `set_weights(...)`.",
}


def report(module: Module, call: cst.Call, called: str, done: Rewriting) -> None:
    """Report arguments that Keras 3 refuses and that cannot be rewritten."""
    for argument in call.args:
        keyword = argument.keyword.value if argument.keyword is not None else ""
        anywhere = "layers." if called.startswith("layers.") and called != "layers.Embedding" else ""
        advice = UNKNOWN_TODAY.get((called, keyword)) or UNKNOWN_TODAY.get((anywhere, keyword))
        if advice is not None and argument not in done.dropped:
            message = f"`{keyword}=` of `{module.text(call.func)}` is not in Keras 3"
            done.manual.append(module.manual(argument, message, advice))
        if anywhere and keyword in ("border_mode", "padding") and constant(argument.value) == "full":
            message = f"`{keyword}='full'` of `{module.text(call.func)}` is not in Keras 3"
            done.manual.append(
                module.manual(argument, message, "pad with `ZeroPadding2D`, then convolve with 'valid'.")
            )
