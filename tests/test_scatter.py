"""Scatters and their kin: values against plain loops and NumPy, derivatives, ties, zeros, in-place twins, errors that leave memory alone."""

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, near, numbers, same, torch


def t(m, values):
    return m.tensor(values)


I24 = [[0, 1, 1, 0], [1, 1, 2, 0]]
# fmt: off
# name, function of (module, inputs...), shapes of the inputs
TABLE = [
    ("scatter, add",             lambda m, x, s: m.scatter_reduce(x, 0, t(m, I24), s, "sum"),                                [(3, 4), (2, 4)]),
    ("scatter_reduce sum alone", lambda m, x, s: x.scatter_reduce(0, t(m, I24), s, "sum", include_self=False),                [(3, 4), (2, 4)]),
    ("scatter_reduce mean",      lambda m, x, s: x.scatter_reduce(0, t(m, I24), s, "mean"),                                   [(3, 4), (2, 4)]),
    ("scatter_reduce mean alone", lambda m, x, s: x.scatter_reduce(0, t(m, I24), s, "mean", include_self=False),              [(3, 4), (2, 4)]),
    ("scatter_reduce prod",      lambda m, x, s: x.scatter_reduce(0, t(m, I24), s, "prod"),                                   [(3, 4), (2, 4)]),
    ("scatter_reduce prod alone", lambda m, x, s: x.scatter_reduce(0, t(m, I24), s, "prod", include_self=False),              [(3, 4), (2, 4)]),
    ("scatter_reduce prod of many", lambda m, x, s: x.scatter_reduce(0, t(m, [0, 1, 0, 0, 1, 0, 0]), s, "prod"),              [(2,), (7,)]),
    ("scatter_reduce amax",      lambda m, x, s: x.scatter_reduce(0, t(m, I24), s, "amax"),                                   [(3, 4), (2, 4)]),
    ("scatter_reduce amin alone", lambda m, x, s: x.scatter_reduce(1, t(m, I24), s, "amin", include_self=False),              [(2, 4), (2, 4)]),
    ("index_reduce prod",        lambda m, x, s: x.index_reduce(0, t(m, [2, 0, 2]), s, "prod"),                               [(3, 2), (3, 2)]),
    ("index_reduce mean",        lambda m, x, s: m.index_reduce(x, 1, t(m, [0, 0]), s, "mean", include_self=False),           [(3, 2), (3, 2)]),
    ("index_reduce amax",        lambda m, x, s: x.index_reduce(0, t(m, [2, 0, 2]), s, "amax"),                               [(3, 2), (3, 2)]),
    ("index_put",                lambda m, x, s: x.index_put((t(m, [0, 2]), t(m, [1, 1])), s),                                [(3, 2), (2,)]),
    ("index_put of one",         lambda m, x, s: m.index_put(x, (t(m, [0, 2]),), s),                                          [(3, 2), ()]),
    ("index_put, adding",        lambda m, x, s: x.index_put((t(m, [1, 1, 0]),), s, accumulate=True),                         [(3, 2), (3, 2)]),
    ("index_put by mask",        lambda m, x, s: x.index_put((t(m, [True, False, True]),), s),                                [(3, 2), (2,)]),
    ("index_copy",               lambda m, x, s: x.index_copy(1, t(m, [2, 0]), s),                                            [(2, 3), (2, 2)]),
    ("index_copy, last stays",   lambda m, x, s: m.index_copy(x, 0, t(m, [1, 1]), s),                                         [(2, 3), (2, 3)]),
    ("index_fill",               lambda m, x: x.index_fill(1, t(m, [2, -3]), 0.5),                                            [(2, 3)]),
    ("index_fill, tensor",       lambda m, x, v: m.index_fill(x, 0, t(m, [1]), v),                                            [(2, 3), ()]),
    ("put",                      lambda m, x, s: x.put(t(m, [[0, -1]]), s),                                                   [(2, 3), (1, 2)]),
    ("put, adding",              lambda m, x, s: m.put(x, t(m, [4, 4]), s, accumulate=True),                                  [(2, 3), (2,)]),
    ("masked_scatter",           lambda m, x, s: x.masked_scatter(t(m, [[True, False, True], [False, True, False]]), s),      [(2, 3), (2, 2)]),
    ("masked_scatter, broadcast", lambda m, x, s: m.masked_scatter(x, t(m, [True, False, True]), s),                          [(2, 3), (5,)]),
    ("select_scatter",           lambda m, x, s: x.select_scatter(s, 1, -1),                                                  [(2, 3), (2,)]),
    ("slice_scatter",            lambda m, x, s: m.slice_scatter(x, s, 1, 0, None, 2),                                        [(2, 3), (2, 2)]),
    ("diagonal_scatter",         lambda m, x, s: x.diagonal_scatter(s, 1),                                                    [(2, 3), (2,)]),
    ("as_strided_scatter",       lambda m, x, s: x.as_strided_scatter(s, (2, 2), (3, 1), 1),                                  [(2, 3), (2, 2)]),
    ("fill",                     lambda m, x, v: m.fill(x, v) * x,                                                            [(2, 3), ()]),
    ("0-d",                      lambda m, x, s: x.index_add(0, t(m, [0]), s).scatter_reduce(0, t(m, 0), s, "prod"),          [(), ()]),
]
# fmt: on
cases = pytest.mark.parametrize("f, shapes", [pytest.param(f, shapes, id=case) for case, f, shapes in TABLE])


@cases
def test_derivatives(f, shapes):
    inputs = arrays(*shapes, seed=5)
    first(f, inputs)
    second(f, inputs)
    forward(f, inputs)


@pytest.mark.oracle
@cases
def test_against_pytorch(f, shapes):
    pytest.importorskip("torch")
    if "as_strided_scatter" in f.__code__.co_names:
        pytest.skip("PyTorch's own gradient of as_strided_scatter is wrong, as its tests say")
    if shapes == [(2, 3), (2, 3)]:
        pytest.skip("of values put at one place PyTorch gives each the gradient of the last")
    oracle(f, arrays(*shapes, seed=5))


REDUCE = {"sum": np.sum, "prod": np.prod, "mean": np.mean, "amax": np.max, "amin": np.min}


@pytest.mark.parametrize("reduce", REDUCE)
@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.int64, torch.bfloat16], ids=str)
def test_reductions_against_a_loop(reduce, include_self, kind):
    rng = np.random.default_rng(0)
    base, source, places = rng.integers(-5, 6, 4), rng.integers(-5, 6, 9), rng.integers(0, 3, 9)
    wanted = base.astype(float)
    for place in set(places):
        group = [*([base[place]] if include_self else []), *source[places == place]]
        found = REDUCE[reduce](np.array(group, float))
        wanted[place] = np.floor(found) if kind == torch.int64 else found
    x, s, i = torch.tensor(base).to(kind), torch.tensor(source).to(kind), torch.tensor(places)
    made = x.scatter_reduce(0, i, s, reduce, include_self=include_self)
    assert made.dtype == kind
    near(made.to(torch.float64), wanted, rtol=1e-2 if kind == torch.bfloat16 else 1e-6)
    if reduce != "sum":
        same(x.index_reduce(0, i, s, reduce, include_self=include_self).to(torch.float64), numbers(made.to(torch.float64)))


def test_equal_largest_elements_share_the_gradient():
    x, s = leaf([2.0, 1.0, np.inf]), leaf([2.0, 2.0, 0.0, np.inf])
    y = x.scatter_reduce(0, torch.tensor([0, 0, 1, 2]), s, "amax")
    same(y, [2.0, 1.0, np.inf])
    y.sum().backward()
    near(x.grad, [1 / 3, 1.0, 1.0])
    near(s.grad, [1 / 3, 1 / 3, 0.0, 0.0])  # of infinite ones the first has it all


def test_products_with_zeros_need_no_division():
    x, s = leaf([3.0]), leaf([0.0, 2.0, 0.0, 5.0])
    i = torch.tensor([0, 0, 0, 0])
    x.scatter_reduce(0, i, s, "prod").sum().backward()
    same(s.grad, [0.0, 0.0, 0.0, 0.0])
    one = leaf([0.0, 2.0, 7.0])
    (g,) = torch.autograd.grad(torch.tensor([3.0]).scatter_reduce(0, i[:3], one, "prod").sum(), one, create_graph=True)
    near(g, [42.0, 0.0, 0.0])
    near(torch.autograd.grad(g[0], one)[0], [0.0, 21.0, 6.0])


def test_in_place_twins_write_the_same():
    base = np.arange(6.0).reshape(2, 3)
    i, s = torch.tensor([[1, 0, 1]]), torch.tensor([[7.0, 8.0, 9.0]])
    calls = [
        lambda x, u: getattr(x, "scatter" + u)(0, i, s), lambda x, u: getattr(x, "scatter" + u)(0, i, 3.0),
        lambda x, u: getattr(x, "scatter" + u)(0, i, s, reduce="multiply"), lambda x, u: getattr(x, "scatter_add" + u)(0, i, s),
        lambda x, u: getattr(x, "scatter_reduce" + u)(0, i, s, "amax"), lambda x, u: getattr(x, "index_copy" + u)(0, i[0, :1], s),
        lambda x, u: getattr(x, "index_fill" + u)(1, i[0, :2], 4.0), lambda x, u: getattr(x, "index_add" + u)(0, i[0, :1], s),
        lambda x, u: getattr(x, "index_reduce" + u)(0, i[0, :1], s, "prod"), lambda x, u: getattr(x, "put" + u)(i, s),
        lambda x, u: getattr(x, "masked_scatter" + u)(x > 5, s), lambda x, u: getattr(x, "masked_fill" + u)(x > 2, 0.0),
        lambda x, u: getattr(x, "index_put" + u)((i[0, :1],), s),
    ]  # fmt: skip
    for call in calls:
        w = leaf(base)
        x = w * 2
        wanted = call(x, "")
        assert not wanted._is_view() and x._version == 0
        made = x.clone()
        assert call(made, "_") is made and made._version == 1
        same(made, numbers(wanted))
        results = [torch.autograd.grad((each * each).sum(), w, retain_graph=True)[0] for each in (made, wanted)]
        near(results[0], numbers(results[1]))


@pytest.mark.parametrize(
    "kind, call",
    [
        (RuntimeError, lambda x: x.scatter_(0, torch.tensor([[5]]), 1.0)), (RuntimeError, lambda x: x.scatter_(0, torch.tensor([[-1]]), 1.0)),
        (RuntimeError, lambda x: x.scatter_(0, torch.tensor([[0]]), torch.tensor([[1]]))), (RuntimeError, lambda x: x.scatter_(0, torch.tensor([[0]]), 1.0, reduce="max")),
        (RuntimeError, lambda x: x.scatter_reduce_(0, torch.tensor([[0]]), x.detach(), "maximum")), (IndexError, lambda x: x.put_(torch.tensor([6]), torch.tensor([1.0]))),
        (RuntimeError, lambda x: x.put_(torch.tensor([0, 1]), torch.tensor([1.0]))), (IndexError, lambda x: x.index_fill_(0, torch.tensor([2]), 1.0)),
        (IndexError, lambda x: x.index_copy_(0, torch.tensor([2]), torch.ones(1, 3))), (RuntimeError, lambda x: x.index_add_(0, torch.tensor([2]), torch.ones(1, 3))),
        (RuntimeError, lambda x: x.masked_scatter_(x > -1, torch.ones(2))), (RuntimeError, lambda x: x.masked_fill_(x > -1, 1j)),
        (RuntimeError, lambda x: x.masked_fill_(torch.ones(2, 3), 1.0)), (IndexError, lambda x: x.index_put_((torch.tensor([2]),), torch.tensor(1.0))),
        (RuntimeError, lambda x: x.select_scatter(torch.ones(2), 0, 0)), (IndexError, lambda x: x.select_scatter(torch.ones(3), 0, 2)),
        (RuntimeError, lambda x: x.slice_scatter(torch.ones(2, 2), 0)), (RuntimeError, lambda x: x.diagonal_scatter(torch.ones(3))),
        (RuntimeError, lambda x: x.gather(0, torch.tensor([[0]], dtype=torch.uint8))), (RuntimeError, lambda x: x.take(torch.tensor([0], dtype=torch.int32))),
        (IndexError, lambda x: x[torch.tensor([0], dtype=torch.int16)]), (IndexError, lambda x: x.index_fill_(0, torch.tensor([0], dtype=torch.int32), 1.0)),
    ],
)  # fmt: skip
def test_errors_leave_memory_alone(kind, call):
    x = torch.tensor(np.arange(6.0).reshape(2, 3))
    with pytest.raises(kind):
        call(x)
    same(x, np.arange(6.0).reshape(2, 3))
    assert x._version == 0


def test_zero_dimensions_count_as_one_element():
    x, i = torch.tensor(3.0), torch.tensor([0])
    same(x.gather(0, torch.tensor(0)), 3.0)
    same(x.gather(0, i), [3.0])
    same(x.index_select(0, i), 3.0)
    same(x.take(torch.tensor([[0, -1]])), [[3.0, 3.0]])
    same(x.take(torch.tensor(0)), 3.0)
    same(x.index_add(0, i, x), 6.0)
    same(x.index_copy(0, i, torch.tensor(2.0)), 2.0)
    same(x.index_fill(0, i, 2.0), 2.0)
    same(x.scatter(0, i, 2.0), 2.0)
    same(x.put(i, torch.tensor([2.0])), 2.0)


def test_lists_of_indices_are_tuples_of_them():
    x = torch.tensor(np.arange(6.0).reshape(2, 3))
    same(x[[[0, 1], [1, 0]]], [1.0, 3.0])
    same(x[[torch.tensor([0, 1]), torch.tensor([2, 2])]], [2.0, 5.0])
    same(x[[0, 1]], np.arange(6.0).reshape(2, 3))
    same(x[0, ..., ...], [0.0, 1.0, 2.0])
    assert x[torch.tensor(1, dtype=torch.uint8)].shape == (1, 2, 3)
