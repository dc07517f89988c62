"""The quickest check: what a snapshot relies on as words of memory that must be what they are, compared by machine code.

`quickest(parts, slow)` gives a function that returns True if nothing changed. A word is the address of an object in a cell, a list, a function
or a Tensor, or content of an array; a hundred take as long as three lines of Python. Where all words are what they were, every object is
the one it was; where one is not, `slow` decides, by value. Dictionaries and objects are looked at in Python as before.
Invariants: addresses are read of objects that are kept alive, and within them in an order in which what leads to memory comes before that
memory; where an interpreter's objects are laid out otherwise than samples show, `slow` serves. Imports check, native. Imported by watch.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from functools import cache
from types import CellType, FunctionType
from typing import Any

import numpy as np

from compiled_ops.layout import ARRAY_DATA, ARRAY_DIMS, ARRAY_DTYPE, ARRAY_NDIM, ARRAY_STRIDES, LIST_ITEMS, TUPLE_SIZE
from tape.compile.native.entry import INCREASE, NO_ARGUMENTS, addresses, builtin, layout_holds
from tape.compile.outside.check import check_of
from tape.compile.outside.sameness import GONE, Seen, fetch
from tape.tensor import Tensor, blank

_MOST = 1 << 16  # words of a check
_HEAD = 4  # words before the pairs: how many there are, True, False, the function that counts a reference
_TEXT = f"""define ptr @same(ptr %self, ptr %none) {{
entry:
  %place = getelementptr i8, ptr %self, i64 {ARRAY_DATA}
  %table = load ptr, ptr %place
  %count = load i64, ptr %table
  %head = getelementptr i64, ptr %table, i64 {_HEAD}
  br label %look
look:
  %k = phi i64 [ 0, %entry ], [ %next, %good ]
  %pair = getelementptr [2 x i64], ptr %head, i64 %k
  %where = load ptr, ptr %pair
  %second = getelementptr i64, ptr %pair, i64 1
  %then = load i64, ptr %second
  %now = load i64, ptr %where, align 1
  %equal = icmp eq i64 %now, %then
  br i1 %equal, label %good, label %answer
good:
  %next = add i64 %k, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %look, label %answer
answer:
  %which = phi i64 [ 2, %look ], [ 1, %good ]
  %at = getelementptr i64, ptr %table, i64 %which
  %found = load ptr, ptr %at
  %third = getelementptr i64, ptr %table, i64 3
  %increase = load ptr, ptr %third
  call void %increase(ptr %found)
  ret ptr %found
}}
"""


class _Elsewhere(Exception):
    """Something that is not at a place known beforehand."""


def quickest(parts: list[Seen], slow: Callable[[], bool]) -> Callable[[], bool]:
    """`slow` itself, or a function that gives the same answer sooner. parts: what `slow` looks at; it is looked at now."""
    if not slow() or not _layout():
        return slow
    pairs: list[tuple[int, int]] = []
    kept: list[Any] = []
    rest = []
    for seen in parts:
        try:
            found, held = [], []
            for address in _places(seen, None, held):
                found.append((address, _word(address)))
            pairs += found
            kept += held
        except _Elsewhere:
            rest.append(seen)
    if not pairs or len(pairs) > _MOST:
        return slow
    table = np.array([len(pairs), id(True), id(False), addresses()[INCREASE], *np.array(pairs, np.int64).reshape(-1)], np.int64)
    same = builtin(_code().address("same"), NO_ARGUMENTS, table)
    if rest:
        others = check_of(rest)
        return lambda kept=kept: same() and others() or slow()  # type: ignore[misc]
    return lambda kept=kept: same() or slow()  # type: ignore[misc]


@cache
def _code() -> Any:
    from tape.compile.native.llvm import compile_now

    return compile_now(_TEXT)


def prepare() -> None:
    """Make the machine code, which takes a moment."""
    if _layout():
        _code()


def _word(address: int) -> int:
    return ctypes.c_int64.from_address(address).value


def _places(seen: Seen, holder: Any, held: list[Any]) -> Iterator[int]:
    """The addresses of the words that tell of a thing and its parts; objects that they lie in are added to `held`."""
    how, key = seen.way
    now = fetch(seen.way, holder)
    offsets: dict[Any, int] = _layout() or {}
    if how == "cell":
        yield id(holder) + offsets["cell"]
    elif how == "attr" and (type(holder), key) in offsets:
        yield id(holder) + offsets[type(holder), key]
    elif how == "item" and type(holder) is list:
        yield _word(id(holder) + LIST_ITEMS) + 8 * key
    elif how != "constant" and not (how == "item" and type(holder) is tuple):
        raise _Elsewhere
    if now is GONE:
        if how != "cell":
            raise _Elsewhere
        return
    held.append(now)
    yield from _content(seen, now)
    for part in seen.parts:
        yield from _places(part, now, held)


def _content(seen: Seen, now: Any) -> Iterator[int]:
    """What of a thing itself can change."""
    kind, offsets = seen.kind, _layout() or {}
    if kind in ("mapping", "object") or kind in ("elements", "sequence") and type(now) not in (list, tuple, frozenset):
        raise _Elsewhere
    if kind == "float" and type(now) is not float:  # it has moved into an array
        raise _Elsewhere
    if type(now) is list and kind in ("elements", "sequence"):
        yield id(now) + TUPLE_SIZE
        yield id(now) + LIST_ITEMS
        if kind == "elements":
            first = _word(id(now) + LIST_ITEMS)
            yield from range(first, first + 8 * len(now), 8)
    elif kind == "tensor":
        if type(now) is not Tensor:
            raise _Elsewhere
        yield id(now) + offsets[Tensor, "_s"]
        yield id(now) + offsets[Tensor, "_t"]
    elif kind == "array":
        yield from _of_array(now, seen.held.bits is not None)


def _of_array(now: np.ndarray, whole: bool) -> Iterator[int]:
    if type(now) is not np.ndarray or whole and (not now.flags.c_contiguous or now.nbytes % 8):
        raise _Elsewhere
    for field in (ARRAY_DATA, ARRAY_NDIM, ARRAY_DIMS, ARRAY_STRIDES, ARRAY_DTYPE):
        yield id(now) + field
    for field in (ARRAY_DIMS, ARRAY_STRIDES):
        first = _word(id(now) + field)
        yield from range(first, first + 8 * now.ndim, 8)
    if whole:
        first = _word(id(now) + ARRAY_DATA)
        yield from range(first, first + now.nbytes, 8)


@cache
def _layout() -> dict[Any, int] | None:
    """Where cells, functions and Tensors hold what they refer to, in bytes; None where samples are not laid out as expected."""
    numbers: list[Any] = [float(k) for k in range(3)]
    if not layout_holds() or _word(id(numbers) + TUPLE_SIZE) != 3 or _word(_word(id(numbers) + LIST_ITEMS) + 16) != id(numbers[2]):
        return None

    def sample(a: Any = numbers, *, b: Any = numbers) -> Any:
        return a, b

    t = blank(Tensor)
    t._v, t._s, t._t = numbers
    known = {
        "cell": (CellType(numbers), numbers),
        **{(FunctionType, name): (sample, getattr(sample, name)) for name in ("__code__", "__defaults__", "__kwdefaults__")},
        **{(Tensor, name): (t, getattr(t, name)) for name in ("_v", "_s", "_t")},
    }
    found = {key: _offset(thing, value) for key, (thing, value) in known.items()}
    return None if None in found.values() else found  # type: ignore[return-value]


def _offset(thing: Any, value: Any) -> int | None:
    """Where an object refers to another; None unless at one place."""
    places = [offset for offset in range(16, type(thing).__basicsize__, 8) if _word(id(thing) + offset) == id(value)]
    return places[0] if len(places) == 1 else None


__all__ = ["prepare", "quickest"]
