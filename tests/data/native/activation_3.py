import numpy as np
from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model

results = {}


def get_activations(model, model_inputs, layer_name=None):
    inp = model.input
    if not isinstance(inp, list):
        # only one input! let's wrap it in a list.
        inp = [inp]
    outputs = [layer.output for layer in model.layers if layer.name == layer_name or layer_name is None]
    funcs = [K.function(inp + [K.learning_phase()], [out]) for out in outputs]
    list_inputs = [model_inputs, 0.]
    return [func(list_inputs)[0] for func in funcs]


a = Input((3,))
model = Model(a, Dense(2, name="top")(Dense(4, activation="relu", name="hidden")(a)))
for number, activation in enumerate(get_activations(model, np.random.RandomState(14).rand(2, 3))):
    results[str(number)] = activation
