"""The errors of the page of searched errors: code that provokes each without k2compat, and what does its work.

A message is what the error begins with, without the parts that differ from program to program.
"""

from dataclasses import dataclass

MODEL = """
import numpy as np
import tensorflow as tf
from {keras} import layers
from {keras}.layers import Conv2D, Dense, Flatten, Input, Lambda
from {keras}.models import Model, Sequential, load_model

x = Input((8, 8, 3))
conv = Conv2D(4, 3, name="conv")(x)
model = Model(x, Dense(3, activation="softmax")(Flatten()(conv)))
data, wanted = np.zeros((2, 8, 8, 3), "float32"), np.zeros((2, 3), "float32")
"""


@dataclass(frozen=True)
class Searched:
    """An error.

    Attributes:
        message: what its text begins with.
        before: what raises it.
        after: what does the work under k2compat; None for the same, with the backend of k2compat.
        where: "keras3"; "keras2" for that of ``tf_keras``; "graph" for Keras 3 after ``disable_eager_execution()``;
            "old" for a Keras 2 of before TensorFlow 2.13, not tried here.
        keras: what the script imports: "keras" or "tensorflow.keras".
    """

    message: str
    before: str
    after: str | None = None
    where: str = "keras3"
    keras: str = "keras"

    @property
    def code(self) -> str:
        return f"from {self.keras} import backend as K\n{MODEL.format(keras=self.keras)}\n{self.before}"

    @property
    def way_out(self) -> str:
        """The same work under k2compat."""
        return f"from k2compat import backend as K\n{MODEL.format(keras=self.keras)}\n{self.after or self.before}"


GRADIENT = 'g = K.gradients(model.output[:, 1], model.get_layer("conv").output)'
SEARCHED = [
    Searched(
        "tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead.",
        GRADIENT,
        keras="tensorflow.keras",
    ),
    Searched("module 'keras.backend' has no attribute 'gradients'", GRADIENT),
    Searched("module 'keras.backend' has no attribute 'function'", "K.function([model.input], [model.output])([data])"),
    Searched(
        "module 'keras._tf_keras.keras.backend' has no attribute 'function'",
        "K.function([model.input], [model.output])([data])",
        keras="tensorflow.keras",
    ),
    Searched("module 'keras.backend' has no attribute 'placeholder'", "K.placeholder((None, 3))"),
    Searched(
        "module 'keras.backend' has no attribute 'learning_phase'",
        "phase = K.learning_phase()\nK.function([model.input, phase], [model.output])([data, 0])",
    ),
    Searched("module 'keras.backend' has no attribute 'get_session'", "K.get_session().run(K.constant(1.0))"),
    Searched(
        "module 'keras.backend' has no attribute 'set_value'",
        'model.compile("sgd", "mse")\nK.set_value(model.optimizer.lr, 0.1)',
    ),
    Searched("A KerasTensor cannot be used as input to a TensorFlow function.", "tf.reduce_mean(model.output)"),
    Searched(
        "A KerasTensor is symbolic: it's a placeholder for a shape an a dtype.",
        "np.mean(model.output)",
        "K.mean(model.output)",
    ),
    Searched(
        "Cannot convert a symbolic Keras input/output to a numpy array.",
        "np.mean(model.output)",
        "K.mean(model.output)",
        where="old",
    ),
    Searched(
        "Unsupported key type for array slice. Received: `(slice(None, None, None),",
        "model.output[:, np.argmax([0, 1, 0])]",
    ),
    Searched(
        "list indices must be integers or slices, not tuple",
        'model = load_model("custom_model.h5")\nmodel.output[:, 1]',
    ),
    Searched("'str' object has no attribute 'base_dtype'", "K.mean(model.output, axis=-1)", keras="tensorflow.keras"),
    Searched("'KerasTensor' object has no attribute 'get_shape'", "model.output.get_shape().as_list()"),
    Searched("'tuple' object has no attribute 'as_list'", "model.output.shape.as_list()"),
    Searched("'Conv2D' object has no attribute 'output_shape'", 'model.get_layer("conv").output_shape'),
    Searched(
        "A symbolic KerasTensor cannot be used as a boolean.",
        "y = model.output if model.output > 0.5 else x",
        "y = K.switch(model.output > 0.5, model.output, 0 * model.output)",
    ),
    Searched(
        "'KerasTensor' object has no attribute '_id'",
        "with tf.GradientTape() as tape:\n    loss = model.output[:, 1]\n"
        'tape.gradient(loss, model.get_layer("conv").output)',
        GRADIENT,
    ),
    Searched(
        "The layer sequential has never been called and thus has no defined output.",
        "m = Sequential()\nm.add(Dense(3, input_shape=(2,)))\nm.output",
    ),
    Searched("Argument(s) not recognized: {'lr': ", "from keras.optimizers import Adam\nAdam(lr=0.1)"),
    Searched(
        "decay is deprecated in the new TF-Keras optimizer",
        "from tensorflow.keras.optimizers import Adam\nAdam(decay=0.1)",
        where="keras2",
        keras="tensorflow.keras",
    ),
    Searched(
        "'Functional' object has no attribute 'fit_generator'",
        'model.compile("sgd", "mse")\nmodel.fit_generator(iter([(data, wanted)]), steps_per_epoch=1, verbose=0)',
    ),
    Searched(
        "'Sequential' object has no attribute 'predict_classes'",
        "Sequential([Input((2,)), Dense(3)]).predict_classes(np.zeros((1, 2)))",
    ),
    Searched("'Functional' object has no attribute 'total_loss'", 'model.compile("sgd", "mse")\nmodel.total_loss'),
    Searched(
        "'SGD' object has no attribute 'get_updates'",
        "from keras.optimizers import SGD\nSGD().get_updates(0.0, model.trainable_weights)",
        "from keras.optimizers import SGD\nSGD().get_updates(K.mean(model.output), model.trainable_weights)",
    ),
    Searched("No module named 'keras.layers.core'", "from keras.layers.core import Dropout"),
    Searched("No module named 'keras.engine'", "from keras.engine.topology import Layer"),
    Searched("No module named 'keras.utils.np_utils'", "from keras.utils.np_utils import to_categorical"),
    Searched(
        "cannot import name 'ImageDataGenerator' from 'keras.preprocessing.image'",
        "from keras.preprocessing.image import ImageDataGenerator",
    ),
    Searched(
        "Unrecognized keyword arguments passed to Dense: {'init': ",
        'Dense(3, init="uniform")',
        'Dense(3, kernel_initializer="uniform")',
    ),
    Searched(
        "The filename must end in `.weights.h5`.", 'model.save_weights("w.h5")', 'model.save_weights("w.weights.h5")'
    ),
    Searched(
        "module 'tensorflow' has no attribute 'Session'",
        "tf.Session().run(model.trainable_weights)",
        "K.get_session().run(model.trainable_weights)",
    ),
    Searched(
        "module 'tensorflow' has no attribute 'get_default_graph'",
        "graph = tf.get_default_graph()\nwith graph.as_default():\n    model.predict(data, verbose=0)",
        "model.predict(data, verbose=0)",
    ),
    Searched(
        "module 'tensorflow' has no attribute 'set_random_seed'", "tf.set_random_seed(1)", "tf.random.set_seed(1)"
    ),
    Searched("module 'tensorflow' has no attribute 'log'", "tf.log(2.0)", "tf.math.log(2.0)"),
    Searched(
        "module 'tensorflow' has no attribute 'placeholder'",
        'tf.placeholder("float32", (None, 3))',
        "K.placeholder((None, 3))",
    ),
    Searched(
        "cannot import name 'mean_squared_error' from 'tensorflow.keras.losses'",
        "from tensorflow.keras.losses import mean_squared_error",
        "from tensorflow.keras.losses import mean_squared_error",
        keras="tensorflow.keras",
    ),
    Searched(
        "tf.placeholder() is not compatible with eager execution.",
        'tf.compat.v1.placeholder("float32", (None, 3))',
        "K.placeholder((None, 3))",
    ),
    Searched(
        "The Session graph is empty.",
        "tf.compat.v1.Session().run(tf.constant(1.0))",
        "K.get_session().run(tf.constant(1.0))",
    ),
    Searched(
        "`tf.data.Dataset` only supports Python-style iteration in eager mode or within tf.function.",
        'model.compile("sgd", "mse")\nmodel.fit(data, wanted, verbose=0)',
        where="graph",
    ),
]
