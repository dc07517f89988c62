"""Scalar programs for tests: rows written by hand or at random, run by `Program.run` and as machine code.

`Rows` appends rows; `looped(seed)` writes a random program out of loops; `native(program)` compiles all rows as one scalar run;
`compare` demands the bits of `Program.run`. Imported by test_rolled and test_native_scalars.
"""

import ctypes
import random

import numpy as np

from tape.compile import opcodes as o
from tape.compile.native import llvm, scalar_text
from tape.compile.program import Guard, Miss, Program
from tape.compile.scalars import ARENA, BOOL, belongs, columns_of
from tape.spec import SCALAR, intern

OPCODE = {name: op for op, name in o.NAMES.items()}
FLOAT = np.dtype(np.float64)


class Rows:
    """A program that grows, with one input array of float64."""

    def __init__(self, size):
        self.program, self.size = Program(), size
        self.input = self.program.append(o.INPUT, (), 0, intern((size,), FLOAT))

    def element(self, i):
        return self.program.append(o.INDEX, (self.input,), (i,), SCALAR)

    def constant(self, value):
        return self.program.constant(value, FLOAT)

    def row(self, name, *inputs):
        op = OPCODE[name]
        spec = BOOL if op in o.COMPARISONS | o.LOGICAL or name.startswith("is") else SCALAR
        if name == "select":
            spec = self.program.spec[inputs[1]]
        return self.program.append(op, inputs, None, spec)

    def cast(self, row, spec):
        return self.program.append(o.CAST, (row,), spec.dtype, spec)

    def guard(self, row, kind, outcome):
        return self.program.append(o.GUARD, (row,), Guard(kind, outcome, "bool()"), SCALAR)

    def outputs(self, *rows):
        self.program.outputs = list(rows)
        return self.program

    def assembled(self, rows, places=None, size=None):
        """Scalars as one array, the output."""
        shape = (size or len(rows),)
        params = shape, tuple(places if places is not None else range(len(rows))), FLOAT
        return self.outputs(self.program.append(o.ASSEMBLE, tuple(rows), params, intern(shape, FLOAT)))


def run_columns(program):
    """The columns of all rows that may stand in a scalar run, outputs in the arena 64 bytes aligned, and where each output lies."""
    rows = np.flatnonzero(belongs(program))
    outputs, end = {}, 0
    for row in program.outputs:
        outputs[row], end = end, end + (program.spec[row].nbytes + 63) // 64 * 64

    def place_of(row):
        spec = program.spec[row]
        strides = tuple(np.empty(spec.shape, spec.dtype).strides)
        if row in program.inputs:
            return program.params[row], 0, spec.shape, strides
        return ARENA, outputs[row], spec.shape, strides

    assert set(program.outputs) <= set(rows.tolist())
    return columns_of(program, rows, place_of), outputs, end


class Native:
    """A program whose rows are one scalar run."""

    def __init__(self, program, exact=True):
        self.program, self.exact = program, exact
        self.columns, self.places, self.end = run_columns(program)
        module = llvm.Module()
        scalar_text.emit(module, "run", self.columns, exact, self.end)
        self.text = module.text()
        self.code = llvm.compile_now(self.text)
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)
        self.function = kind(self.code.address("run"))
        self.bytes = self.end + scalar_text.scratch_bytes(self.columns, exact)

    def run(self, arguments):
        arena = np.full(self.bytes // 8 + 8, np.nan)  # what is read before it is written shows
        pointers = np.array([argument.ctypes.data for argument in arguments], np.int64)
        missed = self.function(arena.ctypes.data, pointers.ctypes.data)
        if missed:
            raise Miss(int(self.columns.rows[missed - 1]), arena.view(np.uint8)[self.end : self.end + 8].view(FLOAT)[0])
        bytes_of = arena.view(np.uint8)
        found = []
        for row in self.program.outputs:
            spec = self.program.spec[row]
            at = self.places[row]
            found.append(bytes_of[at : at + spec.nbytes].view(spec.dtype).reshape(spec.shape))
        return found


def compare(program, *arguments, exact=True):
    """Machine code and `Program.run` agree to the last bit (NaN is NaN); returns the machine code."""
    native = Native(program, exact)
    for argument in arguments:
        same_bits(native.run([argument]), program.run([argument]))
    return native


def same_bits(found, wanted):
    for made, right in zip(found, wanted, strict=True):
        right = np.asarray(right)
        assert made.dtype == right.dtype and made.shape == right.shape
        if right.dtype == FLOAT:
            differs = (made.view(np.int64) != right.view(np.int64)) & ~(np.isnan(made) & np.isnan(right))
            assert not differs.any(), (made[differs], right[differs])
        else:
            assert np.array_equal(made, right)


ONE = ("neg", "sin", "cos", "tanh", "square", "abs", "sigmoid", "exp", "relu")
TWO = ("add", "sub", "mul", "maximum", "atan2", "strong")


def looped(seed, loops=3, size=40):
    """A random program: loops written out, in which rows read rows of the same iteration, of iterations before, rows of loops before
    (forwards, backwards, every second one), elements and constants by iteration, and what never changes."""
    chosen = random.Random(seed)
    rows = Rows(size)
    shared = [rows.element(0), rows.constant(1.5), *(rows.element(k) for k in range(1, 4))]
    past = []  # (iterations as lists of rows) of loops before
    results = []
    for _ in range(chosen.randint(1, loops)):
        count = chosen.randint(3, 18)
        plan = [_operation(chosen, j, past, count) for j in range(chosen.randint(3, 40))]
        carried = {lag: chosen.choice(shared) for lag in range(1, 4)}
        made = []
        for k in range(count):
            now = []
            for name, sources in plan:
                now.append(rows.row(name, *(_source(rows, each, k, now, made, past, shared, carried) for each in sources)))
            made.append(now)
        past.append(made)
        shared.append(rows.row("mul", made[-1][-1], made[0][0]))
        for _ in range(chosen.randint(0, 6)):
            shared.append(rows.row(chosen.choice(ONE), chosen.choice(shared)))
        results += [chosen.choice(made)[chosen.randrange(len(plan))] for _ in range(3)]
        if chosen.random() < 0.5:
            results += [now[-1] for now in made]
    return rows.assembled([*results, *shared])


def _operation(chosen, j, past, count):
    kinds = ["inside"] * 4 * (j > 0) + ["carried", "carried", "shared", "element", "constant", "table"]
    long = [n for n, made in enumerate(past) if len(made) >= count]
    kinds += ["forwards", "backwards"] * 2 * bool(long) + ["gather"] * (j % 7 == 0) * bool(past)

    def source():
        kind = chosen.choice(kinds)
        if kind == "inside":
            return kind, chosen.randrange(max(0, j - 6), j)
        if kind == "carried":
            return kind, chosen.choice((1, 1, 1, 2, 3)), chosen.random(), chosen.random()
        if kind in ("forwards", "backwards"):
            n = chosen.choice(long)
            return kind, n, chosen.randrange(len(past[n][0]))
        return kind, chosen.random(), chosen.randrange(1 << 30)

    if chosen.random() < 0.1:
        return "select", (("less",), source(), source())
    name = chosen.choice(ONE + TWO * 2)
    return name, tuple(source() for _ in range(1 if name in ONE else 2))


def _source(rows, each, k, now, made, past, shared, carried):
    kind, *rest = each
    if kind == "less":
        return rows.row("less", now[-1] if now else shared[0], shared[1])
    if kind == "inside":
        return now[rest[0]]
    if kind == "carried":
        lag, a, _ = rest
        if k < lag:
            return carried[lag]
        before = made[k - lag]
        return before[int(a * len(before))]
    if kind in ("forwards", "backwards"):
        n, j = rest
        return past[n][k if kind == "forwards" else len(past[n]) - 1 - k][j]
    if kind == "gather":
        loop = past[int(rest[0] * len(past))]
        line = loop[random.Random(rest[1] + k).randrange(len(loop))]
        return line[int(rest[0] * len(line))]
    if kind == "element":
        return rows.element((int(rest[0] * 20) + k) % rows.size)
    if kind == "constant":
        return rows.constant(0.25)
    if kind == "table":
        return rows.constant(rest[0] * 4 - 2 + 0.125 * k)
    return shared[int(rest[0] * len(shared))]
