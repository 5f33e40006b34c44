import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten, Input
from keras.models import Model

results = {}
inp = Input((10, 10, 3))
t = Conv2D(5, 3, activation="relu", name="block_conv")(inp)
model = Model(inp, Dense(3, activation="softmax")(Flatten()(t)))


def grad_cam_plus_plus(img, layer_name="block_conv"):
    cls = np.argmax(model.predict(img))
    y_c = model.output[0, cls]
    conv_output = model.get_layer(layer_name).output
    grads = K.gradients(y_c, conv_output)[0]
    first = K.exp(y_c) * grads
    second = K.exp(y_c) * grads * grads
    third = K.exp(y_c) * grads * grads * grads
    gradient_function = K.function([model.input], [y_c, first, second, third, conv_output, grads])
    y_c, conv_first_grad, conv_second_grad, conv_third_grad, conv_output, grads_val = gradient_function([img])
    global_sum = np.sum(conv_output[0].reshape((-1, conv_first_grad[0].shape[2])), axis=0)
    alpha_num = conv_second_grad[0]
    alpha_denom = conv_second_grad[0] * 2.0 + conv_third_grad[0] * global_sum.reshape((1, 1, -1))
    alpha_denom = np.where(alpha_denom != 0.0, alpha_denom, np.ones(alpha_denom.shape))
    alphas = alpha_num / alpha_denom
    weights = np.maximum(conv_first_grad[0], 0.0)
    alphas /= np.sum(np.sum(alphas, axis=0), axis=0).reshape((1, 1, -1))
    deep = np.sum((weights * alphas).reshape((-1, conv_first_grad[0].shape[2])), axis=0)
    return np.maximum(np.sum(deep * conv_output[0], axis=2), 0)


results["cam"] = grad_cam_plus_plus(np.random.RandomState(4).rand(1, 10, 10, 3))
