"""`where(..., safe=True)`: the value and every derivative are those of the branch taken, whatever the other one is."""

import numpy as np
import pytest

import tape as torch
from tape.autograd import grad

START = np.array([2.0, -1.0, 0.0, 3.0, 0.5])
TAKEN = START > 0
WEIGHTS = torch.tensor(np.arange(1.0, 6.0))
W = torch.tensor([[1.0, 2.0], [3.0, -1.0]])
BRANCHES = {  # NaN or infinite, in value or derivative, at -1 and at 0
    "sqrt": torch.sqrt,
    "log": torch.log,
    "power": lambda x: x**1.5,
    "division": lambda x: torch.exp(1 / x) * torch.sin(1 / x),
    "root of a root": lambda x: torch.sqrt(torch.sqrt(x)),
    "norm": lambda x: torch.stack([torch.sqrt(x), x]).norm(dim=0),
    "sum": lambda x: torch.stack([torch.sqrt(x), x]).sum(0),
    "prod": lambda x: torch.stack([torch.sqrt(x), x]).prod(0),
    "logsumexp": lambda x: torch.stack([torch.log(x), x]).logsumexp(0),
    "softmax": lambda x: torch.stack([torch.log(x), x]).softmax(0)[0],
    "var": lambda x: torch.stack([torch.log(x), x]).var(0),
    "std": lambda x: torch.stack([torch.sqrt(x), x * x]).std(0),
    "amax": lambda x: torch.stack([torch.sqrt(x), x]).amax(0),
    "cumsum": lambda x: torch.stack([torch.log(x), x]).cumsum(0)[1],
    "product": lambda x: (torch.stack([torch.log(x), x], 1) @ W)[:, 0],
    "product with itself": lambda x: (torch.stack([torch.log(x), x], 1) @ torch.outer(x[:2], x[:2] * x[3:]))[:, 1],
    "det": lambda x: torch.linalg.det(torch.diag_embed(torch.stack([torch.sqrt(x), x], 1))),
}


def first(f, x):
    return grad((f(x) ** 2).sum(), x)[0]


def second(f, x):
    (g,) = grad((f(x) ** 2).sum(), x, create_graph=True)
    return grad((g * WEIGHTS).sum(), x)[0]


def third(f, x):
    (g,) = grad((f(x) ** 2).sum(), x, create_graph=True)
    (h,) = grad((g * WEIGHTS).sum(), x, create_graph=True)
    return grad((h * h).sum(), x)[0]


def forward(f, x):
    return torch.func.jvp(f, (x.detach(),), (WEIGHTS,))[1]


def forward_over_reverse(f, x):
    return torch.func.jvp(torch.func.grad(lambda y: (f(y) ** 2).sum()), (x.detach(),), (WEIGHTS,))[1]


def compiled(f, x):
    g = torch.compile(torch.func.grad(lambda y: (f(y) ** 2).sum()))
    g(x.detach() + 0.1)
    return g(x.detach())


def compiled_twice(f, x):
    inner = torch.func.grad(lambda y: (f(y) ** 2).sum())
    g = torch.compile(torch.func.grad(lambda y: (inner(y) * WEIGHTS).sum()))
    g(x.detach() + 0.1)
    return g(x.detach())


def through_a_program(f, x):
    program = torch.compile(f)
    program(x)
    return grad((program(x) ** 2).sum(), x)[0]


EAGER, PROGRAMS = [first, second, third, forward, forward_over_reverse], [compiled, compiled_twice, through_a_program]
CASES = [(name, way) for name in BRANCHES for way in EAGER if way is not third or name in ("division", "norm", "prod", "product")] + [(name, way) for name in ("power", "norm", "product") for way in PROGRAMS]


@pytest.mark.parametrize(("name", "way"), CASES, ids=lambda part: part if type(part) is str else part.__name__)
def test_every_derivative_is_that_of_the_branch_taken(name, way):
    taken, x = torch.tensor(TAKEN), torch.tensor(START, requires_grad=True)
    f, other = BRANCHES[name], (lambda x: x * x * 0.5)
    if name == "product with itself":  # whose second factor must not move with what stands in for the points not taken
        f = lambda x: (torch.stack([torch.log(x), x], 1) @ W @ W)[:, 1]  # noqa: E731

    def chosen(x):
        return torch.where(taken, f(x), other(x), safe=True)

    def by_hand(x):
        inside = torch.where(taken, x, 1.7)
        return torch.where(taken, f(inside), other(x))

    found, wanted = way(chosen, x), way(by_hand, x)
    assert np.isfinite(wanted.numpy()).all()
    np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=1e-9, atol=1e-12)


def test_a_matrix_that_multiplies_rows_not_taken_gets_the_gradient_of_the_others():
    x, w = torch.tensor(START, requires_grad=True), torch.tensor(np.eye(2) + 0.5, requires_grad=True)
    rows = torch.stack([torch.log(x), x], 1) @ w
    total = torch.where(torch.tensor(TAKEN)[:, None], rows, 0.0, safe=True).sum()
    found = grad(total, w, create_graph=True)[0]
    active = np.stack([np.log(START[TAKEN]), START[TAKEN]], 1)
    np.testing.assert_allclose(found.detach().numpy(), np.repeat(active.sum(0)[:, None], 2, 1))
    np.testing.assert_allclose(grad(found.sum(), x)[0].numpy(), np.where(TAKEN, 2 / np.where(TAKEN, START, 1) + 2, 0))
    assert np.isnan(grad(torch.where(torch.tensor(TAKEN)[:, None], torch.log(x)[:, None] @ w[:1], 0.0).sum(), w)[0].numpy()).any()


def test_safe_math_makes_every_choice_safe():
    x = torch.tensor(START, requires_grad=True)

    def f(x):
        length = torch.stack([torch.log(x), x]).norm(dim=0)
        return torch.where(x > 0, length, x) + length.masked_fill(x <= 0, 0.0)

    with torch.safe_math():
        y = f(x)
    (g,) = grad(y.sum(), x)
    inside = torch.tensor(np.where(TAKEN, START, 1.0), requires_grad=True)
    (wanted,) = grad(2 * torch.stack([torch.log(inside), inside]).norm(dim=0).sum(), inside)
    np.testing.assert_allclose(g.numpy(), np.where(TAKEN, wanted.numpy(), 1.0))
    np.testing.assert_allclose(grad(torch.safe_math()(f)(x).sum(), x)[0].numpy(), g.numpy())
    assert np.isnan(grad(f(x).sum(), x)[0].numpy()).any()  # not without


def test_what_is_really_infinite_stays():
    x = torch.tensor([0.0, 4.0], requires_grad=True)
    y = torch.where(torch.tensor([True, True]), torch.stack([torch.sqrt(x), x]).norm(dim=0), x, safe=True)
    g = grad((y * y).sum() + torch.where(x >= 0, torch.sqrt(x), x, safe=True).sum(), x)[0]
    assert g[0] == np.inf and g[1] == 9.25
