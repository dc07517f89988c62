"""A program: rows kept for replaying at new inputs, as flat columns.

    op, a, b, c, params, spec, place        (one list each; a row's name is its position)

`append` adds a row, `inputs_of` gives a row's inputs, `outputs` names the rows that are wanted, `run` replays row by row with NumPy: the
meaning that every pass and tier must keep. Invariants: an input stands before the row that uses it; rows are pure; INPUT rows come
in the order of the arguments; a guard stands after what it looks at and before everything that relies on its outcome.
Imports opcodes. Imported by everything in this package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.errors import Place, at
from tape.spec import SCALAR, Spec, spec_of


class Miss(Exception):
    """A guard saw another outcome than the one recorded: the program is not valid at these inputs."""

    def __init__(self, row: int, outcome: Any) -> None:
        super().__init__(row, outcome)
        self.row, self.outcome = row, outcome


class Guard:
    """What a recording relied on: `kind` "truth" (bool of the value), "value" (all elements, bit by bit; a NaN is a NaN) or "shape", and the
    outcome."""

    __slots__ = ("kind", "outcome", "asked")

    def __init__(self, kind: str, outcome: Any, asked: str) -> None:
        self.kind, self.outcome, self.asked = kind, outcome, asked  # asked: what the user's code did, "bool()", "float()"

    def see(self, value: Any) -> Any:
        """The outcome that a value gives; hashable."""
        if self.kind == "truth":
            return bool(value)
        return np.shape(value) if self.kind == "shape" else bits(value)

    def __repr__(self) -> str:
        return f"{self.asked} {self.outcome!r}" if self.kind != "value" else f"{self.asked} of {len(self.outcome)} bytes"


def bits(value: Any) -> bytes:
    """All elements, and one NaN for all: the sign of a NaN differs from one way to compute it to another."""
    array = np.asarray(value)
    if array.dtype.kind in "fc" and (nan := np.isnan(array)).any():
        array = np.where(nan, array.dtype.type(np.nan), array)
    return array.tobytes()


class Call:
    """A call of a function that is no row: `template(function arguments)` with inputs put in their places. `build(inputs)` gives args and
    kwargs; `name` is for reading."""

    __slots__ = ("function", "build", "name")

    def __init__(self, function: Callable, build: Callable[..., tuple[tuple, dict]], name: str) -> None:
        self.function, self.build, self.name = function, build, name

    def __call__(self, *inputs: Any) -> Any:
        args, kwargs = self.build(*inputs)
        made = self.function(*args, **kwargs)
        return tuple(map(np.asarray, made)) if isinstance(made, tuple) else np.asarray(made)


class Program:
    """Rows to replay. `more` holds the inputs beyond three of a row; `outputs` the rows wanted, `names` the names of inputs for reading."""

    def __init__(self) -> None:
        self.op: list[int] = []
        self.a: list[int] = []
        self.b: list[int] = []
        self.c: list[int] = []
        self.params: list[Any] = []
        self.spec: list[Spec] = []
        self.place: list[Place | None] = []
        self.more: dict[int, tuple[int, ...]] = {}
        self.inputs: list[int] = []
        self.outputs: list[int] = []

    def __len__(self) -> int:
        return len(self.op)

    def append(self, op: int, inputs: tuple[int, ...], params: Any, spec: Spec, place: Place | None = None) -> int:
        """Add a row; returns its name."""
        row = len(self.op)
        given = len(inputs)
        self.a.append(inputs[0] if given else -1)
        self.b.append(inputs[1] if given > 1 else -1)
        self.c.append(inputs[2] if given > 2 else -1)
        if given > 3:
            self.more[row] = inputs[3:]
        self.params.append(params)
        self.spec.append(spec)
        self.place.append(place)
        if op == o.INPUT:
            self.inputs.append(row)
        self.op.append(op)
        return row

    def extend(self, ops: tuple[int, ...], a: tuple[int, ...], b: tuple[int, ...], place: Place | None) -> None:
        """Add rows of 0-d float64 values with one or two inputs (b: -1 for none)."""
        count = len(ops)
        self.op.extend(ops)
        self.a.extend(a)
        self.b.extend(b)
        self.c.extend((-1,) * count)
        self.params.extend((None,) * count)
        self.spec.extend((SCALAR,) * count)
        self.place.extend((place,) * count)

    def with_outputs(self, outputs: list[int]) -> Program:
        """The same rows with other outputs; columns of its own."""
        made = Program()
        for name in ("op", "a", "b", "c", "params", "spec", "place", "inputs"):
            setattr(made, name, list(getattr(self, name)))
        made.more, made.outputs = dict(self.more), list(outputs)
        return made

    def constant(self, value: Any, dtype: Any = None) -> int:
        """A row for a constant; the array is kept by reference and read at every replay."""
        array = np.asarray(value, dtype)
        return self.append(o.CONSTANT, (), array, spec_of(array))

    def inputs_of(self, row: int) -> tuple[int, ...]:
        """The rows that a row reads."""
        a, b, c = self.a[row], self.b[row], self.c[row]
        if c >= 0:
            return (a, b, c, *self.more.get(row, ()))
        return (a, b) if b >= 0 else (a,) if a >= 0 else ()

    def guards(self) -> Iterator[int]:
        """The rows that are guards, in order."""
        return (row for row, op in enumerate(self.op) if op == o.GUARD)

    def run(self, arguments: list[np.ndarray], keep: bool = False) -> list[Any]:
        """Replay row by row with NumPy at new inputs; the outputs, or with `keep` every row's value. Raises Miss where a guard fails."""
        found: list[Any] = [None] * len(self)
        last = None if keep else self.last_uses()
        with np.errstate(all="ignore"):
            for row, op in enumerate(self.op):
                if op == o.INPUT:
                    found[row] = arguments[self.params[row]]
                elif op == o.GUARD:
                    guard = self.params[row]
                    outcome = guard.see(found[self.a[row]])
                    if outcome != guard.outcome:
                        raise Miss(row, outcome)
                else:
                    inputs = self.inputs_of(row)
                    made = o.VALUE[op](self.params[row], *[found[i] for i in inputs])
                    found[row] = made if type(made) is tuple else np.asarray(made)
                    if last is not None:
                        for i in inputs:
                            if last[i] == row:
                                found[i] = None
        return found if keep else [np.array(found[row], order="C") for row in self.outputs]

    def other_shape(self, row: int, shape: tuple[int, ...]) -> Exception:
        """What to raise where a row gives a value of another shape than recorded: the miss of its guard."""
        for guard in self.guards():
            if self.a[guard] == row and self.params[guard].kind == "shape":
                return Miss(guard, shape)
        return ValueError(f"{self.line(row)} gave shape {shape}")

    def last_uses(self) -> list[int]:
        """For every row the last that reads it; rows wanted as outputs are never done with."""
        last = list(range(len(self)))
        for row in range(len(self)):
            for i in self.inputs_of(row):
                last[i] = row
        for row in self.outputs:
            last[row] = len(self)
        return last

    def verify(self) -> None:
        """Raise ValueError where a row breaks an invariant: an input that stands later, a Spec that its value would not have."""
        for row, op in enumerate(self.op):
            if op not in o.NAMES:
                raise ValueError(f"program row {row}: there is no opcode {op}")
            if any(not 0 <= i < row for i in self.inputs_of(row)):
                raise ValueError(f"program row {row} ({o.name_of(op)}) reads {self.inputs_of(row)}: inputs stand before the row")
            _check_row(self, row, op)
        for row in (*self.outputs, *self.inputs):
            if not 0 <= row < len(self):
                raise ValueError(f"output {row} of a program of {len(self)} rows")

    def line(self, row: int) -> str:
        """One row as readable text."""
        inputs = " ".join(f"%{i}" for i in self.inputs_of(row))
        params = self.params[row]
        if isinstance(params, np.ndarray):
            params = repr(params.tolist()) if params.size < 4 else f"{params.dtype}{list(params.shape)}"
        elif isinstance(params, Call):
            params = params.name
        shown = "" if params is None else f" {params}"
        place = "" if self.place[row] is None else f"    # {at(self.place[row])}"
        return f"%{row} = {o.name_of(self.op[row])} {inputs}{shown}  {self.spec[row]!r}{place}".replace("  ", " ", 1)


def _check_row(program: Program, row: int, op: int) -> None:
    spec, inputs = program.spec[row], [program.spec[i] for i in program.inputs_of(row)]
    if op in o.ELEMENTWISE:
        shape = np.broadcast_shapes(*(s.shape for s in inputs))
        if shape != spec.shape:
            raise ValueError(f"program row {row} ({o.name_of(op)}): inputs {inputs} broadcast to {shape}, not {spec.shape}")
        if op in o.ARITHMETIC and any(s.dtype != spec.dtype for s in inputs):
            raise ValueError(f"program row {row} ({o.name_of(op)}): inputs {inputs} of a result of {spec.dtype}; cast them")
    elif op in o.VIEWS:
        made = o.VALUE[op](program.params[row], np.broadcast_to(np.zeros((), inputs[0].dtype), inputs[0].shape))
        if made.shape != spec.shape or inputs[0].dtype != spec.dtype:
            raise ValueError(f"program row {row} ({o.name_of(op)}): {inputs[0]} becomes {made.shape}, not {spec}")
