"""Anomaly detection: sweeps run in Python and stop at the first pullback that produces NaN, naming the line of its operation."""

from __future__ import annotations

import linecache
import warnings
from typing import Any

import numpy as np

from tape.columns import Tape
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


def tell(tape: Tape, row: int) -> None:
    """Warn where the operation of a row was written, with the line itself."""
    code, place = tape.rows[row + 5], at((tape.rows[row + 5], tape.rows[row + 6]))
    path, _, line = place.rpartition(":")
    text = linecache.getline(path, int(line)).strip() if code is not None else ""
    function = code.co_name if code is not None else "<unknown>"
    warnings.warn(
        f"error detected in {label_at(tape.rows, row)}; the forward call that caused it:\n  File {path}, line {line}, in {function}\n    {text}",
        stacklevel=3,
    )


def look(contributions: tuple, tape: Tape, row: int) -> None:
    """Raise if a pullback produced NaN."""
    for position, g in enumerate(contributions):
        if isinstance(g, Tensor) and np.isnan(array(g)).any():
            name, place = label_at(tape.rows, row), at((tape.rows[row + 5], tape.rows[row + 6]))
            tell(tape, row)
            raise TapeError(f"{name} returned NaN in its output {position} (the gradient of input {position}); it was recorded at {place}")


__all__ = ["detect_anomaly", "set_detect_anomaly"]
