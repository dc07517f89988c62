"""Every kind of operation inside a program: a replay at new inputs gives what the function gives, and so do gradient and Hessian product.

CASES lists functions of one tensor of shape (3, 4); each is compiled without native code, called at one point and replayed at another.
The function must have run once: a replay that ran it again would hide a value frozen into the program.
"""

import numpy as np
import pytest
from under_test import torch

import tape
from compiled_ops.rows import PRIMITIVES, Elementwise

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")

ONES = {"acosh": 1.5, "atanh": 0.2, "asin": 0.2, "acos": 0.2}
NO_FUNCTION = {"cube", "log_sigmoid", "polygamma", "softplus", "relu", "xlogy", "rsqrt", "fmod", "remainder", "floor_divide", "copysign", "heaviside"}


def _table():
    for row in PRIMITIVES.values():
        if not isinstance(row, Elementwise) or not hasattr(tape, row.name) or row.name == "celu":  # whose second input is public as a number
            continue
        f = getattr(tape, row.name)
        if row.name == "polygamma":
            yield "polygamma", lambda x: tape.polygamma(2, x.abs() + 0.5)
        elif len(row.inputs) == 1:
            low, high = row.domain[0]
            yield row.name, lambda x, f=f, low=low, high=high: f(low + (high - low) * torch.sigmoid(x))
        else:
            (a, b), (c, d) = row.domain
            yield row.name, lambda x, f=f, a=a, b=b, c=c, d=d: f(a + (b - a) * torch.sigmoid(x), c + (d - c) * torch.sigmoid(x.flip(0)))
            yield f"{row.name} with a row", lambda x, f=f, a=a, b=b, c=c, d=d: f(a + (b - a) * torch.sigmoid(x), c + (d - c) * torch.sigmoid(x[0]))


W = np.linspace(-1.0, 1.0, 20).reshape(4, 5)
MASK = np.array([[True, False, True, False]] * 3)
PLACES = np.array([2, 0, 2])


def spd(x):
    return x @ x.T + 4.0 * torch.eye(3)


def in_place(x):
    y = torch.zeros(5)
    y[1:4] = x[:, 0] * 2
    y[0] = x[0, 0] * x[1, 1]
    y += 1.0
    y[2:].mul_(x[0, 1])
    return y


def accumulate(x):
    y = x.clone()
    row = y[1]
    y[1] = x[0] * x[2]
    return y.sum() * row.sum()


def branches(x):
    if x.sum() > 0:
        return x * 2
    return x.exp()


def inner_gradient(x):
    y = x.detach().requires_grad_()
    (y**3).sum().backward()
    return y.grad * x


SHAPES = {
    "reshape": lambda x: x.reshape(2, 6) * torch.arange(6.0), "view": lambda x: x.view(-1)[3:7], "T": lambda x: x.T * 2.0,
    "permute": lambda x: x.reshape(3, 2, 2).permute(2, 0, 1) ** 2, "expand": lambda x: x[:1].expand(5, 4) * 3.0,
    "squeeze": lambda x: x[:, :1].squeeze(1) * 2.0, "unsqueeze": lambda x: x.unsqueeze(1) * x, "flip": lambda x: x.flip((0, 1)) * x,
    "cat": lambda x: torch.cat([x, x * 2, x[:1]], 0), "stack": lambda x: torch.stack([x, x * x], 1),
    "stack of numbers": lambda x: torch.stack([x[0, 0], x[1, 2] * x[2, 3], x[0, 0]]),
    "split": lambda x: torch.split(x, 2, 1)[1] * 2.0, "unbind": lambda x: x.unbind(0)[1] * x.unbind(1)[2].sum(),
    "chunk": lambda x: x.chunk(2, 1)[0] ** 2, "flatten": lambda x: x.flatten() * 2.0, "repeat": lambda x: x.repeat(2, 2) * 1.5,
    "tile": lambda x: torch.tile(x, (2,)), "diagonal": lambda x: x.diagonal() * 2.0,
    "diag": lambda x: torch.diag(x[0]) @ x.T, "tril": lambda x: torch.tril(x) * 2.0, "triu": lambda x: torch.triu(x, 1) * x,
    "broadcast_to": lambda x: torch.broadcast_to(x[0], (2, 4)) * 2.0, "movedim": lambda x: torch.movedim(x, 0, 1) * 2.0,
}  # fmt: skip
PICKS = {
    "basic index": lambda x: x[1:, ::2] * x[0, 0], "negative": lambda x: x[-1] * x[:, -2].sum(), "none": lambda x: x[:, None, 1] * 2.0,
    "integer array": lambda x: x[PLACES] * x, "mask": lambda x: x[torch.tensor(MASK)] ** 2, "take": lambda x: torch.take(x, torch.tensor([0, 5, 5])) ** 2,
    "gather": lambda x: x.gather(1, torch.tensor([[0, 1], [1, 2], [3, 3]])) ** 2, "index_select": lambda x: x.index_select(0, torch.tensor([2, 2])) ** 2,
    "scatter_add": lambda x: torch.zeros(3, 4).scatter_add(0, torch.tensor([[0, 1, 2, 0]]), x[:1] * 2), "take along": lambda x: torch.take_along_dim(x, x.argsort(1), 1),
    "where": lambda x: torch.where(x > 0.1, x * 2, x.exp()), "masked_fill": lambda x: x.masked_fill(x > 0.3, 7.0) ** 2,
    "clamp": lambda x: x.clamp(-0.2, 0.4) ** 2, "clamp by tensors": lambda x: torch.clamp(x, min=x.flip(0) * 0.5), "sort": lambda x: x.sort(1).values * torch.arange(4.0),
    "topk": lambda x: x.topk(2, 1).values ** 2, "max along": lambda x: x.max(1).values ** 2, "argmax picks": lambda x: x[0, x[1].argmax()] ** 2,
    "index by the largest": lambda x: x[:, x.sum(0).argmax()], "masked by values": lambda x: x[x > 0.1].sum(),
    "nonzero": lambda x: x.flatten()[torch.nonzero(x.flatten() > 0.2, as_tuple=True)[0]].sum() ** 2,
}  # fmt: skip
REDUCTIONS = {
    "sum": lambda x: x.sum() ** 2, "sum over one": lambda x: (x * x).sum(1), "mean": lambda x: x.mean(0) ** 2, "mean of all": lambda x: (x * x).mean(),
    "prod": lambda x: x.prod(1), "amax": lambda x: x.amax(1) ** 2, "amin": lambda x: x.amin() ** 2, "max": lambda x: x.max() ** 2,
    "var": lambda x: x.var(1), "std": lambda x: x.std(), "logsumexp": lambda x: x.logsumexp(1), "softmax": lambda x: x.softmax(1) ** 2,
    "log_softmax": lambda x: x.log_softmax(0) * x, "cumsum": lambda x: x.cumsum(1) ** 2, "norm": lambda x: x.norm() ** 3,
    "norm over one": lambda x: torch.linalg.norm(x, dim=1), "any": lambda x: torch.where((x > 0.5).any(1), 1.0, 2.0) * x[:, 0],
    "count": lambda x: x.sum() * (x > 0).sum(),
}  # fmt: skip
PRODUCTS = {
    "matmul": lambda x: x @ torch.tensor(W), "mv": lambda x: x @ x[0], "dot": lambda x: x[0].dot(x[1]), "outer": lambda x: torch.outer(x[0], x[1]),
    "bmm": lambda x: x.reshape(3, 2, 2) @ x.reshape(3, 2, 2), "einsum": lambda x: torch.einsum("ij,kj->ik", x, x * 2),
    "einsum trace": lambda x: torch.einsum("ij,ij->", x, x), "solve": lambda x: torch.linalg.solve(spd(x), x), "inv": lambda x: torch.linalg.inv(spd(x)),
    "det": lambda x: torch.linalg.det(spd(x)), "slogdet": lambda x: torch.linalg.slogdet(spd(x)).logabsdet, "cholesky": lambda x: torch.linalg.cholesky(spd(x)),
    "triangular": lambda x: torch.linalg.solve_triangular(torch.linalg.cholesky(spd(x)), x, upper=False), "eigvalsh": lambda x: torch.linalg.eigvalsh(spd(x)),
}  # fmt: skip
OTHERS = {
    "in place": in_place, "view of what was written": accumulate, "branches": branches, "inner gradient": inner_gradient,
    "detach": lambda x: x.detach() * x, "no_grad": lambda x: x * torch.no_grad()(torch.exp)(x), "clone": lambda x: x.clone() * 2.0,
    "float32": lambda x: (x.float() * 1.5).double() * x, "comparison as number": lambda x: (x > 0).double() * x, "data": lambda x: x.data * x,
    "numpy function": lambda x: np.sin(x) * np.exp(x), "numbers": lambda x: 2 / (1.5 - x * 0.1) + (-x) ** 2 - 3 * x,
    "nan check": lambda x: torch.where(torch.isnan(x), 0.0, x), "logical": lambda x: torch.where((x > 0) & ~(x > 0.5) | (x < -0.5), x, 0.0),
    "cross entropy": lambda x: tape.nn.functional.cross_entropy(x, torch.tensor([0, 3, 1])), "mse": lambda x: tape.nn.functional.mse_loss(x, torch.tensor(MASK).double()),
    "elu": lambda x: tape.nn.functional.elu(x, 0.7), "celu": lambda x: tape.celu(x, 0.7), "selu": tape.selu, "hardtanh": tape.nn.functional.hardtanh,
    "leaky_relu": lambda x: tape.nn.functional.leaky_relu(x, 0.2), "softshrink": lambda x: tape.nn.functional.softshrink(x, 0.2),
    "hardswish": tape.nn.functional.hardswish, "hardsigmoid": tape.nn.functional.hardsigmoid, "mish": tape.nn.functional.mish,
    "softplus": lambda x: tape.nn.functional.softplus(x, beta=2.0), "integers": lambda x: x * (x * 10).long().double(),
    "constant": lambda x: torch.ones(3), "zeros_like": lambda x: torch.zeros_like(x) + x, "full_like": lambda x: torch.full_like(x, 2.0) * x,
}  # fmt: skip
CASES = {**dict(_table()), **SHAPES, **PICKS, **REDUCTIONS, **PRODUCTS, **OTHERS}
NO_GRADIENT = {"constant", "floor_divide", "floor_divide with a row", "heaviside", "heaviside with a row"}
FIRST = np.array([[0.3, -0.4, 0.9, 0.15], [-0.7, 0.25, 0.6, -0.1], [0.45, -0.9, 0.05, 0.8]])
SECOND = FIRST + np.linspace(0.01, 0.04, 12).reshape(3, 4)  # no sign, order or choice changes: the guards hold


def plainly(f):
    return lambda x: np.array(f(torch.tensor(x)).detach())


def replayed(f):
    """The compiled function, called at FIRST; fails if the function runs again."""
    ran = []

    def counted(x):
        ran.append(1)
        return f(x)

    compiled = tape.compile(counted, native=False)
    at_first = compiled(FIRST)
    assert not any(s.eager for s in compiled.signatures.values()), [s.eager for s in compiled.signatures.values()]
    at_second = compiled(SECOND)
    assert len(ran) == 1, compiled.explain()
    return at_first, at_second


def weighed(f):
    """A number from any result."""

    def number(x):
        y = f(x)
        return (y * (0.5 + torch.arange(float(y.numel())).reshape(y.shape))).sum() if y.dtype.kind == "f" else (y * x.sum()).sum()

    return number


def agree(name, f):
    first, second = replayed(f)
    np.testing.assert_allclose(first, plainly(f)(FIRST), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(second, plainly(f)(SECOND), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_value(name):
    agree(name, CASES[name])


@pytest.mark.parametrize("name", sorted(set(CASES) - NO_GRADIENT))
def test_gradient(name):
    agree(name, tape.func.grad(weighed(CASES[name])))


QUICK = {"exp", "mul", "pow", "where", "sum", "matmul", "solve", "gather", "in place", "branches", "logsumexp", "amax", "prod", "cumsum", "softmax"}


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in sorted(set(CASES) - NO_GRADIENT)])
def test_hessian_product(name):
    direction = torch.tensor(np.linspace(1.0, -1.0, 12).reshape(3, 4))
    agree(name, lambda x: tape.func.hvp(weighed(CASES[name]), (x,), (direction,))[0])
