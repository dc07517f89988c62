"""The exceptions, and where the user was.

Every class keeps PyTorch's built-in base (mostly RuntimeError), so `except RuntimeError` in existing code still works.
`at(place)` turns a recorded place (code object, instruction) into "file:line". Imported by every floor of tape.
"""

from __future__ import annotations

from types import CodeType

import numpy as np

Place = tuple[CodeType | None, int]


class TapeError(RuntimeError):
    """Base of all errors that tape raises about recording and gradients."""


class ShapeError(TapeError, ValueError):
    """Shapes that do not fit each other."""


class NotRecordedError(TapeError):
    """A gradient was asked of a value that no operation on a tape produced."""


class SpentError(TapeError):
    """A backward pass needs saved values that an earlier one has used up."""


class OverwrittenError(TapeError):
    """A saved value was modified in place before the backward pass that needs it."""


class NotDifferentiableError(TapeError):
    """The operation has no derivative with respect to this input."""


class NoDerivativeError(NotDifferentiableError, NotImplementedError):
    """Nobody has written the operation's derivative with respect to this input."""


class InPlaceError(TapeError):
    """An in-place operation that has no well-defined history."""


class LinAlgError(RuntimeError, np.linalg.LinAlgError):
    """A matrix that is singular, or not positive definite, where it must not be."""


def at(place: Place) -> str:
    """The place of an operation as `file:line`, or `<unknown>`.

    >>> at((None, 0))
    '<unknown>'
    """
    code, instruction = place
    if code is None:
        return "<unknown>"
    line = code.co_firstlineno
    for start, stop, number in code.co_lines():
        if start <= instruction < stop and number is not None:
            line = number
    return f"{code.co_filename}:{line}"
