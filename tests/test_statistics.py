"""Order statistics, covariances, counts and differences: values against NumPy, derivatives against differences, conventions of PyTorch."""

from math import inf, nan

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, near, numbers, same, torch

grad = torch.autograd.grad
WEIGHTS, OFTEN, GRID = np.array([0.5, 1.0, 2.0, 0.1]), np.array([1, 2, 1, 3]), np.array([0.0, 0.5, 2.0, 2.5])


def lower_median(x, axis=None):
    return np.quantile(x, 0.5, axis=axis, method="lower")


# fmt: off
# name, function of (module, x), NumPy's function of x, shapes
TABLE = [
    ("median",              lambda m, x: m.median(x),                        lower_median,                                       [(), (4,), (3, 3)]),
    ("median(0)",           lambda m, x: x.median(0).values,                 lambda x: lower_median(x, 0),                       [(4,), (3, 2)]),
    ("median keepdim",      lambda m, x: m.median(x, -1, True)[0],           lambda x: lower_median(x, -1)[..., None],           [(2, 3)]),
    ("nanmedian",           lambda m, x: m.nanmedian(x),                     lower_median,                                       [(4,)]),
    ("nanmedian(1)",        lambda m, x: x.nanmedian(1).values,              lambda x: lower_median(x, 1),                       [(2, 4)]),
    ("kthvalue",            lambda m, x: m.kthvalue(x, 2, 0)[0],             lambda x: np.sort(x, 0)[1],                         [(3,), (3, 2)]),
    ("mode",                lambda m, x: m.mode(x, 0)[0],                    lambda x: x.min(0),                                 [(3,), (3, 2)]),
    ("quantile",            lambda m, x: m.quantile(x, 0.3),                 lambda x: np.quantile(x, 0.3),                      [(), (5,), (2, 3)]),
    ("quantile of several", lambda m, x: m.quantile(x, m.tensor([0.3, 1.0]), dim=1), lambda x: np.quantile(x, [0.3, 1.0], 1),    [(2, 3), (2, 3, 2)]),
    ("quantile keepdim",    lambda m, x: x.quantile(0.9, 0, True),           lambda x: np.quantile(x, 0.9, 0, keepdims=True),    [(4,), (3, 2)]),
    ("quantile lower",      lambda m, x: x.quantile(0.4, interpolation="lower"), lambda x: np.quantile(x, 0.4, method="lower"),  [(4,)]),
    ("quantile higher",     lambda m, x: x.quantile(0.4, interpolation="higher"), lambda x: np.quantile(x, 0.4, method="higher"), [(4,)]),
    ("quantile nearest",    lambda m, x: x.quantile(0.4, interpolation="nearest"), lambda x: np.quantile(x, 0.4, method="nearest"), [(4,)]),
    ("quantile midpoint",   lambda m, x: x.quantile(0.4, interpolation="midpoint"), lambda x: np.quantile(x, 0.4, method="midpoint"), [(4,)]),
    ("nanquantile",         lambda m, x: m.nanquantile(x, 0.3, 1),           lambda x: np.nanquantile(x, 0.3, 1),                [(2, 3)]),
    ("cov",                 lambda m, x: m.cov(x),                           np.cov,                                             [(4,), (2, 4), (3, 4)]),
    ("cov, correction",     lambda m, x: x.cov(correction=0),                lambda x: np.cov(x, ddof=0),                        [(2, 4)]),
    ("cov, weights",        lambda m, x: m.cov(x, fweights=m.tensor(OFTEN), aweights=m.tensor(WEIGHTS)),
                            lambda x: np.cov(x, fweights=OFTEN, aweights=WEIGHTS),                                               [(2, 4)]),
    ("corrcoef",            lambda m, x: m.corrcoef(x),                      np.corrcoef,                                        [(2, 4), (3, 4)]),
    ("diff",                lambda m, x: m.diff(x),                          np.diff,                                            [(3,), (2, 3)]),
    ("diff twice",          lambda m, x: x.diff(2, 0),                       lambda x: np.diff(x, 2, 0),                         [(4,), (3, 2), (1, 2)]),
    ("diff with edges",     lambda m, x: m.diff(x, prepend=x[..., :1], append=2 * x), lambda x: np.diff(x, prepend=x[..., :1], append=2 * x), [(3,)]),
    ("gradient",            lambda m, x: m.gradient(x)[0],                   lambda x: np.gradient(x, axis=0),                   [(4,), (3, 2)]),
    ("gradient, edges",     lambda m, x: m.gradient(x, edge_order=2, dim=-1)[0], lambda x: np.gradient(x, edge_order=2, axis=-1), [(4,), (2, 3)]),
    ("gradient, spacing",   lambda m, x: m.gradient(x, spacing=(0.5, 2.0))[1], lambda x: np.gradient(x, 0.5, 2.0)[1],            [(2, 3)]),
    ("gradient on a grid",  lambda m, x: m.gradient(x, spacing=(m.tensor(GRID),))[0], lambda x: np.gradient(x, GRID),             [(4,)]),
    ("gradient on a grid, edges", lambda m, x: m.gradient(x, spacing=(m.tensor(GRID),), edge_order=2)[0], lambda x: np.gradient(x, GRID, edge_order=2), [(4,)]),
    ("trapezoid",           lambda m, x: m.trapezoid(x),                     lambda x: np.trapezoid(x),                          [(3,), (2, 3), (2, 1)]),
    ("trapezoid, grid",     lambda m, x: m.trapz(x, m.tensor(GRID), dim=0),  lambda x: np.trapezoid(x, GRID, axis=0),            [(4,), (4, 2)]),
    ("trapezoid, dx",       lambda m, x: m.trapezoid(x, dx=0.5),             lambda x: np.trapezoid(x, dx=0.5),                  [(3,)]),
    ("cumulative_trapezoid", lambda m, x: m.cumulative_trapezoid(x, dx=2.0), lambda x: np.cumsum(x[..., 1:] + x[..., :-1], -1),  [(3,), (2, 3)]),
    ("renorm",              lambda m, x: m.renorm(x, 2, 0, 1.0),             lambda x: np.stack([r / (n + 1e-7) if (n := np.linalg.norm(r)) > 1 else r for r in x]), [(3, 4)]),
    ("trace",               lambda m, x: m.trace(x),                         np.trace,                                           [(3, 3), (2, 4)]),
]
# fmt: on
cases = pytest.mark.parametrize(
    "f, reference, shape", [pytest.param(f, reference, shape, id=f"{case}-{shape}") for case, f, reference, shapes in TABLE for shape in shapes]
)


@cases
def test_values_and_derivatives(f, reference, shape):
    (x,) = arrays(shape, seed=3)
    near(f(torch, torch.tensor(x)), reference(x), rtol=1e-10, atol=1e-14)
    first(f, [x])
    second(f, [x], rtol=1e-4)
    forward(f, [x])


@pytest.mark.oracle
@cases
def test_against_pytorch(f, reference, shape):
    oracle(f, arrays(shape, seed=3), atol=1e-9)


def test_equal_medians_share_the_gradient_or_one_is_chosen():
    x = leaf([2.0, 1.0, 2.0, 3.0, 2.0])
    near(grad(x.median(), x)[0], [1 / 3, 0.0, 1 / 3, 0.0, 1 / 3])
    (g,) = grad(x.median(0).values, x)
    assert g.sum().item() == 1.0 and g.max().item() == 1.0


def test_nan():
    x = torch.tensor([3.0, nan, 2.0, 1.0])
    assert np.isnan(x.median().item()) and x.median(0).indices.item() == 1 and x.nanmedian().item() == 2.0
    assert np.isnan(x.quantile(0.2).item()) and x.nanquantile(0.5).item() == 2.0
    assert np.isnan(torch.tensor([nan, nan]).nanmedian().item()) and np.isnan(torch.tensor([nan]).nanquantile(0.5).item())
    assert x.kthvalue(3).values.item() == 3.0 and np.isnan(x.kthvalue(4).values.item())
    h = leaf([3.0, nan, 2.0, 1.0])
    same(grad(h.nanquantile(0.25), h)[0], [0.0, 0.0, 0.5, 0.5])


def test_the_gradient_of_a_quantile_in_its_level():
    q = leaf([0.25, 0.6])
    near(grad(torch.quantile(torch.tensor([1.0, 2.0, 4.0, 8.0]), q).sum(), q)[0], [3.0, 6.0])


def test_mode_of_integers():
    found = torch.tensor([[2, 1, 2, 1, 3], [5, 5, 5, 0, 0]]).mode()
    assert found.values.tolist() == [1, 5] and found.indices.tolist() == [3, 2]
    assert torch.tensor(4).mode().values.item() == 4


def test_correlations_of_complex_variables():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 5)) + 1j * rng.standard_normal((2, 5))
    np.testing.assert_allclose(numbers(torch.tensor(x).cov()), np.cov(x), rtol=1e-12)
    np.testing.assert_allclose(numbers(torch.tensor(x).corrcoef()), np.corrcoef(x), rtol=1e-12)
    assert torch.autograd.gradcheck(torch.cov, (torch.tensor(x, requires_grad=True),))


# counting


def test_histograms():
    x = np.random.default_rng(1).standard_normal((6, 5))
    t = torch.tensor(x)
    same(t.histc(7, -1, 2), np.histogram(x, 7, (-1, 2))[0])
    same(t.histc(4), np.histogram(x, 4)[0])
    weight = np.abs(x[::-1])
    for density in (False, True):
        hist, edges = np.histogram(x, 5, (-2, 1), weights=weight, density=density)
        found = torch.histogram(t, 5, range=(-2.0, 1.0), weight=torch.tensor(weight), density=density)
        near(found.hist, hist)
        near(found.bin_edges, edges)
    near(torch.histogram(t, torch.tensor([-1.0, 0.0, 0.1, 3.0])).hist, np.histogram(x, [-1.0, 0.0, 0.1, 3.0])[0])
    points = x[:, :2].copy()
    hist, edges = np.histogramdd(points, (3, 2))
    found = torch.histogramdd(torch.tensor(points), [3, 2])
    near(found.hist, hist)
    near(found.bin_edges[1], edges[1])
    assert torch.tensor([1.0, nan, 5.0]).histc(2, 0, 2).tolist() == [0.0, 1.0]
    assert torch.tensor([1.0, 1.0]).histc(2).tolist() == [0.0, 2.0]


def test_bincount():
    t = torch.tensor([0, 2, 2])
    assert t.bincount().tolist() == [1, 0, 2] and t.bincount(minlength=5).tolist() == [1, 0, 2, 0, 0]
    assert torch.bincount(t, torch.tensor([0.5, 1.0, 2.0])).tolist() == [0.5, 0.0, 3.0]
    assert torch.zeros(0, dtype=torch.int64).bincount().tolist() == []


def test_unique():
    x = np.array([[3, 1, 3], [2, 1, 1]])
    values, back, often = torch.unique(torch.tensor(x), return_inverse=True, return_counts=True)
    assert values.tolist() == [1, 2, 3] and often.tolist() == [3, 1, 2] and values[back].tolist() == x.tolist()
    rows, back, often = torch.unique(torch.tensor([[3, 1], [1, 2], [3, 1]]), dim=0, return_inverse=True, return_counts=True)
    assert rows.tolist() == [[1, 2], [3, 1]] and back.tolist() == [1, 0, 1] and often.tolist() == [1, 2]
    assert torch.unique(torch.tensor([nan, nan, 1.0])).shape == (3,)
    values, often = torch.unique_consecutive(torch.tensor([1, 1, 2, 1]), return_counts=True)
    assert values.tolist() == [1, 2, 1] and often.tolist() == [2, 1, 1]
    assert torch.unique_consecutive(torch.tensor([[1, 1], [1, 1], [2, 1]]), dim=0).tolist() == [[1, 1], [2, 1]]
    assert torch.tensor([True, False, True]).unique().tolist() == [False, True]


def test_booleans_differ():
    assert torch.tensor([True, False, False]).diff().tolist() == [True, False]


def test_inside_a_program():
    rng = np.random.default_rng(4)

    def f(x):
        return (x.quantile(0.3, 1) * x.median(1).values + x.cov().sum() * x.kthvalue(2, 1).values).sum() + torch.trapezoid(x).sum() * x.median()

    compiled = torch.compile(torch.func.grad(f))
    for _ in range(3):
        x = torch.tensor(rng.standard_normal((3, 4)))
        near(compiled(x), numbers(torch.func.grad(f)(x)), rtol=1e-11)


def test_different_elements_inside_a_program():
    compiled = torch.compile(lambda x: torch.unique(x) * 2)
    for given in ([1.0, 2.0, 1.0], [3.0, 1.0, 3.0], [3.0, 2.0, 1.0], [1.0, 1.0, 1.0]):
        assert compiled(torch.tensor(given)).tolist() == sorted({2 * v for v in given})


# fmt: off
ERRORS = [
    ("kthvalue of too many",       RuntimeError,        lambda x: x.kthvalue(5)),
    ("median over nothing",        IndexError,          lambda x: x[:0].median(0)),
    ("median of complex values",   RuntimeError,        lambda x: torch.tensor([1j]).median()),
    ("level above 1",              RuntimeError,        lambda x: x.quantile(1.5)),
    ("levels of another dtype",    RuntimeError,        lambda x: x.quantile(torch.tensor([0.5], dtype=torch.float32))),
    ("quantile of integers",       RuntimeError,        lambda x: x.long().quantile(0.5)),
    ("quantile of nothing",        RuntimeError,        lambda x: x[:0].quantile(0.5)),
    ("unknown interpolation",      RuntimeError,        lambda x: x.quantile(0.5, interpolation="spline")),
    ("cov of three dimensions",    RuntimeError,        lambda x: torch.zeros(2, 2, 2).cov()),
    ("cov, floating frequencies",  RuntimeError,        lambda x: x.cov(fweights=torch.ones(4))),
    ("cov, negative weights",      RuntimeError,        lambda x: x.cov(aweights=-torch.ones(4))),
    ("diff of a number",           RuntimeError,        lambda x: x[0].diff()),
    ("gradient of too few",        RuntimeError,        lambda x: torch.gradient(x[:1])),
    ("gradient, edge_order",       RuntimeError,        lambda x: torch.gradient(x, edge_order=3)),
    ("trapezoid, both",            TypeError,           lambda x: torch.trapezoid(x, x, dx=1.0)),
    ("trapezoid, another grid",    RuntimeError,        lambda x: torch.trapezoid(x, x[:2])),
    ("trace of a vector",          RuntimeError,        lambda x: x.trace()),
    ("histc of integers",          NotImplementedError, lambda x: x.long().histc(3)),
    ("histc, no bins",             RuntimeError,        lambda x: x.histc(0)),
    ("histc of infinity",          RuntimeError,        lambda x: (x / 0).histc(2)),
    ("histogram, range turned",    RuntimeError,        lambda x: x.detach().histogram(2, range=(1.0, 0.0))),
    ("bincount of negatives",      RuntimeError,        lambda x: torch.tensor([-1]).bincount()),
    ("bincount of floats",         NotImplementedError, lambda x: x.bincount()),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, attempt):
    with pytest.raises(kind) as caught:
        attempt(leaf([1.0, 2.0, 3.0, inf]))
    assert len(str(caught.value)) > 20
