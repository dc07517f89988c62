"""The short way through a sweep, for what is asked most: one 0-d root, plain targets or every leaf, no hooks, one tape.

`gradients` does what tape/autograd/engine does, step by step in the same order and under the same lock, with a third of the calls;
where it finds anything else it returns None before anything is consumed, and the engine begins anew.
Imports reach, replay, versions; imported by the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compiled_ops import layout as m
from compiled_ops.rows import FIRST_OPCODE, LEAF
from tape import native, versions
from tape.columns import ROW, Mark, Tape, close
from tape.hooks import RUNNING, Sweeping, run_on_gradient
from tape.reach import Reached, spare
from tape.replay import LOCK, Replay
from tape.state import STATE
from tape.tensor import Tensor, wrap


def gradients(tape: Tape, row: int, seed: Tensor | None, wanted: list[Tensor] | None, retain: bool, shared: bool = True) -> tuple[list, list] | None:
    """The leaves that a gradient of `wanted` (None: of every leaf) was asked for, or `wanted` itself, and the gradients of the row in
    them, None where there is none. None instead of both where this is not the case for the short way. `seed` is a 0-d cotangent, None for 1;
    without `shared` each gradient has memory of its own."""
    replay, grad, inference, place = None, STATE.grad, STATE.inference, STATE.place
    try:
        with LOCK:
            if tape.plain or tape.rows[row] < FIRST_OPCODE:
                return None
            if not tape.closed:
                close(tape)
            reached = spare.pop() if spare else Reached()
            entries = _visited(reached, tape, row, wanted)
            if entries is None:
                reached.done()
                return None
            if versions.WRITTEN or versions.REPLACED:
                versions.check(reached, True)
            if tape.hooks and not _flagged(reached, tape, entries):
                reached.done()
                return None
            replay = Replay(reached, _run_hooks(reached, tape) if tape.hooks else _no_hook)
            replay.hold(retain)
        targets = list(reached.leaves.values()) if wanted is None else wanted
        for k, t in zip(entries, targets, strict=True):
            if k >= 0 and k not in replay.results:
                replay.want(k, t._s)
        replay.seed(0, 1.0 if seed is None else seed._v, seed)
        if tape.calls or tape.hooks:
            RUNNING.sweeps.append(Brief(retain, wanted is None, reached, entries))
            try:
                replay.run()
            finally:
                RUNNING.sweeps.pop()
        else:
            replay.run()
        made: dict[int, Tensor | None] = {-1: None}
        for k in entries:
            if k in made:
                continue
            if shared:
                made[k] = replay.tensor(k)
            else:
                value = replay.result(k)
                made[k] = None if value is None else wrap(value)
        found = [made[k] for k in entries]
        replay.let_go()
        replay = None
    finally:  # first what needs no call: Python looks for a pending interrupt at calls
        STATE.grad, STATE.inference, STATE.place = grad, inference, place
        STATE.open = STATE.tape if grad and not inference and not STATE.dual and place is None and STATE.trace is None and STATE.saving is None else None
        if replay is not None:
            replay.let_go()
    reached.done()
    return targets, found


class Brief(Sweeping):
    """A sweep on the short way, for the user code that it runs."""

    __slots__ = ("reached", "wanted")

    def __init__(self, retain: bool, everything: bool, reached: Reached, entries: list[int]) -> None:
        super().__init__(retain, everything)
        self.reached, self.wanted = reached, entries

    def reaches(self, t: Tensor) -> bool:
        """Whether the sweep computes a gradient of this Tensor."""
        k = self.reached.leaf_entry.get(id(t)) if type(t._t) is Mark else self.reached.find(t._t, t._r)
        return k is not None and (k in self.wanted or not self.reached.flags[k] & m.STRUCK)


def _no_hook(k: int, g: Tensor) -> Tensor:
    return g


def _run_hooks(reached: Reached, tape: Tape) -> Callable[[int, Tensor], Tensor]:
    def at_entry(k: int, g: Tensor) -> Tensor:
        return run_on_gradient(tape.hooks[reached.columns.item(m.POS, k)].tensor, g)

    return at_entry


def _flagged(reached: Reached, tape: Tape, wanted: list[int]) -> bool:
    """Have the sweep stop at rows with hooks. False where one stands on a target, or keeps a gradient: not on the short way."""
    columns, count = reached.columns, reached.count
    root = columns.item(m.POS, 0)
    for row, hooks in tape.hooks.items():
        k = columns.item(m.ROW_SLOT, row // ROW) if row <= root else -1
        if not 0 <= k < count or columns.item(m.POS, k) != row:
            continue
        if k in wanted:
            return False
        if columns.item(m.FLAG, k) & m.STRUCK:
            continue
        if hooks.kept:
            return False
        if hooks.tensor or hooks.pre or hooks.post:
            columns[m.FLAG, k] |= m.IN_PYTHON
    return True


def _visited(reached: Reached, tape: Tape, row: int, wanted: list[Tensor] | None) -> list[int] | None:
    """Visit what the row depends on and strike out what leads to no target. The entries of the targets, -1 where the row does not
    depend on one; None where more than this tape is concerned, or anything is used up."""
    head, rows, columns = reached.head, tape.rows, reached.columns
    floor = ROW
    if wanted is not None:
        floor = row
        for t in wanted:
            home = t._t
            if home is not tape:
                if type(home) is not Mark:
                    return None
                floor = ROW
                break
            if t._r < floor:
                floor = t._r
    if row // ROW + 2 > columns.shape[1]:
        reached.room(row // ROW + 1)
        columns = reached.columns
    head[m.NEEDED] = row
    count = reached.count = native.visit(reached.h, id(rows), reached.h + 8 * m.NEEDED, 1, floor)
    reached.tapes.append((tape, 0, count))
    leaves, leaf_entry = reached.leaves, reached.leaf_entry
    for j in range(head[m.SPECIALS]):
        there = columns.item(m.SPECIAL_ROW, j)
        if rows[there] != LEAF:
            return None
        leaf = rows[there + 3]()
        if leaf is not None:
            if id(leaf) in leaf_entry or getattr(leaf, "_hooks", None) is not None:
                return None
            k = columns.item(m.SPECIAL, j)
            leaf_entry[id(leaf)] = k
            leaves[k] = leaf
    entries = list(leaves)
    if wanted is not None:
        entries = []
        for t in wanted:
            if t._t is tape:
                if t._r == row:
                    return None
                k = columns.item(m.ROW_SLOT, t._r // ROW) if t._r < row else -1
                if not 0 < k < count or columns.item(m.POS, k) != t._r:
                    k = -1
            else:
                k = leaf_entry.get(id(t), -1)
            if k >= 0:
                columns[m.LEAD, k] = 1
            entries.append(k)
    for k, t in zip(entries, leaves.values() if wanted is None else wanted, strict=True):
        if t._s.code < 0 and k >= 0:
            return None
    return entries if native.link(reached.h, wanted is not None, False) < 0 else None


__all__: list[Any] = ["gradients"]
