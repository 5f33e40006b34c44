"""Configuration and sessions: in step with the running Keras, and what a TensorFlow 1 session's settings become."""

import numpy as np
import pytest
import tensorflow as tf
from helpers import dense_model, floatx, normal

from k2compat import backend as K
from k2compat.adapters.registry import adapter
from k2compat.ops import session_config

CONFIG = adapter().config()  # the running Keras's own settings


def test_the_float_type_is_kerass():
    with floatx("float64"):
        assert K.floatx() == CONFIG.floatx() == "float64"
        assert K.dtype(K.placeholder((2,))) == K.dtype(K.ones_like(tf.ones(2))) == "float64"
        assert K.cast_to_floatx([1, 2]).dtype == np.float64
        assert K.dtype(K.cast_to_floatx(K.placeholder((2,), dtype="int32"))) == "float64"
    CONFIG.set_floatx("float16")
    assert K.floatx() == "float16"
    CONFIG.set_floatx("float32")


def test_epsilon_is_kerass_and_moves_results():
    assert K.epsilon() == CONFIG.epsilon() == 1e-7
    zeros = tf.zeros((1, 1))
    before = K.binary_crossentropy(tf.ones((1, 1)), zeros)
    K.set_epsilon(1e-2)
    try:
        assert K.epsilon() == CONFIG.epsilon() == 1e-2
        np.testing.assert_allclose(K.binary_crossentropy(tf.ones((1, 1)), zeros), [[-np.log(2e-2)]], rtol=1e-5)
    finally:
        K.set_epsilon(1e-7)
    np.testing.assert_allclose(K.binary_crossentropy(tf.ones((1, 1)), zeros), before)


def test_the_data_format_is_kerass_and_the_default_of_functions():
    picture, kernel = tf.constant(normal(1, 2, 3, 4)), tf.constant(normal(1, 1, 2, 1))
    K.set_image_data_format("channels_first")
    try:
        assert CONFIG.image_data_format() == "channels_first"
        assert K.image_dim_ordering() == "th"
        assert K.normalize_data_format(None) == "channels_first"
        assert K.conv2d(picture, kernel).shape == (1, 1, 3, 4)
        K.set_image_dim_ordering("tf")
        assert CONFIG.image_data_format() == K.image_data_format() == "channels_last"
    finally:
        K.set_image_data_format("channels_last")
    assert K.normalize_data_format("Channels_First") == "channels_first"


def test_numbers_for_names():
    K.reset_uids()
    assert [K.get_uid("a"), K.get_uid("a"), K.get_uid("b"), K.get_uid()] == [1, 2, 1, 1]
    K.reset_uids()
    assert K.get_uid("a") == 1
    K.clear_session()
    assert K.get_uid("a") == 1


def test_a_name_scope_is_a_context():
    with K.name_scope("outer") as scope:
        y = K.square(K.variable(2.0))
    assert scope == "outer/"
    assert K.eval(y) == 4.0


def test_manual_initialization_defers_nothing():
    K.manual_variable_initialization(True)
    try:
        v = K.variable(3.0)
        K.get_session().run(tf.compat.v1.global_variables_initializer())
        assert K.get_value(v) == 3.0
    finally:
        K.manual_variable_initialization(False)


def test_clearing_the_session_frees_the_phase():
    K.set_learning_phase(1)
    assert K.learning_phase() == 1
    K.clear_session()
    assert not isinstance(K.learning_phase(), int)


# Sessions.


def test_fetches_of_any_nesting():
    model, v = dense_model(), K.variable(2.0)
    x = normal(3, 4)
    fetches = {"model": [model.output, (v, v * 3.0)], "moved": K.update_add(v, 1.0), "none": initializer()}
    found = K.get_session().run(fetches, {model.input: x})
    np.testing.assert_allclose(found["model"][0], model.predict(x, verbose=0), rtol=1e-5)
    assert isinstance(found["model"][1], tuple)
    assert (found["model"][1][1], found["moved"], found["none"]) == (6.0, 3.0, None)
    assert K.get_session().run([]) == []


def initializer():
    return tf.compat.v1.global_variables_initializer()


@pytest.mark.parametrize(
    "make",
    [
        initializer,
        tf.compat.v1.local_variables_initializer,
        tf.compat.v1.tables_initializer,
        lambda: tf.compat.v1.variables_initializer([K.variable(1.0)]),
        tf.group,
    ],
)
def test_initializers_do_nothing(make):
    v = K.variable(7.0)
    assert K.get_session().run(make()) is None
    assert K.get_session().run([make(), v]) == [None, 7.0]


def test_a_callable_of_a_session():
    p, q = K.placeholder((2,)), K.placeholder((2,))
    run = K.get_session().make_callable([p - q], [p, q])
    np.testing.assert_allclose(run([3.0, 4.0], [1.0, 1.0])[0], [2, 3])


@pytest.mark.parametrize("name", ["partial_run", "list_devices", "sess_str"])
def test_what_only_a_real_session_can_do_is_told(name):
    with pytest.raises(AttributeError, match=name):
        getattr(K.get_session(), name)


# The settings of a session.


@pytest.fixture
def passed_on(monkeypatch):
    """Records what is passed to TensorFlow, on a machine with three graphics cards."""
    calls = []

    def note(name):
        return lambda *arguments: calls.append((name, *arguments))

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["card0", "card1", "card2"])
    monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: ["card1"])
    monkeypatch.setattr(tf.config, "set_visible_devices", note("visible"))
    monkeypatch.setattr(tf.config, "set_soft_device_placement", note("soft"))
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", note("growth"))
    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", note("intra"))
    monkeypatch.setattr(tf.config.threading, "set_inter_op_parallelism_threads", note("inter"))
    monkeypatch.setattr(tf.debugging, "set_log_device_placement", note("log"))
    return calls


def session_with(**settings):
    gpu = {name: settings.pop(name) for name in ("allow_growth", "visible_device_list") if name in settings}
    return tf.compat.v1.Session(config=tf.compat.v1.ConfigProto(gpu_options=tf.compat.v1.GPUOptions(**gpu), **settings))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        ({"allow_growth": True}, [("growth", "card1", True)]),
        ({"visible_device_list": "2,0"}, [("visible", ["card2", "card0"], "GPU")]),
        ({"visible_device_list": "7"}, [("visible", [], "GPU")]),
        ({"device_count": {"GPU": 0, "CPU": 4}}, [("visible", [], "GPU")]),
        ({"device_count": {"GPU": 2}}, [("visible", ["card0", "card1"], "GPU")]),
        ({"intra_op_parallelism_threads": 3, "inter_op_parallelism_threads": 2}, [("intra", 3), ("inter", 2)]),
        ({"allow_soft_placement": True, "log_device_placement": True}, [("soft", True), ("log", True)]),
    ],
    ids=str,
)
def test_settings_are_passed_on(passed_on, settings, expected):
    K.set_session(session_with(**settings))
    assert passed_on == expected


def test_a_session_without_settings_is_taken():
    K.set_session(tf.compat.v1.Session())
    K.set_session(K.get_session())


def test_what_comes_too_late_is_told(passed_on, monkeypatch):
    def refuse(*_):
        raise RuntimeError("already initialized")

    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", refuse)
    with pytest.warns(UserWarning, match="intra_op_parallelism_threads comes too late.*already") as caught:
        K.set_session(session_with(intra_op_parallelism_threads=3, inter_op_parallelism_threads=2))
    assert caught[0].filename == __file__
    assert passed_on == [("inter", 2)]


def test_a_fraction_of_the_memory_is_told():
    options = tf.compat.v1.GPUOptions(per_process_gpu_memory_fraction=0.3)
    (complaint,) = session_config.configure(tf.compat.v1.ConfigProto(gpu_options=options))
    assert "memory_fraction has no counterpart" in complaint
