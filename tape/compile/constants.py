"""Constants of a program being recorded: one row each, and the proof that they still are what the rows saw.

`row(value, dtype)` gives the row of a number or an array, `hold(array)` keeps an array for a call, `settle(live)` ends it: arrays become
private copies, except those that a replay reads anew. User code may write into an array after a row has read it, so each is
compared with its copy when it is used again and at the end: the rows before the write keep what they saw.
Invariant: a constant of the finished program is what the function computed with. Imports opcodes, spec. Imported by recording, function.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.compile.program import Program
from tape.spec import intern, spec_of

_WORDS = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}  # by size: numbers that are equal where all bits are


class Held:
    """An array that a `Call` takes besides its inputs."""

    __slots__ = ("value",)

    def __init__(self, value: np.ndarray) -> None:
        self.value = value


class Entry:
    """An array that user code may write into: what it was, and who reads it."""

    __slots__ = ("array", "copy", "rows", "held")

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.copy = array, _frozen(array)
        self.rows: list[int] = []
        self.held: list[Held] = []

    def changed(self) -> bool:
        """Whether it was written into since."""
        a, b = self.array, self.copy
        if a.shape != b.shape or a.dtype != b.dtype:
            return True
        word = _WORDS.get(a.dtype.itemsize)
        if word is None or a.dtype.hasobject:
            return a.tobytes() != b.tobytes()
        return not np.array_equal(a.view(word), b.view(word))


class Constants:
    """The constants of one recording, found again by value or, for arrays, by identity."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._rows: dict[Any, int] = {}
        self._entries: dict[int, Entry] = {}
        self._kept: list[Any] = []  # so that identities stay taken
        self._done: list[Entry] = []  # of arrays that were written into

    def row(self, value: Any, dtype: np.dtype | None) -> int:
        """The row of a value, cast to `dtype` where one is given."""
        if type(value) is float and value and value == value:  # no zero: it has a sign
            key: Any = value
        elif isinstance(value, np.ndarray):
            if value.size > 1 and not any(value.strides):  # one number, broadcast
                one = self.row(value[(0,) * value.ndim], dtype or value.dtype)
                return self.program.append(o.EXPAND, (one,), value.shape, intern(value.shape, dtype or value.dtype))
            self._entry(value)
            key = (id(value), dtype)
        else:
            value = _frozen(value, dtype)
            key = (value.tobytes(), value.dtype, value.shape)
        found = self._rows.get((key, dtype))
        if found is None:
            value = value if isinstance(value, np.ndarray) else _frozen(value, dtype)
            self._kept.append(value)
            found = self.program.append(o.CONSTANT, (), value, spec_of(value))
            if id(value) in self._entries:
                self._entries[id(value)].rows.append(found)
            if dtype is not None and value.dtype != dtype:
                found = self.program.append(o.CAST, (found,), dtype, intern(value.shape, dtype))
            self._rows[key, dtype] = found
        return found

    def hold(self, array: np.ndarray) -> Held:
        """Keep an array for a call at every replay."""
        held, entry = Held(array), self._entry(array)
        if entry is not None:
            entry.held.append(held)
        return held

    def references(self, array: np.ndarray) -> int:
        """How often an array is referred to from here."""
        entry = self._entries.get(id(array))
        return 0 if entry is None else 1 + len(entry.held) + sum(each is array for each in self._kept) + len(entry.rows)

    def settle(self, live: Collection[np.ndarray] = ()) -> str:
        """The recording has ended: constants become copies, but for arrays of `live` memory. Returns why they cannot, or ""."""
        kept = {id(owner(array)) for array in live}
        entries = [*self._done, *self._entries.values()]
        for entry in entries:
            if id(owner(entry.array)) not in kept:
                self._freeze(entry)
            elif entry in self._done or entry.changed():
                return "a large array outside is written into and read by one call; make a new one instead"
        return ""

    def _entry(self, array: np.ndarray) -> Entry | None:
        """The entry of an array that can be written into; if it was, rows before keep the old values."""
        found = self._entries.get(id(array))
        if found is not None:
            if not found.changed():
                return found
            self._freeze(found)
            self._done.append(found)
            for key in [key for key in self._rows if type(key[0]) is tuple and key[0][0] == id(array)]:
                del self._rows[key]
        elif not (array.flags.writeable or owner(array).flags.writeable):
            return None
        found = self._entries[id(array)] = Entry(array)
        return found

    def _freeze(self, entry: Entry) -> None:
        for row in entry.rows:
            self.program.params[row] = entry.copy
        for held in entry.held:
            held.value = entry.copy


def _frozen(value: Any, dtype: np.dtype | None = None) -> np.ndarray:
    """A copy that nobody can write to."""
    made = np.array(value, dtype)
    made.flags.writeable = False
    return made


def owner(value: np.ndarray) -> np.ndarray:
    """The array whose memory this is."""
    while isinstance(value.base, np.ndarray):
        value = value.base
    return value


def unwritable(array: np.ndarray) -> np.ndarray:
    """The same memory for code that is not meant to write into it."""
    made = array.view()
    made.flags.writeable = False
    return made


__all__ = ["Constants", "Held", "owner", "unwritable"]


def freeze(program: Any, outside: Any) -> None:
    """Constants that nobody can change under the program become read-only copies, which passes may fold; the rest are read anew."""
    live = {id(owner(value)) for value in outside.live}
    for row, op in enumerate(program.op):
        if op == o.CONSTANT:
            value = program.params[row]
            if id(owner(value)) not in live and value.flags.writeable:
                program.params[row] = _frozen(value)
