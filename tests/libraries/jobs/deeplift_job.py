"""Scores the inputs of a small convolutional network by DeepLIFT, against a reference."""

import keras
from deeplift.conversion import kerasapi_conversion as conversion
from deeplift.layers import NonlinearMxtsMode
from helpers import fixed, values, write

layers = keras.layers
model = keras.models.Sequential(
    [
        layers.Conv1D(3, 3, activation="relu", input_shape=(8, 4)),
        layers.MaxPooling1D(2),
        layers.Flatten(),
        layers.Dense(5, activation="relu"),
        layers.Dense(2),
        layers.Activation("softmax"),
    ]
)
fixed(model).save("model.h5")
arrays = {}
for mode in (NonlinearMxtsMode.Rescale, NonlinearMxtsMode.RevealCancel, NonlinearMxtsMode.Gradient):
    converted = conversion.convert_model_from_saved_files("model.h5", nonlinear_mxts_mode=mode)
    score = converted.get_target_contribs_func(find_scores_layer_idx=0, target_layer_idx=-2)
    reference = [values(1, 8, 4, seed=3).repeat(4, 0)]
    arguments = {"batch_size": 2, "progress_update": None, "input_references_list": reference}
    arrays[str(mode)] = score(task_idx=1, input_data_list=[values(4, 8, 4)], **arguments)
write(arrays)
