"""The first tier: a program replayed at once, with nothing compiled for it.

`Blocked(program).run(arguments)` gives the outputs. Scalar rows run in one compiled loop over a table of codes, array rows in groups block
by block, the rest as NumPy steps with `VALUE[op]`: all that a `Program.run` does, to the same bits but for reductions. Each call has a
workspace of its own from a small pool, so threads may call at once; what it does not allocate is what it used before.
Invariant: tables are checked when they are made. Imports its own files. Imported by the dispatcher of tiers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops import interpret
from compiled_ops.blocks import FIRST_OPERAND, run_blocks
from tape.compile import opcodes as o
from tape.compile.blocked import groups, runs
from tape.compile.blocked.memory import SCRATCH, Plan, Workspace
from tape.compile.blocked.schedule import Schedule, Step
from tape.compile.blocked.writing import WRITE
from tape.compile.program import Miss, Program
from tape.compile.scalars import columns_of

POOL = 8  # workspaces kept for calls to come


class Blocked:
    """A program, ready to run.

    program: any valid one. exact: keep STRONG rows as choices; else they pass their second input on, and a caller who finds NaN in an output
    asks an exact one. threads: accepted for the interface; this tier uses one.
    """

    def __init__(self, program: Program, *, exact: bool = False, threads: int = 1) -> None:
        self.program, self.exact, self.threads = program, exact, threads
        self._schedule = Schedule(program, exact)
        self._plan = Plan(self._schedule)
        self._lowered = [self._lower(number, step) for number, step in enumerate(self._schedule.steps)]
        self._scratch = max((x.scratch for x in self._lowered if isinstance(x, groups.Group)), default=256)
        self._pool: list[Workspace] = []
        self._given = {row for row in program.outputs if self._is_given(row)}

    def _is_given(self, row: int) -> bool:
        """Whether an output's array is made by each call for its caller alone, and need not be copied."""
        root, program = self._schedule.root(row), self.program
        alone = root == row and sum(self._schedule.root(other) == row for other in program.outputs) == 1
        of_numpy = self._schedule.step_of[row] >= 0 and self._schedule.steps[self._schedule.step_of[row]].kind == "numpy"
        return alone and (row in self._plan.fresh or of_numpy and program.op[row] not in (o.CALL, o.ITEM))

    def _lower(self, number: int, step: Step) -> Any:
        if step.kind == "scalars":
            return self._scalar_run(step, self._plan.read[number])
        if step.kind == "group":
            return self._seated(groups.lower(self._schedule, number, set(self._plan.seats)))
        return step.rows[0]

    def _scalar_run(self, step: Step, wanted: list[int]) -> runs.Run:
        program, seats, places = self.program, self._plan.seats, self._schedule.places

        def place_of(row: int) -> tuple:
            spec = program.spec[row]
            root, offset, shape, strides = places.of(row)
            seat = seats[root]
            return 2 * seat.pointer + (spec.dtype.itemsize == 1), seat.offset + offset, shape, strides

        return runs.lower(columns_of(self._schedule.columns, step.rows, place_of, wanted), self.exact)

    def _seated(self, group: groups.Group) -> groups.Group:
        """The table of a group with pointers and offsets of its operands' memory."""
        group.table[:, FIRST_OPERAND::4] = SCRATCH
        for k, j, root in group.roots:
            seat = self._plan.seats[root]
            group.table[k, FIRST_OPERAND + 4 * j] = seat.pointer
            group.table[k, FIRST_OPERAND + 4 * j + 1] += seat.offset
        return group

    def run(self, arguments: list[np.ndarray]) -> list[np.ndarray]:
        """Replay at new inputs: contiguous arrays of the recorded shapes and dtypes. The outputs are the caller's own.

        Raises `Miss` where a guard sees another outcome than the one recorded.
        """
        try:
            workspace = self._pool.pop()
        except IndexError:
            workspace = self._workspace()
        try:
            return self._replay(workspace, arguments)
        finally:
            if len(self._pool) < POOL:
                self._pool.append(workspace)

    def _workspace(self) -> Workspace:
        """Memory for a call, and each step as a function and its arguments: none for a row that NumPy runs."""
        made = Workspace(self._plan, self._scratch)
        for found in self._lowered:
            if isinstance(found, runs.Run):
                values = found.values()
                made.calls.append((interpret.run, found.arguments(values.ctypes.data, made.table), (found, values)))
            elif isinstance(found, groups.Group):
                made.calls.append((run_blocks, found.arguments(made.table, made.frame), None))
            else:
                made.calls.append((None, (), found))
        call = _Call(self, made, [])
        for row in self.program.outputs:
            lasting = self._schedule.root(row) in made.arrays
            made.outputs.append((row, call.array(row) if lasting else None))
        return made

    def _replay(self, workspace: Workspace, arguments: list[np.ndarray]) -> list[np.ndarray]:
        call = _Call(self, workspace, arguments)
        for memory, place in workspace.inputs:
            memory[...] = arguments[place]
        for row in self._plan.large:
            given = self.program.params[row]
            call.put(row, np.require(arguments[given] if self.program.op[row] == o.INPUT else given, requirements="CA"))
        for row in self._plan.fresh:
            spec = self.program.spec[row]
            call.put(row, np.empty(spec.shape, spec.dtype))
        for function, given, found in workspace.calls:
            if function is None:
                call.step(found)
            else:
                missed = function(*given)
                if missed:
                    call.miss(*found, missed - 1)
        return [array.copy() if array is not None else call.output(row) for row, array in workspace.outputs]

    def describe(self) -> list[str]:
        """Readable lines: what runs in which step, and the memory that a call uses."""
        lines = []
        for number, (step, found) in enumerate(zip(self._schedule.steps, self._lowered, strict=True)):
            if isinstance(found, runs.Run):
                guards = int(np.isin(found.table[:, 0], [interpret.CODES[g] for g in interpret.GUARDS]).sum())
                what = f"scalar run: {len(found.table) - 1} rows, {len(found.loads)} loads, {len(found.stores)} stores, {guards} guards"
            elif isinstance(found, groups.Group):
                names = " ".join(o.name_of(self.program.op[row]) for row in step.rows)
                inner = f", rows of {found.inner}" if found.inner > 1 else ""
                what = (
                    f"group of {found.size} elements{inner} in blocks of {found.block}, {found.traffic()} bytes of memory: {names}"
                )
            else:
                what = f"NumPy: {self.program.line(found)}"
            cost = f", about {found.microseconds():.2g} us" if not isinstance(found, int) else ""
            lines.append(f"step {number}: {what}{cost}")
        return [*lines, f"memory of a call: arena {self._plan.arena} bytes, scratch {self._scratch} bytes"]


class _Call:
    """One call: the arrays whose addresses are its own."""

    __slots__ = ("blocked", "program", "workspace", "arguments", "arrays")

    def __init__(self, blocked: Blocked, workspace: Workspace, arguments: list[np.ndarray]) -> None:
        self.blocked, self.program, self.workspace, self.arguments = blocked, blocked.program, workspace, arguments
        self.arrays: dict[int, Any] = {}

    def put(self, row: int, array: np.ndarray) -> None:
        """Memory of this call only."""
        self.arrays[row] = array
        self.workspace.pointers[self.blocked._plan.seats[row].pointer] = array.__array_interface__["data"][0]

    def array(self, row: int) -> Any:
        """The value of a row as NumPy sees it."""
        chain = [row]
        while (found := self._held(chain[-1])) is None:
            chain.append(self.blocked._schedule.places.viewed(chain[-1]))
        lasting = self.blocked._schedule.root(row) in self.workspace.arrays
        for view in reversed(chain[:-1]):
            op, program = self.program.op[view], self.program
            if op == o.STRONG:
                found = np.broadcast_to(found, program.spec[view].shape)
            else:
                found = o.VALUE[op](program.params[view], found)
            if lasting:  # for the calls to come
                self.workspace.arrays[view] = found
        return found

    def _held(self, row: int) -> Any:
        found = self.arrays.get(row)
        if found is None:
            found = self.workspace.arrays.get(row)
        if found is None and self.program.op[row] in (o.INPUT, o.CONSTANT):
            params = self.program.params[row]
            found = self.arguments[params] if self.program.op[row] == o.INPUT else params
        return found

    def output(self, row: int) -> np.ndarray:
        """An output as an array of the caller's own."""
        return self.array(row) if row in self.blocked._given else np.array(self.array(row), order="C")

    def step(self, row: int) -> None:
        """A row that NumPy runs."""
        program = self.program
        inputs = [self.array(i) for i in program.inputs_of(row)]
        if program.op[row] == o.GUARD:
            guard = program.params[row]
            outcome = guard.see(inputs[0])
            if outcome != guard.outcome:
                raise Miss(row, outcome)
            return
        out = self.arrays.get(row, self.workspace.arrays.get(row))
        with np.errstate(all="ignore"):
            if out is not None:
                WRITE[program.op[row]](program.params[row], out, *inputs)
                return
            made = o.VALUE[program.op[row]](program.params[row], *inputs)
        made = tuple([_apart(each, inputs) for each in made]) if type(made) is tuple else _apart(made, inputs)
        if type(made) is tuple:
            self.arrays[row] = made
        elif np.shape(made) != self.program.spec[row].shape:
            raise self.program.other_shape(row, np.shape(made))
        elif row in self.blocked._plan.seats:
            self.put(row, np.require(made, requirements="CA"))

    def miss(self, run: runs.Run, values: np.ndarray, position: int) -> None:
        """A guard of a scalar run: its number among the run's rows, its value in the run's memory."""
        row = int(run.rows[position])
        value = values[run.table[position, 1]]
        guard = self.program.params[row]
        raise Miss(row, guard.see(value if self.program.spec[self.program.a[row]].dtype.itemsize == 8 else np.bool_(value)))


def _apart(made: Any, inputs: list[Any]) -> Any:
    """A value in memory of its own: that of the inputs is used again once they are done with."""
    if isinstance(made, np.ndarray) and made.base is not None and any(np.may_share_memory(made, x) for x in inputs if isinstance(x, np.ndarray)):
        return made.copy()
    return made
