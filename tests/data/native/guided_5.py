import numpy as np
import tensorflow as tf
from tensorflow.python.framework import ops
import keras.backend as K
from keras.layers import Conv2D, Dense, GlobalAveragePooling2D, Input, Activation
from keras.models import Model

results = {}
H, W = 8, 8


def build_model():
    """Function returning keras model instance."""
    a = Input((H, W, 3))
    h = Conv2D(3, 3, name="block1")(a)
    h = Activation("relu")(h)
    h = Conv2D(4, 3, activation="relu", name="block5_conv3")(h)
    return Model(a, Dense(2)(GlobalAveragePooling2D()(h)))


def build_guided_model():
    """Function returning modified model.

    Changes gradient function for all ReLu activations
    according to Guided Backpropagation.
    """
    if "GuidedBackProp" not in ops._gradient_registry._registry:
        @ops.RegisterGradient("GuidedBackProp")
        def _GuidedBackProp(op, grad):
            dtype = op.inputs[0].dtype
            return grad * tf.cast(grad > 0., dtype) * \
                   tf.cast(op.inputs[0] > 0., dtype)

    g = tf.get_default_graph()
    with g.gradient_override_map({'Relu': 'GuidedBackProp'}):
        new_model = build_model()
    return new_model


def guided_backprop(input_model, images, layer_name):
    """Guided Backpropagation method for visualizing input saliency."""
    input_imgs = input_model.input
    layer_output = input_model.get_layer(layer_name).output
    grads = K.gradients(layer_output, input_imgs)[0]
    backprop_fn = K.function([input_imgs, K.learning_phase()], [grads])
    grads_val = backprop_fn([images, 0])[0]
    return grads_val


if __name__ == "__main__":
    model = build_model()
    guided_model = build_guided_model()
    guided_model.set_weights(model.get_weights())
    x = np.random.RandomState(1).rand(2, H, W, 3)
    results["gb"] = guided_backprop(guided_model, x, "block5_conv3")
