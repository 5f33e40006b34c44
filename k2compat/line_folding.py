"""Statements in lines of bounded width, as formatters write them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from textwrap import dedent

WIDTH = 88
INDENT = "    "


def folded(line: str, indent: int, width: int = WIDTH) -> Iterator[str]:
    """Yield a statement in lines of bounded width.

    As formatters do it: the content of the last brackets goes on a line of its own; if that is too long, each part of
    it does.
    """
    space = INDENT * indent
    if len(space) + len(line) <= width:
        yield space + line
        return
    target, sign, value = line.partition(" = ")
    opening = last_brackets(line)
    operands = operands_of(value) if sign else []
    ends_in_brackets = opening is not None and matching(line, opening) == len(line) - 1
    if len(operands) > 2 or (len(operands) == 2 and not (ends_in_brackets and len(space) + (opening or 0) < width)):
        whole = len(space) + len(INDENT) + len(value) <= width
        yield f"{space}{target} = ("
        yield from (space + INDENT + part for part in ([value] if whole else operands))
        yield space + ")"
        return
    if opening is None:
        yield space + line
        return
    closing = matching(line, opening)
    head, body, tail = line[: opening + 1], line[opening + 1 : closing], line[closing:]
    parts = split(body)
    yield space + head
    is_display = line[opening - 1] in " =([{" and len(parts) > 1  # each element of a list goes on a line
    if len(space) + len(INDENT) + len(body) <= width and not is_display:
        yield space + INDENT + body
    else:
        for part in parts:
            yield from folded(part + ",", indent + 1, width)
    yield space + tail


def operands_of(value: str) -> list[str]:
    """Return the operands of the operators that bind least in an expression, each but the first behind its operator."""
    node = ast.parse(value, mode="eval").body
    if isinstance(node, ast.IfExp):
        parts: list[ast.expr] = [node.body, node.test, node.orelse]
    elif isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
    elif isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Pow):
        parts = chain(node, isinstance(node.op, (ast.Add, ast.Sub)))
    else:
        return []
    starts = [0, *(value.rindex(" ", 0, value.rindex(" ", 0, start_of(value, part))) + 1 for part in parts[1:])]
    ends = [*(start - 1 for start in starts[1:]), len(value)]
    return [value[start:end] for start, end in zip(starts, ends, strict=True)]


def start_of(value: str, node: ast.expr) -> int:
    """Return where an operand begins, with the parentheses around it."""
    start = node.col_offset
    while value[start - 1] == "(":
        start -= 1
    return start


def chain(node: ast.expr, is_sum: bool) -> list[ast.expr]:
    """Return the operands of a sum, or of a product."""
    kinds = (ast.Add, ast.Sub) if is_sum else (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.MatMult)
    if isinstance(node, ast.BinOp) and isinstance(node.op, kinds):
        return [*chain(node.left, is_sum), node.right]
    return [node]


def fitted(line: str, width: int = WIDTH) -> list[str]:
    """Return an indented line in lines of bounded width; as it is where it is no statement, or cannot be folded."""
    text = line.lstrip(" ")
    depth, rest = divmod(len(line) - len(text), len(INDENT))
    if len(line) <= width or rest or "#" in text:
        return [line]
    try:
        head = "\n    pass" if text.endswith(":") else ""
        found = list(folded(text, depth, width))
        same = ast.dump(ast.parse(dedent("\n".join(found)) + head)) == ast.dump(ast.parse(text + head))
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):  # the last two: too deep
        return [line]
    return found if same else [line]


def last_brackets(line: str) -> int | None:
    """Return where the last brackets that are not within others, and not empty, open."""
    found, depth = None, 0
    for place, character in outside_of_text(line):
        if character in "([{":
            if depth == 0 and line[place + 1] not in ")]}":
                found = place
            depth += 1
        elif character in ")]}":
            depth -= 1
    return found


def matching(line: str, opening: int) -> int:
    """Return where brackets close."""
    depth = 0
    for place, character in outside_of_text(line):
        if place >= opening:
            depth += (character in "([{") - (character in ")]}")
            if depth == 0:
                return place
    raise ValueError(line)


def split(body: str) -> list[str]:
    """Return the parts between commas that are not within brackets."""
    parts, start, depth = [], 0, 0
    for place, character in outside_of_text(body):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(body[start:place].strip())
            start = place + 1
    return [*parts, body[start:].strip()]


def outside_of_text(line: str) -> Iterator[tuple[int, str]]:
    """Yield the characters that are not within a string literal, with their places."""
    quote = ""
    escaped = False
    for place, character in enumerate(line):
        if quote:
            if character == quote and not escaped:
                quote = ""
            escaped = character == "\\" and not escaped
        elif character in "\"'":
            quote = character
        else:
            yield place, character
