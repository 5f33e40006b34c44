"""Runs the text of a script, on either side."""

import numpy as np


def run_script(text, K, keras):
    """What a script leaves in ``results``.

    Args:
        text: the script, which uses the names K, keras and np.
        K, keras: of this side.

    Returns:
        Arrays by name.
    """
    names = {"K": K, "keras": keras, "np": np}
    exec(compile(text, "<script>", "exec"), names)
    return {name: np.asarray(value) for name, value in names["results"].items()}
