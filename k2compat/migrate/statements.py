"""Statements that are moved: what they bind, and which ran before a line on every way to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from k2compat.migrate.module import Module


def before(module: Module, line: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The statements that ran before a line in its function, on every way to it; in the order of the text."""
    blocks = []
    for node in [line, *module.above(line)]:
        block = module.parent(node)
        if isinstance(block, cst.IndentedBlock | cst.Module):
            blocks.append(block.body[: list(block.body).index(node)])  # type: ignore[arg-type]
        if isinstance(block, cst.IndentedBlock) and isinstance(module.parent(block), cst.FunctionDef | cst.ClassDef):
            break
    return (statement for body in reversed(blocks) for statement in body)


def free(wanted: str, taken: set[str]) -> str:
    """A name that is not taken; from then on it is."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name)
    return name


def bound(module: Module, statements: Iterable[cst.CSTNode]) -> set[str]:
    return {target.value for statement in statements for target in targets_of(module, statement)}


def targets_of(module: Module, statement: cst.CSTNode) -> list[cst.Name]:
    found = [node for node in module.inside(statement) if isinstance(node, cst.AssignTarget | cst.AugAssign)]
    return [node.target for node in found if isinstance(node.target, cst.Name)]


def only_binds_names(statement: cst.CSTNode) -> bool:
    """Whether a statement does nothing but bind single names, in branches or not."""
    if isinstance(statement, cst.If):
        branches: Sequence[cst.CSTNode] = statement.body.body
        other = statement.orelse
        rest = [other] if isinstance(other, cst.If) else list(other.body.body) if other is not None else []
        return all(only_binds_names(part) for part in [*branches, *rest])
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    only = statement.body[0]
    if isinstance(only, cst.Assign):
        return len(only.targets) == 1 and isinstance(only.targets[0].target, cst.Name)
    return isinstance(only, cst.AugAssign) and isinstance(only.target, cst.Name)
