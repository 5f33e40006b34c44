"""The values from which the arguments of recurrent layers, cells and wrappers are drawn."""

from .arguments import ACTIVATIONS, FLAGS, FORMATS, MASKED_SERIES, REGULARIZERS, data, layer, weight

STEPS = data((5, 4))
STATEFUL = data((5, 4), fixed=True)


def recurrent(states, **more):
    """The arguments of a recurrent layer of that many states."""
    arguments = dict(
        units=[3],
        activation=ACTIVATIONS,
        use_bias=FLAGS,
        activity_regularizer=REGULARIZERS,
        dropout=[0.0, 0.3],
        recurrent_dropout=[0.0, 0.3],
        return_sequences=FLAGS,
        return_state=FLAGS,
        go_backwards=FLAGS,
        stateful=FLAGS,
        unroll=FLAGS,
        **dict(weight("kernel", "recurrent", "bias"), **more),
    )
    given = data((5, 4), *[(3,)] * states, states=states)
    return layer([STEPS, MASKED_SERIES, given, MASKED_SERIES], ["units"], **arguments)


def cell(kind, **arguments):
    return dict({"class": kind, "units": 3}, **arguments)


GATED = {"recurrent_activation": ["sigmoid", "hard_sigmoid", "tanh"], "implementation": [1, 2]}
RECURRENT = {
    "SimpleRNN": recurrent(1),
    "LSTM": recurrent(2, unit_forget_bias=FLAGS, **GATED),
    "GRU": recurrent(1, reset_after=FLAGS, **GATED),
    "RNN": layer(
        [STEPS, MASKED_SERIES],
        ["cell"],
        cell=[
            cell("LSTMCell"),
            [cell("GRUCell"), cell("LSTMCell")],
            {"class": "StackedRNNCells", "cells": [cell("SimpleRNNCell"), cell("GRUCell", reset_after=True)]},
            cell("SimpleRNNCell", activation="relu"),
        ],
        return_sequences=FLAGS,
        return_state=FLAGS,
        go_backwards=FLAGS,
        stateful=FLAGS,
        unroll=FLAGS,
    ),
    "ConvLSTM2D": layer(
        [data((3, 3, 4, 2))],
        ["filters", "kernel_size"],
        filters=[2],
        kernel_size=[2, [1, 2]],
        strides=[1, 2],
        padding=["valid", "same"],
        data_format=FORMATS,
        dilation_rate=[1, [2, 1]],
        activation=ACTIVATIONS,
        recurrent_activation=["sigmoid", "hard_sigmoid"],
        use_bias=FLAGS,
        unit_forget_bias=FLAGS,
        activity_regularizer=REGULARIZERS,
        return_sequences=FLAGS,
        go_backwards=FLAGS,
        stateful=FLAGS,
        dropout=[0.0, 0.3],
        recurrent_dropout=[0.0, 0.3],
        **weight("kernel", "recurrent", "bias"),
    ),
}


def in_rnn(layer_of_cell, *without):
    """The arguments of a cell: those its layer hands on."""
    of_the_loop = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "activity_regularizer")
    arguments = {
        name: values
        for name, values in RECURRENT[layer_of_cell]["arguments"].items()
        if name not in of_the_loop and name not in without
    }
    return layer([STEPS, MASKED_SERIES], ["units"], **arguments)


CELLS = {name + "Cell": in_rnn(name) for name in ("SimpleRNN", "LSTM", "GRU")}
CELLS["StackedRNNCells"] = layer(
    [STEPS, MASKED_SERIES],
    ["cells"],
    cells=[[cell("LSTMCell"), cell("SimpleRNNCell")], [cell("GRUCell"), cell("GRUCell")], [cell("SimpleRNNCell")]],
)


def made(kind, **arguments):
    return dict({"class": kind}, **arguments)


WRAPPERS = {
    "TimeDistributed": layer(
        [data((3, 4)), data((3, 4), masked=[0])],
        ["layer"],
        layer=[
            made("Dense", units=3),
            made("BatchNormalization"),
            made("Dense", units=2, activation="softmax", kernel_regularizer="l2"),
            made("Activation", activation="softmax"),
        ],
    ),
    "TimeDistributed of pictures": layer(
        [data((3, 3, 4, 2))],
        ["layer"],
        layer=[
            made("Conv2D", filters=2, kernel_size=2),
            made("BatchNormalization"),
            made("MaxPooling2D"),
            made("Flatten"),
            made("GlobalAveragePooling2D"),
            made("SeparableConv2D", filters=2, kernel_size=2),
        ],
    ),
    "Bidirectional": layer(
        [STEPS, MASKED_SERIES],
        ["layer"],
        layer=[
            made("LSTM", units=2, return_sequences=True),
            made("GRU", units=2),
            made("SimpleRNN", units=2, return_sequences=True, activation="relu"),
            made("LSTM", units=2, return_state=True),
            made("LSTM", units=2, stateful=True),
            made("GRU", units=2, go_backwards=True, return_sequences=True),
        ],
        merge_mode=["concat", "sum", "mul", "ave", None],
        weights=[None],
    ),
    "Lambda": layer(
        [data((3, 4)), data((3, 4), masked=[0])],
        ["function"],
        function=[{"function": "square"}, {"function": "scaled"}],
        output_shape=[None, [3, 4]],
        mask=[None, {"function": "first_step"}],
        arguments=[None, {"by": 3.0}],
    ),
}
