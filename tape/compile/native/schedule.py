"""When each row runs, and which rows need memory.

Time goes in stages of three slots: scalar rows, loop nests, blocks and Python. `Schedule(classes)` gives every row the earliest time at which
all it reads is there, and finds what must be kept: what a later nest, another place in the same nest, a block or the caller reads.
A cheap value is computed again where it is needed instead. Invariant: a nest loads only what an earlier time made.
Imports kinds. Imported by plan.
"""

from __future__ import annotations

from collections import Counter

from tape.compile import opcodes as o
from tape.compile.native.kinds import ARRAY, BLOCK, COPY, FREE, NOTHING, PYTHON, REDUCED, SCALAR, VIEW, Classes

SLOT = {SCALAR: 0, ARRAY: 1, REDUCED: 1, COPY: 1, BLOCK: 2, PYTHON: 2}
LONGEST = 150  # rows in a nest: LLVM's time grows faster than their number
BEFORE = -1


class Schedule:
    """`time[row]` and `kept`: the rows that have memory of their own."""

    def __init__(self, classes: Classes) -> None:
        self.classes, self.program = classes, classes.program
        self.time: list[int] = []
        self._leaves: list[int] = []  # the latest time among what a computed row is made of
        self._sizes: Counter = Counter()
        self._guarded = BEFORE
        self._place_all()
        self.kept: set[int] = set()
        self._demand()

    def _place_all(self) -> None:
        """Row by row; plain scalar rows, of which there may be very many, take the short way."""
        program, base = self.program, self.classes.base
        more, time, leaves = program.more, self.time, self._leaves
        ready: list[int] = []  # when a scalar row may read a row
        for row, (plain, a, b, c) in enumerate(zip(self.classes.plain.tolist(), program.a, program.b, program.c, strict=True)):
            if not plain:
                self._place(row)
                behind = base[row]
                scalar = self.classes.of[behind] == SCALAR
                ready.append(time[behind] if scalar else self._after(time[behind], 0))
                continue
            soonest = ready[a] if a >= 0 else 0
            if b >= 0 and ready[b] > soonest:
                soonest = ready[b]
            if c >= 0 and ready[c] > soonest:
                soonest = ready[c]
            if row in more:
                soonest = max(soonest, *(ready[i] for i in more[row]))
            time.append(soonest)
            leaves.append(BEFORE)
            ready.append(soonest)

    def domain(self, row: int) -> tuple[int, ...]:
        """The shape of the nest that a row is in."""
        if self.classes.of[row] in (REDUCED, COPY):
            return self.program.spec[self.program.a[row]].shape
        return self.program.spec[row].shape

    def reads(self, row: int) -> list[tuple[int, bool]]:
        """The rows behind a row's inputs, and whether each is read at the very place that is computed."""
        program, of, base = self.program, self.classes.of, self.classes.base
        shape, op = self.domain(row), program.op[row]
        found = []
        for k, i in enumerate(program.inputs_of(row)):
            direct = base[i] == i and program.spec[i].shape == shape and of[row] in (ARRAY, REDUCED, COPY)
            if of[row] == ARRAY and (op in (o.SCATTER, o.SUM) or (op == o.OVERWRITE and k == 1)):
                direct = False
            found.append((base[i], direct))
        return found

    def _place(self, row: int) -> None:
        kind, of = self.classes.of[row], self.classes.of
        if kind in (FREE, VIEW, NOTHING):
            if kind == NOTHING:  # a guard on a shape, which is seen as the row is made
                self._guarded = max(self._guarded, self.time[self.classes.base[self.program.a[row]]])
            self.time.append(BEFORE)
            self._leaves.append(BEFORE)
            return
        slot = SLOT[kind]
        at_least, leaves = slot, BEFORE
        for base, direct in self.reads(row):
            there, same = self.time[base], SLOT.get(of[base]) == slot
            if slot != 1:
                found = there if same else self._after(there, slot)
            elif of[base] != ARRAY:
                found = self._after(there, slot)
            elif direct:
                found = there
            else:
                found = self._after(there if self.classes.heavy(base) else self._leaves[base], slot)
            at_least = max(at_least, found)
            leaves = max(leaves, there if of[base] != ARRAY or self.classes.heavy(base) else self._leaves[base])
        if kind == PYTHON and self.program.op[row] == o.CALL:
            at_least = max(at_least, self._guarded if self._guarded % 3 == 2 else self._after(self._guarded, 2))
        if slot == 1:
            while self._sizes[at_least, self.domain(row)] >= LONGEST:
                at_least += 3
            self._sizes[at_least, self.domain(row)] += 1
        if self.program.op[row] == o.GUARD:
            self._guarded = max(self._guarded, at_least)
        self.time.append(at_least)
        self._leaves.append(leaves)

    @staticmethod
    def _after(time: int, slot: int) -> int:
        """The first time of a slot that is later."""
        return time + 1 + (slot - time - 1) % 3

    def _demand(self) -> None:
        """From the outputs and guards backwards: what is read from memory by whom."""
        program, of, base = self.program, self.classes.of, self.classes.base
        wanted = [False] * len(program)
        for row in program.outputs:
            wanted[base[row]] = True
        seen: set[tuple[int, int]] = set()
        plain, (a, b, c), more = self.classes.plain.tolist(), (program.a, program.b, program.c), program.more
        for row in range(len(program) - 1, -1, -1):
            if plain[row]:
                if wanted[row]:
                    self.kept.add(row)
                    wanted[base[a[row]]] = True
                    if b[row] >= 0:
                        wanted[base[b[row]]] = True
                    if c[row] >= 0:
                        wanted[base[c[row]]] = True
                    for i in more.get(row, ()):
                        wanted[base[i]] = True
                continue
            if of[row] == NOTHING:
                wanted[base[program.a[row]]] = True
            if not wanted[row] and program.op[row] != o.GUARD or of[row] in (FREE, NOTHING):
                continue
            self.kept.add(row)
            if SLOT[of[row]] != 1:
                for i in program.inputs_of(row):
                    wanted[base[i]] = True
                continue
            for found in self._loaded(row, seen):
                wanted[found] = True

    def _loaded(self, row: int, seen: set[tuple[int, int]]) -> list[int]:
        """What the nest that computes a row must find in memory."""
        time, todo, found = self.time[row], self.reads(row), []
        while todo:
            b, direct = todo.pop()
            here = direct and self.time[b] == time
            if self.classes.of[b] == ARRAY and (here or not self.classes.heavy(b)):
                if (b, time) not in seen:
                    seen.add((b, time))
                    todo += [(i, d and here) for i, d in self.reads(b)]
            else:
                found.append(b)
        return found
