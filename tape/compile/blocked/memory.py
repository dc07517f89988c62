"""Where roots have their memory: a plan made once, and workspaces that follow it.

`plan(schedule)` gives each root that is read from memory a `Seat`: an offset in the arena, shared by roots that do not live at the same time,
or an entry in the table of pointers: large inputs and outputs and what NumPy makes, whose addresses change from call to call, and
constants, whose do not. A `Workspace` is the memory of one call at a time. Invariant: what a step writes shares no memory with what
it reads, nor with what a later step reads. Imports schedule. Imported by the package's front.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from tape.compile import opcodes as o
from tape.compile.blocked.schedule import Schedule, last_reads
from tape.compile.blocked.writing import WRITE

ARENA, SCRATCH, FIRST_POINTER = 0, 1, 2  # entries of the table of pointers
SMALL_INPUT = 1 << 14  # bytes: what is smaller is copied, which costs less than finding its address
SMALL_OUTPUT = 1 << 12


class Seat(NamedTuple):
    """A root's memory: entry `pointer` of the table of pointers, and an offset there."""

    pointer: int
    offset: int


class Plan:
    """`seats` by root; `arena` bytes; `last` reads; `fresh`: roots that each call makes as arrays of its own; `large`: inputs that are
    read where they lie, and constants whose elements do not lie as the machine wants them."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule, program = schedule, schedule.program
        self.last = last_reads(schedule)
        self.seats: dict[int, Seat] = {}
        self.fresh: list[int] = []
        self.large: list[int] = []
        self.constants: list[int] = []
        self.arena, self._pointers = 0, FIRST_POINTER
        self._free: dict[int, list[int]] = defaultdict(list)  # offsets by size
        outputs = {row for row in program.outputs if schedule.step_of[row] >= 0}
        ending = defaultdict(list)
        for row, step in self.last.items():
            ending[step].append(row)
        self.read: dict[int, list[int]] = defaultdict(list)  # by step, in order: its rows that are read from memory
        for row in sorted(self.last):
            self.read[int(schedule.step_of[row])].append(row)
        for row in self.read[-1]:
            self._source(row)
        for number, step in enumerate(schedule.steps):
            for row in self.read[number]:
                self._computed(row, step.kind, row in outputs)
            for row in ending[number]:
                seat = self.seats[row]
                if seat.pointer == ARENA and schedule.step_of[row] >= 0:
                    self._free[_rounded(program.spec[row].nbytes)].append(seat.offset)

    @property
    def pointers(self) -> int:
        """How many entries the table of pointers has."""
        return self._pointers

    def _source(self, row: int) -> None:
        """Inputs and constants."""
        program = self.schedule.program
        if program.op[row] == o.CONSTANT and program.params[row].flags.aligned:
            self.constants.append(row)
            self.seats[row] = self._pointer()
        elif program.op[row] == o.INPUT and program.spec[row].nbytes <= SMALL_INPUT:
            self.seats[row] = Seat(ARENA, self._room(program.spec[row].nbytes))
        else:
            self.large.append(row)
            self.seats[row] = self._pointer()

    def _computed(self, row: int, kind: str, output: bool) -> None:
        nbytes = self.schedule.program.spec[row].nbytes
        if kind == "numpy" and self.schedule.program.op[row] not in WRITE:
            self.seats[row] = self._pointer()
        elif kind != "scalars" and output and nbytes > SMALL_OUTPUT:
            self.fresh.append(row)
            self.seats[row] = self._pointer()
        else:
            self.seats[row] = Seat(ARENA, self._room(nbytes))

    def _pointer(self) -> Seat:
        self._pointers += 1
        return Seat(self._pointers - 1, 0)

    def _room(self, nbytes: int) -> int:
        size = _rounded(nbytes)
        if self._free[size]:
            return self._free[size].pop()
        if size == 8:  # eight share a cache line, so that what is larger begins on one
            self._free[8] = list(range(self.arena + 56, self.arena, -8))
        self.arena += max(size, 64)
        return self.arena - max(size, 64)


def _rounded(nbytes: int) -> int:
    """Small things have 8 bytes, larger ones whole cache lines."""
    return 8 if nbytes <= 8 else -(-nbytes // 64) * 64


class Workspace:
    """Memory for one call at a time: the arena, scratch memory, the table of pointers, and arrays over the arena."""

    def __init__(self, plan: Plan, scratch: int) -> None:
        program = plan.schedule.program
        self.memory = _aligned(plan.arena + 64)
        self.scratch = _aligned(scratch + 64)
        self.pointers = np.zeros(plan.pointers, np.int64)
        self.pointers[ARENA], self.pointers[SCRATCH] = self.memory.ctypes.data, self.scratch.ctypes.data
        self.arrays: dict[int, np.ndarray] = {}
        for row in plan.constants:
            self.arrays[row] = program.params[row]
            self.pointers[plan.seats[row].pointer] = program.params[row].ctypes.data
        for row, seat in plan.seats.items():
            if seat.pointer == ARENA:
                spec = program.spec[row]
                self.arrays[row] = np.ndarray(spec.shape, spec.dtype, self.memory, seat.offset)
        self.inputs = [(self.arrays[row], program.params[row]) for row in program.inputs if row in self.arrays]
        self.calls: list[tuple[Any, tuple, Any]] = []  # each step: function, arguments, what it stands for
        self.outputs: list[tuple[int, np.ndarray | None]] = []  # each output: row, its array if that is here
        self.table = self.pointers.ctypes.data
        self.frame = int(self.pointers[SCRATCH])


def _aligned(nbytes: int) -> np.ndarray:
    memory = np.zeros(nbytes + 64, np.uint8)
    start = -memory.ctypes.data % 64
    return memory[start : start + nbytes]
