"""Losses beyond mean squares and cross entropy, and activations in pieces: values against formulas, derivatives, PyTorch's kinks, errors."""

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from scipy.special import expit, xlogy
from under_test import leaf, near, numbers, torch

F = torch.nn.functional
SIGNS = np.array([[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]])
T, ONE = [(2, 3), (2, 3)], [(2, 3)]


def of(m):
    return m.nn.functional


def chances(m, a):
    return (m.tanh(a) + 1.5) / 3


def plain(a):
    return (np.tanh(a) + 1.5) / 3


def cosine(a, b):
    return (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))


# fmt: off
CASES = [  # name, function, shapes, the same in NumPy
    ("smooth l1",     lambda m, a, b: of(m).smooth_l1_loss(a, b, beta=0.4),        T, lambda a, b: np.where(abs(a - b) < 0.4, (a - b) ** 2 / 0.8, abs(a - b) - 0.2).mean()),
    ("huber",         lambda m, a, b: of(m).huber_loss(a, b, delta=0.3, reduction="sum"), T, lambda a, b: np.where(abs(a - b) <= 0.3, (a - b) ** 2 / 2, 0.3 * (abs(a - b) - 0.15)).sum()),
    ("kl",            lambda m, a, b: of(m).kl_div(m.log(chances(m, a)), chances(m, b), reduction="batchmean"), T, lambda a, b: (xlogy(plain(b), plain(b)) - plain(b) * np.log(plain(a))).sum() / 2),
    ("kl of logs",    lambda m, a, b: of(m).kl_div(a, b, reduction="none", log_target=True), T, lambda a, b: np.exp(b) * (b - a)),
    ("gaussian",      lambda m, a, b: of(m).gaussian_nll_loss(a, b, m.exp(a * b), full=True), T, lambda a, b: 0.5 * (a * b + (a - b) ** 2 / np.exp(a * b) + np.log(2 * np.pi)).mean()),
    ("poisson",       lambda m, a, b: of(m).poisson_nll_loss(a, m.exp(b)),         T, lambda a, b: (np.exp(a) - np.exp(b) * a).mean()),
    ("poisson rates", lambda m, a, b: of(m).poisson_nll_loss(chances(m, a), 2 * m.exp(b), log_input=False, full=True, reduction="none"), T,
                      lambda a, b: (lambda r, t: r - t * np.log(r + 1e-8) + np.where(t > 1, t * np.log(t) - t + 0.5 * np.log(2 * np.pi * t), 0))(plain(a), 2 * np.exp(b))),
    ("soft margin",   lambda m, a: of(m).soft_margin_loss(a, m.tensor(SIGNS)),     ONE, lambda a: np.log1p(np.exp(-SIGNS * a)).mean()),
    ("hinge",         lambda m, a: of(m).hinge_embedding_loss(a, m.tensor(SIGNS), margin=0.5), ONE, lambda a: np.where(SIGNS == 1, a, np.maximum(0, 0.5 - a)).mean()),
    ("ranking",       lambda m, a, b: of(m).margin_ranking_loss(a, b, m.tensor(SIGNS), margin=0.1), T, lambda a, b: np.maximum(0, 0.1 - SIGNS * (a - b)).mean()),
    ("cosine",        lambda m, a, b: of(m).cosine_embedding_loss(a, b, m.tensor([1, -1]), margin=-0.9), T, lambda a, b: np.where([True, False], 1 - cosine(a, b), np.maximum(0, cosine(a, b) + 0.9)).mean()),
    ("similarity",    lambda m, a, b: of(m).cosine_similarity(a, b, dim=-1),       [(2, 3), (3,)], cosine),
    ("distance",      lambda m, a, b: of(m).pairwise_distance(a, b, p=3.0),        T, lambda a, b: (abs(a - b + 1e-6) ** 3).sum(-1) ** (1 / 3)),
    ("normalize",     lambda m, a: of(m).normalize(a, dim=0),                      ONE, lambda a: a / np.sqrt((a * a).sum(0))),
    ("layer norm",    lambda m, a, w, b: of(m).layer_norm(a, (3,), w, b),          [(4, 3), (3,), (3,)], lambda a, w, b: (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + 1e-5) * w + b),
    ("glu",           lambda m, a: of(m).glu(a, 0),                                ONE, lambda a: a[:1] * expit(a[1:])),
    ("prelu",         lambda m, a, w: of(m).prelu(a, w),                           [(2, 3, 2), (3,)], lambda a, w: np.where(a > 0, a, a * w[:, None])),
    ("celu",          lambda m, a: of(m).celu(a, 0.5),                             ONE, lambda a: np.where(a > 0, a, 0.5 * np.expm1(a / 0.5))),
    ("selu",          lambda m, a: of(m).selu(a),                                  ONE, lambda a: 1.0507009873554805 * np.where(a > 0, a, 1.6732632423543772 * np.expm1(a))),
    ("mish",          lambda m, a: of(m).mish(a),                                  ONE, lambda a: a * np.tanh(np.log1p(np.exp(a)))),
    ("softsign",      lambda m, a: of(m).softsign(a),                              ONE, lambda a: a / (1 + abs(a))),
    ("tanhshrink",    lambda m, a: of(m).tanhshrink(a),                            ONE, lambda a: a - np.tanh(a)),
    ("hardtanh",      lambda m, a: of(m).hardtanh(a, -0.3, 0.4),                   ONE, lambda a: np.clip(a, -0.3, 0.4)),
    ("hardsigmoid",   lambda m, a: of(m).hardsigmoid(4 * a),                       ONE, lambda a: np.clip(4 * a / 6 + 0.5, 0, 1)),
    ("hardswish",     lambda m, a: of(m).hardswish(4 * a),                         ONE, lambda a: 4 * a * np.clip(4 * a / 6 + 0.5, 0, 1)),
    ("relu6",         lambda m, a: of(m).relu6(9 * a),                             ONE, lambda a: np.clip(9 * a, 0, 6)),
    ("hardshrink",    lambda m, a: of(m).hardshrink(a, 0.3),                       ONE, lambda a: np.where(abs(a) > 0.3, a, 0)),
    ("softshrink",    lambda m, a: of(m).softshrink(a, 0.3),                       ONE, lambda a: np.sign(a) * np.maximum(abs(a) - 0.3, 0)),
    ("threshold",     lambda m, a: of(m).threshold(a, 0.1, 7.0),                   ONE, lambda a: np.where(a > 0.1, a, 7.0)),
]
KINKS = [  # function, where, the gradients there (PyTorch's)
    ("hardtanh",    lambda a: F.hardtanh(a),         [-1.0, 1.0, 0.0],       [0.0, 0.0, 1.0]),
    ("relu6",       lambda a: F.relu6(a),            [0.0, 6.0, 3.0],        [0.0, 0.0, 1.0]),
    ("hardsigmoid", lambda a: F.hardsigmoid(a),      [-3.0, 3.0, 0.0],       [0.0, 0.0, 1 / 6]),
    ("hardswish",   lambda a: F.hardswish(a),        [-3.0, 3.0, 0.0, 4.0],  [0.0, 1.0, 0.5, 1.0]),
    ("hardshrink",  lambda a: F.hardshrink(a),       [-0.5, 0.5, 0.0, 0.6],  [0.0, 0.0, 0.0, 1.0]),
    ("softshrink",  lambda a: F.softshrink(a),       [-0.5, 0.5, 0.0, 0.6],  [0.0, 0.0, 0.0, 1.0]),
    ("threshold",   lambda a: F.threshold(a, 1.0, 5.0), [1.0, 2.0],          [0.0, 1.0]),
    ("celu",        lambda a: F.celu(a, 2.0),        [0.0, 800.0],           [1.0, 1.0]),
    ("softsign",    lambda a: F.softsign(a),         [0.0],                  [1.0]),
    ("mish",        lambda a: F.mish(a),             [800.0, -800.0],        [1.0, 0.0]),
    ("smooth l1",   lambda a: F.smooth_l1_loss(a, torch.zeros(3), reduction="sum"), [0.0, 1.0, -1.0], [0.0, 1.0, -1.0]),
    ("huber",       lambda a: F.huber_loss(a, torch.zeros(3), reduction="sum"),     [0.0, 1.0, -1.0], [0.0, 1.0, -1.0]),
    ("soft margin", lambda a: F.soft_margin_loss(a, torch.tensor([1.0, 1.0]), reduction="sum"), [800.0, -800.0], [0.0, -1.0]),
    ("normalize",   lambda a: F.normalize(a, dim=0), [0.0, 0.0],             [1e12, 1e12]),
]
ERRORS = [
    ("beta",          RuntimeError, lambda: F.smooth_l1_loss(torch.ones(2), torch.ones(2), beta=-1.0)),
    ("delta",         RuntimeError, lambda: F.huber_loss(torch.ones(2), torch.ones(2), delta=0.0)),
    ("variance",      ValueError,   lambda: F.gaussian_nll_loss(torch.ones(2), torch.ones(2), -torch.ones(2))),
    ("variances",     ValueError,   lambda: F.gaussian_nll_loss(torch.ones(2, 3), torch.ones(2, 3), torch.ones(3, 3))),
    ("odd glu",       RuntimeError, lambda: F.glu(torch.ones(3))),
    ("prelu weights", RuntimeError, lambda: F.prelu(torch.ones(2, 3), torch.ones(2))),
    ("alpha",         RuntimeError, lambda: F.celu(torch.ones(2), 0.0)),
    ("lambd",         RuntimeError, lambda: F.softshrink(torch.ones(2), -1.0)),
    ("layer shape",   RuntimeError, lambda: F.layer_norm(torch.ones(2, 3), (2,))),
    ("ranks",         RuntimeError, lambda: F.margin_ranking_loss(torch.ones(2), torch.ones(2), torch.ones(()))),
    ("targets",       RuntimeError, lambda: F.cosine_embedding_loss(torch.ones(2, 3), torch.ones(2, 3), torch.ones(2, 2))),
    ("probability",   ValueError,   lambda: F.dropout(torch.ones(2), 1.5)),
    ("classes",       RuntimeError, lambda: F.one_hot(torch.tensor([3]), 2)),
    ("class dtype",   RuntimeError, lambda: F.one_hot(torch.tensor([1.0]))),
]
# fmt: on
each = pytest.mark.parametrize("f, shapes, reference", [row[1:] for row in CASES], ids=[row[0] for row in CASES])


@each
def test_values(f, shapes, reference):
    inputs = arrays(*shapes)
    near(f(torch, *map(torch.tensor, inputs)), reference(*inputs), rtol=1e-11, atol=1e-14)


@each
def test_first_derivatives(f, shapes, reference):
    first(f, arrays(*shapes))


@pytest.mark.slow
@each
def test_second_derivatives(f, shapes, reference):
    second(f, arrays(*shapes), rtol=1e-4)


@each
def test_pushforwards(f, shapes, reference):
    forward(f, arrays(*shapes))


@pytest.mark.oracle
@pytest.mark.parametrize("f, shapes", [row[1:3] for row in CASES if row[0] != "hardsigmoid"], ids=[row[0] for row in CASES if row[0] != "hardsigmoid"])
def test_against_the_oracle(f, shapes):  # PyTorch has no second derivative of hardsigmoid
    oracle(f, arrays(*shapes))


@pytest.mark.parametrize("f, at, expected", [row[1:] for row in KINKS], ids=[row[0] for row in KINKS])
def test_gradients_at_kinks_and_far_out(f, at, expected):
    x = leaf(at)
    f(x).sum().backward()
    near(x.grad, expected, rtol=1e-12)


@pytest.mark.parametrize("kind, f", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, f):
    with pytest.raises(kind):
        f()


@pytest.mark.parametrize("old, new", [({"reduce": False}, "none"), ({"size_average": False}, "sum"), ({"size_average": True}, "mean")])
def test_the_older_spelling_of_reductions(old, new):
    a, b = map(torch.tensor, arrays((3,), (3,)))
    with pytest.warns(UserWarning):
        found = F.mse_loss(a, b, **old)
    near(found, numbers(F.mse_loss(a, b, reduction=new)))


@pytest.mark.parametrize("name", ["leaky_relu", "elu", "celu", "selu", "silu", "hardtanh", "relu6"])
def test_activations_in_place(name):
    values = arrays((2, 3))[0]
    x, y = torch.tensor(values), getattr(F, name)(torch.tensor(values))
    assert getattr(F, name)(x, inplace=True) is x
    near(x, numbers(y))


def test_dropout():
    torch.manual_seed(3)
    x = torch.ones(1000)
    y = F.dropout(x, 0.25)
    assert set(numbers(y).round(12).tolist()) == {0.0, round(4 / 3, 12)} and 200 < (numbers(y) == 0).sum() < 300
    torch.manual_seed(3)
    near(F.dropout(x, 0.25), numbers(y))
    near(F.dropout(x, 0.25, training=False), numbers(x))
    w = leaf([1.0, 2.0, 3.0])
    z = F.dropout(w, 0.5)
    z.sum().backward()
    near(w.grad, numbers(z) / [1.0, 2.0, 3.0])


def test_one_hot():
    assert F.one_hot(torch.tensor([[0, 2], [1, 0]])).tolist() == [[[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [1, 0, 0]]]
    assert tuple(F.one_hot(torch.tensor([1]), 4).shape) == (1, 4)
