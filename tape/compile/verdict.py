"""What keeps a recording from becoming a program, and whether the next one may fare better.

`told(recording, outside, result)` settles what the recording holds and gives the reasons, `final` says if the function is to run eagerly from now on.
Invariant: where there is no reason, everything that the function read is an argument, read anew, or compared at every call.
Imports arguments, outside, tensor. Imported by function, differentiable.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from tape.compile.arguments import lasting
from tape.compile.outside.errstate import steady
from tape.tensor import Tensor

_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t
SETTLING = 3  # recordings that found state changed by the call, after which it counts as unsettled for good


def told(recording: Any, outside: Any, result: list) -> list[str]:
    """Why a recording cannot be kept, `result` being the leaves that it gives; its constants are settled."""
    for leaf in result:
        if not lasting(leaf):
            recording.refuse(f"it returns a {type(leaf).__name__}, which all calls would share")
    problem = recording.constants.settle(outside.live)
    if problem:
        recording.refuse(problem)
    elif not outside.reasons:
        watch_heavy(outside)
        if recording.left:
            outside.watch(steady(), "NumPy's floating-point error state")
    return [*recording.reasons, *outside.reasons, *recording.passing]


def final(recording: Any, outside: Any, signature: Any) -> bool:
    """Whether what kept a recording from being a program is taken to be found by every other one too."""
    signature.unsettled += bool(outside.reasons)
    return bool(recording.reasons or outside.reasons and not outside.unsettled or signature.unsettled >= SETTLING)


def watch_heavy(outside: Any) -> None:
    """Large arrays outside are read anew by the rows that they enter; but a function may also have computed something of them that no row
    saw. So they are compared, whatever that costs."""
    for name, thing in outside.heavy:
        outside.watch(unaltered(thing._v if isinstance(thing, Tensor) else thing), name)


def unaltered(array: np.ndarray) -> Callable[[], bool]:
    """Whether, later, every bit of an array still is what it is now."""
    then = array.copy(order="K")
    if array.flags.forc:
        return lambda: not _memcmp(array.ctypes.data, then.ctypes.data, array.nbytes)
    return lambda: array.tobytes() == then.tobytes()


__all__ = ["final", "told"]
