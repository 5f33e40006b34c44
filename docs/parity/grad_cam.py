# Grad-CAM on handwritten digits
from __future__ import print_function

import numpy as np
from sklearn.datasets import load_digits

import keras
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential
from keras.utils import np_utils

np.random.seed(1337)

batch_size = 64
nb_classes = 10
nb_epoch = 3

digits = load_digits()
X = digits.images.astype('float32') / 16.
X = X.reshape(X.shape[0], 8, 8, 1)
Y = np_utils.to_categorical(digits.target, nb_classes)
X_train, Y_train = X[:1400], Y[:1400]
X_test, Y_test = X[1400:], Y[1400:]

model = Sequential()
model.add(Conv2D(16, (3, 3), activation='relu', padding='same', input_shape=(8, 8, 1)))
model.add(Conv2D(32, (3, 3), activation='relu', padding='same', name='last_conv'))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(64, activation='relu'))
model.add(Dense(nb_classes, activation='softmax'))

model.compile(loss='categorical_crossentropy', optimizer='adadelta', metrics=['accuracy'])
model.fit(X_train, Y_train, batch_size=batch_size, epochs=nb_epoch, verbose=0, validation_data=(X_test, Y_test))
score = model.evaluate(X_test, Y_test, verbose=0)
print('Test loss:', score[0])
print('Test accuracy:', score[1])


def grad_cam(input_model, image, cls, layer_name):
    y_c = input_model.output[0, cls]
    conv_output = input_model.get_layer(layer_name).output
    grads = K.gradients(y_c, conv_output)[0]
    # Normalize if necessary
    grads = grads / (K.sqrt(K.mean(K.square(grads))) + K.epsilon())
    gradient_function = K.function([input_model.input], [conv_output, grads])

    output, grads_val = gradient_function([image])
    output, grads_val = output[0, :], grads_val[0, :, :, :]

    weights = np.mean(grads_val, axis=(0, 1))
    cam = np.dot(output, weights)
    cam = np.maximum(cam, 0)
    return cam / (cam.max() + 1e-8)


def saliency(input_model, layer_idx=-1):
    """Compiles a saliency function for the most probable class"""
    inp = input_model.layers[0].input
    outp = input_model.layers[layer_idx].output
    max_outp = K.max(outp, axis=1)
    sal = K.gradients(K.sum(max_outp), inp)[0]
    max_class = K.argmax(outp, axis=1)
    return K.function([inp, K.learning_phase()], [sal, max_class])


for i in range(5):
    img = X_test[i:i + 1]
    predicted = np.argmax(model.predict(img)[0])
    heatmap = grad_cam(model, img, predicted, 'last_conv')
    print(i, predicted, np.unravel_index(heatmap.argmax(), heatmap.shape))

sal, classes = saliency(model)([X_test[:20], 0])
print('strongest pixels:', np.abs(sal).reshape(20, -1).argmax(axis=1))
