"""The modules of TensorFlow under the addresses by which programs import them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from k2compat.repair.table import Repair

# Where TensorFlow keeps the modules that are its attributes.
INSIDE = "tensorflow._api.v2"


def modules_repair() -> Repair:
    """Return the repair of imports of TensorFlow's modules."""
    return Repair(
        "tensorflow_modules",
        "import tensorflow.compat.v1 as tf makes a second module, which then is tf.compat.v1, and so do "
        "tensorflow.summary and others, which Keras imports: without what is repaired in the first one.",
        list(addresses()),
    )


def addresses() -> Iterator[tuple[Any, str, Any]]:
    """Yield what is to be set: (the loaded modules, address, module), of the modules not loaded under it yet."""
    for name, module in list(sys.modules.items()):
        address = f"tensorflow{name.removeprefix(INSIDE)}"
        if name.startswith(f"{INSIDE}.") and "keras" not in name.split(".") and address not in sys.modules:
            yield sys.modules, address, module
