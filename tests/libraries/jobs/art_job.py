"""Attacks a small classifier by its gradients."""

import keras
from art.attacks.evasion import FastGradientMethod
from art.estimators.classification import KerasClassifier
from helpers import fixed, values, write

layers = keras.layers
model = keras.models.Sequential(
    [
        layers.Conv2D(3, 3, activation="relu", input_shape=(6, 6, 1)),
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    ]
)
fixed(model).compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
classifier = KerasClassifier(model, clip_values=(-3, 3), use_logits=False)
x, y = values(4, 6, 6, 1), keras.utils.to_categorical([0, 1, 2, 1], 3)
write(
    {
        "predicted": classifier.predict(x),
        "of the loss": classifier.loss_gradient(x, y),
        "of classes": classifier.class_gradient(x),
        "of a class": classifier.class_gradient(x, label=1),
        "attacked": FastGradientMethod(classifier, eps=0.2).generate(x),
    }
)
