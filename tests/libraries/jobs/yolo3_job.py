"""Trains YOLOv3 and its tiny sibling on small images, as its `train.py` does, and finds boxes as its `yolo.py` does."""

import numpy as np
from helpers import steady, values, write
from keras import backend as K
from keras.layers import Input, Lambda
from keras.models import Model
from keras.optimizers import SGD
from yolo3.model import preprocess_true_boxes, tiny_yolo_body, yolo_body, yolo_eval, yolo_loss

CLASSES, SIZE, STRIDES = 2, 64, (32, 16, 8)
images = np.abs(values(2, SIZE, SIZE, 3)) % 1
BOXES = np.array([[[4, 6, 30, 40, 0], [33, 20, 60, 63, 1]], [[10, 10, 50, 26, 1], [0, 0, 0, 0, 0]]])


def run(body, count, frozen):
    """Return what a network gives: its outputs, the losses of steps, its last weights after them, and boxes.

    Args:
        body: the function that builds it.
        count: number of its anchors.
        frozen: whether only its last layers are trained.
    """
    anchors = np.array([[5.0, 6], [8, 15], [16, 11], [15, 30], [31, 22], [29, 59], [58, 45], [52, 60], [62, 63]])[
        :count
    ]
    levels = count // 3
    network = body(Input(shape=(None, None, 3)), 3, CLASSES)
    steady(network.layers)
    arrays = {f"output {level}": array for level, array in enumerate(network.predict(images))}
    image_shape = K.placeholder(shape=(2,))
    results = yolo_eval(network.output, anchors, CLASSES, image_shape, score_threshold=0.2, iou_threshold=0.3)
    feeds = {network.input: images[:1], image_shape: [50, 80], K.learning_phase(): 0}
    arrays["boxes"], arrays["scores"], arrays["classes"] = K.get_session().run(list(results), feed_dict=feeds)
    targets = preprocess_true_boxes(BOXES, (SIZE, SIZE), anchors, CLASSES)
    wanted = [Input(shape=(SIZE // stride, SIZE // stride, 3, CLASSES + 5)) for stride in STRIDES[:levels]]
    arguments = {"anchors": anchors, "num_classes": CLASSES, "ignore_thresh": 0.5}
    loss = Lambda(yolo_loss, output_shape=(1,), name="yolo_loss", arguments=arguments)([*network.output, *wanted])
    model = Model([network.input, *wanted], loss)
    for layer in network.layers[: -levels if frozen else 0]:
        layer.trainable = False
    model.compile(optimizer=SGD(lr=1e-4), loss={"yolo_loss": lambda y_true, y_pred: y_pred})
    arrays["losses"] = [model.train_on_batch([images, *targets], np.zeros(2)) for _ in range(3)]
    last = [layer for layer in network.layers if layer.weights][-1]
    arrays["kernel"], arrays["bias"] = last.get_weights()
    return arrays


found = {"full": run(yolo_body, 9, frozen=True), "tiny": run(tiny_yolo_body, 6, frozen=False)}
write({f"{name}: {part}": array for name, arrays in found.items() for part, array in arrays.items()})
