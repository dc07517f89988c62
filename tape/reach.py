"""Which rows a sweep has to run: `reach` visits tapes from the last closed to the first, from the roots down.

A `Reached` holds the columns of the visited rows in strict reverse order of recording (entry 0 runs first), the tapes that they stand
on, the leaves found and the entries of roots and targets. Its memory is used again by later sweeps. Where the interpreter's objects
are not laid out as compiled code expects, the same columns are filled by a plain loop. Invariant: a sweep costs what it reaches.
Imports columns and compiled_ops; imported by replay and rerecord.
"""

from __future__ import annotations

import heapq
from array import array as scalars
from functools import cache

import numpy as np

from compiled_ops import layout as m
from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, IMPORT, LEAF, OPCODES, PRIMITIVES, WIDE, Elementwise
from tape import native
from tape.columns import ROW, SPENT, Tape, close
from tape.errors import SpentError, at
from tape.record import label_at
from tape.tensor import Tensor

KERNELS = np.zeros(4 * m.OPCODES, np.int64)  # addresses, by opcode, operand and dtype code; filled as sweeps miss them
CHUNK = 1 << 18  # bytes of gradients that a sweep can hold before it asks for more memory
_alive: list[np.ndarray] = []  # what the head of every sweep points to
spare: list[Reached] = []  # the memory of sweeps that are done


def kinds() -> np.ndarray:
    """How each opcode runs in a compiled sweep, then which of its x and y are values that a backward pass uses up."""
    special = {"reshape": m.PASS, "clone": m.PASS, "sum": m.TOTAL, "mean": m.AVERAGE, "expand": m.SPREAD, "getitem": m.REGION, "overwrite": m.WRITTEN,
               "select": m.MASKED, **dict.fromkeys(WIDE, m.WIDE_ROW), "matmul": m.PRODUCT, "permute": m.TURN, "logsumexp": m.LOGSUMEXP,
               "softmax": m.SOFTMAX, "log_softmax": m.LOG_SOFTMAX}  # fmt: skip
    found = np.zeros(2 * m.OPCODES, np.int64)
    found[:FIRST_OPCODE] = m.NOTHING
    for key, opcode in OPCODES.items():
        row = PRIMITIVES[key.partition(":")[0]]
        if isinstance(row, Elementwise):
            found[opcode] = m.UNARY if len(row.inputs) == 1 else m.BINARY
            found[m.OPCODES + opcode] = 3
        else:
            found[opcode] = special.get(row.name, m.BY_PYTHON)
            found[m.OPCODES + opcode] = 1 if row.name in ("select", "take", "put") else {"linear": 0, "bilinear": 3, "whole": 1}[row.kind]
    return found


@cache
def blank_head() -> scalars:
    """The head of a sweep: the addresses of the tables that compiled code reads, and of the types that it knows."""
    dtypes = np.array([id(np.dtype(t)) for t in (np.float64, np.float32, np.bool_)], np.int64)
    table = kinds()
    _alive.extend((dtypes, table))
    head = scalars("q", [0] * m.HEAD)
    head[m.KINDS], head[m.KERNELS], head[m.DTYPES] = table.ctypes.data, KERNELS.ctypes.data, dtypes.ctypes.data
    head[m.NONE], head[m.SPENT] = id(None), id(SPENT)
    head[m.FLOAT_TYPE], head[m.ARRAY_TYPE] = id(float), id(np.ndarray)
    for opcode, row in BY_OPCODE.items():
        if isinstance(row, Elementwise):
            for operand, rule in enumerate(row.rules):
                if rule == "g":
                    KERNELS[4 * opcode + 2 * operand : 4 * opcode + 2 * operand + 2] = m.PASS_ON
    return head


class Reached:
    """The visited rows of one sweep. `tapes` lists (tape, first entry, last entry + 1), `leaves` maps entries to leaves, `entry` maps
    (tape number, row) of roots, targets and imported rows to entries. `h` is the address of the head."""

    __slots__ = ("head", "h", "columns", "buffers", "tiles", "flags", "special", "special_row", "tapes", "leaves", "entry", "count",
                 "leaf_entry", "aliased", "chunk", "chunk_start", "seed", "seed_address")  # fmt: skip

    def __init__(self) -> None:
        self.head = scalars("q", blank_head())
        self.h = self.head.buffer_info()[0]
        self.tiles = np.empty(3 * m.TILE, np.float64)
        self.head[m.TILES] = self.tiles.ctypes.data
        self.seed = np.zeros(())  # where the cotangent of a 0-d root stands
        self.seed_address = self.seed.ctypes.data
        self.chunk = np.empty(CHUNK, np.uint8)
        self.chunk_start = (self.chunk.ctypes.data + 63) & ~63
        self.set_memory(np.zeros((m.COLUMNS, 1024), np.int64), np.empty((m.HEAD - m.CELLS - m.COLUMNS, 2048), np.int64))
        self.clear()

    def set_memory(self, columns: np.ndarray, buffers: np.ndarray) -> None:
        """Put the columns here, and their addresses into the head."""
        self.columns, self.buffers = columns, buffers
        self.flags, self.special, self.special_row = columns[m.FLAG], columns[m.SPECIAL], columns[m.SPECIAL_ROW]
        first, step = columns.ctypes.data, 8 * columns.shape[1]
        for i in range(m.COLUMNS):
            self.head[m.CELLS + i] = first + step * i
        first, step = buffers.ctypes.data, 8 * buffers.shape[1]
        for i in range(len(buffers)):
            self.head[m.CELLS + m.COLUMNS + i] = first + step * i

    def clear(self) -> None:
        """Forget everything."""
        head = self.head
        head[m.COUNT] = head[m.SPECIALS] = head[m.WIDES] = head[m.BUFFER_COUNT] = head[m.FREE_COUNT] = 0
        head[m.CURRENT] = head[m.STAGE] = head[m.OWNER_NOW] = 0
        head[m.BUMP], head[m.END] = self.chunk_start, self.chunk_start + CHUNK - 64
        self.tapes: list[tuple[Tape, int, int]] = []
        self.leaves: dict[int, Tensor] = {}
        self.leaf_entry: dict[int, int] = {}
        self.entry: dict[tuple[int, int], int] = {}
        self.count = 0
        self.aliased = False

    def done(self) -> None:
        """Hand the memory back for the next sweep."""
        self.clear()
        if len(spare) < 4 and self.columns.shape[1] <= 1 << 18:
            spare.append(self)

    def room(self, rows: int) -> None:
        """Make sure that a tape of this many rows fits behind what is there."""
        have = self.columns.shape[1]
        if self.count + rows + 1 > have:
            # memory that nothing touches costs nothing, copying does: where one long tape follows another, room for many
            width = max((2 if have < 1 << 16 else 8) * have, self.count + rows + 1)
            grown = np.zeros((m.COLUMNS, width), np.int64)
            grown[:, : self.count] = self.columns[:, : self.count]
            for name in (m.WIDE_A, m.WIDE_B, m.SPECIAL, m.SPECIAL_ROW):
                grown[name, :have] = self.columns[name]
            self.set_memory(grown, np.empty((len(self.buffers), 2 * width), np.int64))

    def locate(self, k: int) -> tuple[Tape, int]:
        """Tape and row of an entry."""
        low, high = 0, len(self.tapes) - 1
        while low < high:
            middle = (low + high) // 2
            if k >= self.tapes[middle][2]:
                low = middle + 1
            else:
                high = middle
        return self.tapes[low][0], self.columns[m.POS].item(k)

    def find(self, tape: Tape, row: int) -> int | None:
        """The entry of any row, visited or not."""
        for each, first, last in self.tapes:
            if each is tape:
                k = last - 1 - int(self.columns[m.POS, first:last][::-1].searchsorted(row))
                return k if first <= k < last and self.columns[m.POS, k] == row else None
        return None


def reach(roots: list[tuple[Tape, int]], wanted: list[tuple[Tape, int]], rows_only: bool, compiled: bool) -> Reached:
    """Visit everything that the roots depend on. `wanted` are rows whose entries will be asked for; with `rows_only` there are no
    other targets (no leaves), so nothing older than the oldest of them is visited."""
    reached = spare.pop() if spare else Reached()
    pending: dict[int, tuple[Tape, set[int]]] = {}
    heap: list[int] = []
    imports: list[tuple[int, int, int]] = []
    oldest, lowest = _oldest(wanted) if rows_only and wanted else (0, ROW)
    for tape, row in roots:
        _ask(pending, heap, tape, row)
    while heap:
        number = -heapq.heappop(heap)
        if number < oldest:
            break
        tape, asked = pending[number]
        floor = lowest if number == oldest else ROW
        seeds = [*asked] if len(asked) == 1 else sorted(asked)
        if seeds[-1] < floor:
            continue
        first = reached.count
        reached.room(seeds[-1] // ROW + 1)
        before = reached.head[m.SPECIALS]
        if compiled:
            _visit_compiled(reached, tape, seeds, first, floor)
        else:
            _visit_plain(reached, tape, seeds, floor)
        reached.count = last = reached.head[m.COUNT]
        reached.tapes.append((tape, first, last))
        for each, row in wanted:
            if each is tape and (k := reached.find(tape, row)) is not None:
                reached.entry[tape.num, row] = k
        after = reached.head[m.SPECIALS]
        if after > before:
            _specials(reached, tape, before, after, imports, pending, heap)
    if imports:
        _alias(reached, imports)
    return reached


def _oldest(wanted: list[tuple[Tape, int]]) -> tuple[int, int]:
    """Closing number and row of the oldest of these rows; nothing before it can depend on any."""
    for tape, _ in wanted:
        close(tape)
    oldest = min(tape.closed for tape, _ in wanted)
    return oldest, min(row for tape, row in wanted if tape.closed == oldest)


def _specials(reached: Reached, tape: Tape, before: int, after: int, imports: list, pending: dict, heap: list[int]) -> None:
    """Take down the leaves among the visited rows, and have what the imports stand for visited."""
    rows = tape.rows
    for k, row in zip(reached.special[before:after].tolist(), reached.special_row[before:after].tolist(), strict=True):
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
            _ask(pending, heap, home, there)
            imports.append((k, home.num, there))


def _ask(pending: dict, heap: list[int], tape: Tape, row: int) -> None:
    """Have a row of a tape visited."""
    if not tape.closed:
        close(tape)
    asked = pending.get(tape.closed)
    if asked is None:
        pending[tape.closed] = tape, {row}
        heapq.heappush(heap, -tape.closed)
    else:
        asked[1].add(row)


def _alias(reached: Reached, imports: list[tuple[int, int, int]]) -> None:
    """Let imports, and all but the last row of a leaf, stand for the entry that they mean (ALIAS is that entry + 1)."""
    alias = reached.columns[m.ALIAS]
    reached.aliased = True
    for k, number, there in reversed(imports):  # what is meant lies further down and has its own alias already
        target = there if number < 0 else reached.entry.get((number, there), -1)
        if target < 0:  # older than every target
            continue
        alias[k] = alias[target] or target + 1


def _visit_compiled(reached: Reached, tape: Tape, seeds: list[int], first: int, floor: int) -> None:
    if len(seeds) == 1:
        reached.head[m.NEEDED] = seeds[0]
        native.visit(reached.h, id(tape.rows), reached.h + 8 * m.NEEDED, 1, floor)
        reached.entry[tape.num, seeds[0]] = first
        return
    entries = np.array(seeds, np.int64)
    native.visit(reached.h, id(tape.rows), entries.ctypes.data, len(entries), floor)
    for row, k in zip(seeds, entries.tolist(), strict=True):
        if k >= 0:
            reached.entry[tape.num, row] = k


def _visit_plain(reached: Reached, tape: Tape, seeds: list[int], floor: int) -> None:
    """What `visit` does, without reading memory by address."""
    rows, columns, head = tape.rows, reached.columns, reached.head
    k, specials, wides = reached.count, head[m.SPECIALS], head[m.WIDES]
    seeds = [row for row in seeds if row >= floor]
    first, first_wide, due, seen = k, wides, [-row for row in seeds], set(seeds)
    heapq.heapify(due)

    def need(row: int) -> int:
        if row < floor:
            return 0
        if row not in seen:
            seen.add(row)
            heapq.heappush(due, -row)
        return row

    while due:
        row = -heapq.heappop(due)
        op, a, b, x, y = rows[row : row + 5]
        columns[m.POS, k], columns[m.OP, k] = row, op
        columns[m.XP, k], columns[m.YP, k] = (id(x) if x is SPENT else 0), (id(y) if y is SPENT else 0)
        columns[m.ROW_SLOT, row // ROW] = k
        columns[[m.A, m.B, m.RESULT, m.FLAG, m.LEAD, m.UNIFORM, m.ALIAS, m.WIDE], k] = 0
        columns[m.BUFFER, k] = -1
        if op < FIRST_OPCODE:
            columns[m.SPECIAL, specials], columns[m.SPECIAL_ROW, specials] = k, row
            specials += 1
        else:
            columns[m.A, k], columns[m.B, k] = need(a), need(b)
            if BY_OPCODE[op].name in WIDE and x:
                columns[m.WIDE, k] = wides + 1
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
    for row in seeds:
        reached.entry[tape.num, row] = int(columns[m.ROW_SLOT, row // ROW])


def restrict(reached: Reached, targets: list[int] | None) -> None:
    """Strike out what leads to no target (None: every leaf is one); SpentError where a row to run is used up."""
    if native.link is None:
        native.load()
    if targets is not None:
        lead = reached.columns[m.LEAD]
        for k in targets:
            lead[k] = 1
    spent = native.link(reached.h, targets is not None, reached.aliased)
    if spent >= 0:
        raise spent_error(*reached.locate(spent))


def spent_error(tape: Tape, row: int) -> SpentError:
    """The error for going a second time through a row."""
    rows = tape.rows
    return SpentError(
        f"backward went a second time through {label_at(tape, row)} recorded at {at((rows[row + 5], rows[row + 6]))}, whose saved values "
        "the first pass freed; give retain_graph=True to the first pass"
    )
