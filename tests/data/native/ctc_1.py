import numpy as np
from keras import backend as K
from keras.layers import Dense, Input, Lambda
from keras.models import Model

results = {}


# the actual loss calc occurs here despite it not being an internal Keras loss function
def ctc_lambda_func(args):
    y_pred, labels, input_length, label_length = args
    # the first outputs of a recurrent layer tend to be garbage
    y_pred = y_pred[:, 2:, :]
    return K.ctc_batch_cost(labels, y_pred, input_length, label_length)


frames = Input((8, 3))
y_pred = Dense(5, activation="softmax", name="softmax")(frames)
labels = Input(name="the_labels", shape=[3], dtype="float32")
input_length = Input(name="input_length", shape=[1], dtype="int64")
label_length = Input(name="label_length", shape=[1], dtype="int64")
loss_out = Lambda(ctc_lambda_func, output_shape=(1,), name="ctc")([y_pred, labels, input_length, label_length])
model = Model(inputs=[frames, labels, input_length, label_length], outputs=loss_out)
model.compile(loss={"ctc": lambda y_true, y_pred: y_pred}, optimizer="sgd")
rng = np.random.RandomState(3)
given = [rng.rand(2, 8, 3), np.array([[0, 1, 2], [3, 3, 0]]), np.array([[6], [6]]), np.array([[3], [2]])]
results["loss"] = model.predict(given)
