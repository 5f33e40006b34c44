"""What a test may not leave behind in its process, where the tests after it, in whatever order, would meet it."""

import os
import sys

# Set by pytest for each test, and by cv2 and scikit-learn when they are imported for the first time.
OF_PACKAGES = ("PYTEST_CURRENT_TEST", "LD_LIBRARY_PATH", "KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK")


def settings():
    """Return what holds for the whole process, by its name; of Keras and TensorFlow if they are imported."""
    found = {
        "the environment": {name: value for name, value in os.environ.items() if name not in OF_PACKAGES},
        "the current folder": os.getcwd(),
        "sys.argv": list(sys.argv),
        "sys.path": list(sys.path),
        "sys.meta_path": list(sys.meta_path),
        "the switch interval of threads": sys.getswitchinterval(),
    }
    for module, read in READ.items():
        if module in sys.modules:
            found.update(read(sys.modules[module]))
    return found


def of_tensorflow(tf):
    return {"whether functions run eagerly": tf.config.functions_run_eagerly()}


def of_keras_2(backend):
    """The generator of ``set_random_seed`` goes before NumPy's, from which seeds are drawn."""
    return {"the generator of seeds": getattr(getattr(backend, "_SEED_GENERATOR", None), "generator", None)}


def of_backend(K):
    import k2compat

    phase = K.learning_phase()
    return {
        "the learning phase": phase if isinstance(phase, int) else "a symbol",
        "the float type": K.floatx(),
        "the fuzz factor": K.epsilon(),
        "the data format": K.image_data_format(),
        "the repairs": [repair.name for repair in k2compat.repairs() if not repair.active],
    }


READ = {
    "tensorflow": of_tensorflow,
    "tf_keras.src.backend": of_keras_2,
    "keras.src.backend": of_keras_2,
    "k2compat.backend": of_backend,
}


def left_behind(before, after):
    """Return the names of what was changed, of what was there before."""
    return [name for name, value in before.items() if name in after and after[name] != value]
