# keras-grad-cam style
import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten, Input
from keras.models import Model
from tensorflow.python.framework import ops

results = {}


def build_model():
    inp = Input((8, 8, 3))
    h = Conv2D(3, 3, activation="relu", name="conv1")(inp)
    h = Conv2D(4, 3, activation="relu", name="conv2")(h)
    return Model(inp, Dense(3, activation="softmax")(Flatten()(h)))


def register_gradient():
    if "GuidedBackProp" not in ops._gradient_registry._registry:
        @ops.RegisterGradient("GuidedBackProp")
        def _GuidedBackProp(op, grad):
            dtype = op.inputs[0].dtype
            return grad * tf.cast(grad > 0., dtype) * \
                tf.cast(op.inputs[0] > 0., dtype)


def compile_saliency_function(model, activation_layer="conv2"):
    input_img = model.input
    layer_dict = dict([(layer.name, layer) for layer in model.layers[1:]])
    layer_output = layer_dict[activation_layer].output
    max_output = K.max(layer_output, axis=3)
    saliency = K.gradients(K.sum(max_output), input_img)[0]
    return K.function([input_img, K.learning_phase()], [saliency])


def modify_backprop(model, name):
    g = tf.get_default_graph()
    with g.gradient_override_map({'Relu': name}):

        # get layers that have an activation
        layer_dict = [layer for layer in model.layers[1:]
                      if hasattr(layer, 'activation')]

        # replace relu activation
        for layer in layer_dict:
            if layer.activation == keras.activations.relu:
                layer.activation = tf.nn.relu

        # re-instanciate a new model
        new_model = build_model()
    return new_model


model = build_model()
x = np.random.RandomState(0).rand(1, 8, 8, 3)
register_gradient()
guided_model = modify_backprop(model, 'GuidedBackProp')
guided_model.set_weights(model.get_weights())
saliency_fn = compile_saliency_function(guided_model)
saliency = saliency_fn([x, 0])
results["saliency"] = saliency[0]
