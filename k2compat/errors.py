"""The errors k2compat raises, each also of the class Keras 2 users caught.

A message has three parts: what was received and what was expected, in one sentence, and what to do, in a line of its
own. Messages are put together only after a failure.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf


class K2CompatError(Exception):
    """Base of every error k2compat raises itself."""


class K2ValueError(K2CompatError, ValueError):
    """A value that cannot be used; a ``ValueError``, as in Keras 2."""


class K2TypeError(K2CompatError, TypeError):
    """An object of the wrong kind; a ``TypeError``, as in Keras 2."""


class K2KeyError(K2CompatError, KeyError):
    """A name under which nothing is found; a ``KeyError``, as in TensorFlow."""

    def __str__(self) -> str:
        return Exception.__str__(self)  # KeyError shows the message in quotes, in one line


class K2RuntimeError(K2CompatError, RuntimeError):
    """A call made where it cannot work; a ``RuntimeError``, as in TensorFlow."""


class K2AttributeError(K2CompatError, AttributeError):
    """A name that is not there; an ``AttributeError``, as in Keras 2."""


class K2ImportError(K2CompatError, ImportError):
    """A package that is not there; an ``ImportError``, as of the package itself."""


class _InvalidArgument(K2ValueError, tf.errors.InvalidArgumentError):
    """Common body of the errors that a TensorFlow 1 session reported as ``InvalidArgumentError``."""

    def __init__(self, node_def: Any, op: Any = None, message: str | None = None, *_: Any):
        # TensorFlow makes its errors again, with these arguments, when they pass through a traced function.
        tf.errors.InvalidArgumentError.__init__(self, None, None, node_def if message is None else message)

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"


class UnfedPlaceholderError(_InvalidArgument):
    """A placeholder that an evaluation needs got no value."""


class FeedError(_InvalidArgument):
    """A fed value does not fit its placeholder; also caught as ``ValueError``."""


class FeedTypeError(FeedError, TypeError):
    """A fed value cannot become a tensor at all (an object array, or text for a number)."""


class SymbolicUseError(K2TypeError, NotImplementedError):
    """A symbolic tensor was used as if it had a value; TensorFlow 1 raised one or the other."""


class NoLengthError(SymbolicUseError, AttributeError):
    """The length of a symbolic tensor: ``hasattr(x, "__len__")`` tells lists of tensors from tensors."""


class ItemError(K2ValueError):
    """An item of many could not be read, fed or computed; its cause is the error that was met.

    Attributes:
        index: which item of the data it is, the first is 0.
    """

    def __init__(self, message: str, index: int):
        super().__init__(message)
        self.index = index


class NoGradientError(K2ValueError, TypeError, AttributeError):
    """A gradient that does not exist (``None``) was used as a tensor; where Keras 2 met it first decided which of these
    it raised.
    """


class SourceError(K2CompatError, NotImplementedError):
    """A function that cannot be written as TensorFlow 2 code."""


class NotOverriddenError(K2CompatError, NotImplementedError):
    """What a class of Keras 2 leaves to its subclasses, or cannot tell; a ``NotImplementedError``, as there."""


class NeedsTrace(Exception):
    """Private signal: this evaluation can only run inside a traced function, not eagerly."""


class EagerMapError(NeedsTrace, K2RuntimeError):
    """Registered gradients are needed where a computation runs eagerly under a ``tf.GradientTape``."""


def three_parts(received: str, expected: str, advice: str) -> str:
    """Join the parts of a message: a sentence with both facts, which is complete by itself, and the advice below it.

    Args:
        received: the call and what it was given, as a noun phrase. Lines after its first one follow the sentence.
        expected: what it takes.
        advice: what to do about it.

    Returns:
        The message.
    """
    phrase, mark, note = received.partition("\n")
    return f"Received {phrase.rstrip('.')}, but expected {expected}{mark}{note}\n  {capitalized(advice)}"


def sentence_parts(sentence: str, expected: str, advice: str) -> str:
    """Join the parts of a message whose first one is a sentence already, such as one that people search for."""
    sentence, mark, note = sentence.partition("\n")
    return f"{sentence.rstrip('.')}. Expected {expected}{mark}{note}\n  {capitalized(advice)}"


def not_overridden(thing: object, method: str, does: str) -> NotOverriddenError:
    """Return the error of a method that a subclass has to have.

    Args:
        thing: the object whose class lacks it.
        method: the method with its arguments.
        does: what it has to return.
    """
    return NotOverriddenError(
        three_parts(
            f"a call of {type(thing).__name__}.{method.partition('(')[0]}, which the class does not have",
            f"a subclass with a method {method} of its own.",
            f"define `def {method}:` in the class {type(thing).__name__}; it returns {does}.",
        )
    )


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
