"""Trains layers that Keras did not have."""

import keras
from helpers import fixed, positive, trained, values, write
from keras_contrib.layers import CRF, PELU, CosineConvolution2D, GroupNormalization, InstanceNormalization, SReLU
from keras_contrib.losses import crf_loss, jaccard_distance

layers, arrays = keras.layers, {}
images = layers.Input((6, 6, 4))
hidden = InstanceNormalization(axis=3)(CosineConvolution2D(4, (3, 3))(images))
hidden = GroupNormalization(groups=2)(SReLU()(PELU()(hidden)))
model = positive(keras.models.Model(images, layers.Dense(2, activation="sigmoid")(layers.Flatten()(hidden))))
found = trained(model, values(4, 6, 6, 4), abs(values(4, 2)) % 1, jaccard_distance)
arrays.update(("layers " + name, value) for name, value in found.items())
steps = layers.Input((5, 4))
crf = CRF(3)
tagger = fixed(keras.models.Model(steps, crf(steps)))
found = trained(tagger, values(6, 5, 4), keras.utils.to_categorical(abs(values(6, 5) * 9) % 3, 3), crf_loss)
arrays.update(("crf " + name, value) for name, value in found.items())
write(arrays)
