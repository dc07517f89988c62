"""Random programs of the rows that tiers run, for their tests: `build(rng)` gives a valid program and arguments that suit it.

Values stay moderate, so that ulps mean something: inputs in (0.2, 2), and functions that keep finite numbers finite.
Rows are appended together with their value at the arguments, from which the Spec is taken: what `VALUE` says is the meaning.
"""

import numpy as np

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.program import Guard, Program
from tape.spec import spec_of

ONE = ("neg", "abs", "square", "reciprocal", "sqrt", "exp", "sin", "tanh", "log1p", "sigmoid", "atan", "floor", "sign", "softplus")
TWO = ("add", "sub", "mul", "div", "maximum", "minimum", "atan2", "hypot", "copysign", "fmax")


class Builder:
    """A program that grows, with the value of each row."""

    def __init__(self, rng):
        self.rng, self.program, self.values, self.arguments = rng, Program(), [], []

    def append(self, op, inputs, params=None):
        op = OPCODES[op] if isinstance(op, str) else op
        with np.errstate(all="ignore"):
            value = np.asarray(o.VALUE[op](params, *[self.values[i] for i in inputs]))
        return self.place(op, inputs, params, value)

    def place(self, op, inputs, params, value):
        self.values.append(value)
        return self.program.append(op, tuple(inputs), params, spec_of(value))

    def input(self, array):
        self.arguments.append(np.ascontiguousarray(array).reshape(np.shape(array)))
        return self.place(o.INPUT, (), len(self.arguments) - 1, self.arguments[-1])

    def constant(self, array):
        return self.place(o.CONSTANT, (), np.asarray(array), np.asarray(array))

    def guard(self, row, kind="truth"):
        guard = Guard(kind, None, "bool()")
        guard.outcome = guard.see(self.values[row])
        self.values.append(np.zeros(()))
        return self.program.append(o.GUARD, (row,), guard, spec_of(np.zeros(())))

    def numbers(self, shape, dtype=np.float64):
        return np.asarray(self.rng.uniform(0.2, 2.0, shape)).astype(dtype)


def build(rng, rows=40, dtype=np.float64):
    """A random program and its arguments; every tenth or so of the rows and the last one are outputs."""
    b = Builder(rng)
    n, m = (int(k) for k in rng.choice([1, 2, 3, 7, 40, 300], 2))
    for shape in ((n, m), (n, m), (m,), (n, 1), (), ()):
        (b.input if rng.random() < 0.7 else b.constant)(b.numbers(shape, dtype))
    b.constant(np.asfortranarray(b.numbers((n, m), dtype)))
    while len(b.program) < rows:
        _grow(b, rng)
    kept = [row for row in range(len(b.program)) if b.program.op[row] != o.GUARD]
    b.program.outputs = sorted({kept[-1], *(row for row in kept if rng.random() < 0.1)})
    b.program.verify()
    return b.program, b.arguments, b


def _pick(b, rng, test=lambda v: True):
    rows = [r for r, v in enumerate(b.values) if _is_moderate(b, r, v) and test(v)]
    return int(rng.choice(rows[-12:] if rng.random() < 0.7 else rows)) if rows else None


def _is_moderate(b, row, value):
    return b.program.op[row] != o.GUARD and value.dtype.kind == "f" and np.abs(value).max(initial=0) <= 50


def _tame(b, row):
    """Back into a moderate range where values grew."""
    return b.append("tanh", (row,)) if np.abs(b.values[row]).max(initial=0) > 50 else row


def _grow(b, rng):
    x = _pick(b, rng)
    value = b.values[x]
    kind = rng.integers(0, 14)
    if kind <= 2:
        made = b.append(str(rng.choice(ONE)), (b.append("abs", (x,)) if rng.random() < 0.3 else x,))
    elif kind <= 6:
        y = _pick(b, rng, lambda v: _meets(v.shape, value.shape))
        made = b.append(str(rng.choice(TWO)), (x, y) if rng.random() < 0.5 else (y, x))
    elif kind == 7 and value.ndim:
        axes = tuple(int(a) for a in range(value.ndim) if rng.random() < 0.6) or (0,)
        made = b.append(int(rng.choice([o.SUM, o.SUM, o.AMAX, o.AMIN])), (x,), (axes, bool(rng.random() < 0.5)))
        if b.values[made].shape == value.shape:
            return
    elif kind == 8:
        made = _view(b, rng, x, value)
    elif kind == 9:
        y = _pick(b, rng, lambda v: v.shape == value.shape)
        mask = b.append(o.LESS, (x, y))
        made = b.append(o.SELECT, (b.append(o.NOT, (mask,)) if rng.random() < 0.5 else mask, x, y))
    elif kind == 10 and not value.ndim:
        mask = b.append(o.LESS, (x, b.constant(np.asarray(0.5, value.dtype))))
        b.guard(mask if rng.random() < 0.7 else x, "truth")
        made = b.append(o.CAST, (mask,), value.dtype)
    elif kind == 11:
        y = _pick(b, rng, lambda v: v.shape == value.shape)
        made = b.append(o.STRONG, (x, y))
    elif kind == 12 and value.ndim == 2:
        made = b.append(o.MATMUL, (x, b.append(o.PERMUTE, (x,), (1, 0))))
        made = b.append("tanh", (made,))
    elif kind == 13 and value.ndim:
        made = b.append(o.CONCATENATE, (x, x), 0) if rng.random() < 0.5 else b.append(o.INDEX, (x,), (0,) * value.ndim)
    else:
        return
    _tame(b, made)


def _meets(a, b):
    """Whether one shape broadcasts to the other."""
    try:
        return np.broadcast_shapes(a, b) in (a, b)
    except ValueError:
        return False


def _view(b, rng, x, value):
    choice = rng.integers(0, 5)
    if choice == 0 and value.ndim == 2:
        return b.append(o.PERMUTE, (x,), (1, 0))
    if choice == 1 and value.ndim:
        key = tuple(slice(None, None, int(rng.choice([1, 1, 2, -1]))) for _ in range(value.ndim))
        return b.append(o.INDEX, (x,), key)
    if choice == 2 and value.ndim:
        return b.append(o.RESHAPE, (x,), (value.size,))
    if choice == 3:
        return b.append(o.EXPAND, (x,), (3, *value.shape))
    if choice == 4 and value.ndim:
        key = tuple(slice(1, 1 + extent) for extent in value.shape)
        return b.append(o.SCATTER, (x,), (tuple(extent + 2 for extent in value.shape), key))
    return b.append("neg", (x,))
