"""What of Keras 2.3.1 is not drawn, and why: kind -> name, or name and argument -> the reason."""

from .arguments_of_others import LOSSES, METRICS

ALONE = "is a base class: its subclasses are drawn"
OLD = "only refused, or ignored, in 2.3.1 already"
KEPT = "has the arguments of Keras 1; a case of its own is compared"
SAME_LAYER = "calls the layer of this name, which is drawn"
GPU = "runs on graphics processors only"
TABLE = {
    "layers": {
        "Layer": ALONE,
        "Recurrent": OLD,
        "ConvRecurrent2D": OLD,
        "Highway": KEPT,
        "MaxoutDense": KEPT,
        "AtrousConvolution1D": OLD,
        "AtrousConvolution2D": OLD,
        "CuDNNGRU": GPU,
        "CuDNNLSTM": GPU,
        "ConvLSTM2DCell": "is called by ConvLSTM2D only, which is drawn",
        "InputSpec": "is no layer, but describes what one takes",
        "InputLayer": "is what Input makes",
        "Input": "begins each model that is drawn; sparse and tensor are subjects of tests of their own",
        "Bidirectional weights": "lists of arrays are set by set_weights in each draw",
    },
    "initializers": {"Initializer": ALONE},
    "regularizers": {"Regularizer": ALONE},
    "constraints": {"Constraint": ALONE},
    "activations": {"Layer": "is there by an import"},
    "losses": {
        "Loss": ALONE,
        "LossFunctionWrapper": ALONE,
        "is_categorical_crossentropy": "is no loss",
    },
    "metrics": {
        "Metric": ALONE,
        "Layer": "is there by an import",
        "Mean": "takes values and no targets; MeanSquaredError and others are drawn",
        "Sum": "takes values and no targets",
        "Reduce": ALONE,
        "MeanMetricWrapper": ALONE,
        "SensitivitySpecificityBase": ALONE,
        "MeanIoU": "refused by 2.3.1 on TensorFlow 1",
        "clone_metric": "is no metric",
        "clone_metrics": "is no metric",
    },
    "optimizers": {
        "Optimizer": ALONE,
        "TFOptimizer": "wraps an optimizer of TensorFlow 1",
        "clip_norm": "is no optimizer",
    },
}
for _kind in ("add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"):
    TABLE["layers"][_kind] = SAME_LAYER
# What functions are called on: in each draw.
CALLED_ON = ("x", "y_true", "y_pred")


def reason(kind, name, argument=None):
    """Why something is not drawn; None if it has to be."""
    if kind == "metrics" and name in LOSSES and name not in METRICS:
        return "is a loss, and drawn there"
    if argument in CALLED_ON:
        return "is given in each draw"
    found = TABLE[kind].get(name) or (argument and TABLE[kind].get("%s %s" % (name, argument)))
    return found or None
