"""Why a text cannot be read: it is not Python, or libcst, which keeps its spaces and comments, does not take it."""

from __future__ import annotations

import ast
import warnings

import libcst as cst


def why_not_python(text: str) -> str | None:
    """Return why a text is not Python 3, in Python's words; None if it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError as problem:
            return f"line {problem.lineno}: {problem.msg}"
        except ValueError as problem:
            return str(problem)
        except (RecursionError, MemoryError):
            return "too deeply nested"
    return None


def why_not_parsed(text: str, problem: BaseException | None = None) -> str:
    """Return why libcst does not read a text, in Python's words where it is not Python.

    Args:
        text: of a file.
        problem: what libcst raised; None where it read the text and does not give it back as it is.
    """
    why = "libcst does not give this text back as it is" if problem is None else "too deeply nested"
    if isinstance(problem, cst.ParserSyntaxError):
        why = f"line {problem.raw_line}: {problem.message.splitlines()[0]}"
    alone = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == "\\"]
    if alone and not isinstance(problem, RecursionError):
        why = f"line {alone[0]}: a backslash alone in its line, which libcst does not keep; take the line out"
    return why_not_python(text) or why
