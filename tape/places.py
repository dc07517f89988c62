"""Where the user wrote an operation: the innermost frame outside the package.

`place_of_user()` gives its code object and instruction, `outside(frame)` the frame; `INSIDE` lists the package's own code objects by number, so that
the short recording paths know their callers by one look. `record_lines` switches it off. Invariant: the demonstration counts as the user's. Imports state; imported by all that record.
"""

from __future__ import annotations

import os
import sys
from sys import _getframe
from types import CodeType
from typing import Any

from tape.errors import Place
from tape.state import STATE

_PACKAGE = os.path.dirname(__file__) + os.sep
_DEMO = os.path.join(_PACKAGE, "demo") + os.sep
INSIDE: dict[int, CodeType] = {}  # the package's own code objects, by number


def place_of_user() -> Place:
    """Code object and instruction of the innermost frame outside the package: where the user wrote the operation."""
    if STATE.place is not None:
        return STATE.place
    frame = outside(_getframe(2))
    return frame.f_code, frame.f_lasti


def outside(frame: Any) -> Any:
    """The innermost frame, from this one on, that does not belong to the package."""
    while frame.f_back is not None:
        code = frame.f_code
        if id(code) not in INSIDE:
            name = code.co_filename
            if not name.startswith(_PACKAGE) or name.startswith(_DEMO):
                break
            INSIDE[id(code)] = code
        frame = frame.f_back
    return frame


def learn_inside() -> None:
    """Enter the code of every module of the package that is loaded into INSIDE, so that the short recording paths know their callers."""
    pending: list[Any] = []
    for name, module in list(sys.modules.items()):
        if name.startswith("tape.") and not name.startswith("tape.demo") and module is not None:
            for value in list(vars(module).values()):
                pending += vars(value).values() if isinstance(value, type) and value.__module__ == name else [value]
    while pending:
        value = pending.pop()
        value = getattr(value, "__func__", value)
        code = value if isinstance(value, CodeType) else getattr(value, "__code__", None)
        if isinstance(code, CodeType) and id(code) not in INSIDE and code.co_filename.startswith(_PACKAGE):
            INSIDE[id(code)] = code
            pending += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        if isinstance(value, property):
            pending += [f for f in (value.fget, value.fset, value.fdel) if f is not None]


class _Nowhere:
    """What stands for a frame while lines are off."""

    f_code = f_back = None
    f_lasti = 0


def _nowhere(depth: int) -> type[_Nowhere]:
    return _Nowhere


class record_lines:
    """Whether rows remember, from now on and in every thread, where the user wrote them: error messages, `tape.show` and anomaly detection say
    so. It is on, and costs about a tenth of the time to record; as a context manager it comes back.

    >>> import tape
    >>> with tape.debug.record_lines(False):
    ...     y = tape.tensor(2.0, requires_grad=True).sin()
    >>> "<unknown>" in tape.show(y, print_it=False)
    True
    """

    def __init__(self, enabled: bool) -> None:
        self.before = _getframe is not _nowhere
        self._set(enabled)

    @staticmethod
    def _set(enabled: bool) -> None:
        """Every module that records looks its callers up by its own name for sys._getframe: that is what is exchanged."""
        for name, module in list(sys.modules.items()):
            if name.startswith("tape.") and hasattr(module, "_getframe"):
                module._getframe = sys._getframe if enabled else _nowhere  # type: ignore[attr-defined]

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        self._set(self.before)
