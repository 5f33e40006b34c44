import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten
from keras.models import Sequential

results = {}
model = Sequential([Conv2D(3, 3, input_shape=(6, 6, 1), activation="relu"), Flatten(), Dense(4), Dense(2)])
x = np.random.RandomState(12).rand(2, 6, 6, 1)
get_3rd_layer_output = K.function([model.layers[0].input], [model.layers[2].output])
layer_output = get_3rd_layer_output([x])[0]
results["third"] = layer_output
