import numpy as np
import keras
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential

results = {}


class integrated_gradients:
    def __init__(self, model, outchannels):
        self.model = model
        self.outchannels = outchannels
        self.get_gradients = {}
        for c in self.outchannels:
            # a function for each output
            gradients = K.gradients(self.model.output[:, c], self.model.input)
            self.get_gradients[c] = K.function(inputs=[self.model.input, K.learning_phase()], outputs=gradients)

    def explain(self, sample, outc=0, num_steps=8):
        steps = [sample * k / num_steps for k in range(1, num_steps + 1)]
        gradients = self.get_gradients[outc]([np.array(steps), 0])[0]
        return np.sum(gradients, axis=0) * sample / num_steps


model = Sequential([Dense(5, input_dim=3, activation="tanh"), Dense(2)])
ig = integrated_gradients(model, [0, 1])
results["first"] = ig.explain(np.array([0.3, -0.2, 0.9]))
results["second"] = ig.explain(np.array([0.3, -0.2, 0.9]), outc=1)
