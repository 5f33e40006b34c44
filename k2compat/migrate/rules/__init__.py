"""The rules, one file each (or a few that are one subject), in the order in which they are listed."""

from __future__ import annotations

from k2compat.migrate.rule import Rule
from k2compat.migrate.rules.native_functions import NativeFunctions
from k2compat.migrate.rules.native_import import NativeImport, NativeRepairs
from k2compat.migrate.rules.native_ops import NativeOps, NativeSettings
from k2compat.migrate.rules.swap_attribute import SwapAttribute
from k2compat.migrate.rules.swap_dynamic import SwapDynamic
from k2compat.migrate.rules.swap_graph_mode import SwapGraphMode
from k2compat.migrate.rules.swap_import import SwapImport
from k2compat.migrate.rules.swap_inner_keras import SwapInnerKeras
from k2compat.migrate.rules.swap_names import SwapNames

RULES: tuple[type[Rule], ...] = (
    SwapImport,
    SwapAttribute,
    SwapInnerKeras,
    SwapNames,
    SwapDynamic,
    SwapGraphMode,
    NativeFunctions,
    NativeOps,
    NativeSettings,
    NativeImport,
    NativeRepairs,
)
