"""Scripts that run on either side: as text in this process or in the one of graph mode, and as a file by themselves."""

import numpy as np

# What a script may use besides K, keras and np.
PRELUDE = '''
nones = []


def fill(layers, seed):
    """Gives layers weights from a seed, positive ones where they have one axis: variances are among those."""
    random = np.random.RandomState(seed)
    for layer in layers:
        weights = [0.5 * random.standard_normal(w.shape) for w in layer.get_weights()]
        layer.set_weights([np.abs(w) + 0.1 if w.ndim == 1 else w for w in weights])


def gradient(loss, variable):
    """The gradient, or zeros; notes whether there is one."""
    found = K.gradients(loss, variable)[0]
    nones.append(found is None)
    return K.zeros_like(variable) if found is None else found


def normal(seed, *shape):
    return np.random.RandomState(seed).standard_normal(shape)


def run(model, layers, inputs, values, outputs, phases):
    """Values of all outputs, three times in each learning phase: k2compat compiles a function's second call, and the
    third one comes after the weights have changed.
    """
    f = K.function(inputs + [K.learning_phase()], list(outputs.values()))
    found = {"none": nones}
    found.update(("weight %d" % i, w) for i, w in enumerate(model.get_weights()))
    for call in (1, 2, 3):
        if call == 3:
            fill(layers, 1)
        for phase in phases:
            for name, value in zip(outputs, f(values + [phase])):
                found["%s, phase %d, call %d" % (name, phase, call)] = value
    return found
'''

ALONE = '''"""python THIS_FILE runs it under k2compat, python THIS_FILE graph in compat.v1 graph mode."""

import importlib.util
import json
import os
import sys

import numpy as np

if sys.argv[1:] == ["graph"]:
    if importlib.util.find_spec("tf_keras"):
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow as tf

    tf.compat.v1.disable_v2_behavior()
    keras = tf.compat.v1.keras
    K = keras.backend
else:
    from tensorflow import keras

    from k2compat import backend as K
%s

%s
for name, value in results.items():
    print(name, json.dumps(np.asarray(value).tolist()), sep=": ")
'''


def run_script(text, K, keras):
    """What a script leaves in ``results``.

    Args:
        text: the script, which uses the names K, keras and np, and those of ``PRELUDE``.
        K, keras: of this side.

    Returns:
        Arrays by name.
    """
    names, floatx = {"K": K, "keras": keras, "np": np}, K.floatx()
    try:
        exec(compile(PRELUDE + text, "<script>", "exec"), names)
    finally:
        K.set_floatx(floatx)
    return {name: np.asarray(value) for name, value in names["results"].items()}


def alone(text):
    """The script as a file that runs by itself, on either side."""
    return ALONE % (PRELUDE.rstrip(), text.strip())
