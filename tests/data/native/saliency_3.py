import numpy as np
from keras import backend as K
from keras.layers import Dense, Dropout, Input
from keras.models import Model

results = {}


class Saliency(object):
    """Gradients of a model's output with regard to its input."""

    def __init__(self, model, output_index=0):
        input_tensors = [model.input, K.learning_phase()]
        gradients = model.optimizer.get_gradients(model.output[0][output_index], model.input)
        self.compute_gradients = K.function(inputs=input_tensors, outputs=gradients)

    def get_mask(self, sample):
        return self.compute_gradients([np.expand_dims(sample, 0), 0])[0][0]


inputs = Input((6,))
outputs = Dense(2)(Dropout(0.5)(Dense(5, activation="relu")(inputs)))
model = Model(inputs, outputs)
model.compile("sgd", "mse")
results["mask"] = Saliency(model, 1).get_mask(np.random.RandomState(9).rand(6))
