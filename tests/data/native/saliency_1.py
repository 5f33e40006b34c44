import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten
from keras.models import Sequential

results = {}


def compile_saliency_function(model):
    """Compiles a function to compute the saliency maps and predicted classes."""
    inp = model.layers[0].input
    outp = model.layers[-1].output
    max_outp = K.max(outp, axis=1)
    saliency = K.gradients(K.sum(max_outp), inp)[0]
    max_class = K.argmax(outp, axis=1)
    return K.function([inp, K.learning_phase()], [saliency, max_class])


model = Sequential([Conv2D(3, 3, activation="relu", input_shape=(7, 7, 1)), Flatten(), Dense(4, activation="softmax")])
images = np.random.RandomState(7).rand(3, 7, 7, 1)
sal = compile_saliency_function(model)([images, 0])
results["saliency"], results["classes"] = sal[0], sal[1]
