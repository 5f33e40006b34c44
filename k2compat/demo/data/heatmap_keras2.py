"""Grad-CAM: which part of a picture made the network decide as it did, plainly and with guided gradients."""

import glob
import os

import cv2
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.models import load_model
from keras.preprocessing import image

model = load_model("custom_model.h5")
conv_layer = model.get_layer("block5_conv3")

for path in sorted(glob.glob("pictures/*.png")):
    img = image.load_img(path, target_size=(96, 96))
    x = image.img_to_array(img)
    x = np.expand_dims(x, axis=0) / 255.0

    preds = model.predict(x)
    prediction = model.output[:, np.argmax(preds[0])]

    # Grad-CAM: each channel of the last convolution counts as much as its mean gradient.
    grads = K.gradients(prediction, conv_layer.output)[0]
    pooled_grads = K.mean(grads, axis=(0, 1, 2))
    iterate = K.function([model.get_layer("model_input")], [pooled_grads, conv_layer.output[0]])
    pooled_grads_value, conv_layer_output_value = iterate([x])
    for i in range(pooled_grads_value.shape[0]):
        conv_layer_output_value[:, :, i] *= pooled_grads_value[i]
    heatmap = np.mean(conv_layer_output_value, axis=-1)
    heatmap = np.maximum(heatmap, 0)
    heatmap /= np.max(heatmap) or 1

    # Guided: only gradients that speak for the class count, and only where the channel is active.
    guided_grads = tf.cast(conv_layer.output > 0, "float32") * tf.cast(grads > 0, "float32") * grads
    weights = tf.reduce_mean(guided_grads, axis=(1, 2))
    cam = tf.reduce_sum(tf.multiply(weights[:, tf.newaxis, tf.newaxis, :], conv_layer.output), axis=-1)
    guided_grads_value, cam_value = K.function([model.get_layer("model_input")], [guided_grads, cam])([x])
    guided = np.maximum(cam_value[0], 0)
    guided /= np.max(guided) or 1

    original = image.img_to_array(image.load_img(path))[:, :, ::-1]
    size = (original.shape[1], original.shape[0])
    heatmap_large = cv2.resize(heatmap, size)
    guided_large = cv2.resize(guided, size)
    name = "heatmaps/" + os.path.splitext(os.path.basename(path))[0]
    for kind, large in [("", heatmap_large), ("guided_", guided_large)]:
        coloured = cv2.applyColorMap(np.uint8(255 * large), cv2.COLORMAP_JET)
        cv2.imwrite(name + "_" + kind + "heatmap.png", coloured)
        cv2.imwrite(name + "_" + kind + "overlay.png", np.uint8(coloured * 0.4 + original * 0.6))
    np.savez(
        name + ".npz",
        preds=preds[0],
        pooled_grads=pooled_grads_value,
        weighted_maps=conv_layer_output_value,
        heatmap=heatmap,
        heatmap_large=heatmap_large,
        guided_grads=guided_grads_value[0],
        guided=guided,
        guided_large=guided_large,
    )
