"""From syntax to text as formatters leave it: double quotes, lines of at most 100 characters."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence

WIDTH = 100
INDENT = "    "
BRACKETS = {"(": ")", "[": "]", "{": "}"}


def text_of(node: ast.AST) -> str:
    """The text of a piece of syntax, in one line."""
    return "".join(respelled(ast.unparse(ast.fix_missing_locations(node))))


def respelled(text: str) -> Iterator[str]:
    """The same text with double quotes, and powers of simple operands without spaces."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    hugged = {place for place, token in enumerate(tokens) if token.string == "**" and is_simple_power(tokens, place)}
    end = 0
    for place, token in enumerate(tokens):
        start = token.start[1]
        if not (place in hugged or place - 1 in hugged):
            yield text[end:start]
        yield quoted(token.string) if token.type == tokenize.STRING else token.string
        end = token.end[1]


def is_simple_power(tokens: Sequence[tokenize.TokenInfo], place: int) -> bool:
    """Whether both operands of ``**`` are a name, an attribute or a number."""
    after = [token.string for token in tokens[place + 1 : place + 4]]
    after = after[1:] if after[0] == "-" else after
    kinds = (tokenize.NAME, tokenize.NUMBER)
    return (
        tokens[place - 1].type in kinds
        and after[0].replace(".", "").replace("_", "").isalnum()
        and after[1] not in ("(", "[", ".")
    )


def quoted(literal: str) -> str:
    """A string literal with double quotes, where these need no escape."""
    value = ast.literal_eval(literal)
    if isinstance(value, bytes) or '"' in value:
        return literal
    return '"' + literal[1:-1].replace("\\'", "'") + '"' if literal[0] == "'" else literal


def folded(line: str, indent: int) -> Iterator[str]:
    """A statement in lines of bounded width.

    As formatters do it: the content of the last brackets goes on a line of its own; if that is too long, each part of
    it does.
    """
    space = INDENT * indent
    if len(space) + len(line) <= WIDTH:
        yield space + line
        return
    target, sign, value = line.partition(" = ")
    if sign and isinstance(ast.parse(value, mode="eval").body, (ast.BinOp, ast.Compare, ast.IfExp, ast.UnaryOp)):
        yield from (f"{space}{target} = (", space + INDENT + value, space + ")")
        return
    opening = last_brackets(line)
    if opening is None:
        yield space + line
        return
    closing = matching(line, opening)
    head, body, tail = line[: opening + 1], line[opening + 1 : closing], line[closing:]
    parts = split(body)
    yield space + head
    is_display = line[opening - 1] in " =([{" and len(parts) > 1  # each element of a list goes on a line
    if len(space) + len(INDENT) + len(body) <= WIDTH and not is_display:
        yield space + INDENT + body
    else:
        for part in parts:
            yield from folded(part + ",", indent + 1)
    yield space + tail


def last_brackets(line: str) -> int | None:
    """Where the last brackets that are not within others, and not empty, open."""
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
    """Where brackets close."""
    depth = 0
    for place, character in outside_of_text(line):
        if place >= opening:
            depth += (character in "([{") - (character in ")]}")
            if depth == 0:
                return place
    raise ValueError(line)


def split(body: str) -> list[str]:
    """The parts between commas that are not within brackets."""
    parts, start, depth = [], 0, 0
    for place, character in outside_of_text(body):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(body[start:place].strip())
            start = place + 1
    return [*parts, body[start:].strip()]


def outside_of_text(line: str) -> Iterator[tuple[int, str]]:
    """The characters that are not within a string literal, with their places."""
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
