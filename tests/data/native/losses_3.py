import numpy as np
from keras import backend as K
from keras.layers import Dense, Input, Lambda
from keras.models import Model

results = {}


def euclidean_distance(vects):
    x, y = vects
    sum_square = K.sum(K.square(x - y), axis=1, keepdims=True)
    return K.sqrt(K.maximum(sum_square, K.epsilon()))


def eucl_dist_output_shape(shapes):
    shape1, shape2 = shapes
    return (shape1[0], 1)


def contrastive_loss(y_true, y_pred):
    margin = 1
    square_pred = K.square(y_pred)
    margin_square = K.square(K.maximum(margin - y_pred, 0))
    return K.mean(y_true * square_pred + (1 - y_true) * margin_square)


def accuracy(y_true, y_pred):
    return K.mean(K.equal(y_true, K.cast(y_pred < 0.5, y_true.dtype)))


a, b = Input((4,)), Input((4,))
base = Dense(3, activation="relu")
distance = Lambda(euclidean_distance, output_shape=eucl_dist_output_shape)([base(a), base(b)])
model = Model([a, b], distance)
model.compile(loss=contrastive_loss, optimizer="sgd", metrics=[accuracy])
rng = np.random.RandomState(14)
results["loss"] = model.train_on_batch([rng.rand(6, 4), rng.rand(6, 4)], rng.randint(0, 2, (6, 1)).astype("float32"))
