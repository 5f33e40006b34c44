import numpy as np
from keras import backend as K
from keras.layers import Dense
from keras.models import Sequential

results = {}


def fgsm(model, image, label, epsilon=0.05):
    y_true = K.constant(label)
    loss = K.mean(K.categorical_crossentropy(y_true, model.output))
    gradient = K.gradients(loss, model.input)[0]
    adversarial = model.input + epsilon * K.sign(gradient)
    adversarial = K.stop_gradient(K.clip(adversarial, 0, 1))
    return K.function([model.input], [adversarial])([image])[0]


model = Sequential([Dense(4, activation="relu", input_shape=(5,)), Dense(2, activation="softmax")])
results["image"] = fgsm(model, np.random.RandomState(10).rand(1, 5), np.array([[0.0, 1.0]]))
