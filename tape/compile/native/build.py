"""A program as machine code: `Native(program).run(arguments)`.

One LLVM module a program; it is cut where a row needs Python. `run` takes C-contiguous arrays of the recorded shapes and dtypes and
gives fresh arrays; it raises Miss where a guard fails. `describe()` says what was made of the rows. Safe in several threads: each call
has a workspace of its own. Invariant: machine code reads inputs and constants where they lie and writes outputs where
the caller finds them; the rest is one arena a workspace. Imported by tape.compile.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.compile.native.emit import Piece, text_of
from tape.compile.native.entry import Convention, bind
from tape.compile.native.kinds import FREE, VIEW
from tape.compile.native.llvm import Code, compile_now
from tape.compile.native.measuring import estimate, measured
from tape.compile.native.places import address_of
from tape.compile.native.plan import Plan, constant_addresses
from tape.compile.native.threads import share
from tape.compile.program import Program

_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)
_SHARED = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)


class Native:
    """The machine code of a program.

    exact: keep strong zeros as choices. threads: how many work on large loops; results do not depend on it. `entry` is None or a
    built-in function that is called by the `convention` (None: arrays in, a tuple out), at a fraction of what `run` costs; it gives
    None where an argument does not fit, a guard missed or a NaN came out that strong zeros may prevent, and `outcome` is to be asked.
    """

    def __init__(self, program: Program, exact: bool = False, threads: int = 1, convention: Convention | None = None) -> None:
        self.program, self.exact, self.threads = program, exact, threads
        self.plan = Plan(program, watched=not exact and o.STRONG in program.op)
        self.text, self.pieces, scratch = text_of(self.plan, exact, threads, convention or Convention.plain(program))
        self.arena_size = self.plan.size + scratch
        self.code: Code = compile_now(self.text, 0)
        self._functions = self.functions(self.code, self.pieces)
        self.entry: Any = bind(self.code, self.plan, self.arena_size) if "define ptr @entry(" in self.text else None
        self._plain = self.entry if convention is None else None
        self._outputs = [(program.spec[row].shape, program.spec[row].dtype) for row in program.outputs]
        self._spare: list[_Workspace] = []
        self._first_output: int = self.plan.first_output

    def run(self, arguments: list[np.ndarray]) -> list[np.ndarray]:
        """The outputs at new inputs. Raises Miss where a guard sees another outcome."""
        return self.outcome(arguments)[0]

    def outcome(self, arguments: list[np.ndarray]) -> tuple[list[np.ndarray], bool]:
        """The outputs, and whether a NaN in one calls for the exact program. False for programs without strong zeros."""
        if self._plain is not None:
            quick = self._plain(*arguments)
            if quick is not None:
                return [np.array(x) if type(x) is float else x for x in quick], False
        try:
            space = self._spare.pop()
        except IndexError:
            space = _Workspace(self)
        outputs = space.begin(arguments)
        try:
            for piece in self.pieces:
                if not self.do(piece, self._functions, space, arguments, outputs):
                    return self._missed(arguments), False
            return outputs, self.plan.watched and space.saw_nan()
        finally:
            space.found.clear()
            self._spare.append(space)

    @staticmethod
    def functions(code: Code, pieces: list[Piece]) -> dict[str, Any]:
        """The pieces that are machine code, by name."""
        return {p.name: (_SHARED if p.count else _FUNCTION)(code.address(p.name)) for p in pieces if p.name}

    def space(self, arguments: list[np.ndarray]) -> tuple[_Workspace, list[np.ndarray]]:
        """Memory for a call of its own, and its outputs."""
        space = _Workspace(self)
        return space, space.begin(arguments)

    def do(self, piece: Piece, functions: dict, space: _Workspace, arguments: list[np.ndarray], outputs: list[np.ndarray]) -> bool:
        """Run one piece. False where a guard misses."""
        if piece.count:
            function, arena, table = functions[piece.name], space.arena, space.table
            share(lambda low, high: function(arena, table, low, high), piece.count, self.threads)
            return True
        if piece.name:
            return not functions[piece.name](space.arena, space.table)
        return space.step(piece.row, arguments, outputs)

    def _missed(self, arguments: list[np.ndarray]) -> list[np.ndarray]:
        """Row by row, which raises the Miss of the first guard; or gives the outputs, if rounding alone made the difference."""
        return [np.array(x) for x in self.program.run(arguments)]

    def describe(self) -> list[str]:
        """Readable lines: bytes of memory, then the steps in order."""
        return [self._size(), *(text for text, _ in self._steps())]

    def measure(self, arguments: list[np.ndarray]) -> list[tuple[str, float]]:
        """Each step as a readable line and the seconds that it takes at some inputs, the calling of it not left out."""
        found = measured(self, arguments)
        return [(text, seconds) for (text, _), seconds in zip(self._steps(), found, strict=True)]

    def python_rows(self) -> set[int]:
        """The rows that Python runs at each call."""
        return {piece.row for piece in self.pieces if not piece.name and piece.row >= 0}

    def _size(self) -> str:
        return f"{len(self.program)} rows, arena of {self.arena_size} bytes, {self.code.size} bytes of machine code"

    def _steps(self) -> list[tuple[str, Any]]:
        lines = []
        for step in self.plan.steps:
            name = type(step).__name__.lower()
            if hasattr(step, "nest"):
                nest = step.nest
                watched = sum(r.target.root == self._first_output + len(self._outputs) for r in nest.reductions)
                work = f"{len(nest.cells)} cells over {nest.extents}, {len(nest.stores)} stored, {len(nest.reductions) - watched} reduced"
                told = f"{name}: {work}" + (f", {step.pieces} pieces" if step.pieces > 1 else "") + (", half of it mirrored" if nest.half else "")
            else:
                rows = step.rows if hasattr(step, "rows") else [step.row]
                shown = self.program.line(rows[0]) if rows[0] >= 0 else f"output {-1 - rows[0]}"
                told = f"{name}: {len(rows)} rows from {shown}"
            seconds = estimate(self.plan, step)
            lines.append((told if seconds is None else f"{told}, about {seconds * 1e6:.3g} us", step))
        return lines


class _Workspace:
    """The memory of one call: arena, table of pointers, and the values of rows that Python runs."""

    def __init__(self, native: Native) -> None:
        plan = native.plan
        self.native = native
        self.memory = np.empty(native.arena_size + 64, np.uint8)
        self.arena = -(-address_of(self.memory) // 64) * 64
        self.pointers = np.zeros(plan.first_output + len(native.program.outputs) + 1, np.int64)
        self.table = address_of(self.pointers)
        self.flags = np.zeros(plan.flags, np.bool_)
        self.pointers[-1] = address_of(self.flags)
        first = len(native.program.inputs)
        for k, address in enumerate(constant_addresses(plan), first):
            self.pointers[k] = address
        self.found: dict[int, Any] = {}
        self._views: dict[int, np.ndarray] = {}

    def begin(self, arguments: list[np.ndarray]) -> list[np.ndarray]:
        """Begin a call: where its arguments are, and arrays for its outputs."""
        outputs = [np.empty(shape, dtype) for shape, dtype in self.native._outputs]
        pointers = self.pointers
        for k, array in enumerate(arguments):
            pointers[k] = address_of(array)
        for k, array in enumerate(outputs, self.native._first_output):
            pointers[k] = address_of(array)
        return outputs

    def saw_nan(self) -> bool:
        """Whether the last call put a NaN into an output that is watched."""
        return bool(self.flags.any())

    def step(self, row: int, arguments: list[np.ndarray], outputs: list[np.ndarray]) -> bool:
        """Run one row in Python; a negative one copies an output. False where a guard misses."""
        program = self.native.program
        if row < 0:
            np.copyto(outputs[-1 - row], self.value(program.outputs[-1 - row], arguments, outputs))
            return True
        op, params = program.op[row], program.params[row]
        inputs = [self.value(i, arguments, outputs) for i in program.inputs_of(row)]
        if op == o.GUARD:
            return params.see(inputs[0]) == params.outcome
        with np.errstate(all="ignore"):
            made = o.VALUE[op](params, *inputs)
        if type(made) is tuple:
            self.found[row] = made
        elif np.shape(made) != program.spec[row].shape:  # it depends on values: the guard that follows would see it
            return False
        else:
            np.copyto(self.value(row, arguments, outputs), made)
        return True

    def value(self, row: int, arguments: list[np.ndarray], outputs: list[np.ndarray]) -> Any:
        """A row's value as an array over the memory where it lies."""
        if row in self.found:
            return self.found[row]
        program, plan = self.native.program, self.native.plan
        kind = plan.classes.of[row]
        if kind == FREE:
            return arguments[program.params[row]] if program.op[row] == o.INPUT else program.params[row]
        if kind == VIEW:
            return o.VALUE[program.op[row]](program.params[row], self.value(program.a[row], arguments, outputs))
        place, spec = plan.place(row), program.spec[row]
        assert place is not None
        if place.root >= 0:
            return outputs[place.root - plan.first_output]
        if row not in self._views:
            start = self.arena - address_of(self.memory) + plan.offsets[-1 - place.root] + place.offset
            self._views[row] = self.memory[start : start + spec.nbytes].view(spec.dtype).reshape(spec.shape)
        return self._views[row]

