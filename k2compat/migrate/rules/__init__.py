"""The rules, one file each (or a few that are one subject), in the order in which they are listed."""

from __future__ import annotations

from k2compat.migrate.rule import Rule
from k2compat.migrate.rules.accuracy_keys import AccuracyKeys
from k2compat.migrate.rules.defaults import Defaults
from k2compat.migrate.rules.dim_ordering import DimOrdering
from k2compat.migrate.rules.fit_arguments import FitArguments
from k2compat.migrate.rules.generators import Generators
from k2compat.migrate.rules.gone_methods import GoneMethods
from k2compat.migrate.rules.gpu_session import GpuMemoryFraction, GpuSession
from k2compat.migrate.rules.input_shapes import InputShapes
from k2compat.migrate.rules.keras1_arguments import Keras1Arguments
from k2compat.migrate.rules.merge import Merge
from k2compat.migrate.rules.module_paths import ModulePaths
from k2compat.migrate.rules.native_functions import NativeFunctions
from k2compat.migrate.rules.native_import import NativeImport, NativeRepairs
from k2compat.migrate.rules.native_ops import NativeOps, NativeSettings
from k2compat.migrate.rules.optimizer_arguments import OptimizerArguments
from k2compat.migrate.rules.predict_classes import PredictClasses
from k2compat.migrate.rules.swap_attribute import SwapAttribute
from k2compat.migrate.rules.swap_dynamic import SwapDynamic
from k2compat.migrate.rules.swap_graph_mode import SwapGraphMode
from k2compat.migrate.rules.swap_import import SwapImport
from k2compat.migrate.rules.swap_inner_keras import SwapInnerKeras
from k2compat.migrate.rules.swap_names import SwapNames
from k2compat.migrate.rules.swap_other_backend import SwapOtherBackend
from k2compat.migrate.rules.tensorflow1 import TensorFlow1
from k2compat.migrate.rules.weight_files import WeightFiles

RULES: tuple[type[Rule], ...] = (
    SwapImport,
    SwapAttribute,
    SwapInnerKeras,
    SwapNames,
    SwapDynamic,
    SwapOtherBackend,
    SwapGraphMode,
    ModulePaths,
    Keras1Arguments,
    Merge,
    InputShapes,
    DimOrdering,
    Defaults,
    OptimizerArguments,
    FitArguments,
    Generators,
    PredictClasses,
    AccuracyKeys,
    WeightFiles,
    GoneMethods,
    GpuSession,
    GpuMemoryFraction,
    TensorFlow1,
    NativeFunctions,
    NativeOps,
    NativeSettings,
    NativeImport,
    NativeRepairs,
)
