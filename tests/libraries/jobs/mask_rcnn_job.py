"""Trains Mask R-CNN for some steps on a shape in a small image, and detects what its weights see in another."""

import numpy as np
import tensorflow as tf
from helpers import steady, values, write
from mrcnn import model as library
from mrcnn import utils
from mrcnn.config import Config

# The rois that a step trains on are a random choice, unless their order stays.
tf.random_shuffle = tf.identity


class Small(Config):
    NAME = "small"
    BACKBONE = "resnet50"
    IMAGES_PER_GPU = 1
    NUM_CLASSES = 3
    IMAGE_MIN_DIM = IMAGE_MAX_DIM = 64
    RPN_ANCHOR_SCALES = (8, 16, 24, 32, 48)
    RPN_TRAIN_ANCHORS_PER_IMAGE = 32
    POST_NMS_ROIS_TRAINING = 400
    POST_NMS_ROIS_INFERENCE = 20
    TRAIN_ROIS_PER_IMAGE = 12
    MAX_GT_INSTANCES = 4
    USE_MINI_MASK = False
    FPN_CLASSIF_FC_LAYERS_SIZE = 32
    TOP_DOWN_PYRAMID_SIZE = 32
    DETECTION_MAX_INSTANCES = 5
    DETECTION_MIN_CONFIDENCE = 0.3
    STEPS_PER_EPOCH = 2
    VALIDATION_STEPS = 1


class Shapes(utils.Dataset):
    """Two rectangles in an image of noise."""

    def load_mask(self, image_id):
        mask = np.zeros((64, 64, 2), bool)
        mask[:34, 8:25, 0] = mask[16:48, 16:48, 1] = True
        return mask, np.array([1, 2], np.int32)

    def load_image(self, image_id):
        return np.clip(128 + 60 * values(64, 64, 3, seed=image_id), 0, 255).astype(np.uint8)


def weighted(model):
    """Give the model weights by the names of its layers, and return the layers by name."""
    layers = [*model.keras_model.layers, *model.keras_model.get_layer("rpn_model").layers]
    layers = {layer.name: layer for layer in layers if layer.name != "rpn_model" and layer.weights}
    steady([layers[name] for name in sorted(layers)], 0.5)
    return layers


def batch(data, config):
    """Return the inputs of a step of training."""
    np.random.seed(0)
    return next(library.data_generator(data, config, shuffle=False, batch_size=1))[0]


def trained(data, config):
    """Return what the model of the training gives, its losses, and weights after the steps."""
    inputs, model = batch(data, config), library.MaskRCNN("training", config, "logs")
    layers = weighted(model)
    arrays = {f"training: {place}": array for place, array in enumerate(model.keras_model.predict(inputs))}
    model.set_trainable(r"(mrcnn\_.*)|(rpn\_.*)|(fpn\_.*)", verbose=0)
    model.compile(0.01, 0.9)
    arrays["losses"] = [model.keras_model.train_on_batch(inputs, []) for _ in range(3)]
    for name in ("rpn_class_raw", "fpn_c2p2", "mrcnn_class_logits", "mrcnn_mask", "conv1"):
        arrays[f"weights: {name}"] = layers[name].get_weights()[0]
    return arrays


def detected(image, config):
    """Return what the model of the inference gives, and what is detected in an image."""
    model = library.MaskRCNN("inference", config, "logs")
    weighted(model)
    images, metas, _ = model.mold_inputs([image])
    inputs = [images, metas, model.get_anchors(images[0].shape)[np.newaxis]]
    arrays = {f"inference: {place}": array for place, array in enumerate(model.keras_model.predict(inputs))}
    arrays.update(model.detect([image])[0])
    return arrays


config, data = Small(), Shapes()
for kind in (1, 2):
    data.add_class("shapes", kind, str(kind))
data.add_image("shapes", 0, None)
data.prepare()
write({**trained(data, config), **detected(data.load_image(5), config)})
