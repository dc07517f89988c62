"""Random programs of all opcodes and shapes, before and after the passes, bit for bit at special values.

`random_program(seed)` writes one. Sums, products and extremes are taken of contiguous copies here, since NumPy's order of summation (and
the sign of zero that an extreme picks) depends on the strides of what it reduces, which passes over views change.
"""

import numpy as np
import pytest
from test_passes import SPECIAL, Rows, arguments, outcome, same

from compiled_ops.table import ELEMENTWISE
from tape.compile import opcodes as o
from tape.compile.passes import PASSES, optimise
from tape.compile.program import Call

SHAPES = [(), (), (), (1,), (3,), (4,), (2, 3), (3, 1), (1, 4)]
TWO = {row.name for row in ELEMENTWISE if len(row.inputs) == 2}
UNARY = sorted({o.NAMES[op] for op in o.ARITHMETIC} - TWO)
COMMON = ["add", "sub", "mul", "div", "neg", "abs", "square", "mul", "add"]
# What NumPy promises to give alike for the same numbers however they lie: passes may change where operands lie, not what they are.
CONTIGUOUS = [o.SUM, o.PROD, o.AMAX, o.AMIN, o.MATMUL]
EXACT_STRONG = [name for name, _ in PASSES if name != "strong"]


@pytest.fixture(autouse=True)
def contiguous(monkeypatch):
    for op in CONTIGUOUS:
        value = o.VALUE[op]
        monkeypatch.setitem(o.VALUE, op, lambda p, *v, value=value: value(p, *[np.array(x, order="C") for x in v]))


class Writer:
    """Writes one random program, running along to know the Specs."""

    def __init__(self, seed, length):
        self.random, self.rows = np.random.default_rng(seed), Rows()
        for _ in range(self.random.integers(1, 4)):
            self.rows.input(self.shape())
        steps = [self.constant, self.plain, self.plain, self.plain, self.special, self.choose, self.view, self.view, self.view]
        steps += [self.construct, self.construct, self.reduce, self.cast, self.gradient, self.rare]
        while len(self.rows.program) < length:
            steps[self.random.integers(len(steps))]()
        floats = self.of("fb")
        self.program = self.rows.done(*[self.pick(floats) for _ in range(4)], floats[-1])

    def shape(self):
        return SHAPES[self.random.integers(len(SHAPES))]

    def of(self, kinds, test=lambda value: True):
        """Rows whose value is of these kinds of dtype."""
        return [r for r, v in enumerate(self.rows.values) if isinstance(v, np.generic | np.ndarray | float) and np.asarray(v).dtype.kind in kinds
                and (np.asarray(v).dtype.kind != "f" or np.asarray(v).dtype == float) and test(np.asarray(v))]  # fmt: skip

    def pick(self, rows):
        """One of some rows, a late one more likely."""
        return rows[-1 - min(int(self.random.exponential(4)), len(rows) - 1)]

    def number(self):
        return self.pick(self.of("f"))

    def fitting(self, row):
        """A row that broadcasts with another."""
        shape = np.shape(self.rows.values[row])
        found = self.of("f", lambda v: np.broadcast_shapes(v.shape, shape) if fits(v.shape, shape) else False)
        return self.pick(found or [row])

    def constant(self):
        shape = self.shape()
        value = self.random.choice([0.0, -0.0, 1.0, -1.0, 2.0, 0.25, 3.0, np.inf])
        array = np.full(shape, value) if self.random.random() < 0.8 else self.random.choice(SPECIAL, shape)
        self.rows.constant(array, live=self.random.random() < 0.2)

    def plain(self):
        name, a = self.random.choice(COMMON), self.number()
        self.rows(name, *([a, self.fitting(a)] if name in TWO else [a]))

    def special(self):
        a = self.number()
        if self.random.random() < 0.5:
            self.rows(self.random.choice(UNARY), a)
        else:
            self.rows(self.random.choice(sorted(TWO - {"polygamma"})), a, self.fitting(a))

    def choose(self):
        a = self.number()
        b = self.fitting(a)
        mask = self.rows(self.random.choice(["less", "equal", "greater_equal", "not_equal"]), a, b)
        mask = self.rows(self.random.choice(["logical_not", "isnan", "isfinite"]), mask if self.random.random() < 0.5 else a)
        self.rows("select", mask, a, b)
        self.rows("strong", a, b)

    def cast(self):
        row = self.number()
        for dtype in self.random.choice(["f4", "f8", "?", "f8", "f4"], 2):
            row = self.rows("cast", row, params=np.dtype(dtype))
        self.rows("cast", row, params=np.dtype(float))

    def key(self, shape):
        """A basic key: ints, slices of either direction, now and then a new axis."""
        found = []
        for n in shape:
            kind = self.random.integers(6)
            if self.random.random() < 0.15:
                found.append(None)
            bounds = sorted(self.random.integers(-n, n + 1, 2).tolist())
            found.append(int(self.random.integers(-n, n)) if kind < 2 and n else slice(None) if kind < 4 else slice(*bounds) if kind < 5
                         else slice(None, None, int(self.random.choice([-1, 2, -2]))))  # fmt: skip
        return tuple(found)

    def view(self):
        row = self.number()
        value = np.asarray(self.rows.values[row])
        kind = self.random.integers(5)
        if kind == 0:
            size, shapes = value.size, [value.shape[::-1], (value.size,), (1, *value.shape), (*value.shape, 1), *SHAPES]
            shapes = [s for s in shapes if int(np.prod(s)) == size]
            self.rows("reshape", row, params=shapes[self.random.integers(len(shapes))])
        elif kind == 1:
            self.rows("permute", row, params=tuple(self.random.permutation(value.ndim).tolist()))
        elif kind == 2:
            shapes = [s for s in (*SHAPES, (2, *value.shape)) if fits(s, value.shape) and np.broadcast_shapes(s, value.shape) == s]
            if shapes:
                self.rows("expand", row, params=shapes[self.random.integers(len(shapes))])
        elif value.ndim:
            self.rows("index", row, params=self.key(value.shape))

    def construct(self):
        row = self.number()
        value, kind = np.asarray(self.rows.values[row]), self.random.integers(5)
        if kind < 2:
            base = self.pick(self.of("f", lambda v: v.ndim > 0) or [self.rows.input((3,))])
            key = tuple(k for k in self.key(np.shape(self.rows.values[base])) if k is not None)
            part = self.rows("index", base, params=key)
            part = self.rows(self.random.choice(["neg", "exp", "square"]), part)
            if kind:
                whole = self.rows("overwrite", base, part, params=key)
            else:
                whole = self.rows("scatter", part, params=(np.shape(self.rows.values[base]), key))
            self.rows("index", whole, params=key if self.random.random() < 0.5 else self.key(np.shape(self.rows.values[base])))
        elif kind == 2:
            parts = [self.pick(self.of("f", lambda v: v.ndim == 0) or [self.rows.input()]) for _ in range(self.random.integers(1, 5))]
            places = tuple(self.random.permutation(6)[: len(parts)].tolist())
            self.rows("assemble", *parts, params=((2, 3), places, np.dtype(float)))
        elif value.ndim:
            axis = int(self.random.integers(value.ndim))
            other = self.pick(self.of("f", lambda v: v.shape == value.shape))
            self.rows("concatenate", row, other, row, params=axis)
        else:
            self.rows("concatenate", *[self.rows("reshape", i, params=(1,)) for i in (row, row, self.rows("neg", row))], params=0)

    def gradient(self):
        """What pullbacks of element reads leave: a sum of scatters, in some order, dense terms among them."""
        shape = ((3,), (4,), (2, 3))[self.random.integers(3)]
        total = self.pick(self.of("f", lambda v: v.shape == shape) or [self.rows.input(shape)])
        if self.random.random() < 0.6:
            total = None
        for _ in range(self.random.integers(2, 7)):
            key = tuple(int(self.random.integers(n)) for n in shape)
            if self.random.random() < 0.2:
                term = self.pick(self.of("f", lambda v: v.shape == shape) or [self.rows.input(shape)])
            else:
                if self.random.random() < 0.2:
                    key = (slice(key[0], key[0] + 1), *key[1:])
                part = self.pick(self.of("f", lambda v, k=key: v.shape == np.zeros(shape)[k].shape) or [self.rows.input(np.zeros(shape)[key].shape)])
                term = self.rows("scatter", part, params=(shape, key))
            total = term if total is None else self.rows("add", *((total, term) if self.random.random() < 0.8 else (term, total)))

    def reduce(self):
        row = self.number()
        value = np.asarray(self.rows.values[row])
        dims = tuple(d for d in range(value.ndim) if self.random.random() < 0.5)
        name = self.random.choice(["sum", "prod", "amax", "amin"])
        if value.size:
            self.rows(name, row, params=(dims, bool(self.random.random() < 0.5)))

    def rare(self):
        row, kind = self.number(), self.random.integers(9)
        value = np.asarray(self.rows.values[row])
        if kind < 3 and value.ndim == 2:
            self.rows("matmul", row, self.rows("permute", row, params=(1, 0)))
        elif kind < 6:
            call = self.rows("call", row, params=Call(np.frexp, lambda x: ((x,), {}), "frexp"))
            self.rows("item", call, params=0)
        elif kind == 6:
            self.rows.guard(self.rows("less", self.rows("sum", row, params=(None, False)), self.rows.constant(0.5)))
        else:
            self.rows.guard(row, self.random.choice(["value", "shape"], p=[0.1, 0.9]))


def fits(a, b):
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return False
    return True


def random_program(seed, length=40):
    return Writer(seed, length).program


@pytest.mark.parametrize("seed", range(150))
def test_random_programs_keep_every_bit(seed):
    program = random_program(seed)
    after, _ = optimise(program, off=["strong"])
    same(program, after, seeds=5)


@pytest.mark.parametrize("name", EXACT_STRONG)
def test_each_pass_alone_keeps_every_bit(name):
    found = 0
    for seed in range(1000, 1040):
        program = random_program(seed)
        after = dict(PASSES)[name](program)
        found += after is not program
        same(program, after, seeds=3)
    assert found, "no program gave this pass anything to do"


def test_strong_zeros_change_the_sign_of_zeros_at_most():
    for seed in range(2000, 2020):
        program = random_program(seed)
        after = dict(PASSES)["strong"](program)
        after.verify()
        for given in (arguments(program, k) for k in range(3)):
            if not isinstance(outcome(program, given), tuple):
                assert len(after.run(given)) == 5


@pytest.mark.slow
@pytest.mark.parametrize("start", range(10_000, 20_000, 500))
def test_many_random_programs(start):
    for seed in range(start, start + 500):
        program = random_program(seed, 60)
        same(program, optimise(program, off=["strong"])[0], seeds=2)
