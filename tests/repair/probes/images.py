"""Probes of the repairs of image preprocessing: whether ``ImageDataGenerator`` gives the images of Keras 2."""

import numpy as np
from kerases import keras

from repair.probes import probe, probe_of_keras3


@probe
def image_data():
    image = keras.preprocessing.image
    picture = np.zeros((3, 5, 1), "float32")
    picture[1, 2] = 1.0
    below = image.apply_affine_transform(picture, tx=1)
    brightened = image.ImageDataGenerator().apply_transform(picture, {"brightness": 1.0})
    assert below[0, 2, 0] == 1.0
    assert brightened.max() == 255.0


@probe_of_keras3
def image_iterators():
    image = keras.preprocessing.image
    batches = image.ImageDataGenerator().flow(np.ones((3, 2, 2, 1)), batch_size=2)
    assert [batches.next().sum(), batches.next().sum()] == [8.0, 4.0]
    assert issubclass(image.DataFrameIterator, image.Iterator)
