import numpy as np
from keras import backend as K
from keras.layers import Dense, Dropout, Input
from keras.models import Model

results = {}


def create_dropout_predict_function(model, dropout):
    """Create a keras function to predict with dropout."""
    # Load the config of the original model
    conf = model.get_config()
    # Add the specified dropout to all layers
    for layer in conf['layers']:
        # Dropout layers
        if layer["class_name"] == "Dropout":
            layer["config"]["rate"] = dropout
    # Create a new model with specified dropout
    model_dropout = Model.from_config(conf)
    model_dropout.set_weights(model.get_weights())

    # Create a function to predict with the dropout on
    predict_with_dropout = K.function(model_dropout.inputs + [K.learning_phase()], model_dropout.outputs)
    return predict_with_dropout


inp = Input((4,))
model = Model(inp, Dense(1)(Dropout(0.2)(Dense(30, activation="relu")(inp))))
predict_with_dropout = create_dropout_predict_function(model, 0.5)
x = np.random.RandomState(0).rand(3, 4)
num_iter = 6
predictions = np.zeros((3, num_iter))
for i in range(num_iter):
    predictions[:, i] = predict_with_dropout([x, 1])[0].reshape(-1)
results["ci"] = predictions.std(axis=1) > 0
