"""The values from which the arguments of everything that is no layer are drawn: kind -> name -> argument -> values."""

SEEDS = [3, 17]
OF_ITS_OWN = {"name": ["called"]}
REDUCTIONS = {"reduction": ["sum", "none", "sum_over_batch_size"]}
LOSS = dict(OF_ITS_OWN, **REDUCTIONS)
LOGITS = {"from_logits": [True, False]}
SMOOTHED = dict(LOGITS, label_smoothing=[0.2, 0.0])
METRIC = dict(OF_ITS_OWN, dtype=["float32", None])
THRESHOLDS = dict(METRIC, thresholds=[None, 0.6, [0.3, 0.7]])
STEPPED = {"lr": [0.02], "decay": [0.1], "clipnorm": [0.3], "clipvalue": [0.1]}

INITIALIZERS = {
    "Zeros": {},
    "Ones": {},
    "Constant": {"value": [0.3, -2.0]},
    "Identity": {"gain": [2.0, 0.5]},
    "Orthogonal": {"gain": [1.5, 1.0], "seed": SEEDS},
    "RandomNormal": {"mean": [1.0, 0.0], "stddev": [0.3, 2.0], "seed": SEEDS},
    "RandomUniform": {"minval": [-1.0, 0.0], "maxval": [0.5, 2.0], "seed": SEEDS},
    "TruncatedNormal": {"mean": [1.0, 0.0], "stddev": [0.3, 2.0], "seed": SEEDS},
    "VarianceScaling": {
        "scale": [2.0, 0.5],
        "mode": ["fan_in", "fan_out", "fan_avg"],
        "distribution": ["normal", "uniform"],
        "seed": SEEDS,
    },
}
for _name in ("glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform"):
    INITIALIZERS[_name] = {"seed": SEEDS}

REGULARIZERS = {
    "L1L2": {"l1": [0.1, 0.0], "l2": [0.2, 0.0]},
    "l1": {"l": [0.3]},
    "l2": {"l": [0.4]},
    "l1_l2": {"l1": [0.1], "l2": [0.2]},
}
CONSTRAINTS = {
    "MaxNorm": {"max_value": [0.8, 2], "axis": [0, 1, [0, 1]]},
    "MinMaxNorm": {"min_value": [0.5, 0.9], "max_value": [0.9, 1.5], "rate": [0.4, 1.0], "axis": [0, 1, [0, 1]]},
    "NonNeg": {},
    "UnitNorm": {"axis": [0, 1, [0, 1]]},
}
ACTIVATIONS = {
    "elu": {"alpha": [0.4, 1.0]},
    "relu": {"alpha": [0.2, 0.0], "max_value": [0.7, None], "threshold": [0.3, -0.2]},
    "softmax": {"axis": [-1, 1]},
}
for _name in ("exponential", "hard_sigmoid", "linear", "selu", "sigmoid", "softplus", "softsign", "tanh"):
    ACTIVATIONS[_name] = {}

LOSSES = {
    "BinaryCrossentropy": dict(SMOOTHED, **LOSS),
    "CategoricalCrossentropy": dict(SMOOTHED, **LOSS),
    "SparseCategoricalCrossentropy": dict(LOGITS, **LOSS),
    "Huber": dict(LOSS, delta=[0.5, 1.0]),
    "binary_crossentropy": SMOOTHED,
    "categorical_crossentropy": SMOOTHED,
    "sparse_categorical_crossentropy": dict(LOGITS, axis=[-1]),
    "huber_loss": {"delta": [0.5]},
    "cosine_similarity": {"axis": [-1, 1]},
    "cosine_proximity": {"axis": [-1, 1]},
    "cosine": {"axis": [-1, 1]},
}
for _name in [
    "CategoricalHinge",
    "Hinge",
    "KLDivergence",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SquaredHinge",
]:
    LOSSES[_name] = LOSS
for _name in [
    "KLD",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "categorical_hinge",
    "hinge",
    "kld",
    "kullback_leibler_divergence",
    "logcosh",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "msle",
    "poisson",
    "squared_hinge",
]:
    LOSSES[_name] = {}

METRICS = {
    "AUC": dict(
        METRIC,
        num_thresholds=[20, 200],
        curve=["ROC", "PR"],
        summation_method=["interpolation", "minoring", "majoring"],
        thresholds=[None, [0.2, 0.5, 0.8]],
    ),
    "BinaryAccuracy": dict(METRIC, threshold=[0.5, 0.3]),
    "BinaryCrossentropy": dict(METRIC, **SMOOTHED),
    "CategoricalCrossentropy": dict(METRIC, **SMOOTHED),
    "SparseCategoricalCrossentropy": dict(METRIC, axis=[-1], **LOGITS),
    "CosineSimilarity": dict(METRIC, axis=[-1, 1]),
    "Precision": dict(THRESHOLDS, top_k=[None, 2], class_id=[None, 1]),
    "Recall": dict(THRESHOLDS, top_k=[None, 2], class_id=[None, 1]),
    "SensitivityAtSpecificity": dict(METRIC, specificity=[0.4, 0.7], num_thresholds=[20, 200]),
    "SpecificityAtSensitivity": dict(METRIC, sensitivity=[0.4, 0.7], num_thresholds=[20, 200]),
    "TopKCategoricalAccuracy": dict(METRIC, k=[1, 2]),
    "SparseTopKCategoricalAccuracy": dict(METRIC, k=[1, 2]),
    "binary_accuracy": {"threshold": [0.5, 0.3]},
    "top_k_categorical_accuracy": {"k": [1, 2]},
    "sparse_top_k_categorical_accuracy": {"k": [1, 2]},
}
for _name in ("FalseNegatives", "FalsePositives", "TrueNegatives", "TruePositives"):
    METRICS[_name] = THRESHOLDS
for _name in [
    "Accuracy",
    "CategoricalAccuracy",
    "CategoricalHinge",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SquaredHinge",
]:
    METRICS[_name] = METRIC
for _name in ("accuracy", "categorical_accuracy", "sparse_categorical_accuracy"):
    METRICS[_name] = {}

OPTIMIZERS = {
    "SGD": dict(STEPPED, learning_rate=[0.05], momentum=[0.9, 0.0], nesterov=[True, False]),
    "RMSprop": dict(STEPPED, learning_rate=[0.01], rho=[0.7], epsilon=[0.01, None]),
    "Adagrad": dict(STEPPED, learning_rate=[0.05], epsilon=[0.01, None]),
    "Adadelta": dict(STEPPED, learning_rate=[0.5], rho=[0.8], epsilon=[0.01, None]),
    "Adam": dict(
        STEPPED, learning_rate=[0.01], beta_1=[0.7], beta_2=[0.9], amsgrad=[True, False], epsilon=[0.01, None]
    ),
    "Adamax": dict(STEPPED, learning_rate=[0.01], beta_1=[0.7], beta_2=[0.9], epsilon=[0.01, None]),
    "Nadam": dict(
        STEPPED, learning_rate=[0.01], beta_1=[0.7], beta_2=[0.9], epsilon=[0.01, None], schedule_decay=[0.01]
    ),
}

TABLES = {
    "initializers": INITIALIZERS,
    "regularizers": REGULARIZERS,
    "constraints": CONSTRAINTS,
    "activations": ACTIVATIONS,
    "losses": LOSSES,
    "metrics": METRICS,
    "optimizers": OPTIMIZERS,
}
REQUIRED = {
    "SensitivityAtSpecificity": ["specificity"],
    "SpecificityAtSensitivity": ["sensitivity"],
}
