"""Rule ``native.repairs``."""

from __future__ import annotations

from collections.abc import Iterator

from k2compat.migrate.analysis.unused_imports import idle_imports, is_exported, repaired, taken_out
from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module


class Repairs(Rule):
    """An import of which only the [repairs](repairs.md) may be needed goes: the script loads a model, or has an
    optimizer or a layer whose numbers they keep, as `RMSprop`, `GRU` or a `Sequential` that is built with `add` and
    differentiated. Without `--unsafe` the report says what in the script may need them; `K2COMPAT_REPAIRS=0` in the
    environment shows what happens without.

    ```diff
     from keras.models import load_model
    -from k2compat import backend as K
    ```
    """

    safe = False
    summary = "take out imports of k2compat.backend of which only the repairs of Keras may be needed"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        idle = [found for found in idle_imports(module) if not is_exported(module, *found)]
        found = repaired(module) if idle else None
        if found is not None:
            word, line = found
            yield from taken_out(module, idle, f"only for the repairs of Keras (`{word}` in line {line}):")
