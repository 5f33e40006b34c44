"""Scripts that run on either side: as text in this process or in the one of graph mode, and as a file by themselves."""

import numpy as np

# What a script may use besides K, keras and np.
PRELUDE = '''
nones = []


def filled(*layers):
    """Gives layers weights from a seed, positive ones where they have one axis: variances are among those."""
    for seed, layer in enumerate(layers):
        random = np.random.RandomState(seed)
        weights = [0.5 * random.standard_normal(w.shape) for w in layer.get_weights()]
        layer.set_weights([np.abs(w) + 0.1 if w.ndim == 1 else w for w in weights])


def gradient(loss, variable):
    """The gradient, or zeros; notes whether there is one."""
    found = K.gradients(loss, variable)[0]
    nones.append(found is None)
    return K.zeros_like(variable) if found is None else found


def normal(seed, *shape):
    return np.random.RandomState(seed).standard_normal(shape)


def run(inputs, values, outputs, phases):
    """Values of all outputs in each learning phase, computed twice: k2compat compiles a function's second call."""
    f = K.function(inputs + [K.learning_phase()], list(outputs.values()))
    found = {"none": nones}
    for phase in phases:
        for call in ("first", "second"):
            for name, value in zip(outputs, f(values + [phase])):
                found["%s, phase %d, %s call" % (name, phase, call)] = value
    return found
'''

ALONE = '''"""In graph mode: TF_USE_LEGACY_KERAS=1 python SCRIPT graph    Under k2compat: python SCRIPT"""

import sys

import numpy as np
import tensorflow as tf

if sys.argv[1:] == ["graph"]:
    tf.compat.v1.disable_v2_behavior()
    keras = tf.compat.v1.keras
    K = keras.backend
else:
    from k2compat import backend as K
    keras = tf.keras
%s
%s
np.set_printoptions(precision=12, threshold=sys.maxsize)
for name, value in results.items():
    print(name, repr(np.asarray(value)))
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
    return ALONE % (PRELUDE.rstrip() + "\n", text.strip() + "\n")
