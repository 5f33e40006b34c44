import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Input
from keras.models import Model

results = {}
K.set_learning_phase(0)
image = Input((None, None, 3))
x = Conv2D(4, 3, activation="relu", name="mixed2")(image)
x = Conv2D(4, 3, activation="relu", name="mixed3")(x)
model = Model(image, x)
layer_contributions = {"mixed2": 0.2, "mixed3": 3.}
layer_dict = dict([(layer.name, layer) for layer in model.layers])

# Define the loss.
loss = K.variable(0.)
for layer_name in layer_contributions:
    # Add the L2 norm of the features of a layer to the loss.
    coeff = layer_contributions[layer_name]
    activation = layer_dict[layer_name].output
    # We avoid border artifacts by only involving non-border pixels in the loss.
    scaling = K.prod(K.cast(K.shape(activation), 'float32'))
    loss = loss + coeff * K.sum(K.square(activation[:, 2: -2, 2: -2, :])) / scaling

# Compute the gradients of the dream wrt the loss.
dream = model.input
grads = K.gradients(loss, dream)[0]
# Normalize gradients.
grads /= K.maximum(K.mean(K.abs(grads)), 1e-7)

# Set up function to retrieve the value of the loss and gradients given an input image.
outputs = [loss, grads]
fetch_loss_and_grads = K.function([dream], outputs)


def eval_loss_and_grads(x):
    outs = fetch_loss_and_grads([x])
    loss_value = outs[0]
    grad_values = outs[1]
    return loss_value, grad_values


def gradient_ascent(x, iterations, step, max_loss=None):
    for i in range(iterations):
        loss_value, grad_values = eval_loss_and_grads(x)
        if max_loss is not None and loss_value > max_loss:
            break
        x += step * grad_values
    return x


results["dream"] = gradient_ascent(np.random.RandomState(18).rand(1, 14, 14, 3), 4, 0.01, 10.)
