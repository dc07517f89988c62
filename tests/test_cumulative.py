"""Running results along a dimension: values against NumPy, derivatives against differences (zeros included), forward mode, programs, limits."""

from math import inf, nan

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import NAME, leaf, name, near, numbers, same, torch

grad = torch.autograd.grad


def lcse(x, axis):
    return np.logaddexp.accumulate(x, axis)


# fmt: off
# name, function of (module, x), NumPy's function of x, shapes
TABLE = [
    ("cumsum(0)",        lambda m, x: m.cumsum(x, 0),            lambda x: np.cumsum(x, 0) if x.ndim else x,    [(), (3,), (2, 3), (0,)]),
    ("cumsum(axis=-1)",  lambda m, x: x.cumsum(axis=-1),         lambda x: np.cumsum(x, -1),                    [(2, 3, 2)]),
    ("cumprod(0)",       lambda m, x: m.cumprod(x, 0),           lambda x: np.cumprod(x, 0) if x.ndim else x,   [(), (4,), (3, 2), (0,), (1,)]),
    ("cumprod(-1)",      lambda m, x: x.cumprod(-1),             lambda x: np.cumprod(x, -1),                   [(2, 3, 2), (0, 2)]),
    ("logcumsumexp(0)",  lambda m, x: m.logcumsumexp(x, 0),      lambda x: lcse(x, 0) if x.ndim else x,         [(), (4,), (3, 2)]),
    ("logcumsumexp(1)",  lambda m, x: x.logcumsumexp(1),         lambda x: lcse(x, 1),                          [(2, 3), (2, 3, 2)]),
    ("cummax",           lambda m, x: m.cummax(x, 0).values,     lambda x: np.maximum.accumulate(x, 0) if x.ndim else x, [(), (4,), (3, 2), (0,)]),
    ("cummin(1)",        lambda m, x: x.cummin(1)[0],            lambda x: np.minimum.accumulate(x, 1),         [(2, 3), (2, 3, 2)]),
]
# fmt: on
cases = pytest.mark.parametrize(
    "f, reference, shape", [pytest.param(f, reference, shape, id=f"{case}-{shape}") for case, f, reference, shapes in TABLE for shape in shapes]
)


@cases
def test_values_and_derivatives(f, reference, shape):
    (x,) = arrays(shape, seed=3)
    near(f(torch, torch.tensor(x)), reference(x))
    first(f, [x])
    second(f, [x])
    forward(f, [x])


@pytest.mark.oracle
@cases
def test_against_pytorch(f, reference, shape):
    oracle(f, arrays(shape, seed=3))
    theirs = pytest.importorskip("torch")
    x = arrays(shape, seed=3)[0]
    assert name(f(torch, leaf(x))) == type(f(theirs, theirs.tensor(x, requires_grad=True)).grad_fn).__name__


@pytest.mark.parametrize("zeros", [(0,), (2,), (3,), (1, 2), (0, 3), (0, 1, 2, 3)])
def test_products_are_exact_with_zeros_to_third_order(zeros):
    x = np.array([2.0, -3.0, 5.0, 0.5])
    x[list(zeros)] = 0.0
    h = leaf(x)
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0])
    (g,) = grad((h.cumprod(0) * weights).sum(), h, create_graph=True)
    by_hand = [sum(w * np.prod(np.delete(x[: k + 1], j)) for k, w in enumerate([1.0, 2.0, 3.0, 4.0]) if k >= j) for j in range(4)]
    near(g, by_hand, rtol=1e-14, atol=1e-14)
    (g,) = grad(g[0], h, create_graph=True)  # d/dx0 has no x0 in it: w0 + w1 x1 + w2 x1 x2 + w3 x1 x2 x3
    near(g, [0.0, 2 + 3 * x[2] + 4 * x[2] * x[3], 3 * x[1] + 4 * x[1] * x[3], 4 * x[1] * x[2]], atol=1e-14)
    (g,) = grad(g[1], h)
    near(g, [0.0, 0.0, 3 + 4 * x[3], 4 * x[2]], atol=1e-14)


@pytest.mark.skipif(NAME == "torch", reason="PyTorch's overflow")
def test_no_overflow_on_the_way():
    x = leaf([1000.0, 1001.0, -1000.0])
    y = x.logcumsumexp(0)
    near(y, [1000.0, 1001.0 + np.log1p(np.exp(-1.0)), 1001.0 + np.log1p(np.exp(-1.0))])
    p = 1 / (1 + np.exp(1.0))
    near(grad(y.sum(), x)[0], [1 + 2 * p, 2 * (1 - p), 0.0], atol=1e-300)
    x = leaf([1e-200, 1e-200, 1e300, 1e250])
    near(grad(x.cumprod(0)[2], x)[0], [1e100, 1e100, 0.0, 0.0], atol=1e-320)


def test_infinities_and_nan():
    near(torch.tensor([-inf, -inf, 1.0]).logcumsumexp(0), [-inf, -inf, 1.0])
    near(torch.tensor([inf, 1.0, inf]).logcumsumexp(0), [inf, inf, inf])
    near(torch.tensor([1.0, nan, 1.0]).logcumsumexp(0), [1.0, nan, nan])
    found = torch.tensor([1.0, nan, 2.0, nan]).cummax(0)
    near(found.values, [1.0, nan, nan, nan])
    assert found.indices.tolist() == [0, 1, 1, 3]


def test_of_equal_extremes_the_latest_is_chosen():
    x = leaf([2.0, 2.0, 1.0, 2.0])
    found = torch.cummax(x, 0)
    assert found.indices.tolist() == [0, 1, 1, 3] and repr(found).startswith("torch.return_types.cummax(\nvalues=tensor")
    same(grad(found.values.sum(), x)[0], [1.0, 2.0, 0.0, 1.0])
    assert torch.cummin(torch.tensor([3, 1, 1]), 0)[1].tolist() == [0, 1, 2]


def test_dtypes():
    i, b = torch.tensor([2, 3], dtype=torch.int32), torch.tensor([True, False])
    assert i.cumsum(0).dtype == i.cumprod(0).dtype == b.cumsum(0).dtype == torch.int64
    assert i.cumprod(0).tolist() == [2, 6] and i.cumsum(0, dtype=torch.int32).dtype == torch.int32
    assert i.cummax(0).values.dtype == torch.int32
    half = torch.full((3000,), 1.0, dtype=torch.float16).cumsum(0)
    assert half.dtype == torch.float16 and half[-1].item() == 3000.0
    x = leaf([1.0, 2.0], dtype=torch.float32)
    assert grad(x.cumprod(0, dtype=torch.float64).sum(), x)[0].dtype == torch.float32
    with pytest.raises(NotImplementedError):
        i.logcumsumexp(0)


@pytest.mark.parametrize("f", ["cumsum", "cumprod", "logcumsumexp"])
def test_complex_values(f):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))
    z = torch.tensor(x, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: getattr(z, f)(1), (z,))
    assert torch.autograd.gradgradcheck(lambda z: getattr(z, f)(0), (z,))
    expected = {"cumsum": np.cumsum, "cumprod": np.cumprod, "logcumsumexp": lambda x, d: np.log(np.cumsum(np.exp(x), d))}[f](x, 1)
    found = getattr(z, f)(1).detach().numpy()
    np.testing.assert_allclose(np.exp(found) if f[0] == "l" else found, np.exp(expected) if f[0] == "l" else expected, rtol=1e-12)


@pytest.mark.parametrize("shape, dim", [((5000,), 0), ((60, 50), 0), ((60, 50), 1), ((7, 40, 11), 1)])
def test_long_rows_take_the_compiled_loops(shape, dim):
    x = np.random.default_rng(2).uniform(0.9, 1.1, shape)
    wide = np.zeros((*shape[:-1], 2 * shape[-1]))
    wide[..., ::2] = x
    for t in (torch.tensor(x), torch.tensor(wide)[..., ::2]):
        same(t.cumsum(dim), np.cumsum(x, dim))
        same(t.cumprod(dim), np.cumprod(x, dim))
        near(t.logcumsumexp(dim), lcse(x, dim))
    h = leaf(x)
    (g,) = grad(h.cumsum(dim).sum(), h)
    counts = np.arange(shape[dim], 0, -1.0).reshape([-1 if d == dim else 1 for d in range(len(shape))])
    same(g, np.broadcast_to(counts, shape))


def test_inside_a_program_and_over_examples():
    rng = np.random.default_rng(4)
    pairs = [torch.tensor(rng.standard_normal((3, 4))) for _ in range(3)]

    def f(x):
        return (x.cumprod(0) + x.logcumsumexp(1) * x.cummax(1).values - x.cumsum(0)).sum()

    compiled = torch.compile(torch.func.grad(f))
    for x in pairs:
        near(compiled(x), numbers(torch.func.grad(f)(x)), rtol=1e-11)
    batched = torch.func.vmap(torch.func.grad(f))(torch.stack(pairs))
    near(batched, np.stack([numbers(torch.func.grad(f)(x)) for x in pairs]), rtol=1e-11)


def test_out():
    x, y = torch.tensor([1.0, 2.0]), torch.zeros(0)
    assert torch.cumsum(x, 0, out=y) is y and y.tolist() == [1.0, 3.0]
    whole = torch.zeros(2, dtype=torch.int64)
    assert torch.cumsum(x, 0, out=whole).tolist() == [1, 3]
    values, indices = torch.zeros(2), torch.zeros(2, dtype=torch.int64)
    found = torch.cummax(x, 0, out=(values, indices))
    assert found.values is values and indices.tolist() == [0, 1]
    with pytest.raises(RuntimeError, match="grad"):
        torch.cumprod(leaf([1.0]), 0, out=torch.zeros(1))


@pytest.mark.parametrize("f", ["cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"])
def test_errors(f):
    with pytest.raises(TypeError):
        getattr(torch, f)(leaf([1.0]))
    with pytest.raises(IndexError):
        getattr(torch, f)(leaf([1.0]), 1)
