"""Which rows a sweep has to run: `reach` visits tapes from the last closed to the first, from the roots down.

The result, a `Reached`, holds the columns of the visited rows in strict reverse order of recording (entry 0 runs first), the tapes
that they stand on, the leaves found and the entries of the targets. Where the interpreter's object layout is not the
one that compiled code reads, the same columns are filled by a plain loop. Invariant: a sweep costs what it reaches.
Imports columns and compiled_ops.visit; imported by replay and rerecord.
"""

from __future__ import annotations

import heapq
from functools import cache
from typing import Any

import numpy as np

from compiled_ops import rows as kinds_of_row
from compiled_ops.rows import BY_OPCODE, IMPORT, LEAF, OPCODES, PRIMITIVES, Elementwise
from tape.columns import ROW, SPENT, Mark, Tape, close
from tape.errors import SpentError, at
from tape.record import label_of
from tape.tensor import Tensor

_spare: list[np.ndarray] = []


class Reached:
    """The visited rows of one sweep. `tapes` lists (tape, first entry, last entry + 1), `leaves` maps entries to leaves, `entry` maps
    (tape number, row) of roots, targets and imported rows to entries."""

    __slots__ = ("head", "columns", "tapes", "leaves", "entry", "count", "leaf_entry")

    def __init__(self) -> None:
        from compiled_ops import memory

        self.head = blank_head().copy()
        self.columns = _spare.pop() if _spare else np.zeros((memory.COLUMNS, 4096), np.int64)
        self.tapes: list[tuple[Tape, int, int]] = []
        self.leaves: dict[int, Tensor] = {}
        self.leaf_entry: dict[int, int] = {}
        self.entry: dict[tuple[int, int], int] = {}
        self.count = 0

    def done(self) -> None:
        """Hand the columns back for the next sweep."""
        if len(_spare) < 4:
            _spare.append(self.columns)

    def room(self, rows: int) -> None:
        """Make sure that a tape of this many rows fits behind what is there."""
        have = self.columns.shape[1]
        if self.count + rows + 1 > have:
            grown = np.zeros((self.columns.shape[0], max(2 * have, self.count + rows + 1)), np.int64)
            grown[:, : self.count] = self.columns[:, : self.count]
            self.columns = grown

    def locate(self, k: int) -> tuple[Tape, int]:
        """Tape and row of an entry."""
        low, high = 0, len(self.tapes) - 1
        while low < high:
            middle = (low + high) // 2
            if k >= self.tapes[middle][2]:
                low = middle + 1
            else:
                high = middle
        from compiled_ops.memory import POS

        return self.tapes[low][0], int(self.columns[POS, k])

    def target(self, t: Tensor) -> int | None:
        """The entry of a Tensor that a gradient is wanted for; None where the roots do not depend on it."""
        return self.leaf_entry.get(id(t)) if type(t._t) is Mark else self.entry.get((t._t.num, t._r))


def kinds() -> np.ndarray:
    """How each opcode runs in a compiled sweep, then which of its x and y are values that a backward pass uses up."""
    from compiled_ops import memory as m

    special = {"reshape": m.PASS, "clone": m.PASS, "sum": m.TOTAL, "mean": m.AVERAGE, "expand": m.SPREAD, "getitem": m.REGION,
               "select": m.MASKED, "concatenate": m.WIDE_ROW}  # fmt: skip
    found = np.zeros(2 * m.OPCODES, np.int64)
    found[: kinds_of_row.FIRST_OPCODE] = m.NOTHING
    for key, opcode in OPCODES.items():
        row = PRIMITIVES[key.partition(":")[0]]
        if isinstance(row, Elementwise):
            found[opcode] = m.UNARY if len(row.inputs) == 1 else m.BINARY
            found[m.OPCODES + opcode] = 3
        else:
            found[opcode] = special.get(row.name, m.BY_PYTHON)
            found[m.OPCODES + opcode] = {"linear": 0, "bilinear": 3, "whole": 1}[row.kind]
    for name in ("select", "take", "put"):
        for key, opcode in OPCODES.items():
            if key.partition(":")[0] == name:
                found[m.OPCODES + opcode] = 1
    return found


KERNELS = np.zeros(4 * 512, np.int64)  # addresses, by opcode, operand and dtype code; filled as sweeps miss them
_alive: list[np.ndarray] = []  # what the head of every sweep points to


@cache
def blank_head() -> np.ndarray:
    """The head of a sweep: the addresses of the tables that compiled code reads, and of the types that it knows."""
    from compiled_ops import memory as m

    dtypes = np.array([id(np.dtype(t)) for t in (np.float64, np.float32, np.bool_)], np.int64)
    table = kinds()
    _alive.extend((dtypes, table))
    head = np.zeros(m.HEAD, np.int64)
    head[m.KINDS], head[m.KERNELS], head[m.DTYPES] = table.ctypes.data, KERNELS.ctypes.data, dtypes.ctypes.data
    head[m.NONE], head[m.SPENT] = id(None), id(SPENT)
    head[m.FLOAT_TYPE], head[m.ARRAY_TYPE] = id(float), id(np.ndarray)
    for opcode, row in BY_OPCODE.items():
        if isinstance(row, Elementwise):
            for operand, rule in enumerate(row.rules):
                if rule == "g":
                    KERNELS[4 * opcode + 2 * operand : 4 * opcode + 2 * operand + 2] = m.PASS_ON
    return head


def reach(roots: list[tuple[Tape, int]], wanted: list[tuple[Tape, int]], compiled: bool) -> Reached:
    """Visit everything that the roots depend on. `wanted` are rows whose entries will be asked for."""
    from compiled_ops import memory as m

    reached = Reached()
    head = reached.head
    pending: dict[int, set[int]] = {}
    tapes: dict[int, Tape] = {}
    heap: list[int] = []
    interest: dict[int, list[int]] = {}
    for tape, row in wanted:
        interest.setdefault(tape.num, []).append(row)
    imports: list[tuple[int, int, int]] = []

    def ask(tape: Tape, row: int) -> None:
        if not tape.closed:
            close(tape)
        if tape.closed not in pending:
            pending[tape.closed] = set()
            tapes[tape.closed] = tape
            heapq.heappush(heap, -tape.closed)
        pending[tape.closed].add(row)

    for tape, row in roots:
        ask(tape, row)
    while heap:
        number = -heapq.heappop(heap)
        tape, seeds = tapes[number], sorted(pending[number])
        first = reached.count
        reached.room(seeds[-1] // ROW + 1)
        before = int(head[m.SPECIALS])
        entries = (_visit_compiled if compiled else _visit_plain)(reached, tape, seeds)
        reached.count = last = int(head[m.COUNT])
        columns = reached.columns
        reached.tapes.append((tape, first, last))
        for row, k in zip(seeds, entries, strict=True):
            reached.entry[tape.num, row] = int(k)
        for row in interest.get(tape.num, ()):
            k = int(columns[m.ROW_SLOT, row // ROW]) if row <= seeds[-1] else -1
            if first <= k < last and columns[m.POS, k] == row:
                reached.entry[tape.num, row] = k
        rows = tape.rows
        for k in columns[m.SPECIAL, before : int(head[m.SPECIALS])].tolist():
            row = int(columns[m.POS, k])
            if rows[row] == LEAF:
                leaf = rows[row + 3]()
                if leaf is not None:
                    earlier = reached.leaf_entry.get(id(leaf))
                    if earlier is not None:
                        imports.append((earlier, -1, k))
                        del reached.leaves[earlier]
                    reached.leaf_entry[id(leaf)] = k
                    reached.leaves[k] = leaf
            elif rows[row] == IMPORT:
                home, there = rows[row + 3], rows[row + 4]
                ask(home, there)
                imports.append((k, home.num, there))
    alias = reached.columns[m.ALIAS]
    for k, number, there in reversed(imports):  # the later stands for itself first, so chains of aliases are short-cut
        alias[k] = alias[there] if number < 0 else alias[reached.entry[number, there]]
    return reached


def _visit_compiled(reached: Reached, tape: Tape, seeds: list[int]) -> Any:
    from compiled_ops.visit import visit

    entries = np.array(seeds, np.int64)
    visit(id(tape.rows), entries, reached.head, reached.columns)
    return entries


def _visit_plain(reached: Reached, tape: Tape, seeds: list[int]) -> list[int]:
    """What `visit` does, without reading memory."""
    from compiled_ops import memory as m

    rows, columns, head = tape.rows, reached.columns, reached.head
    k, specials, wides = reached.count, int(head[m.SPECIALS]), int(head[m.WIDES])
    first, first_wide, due, seen = k, wides, [-row for row in seeds], set(seeds)
    heapq.heapify(due)

    def need(row: int) -> int:
        if row and row not in seen:
            seen.add(row)
            heapq.heappush(due, -row)
        return row

    while due:
        row = -heapq.heappop(due)
        op, a, b, x, y = rows[row : row + 5]
        columns[m.POS : m.SPECIAL, k] = 0
        columns[m.POS, k], columns[m.OP, k], columns[m.ALIAS, k] = row, op, k
        columns[m.BUFFER, k] = columns[m.WIDE, k] = -1
        columns[m.XP, k], columns[m.YP, k] = (id(x) if x is SPENT else 0), (id(y) if y is SPENT else 0)
        columns[m.ROW_SLOT, row // ROW] = k
        if op < kinds_of_row.FIRST_OPCODE:
            columns[m.SPECIAL, specials] = k
            specials += 1
        else:
            columns[m.A, k], columns[m.B, k] = need(a), need(b)
            if PRIMITIVES["concatenate"] is kinds_of_row.BY_OPCODE[op] and x:
                columns[m.WIDE, k] = wides
                for more in range(row - ROW, row - ROW * (x + 1), -ROW):
                    columns[m.WIDE_A, wides], columns[m.WIDE_B, wides] = need(rows[more + 1]), need(rows[more + 2])
                    wides += 1
        k += 1
    for names, start, stop in (((m.A, m.B), first, k), ((m.WIDE_A, m.WIDE_B), first_wide, wides)):
        for name in names:
            for j in range(start, stop):
                row = int(columns[name, j])
                columns[name, j] = columns[m.ROW_SLOT, row // ROW] if row else -1
    head[m.COUNT], head[m.SPECIALS], head[m.WIDES] = k, specials, wides
    return [int(columns[m.ROW_SLOT, row // ROW]) for row in seeds]


def restrict(reached: Reached, targets: list[int] | None) -> None:
    """Strike out what leads to no target (None: every leaf is one); SpentError where a row to run is used up."""
    from compiled_ops import memory as m
    from compiled_ops.visit import link

    if targets is not None:
        reached.columns[m.LEAD, targets] = 1
    spent = link(reached.head, reached.columns, 0 if targets is None else 1)
    if spent >= 0:
        raise spent_error(*reached.locate(spent))


def spent_error(tape: Tape, row: int) -> SpentError:
    """The error for going a second time through a row."""
    rows = tape.rows
    return SpentError(
        f"backward went a second time through {label_of(rows[row])} recorded at {at((rows[row + 5], rows[row + 6]))}, whose saved values "
        "the first pass freed; give retain_graph=True to the first pass"
    )


__all__ = ["Reached", "reach", "restrict", "spent_error"]
