"""Reductions: values against NumPy, derivatives against differences, names and conventions against PyTorch."""

import warnings
from math import inf, nan

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import NAME, leaf, name, near, numbers, same, torch

grad = torch.autograd.grad


def lse(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def softmax(x, axis):
    return np.exp(x) / np.exp(x).sum(axis, keepdims=True)


# fmt: off
# name, function of (module, x), NumPy's function of x, shapes
TABLE = [
    ("sum",                lambda m, x: m.sum(x),                        np.sum,                                          [(), (3,), (2, 3), (0,), (2, 0)]),
    ("sum(0)",             lambda m, x: x.sum(0),                        lambda x: x.sum(0),                              [(3,), (2, 3), (2, 3, 4), (0, 2)]),
    ("sum((0, -1))",       lambda m, x: x.sum((0, -1)),                  lambda x: x.sum((0, -1)),                        [(2, 3), (2, 3, 4)]),
    ("sum keepdim",        lambda m, x: x.sum(1, keepdim=True),          lambda x: x.sum(1, keepdims=True),               [(2, 3), (1, 3)]),
    ("sum axis",           lambda m, x: x.sum(axis=0, keepdims=True),    lambda x: x.sum(0, keepdims=True),               [(2, 3)]),
    ("sum(())",            lambda m, x: x.sum(()),                       np.sum,                                          [(2, 3)]),
    ("sum, all kept",      lambda m, x: x.sum((0, 1), True),             lambda x: x.sum((0, 1), keepdims=True),          [(2, 3)]),
    ("mean",               lambda m, x: x.mean(),                        np.mean,                                         [(), (3,), (2, 3)]),
    ("mean(1)",            lambda m, x: x.mean(1),                       lambda x: x.mean(1),                             [(2, 3)]),
    ("mean((0, 2))",       lambda m, x: x.mean((0, 2), keepdim=True),    lambda x: x.mean((0, 2), keepdims=True),         [(2, 3, 4)]),
    ("prod",               lambda m, x: x.prod(),                        np.prod,                                         [(), (3,), (2, 3), (0,)]),
    ("prod(0)",            lambda m, x: x.prod(0),                       lambda x: x.prod(0),                             [(3,), (4, 2)]),
    ("prod(-1, keepdim)",  lambda m, x: x.prod(-1, True),                lambda x: x.prod(-1, keepdims=True),             [(2, 3)]),
    ("amax",               lambda m, x: x.amax(),                        np.max,                                          [(), (4,), (2, 3)]),
    ("amax((0, 1))",       lambda m, x: x.amax((0, 1)),                  lambda x: x.max((0, 1)),                         [(2, 3), (2, 3, 2)]),
    ("amin(1, keepdim)",   lambda m, x: x.amin(1, keepdim=True),         lambda x: x.min(1, keepdims=True),               [(2, 3)]),
    ("max",                lambda m, x: m.max(x),                        np.max,                                          [(), (2, 3)]),
    ("min",                lambda m, x: x.min(),                         np.min,                                          [(2, 3)]),
    ("max(0)",             lambda m, x: x.max(0)[0],                     lambda x: x.max(0),                              [(3,), (4, 2), (2, 3, 4)]),
    ("min(-1, keepdim)",   lambda m, x: x.min(-1, keepdim=True).values,  lambda x: x.min(-1, keepdims=True),              [(3,), (2, 3), (2, 3, 4)]),
    ("max of one number",  lambda m, x: x.max(0).values,                 lambda x: x,                                     [()]),
    ("var",                lambda m, x: x.var(),                         lambda x: np.var(x, ddof=1),                     [(3,), (2, 3)]),
    ("var(0, False)",      lambda m, x: x.var(0, unbiased=False),        lambda x: x.var(0),                              [(3, 2)]),
    ("var, correction",    lambda m, x: x.var((0, 1), correction=2),     lambda x: x.var(ddof=2),                         [(3, 2)]),
    ("var(False)",         lambda m, x: x.var(False),                    np.var,                                          [(4,)]),
    ("std",                lambda m, x: x.std(),                         lambda x: np.std(x, ddof=1),                     [(3,), (2, 3)]),
    ("std(1, keepdim)",    lambda m, x: x.std(1, keepdim=True),          lambda x: x.std(1, ddof=1, keepdims=True),       [(2, 3)]),
    ("logsumexp(0)",       lambda m, x: x.logsumexp(0),                  lambda x: lse(x, 0),                             [(3,), (3, 2)]),
    ("logsumexp of one",   lambda m, x: x.logsumexp(0),                  lambda x: x,                                     [()]),
    ("logsumexp((0, 1))",  lambda m, x: x.logsumexp((0, 1), True),       lambda x: lse(x, (0, 1), True),                  [(3, 2)]),
    ("softmax(0)",         lambda m, x: x.softmax(0),                    lambda x: softmax(x, 0),                         [(3,), (2, 3), (0, 2)]),
    ("softmax(-1)",        lambda m, x: m.softmax(x, dim=-1),            lambda x: softmax(x, -1),                        [(2, 3)]),
    ("softmax of one",     lambda m, x: x.softmax(0),                    np.ones_like,                                    [()]),
    ("log_softmax(1)",     lambda m, x: x.log_softmax(1),                lambda x: np.log(softmax(x, 1)),                 [(2, 3)]),
    ("cumsum(0)",          lambda m, x: x.cumsum(0),                     lambda x: np.cumsum(x, 0) if x.ndim else x,      [(), (3,), (2, 3), (0,)]),
    ("cumsum(-1)",         lambda m, x: x.cumsum(-1),                    lambda x: np.cumsum(x, -1),                      [(2, 3, 2)]),
    ("norm",               lambda m, x: x.norm(),                        lambda x: np.sqrt((x * x).sum()),                [(), (3,), (2, 3)]),
    ("norm 'fro'",         lambda m, x: m.norm(x, "fro"),                lambda x: np.sqrt((x * x).sum()),                [(2, 3)]),
    ("norm(1)",            lambda m, x: x.norm(1),                       lambda x: np.abs(x).sum(),                       [(3,), (2, 3)]),
    ("norm(3, 0)",         lambda m, x: x.norm(3, 0),                    lambda x: (np.abs(x) ** 3).sum(0) ** (1 / 3),    [(3,), (3, 2)]),
    ("norm(1.5)",          lambda m, x: x.norm(1.5),                     lambda x: (np.abs(x) ** 1.5).sum() ** (1 / 1.5), [(3,)]),
    ("norm(0.5)",          lambda m, x: x.norm(0.5),                     lambda x: (np.abs(x) ** 0.5).sum() ** 2,         [(3,)]),
    ("norm(inf, 1)",       lambda m, x: x.norm(inf, 1, keepdim=True),    lambda x: np.abs(x).max(1, keepdims=True),       [(2, 3)]),
    ("norm(-inf)",         lambda m, x: x.norm(-inf),                    lambda x: np.abs(x).min(),                       [(2, 3)]),
    ("norm((0, 1))",       lambda m, x: x.norm(dim=(0, 1)),              lambda x: np.sqrt((x * x).sum((0, 1))),          [(2, 3, 2)]),
    ("nansum",             lambda m, x: x.nansum(0),                     lambda x: x.sum(0),                              [(3,), (2, 3)]),
    ("nanmean",            lambda m, x: m.nanmean(x, 0),                 lambda x: x.mean(0),                             [(3,), (2, 3)]),
    ("var_mean",           lambda m, x: m.var_mean(x, 0)[1],             lambda x: x.mean(0),                             [(3,), (3, 2)]),
    ("var of var_mean",    lambda m, x: m.var_mean(x, 1, correction=0)[0], lambda x: x.var(1),                            [(2, 3)]),
    ("std_mean",           lambda m, x: m.std_mean(x, unbiased=False)[0], np.std,                                         [(3,), (2, 3)]),
    ("aminmax",            lambda m, x: m.aminmax(x)[0],                 np.min,                                          [(3,), (2, 3)]),
    ("aminmax(0)",         lambda m, x: m.aminmax(x, dim=0).max,         lambda x: x.max(0),                              [(3,), (2, 3)]),
    ("sum_to_size",        lambda m, x: x.sum_to_size(3, 1),             lambda x: x.sum((0, 2)).reshape(3, 1),           [(2, 3, 4)]),
    ("dist",               lambda m, x: m.dist(x, m.ones_like(x)),       lambda x: np.linalg.norm(x - 1),                 [(3,)]),
]
# fmt: on
CASES = [pytest.param(f, reference, shape, id=f"{case}-{shape}") for case, f, reference, shapes in TABLE for shape in shapes]
cases = pytest.mark.parametrize("f, reference, shape", CASES)


@cases
def test_values_and_derivatives(f, reference, shape):
    (x,) = arrays(shape, seed=3)
    near(f(torch, torch.tensor(x)), reference(x))
    first(f, [x])
    second(f, [x])


@cases
def test_forward_mode(f, reference, shape):
    forward(f, arrays(shape, seed=3))


@pytest.mark.oracle
@cases
def test_against_pytorch(f, reference, shape):
    oracle(f, arrays(shape, seed=3))
    theirs = pytest.importorskip("torch")
    x = arrays(shape, seed=3)[0]
    assert name(f(torch, leaf(x))) == type(f(theirs, theirs.tensor(x, requires_grad=True)).grad_fn).__name__


@pytest.mark.parametrize("case", range(len(TABLE)), ids=[row[0] for row in TABLE])
def test_inputs_that_are_not_contiguous(case):
    _, f, reference, shapes = TABLE[case]
    for shape in shapes:
        if shape:
            x = arrays(shape, seed=4)[0]
            wide = np.zeros((*shape[:-1], 2 * shape[-1]))
            wide[..., ::2] = x
            h, plain = leaf(wide), leaf(x)
            y = f(torch, h[..., ::2])
            near(y, reference(x))
            y.sum().backward()
            f(torch, plain).sum().backward()
            near(h.grad[..., ::2], numbers(plain.grad))
            assert not numbers(h.grad)[..., 1::2].any()
            near(f(torch, torch.tensor(np.ascontiguousarray(x.T)).T), reference(x))


def test_the_product_is_exact_with_zeros_to_second_order():
    for values in ([2.0, 0.0, 3.0, 5.0], [0.0, 0.0, 3.0, 5.0], [0.0, 0.0, 0.0, 5.0]):
        x = leaf(values)
        (g,) = grad(x.prod(), x, create_graph=True)
        same(g, [np.prod(np.delete(values, i)) for i in range(4)])
        hessian = [[np.prod(np.delete(values, [i, j])) if i != j else 0.0 for j in range(4)] for i in range(4)]
        for i in range(4):
            same(grad(g[i], x, retain_graph=True)[0], hessian[i])
    x = leaf([[2.0, 0.0], [3.0, 4.0], [5.0, 0.0]])
    x.prod(0).sum().backward()
    same(x.grad, [[15.0, 0.0], [10.0, 0.0], [6.0, 0.0]])
    x = leaf([[2.0, 0.0], [3.0, 4.0]])
    x.prod().backward()
    same(x.grad, [[0.0, 24.0], [0.0, 0.0]])


# fmt: off
KINKS = [
    ("std of a constant",   lambda x: x.std(),              [2.0, 2.0, 2.0],       [0.0, 0.0, 0.0]),
    ("amax of ties",        lambda x: x.amax(0).sum(),      [[1.0, 2.0], [1.0, 0.0]], [[0.5, 1.0], [0.5, 0.0]]),
    ("max of NaN",          lambda x: x.max(),              [1.0, nan, nan],       [0.0, 0.5, 0.5]),
    ("max(0), first of NaN", lambda x: x.max(0)[0],         [1.0, nan, nan],       [0.0, 1.0, 0.0]),
    ("norm(inf) of ties",   lambda x: x.norm(inf),          [3.0, -3.0, 1.0, 3.0], [1 / 3, -1 / 3, 0.0, 1 / 3]),
    ("norm(-inf) of ties",  lambda x: x.norm(-inf),         [3.0, -1.0, 1.0],      [0.0, -0.5, 0.5]),
    ("norm(0)",             lambda x: x.norm(0),            [3.0, 0.0],            [0.0, 0.0]),
    ("norm(1.5) at 0",      lambda x: x.norm(1.5),          [0.0, 0.0],            [0.0, 0.0]),
    ("norm(0.5) with a 0",  lambda x: x.norm(0.5),          [3.0, 0.0, -3.0],      [2.0, 0.0, -2.0]),
    ("norm(-1) with a 0",   lambda x: x.norm(-1),           [1.0, 0.0],            [0.0, 0.0]),
    ("norm of inf and NaN", lambda x: x.norm(inf),          [nan, 1.0],            [0.0, 0.0]),
    ("nansum",              lambda x: x.nansum(),           [nan, 1.0],            [0.0, 1.0]),
    ("logsumexp of inf",    lambda x: x.logsumexp(0),       [inf, 0.0],            [nan, 0.0]),
    ("log_softmax of -inf", lambda x: x.log_softmax(0)[1],  [-inf, 0.0],           [0.0, 0.0]),
    ("mean of nothing",     lambda x: x.mean(),             [],                    []),
    ("logsumexp of nothing", lambda x: x.logsumexp(0),      [],                    []),
    ("norm of nothing",     lambda x: x.norm(),             [],                    []),
]
# fmt: on


@pytest.mark.parametrize("f, values, expected", [row[1:] for row in KINKS], ids=[row[0] for row in KINKS])
def test_kinks(f, values, expected):
    for graph in (False, True):
        x = leaf(values)
        found = grad(f(x), x, create_graph=graph, allow_unused=True, materialize_grads=True)[0]
        near(found, expected)


def test_no_degrees_of_freedom():
    with pytest.warns(UserWarning):
        assert np.isnan(torch.tensor([1.0]).var().item())
    with pytest.warns(UserWarning):
        assert torch.tensor([1.0, 3.0]).std(correction=3).item() == inf


def test_values_of_integers_and_booleans():
    i, b = torch.tensor([[1, 2], [3, 4]], dtype=torch.int32), torch.tensor([True, False, True])
    for made, value in ((i.sum(), 10), (b.sum(), 2), (i.prod(), 24), (i.cumsum(0)[1, 1], 6), (b.cumsum(0)[2], 2)):
        assert made.dtype == torch.int64 and made.item() == value
    assert i.amax().dtype == torch.int32 and i.amax().item() == 4 and i.max(0).values.tolist() == [3, 4]
    assert i.sum(dtype=torch.float64).dtype == torch.float64 and i.mean(dtype=torch.float64).item() == 2.5
    assert i.softmax(0, dtype=torch.float64).shape == (2, 2)
    assert not i.sum().requires_grad


def test_the_dtype_argument_is_differentiable():
    x = leaf([1.0, 2.0], dtype=torch.float32)
    for f in ("sum", "mean", "prod"):
        y = getattr(x, f)(dtype=torch.float64)
        assert y.dtype == torch.float64
        y.backward()
        assert x.grad.dtype == torch.float32
    near(x.grad, [1 + 0.5 + 2, 1 + 0.5 + 1])


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_dtypes_are_kept(dtype):
    dtype = getattr(torch, dtype)
    x = leaf([[1.0, 2.0], [3.0, 5.0]], dtype=dtype)
    for f in ("sum", "mean", "prod", "amax", "min", "var", "std", "norm"):
        y = getattr(x, f)()
        assert y.dtype == dtype
        (g,) = grad(y, x)
        assert g.dtype == dtype and g.shape == (2, 2)
    for y in (x.logsumexp(0), x.softmax(1), x.log_softmax(1), x.cumsum(0), x.max(0)[0], x.sum(1)):
        assert y.dtype == dtype
        assert grad(y.sum(), x)[0].dtype == dtype


def test_half_precision_is_summed_in_single():
    assert torch.ones(5000, dtype=torch.float16).sum().item() == 5000
    assert torch.full((70_000,), 1.0, dtype=torch.bfloat16).mean().item() == 1.0


def test_what_has_no_derivative():
    x = leaf([[3.0, 1.0, 0.0], [2.0, 2.0, 5.0]])
    assert x.argmax().item() == 5 and x.argmin().item() == 2
    assert x.argmax(0).tolist() == [0, 1, 1] and x.argmax(1, keepdim=True).tolist() == [[0], [2]]
    assert x.argmax(keepdim=True).tolist() == [[5]]
    assert torch.tensor([1.0, nan, nan]).argmax().item() == 1
    assert not x.all().item() and x.any().item() and x.all(0).tolist() == [True, True, False]
    assert x.any((0, 1), keepdim=True).tolist() == [[True]]
    assert x.count_nonzero().item() == 5 and x.count_nonzero(0).tolist() == [2, 2, 1]
    assert torch.zeros(0).all().item() and not torch.zeros(0).any().item()
    assert not x.argmax().requires_grad and x.all().dtype == torch.bool


def test_extremes_of_two_tensors_and_printing():
    a, b = leaf([1.0, 5.0]), leaf([3.0, 5.0])
    torch.max(a, b).sum().backward()
    same(a.grad, [0.0, 0.5])
    same(b.grad, [1.0, 0.5])
    assert a.min(b).tolist() == [1.0, 5.0]
    found = torch.tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1)
    values, indices = found
    assert values is found.values and indices.tolist() == [1, 0]
    assert repr(found) == "torch.return_types.max(\nvalues=tensor([5., 7.]),\nindices=tensor([1, 0]))"


# fmt: off
ERRORS = [
    ("dim too large",            IndexError,   lambda x: x.sum(2)),
    ("dim too small",            IndexError,   lambda x: x.amax(-3)),
    ("dim of a 0-d tensor",      IndexError,   lambda x: x[0, 0].sum(1)),
    ("dim twice",                RuntimeError, lambda x: x.sum((0, 0))),
    ("dim twice, once negative", RuntimeError, lambda x: x.amax((1, -1))),
    ("mean of integers",         RuntimeError, lambda x: x.long().mean()),
    ("mean of booleans",         RuntimeError, lambda x: (x > 0).mean()),
    ("var of integers",          RuntimeError, lambda x: x.long().var()),
    ("norm of integers",         RuntimeError, lambda x: x.long().norm()),
    ("prod over a tuple",        TypeError,    lambda x: x.prod((0, 1))),
    ("logsumexp without dim",    TypeError,    lambda x: x.logsumexp()),
    ("softmax without dim",      TypeError,    lambda x: x.softmax()),
    ("softmax out of range",     IndexError,   lambda x: x.softmax(2)),
    ("cumsum without dim",       TypeError,    lambda x: x.cumsum()),
    ("amax of nothing",          RuntimeError, lambda x: x[:0].amax()),
    ("max of nothing",           RuntimeError, lambda x: x[:0].max()),
    ("amax over nothing",        IndexError,   lambda x: x[:0].amax(0)),
    ("max over nothing",         IndexError,   lambda x: x[:0].max(0)),
    ("argmax of nothing",        IndexError,   lambda x: x[:0].argmax()),
    ("norm(inf) of nothing",     RuntimeError, lambda x: x[:0].norm(inf)),
    ("norm of a word",           RuntimeError, lambda x: x.norm("word")),
    ("max over two dimensions",  TypeError,    lambda x: x.max((0, 1))),
    ("max of complex values",    NotImplementedError, lambda x: torch.tensor([1j]).max()),
    ("softmax of integers",      NotImplementedError, lambda x: x.long().softmax(0)),
    ("norm that narrows",        RuntimeError, lambda x: x.norm(dtype=torch.float32)),
    ("renorm of a vector",       RuntimeError, lambda x: x[0].renorm(2, 0, 1.0)),
    ("sum_to_size of another",   RuntimeError, lambda x: x.sum_to_size(3)),
    ("argmax of booleans",       RuntimeError, lambda x: (x > 1).argmax()),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, attempt):
    with pytest.raises(kind) as caught:
        attempt(leaf([[1.0, 2.0], [3.0, 4.0]]))
    assert len(str(caught.value)) > 20


@pytest.mark.skipif(NAME == "torch", reason="PyTorch's overflow")
def test_norms_do_not_overflow_on_the_way():
    for p in (1.5, 2, 3, 10):
        for scale in (1e200, 1e-200):
            x = leaf([3 * scale, -4 * scale])
            near(x.norm(p), scale * (3.0**p + 4.0**p) ** (1 / p))
            near(grad(x.norm(p), x)[0], np.array([3 ** (p - 1), -(4 ** (p - 1))]) / (3.0**p + 4.0**p) ** (1 - 1 / p))
    near(torch.tensor([3e25, 4e25], dtype=torch.float32).norm(), 5e25, rtol=1e-6)
    near(torch.tensor([[3e-200, 4e-200], [3.0, 4.0], [0.0, 0.0], [inf, 1.0]]).norm(dim=1), [5e-200, 5.0, 0.0, inf])
    assert np.isnan(torch.tensor([nan, 1e300]).norm().item())


@pytest.mark.skipif(NAME == "torch", reason="PyTorch's overflow")
def test_products_keep_derivatives_where_they_overflow():
    x = leaf([1e200, 1e200, 1e-300])
    near(grad(x.prod(), x)[0], [1e-100, 1e-100, inf])
    x = leaf([1e-200, 1e-200, 1.0])  # underflows to 0
    near(grad(x.prod(), x)[0], [1e-200, 1e-200, 0.0])


@pytest.mark.parametrize("p", [0, 1, 2, 3, 1.5, inf, -inf])
def test_complex_reductions(p):
    rng = np.random.default_rng(2)
    x = rng.standard_normal((2, 3)) + 1j * rng.standard_normal((2, 3))
    z = torch.tensor(x, requires_grad=True)
    near(z.norm(p), np.linalg.norm(x.reshape(-1), p))
    check = [lambda z: z.norm(p, 1)]
    if p == 2:
        check += [lambda z: z.sum(0), lambda z: z.mean(), lambda z: z.prod(1), lambda z: z.var(1), lambda z: z.std(), lambda z: z.logsumexp(0)]
        near(z.var(1), np.var(x, 1, ddof=1))
    for f in check:
        assert torch.autograd.gradcheck(f, (z,), check_forward_ad=True)


def test_named_results_and_out():
    found = torch.aminmax(torch.tensor([3.0, 1.0]))
    assert repr(found) == "torch.return_types.aminmax(\nmin=tensor(1.),\nmax=tensor(3.))" and type(torch.var_mean(torch.ones(2))) is tuple
    x = torch.tensor([[1.0, 5.0], [7.0, 2.0]])
    y = torch.zeros(())
    assert torch.sum(x, (0, 1), out=y) is y and y.item() == 15.0
    assert torch.sum(x, 1, out=torch.zeros(2, dtype=torch.float32)).dtype == torch.float32
    values, indices = torch.zeros(2), torch.zeros(2, dtype=torch.int64)
    assert torch.max(x, 1, out=(values, indices)).values is values and indices.tolist() == [1, 0]
    for f in (torch.mean, torch.amax, torch.std, torch.logsumexp):
        assert f(x, 0, out=values) is values and values.tolist() == f(x, 0).tolist()
    with pytest.raises(RuntimeError):
        torch.sum(leaf([1.0]), 0, out=torch.zeros(()))


def test_empty_results():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        e = leaf(np.zeros((0, 3)))
        assert e.amax(1).shape == (0,) and e.max(1).values.shape == (0,)
        same(e.sum(0), [0.0, 0.0, 0.0])
        same(e.logsumexp(0), [-inf] * 3)
        same(e.prod(0), [1.0, 1.0, 1.0])
        e.prod(0).sum().backward()
        assert e.grad.shape == (0, 3)


def test_large_sums_over_part_of_the_dimensions():
    x = leaf(np.arange(24.0).reshape(2, 3, 4))
    y = x.sum((0, 2), keepdim=True) * torch.tensor(np.arange(3.0).reshape(1, 3, 1))
    y.sum().backward()
    same(x.grad, np.broadcast_to(np.arange(3.0).reshape(1, 3, 1), (2, 3, 4)))


@pytest.mark.parametrize("shape, dim", [((50_000, 4), 0), ((3, 20_000, 2), 1), ((40, 2100), 0), ((5000, 3), 1)])
def test_long_sums_lose_no_digits_in_single_precision(shape, dim):
    x = np.random.default_rng(0).random(shape).astype(np.float32)
    near(torch.tensor(x).sum(dim), x.astype(float).sum(dim), rtol=1e-6)
    near(torch.tensor(x).mean(dim, keepdim=True), x.astype(float).mean(dim, keepdims=True), rtol=1e-6)
