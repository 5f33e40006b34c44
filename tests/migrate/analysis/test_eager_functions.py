"""Which functions run on tensors that have a value."""

import pytest

from migrate.cases import check_transformed

HEAD = "import keras\nimport tensorflow as tf\nfrom k2compat import backend as K\n"


BARE = "import keras\nimport tensorflow as tf\n"


# Code whose K.square runs on tensors with a value.
REAL = {
    "a loss that is compiled": "def f(a, b):\n    return K.square(a - b)\nmodel.compile('sgd', loss=f)\n",
    "a metric": "def f(a, b):\n    return K.square(a - b)\nmodel.compile('sgd', 'mse', metrics=['acc', f])\n",
    "a factory": "def make(g=2.):\n    def f(y_true, y_pred):\n        return g * K.square(g * y_true)\n    return f\n",
    "a Lambda layer": "y = keras.layers.Lambda(lambda x: K.square(x))(z)\n",
    "a named lambda": "f = lambda x: K.square(x)\ny = keras.layers.Lambda(f)(z)\n",
    "an activation": "def f(x):\n    return K.square(x)\nkeras.layers.Dense(3, activation=f)\n",
    "a layer": "class L(keras.layers.Layer):\n    def call(self, x):\n        return K.square(x) * self.w\n",
    "a layer of a layer": "class A(keras.layers.Layer):\n    pass\n"
    "class L(A):\n    def call(self, x):\n        return K.square(x)\n",
    "a constraint": "class C(keras.constraints.Constraint):\n    def __call__(self, w):\n        return K.square(w)\n",
    "a helper": "def h(x):\n    return K.square(x)\ndef f(y_true, y_pred):\n    return h(y_true)\n",
    "a method of a layer": "class L(keras.layers.Layer):\n    def call(self, x):\n        return self.h(x)\n"
    "    def h(self, x):\n        return K.square(x)\n",
    "a number of the module": "a = float(3)\ndef f(y_true, y_pred):\n    return K.square(a * y_true)\n",
    "a function for others": "def f(x):\n    return K.square(x)\n",
    "a tape": "def f(x):\n    with tf.GradientTape() as tape:\n        return K.square(x)\nf(other)\n",
}


@pytest.mark.parametrize("name", REAL)
def test_where_tensors_have_a_value(name):
    check_transformed(HEAD + REAL[name], BARE + REAL[name].replace("K.square", "keras.ops.square"), "native")


# Code whose K.square may be symbolic.
SYMBOLIC = {
    "at the top": "x = K.square(K.placeholder((3,)))\n",
    "a function of symbols": "def f(x):\n    return K.square(x)\nf(K.placeholder((3,)))\n",
    "a loss that is called with a variable": "def f(y_true, y_pred):\n    return K.square(y_true)\n"
    "f(K.variable(1.), 2)\n",
    "a closure over a tensor": "z = Dense(3)(x)\ndef f(y_true, y_pred):\n    return K.square(z)\n",
    "what a factory is given": "def make(z):\n    def f(y_true, y_pred):\n        return K.square(z)\n    return f\n",
    "an attribute": "class L(keras.layers.Layer):\n    def build(self, s):\n        self.c = K.variable(1.)\n"
    "    def call(self, x):\n        return K.square(self.c)\n",
}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_where_tensors_may_be_symbolic(name):
    source = HEAD + SYMBOLIC[name]
    done = check_transformed(source, source, "native")
    line = 1 + source[: source.index("K.square")].count("\n")
    assert any(entry.line == line and "`K.square` stays: " in entry.message for entry in done.manual), done.manual


def test_functions_for_other_files_that_take_sizes_may_build_expressions():
    source = "from k2compat import backend as K\ndef grid(x):\n    return K.reshape(x, [K.shape(x)[1], -1])\n"
    done = check_transformed(source, source, "native")
    assert [entry.message.split()[0] for entry in done.manual] == ["`K.reshape`", "`K.shape`"]
