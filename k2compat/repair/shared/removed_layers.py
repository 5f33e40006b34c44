"""The layers of Keras 2 that no Keras has now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from k2compat.repair.table import Repair


def removed_layers_repair(patches: Sequence[tuple[Any, str, Any]]) -> Repair:
    """Return the repair that puts them in place."""
    return Repair(
        "removed_layers",
        "keras.layers has no CuDNNLSTM, CuDNNGRU, LocallyConnected1D and 2D, AtrousConvolution2D, Deconvolution2D, and "
        "not the base classes Recurrent and _Pooling2D, from which programs derive layers of their own.",
        patches,
    )
