"""The quick check: one Python function, written out for a snapshot, that returns True if nothing outside changed.

`check_of(parts)` walks the ways of a tree of Seen again with `is` and, where another object stands there, by type and bits; 32 plain
values cost about a microsecond. Content of arrays is compared in place (a bytearray compares with any contiguous buffer).
The text is `check.source`. Invariant: True exactly where `differences` of sameness.py finds none.
Imports sameness. Imported by watch.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from typing import Any

import numpy as np

from tape.compile.outside.sameness import (
    Seen,
    Way,
    all_differ,
    differ,
    filled,
    float_differs,
    unlike,
)

SMALL = 2048  # bytes: below this, tobytes is the quicker way to compare


class Text:
    """The source of a check while it is written, and the constants that it names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {
            "differ": differ, "all_differ": all_differ, "unlike": unlike, "float_differs": float_differs, "filled": filled,
            "identical": identical, "ndarray": np.ndarray,
        }  # fmt: skip

    def constant(self, value: Any) -> str:
        if value is None or value is True or value is False:
            return repr(value)
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def fail_if(self, *conditions: str) -> None:
        self.lines.append(f"if {' or '.join(conditions)}: return False")

    def bound(self, expression: str) -> str:
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        return name

    def expression(self, way: Way, holder: str) -> str:
        how, key = way
        if how == "constant":
            return self.constant(key)
        if how == "cell":
            return f"{holder}.cell_contents"
        if how == "attr":
            return f"{holder}.{key}"
        literal = repr(key) if type(key) in (str, int) else self.constant(key)
        return f"{holder}[{literal}]" if how == "item" else f"{holder}.__dict__[{literal}]"

    def absent(self, seen: Seen, holder: str) -> None:
        how, key = seen.way
        if how == "cell":
            self.fail_if(f"filled({holder})")
        elif how == "attr":
            self.fail_if(f"hasattr({holder}, {key!r})")
        else:
            self.fail_if(f"{key!r} in {holder}" + (".__dict__" if how == "own" else ""))

    def see(self, seen: Seen, holder: str) -> None:
        """Write the lines for one thing and its parts."""
        kind = seen.kind
        if kind == "absent":
            return self.absent(seen, holder)
        e = self.expression(seen.way, holder)
        if kind in ("fixed", "plain", "function", "float"):
            if seen.way[0] != "constant":
                then = self.constant(seen.value)
                slow = {"plain": "differ", "function": "unlike", "float": "float_differs"}.get(kind)
                self.fail_if(f"{e} is not {then}" + (f" and {slow}({e}, {then})" if slow and not seen.alias else ""))
        else:
            if kind != "group" or len(seen.parts) > 1:
                e = self.bound(e)
            if seen.alias:
                self.fail_if(f"{e} is not {self.constant(seen.value)}")
            if kind != "group":
                getattr(self, kind)(seen, e)
        for part in seen.parts:
            self.see(part, e)
        return None

    def sequence(self, seen: Seen, e: str) -> None:
        self.fail_if(f"type({e}) is not {self.constant(type(seen.value))}", f"len({e}) != {seen.held}")

    def elements(self, seen: Seen, e: str) -> None:
        self.fail_if(f"type({e}) is not {self.constant(type(seen.value))}", f"len({e}) != {len(seen.held)}")
        self.each(e, seen.held)

    def each(self, e: str, held: tuple) -> None:
        if held:
            then = self.constant(held)
            self.fail_if(f"not identical({e}, {then}) and all_differ({e}, {then})")

    def mapping(self, seen: Seen, e: str) -> None:
        keys, values = seen.held
        self.fail_if(f"type({e}) is not {self.constant(type(seen.value))}", f"len({e}) != {len(keys)}")
        self.each(e, keys)
        self.each(f"{e}.values()", values)

    def object(self, seen: Seen, e: str) -> None:
        self.fail_if(f"type({e}) is not {self.constant(type(seen.value))}")

    def tensor(self, seen: Seen, e: str) -> None:
        spec, needs, itself = seen.held
        conditions = [
            f"type({e}) is not {self.constant(type(seen.value))}",
            f"{e}._s is not {self.constant(spec)}",
            f"({e}._t is not None) is not {needs}",
        ]
        self.fail_if(*([f"{e} is not {self.constant(seen.value)}"] if itself else []), *conditions)

    def array(self, seen: Seen, e: str) -> None:
        content = seen.held
        shape, dtype = self.constant(content.shape), self.constant(content.dtype)
        kind = [f"type({e}) is not ndarray", f"{e}.shape != {shape}", f"{e}.dtype is not {dtype} and {e}.dtype != {dtype}"]
        if content.bits is None:
            self.fail_if(f"{e} is not {self.constant(seen.value)}", *kind[1:], f"{e}.strides != {self.constant(content.strides)}")
        elif len(content.bits) <= SMALL:
            self.fail_if(*kind, f"{e}.tobytes() != {self.constant(content.bits)}")
        else:  # bytearray compares with any buffer in place, where that is contiguous
            equal = self.constant(bytearray(content.bits).__eq__)
            self.fail_if(*kind, f"{equal}({e}) is not True and {e}.tobytes() != {self.constant(content.bits)}")


def identical(now: Any, then: tuple) -> bool:
    """Whether all elements are the very same objects; lengths are known to agree."""
    return all(map(is_, now, then))


def check_of(parts: list[Seen]) -> Callable[[], bool]:
    """A function without arguments that returns True if nothing changed. Its text is `check.source`."""
    text = Text()
    for seen in parts:
        text.see(seen, "")
    body = "\n        ".join(text.lines or ["pass"])
    source = f"""def unchanged():
    try:
        {body}
    except Exception:  # whatever a thing that changed may raise
        return False
    return True
"""
    exec(compile(source, "<check of what lies outside>", "exec"), text.constants)
    check = text.constants["unchanged"]
    check.source = source
    return check
