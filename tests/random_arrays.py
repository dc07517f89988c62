"""Programs of arrays built by hand, and drawn at random, for tests of the native tier.

`Build(*arrays)` makes a program and the values at these inputs; `check` compares its machine code with `Program.run`. `Draw(seed).build` is a random one.
"""

import numpy as np

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.native.build import Native
from tape.compile.program import Call, Program
from tape.spec import spec_of


class Build:
    """A program and, beside it, the values at the inputs given."""

    def __init__(self, *arrays):
        self.program, self.values, self.arguments, self.rounded = Program(), [], [], False
        self.inputs = [self.given(a) for a in arrays]

    def given(self, array):
        array = np.array(array, order="C")
        self.values.append(array)
        self.arguments.append(array)
        return self.program.append(o.INPUT, (), len(self.arguments) - 1, spec_of(array))

    def constant(self, value, dtype=np.float64):
        self.values.append(np.asarray(value, dtype))
        return self.program.constant(self.values[-1])

    def add(self, op, *inputs, params=None):
        op = OPCODES[op] if isinstance(op, str) else op
        with np.errstate(all="ignore"):
            value = np.asarray(o.VALUE[op](params, *(self.values[i] for i in inputs)))
        self.rounded |= op in (o.SUM, o.PROD, o.MATMUL)
        self.values.append(value)
        return self.program.append(op, inputs, params, spec_of(value))

    def check(self, *outputs, exact=True, **options):
        if outputs:
            self.program.outputs = list(outputs)
        self.program.verify()
        native = Native(self.program, exact=exact, **options)
        wanted = self.program.run(self.arguments)
        for _ in range(2):  # the second call finds the arena used
            found = native.run(self.arguments)
            assert len(found) == len(wanted)
            for one, other in zip(found, wanted, strict=True):
                assert one.shape == other.shape and one.dtype == other.dtype
                assert one.flags.owndata and one.flags.c_contiguous
                if self.rounded and one.dtype.kind == "f":
                    scale = np.abs(other[np.isfinite(other)]).max(initial=1.0)
                    tolerance = 2e-12 if one.dtype == np.float64 else 2e-4
                    np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * scale, equal_nan=True)
                else:
                    np.testing.assert_array_equal(one, other)
        return native


class Draw:
    """A random program: shapes up to four axes, empty and one-element ones too, all row kinds."""

    SHAPES = ((3, 5), (4, 1, 7), (33,), (9, 40), (1,), (2, 3, 4, 5), (20, 21), (0, 3), (17, 3), (5, 3, 19), ())

    def __init__(self, seed, length=30):
        self.rng = np.random.default_rng(seed)
        self.dtype = np.float64 if seed % 4 else np.float32
        self.shape = self.SHAPES[self.rng.integers(len(self.SHAPES))]
        count = int(self.rng.integers(1, 4))
        self.build = Build(*(self.rng.normal(size=self._subshape()).astype(self.dtype) for _ in range(count)))
        self.live = list(self.build.inputs)
        for _ in range(length):
            self._row()
        rows = len(self.build.program)
        picks = {int(k) for k in self.rng.integers(0, rows, size=4)} | {rows - 1}
        self.build.program.outputs = sorted(picks)

    def _subshape(self):
        shape = self.shape[int(self.rng.integers(len(self.shape) + 1)) :]
        return tuple(1 if n and self.rng.random() < 0.3 else n for n in shape)

    def _value(self, row):
        return self.build.values[row]

    def _floats(self):
        return [r for r in self.live if self._value(r).dtype == self.dtype]

    def _pick(self, rows):
        weights = np.arange(1, len(rows) + 1)
        return rows[int(self.rng.choice(len(rows), p=weights / weights.sum()))]

    def _keep(self, row):
        if self._value(row).size <= 20000 and np.all(np.abs(np.nan_to_num(self._value(row).astype(float))) < 1e4):
            self.live.append(row)

    def _row(self):
        choices = [self._one, self._two, self._two, self._view, self._view, self._reduce, self._part, self._mask, self._join, self._other]
        choices[int(self.rng.integers(len(choices)))]()

    def _one(self):
        name = str(self.rng.choice(["sin", "tanh", "neg", "square", "exp", "abs", "sigmoid", "relu", "floor", "cube", "erf", "fmax"]))
        x = self._pick(self._floats())
        if name == "exp":
            x = self.build.add("tanh", x)
        self._keep(self.build.add(name, x, x) if name == "fmax" else self.build.add(name, x))

    def _pair(self):
        a, b = self._pick(self._floats()), self._pick(self._floats())
        if self.rng.random() < 0.2:
            b = self.build.constant(float(self.rng.normal()), self.dtype)
        try:
            np.broadcast_shapes(self._value(a).shape, self._value(b).shape)
        except ValueError:
            b = a
        return a, b

    def _two(self):
        name = str(self.rng.choice(["add", "sub", "mul", "maximum", "atan2", "copysign"]))
        self._keep(self.build.add(name, *self._pair()))

    def _mask(self):
        a, b = self._pair()
        mask = self.build.add((o.LESS, o.GREATER_EQUAL, o.EQUAL)[int(self.rng.integers(3))], a, b)
        if self.rng.random() < 0.3:
            mask = self.build.add(o.NOT, mask)
        self.live.append(mask)
        self._keep(self.build.add(o.SELECT, mask, a, b))
        if self.rng.random() < 0.3:
            self._keep(self.build.add(o.CAST, mask, params=np.dtype(self.dtype)))
        if self.rng.random() < 0.3:
            self._keep(self.build.add(o.STRONG, a, self.build.add("mul", a, b)))
        if self._value(mask).ndim and self._value(mask).size and self.rng.random() < 0.4:
            self.live.append(self.build.add(o.ANY, mask, params=((0,), True)))

    def _key(self, shape, forward=False):
        parts = []
        for n in shape:
            kind = self.rng.integers(5)
            if kind == 0 and n:
                parts.append(int(self.rng.integers(n)))
            elif kind == 1 and n > 1:
                parts.append(slice(1, None))
            elif kind == 2 and n > 1:
                parts.append(slice(None, -1))
            elif kind == 3 and not forward:
                parts.append(slice(None, None, -1) if self.rng.random() < 0.5 else slice(None, None, 2))
            else:
                parts.append(slice(None))
        if self.rng.random() < 0.2:
            parts.insert(int(self.rng.integers(len(parts) + 1)), None)
        return tuple(parts)

    def _view(self):
        x = self._pick(self.live)
        shape = self._value(x).shape
        kind = self.rng.integers(4)
        if kind == 0:
            made = self.build.add(o.INDEX, x, params=self._key(shape))
        elif kind == 1:
            made = self.build.add(o.PERMUTE, x, params=tuple(int(k) for k in self.rng.permutation(len(shape))))
        elif kind == 2:
            made = self.build.add(o.EXPAND, x, params=(int(self.rng.integers(1, 4)), *shape))
        else:
            size = int(np.prod(shape))
            shapes = [(size,), (1, *shape), (*shape, 1), (size, 1)] + ([(2, size // 2)] if size and size % 2 == 0 else [])
            made = self.build.add(o.RESHAPE, x, params=shapes[int(self.rng.integers(len(shapes)))])
        self._keep(made)

    def _reduce(self):
        x = self._pick(self._floats())
        shape = self._value(x).shape
        if not self._value(x).size and self.rng.random() < 0.7:
            return
        dims = tuple(k for k in range(len(shape)) if self.rng.random() < 0.5)
        op = (o.SUM, o.SUM, o.SUM, o.AMAX, o.AMIN)[int(self.rng.integers(5))] if self._value(x).size else o.SUM
        self._keep(self.build.add(op, x, params=(dims, bool(self.rng.integers(2)))))

    def _part(self):
        x = self._pick(self._floats())
        shape = self._value(x).shape
        if not shape:
            return
        key = self._key(shape, forward=self.rng.random() < 0.8)
        part = self.build.add(o.INDEX, x, params=key)
        part = self.build.add("sin", part) if self.rng.random() < 0.5 else part
        if self.rng.random() < 0.5:
            self._keep(self.build.add(o.SCATTER, part, params=(shape, key)))
        else:
            base = self.build.add("neg", x) if self.rng.random() < 0.5 else x
            self._keep(self.build.add(o.OVERWRITE, base, part, params=key))

    def _join(self):
        x = self._pick(self._floats())
        if self._value(x).ndim:
            axis = int(self.rng.integers(self._value(x).ndim))
            other = self.build.add("neg", x)
            self._keep(self.build.add(o.CONCATENATE, x, other, x, params=axis))

    def _other(self):
        x = self._pick(self._floats())
        if self._value(x).ndim >= 2 and self._value(x).size:
            turned = self.build.add(o.PERMUTE, x, params=(*range(self._value(x).ndim - 2), self._value(x).ndim - 1, self._value(x).ndim - 2))
            self._keep(self.build.add(o.MATMUL, x, turned))
        elif self._value(x).ndim:
            self._keep(self.build.add(o.CALL, x, params=Call(np.flip, lambda v: ((v,), {}), "flip")))
