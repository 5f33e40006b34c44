# Heatmap of the class that was predicted.
import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Dense, GlobalAveragePooling2D, Input
from keras.models import Model

results = {}
image = Input((12, 12, 3), name="model_input")
x = Conv2D(4, 3, activation="relu")(image)
x = Conv2D(6, 3, activation="relu", name="last_conv")(x)
model = Model(image, Dense(3, activation="softmax")(GlobalAveragePooling2D()(x)))
x = np.random.RandomState(0).rand(1, 12, 12, 3)

preds = model.predict(x)
# output of the winning class
model_prediction = model.output[:, np.argmax(preds[0])]
conv_layer = model.get_layer("last_conv")
grads = K.gradients(model_prediction, conv_layer.output)[0]
pooled_grads = K.mean(grads, axis=(0, 1, 2))
input_layer = model.get_layer("model_input")
iterate = K.function([input_layer], [pooled_grads, conv_layer.output[0]])
pooled_grads_value, conv_layer_output_value = iterate([x])
for i in range(pooled_grads_value.shape[0]):
    conv_layer_output_value[:, :, i] *= pooled_grads_value[i]
heatmap = np.maximum(np.mean(conv_layer_output_value, axis=-1), 0)
results["heatmap"] = heatmap / np.max(heatmap)
