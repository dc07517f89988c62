"""Rows that compiled sweeps run by their shapes: products, sums over dimensions, expansion, permutation, logsumexp and softmax.

Each case is swept in compiled code and by the rules in Python (`create_graph`), which must agree; `python_rows` tells which rows
went to Python all the same. Planted faults show that a wrong kernel or plan would be seen.
"""

import numpy as np
import pytest
from under_test import numbers, torch

from compiled_ops.rows import BY_OPCODE
from tape import plans, replay
from tape.autograd import grad

rng = np.random.default_rng(8)
# fmt: off
CASES = [  # name, function, shapes
    ("mm",              lambda a, b: a @ b,                            [(3, 4), (4, 5)]),
    ("mm large",        lambda a, b: a @ b,                            [(40, 300), (300, 33)]),
    ("mm of itself",    lambda a: a @ a,                               [(4, 4)]),
    ("mm transposed",   lambda a, b: a.T @ b.T,                        [(4, 3), (5, 4)]),
    ("mm of a part",    lambda a, b: a[1:, 1:4] @ b[:, ::2],           [(4, 5), (3, 6)]),
    ("mm of one row",   lambda a, b: a[:1] @ b,                        [(3, 4), (4, 5)]),
    ("mm of one column", lambda a, b: a @ b[:, 1:2],                   [(3, 4), (4, 5)]),
    ("mm inner 1",      lambda a, b: a @ b,                            [(3, 1), (1, 5)]),
    ("mm 1 by 1",       lambda a, b: a @ b,                            [(1, 1), (1, 1)]),
    ("mm of new dims",  lambda a, b: a[None] @ b[:, None],             [(4,), (4,)]),
    ("mm of expanded",  lambda a, b: a.expand(3, 4) @ b.expand(4, 5),  [(4,), (4, 1)]),
    ("mv",              lambda a, b: a @ b,                            [(3, 4), (4,)]),
    ("mv strided",      lambda a, b: a.T @ b[::2],                     [(4, 3), (8,)]),
    ("mv reversed",     lambda a, b: a @ b.flip(0),                    [(3, 4), (4,)]),
    ("vm",              lambda a, b: a @ b,                            [(3,), (3, 4)]),
    ("vm strided",      lambda a, b: a[1::2] @ b.T,                    [(6,), (4, 3)]),
    ("dot",             lambda a, b: a @ b,                            [(5,), (5,)]),
    ("dot strided",     lambda a, b: a[::2] @ b[1::2],                 [(6,), (6,)]),
    ("outer",           lambda a, b: torch.outer(a, b),                [(3,), (4,)]),
    ("outer strided",   lambda a, b: torch.outer(a[::2], b[::3]),      [(5,), (7,)]),
    ("bmm",             lambda a, b: torch.bmm(a, b),                  [(3, 2, 4), (3, 4, 5)]),
    ("bmm permuted",    lambda a, b: torch.bmm(a.permute(2, 0, 1), b.transpose(1, 2)), [(2, 4, 3), (3, 5, 4)]),
    ("batches",         lambda a, b: a @ b,                            [(2, 1, 3, 4), (5, 4, 2)]),
    ("batch and matrix", lambda a, b: a @ b,                           [(2, 3, 4), (4, 5)]),
    ("product of nothing", lambda a, b: a @ b,                         [(3, 0), (0, 2)]),
    ("rows of nothing", lambda a, b: a @ b,                            [(0, 3), (3, 2)]),
    ("sum first",       lambda a: a.sum(0),                            [(5, 7)]),
    ("sum last",        lambda a: a.sum(-1),                           [(5, 7)]),
    ("sum middle",      lambda a: a.sum(1, keepdim=True),              [(3, 4, 5)]),
    ("sum two",         lambda a: a.sum((0, 1)),                       [(3, 4, 5)]),
    ("sum apart",       lambda a: a.sum((0, 2)),                       [(3, 4, 5)]),
    ("sum with ones",   lambda a: a.sum((0, 2)),                       [(3, 1, 4, 2)]),
    ("sum of nothing",  lambda a: a.sum(0),                            [(0, 3)]),
    ("sum, wide",       lambda a: a.sum(0),                            [(3, 1400)]),
    ("sum, long",       lambda a: a.sum(1),                            [(3, 1400)]),
    ("sum, short rows", lambda a: a.sum(1),                            [(2, 300, 3)]),
    ("mean first",      lambda a: a.mean(0),                           [(5, 7)]),
    ("mean last",       lambda a: a.mean(1, keepdim=True),             [(5, 7)]),
    ("mean of a sum",   lambda a: (a * a).sum(1).mean(),               [(5, 7)]),
    ("sum of means",    lambda a: (a * a).mean(1).sum(),               [(5, 7)]),
    ("expand first",    lambda a, b: a * b,                            [(7,), (5, 7)]),
    ("expand last",     lambda a, b: a * b,                            [(5, 1), (5, 7)]),
    ("expand middle",   lambda a, b: a * b,                            [(3, 1, 5), (3, 4, 5)]),
    ("expand apart",    lambda a, b: a * b,                            [(1, 4, 1), (3, 4, 5)]),
    ("expand pairs",    lambda a: (a[:, None] - a[None]) ** 2,         [(70, 3)]),
    ("expand, wide",    lambda a, b: a * b,                            [(1100,), (3, 1100)]),
    ("expand, short",   lambda a, b: a * b,                            [(2,), (100, 2)]),
    ("expand one",      lambda a, b: a * b,                            [(1,), (5, 7)]),
    ("expand 37",       lambda a, b: a * b,                            [(2, 1), (2, 37)]),
    ("transpose",       lambda a: a.T * 2.0,                           [(3, 5)]),
    ("permute",         lambda a: a.permute(2, 0, 1) * 2.0,            [(3, 4, 5)]),
    ("permute twice",   lambda a: a.permute(3, 1, 0, 2).permute(1, 0, 3, 2) * 2.0, [(2, 3, 4, 5)]),
    ("permute nothing", lambda a: a.T * 2.0,                           [(0, 3)]),
    ("logsumexp 0",     lambda a: a.logsumexp(0),                      [(5, 7)]),
    ("logsumexp 1",     lambda a: a.logsumexp(1),                      [(5, 7)]),
    ("logsumexp middle", lambda a: a.logsumexp(1, keepdim=True),       [(3, 4, 5)]),
    ("logsumexp all",   lambda a: a.logsumexp((0, 1)),                 [(5, 7)]),
    ("logsumexp apart", lambda a: a.logsumexp((0, 2)),                 [(3, 4, 5)]),
    ("logsumexp long",  lambda a: a.logsumexp(0),                      [(700, 3)]),
    ("logsumexp 0-d",   lambda a: a.logsumexp(0),                      [(4,)]),
    ("logsumexp strided", lambda a: a.T.logsumexp(1),                  [(5, 7)]),
    ("softmax 0",       lambda a: a.softmax(0) ** 2,                   [(5, 7)]),
    ("softmax 1",       lambda a: a.softmax(1) ** 2,                   [(5, 7)]),
    ("softmax middle",  lambda a: a.softmax(1) ** 2,                   [(3, 4, 5)]),
    ("softmax wide",    lambda a: a.softmax(0) ** 2,                   [(3, 600)]),
    ("log_softmax 0",   lambda a: a.log_softmax(0) ** 2,               [(5, 7)]),
    ("log_softmax 1",   lambda a: a.log_softmax(1) ** 2,               [(5, 700)]),
    ("log_softmax middle", lambda a: a.log_softmax(1) ** 2,            [(3, 4, 5)]),
    ("log_softmax wide", lambda a: a.log_softmax(0) ** 2,              [(3, 600)]),
]
BY_PYTHON = {"sum apart", "expand apart", "logsumexp apart", "logsumexp strided", "mm of expanded", "product of nothing", "rows of nothing",
             "sum of nothing", "permute nothing", "mm of a part", "bmm permuted"}
# fmt: on
cases = pytest.mark.parametrize("name, f, shapes", CASES, ids=[case[0] for case in CASES])


def leaves(shapes, dtype=np.float64):
    return [torch.tensor(rng.standard_normal(shape).astype(dtype), requires_grad=True) for shape in shapes]


def gradients(f, xs, **how):
    """Of a sum whose cotangents differ from element to element."""
    y = f(*xs)
    weights = torch.tensor(np.cos(np.arange(y.numel())).reshape(tuple(y.shape)).astype(y.numpy(force=True).dtype))
    return [numbers(g) for g in grad((y * weights).sum(), xs, **how)]


@pytest.fixture
def python_rows(monkeypatch):
    """The names of the rows that went to Python."""
    seen, serve = [], replay.Replay.serve

    def watched(self, k):
        name = BY_OPCODE[self.columns.item(replay.m.OP, k)].name
        if name not in ("getitem", "flip"):  # those of what the cases are made with
            seen.append(name)
        serve(self, k)

    monkeypatch.setattr(replay.Replay, "serve", watched)
    return seen


@cases
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_compiled_agrees_with_python(name, f, shapes, dtype, python_rows):
    xs = leaves(shapes, dtype)
    compiled = gradients(f, xs)
    went = list(python_rows)
    for mine, other in zip(compiled, gradients(f, xs, create_graph=True), strict=True):
        assert mine.dtype == other.dtype and mine.shape == other.shape
        np.testing.assert_allclose(mine, other, *((1e-12, 1e-13) if dtype == np.float64 else (2e-4, 2e-5)))
    assert bool(went) == (name in BY_PYTHON), went


@cases
def test_contributions_add_up(name, f, shapes):
    xs = leaves(shapes)
    once = gradients(f, xs)
    for g, twice in zip(once, gradients(lambda *given: f(*given) * 2.0 + f(*given), xs), strict=True):
        np.testing.assert_allclose(twice, 3 * g, 1e-12, 1e-13)


@cases
def test_one_value_for_all_as_cotangent(name, f, shapes):
    xs = leaves(shapes)
    for mine, other in zip(grad(f(*xs).sum(), xs), grad(f(*xs).sum(), xs, create_graph=True), strict=True):
        np.testing.assert_allclose(numbers(mine), numbers(other), 1e-12, 1e-13)


def test_an_entry_that_is_target_and_row_keeps_its_gradient():
    x = torch.tensor(rng.standard_normal((4, 3)), requires_grad=True)
    turned = x.T
    top, g = grad(turned.sum(), [turned, x])
    assert numbers(top).shape == (3, 4) and (numbers(top) == 1).all() and (numbers(g) == 1).all()


def test_a_cotangent_shared_with_another_row_is_not_written():
    x = torch.tensor(rng.standard_normal((4, 3)), requires_grad=True)
    y = x * 2.0
    loss = (y.T.sum() * 3.0 + y.sum()) + (y + y).logsumexp(0).sum()
    for mine, other in zip(grad(loss, [x], retain_graph=True), grad(loss, [x], create_graph=True), strict=True):
        np.testing.assert_allclose(numbers(mine), numbers(other), 1e-12)


def test_retained_rows_run_again():
    x = torch.tensor(rng.standard_normal((5, 4)), requires_grad=True)
    loss = ((x @ x.T).softmax(0).sum(1) * x.logsumexp(1)).sum()
    first, second = (numbers(grad(loss, x, retain_graph=True)[0]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, numbers(grad(loss, x)[0]))
    with pytest.raises(RuntimeError):
        grad(loss, x)


def test_infinities_pass_as_in_python():
    inf = np.inf
    for rows in ([[-inf, 0.0], [1.0, -inf]], [[-inf, -inf], [0.0, 1.0]], [[inf, 0.0], [np.nan, 1.0]]):
        x = torch.tensor(rows, requires_grad=True)
        for f in (lambda a: a.logsumexp(1), lambda a: a.softmax(1), lambda a: a.log_softmax(1)):
            mine, other = (numbers(grad(f(x).sum(), x, create_graph=graph)[0]) for graph in (False, True))
            np.testing.assert_allclose(mine, other, 1e-12)


def test_many_shapes_grow_the_table():
    before = len(plans._table)
    for n in range(1, len(plans._table)):
        x = torch.tensor(np.ones((2, n)), requires_grad=True)
        g = numbers(grad((x.sum(1) * torch.tensor([1.0, 2.0])).sum(), x)[0])
        assert g.shape == (2, n) and (g == [[1.0], [2.0]]).all()
    assert len(plans._table) > before


def test_without_blas_python_serves(monkeypatch, python_rows):
    from compiled_ops import products

    monkeypatch.setattr(products, "blas", lambda code: 0)
    xs = leaves([(3, 91), (91, 2)])  # shapes that have no plan yet
    mine = gradients(lambda a, b: a @ b, xs)
    assert python_rows == ["matmul", "matmul"][: len(python_rows)] and python_rows
    for a, b in zip(mine, gradients(lambda a, b: a @ b, xs, create_graph=True), strict=True):
        np.testing.assert_allclose(a, b, 1e-12)


@pytest.mark.parametrize("name", ["mm", "sum last", "expand last", "permute", "logsumexp 1", "softmax 1"])
def test_a_wrong_plan_would_be_seen(name, monkeypatch):
    f, shapes = next(case[1:] for case in CASES if case[0] == name)
    right = plans._worked_out

    def wrong(*given):
        numbers = right(*given)
        if numbers is not None and numbers[1] != replay.m.TURNED:
            numbers[3] = max(1, numbers[3] - 1)
        elif numbers is not None:
            numbers[-1], numbers[-2] = numbers[-2], numbers[-1]
        return numbers

    monkeypatch.setattr(plans, "_worked_out", wrong)
    monkeypatch.setattr(plans, "_plans", {})
    table = np.zeros((256, 3), np.int64)
    monkeypatch.setattr(plans, "_table", table)
    monkeypatch.setattr(plans, "_place", (table.ctypes.data, 255))
    with pytest.raises(AssertionError):
        test_compiled_agrees_with_python(name, f, shapes, np.float64, [])
