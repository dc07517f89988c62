"""Writes to memory, and the saved values that they spoil.

Nothing is stored or checked for memory that nobody ever writes in place. For the rest, `wrote(array)` keeps when the last write
happened: how long each open tape was, and which tapes existed. `stale(array, tape, row)` then tells whether a row saved its value
before that. Versions belong to storage, so views and `detach()` share them. Imported by inplace and autograd.
"""

from __future__ import annotations

import weakref
import zlib
from sys import getrefcount
from typing import Any

import numpy as np

from compiled_ops import layout as m
from compiled_ops.rows import FIRST_OPCODE, IMPORT, LEAF
from tape import columns, native
from tape.asked import asked
from tape.columns import Tape
from tape.errors import OverwrittenError, at
from tape.record import label_at
from tape.saving import Saved
from tape.state import OPEN, STATE
from tape.tensor import Tensor
from tape.traced import Traced


class Written:
    """The last write to one storage: `marks` holds the length of each tape then open, `horizon` a number above every tape then made."""

    __slots__ = ("storage", "count", "marks", "horizon", "exposed")

    def __init__(self, storage: np.ndarray) -> None:
        key = id(storage)
        self.storage = weakref.ref(storage, lambda _: _forget(key))
        self.count = 0
        self.marks: dict[int, int] = {}
        self.horizon = 0
        self.exposed: tuple[int, dict[int, int], int] | None = None  # checksum, marks and horizon when NumPy first got hold of it


WRITTEN: dict[int, Written] = {}
_horizon = 0  # that of the last write of all


def _forget(key: int) -> None:
    global _generation
    WRITTEN.pop(key, None)
    _generation += 1


def storage_of(values: np.ndarray) -> np.ndarray:
    """The array that owns the memory."""
    while type(values) is Traced and values.trace.lasting:  # the values of all examples, inside vmap
        values = values.content
    if type(values) is Traced:
        return values.root
    while type(values.base) is np.ndarray:
        values = values.base
    return values


def _entry(values: np.ndarray) -> Written:
    """What is kept of the storage of an array, from now on if nothing was."""
    global _generation
    storage = storage_of(values)
    found = WRITTEN.get(id(storage))
    if found is None:
        found = WRITTEN[id(storage)] = Written(storage)
        _generation += 1
    return found


def _now() -> tuple[dict[int, int], int]:
    """This moment: the length of each open tape, and a number above every tape yet made."""
    global _horizon
    marks = {tape.num: len(tape.rows) for tape in list(OPEN.values())}
    _horizon = next(columns._numbers)
    return marks, _horizon


def wrote(values: np.ndarray) -> None:
    """Take down that this memory is being written now."""
    found = _entry(values)
    if STATE.mutations is not None:
        STATE.mutations.before_write(storage_of(values))
    found.count += 1
    found.marks, found.horizon = _now()


def excuse(values: np.ndarray, tape: Tape, row: int) -> None:
    """The last write to this memory was that of a row itself, and of nothing that came after it."""
    found = _entry(values)
    if tape.num in found.marks:
        found.marks[tape.num] = row


class Replaced:
    """A 0-d value that rows had saved when its Tensor was written: the object itself, and the moment of the write."""

    __slots__ = ("value", "marks", "horizon")

    def __init__(self, value: float, marks: dict[int, int], horizon: int) -> None:
        self.value, self.marks, self.horizon = value, marks, horizon


REPLACED: list[bool] = []  # not empty once there was one; they stand on the leaf, or on the tape by row


def replaced(t: Tensor, made: Tensor) -> None:
    """A 0-d Tensor that needs a gradient is about to take the value of `made`, and somebody else holds its old one, maybe a row. The old
    value stays as it was, so its rows would still be right; they are refused because the same program is refused for larger tensors."""
    marks, horizon = _now()
    if type(made._t) is Tape and made._t.num in marks:  # the write's own row has saved what it needs
        marks[made._t.num] = made._r
    if type(t._t) is Tape:
        if t._t.replaced is None:
            t._t.replaced = {}
        found = t._t.replaced.setdefault(t._r, [])
    else:
        found = t._replaced = getattr(t, "_replaced", [])
    found[:] = [each for each in found if getrefcount(each.value) > 2][-64:]
    found.append(Replaced(t._v, marks, horizon))
    REPLACED[:] = [True]


def _check_replaced(reached: Any) -> None:
    """Raise OverwrittenError if a row about to run saved a 0-d value that its Tensor has been given another for since."""
    written = {tape: tape.replaced for tape, _, _ in reached.tapes if tape.replaced is not None}
    leaves = {id(leaf): leaf._replaced for leaf in reached.leaves.values() if hasattr(leaf, "_replaced")}
    if not written and not leaves:
        return
    every = [each for rows in written.values() for values in rows.values() for each in values] + [e for v in leaves.values() for e in v]
    names = np.array([id(each.value) for each in every])
    for tape, first, last in reached.tapes:
        columns = reached.columns
        suspects = (np.isin(columns[m.XP, first:last], names) | np.isin(columns[m.YP, first:last], names)) & (columns[m.FLAG, first:last] & m.STRUCK == 0)
        for place in columns[m.POS, first:last][suspects].tolist():
            _check_sources(tape, place, written, leaves)


def _check_sources(tape: Tape, place: int, written: dict, leaves: dict) -> None:
    rows = tape.rows
    for value, reference in ((rows[place + 3], rows[place + 1]), (rows[place + 4], rows[place + 2]), (rows[place + 4], place)):
        if type(value) is not float or not reference:
            continue
        home, there = tape, reference
        if rows[reference] == IMPORT:
            home, there = rows[reference + 3], rows[reference + 4]
        if home.rows[there] == LEAF:
            leaf = home.rows[there + 3]()
            found = leaves.get(id(leaf), ())
        else:
            found = written.get(home, {}).get(there, ())
        for each in found:
            if each.value is value and _before(tape, place, each.marks, each.horizon):
                raise OverwrittenError(
                    f"{label_at(tape, place)}, recorded at {at((rows[place + 5], rows[place + 6]))}, saved a 0-d value that has since been modified "
                    "in place; clone() it before the modification, or use the operation without a trailing underscore"
                )


def expose(values: np.ndarray) -> None:
    """NumPy code gets hold of this memory: remember its contents, so that a row that saved them before notices a change. Rows recorded
    later save what they find. Costs a checksum (about a third of a millisecond a megabyte), only where rows may have saved the array."""
    found = _entry(values)
    found.exposed = checksum(storage_of(values)), *_now()


def checksum(values: np.ndarray) -> int:
    """A number that changes with the contents."""
    return zlib.crc32(values if values.flags.c_contiguous else np.ascontiguousarray(values))


def version(t: Tensor) -> int:
    """How often the memory of a Tensor was written in place. RuntimeError for inference tensors, which do not count."""
    asked(t._v, "_version")
    if t.is_inference():
        raise RuntimeError("inference tensors have no version; clone() it outside inference mode")
    if type(t._v) is float:
        return getattr(t, "_writes", 0)
    root = getattr(t, "_root", None)
    return writes(t._v) + getattr(t, "_writes", 0) + (0 if root is None else getattr(root, "_writes", 0))


def writes(values: np.ndarray) -> int:
    """How often this memory was written in place."""
    found = WRITTEN.get(id(storage_of(values)))
    return 0 if found is None else found.count


def stale(values: Any, tape: Tape, row: int) -> Written | None:
    """The write that changed a value after this row saved it, or None."""
    if type(values) is Saved:
        values = values.value
    if type(values) is not np.ndarray and type(values) is not Traced:
        return None
    found = WRITTEN.get(id(storage_of(values)))
    if found is None:
        return None
    if found.count and _before(tape, row, found.marks, found.horizon):
        return found
    if found.exposed is not None:
        before, marks, horizon = found.exposed
        storage = found.storage()
        if _before(tape, row, marks, horizon) and storage is not None and checksum(storage) != before:
            return found
    return None


def _before(tape: Tape, row: int, marks: dict[int, int], horizon: int) -> bool:
    """Whether a row was recorded before a moment."""
    mark = marks.get(tape.num)
    return row < mark if mark is not None else tape.num < horizon


def check(reached: Any, compiled: bool) -> None:
    """Raise OverwrittenError if a row that is about to run would read a value written since it was saved."""
    if REPLACED:
        _check_replaced(reached)
    if not WRITTEN:
        return
    for tape, first, last in reached.tapes:
        if tape.num > _horizon:
            continue
        if not compiled:
            left = reached.columns[m.POS, first:last][reached.columns[m.FLAG, first:last] & m.STRUCK == 0]
            for place in left.tolist():
                _check_row(tape, place)
            continue
        if native.suspect is None:
            native.load_suspect()
        k = first
        while (k := native.suspect(reached.h, k, last, _intervals())) >= 0:
            _check_row(tape, int(reached.columns[m.POS, k]))
            k += 1


_known: tuple[int, np.ndarray] = (-1, np.empty(0, np.int64))  # the intervals, and the generation of WRITTEN that they belong to
_generation = 0


def _intervals() -> np.ndarray:
    """Where the storages ever written lie, as sorted pairs of addresses."""
    global _known
    if _known[0] != _generation:
        generation, places = _generation, []
        for found in list(WRITTEN.values()):
            storage = found.storage()
            if type(storage) is np.ndarray:
                start = storage.__array_interface__["data"][0]
                places.append((start, start + max(1, storage.nbytes)))
        _known = generation, np.array(sorted(places), np.int64).reshape(-1)
    return _known[1]


def _check_row(tape: Tape, place: int) -> None:
    rows = tape.rows
    if rows[place] < FIRST_OPCODE:
        return
    for saved in (rows[place + 3], rows[place + 4]):
        for each in saved if type(saved) is tuple else (saved,):
            found = stale(each, tape, place)
            if found is not None:
                if STATE.anomaly:
                    from tape.autograd.anomaly_mode import tell

                    tell(tape, place)
                raise OverwrittenError(
                    f"{label_at(tape, place)}, recorded at {at((rows[place + 5], rows[place + 6]))}, saved a value of shape "
                    f"{np.shape(each.value if type(each) is Saved else each)} that has since been modified in place (its memory is now at version {found.count}); "
                    "clone() it before the modification, or use the operation without a trailing underscore"
                )
