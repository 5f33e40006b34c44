# One map for each of several images, with a layer chosen by its number.
import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Dense, Flatten, Input
from keras.models import Model

results = {}
img_input = Input(shape=(9, 9, 1))
conv = Conv2D(4, (3, 3), activation="relu")(img_input)
conv = Conv2D(4, (2, 2), activation="relu")(conv)
classifier = Model(img_input, Dense(3, activation="softmax")(Flatten()(conv)))
images = np.random.RandomState(3).rand(3, 9, 9, 1)
for number, image in enumerate(images):
    batch = np.expand_dims(image, 0)
    best = np.argmax(classifier.predict(batch)[0])
    score = classifier.output[:, best]
    feature_map = classifier.layers[-3].output
    gradient = K.gradients(score, feature_map)[0]
    importance = K.mean(gradient, axis=(1, 2))
    run = K.function([classifier.input], [importance, feature_map])
    weights, maps = run([batch])
    cam = np.zeros(maps.shape[1:3])
    for k, weight in enumerate(weights[0]):
        cam += weight * maps[0, :, :, k]
    results["cam_%d" % number] = cam
