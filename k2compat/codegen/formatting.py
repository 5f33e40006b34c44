"""From syntax to text as formatters leave it."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence


def text_of(node: ast.AST) -> str:
    """Return the text of a piece of syntax, in one line."""
    return "".join(respelled(ast.unparse(ast.fix_missing_locations(node))))


def respelled(text: str) -> Iterator[str]:
    """Yield the same text with double quotes, and powers of simple operands without spaces."""
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
    """Return whether both operands of ``**`` are a name, an attribute or a number."""
    after = [token.string for token in tokens[place + 1 : place + 4]]
    after = after[1:] if after[0] == "-" else after
    kinds = (tokenize.NAME, tokenize.NUMBER)
    return (
        tokens[place - 1].type in kinds
        and after[0].replace(".", "").replace("_", "").isalnum()
        and after[1] not in ("(", "[", ".")
    )


def quoted(literal: str) -> str:
    """Return a string literal with double quotes, where these need no escape."""
    value = ast.literal_eval(literal)
    if isinstance(value, bytes) or '"' in value:
        return literal
    return '"' + literal[1:-1].replace("\\'", "'") + '"' if literal[0] == "'" else literal
