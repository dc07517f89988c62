"""Derivatives where functions have kinks, ties, poles or edges of their domain: one line a point.

Each line gives the operation, the values of its inputs, and the gradients of the sum of its result.
"""

from math import inf, nan

import pytest
from under_test import leaf, near, torch

grad = torch.autograd.grad


def call(function):
    """A function of the module, looked up when it is called."""
    return lambda *inputs: getattr(torch if hasattr(torch, function) else torch.nn.functional, function)(
        *inputs
    )


# fmt: off
POINTS = [
    ("abs at 0",            lambda x: abs(x),              ([0.0, -0.0],),            [[0.0, 0.0]]),
    ("abs of nan",          lambda x: abs(x),              ([nan],),                  [[0.0]]),
    ("relu at 0",           lambda x: x.relu(),            ([0.0, -1.0, 1.0],),       [[0.0, 0.0, 1.0]]),
    ("sign",                lambda x: x.sign(),            ([0.0, 2.0],),             [[0.0, 0.0]]),
    ("floor",               lambda x: x.floor(),           ([0.0, 1.5],),             [[0.0, 0.0]]),
    ("ceil",                lambda x: x.ceil(),            ([0.0, 1.5],),             [[0.0, 0.0]]),
    ("round",               lambda x: x.round(),           ([0.5, 1.2],),             [[0.0, 0.0]]),
    ("trunc",               lambda x: x.trunc(),           ([0.0, 1.5],),             [[0.0, 0.0]]),
    ("clamp at its bounds", lambda x: x.clamp(-1.0, 1.0),  ([-2.0, -1.0, 1.0, 2.0],), [[0, 1, 1, 0]]),
    ("clamp from below",    lambda x: x.clamp(min=0.0),    ([-1.0, 0.0, 1.0],),       [[0.0, 1.0, 1.0]]),
    ("clamp from above",    lambda x: x.clamp(max=0.0),    ([-1.0, 0.0, 1.0],),       [[1.0, 1.0, 0.0]]),
    ("maximum at a tie",    call("maximum"),               ([1.0, 3.0], [1.0, 2.0]),  [[0.5, 1], [0.5, 0]]),
    ("minimum at a tie",    call("minimum"),               ([1.0, 3.0], [1.0, 2.0]),  [[0.5, 0], [0.5, 1]]),
    ("maximum with nan",    call("maximum"),               ([nan, 1.0], [1.0, nan]),  [[1, 1], [1, 1]]),
    ("maximum with itself", lambda x: torch.maximum(x, x), ([2.0],),                  [[1.0]]),
    ("max of ties",         lambda x: x.max(),             ([3.0, 1.0, 3.0],),        [[0.5, 0.0, 0.5]]),
    ("min of ties",         lambda x: x.min(),             ([3.0, 1.0, 1.0],),        [[0.0, 0.5, 0.5]]),
    ("amax of ties",        lambda x: x.amax(0),           ([3.0, 1.0, 3.0],),        [[0.5, 0.0, 0.5]]),
    ("amin of three ties",  lambda x: x.amin(),            ([1.0, 1.0, 1.0],),        [[1/3, 1/3, 1/3]]),
    ("max along an axis",   lambda x: x.max(0)[0],         ([3.0, 1.0, 3.0],),        [[1.0, 0.0, 0.0]]),
    ("min along an axis",   lambda x: x.min(0)[0],         ([3.0, 1.0, 1.0],),        [[0.0, 1.0, 0.0]]),
    ("sqrt at 0",           lambda x: x.sqrt(),            ([0.0, 4.0],),             [[inf, 0.25]]),
    ("sqrt below 0",        lambda x: x.sqrt(),            ([-1.0],),                 [[nan]]),
    ("log at 0 and below",  lambda x: x.log(),             ([0.0, -1.0],),            [[inf, -1.0]]),
    ("log1p at -1",         lambda x: x.log1p(),           ([-1.0],),                 [[inf]]),
    ("1 / 0",               lambda x: 1 / x,               ([0.0],),                  [[-inf]]),
    ("asin at 1",           lambda x: x.asin(),            ([1.0, -1.0],),            [[inf, inf]]),
    ("acos at 1",           lambda x: x.acos(),            ([1.0, -1.0],),            [[-inf, -inf]]),
    ("atanh at 1",          lambda x: x.atanh(),           ([1.0],),                  [[inf]]),
    ("acosh at 1",          lambda x: x.acosh(),           ([1.0],),                  [[inf]]),
    ("tanh far out",        lambda x: x.tanh(),            ([inf, -inf, 1000.0],),    [[0.0, 0.0, 0.0]]),
    ("sigmoid far out",     lambda x: x.sigmoid(),         ([1000.0, -1000.0],),      [[0.0, 0.0]]),
    ("exp far out",         lambda x: x.exp(),             ([1000.0, -1000.0],),      [[inf, 0.0]]),
    ("softplus far out",    call("softplus"),              ([1000.0, -1000.0],),      [[1.0, 0.0]]),
    ("norm 2 of 0",         lambda x: x.norm(),            ([0.0, 0.0],),             [[0.0, 0.0]]),
    ("norm 1 of 0",         lambda x: x.norm(1),           ([0.0, 0.0],),             [[0.0, 0.0]]),
    ("norm 3 of 0",         lambda x: x.norm(3),           ([0.0, 0.0],),             [[0.0, 0.0]]),
    ("norm inf of 0",       lambda x: x.norm(inf),         ([0.0, 0.0],),             [[0.0, 0.0]]),
    ("norm inf of ties",    lambda x: x.norm(inf),         ([2.0, -2.0, 1.0],),       [[0.5, -0.5, 0.0]]),
    ("norm 1 with a 0",     lambda x: x.norm(1),           ([2.0, 0.0, -1.0],),       [[1.0, 0.0, -1.0]]),
    ("std of a constant",   lambda x: x.std(),             ([2.0, 2.0],),             [[0.0, 0.0]]),
    ("var of a constant",   lambda x: x.var(),             ([2.0, 2.0],),             [[0.0, 0.0]]),
    ("0 ** 0",              lambda a, b: a ** b,           ([0.0], [0.0]),            [[0.0], [0.0]]),
    ("0 ** 1",              lambda a, b: a ** b,           ([0.0], [1.0]),            [[1.0], [0.0]]),
    ("-2 ** 2",             lambda a, b: a ** b,           ([-2.0], [2.0]),           [[-4.0], [nan]]),
    ("0 ** 2",              lambda a, b: a ** b,           ([0.0], [2.0]),            [[0.0], [0.0]]),
    ("0 ** -1 by exponent", lambda b: 0.0 ** b,            ([-1.0],),                 [[-inf]]),
    ("0 ** x",              lambda b: 0.0 ** b,            ([2.0, 0.0],),             [[0.0, 0.0]]),
    ("x ** 0",              lambda x: x ** 0,              ([0.0, nan, 2.0],),        [[0.0, 0.0, 0.0]]),
    ("x ** 1 at 0",         lambda x: x ** 1,              ([0.0],),                  [[1.0]]),
    ("x ** 2 at 0",         lambda x: x ** 2,              ([0.0],),                  [[0.0]]),
    ("x ** 0.5 at 0",       lambda x: x ** 0.5,            ([0.0],),                  [[inf]]),
    ("1 ** x",              lambda b: 1.0 ** b,            ([3.0],),                  [[0.0]]),
    ("atan2 at the origin", call("atan2"),                 ([0.0], [0.0]),            [[0.0], [0.0]]),
    ("hypot at the origin", call("hypot"),                 ([0.0], [0.0]),            [[nan], [nan]]),
    ("prod with one 0",     lambda x: x.prod(),            ([2.0, 0.0, 3.0],),        [[0.0, 6.0, 0.0]]),
    ("prod with two 0",     lambda x: x.prod(),            ([2.0, 0.0, 0.0],),        [[0.0, 0.0, 0.0]]),
    ("prod along an axis",  lambda x: x.prod(0),           ([2.0, 0.0, 3.0],),        [[0.0, 6.0, 0.0]]),
    ("logsumexp of -inf",   lambda x: x.logsumexp(0),      ([-inf, -inf],),           [[nan, nan]]),
    ("logsumexp, one -inf", lambda x: x.logsumexp(0),      ([-inf, 0.0],),            [[0.0, 1.0]]),
    ("logsumexp far out",   lambda x: x.logsumexp(0),      ([1000.0, 1000.0],),       [[0.5, 0.5]]),
    ("softmax far out",     lambda x: x.softmax(0)[0],     ([1000.0, -1000.0],),      [[0.0, 0.0]]),
    ("logaddexp of -inf",   call("logaddexp"),             ([-inf], [-inf]),          [[nan], [nan]]),
    ("x % 3 at a multiple", lambda x: x % 3.0,             ([3.0, 4.0],),             [[1.0, 1.0]]),
    ("lgamma at 0",         lambda x: x.lgamma(),          ([0.0],),                  [[-inf]]),
    ("sum of nothing",      lambda x: x.sum(),             ([],),                     [[]]),
    ("prod of nothing",     lambda x: x.prod(),            ([],),                     [[]]),
]

SECOND = [
    ("abs at 0",            lambda x: abs(x) * x,          ([0.0],),                  [[0.0]]),
    ("relu at 0",           lambda x: x.relu() * x,        ([0.0],),                  [[0.0]]),
    ("x ** 2 at 0",         lambda x: x ** 2,              ([0.0],),                  [[2.0]]),
    ("x ** 1 at 0",         lambda x: x ** 1 * x,          ([0.0],),                  [[2.0]]),
    ("x ** 3 at 0",         lambda x: x ** 3,              ([0.0],),                  [[0.0]]),
    ("prod with one 0",     lambda x: x.prod(),            ([2.0, 0.0, 3.0],),        [[3.0, 5.0, 2.0]]),
    ("norm of 0",           lambda x: x.norm(),            ([0.0, 0.0],),             [[nan, nan]]),
    ("sqrt at 0",           lambda x: x.sqrt(),            ([0.0],),                  [[-inf]]),
    ("clamp at a bound",    lambda x: x.clamp(0.0, 1.0) ** 2,([1.0, 2.0],),             [[2.0, 0.0]]),
]
# fmt: on


def columns(rows):
    cases, names = [row[1:] for row in rows], [row[0] for row in rows]
    return pytest.mark.parametrize("function, inputs, expected", cases, ids=names)


@columns(POINTS)
def test_first_derivatives(function, inputs, expected):
    leaves = [leaf(values) for values in inputs]
    for gradient, wanted in zip(grad(function(*leaves).sum(), leaves), expected, strict=True):
        near(gradient, wanted)


@columns(POINTS)
def test_first_derivatives_when_recorded(function, inputs, expected):
    leaves = [leaf(values) for values in inputs]
    gradients = grad(function(*leaves).sum(), leaves, create_graph=True)
    for gradient, wanted in zip(gradients, expected, strict=True):
        near(gradient, wanted)


@columns([row for row in POINTS if len(row[2][0]) == 1])
def test_first_derivatives_of_scalars(function, inputs, expected):
    leaves = [leaf(values[0]) for values in inputs]
    for gradient, (wanted,) in zip(grad(function(*leaves), leaves), expected, strict=True):
        near(gradient, wanted)


@columns(SECOND)
def test_second_derivatives(function, inputs, expected):
    leaves = [leaf(values) for values in inputs]
    gradients = grad(function(*leaves).sum(), leaves, create_graph=True)
    for gradient, wanted in zip(grad([g.sum() for g in gradients], leaves), expected, strict=True):
        near(gradient, wanted)


def test_flat_functions_stay_part_of_the_history():
    x = leaf([0.5])
    assert x.floor().requires_grad and (x.sign() * 2).requires_grad


def test_where_takes_the_chosen_branch_at_its_boundary():
    x = leaf([0.0, 1.0])
    torch.where(x > 0, x, -x).sum().backward()
    near(x.grad, [-1.0, 1.0])


@pytest.mark.differs("a branch of where that was not chosen contributes nothing, not NaN")
def test_where_keeps_out_what_was_not_chosen():
    x = leaf([-1.0, 0.0, 4.0])
    torch.where(x > 0, x.sqrt(), torch.tensor(0.0)).sum().backward()
    near(x.grad, [0.0, 0.0, 0.25])


@pytest.mark.parametrize("read", [torch.linalg.cholesky], ids=["cholesky"])
def test_the_lower_triangle_is_read_and_the_gradient_symmetrised(read):
    a = leaf([[4.0, 100.0], [2.0, 3.0]])
    factor = read(a)
    near(factor, [[2.0, 0.0], [1.0, 2.0**0.5]])
    factor.sum().backward()
    g = a.grad.tolist()
    assert g[0][1] == g[1][0]
