"""Rule native.graph-context: models run without the default graph and the session of Keras."""

from migrate.cases import check_noop, check_transformed

HEAD = "import tensorflow as tf\nfrom k2compat import backend as K\nmodel = build()\n"


def test_what_stands_in_the_default_graph_stands_without():
    before = "graph = tf.get_default_graph()\n\n\ndef f(x):\n    global graph\n    with graph.as_default():\n        # now\n        y = model.predict(x)\n\n        return y\n"
    after = "\n\ndef f(x):\n    # now\n    y = model.predict(x)\n\n    return y\n"
    check_transformed(HEAD + before, HEAD + after, "native.graph-context")


def test_the_session_of_keras_goes_too():
    before = "session = K.get_session()\nwith tf.get_default_graph().as_default(), session.as_default():\n    model.predict(x)\n"
    check_transformed(HEAD + before, HEAD + "session = K.get_session()\nmodel.predict(x)\n", "native.graph-context")


def test_an_attribute_of_a_server():
    before = "class S:\n    def __init__(self):\n        self.m = build()\n        self.graph = tf.get_default_graph()\n    def f(self, x):\n        with self.graph.as_default():\n            return self.m.predict(x)\n"
    after = "class S:\n    def __init__(self):\n        self.m = build()\n    def f(self, x):\n        return self.m.predict(x)\n"
    check_transformed(HEAD + before, HEAD + after, "native.graph-context")


def test_graphs_that_are_made_stay():
    check_noop(HEAD + "g = tf.Graph()\nwith g.as_default():\n    model = build()\n", "native.graph-context")


def test_a_graph_that_is_used_otherwise_stays():
    check_noop(HEAD + "g = tf.get_default_graph()\nprint(g.get_operations())\n", "native.graph-context")


def test_a_session_that_keras_does_not_have_stays():
    check_noop(HEAD + "s = tf.Session()\nwith s.as_default():\n    x.eval()\n", "native.graph-context")


def test_texts_of_several_lines_stay():
    source = 'with tf.get_default_graph().as_default():\n    print("""a\n    b""")\n'
    check_noop(HEAD + source, "native.graph-context")
