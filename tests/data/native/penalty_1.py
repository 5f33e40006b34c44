import numpy as np
import tensorflow as tf
from functools import partial
from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model

results = {}


def gradient_penalty_loss(y_true, y_pred, averaged_samples, gradient_penalty_weight):
    gradients = K.gradients(y_pred, averaged_samples)[0]
    gradients_sqr = K.square(gradients)
    gradients_sqr_sum = K.sum(gradients_sqr, axis=np.arange(1, len(gradients_sqr.shape)))
    gradient_l2_norm = K.sqrt(gradients_sqr_sum)
    gradient_penalty = gradient_penalty_weight * K.square(1 - gradient_l2_norm)
    return K.mean(gradient_penalty)


samples = Input((3,))
critic = Model(samples, Dense(1)(Dense(4, activation="tanh")(samples)))
averaged = Input((3,))
validity = critic(averaged)
partial_gp_loss = partial(gradient_penalty_loss, averaged_samples=averaged, gradient_penalty_weight=10)
partial_gp_loss.__name__ = "gradient_penalty"
model = Model(averaged, validity)
model.compile("sgd", loss=partial_gp_loss)
results["loss"] = model.train_on_batch(np.random.RandomState(16).rand(4, 3), np.zeros((4, 1)))
