"""The tape: one flat list, seven places a row, a row's name is its position.

    opcode, a, b, x, y, code, instruction

`a` and `b` are the rows of the inputs (0: no gradient), `x` and `y` what the pullback needs (saved values; parameters of linear
rows), the last two where the user wrote it. `open_tape` gives the tape to record on, `close` ends one, `enter` finds or makes
the row that stands for a Tensor. Invariants: references are smaller than their row; a tape's imports name tapes of smaller
closing number, so visiting tapes by descending number is topological; a tape holds no Tensor, so no cycles arise of themselves.

Why a list and not columns: one `extend` cannot be torn by an interrupt, no exported buffer forbids growth, and saved values need
a Python reference anyhow. Imported by record, replay, rerecord, show, verify.
"""

from __future__ import annotations

import gc
import itertools
import sys
import threading
import weakref
from typing import Any

from compiled_ops.rows import IMPORT, LEAF, MORE, SENTINEL
from tape.errors import InPlaceError
from tape.state import OPEN, STATE, settle

ROW = 7
BRIEF = 64 * ROW  # leaves carry on a tape this short without asking whether anybody holds it
KNOWN = 8  # leaves whose rows a tape keeps when it is emptied
LONG = 2_048 * ROW  # a tape this long is not carried on by an operation without input on it
LIMIT = 131_072 * ROW  # no tape grows beyond
HEAVY = 1 << 26  # saved bytes after which it counts as long
FULL = 1 << 30  # saved bytes after which it counts as at its limit

_numbers, _closings, _lock = itertools.count(1), itertools.count(1), threading.Lock()


class Spent:
    """Stands where a backward pass has used up a saved value."""

    def __repr__(self) -> str:
        return "<spent>"


SPENT = Spent()


class Tape:
    """Rows recorded by one thread between two closings. `hooks` maps rows to what is to run there; `bytes` estimates what large
    rows save, not 0 where some row may save anything but small values; `readers` and `limbo` keep saved values alive while sweeps that retain them run. `plain`: some are values that compiled code
    does not know, those of the examples of a `vmap`."""

    __slots__ = ("rows", "num", "row", "closed", "imports", "hooks", "bytes", "readers", "limbo", "faces", "plain", "safe", "calls", "replaced",
                 "together", "titles", "__weakref__")  # fmt: skip

    def __init__(self) -> None:
        self.rows: list[Any] = [SENTINEL, 0, 0, None, None, None, 0]
        self.num = next(_numbers)
        self.closed = 0
        self.imports: dict[tuple[int, int], int] = {}
        self.hooks: dict[int, Any] = {}
        self.bytes = 0
        self.readers = 0
        self.limbo: list[Any] = []
        self.plain = False
        self.safe = False  # whether a `where(..., safe=True)` stands on it
        self.calls = False  # whether a user's Function was called on it
        self.replaced: Any = None  # row -> values saved of a 0-d Tensor that was written since
        self.faces: Any = None  # row -> the grad_fn made for it, while somebody holds that
        self.titles: Any = None  # row -> how PyTorch calls the operation that ends here, and the rows of its inputs
        self.together: Any = None  # row -> where the grad_fn of all outputs of its operation stands, and the number of this one

    def __len__(self) -> int:
        return len(self.rows) // ROW

    def __repr__(self) -> str:
        return f"<Tape {self.num}: {len(self)} rows, {'closed' if self.closed else 'open'}>"


class Mark:
    """Where a leaf stands: its row on the tape of this number. One object, so that threads read both or neither. `blind`: it is a view made
    while gradients were off, of a Tensor that requires grad: so does the view, but no gradient goes on from it. `born`: when the `vmap` began
    inside which the leaf was made, 0 for none."""

    __slots__ = ("num", "row", "blind", "born")

    def __init__(self, num: int, row: int, blind: bool = False, born: int = 0) -> None:
        self.num, self.row, self.blind, self.born = num, row, blind, born


UNUSED, BLIND = Mark(0, 0), Mark(0, 0, True)


class Lost:
    """In the place of the tape of a blind view whose memory has been written: it has values, but nobody knows its history."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise InPlaceError("a view made under no_grad() or in inference mode was used after its memory had been modified; make the view with gradients on")


LOST = Lost()


def _nobody() -> None:
    """What the row of a blind leaf refers to, as if the leaf had died."""


def close(tape: Tape) -> None:
    """End a tape: it gets the next closing number, and its thread opens another at the next operation."""
    if not tape.closed:
        with _lock:
            if not tape.closed:
                tape.closed = next(_closings)
    if STATE.tape is tape:
        STATE.tape = None
        settle()


def open_new() -> Tape:
    """Open a tape for this thread in place of the one it has."""
    tape = STATE.tape = OPEN[threading.get_ident()] = Tape()
    settle()
    return tape


def _references(tape: Tape) -> int:
    return sys.getrefcount(tape)


def open_tape() -> Tape:
    """The tape to record on when an input stands on it already."""
    tape = STATE.tape
    if tape is None or tape.closed:
        return open_new()
    if len(tape.rows) >= LIMIT or tape.bytes > FULL:
        close(tape)
        prune(tape)
        return open_new()
    return tape


def begin() -> Tape:
    """The tape to record on when no input stands on it: a new one if nobody holds the old one, or if that is long."""
    tape = STATE.tape
    if tape is None or tape.closed:
        return open_new()
    if len(tape.rows) > ROW and _references(tape) <= _UNHELD - (STATE.open is not tape):
        return _emptied(tape)
    if len(tape.rows) > LONG or tape.bytes > HEAVY:
        close(tape)
        return open_new()
    return tape


def _emptied(tape: Tape) -> Tape:
    """A tape that nobody holds, as a new one: under another number, so that no leaf thinks it stands there, and with rows of a few leaves
    only, which short recording paths then find in their place."""
    if tape.hooks or tape.limbo or tape.readers:
        return open_new()
    rows = tape.rows
    leaves = [rows[place + 3]() for place in range(ROW, len(rows), ROW) if rows[place] == LEAF] if len(rows) <= 2 * BRIEF else []
    stood, tape.num = tape.num, next(_numbers)
    del rows[ROW:]
    tape.bytes, tape.plain, tape.calls = 0, False, False
    if tape.imports:
        tape.imports.clear()
    tape.faces = tape.replaced = tape.together = tape.titles = None
    for leaf in leaves[-KNOWN:]:
        if leaf is not None and type(leaf._t) is Mark and leaf._t.num == stood:
            _enter_leaf(tape, leaf)
    return tape


def enter(tape: Tape, t: Any) -> int:
    """The row that stands for Tensor `t` on `tape`: its own, its leaf row, or an import; 0 if it needs no gradient."""
    home = t._t
    if home is None:
        return 0
    if home is tape:
        return t._r
    if type(home) is Mark:
        return home.row if home.num == tape.num else _enter_leaf(tape, t)
    return import_row(tape, home, t._r)


def standing(t: Any, tape: Tape) -> int:
    """The row that stands for Tensor `t` on the open `tape`, 0 for a constant; -1 where recording must look closer."""
    home = t._t
    if home is tape or home is None:
        return t._r
    return home.row if home.num == tape.num and not t._r else -1


def _enter_leaf(tape: Tape, leaf: Any) -> int:
    row = len(tape.rows)
    mark = leaf._t
    tape.rows.extend((LEAF, 0, 0, _nobody if mark.blind else weakref.ref(leaf), leaf._s, None, 0))
    leaf._t = Mark(tape.num, row, mark.blind, mark.born)
    return row


def import_row(tape: Tape, home: Tape, row: int) -> int:
    """The row of `tape` that stands for a row of another tape, which is closed thereby."""
    op = home.rows[row]
    if op == LEAF:
        leaf = home.rows[row + 3]()
        if leaf is not None and leaf._t is not None:
            return enter(tape, leaf)
    elif op == IMPORT:
        home, row = home.rows[row + 3], home.rows[row + 4]
        if home is tape:
            return row
    close(home)
    key = (home.num, row)
    found = tape.imports.get(key)
    if found is None:
        found = len(tape.rows)
        tape.rows.extend((IMPORT, 0, 0, home, row, None, 0))
        tape.imports[key] = found
    return found


def prune(tape: Tape) -> None:
    """Drop the saved values that no live handle reaches. For a tape at its limit: a long loop over one Tensor that stands
    on it would otherwise keep all of its discarded results. One search of the garbage collector's objects, milliseconds."""
    rows, live = tape.rows, bytearray(len(tape.rows) // ROW)
    for holder in gc.get_referrers(tape):
        if getattr(holder, "_t", None) is tape:
            live[holder._r // ROW] = 1
        elif isinstance(holder, list) and holder is not rows:  # the rows of another tape: its imports
            for place in range(0, len(holder) - ROW + 1, ROW):
                if holder[place] == IMPORT and holder[place + 3] is tape:
                    live[holder[place + 4] // ROW] = 1
    for row in tape.hooks:
        live[row // ROW] = 1
    following = 0  # 1 while the row above is live: MORE rows belong to it
    for place in range(len(rows) - ROW, 0, -ROW):
        mine = live[place // ROW] or (rows[place] == MORE and following)
        following = mine
        if mine:
            live[rows[place + 1] // ROW] = live[rows[place + 2] // ROW] = 1
        elif rows[place] > MORE:
            rows[place + 3] = rows[place + 4] = SPENT


def _calibrate() -> int:
    """What `_references` reads in `begin` for a tape that only OPEN and its thread's state hold, twice there while recording is plain."""
    before = STATE.tape, OPEN.get(threading.get_ident())
    open_new()
    tape = STATE.tape
    count = _references(tape)
    STATE.tape = before[0]
    if before[1] is None:
        OPEN.pop(threading.get_ident(), None)
    else:
        OPEN[threading.get_ident()] = before[1]
    settle()
    return count


_UNHELD = _calibrate()
