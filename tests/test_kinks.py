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
    ("leaky relu at 0",     lambda x: torch.nn.functional.leaky_relu(x, 0.1), ([0.0, -1.0],), [[0.1, 0.1]]),
    ("relu6 at its ends",   lambda x: torch.nn.functional.relu6(x), ([0.0, 6.0, 3.0],), [[0.0, 0.0, 1.0]]),
    ("hardtanh at its ends", lambda x: torch.nn.functional.hardtanh(x), ([-1.0, 1.0, 0.5],), [[0.0, 0.0, 1.0]]),
    ("clamp at a Tensor",   lambda x, b: x.clamp(min=b),   ([1.0, 2.0, 0.0], [1.0, 1.0, 1.0]), [[1, 1, 0], [0, 0, 1]]),
    ("fmax at a tie",       call("fmax"),                  ([1.0, nan], [1.0, 2.0]),  [[1.0, 0.0], [0.0, 1.0]]),
    ("fmin at a tie",       call("fmin"),                  ([1.0, nan], [1.0, 2.0]),  [[1.0, 0.0], [0.0, 1.0]]),
    ("sinc at 0",           lambda x: x.sinc(),            ([0.0],),                  [[0.0]]),
    ("erfinv at 1",         lambda x: x.erfinv(),          ([1.0, -1.0],),            [[inf, inf]]),
    ("logit at 0 and 1",    lambda x: x.logit(),           ([0.0, 1.0],),             [[inf, inf]]),
    ("logit outside",       lambda x: x.logit(),           ([-0.5, 1.5],),            [[nan, nan]]),
    ("logit beyond eps",    lambda x: x.logit(0.1),        ([0.05, 0.5],),            [[0.0, 4.0]]),
    ("xlogy(x, x) at 0",    lambda x: torch.xlogy(x, x),   ([0.0],),                  [[nan]]),
    ("xlog1py at (0, -1)",  lambda x, y: torch.special.xlog1py(x, y), ([0.0], [-1.0]), [[0.0], [nan]]),
    ("copysign at 0",       call("copysign"),              ([0.0, 2.0], [-1.0, -1.0]), [[0.0, -1.0], [0.0, 0.0]]),
    ("nan_to_num",          lambda x: x.nan_to_num(),      ([nan, inf, -inf, 1.0],),  [[0.0, 0.0, 0.0, 1.0]]),
    ("frac and frexp",      lambda x: x.frac() + torch.frexp(x)[0], ([1.0, 4.0],),    [[1.5, 1.125]]),
    ("median of ties",      lambda x: x.median(),          ([2.0, 2.0, 2.0],),        [[1/3, 1/3, 1/3]]),
    ("aminmax of ties",     lambda x: sum(torch.aminmax(x)), ([1.0, 1.0],),           [[1.0, 1.0]]),
    ("median along a dimension", lambda x: x.median(0)[0], ([2.0, 1.0, 3.0],),        [[1.0, 0.0, 0.0]]),
    ("cummax at a tie",     lambda x: x.cummax(0)[0],      ([2.0, 2.0],),             [[1.0, 1.0]]),
    ("topk at a tie",       lambda x: x.topk(1)[0],        ([3.0, 1.0],),             [[1.0, 0.0]]),
    ("sort at a tie",       lambda x: x.sort()[0][0],      ([1.0, 1.0],),             [[1.0, 0.0]]),
    ("nextafter",           call("nextafter"),             ([1.0, 1.0], [2.0, 1.0]),  [[1.0, 0.0], [0.0, 0.0]]),
    ("entr at 0",           lambda x: torch.special.entr(x), ([0.0],),                [[inf]]),
    ("i0e at 0",            lambda x: torch.special.i0e(x), ([0.0],),                 [[0.0]]),
    ("i1e at 0",            lambda x: torch.special.i1e(x), ([0.0],),                 [[0.5]]),
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


# The sets of conventions (tape/kinks), where they differ: gradients under torch-2.13, torch-2.14 and minimum-norm.
SWITCHED = [
    ("clamp at its bounds", lambda x: x.clamp(-1.0, 1.0),  ([-1.0, 0.0, 1.0],),       [[1, 1, 1]], [[0, 1, 0]], [[0, 1, 0]]),
    ("clamp from below",    lambda x: x.clamp_min(0.0),    ([0.0, 1.0],),             [[1, 1]], [[0, 1]], [[0, 1]]),
    ("clamp at a Tensor",   lambda x, b: x.clamp(max=b),   ([1.0], [1.0]),            [[1], [0]], [[0.5], [0.5]], [[0.5], [0.5]]),
    ("fmax at a tie",       call("fmax"),                  ([1.0], [1.0]),            [[1], [0]], [[1], [0]], [[0.5], [0.5]]),
    ("fmin at a tie",       call("fmin"),                  ([1.0], [1.0]),            [[1], [0]], [[1], [0]], [[0.5], [0.5]]),
    ("hypot at the origin", call("hypot"),                 ([0.0], [0.0]),            [[nan], [nan]], [[nan], [nan]], [[0], [0]]),
    ("abs at 0",            lambda x: x.abs(),             ([0.0],),                  [[0]], [[0]], [[0]]),
    ("maximum at a tie",    call("maximum"),               ([1.0], [1.0]),            [[0.5], [0.5]], [[0.5], [0.5]], [[0.5], [0.5]]),
]  # fmt: skip
SETS = ("torch-2.13", "torch-2.14", "minimum-norm")
EACH_SET = pytest.mark.parametrize(
    "rules, function, inputs, expected",
    [(rules, f, inputs, wanted) for _, f, inputs, *sets in SWITCHED for rules, wanted in zip(SETS, sets, strict=True)],
    ids=[f"{name}, {rules}" for name, *_ in SWITCHED for rules in SETS],
)
OWN = pytest.mark.skipif(not hasattr(torch, "set_kink_rules"), reason="the sets are tape's own")


@OWN
@EACH_SET
def test_sets_of_conventions(rules, function, inputs, expected):
    with torch.kink_rules(rules):
        assert torch.get_kink_rules() == rules
        for create_graph in (False, True):
            leaves = [leaf(values) for values in inputs]
            y = function(*leaves)
            with torch.kink_rules("torch-2.13"):  # the choice was made when the operation was recorded
                gradients = grad(y.sum(), leaves, create_graph=create_graph)
            for gradient, wanted in zip(gradients, expected, strict=True):
                near(gradient, wanted)
        duals = [torch.func.jvp(lambda x, k=k: function(*leaves[:k], x, *leaves[k + 1 :]), (x,), (torch.ones_like(x),))[1] for k, x in enumerate(leaves)]
        for tangent, wanted in zip(duals, expected, strict=True):
            near(tangent.detach(), wanted)
    assert torch.get_kink_rules() == "torch-2.13"


@OWN
@EACH_SET
def test_programs_follow_the_set_in_force(rules, function, inputs, expected):
    compiled = torch.compile(lambda *leaves: grad(function(*leaves).sum(), leaves))
    values = [torch.tensor(v) for v in inputs]

    def run():
        return compiled(*[v.clone().requires_grad_() for v in values])

    first = [g.tolist() for g in run()]
    with torch.kink_rules(rules):
        for _ in range(3):
            for gradient, wanted in zip(run(), expected, strict=True):
                near(gradient.detach(), wanted)
    for gradient, wanted in zip(run(), first, strict=True):
        near(gradient.detach(), wanted)


@OWN
def test_an_unknown_set_is_refused():
    with pytest.raises(ValueError, match="minimum-norm"):
        torch.set_kink_rules("torch-1.0")
    with pytest.raises(ZeroDivisionError), torch.kink_rules("torch-2.14"):
        1 / 0  # the set is restored
    assert torch.get_kink_rules() == "torch-2.13"


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


@pytest.mark.differs("a number whose cotangent is zero contributes nothing, also where its derivative is NaN")
def test_a_number_that_does_not_count_contributes_nothing():
    x = leaf([0.5])
    (x.var(correction=1) * 0.0 + (x * 1.5).sum()).backward()
    near(x.grad, [1.5])


@pytest.mark.differs("the derivatives exist there; PyTorch gives NaN")
def test_derivatives_that_exist_are_given():
    x = leaf([0.0, 1.0])
    (g,) = grad(torch.igamma(torch.ones(2, dtype=torch.float64), x).sum(), x)
    near(g, [1.0, 0.36787944117144233])
    (first,) = grad(torch.sinc(x).sum(), x, create_graph=True)
    near(grad(first[0], x)[0][:1], [-3.289868133696453])


@pytest.mark.parametrize("read", [torch.linalg.cholesky], ids=["cholesky"])
def test_the_lower_triangle_is_read_and_the_gradient_symmetrised(read):
    a = leaf([[4.0, 100.0], [2.0, 3.0]])
    factor = read(a)
    near(factor, [[2.0, 0.0], [1.0, 2.0**0.5]])
    factor.sum().backward()
    g = a.grad.tolist()
    assert g[0][1] == g[1][0]
