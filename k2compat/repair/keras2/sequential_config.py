"""The repair of the configuration of a ``Sequential`` of Keras 2."""

from __future__ import annotations

from typing import Any

from k2compat.adapters.keras2.internals import inner, keras
from k2compat.repair.shared.sequential_config import sequential_config_repair, with_old_classes
from k2compat.repair.table import Around, Repair

saving_utils: Any = inner("saving.legacy.saving_utils")
functional: Any = inner("engine.functional").Functional


def repairs() -> list[Repair]:
    """Return the repair."""
    return [
        sequential_config_repair(
            {keras.Sequential: True, functional: False},
            keras.backend.floatx,
            lambda model: bool(getattr(model, "use_legacy_config", False)),
            [(saving_utils, "model_metadata", Around(with_old_classes))],
        )
    ]
