"""What user code asks of an argument and programs do not know: whether it is a leaf, how it lies in memory, its `.grad`.

`asked(value, what)` tells the recording that is under way, which then runs the function eagerly each time.
Imports places, state, traced. Imported by tensor, versions and the functions that tell of memory.
"""

from __future__ import annotations

from sys import _getframe
from typing import Any

from tape.places import outside
from tape.state import STATE
from tape.traced import Traced


def asked(value: Any, what: str) -> None:
    """The caller's caller wants to know `what` of a value; the package itself may ask anything."""
    if type(value) is Traced and value.trace is STATE.trace and not value.trace.lasting:
        frame = _getframe(2)
        if outside(frame) is frame and value.trace.given(value):
            value.trace.refuse(f"it asks for {what} of an argument, which calls may differ in unseen")


__all__ = ["asked"]
