"""Rule ``keras3.dim-ordering``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from k2compat.migrate.rule import Rule
from k2compat.migrate.syntax.edits import Change, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import constant
from k2compat.tables.keras1_arguments import DATA_FORMATS

BACKENDS = ("keras.backend", "k2compat.backend")
GET = tuple(f"{backend}.image_dim_ordering" for backend in BACKENDS)
SET = tuple(f"{backend}.set_image_dim_ordering" for backend in BACKENDS)


class DimOrdering(Rule):
    """`K.image_dim_ordering()` is `K.image_data_format()`, and `"th"` is `"channels_first"`.

    `K.image_dim_ordering() == "th"` is `K.image_data_format() == "channels_first"`.

    ```diff
     from k2compat import backend as K
    -if K.image_dim_ordering() == "th":
    +if K.image_data_format() == "channels_first":
         shape = (3, 32, 32)
    ```
    """

    summary = "image_dim_ordering is image_data_format, 'th' is 'channels_first'"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for call in module.calls(*GET, *SET):
            getting = module.refers_to(call.func) in GET
            value = compared(module, call) if getting else (call.args[0].value if call.args else None)
            new = DATA_FORMATS.get(constant(value) or "")
            if isinstance(call.func, cst.Attribute) and isinstance(value, cst.SimpleString) and new is not None:
                name = "image_data_format" if getting else "set_image_data_format"
                text = f"{value.prefix}{value.quote}{new}{value.quote}"
                said = f"`{call.func.attr.value}` is `{name}`, and `{constant(value)}` is `{new}`"
                yield module.change(call, said, module.replace(call.func.attr, name), module.replace(value, text))
            elif not is_argument(module, call):
                message = f"`{module.text(call)}`: 'tf' is 'channels_last', and 'th' is 'channels_first' since Keras 2"
                yield module.manual(call, message, "write `image_data_format`, with those words.")


def compared(module: Module, call: cst.Call) -> cst.BaseExpression | None:
    """Return what the result of a call is compared with, by ``==`` or ``!=``."""
    above = module.parent(call)
    if isinstance(above, cst.Comparison) and len(above.comparisons) == 1:
        return above.comparisons[0].comparator
    if isinstance(above, cst.ComparisonTarget):
        comparison = module.parent(above)
        return comparison.left if isinstance(comparison, cst.Comparison) else None
    return None


def is_argument(module: Module, call: cst.Call) -> bool:
    """Return whether it is the value of ``dim_ordering=``, which another rule takes care of."""
    above = module.parent(call)
    return isinstance(above, cst.Arg) and above.keyword is not None and above.keyword.value == "dim_ordering"
