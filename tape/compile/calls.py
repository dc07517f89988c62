"""Calls of NumPy's and our own functions inside programs: the arguments taken apart, so that each replay can put its values in.

`pattern_of(constants, args, kwargs)` finds the traced values among nested arguments and gives the function that puts others in their
places. Imported by recording.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.compile.constants import Constants, Held, unwritable
from tape.traced import Traced, mapped


def pattern_of(constants: Constants, args: tuple, kwargs: dict) -> tuple[list[Traced], Callable[..., tuple[tuple, dict]]]:
    """The traced values among arguments, and `build(*inputs)`, which gives args and kwargs with these in their places."""
    found: list[Traced] = []

    def take(each: Any) -> Any:
        if type(each) is Traced:
            found.append(each)
            return Hole(len(found) - 1)
        return constants.hold(each) if type(each) is np.ndarray else each

    pattern = mapped(args, take), mapped(kwargs, take)

    def build(*inputs: Any) -> tuple[tuple, dict]:
        def put(each: Any) -> Any:
            return inputs[each.number] if type(each) is Hole else each.value if type(each) is Held else each

        return mapped(pattern[0], put), mapped(pattern[1], put)

    return found, build


def guarded(value: Any) -> Any:
    """An array as one that cannot be written into; anything else as it is."""
    return unwritable(value) if type(value) is np.ndarray else value


class Hole:
    """Where an input of a `Call` belongs."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


def replaced(base: np.ndarray, key: Any, part: np.ndarray) -> np.ndarray:
    """A copy of `base` with `part` at an advanced key."""
    whole = base.copy()
    whole[key] = part
    return whole
