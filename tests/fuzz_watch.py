"""Which tapes are alive, and which are accounted for: by a handle, an import, or because a thread has them
open.

`watch()` counts every Tape made inside its block. Imported by the fuzz tests.
"""

from __future__ import annotations

import contextlib
import weakref

from compiled_ops.rows import IMPORT
from tape.columns import ROW, Tape, close
from tape.state import OPEN, STATE

_made: weakref.WeakSet = weakref.WeakSet()


@contextlib.contextmanager
def watch(monkeypatch):
    """Count tapes from here on."""
    begin = Tape.__init__

    def counted(self) -> None:
        begin(self)
        _made.add(self)

    monkeypatch.setattr(Tape, "__init__", counted)
    yield


def forget() -> None:
    """Count anew, from the next tape on. Others may hold the thread's last tape: it would be accounted for until the next takes its place, and
    then seem to be left over."""
    if STATE.tape is not None:
        close(STATE.tape)
    _made.clear()


def live() -> set:
    """The tapes alive now."""
    return set(_made)


def accounted(handles: list) -> set:
    """The tapes that these Tensors need, and the open ones."""
    found: set = set()
    todo = [t for t in OPEN.values() if t is not None]
    for each in handles:
        for t in (each, getattr(each, "_root", None), getattr(each, "_grad", None)):
            if t is not None and type(t._t) is Tape:
                todo.append(t._t)
    while todo:
        tape = todo.pop()
        if tape in found:
            continue
        found.add(tape)
        rows = tape.rows
        todo += [rows[place + 3] for place in range(0, len(rows), ROW) if rows[place] == IMPORT]
    return found


def arrays(tapes: set, handles: list) -> set[int]:
    """Ids of all that these tapes save and these Tensors hold, and of the arrays that own the memory."""
    todo = [t._v for t in [*handles, *(getattr(t, "_root", t) for t in handles)]]
    for each in tapes:
        todo += each.rows
    found: set[int] = set()
    while todo:
        each = todo.pop()
        if type(each) is tuple:
            todo += each
        while each is not None:
            found.add(id(each))
            each = getattr(each, "base", None)
    return found
