"""Python files as bytes: decoded as Python does it, encoded back as they were, written whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import tokenize
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from k2compat.temporary import new_file, remove_abandoned_files

SUFFIX = ".k2compat"  # of the new content of a file, before it takes the file's place


class Unusable(Exception):
    """A file that cannot be read, parsed or written; the message is one line."""


@dataclass(frozen=True)
class Source:
    """The text of a file, and how it is encoded.

    Attributes:
        text: without the byte order mark; line ends as they are.
        encoding: the codec.
        mark: the byte order mark, or nothing.
    """

    text: str
    encoding: str
    mark: bytes = b""

    def encoded(self, text: str) -> bytes:
        """Return another text in the same encoding."""
        return self.mark + text.encode(self.encoding)


def decoded(data: bytes) -> Source:
    """Decode Python source by its byte order mark or coding cookie, as Python does.

    Raises:
        Unusable: it is no text in that encoding.
    """
    if b"\0" in data:
        raise Unusable("has NUL bytes: no Python source")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        mark = b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b""
        encoding = encoding.removesuffix("-sig")
        text = data[len(mark) :].decode(encoding)
        same = mark + text.encode(encoding) == data
    except (SyntaxError, UnicodeError, LookupError) as problem:
        raise Unusable(f"cannot be decoded: {problem}") from problem
    if not same:
        raise Unusable(f"does not come back the same from {encoding}")
    return Source(text, encoding, mark)


def read_file(path: Path) -> bytes:
    """Return the content of a regular file; of a pipe there may never be an end.

    Raises:
        Unusable: it is something else.
        OSError: it cannot be read.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Unusable("is no regular file")
        return file.read()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write_whole(path: Path, data: bytes, expected: bytes) -> None:
    """Replace the content of a file at once: whoever reads it finds the old one or the new one, never a part.

    Symbolic links stay links, and the file's permissions stay.

    Args:
        path: the file.
        data: the new content.
        expected: the content it was read with.

    Raises:
        Unusable: it is read-only, has changed in between, or cannot be written.
    """
    path = path.resolve()
    try:
        mode = path.stat().st_mode
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
            raise Unusable("is read-only")
        if read_file(path) != expected:
            raise Unusable("has changed while it was being worked on")
        _replace(path, data, stat.S_IMODE(mode))
    except OSError as problem:
        raise Unusable(f"cannot be written: {problem.strerror or problem}") from problem


def _replace(path: Path, data: bytes, mode: int) -> None:
    _tidy(path.parent)
    file, name = new_file(path.parent, f".{path.name}.", SUFFIX)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


@cache
def _tidy(folder: Path) -> None:
    """Remove what a killed process has left in a folder; once."""
    remove_abandoned_files(folder, r"\..+\.", SUFFIX)
