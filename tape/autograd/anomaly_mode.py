"""Anomaly detection: sweeps run in Python and stop at the first pullback that produces NaN, naming the line of its operation.

`watched` runs a pullback and looks at what it gives, `tell` warns where a row was recorded; for a row that a backward pass recorded (for a double
backward) also where the row was that this pass was at. Invariant: what is remembered of a tape goes with it.
Imports columns, record; imported lazily by rerecord and versions.
"""

from __future__ import annotations

import linecache
import sys
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from tape.columns import Tape, open_tape
from tape.errors import TapeError, at
from tape.record import label_at
from tape.state import STATE, change
from tape.tensor import Tensor, array


class set_detect_anomaly:
    """Switch anomaly detection on or off, as a call or for a `with` block. `check_nan`: raise on NaN.

    RuntimeError at gradient time names the operation; a UserWarning carries the line where it was recorded.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = change(anomaly=bool(mode), check_nan=bool(check_nan))

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc: Any) -> None:
        change(**self._before)


class detect_anomaly(set_detect_anomaly):
    """A `with` block with anomaly detection.

    >>> import tape, warnings
    >>> warnings.simplefilter("ignore")
    >>> x = tape.tensor(0.0, requires_grad=True)
    >>> with tape.autograd.detect_anomaly():
    ...     (x / x).backward()
    Traceback (most recent call last):
    ...
    tape.errors.TapeError: ...
    """

    def __init__(self, check_nan: bool = True) -> None:
        warnings.warn("anomaly detection is on; it slows every backward pass and is meant for debugging", stacklevel=2)
        self.check_nan = check_nan

    def __enter__(self) -> None:
        super().__init__(True, self.check_nan)


def is_anomaly_enabled() -> bool:
    """Whether anomaly detection is on."""
    return STATE.anomaly


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly detection looks for NaN."""
    return STATE.check_nan


_recorded: weakref.WeakKeyDictionary[Tape, list[tuple[int, int, tuple]]] = weakref.WeakKeyDictionary()  # rows of backward passes: first, end, whose


def tell(tape: Tape, row: int) -> None:
    """Warn where the operation of a row was written, with the line itself, and where those were whose backward passes recorded it."""
    what, told = "error detected in {}; the forward call that caused it:", _described(tape, row)
    while told is not None:
        name, path, line, function, text, cause = told
        _warn(f"{what.format(name)}\n  File {path}, line {line}, in {function}\n    {text}")
        what, told = "that was recorded by the backward of {}; the forward call of this:", cause


def _warn(message: str) -> None:
    """A warning that does not get in the way of the error to come: one that raises is printed instead."""
    try:
        warnings.warn(message, stacklevel=4)
    except Warning:
        print(message, file=sys.stderr)


def _described(tape: Tape, row: int) -> tuple:
    """The name of a row, where it was recorded, and the same of the row whose backward pass recorded it, or None."""
    code, place = tape.rows[row + 5], at((tape.rows[row + 5], tape.rows[row + 6]))
    path, _, line = place.rpartition(":")
    text = linecache.getline(path, int(line)).strip() if code is not None else ""
    cause = next((whose for first, end, whose in _recorded.get(tape, ()) if first <= row < end), None)
    return label_at(tape, row), path, line, code.co_name if code is not None else "<unknown>", text, cause


def watched(tape: Tape, row: int, pull: Callable[[], tuple]) -> tuple:
    """What the pullback of a row gives. TapeError for NaN; the rows that it records are remembered as recorded by it."""
    before = open_tape() if STATE.grad else None
    first = len(before.rows) if before is not None else 0
    found = pull()
    if before is not None:
        whose = _described(tape, row)
        _recorded.setdefault(before, []).append((first, len(before.rows), whose))
        after = open_tape()
        if after is not before:
            _recorded.setdefault(after, []).append((0, len(after.rows), whose))
    if STATE.check_nan:
        look(found, tape, row)
    return found


def look(contributions: tuple, tape: Tape, row: int) -> None:
    """Raise if a pullback produced NaN."""
    for position, g in enumerate(contributions):
        if isinstance(g, Tensor) and np.isnan(array(g)).any():
            name, place = label_at(tape, row), at((tape.rows[row + 5], tape.rows[row + 6]))
            tell(tape, row)
            raise TapeError(f"{name} returned NaN in its output {position} (the gradient of input {position}); it was recorded at {place}")


__all__ = ["detect_anomaly", "set_detect_anomaly"]
