"""Every row of the table inside vmap, against a loop over examples: values, gradients and tangents, from inside and from outside.

The list of structural rows is complete or the first test fails; each entry is known to record the row that it stands for.
"""

import numpy as np
import pytest
from table_functions import sample

import tape
from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, OPCODES, PRIMITIVES, Elementwise
from tape.columns import ROW, Tape
from tape.func import grad, jvp, vmap
from tape.record import elementwise_one, elementwise_two

SIZE = 3


class Cube(tape.autograd.Function):
    """A user's Function."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x * x * g


def spd(x):
    """A symmetric positive definite matrix of any square one."""
    return x @ x.mT + tape.eye(3, dtype=x.dtype) * 4


def written(x):
    y = x * 1
    y[1:] = y[:2] * 2
    return y


def filled(x):
    y = x * 1
    y.fill_(x[0, 0] * 2)
    return y


def index(*places):
    return tape.tensor(places)


def complex_of(x):
    return tape.complex(x, x * 0.5 + 1)


def real_of(z):
    return tape.view_as_real(z)


HERE = index(2, 0, 2)
ROWS = {  # functions of a 3 x 3 matrix that record the row
    "reshape": lambda x: x.reshape(9), "clone": lambda x: x.clone(), "cast": lambda x: x.float().double(), "expand": lambda x: x.expand(2, 3, 3),
    "sum": lambda x: x.sum(1), "mean": lambda x: x.mean((0, 1)), "permute": lambda x: x.permute(1, 0), "getitem": lambda x: x[1:, 0],
    "take": lambda x: x[HERE], "put": lambda x: grad(lambda y: (y[HERE] * x).sum())(x), "scatter": lambda x: grad(lambda y: (y[1:] * x[1:]).sum())(x),
    "flip": lambda x: x.flip(1), "cumsum": lambda x: x.cumsum(0), "tril": lambda x: x.tril(), "triu": lambda x: x.triu(1),
    "diagonal": lambda x: x.diagonal(1), "diagonal_scatter": lambda x: tape.diag(x[0]), "scatter_add": lambda x: x.index_add(0, HERE, x),
    "replace": lambda x: x.scatter(0, index(0, 1, 2).reshape(1, 3), x[1:2]), "concatenate": lambda x: tape.cat([x, x[:1] * 2, x], 0),
    "fill": filled, "overwrite": written, "select": lambda x: tape.where(x > 0, x, x * x), "prod": lambda x: x.prod(1), "amax": lambda x: x.amax(0),
    "amin": lambda x: x.amin(1), "var": lambda x: x.var(0), "std": lambda x: x.std(1), "logsumexp": lambda x: x.logsumexp(0),
    "softmax": lambda x: x.softmax(1), "log_softmax": lambda x: x.log_softmax(0), "norm": lambda x: x.norm(3, 1),
    "solve": lambda x: tape.linalg.solve(spd(x), x), "inv": lambda x: tape.linalg.inv(spd(x)), "det": lambda x: tape.linalg.det(x),
    "slogdet": lambda x: tape.linalg.slogdet(spd(x))[1], "cholesky": lambda x: tape.linalg.cholesky(spd(x)),
    "solve_triangular": lambda x: tape.linalg.solve_triangular(spd(x), x, upper=False), "matmul": lambda x: x @ x[0], "cumprod": lambda x: x.cumprod(1),
    "eigenvalues": lambda x: tape.linalg.eigvalsh(spd(x)), "singular_values": lambda x: tape.linalg.svdvals(x),
    "logcumsumexp": lambda x: x.logcumsumexp(0), "recurrence": lambda x: grad(lambda y: (y.cumprod(1) * x).sum())(x),
    "conj": lambda x: real_of(complex_of(x).conj().resolve_conj() * 1j), "real": lambda x: complex_of(x).real * x, "imag": lambda x: complex_of(x).imag * x,
    "view_as_real": lambda x: real_of(complex_of(x)), "view_as_complex": lambda x: abs(tape.view_as_complex(x[:, :2].clone())),
    "angle": lambda x: tape.angle(complex_of(x)), "complex": lambda x: real_of(complex_of(x) ** 2), "sgn": lambda x: real_of(tape.sgn(complex_of(x))), "strided": lambda x: x.unfold(0, 2, 1),
    "eigh": lambda x: tape.linalg.eigh(spd(x))[1] ** 2, "eig": lambda x: real_of(tape.linalg.eig(spd(x))[0]), "svd": lambda x: tape.linalg.svd(x)[1],
    "qr": lambda x: tape.linalg.qr(spd(x))[1], "lu_factor": lambda x: tape.linalg.lu_factor(spd(x))[0], "matrix_exp": lambda x: tape.linalg.matrix_exp(x),
    "pinv": lambda x: tape.linalg.pinv(x), "lstsq": lambda x: tape.linalg.lstsq(spd(x), x)[0], "fft": lambda x: real_of(tape.fft.fft(complex_of(x))),
    "rfft": lambda x: real_of(tape.fft.rfft(x)), "irfft": lambda x: tape.fft.irfft(complex_of(x)), "function": lambda x: Cube.apply(x),
    "betainc": lambda x: tape.special.betainc(2.0, 3.0, x.sigmoid()), "examples": lambda x: vmap(lambda row: row * x)(x),
    "collect": lambda x: vmap(lambda row: row * x)(x), "spread": lambda x: vmap(lambda row: row * x)(tape.ones(2, 3)),
}  # fmt: skip
ELSEWHERE = {  # rows that vmap never meets as such
    "program": "inside vmap a compiled function runs as it is: test_vmap",
    "output": "further outputs of a user's Function: test_vmap",
    "undifferentiated": "records that a derivative is missing; it has no value of its own",
}


def test_every_structural_row_is_here():
    names = {name for name, row in PRIMITIVES.items() if not isinstance(row, Elementwise)}
    assert names - set(ROWS) - set(ELSEWHERE) == set()


def recorded(y):
    """The names of all rows that lead to a Tensor."""
    found, tapes = set(), [y._t]
    for one in tapes:
        for place in range(ROW, len(one.rows), ROW):
            op = one.rows[place]
            if op >= FIRST_OPCODE:
                found.add(BY_OPCODE[op].name)
            elif isinstance(one.rows[place + 3], Tape) and one.rows[place + 3] not in tapes:
                tapes.append(one.rows[place + 3])
    return found


def matrix(name):
    return tape.from_numpy(np.random.default_rng(list(name.encode())).uniform(-1, 1, (3, 3))) + tape.eye(3) * 0.5


@pytest.mark.parametrize("name", ROWS)
def test_the_entry_records_its_row(name):
    assert name in recorded(ROWS[name](matrix(name).requires_grad_()))


def looped(f, xs, dims):
    return tape.stack([f(*[x if d is None else x.select(d, k).clone() for x, d in zip(xs, dims, strict=True)]) for k in range(SIZE)])


def same(found, expected):
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-9, atol=1e-10)


def compare(f, xs, dims):
    """All ways to put a function of Tensors and its derivatives inside vmap, and vmap inside these, beside a loop."""
    several = tuple(range(len(xs)))
    shown = [(lambda g: lambda *ys: vmap(g, dims)(*ys)), (lambda g: lambda *ys: looped(g, ys, dims))]
    same(*[way(f)(*xs) for way in shown])
    for k in several:
        gradient = grad(lambda *ys: (f(*ys) ** 2).sum(), k)
        same(*[way(gradient)(*xs) for way in shown])
        same(*[grad(lambda *ys, way=way: (way(f)(*ys) ** 2).sum(), k)(*xs) for way in shown])

    def tangent(*ys):
        return jvp(f, ys, tuple(y.detach() * 0.5 for y in ys))[1]

    same(*[way(tangent)(*xs) for way in shown])
    same(*[jvp(way(f), tuple(xs), tuple(x * 0.5 for x in xs))[1] for way in shown])


@pytest.mark.parametrize("name", ROWS)
def test_a_structural_row(name):
    x = tape.stack([matrix(name + str(k)) for k in range(SIZE)])
    compare(ROWS[name], [x], (0,))


@pytest.mark.parametrize("name", sorted(name for name, row in PRIMITIVES.items() if isinstance(row, Elementwise)))
def test_an_elementwise_row(name):
    row = PRIMITIVES[name]
    points = [tape.from_numpy(v.reshape(2, SIZE)) for v in sample(row, 2 * SIZE)]
    own = [k for k, rule in enumerate(row.rules) if rule is not None]  # the other inputs are orders, which have no derivative
    op = OPCODES[name]
    if len(points) == 1:
        return compare(lambda x: elementwise_one(op, x), points, (1,))
    if own == [0, 1]:
        compare(lambda a, b: elementwise_two(op, a, b), points, (1, 1))
        compare(lambda a, b: elementwise_two(op, a, b), [points[0], points[1][:, 0]], (1, None))
        return compare(lambda a, b: elementwise_two(op, a, b), [points[0][:, 0], points[1]], (None, 1))
    for k in own:
        fixed = points[1 - k][0, 0]
        compare(lambda x, k=k, fixed=fixed: elementwise_two(op, *((x, fixed) if k == 0 else (fixed, x))), [points[k]], (1,))
    order = vmap(lambda a, b: elementwise_two(op, a, b), 1)(*points)
    same(order, looped(lambda a, b: elementwise_two(op, a, b), points, (1, 1)))
