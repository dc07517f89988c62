"""NumPy's floating-point error state, which says what NumPy code does at 1/0: something outside, though nobody reads it by name.

`steady()` gives a check that the state is still what it is now; `heeding(function)` keeps it for a replay.
The variable that holds the state is compared first, by identity, which costs 0.1 us; `np.geterr()` takes a microsecond.
Imported by tape/compile/recording and tape/compile/constants.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

try:
    from numpy._core import umath as _umath
except ImportError:  # another NumPy keeps it elsewhere
    _umath = None  # type: ignore[assignment]
_variable: Any = getattr(_umath, "_extobj_contextvar", None)


def _held() -> Any:
    return object() if _variable is None else _variable.get()


def steady() -> Callable[[], bool]:
    """A function that tells whether the error state is what it is now."""
    held, state = _held(), np.geterr()
    return lambda: _held() is held or np.geterr() == state


def heeding(function: Callable) -> Callable:
    """The function for replays, which ignore floating-point errors: under the state of now, if that raises, prints or calls."""
    state = np.geterr()
    return function if set(state.values()) <= {"ignore", "warn"} else partial(_under, state, function)


def _under(state: Any, function: Callable, *args: Any, **kwargs: Any) -> Any:
    with np.errstate(**state):
        return function(*args, **kwargs)


__all__ = ["heeding", "steady"]
