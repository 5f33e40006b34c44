"""Recurrence, loops over elements, conditions, sequence labelling."""

import numpy as np

from ..table import table
from ..tools import integers, normal

row = table(__name__)

STEPS = normal(2, 4, 3, seed=1)
STATE = normal(2, 3, seed=2)
MASK = np.array([[True, False, True, True], [False, True, True, False]])
KERNEL = normal(3, 3, seed=3)


def simple(K, x, state, kernel, **kwargs):
    """One state, which is the output."""

    def step(inputs, states):
        output = K.tanh(inputs + K.dot(states[0], kernel))
        return output, [output]

    return K.rnn(step, x, [state], **kwargs)


def two_states(K, x, state, other, **kwargs):
    """Two states, one of them not the output."""

    def step(inputs, states):
        kept = states[0] * 0.5 + inputs
        return kept * 2.0 + states[1], [kept, states[1] + 1.0]

    return K.rnn(step, x, [state, other], **kwargs)


def with_constants(K, x, state, kernel, scale, **kwargs):
    def step(inputs, states):
        output = K.dot(inputs, states[1]) * states[2] + states[0]
        return output, [output]

    return K.rnn(step, x, [state], constants=[kernel, scale], **kwargs)


def stateless(K, x, **kwargs):
    return K.rnn(lambda inputs, states: (inputs * 2.0, []), x, [], **kwargs)[:2]


for unroll in (False, True):
    for backwards in (False, True):
        for mask in (None, MASK, MASK[:, :, None], MASK.astype("float32")):
            for compute, arguments in ((simple, (STEPS, STATE, KERNEL)), (two_states, (STEPS, STATE, 2 * STATE))):
                options = {"mask": mask, "unroll": unroll, "go_backwards": backwards}
                row("rnn", *arguments, compute=compute, tag=compute.__name__, **options)
    scale = np.array([2.0, 3.0, 4.0], "float32")
    row("rnn", STEPS, STATE, KERNEL, scale, compute=with_constants, tag="constants", unroll=unroll)
    row("rnn", STEPS, STATE, KERNEL, scale, compute=with_constants, tag="constants", unroll=unroll, mask=MASK)
    row("rnn", STEPS, compute=stateless, tag="stateless", unroll=unroll)
    row("rnn", normal(2, 4, 2, 3), compute=stateless, tag="stateless", unroll=unroll)
    row("rnn", STEPS, STATE, KERNEL, compute=simple, tag="length", unroll=unroll, input_length=4)
    row("rnn", STEPS[:, :1], STATE, KERNEL, compute=simple, tag="one step", unroll=unroll)
    row("rnn", *(a.astype("float64") for a in (STEPS, STATE, KERNEL)), compute=simple, tag="float64", unroll=unroll)
row("rnn", STEPS, STATE, KERNEL, compute=simple, tag="shorter", input_length=2)
row("rnn", STEPS, compute=stateless, tag="mask without states", mask=MASK, error=True)


def added(K, elems, **kwargs):
    return K.foldl(lambda a, x: a * 2.0 + x, elems, **kwargs)


def added_from_behind(K, elems, **kwargs):
    return K.foldr(lambda a, x: a * 2.0 + x, elems, **kwargs)


def mapped(K, elems, **kwargs):
    return K.map_fn(lambda x: K.sum(x) * 2.0, elems, **kwargs)


for name, compute in (("foldl", added), ("foldr", added_from_behind)):
    row(name, normal(4), compute=compute)
    row(name, normal(3, 2), compute=compute)
    row(name, normal(3, 2), compute=compute, initializer=normal(2, seed=4))
    row(name, normal(3).astype("float64"), compute=compute)
row("map_fn", normal(3, 2), compute=mapped)
row("map_fn", normal(3), compute=mapped)
row("map_fn", normal(3, 2).astype("float64"), compute=mapped)
row(
    "map_fn", integers(5, 3, 2), compute=lambda K, x: K.map_fn(lambda e: K.cast(e, "float32") * 0.5, x, dtype="float32")
)
row(
    "map_fn",
    normal(3, 2),
    normal(3, seed=5),
    compute=lambda K, x, y: K.map_fn(lambda pair: pair[0] * pair[1], (x, y), dtype="float32"),
)

YES, NO = np.array(True), np.array(False)
for condition in (YES, NO):
    row("switch", condition, normal(2, 3), normal(2, 3, seed=6), tag=str(condition))
    row(
        "switch",
        condition,
        normal(2, 3),
        compute=lambda K, c, x: K.switch(c, lambda: x * 2.0, lambda: K.square(x)),
        tag="of functions, %s" % condition,
    )
    row("switch", condition.astype("float32"), normal(2, 3), normal(2, 3, seed=6), tag=str(condition))
    row("switch", condition, integers(4, 2), integers(5, 2, seed=1), tag=str(condition))
for condition in (MASK[0], MASK[0].astype("int32")):
    row("switch", condition, normal(4), normal(4, seed=6))
    row("switch", condition, normal(4, 2), normal(4, 2, seed=6))
for condition, shape in ((MASK, (2, 4)), (MASK, (2, 4, 3)), (MASK[:, :1], (2, 4)), (MASK[:, :, None], (2, 4, 3))):
    row("switch", condition, normal(*shape), normal(*shape, seed=6))
row(
    "switch",
    MASK,
    normal(2, 4),
    compute=lambda K, c, x: K.switch(c, lambda: x * 2.0, lambda: K.square(x)),
    tag="of functions",
)
row("switch", MASK, normal(2), normal(2), error=True)
for training in (0, 1, True, False):
    row("in_train_phase", normal(2), normal(2, seed=6), training=training)
    row("in_test_phase", normal(2), normal(2, seed=6), training=training)
for training in (np.array(True), np.array(0, "int32")):
    row("in_train_phase", normal(2), normal(2, seed=6), training=training)
row("in_train_phase", normal(2), normal(2, seed=6))
row("in_test_phase", normal(2), normal(2, seed=6))
row(
    "in_train_phase",
    normal(2),
    compute=lambda K, x: K.in_train_phase(lambda: x + 1.0, lambda: x - 1.0),
    tag="of functions",
)


def probabilities(*shape, **kwargs):
    e = np.exp(2 * normal(*shape, **kwargs))
    return (e / e.sum(-1, keepdims=True)).astype("float32")


LABELS = np.array([[0, 1, 2, 1], [2, 2, 0, 0], [1, 0, 0, 0]], "int32")
LENGTHS = np.array([4, 2, 1], "int32")
ODDS = probabilities(3, 9, 4, seed=7)
row("ctc_label_dense_to_sparse", LABELS, LENGTHS)
row("ctc_label_dense_to_sparse", LABELS.astype("float32"), LENGTHS)
for labels in (LABELS, LABELS.astype("float32"), LABELS.astype("int64")):
    row("ctc_batch_cost", labels, ODDS, np.array([[9], [8], [5]], "int32"), LENGTHS[:, None])
row("ctc_batch_cost", LABELS, ODDS, np.array([[9], [9], [9]], "int64"), LENGTHS[:, None].astype("float32"))
steps = np.array([9, 7, 3], "int32")
row("ctc_decode", ODDS, steps)
row("ctc_decode", ODDS, steps.astype("int64"), greedy=True)
for options in ({}, {"beam_width": 5}, {"top_paths": 2}, {"merge_repeated": True}, {"beam_width": 3, "top_paths": 3}):
    row("ctc_decode", ODDS, steps, greedy=False, **options)
row("ctc_decode", ODDS, steps, False, 10, 1, tag="by position")
