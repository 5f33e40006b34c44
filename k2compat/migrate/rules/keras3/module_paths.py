"""Rule ``keras3.module-paths``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from k2compat.migrate.analysis.keras_objects import is_label, package_of
from k2compat.migrate.analysis.removed_modules import (
    PREFIX,
    is_of_either,
    is_served,
    is_unknown,
    is_unused,
    moved_with_import,
    stays_whole,
    uses_of,
)
from k2compat.migrate.analysis.run_time import imports_k2compat
from k2compat.migrate.rule import Rule
from k2compat.migrate.rules.swap.private_keras import PUBLIC, inside
from k2compat.migrate.syntax.edits import Change, Edit, ManualWork
from k2compat.migrate.syntax.module import Module
from k2compat.migrate.syntax.names import bound_name, canonical, dotted_name, import_aliases
from k2compat.tables.absent import absent
from k2compat.tables.keras3_moves import KERAS, MODULES, TENSORFLOW, gone, is_home, today

OWN = ("tf_keras",)  # is Keras 2, and stays
PRIVATE_PLACES = ("tensorflow.python.", "tensorflow.contrib.", "tensorflow._api.")


@dataclass
class Moved:
    """One part of an import, and what it becomes: ``from place import name``."""

    alias: cst.ImportAlias
    place: str
    name: str


class ModulePaths(Rule):
    """Names are imported from where Keras 3 has them: `keras.layers.core`, `keras.engine.topology`,
    `keras.utils.np_utils`, `keras.objectives` and similar modules are removed; `maxnorm`, `l1l2`, `adam`,
    `AtrousConvolution2D`, `Deconvolution2D`, `mse` have other names; `ImageDataGenerator`, `Tokenizer`, `skipgrams`
    are in `tensorflow.keras` only. Unused imports of removed modules are taken out. `Merge`, `LocallyConnected2D`,
    `CuDNNLSTM`, `multi_gpu_model`, `HDF5Matrix`, `KerasClassifier`, `_Conv` and other names that only k2compat has
    stay where they were in files that import it, and so do modules that have some of them or are passed on as a
    whole; elsewhere they are reported.

    ```diff
    -from keras.layers.core import Dense
    -from keras.engine.topology import Layer, Model
    -from keras.utils import np_utils
    -from keras.preprocessing.image import ImageDataGenerator
    -from keras.constraints import maxnorm
    +from keras.layers import Dense
    +from keras.layers import Layer
    +from keras.models import Model
    +from keras import utils as np_utils
    +from tensorflow.keras.preprocessing.image import ImageDataGenerator
    +from keras.constraints import max_norm

    -layer = Dense(3, kernel_constraint=maxnorm(2))
    +layer = Dense(3, kernel_constraint=max_norm(2))
     labels = np_utils.to_categorical(y, 3)
    ```
    """

    summary = "import names of Keras from where Keras 3 has them"

    def check(self, module: Module) -> Iterator[Change | ManualWork]:
        for statement in module.nodes(cst.ImportFrom):
            yield from self.imported_from(module, statement)
        for import_ in module.nodes(cst.Import):
            yield from self.imported(module, import_)
        for node in module.nodes(cst.Attribute):
            yield from self.attribute(module, node)
        if any(isinstance(statement.names, cst.ImportStar) for statement in module.nodes(cst.ImportFrom)):
            for name in module.nodes(cst.Name):
                yield from self.starred(module, name)

    @staticmethod
    def starred(module: Module, node: cst.Name) -> Iterator[Change | ManualWork]:
        """Yield a name that ``from ... import *`` brought."""
        scope = module.scope(node)
        found = module.refers_to(node)
        if scope is None or found is None or not found.startswith(PREFIX) or is_label(module, node):
            return
        old = found[len(PREFIX) :]
        if scope[node.value] or old.startswith("backend") or is_function_merge(module, old):
            return
        advice, last = gone(old), today(old)[1].rpartition(".")[2]
        if advice is not None:
            yield from reported(module, node, old, advice)
        elif last != node.value:
            yield module.change(node, f"`{node.value}` is `{last}`", module.replace(node, last))

    def imported_from(self, module: Module, statement: cst.ImportFrom) -> Iterator[Change | ManualWork]:
        base = module.resolver.module_of(statement) or ""
        found = canonical(base)
        if statement.relative or not f"{found}.".startswith(PREFIX) or base.partition(".")[0] in OWN:
            return
        below, package = found[len(PREFIX) :], package_of(base)
        if is_unknown(below, package, statement):
            yield from nowhere(module, statement, base)
            return
        if isinstance(statement.names, cst.ImportStar):
            place = ".".join(part for part in today(below, package) if part)
            if below and not below.startswith("backend") and place != base and is_old(base, below, package):
                message = f"`{base}` is `{place}`"
                yield module.change(statement, message, module.replace(statement.module, place))  # type: ignore[arg-type]
            return
        parts: list[Moved] = []
        for alias in import_aliases(statement):
            old = f"{below}.{dotted_name(alias.name)}".lstrip(".")
            advice = None if is_function_merge(module, old) else gone(old) or absent(old)
            part = self.moved(module, alias, base, old, package)
            if (advice is not None or old in MODULES) and is_unused(module, alias):
                part.place = ""
            elif old in MODULES and stays_whole(module, bound_name(alias), old, package):
                part.place, part.name = base, dotted_name(alias.name)
            elif advice is not None:
                part.place, part.name = base, dotted_name(alias.name)
                yield from reported(module, alias, old, advice)
            parts.append(part)
        yield from self.rewritten(module, statement, base, parts)

    def moved(self, module: Module, alias: cst.ImportAlias, base: str, old: str, package: str) -> Moved:
        name = dotted_name(alias.name)
        if old.startswith("backend"):
            return Moved(alias, base, name)
        if is_function_merge(module, old):
            return Moved(alias, f"{package}.layers", name)
        uses = uses_of(module, bound_name(alias), old)
        places = {today(use, package)[0] for use in uses}
        new_package, new = today(old, package)
        new_package = TENSORFLOW if TENSORFLOW in places else new_package
        unmoved = new == old and new_package == package
        if unmoved and not (base.startswith(PRIVATE_PLACES) and inside(base) in PUBLIC):
            return Moved(alias, base, name)
        holder, _, last = new.rpartition(".")
        return Moved(alias, f"{new_package}.{holder}".rstrip("."), last)

    def rewritten(
        self, module: Module, statement: cst.ImportFrom, base: str, parts: list[Moved]
    ) -> Iterator[Change | ManualWork]:
        """Yield the statement with its names from where they are: the first module in place, the others below."""
        if statement.module is None or not any(is_moved(part, base) for part in parts):
            return
        places = [place for place in dict.fromkeys(part.place for part in parts) if place]
        if not places:
            unused = ", ".join(f"`{old_name(part)}`" for part in parts)
            yield module.change(statement, f"{unused}: not in Keras 3, and not used", module.drop_statement(statement))
            return
        places.sort(key=lambda place: -sum(part.place == place for part in parts))
        edits = [] if places[0] == base else [module.replace(statement.module, places[0])]
        edits += drop_aliases(module, parts, [part for part in parts if part.place != places[0]])
        for part in parts:
            if part.place == places[0] and part.name != old_name(part):
                edits += renamed(module, part)
        for place in places[1:]:
            names = [
                f"{part.name} as {bound_name(part.alias)}" if differs(part) else part.name
                for part in parts
                if part.place == place
            ]
            edits.append(module.insert_line(f"from {place} import {', '.join(names)}", statement))
        yield module.change(statement, ", ".join(said(part) for part in parts if is_moved(part, base)), edits)

    def imported(self, module: Module, statement: cst.Import) -> Iterator[Change | ManualWork]:
        for alias in import_aliases(statement):
            written = dotted_name(alias.name)
            found = canonical(written)
            if not found.startswith(PREFIX) or written.partition(".")[0] in OWN:
                continue
            old = found[len(PREFIX) :]
            if old.startswith("backend"):
                continue
            advice = gone(old) or absent(old)
            if advice is not None:
                yield from reported(module, alias, old, advice)
                continue
            package = package_of(written)
            if old in MODULES and stays_whole(module, bound_name(alias), old, package):
                continue
            new_package, new = today(old, package)
            if not is_home(new) and not is_served(old):
                yield from nowhere(module, alias, written)
                continue
            if alias.asname and any(
                today(use, package)[0] == TENSORFLOW for use in uses_of(module, bound_name(alias), old)
            ):
                new_package = TENSORFLOW
            if (new, new_package) != (old, package) or written.startswith(PRIVATE_PLACES):
                place = f"{new_package}.{new}"
                if alias.asname or new_package == package and not written.startswith(PRIVATE_PLACES):
                    yield module.change(alias, f"`{written}` is `{place}`", module.replace(alias.name, place))

    def attribute(self, module: Module, node: cst.Attribute) -> Iterator[Change | ManualWork]:
        """Yield a name spelt out as ``keras.layers.core.Dense``, or ``losses.mse`` below an imported module."""
        found = module.refers_to(node)
        above = module.parent(node)
        inner = isinstance(above, cst.Attribute) and above.value is node and module.refers_to(above) is not None
        if found is None or not found.startswith(PREFIX) or inner or module.is_imported_name(node):
            return
        old, text = found[len(PREFIX) :], dotted_name(node)
        package = package_behind(module, text.partition(".")[0])
        if package is None or old.startswith("backend") or not text or is_function_merge(module, old):
            return
        if old in MODULES and imports_k2compat(module):
            return  # a module as a value, whose names are not known here
        advice = gone(old)
        new_package, new = today(old, package)
        if advice is None and today(old, KERAS)[1] != new and is_of_either(module, text.partition(".")[0]):
            return  # the Keras versions have it at two places
        if advice is not None:
            yield from reported(module, node, old, advice)
        elif (new_package, new) == (package, old):
            return
        elif text.endswith(f".{old}"):
            root = "tf.keras" if new_package != package else text.removesuffix(f".{old}")
            needs = module.add_import("import tensorflow as tf") if new_package != package else []
            yield module.change(node, f"`{text}` is `{root}.{new}`", module.replace(node, f"{root}.{new}"), needs)
        elif new_package == package and new.rpartition(".")[0] == old.rpartition(".")[0]:
            last = new.rpartition(".")[2]
            yield module.change(node, f"`{text}` is `{last}`", module.replace(node.attr, last))
        elif new.rpartition(".")[2] != old.rpartition(".")[2] or not moved_with_import(old, new):
            yield module.manual(node, f"`{text}` is `{new_package}.{new}` in Keras 3", "import it from there.")


def reported(module: Module, node: cst.CSTNode, old: str, advice: str) -> Iterator[ManualWork]:
    """Report what Keras 3 has nowhere, unless it is there with k2compat; see also swap.removed-names."""
    if not imports_k2compat(module):
        yield module.manual(node, f"`{old}` is not in Keras 3", advice)


def nowhere(module: Module, node: cst.CSTNode, written: str) -> Iterator[ManualWork]:
    """Report a module that is nowhere; those in TensorFlow are the subject of swap.private-keras."""
    if not written.startswith(PRIVATE_PLACES):
        advice = "import what it is used for from a public module, or write it out."
        yield module.manual(node, f"`{written}` is a file of an older Keras, and not in Keras 3", advice)


def is_old(base: str, inside: str, package: str) -> bool:
    return today(inside, package) != (package, inside) or base.startswith(PRIVATE_PLACES)


def is_function_merge(module: Module, old: str) -> bool:
    """Return whether ``layers.merge`` is the function of Keras 1, of which another rule takes care."""
    if old not in ("layers.merge", "layers.core.merge", "engine.merge", "engine.topology.merge"):
        return False
    return any(module.refers_to(call.func) == f"{PREFIX}{old}" for call in module.nodes(cst.Call))


def old_name(part: Moved) -> str:
    return dotted_name(part.alias.name)


def is_moved(part: Moved, base: str) -> bool:
    return part.place != base or part.name != old_name(part)


def said(part: Moved) -> str:
    """Return what a report says of one part of an import."""
    if not part.place:
        return f"`{old_name(part)}` goes: it is not in Keras 3, and not used"
    name = "" if part.name == old_name(part) else f", as `{part.name}`"
    return f"`{old_name(part)}` from `{part.place}`{name}"


def differs(part: Moved) -> bool:
    """Return whether the name is bound to another one than it has where it is imported from."""
    return bound_name(part.alias) != part.name


def package_behind(module: Module, name: str) -> str | None:
    """Return which Keras the imported name at the beginning of an expression leads to."""
    for statement in [*module.nodes(cst.Import), *module.nodes(cst.ImportFrom)]:
        for alias in import_aliases(statement):
            if bound_name(alias) == name:
                base = module.resolver.module_of(statement) if isinstance(statement, cst.ImportFrom) else None
                written = base or dotted_name(alias.name)
                return None if written.partition(".")[0] in OWN else package_of(written)
    return KERAS if name == "keras" else None


def renamed(module: Module, part: Moved) -> list[Edit]:
    """Return the imported name is another one, and so are its uses, unless that name is taken."""
    edit = module.replace(part.alias.name, part.name)
    if part.alias.asname is not None:
        return [edit]
    old = old_name(part)
    names = [node for node in module.nodes(cst.Name) if not is_label(module, node)]
    if "." in part.name or any(node.value == part.name for node in names) or is_module(old, part.name):
        return [module.replace(part.alias.name, f"{part.name} as {old}")]
    target = module.resolver.imported(module.parent(part.alias), part.alias)  # type: ignore[arg-type]
    uses = [node for node in names if node.value == old and not module.is_imported_name(node)]
    if any(module.refers_to(node) != target for node in uses):
        return [module.replace(part.alias.name, f"{part.name} as {old}")]
    return [edit, *(module.replace(node, part.name) for node in uses)]


def is_module(old: str, new: str) -> bool:
    """Return whether a whole module has another name: its uses stay, below the old one."""
    return new in ("layers", "utils", "losses", "initializers", "optimizers", "models") and old != new


def drop_aliases(module: Module, parts: list[Moved], dropped: list[Moved]) -> list[Edit]:
    """Take parts out of an import, with their commas."""
    edits: list[Edit] = []
    spans = [module.span(part.alias) for part in parts]
    kept = [number for number, part in enumerate(parts) if part not in dropped]
    for number, part in enumerate(parts):
        if part not in dropped:
            continue
        if any(other > number for other in kept):
            edits.append(Edit(spans[number][0], spans[number + 1][0], ""))
        else:
            edits.append(Edit(spans[number - 1][1], spans[number][1], ""))
    return merged(edits)


def merged(edits: list[Edit]) -> list[Edit]:
    """Return removals that follow upon each other as one."""
    result: list[Edit] = []
    for edit in edits:
        if result and result[-1].end >= edit.start:
            result[-1] = Edit(result[-1].start, max(result[-1].end, edit.end), "")
        else:
            result.append(edit)
    return result
