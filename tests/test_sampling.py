"""Samples: distributions by their moments and by the Kolmogorov distance, seeds, derivatives of zero, errors; and window functions."""

import numpy as np
import pytest
from scipy import signal, stats
from under_test import NAME, leaf, near, numbers, same, torch

N = 20_000
NEAR = 1.95 / np.sqrt(N)  # a right sample's Kolmogorov distance exceeds this once in a thousand seeds


def empty():
    return torch.zeros(N, dtype=torch.float64)


# fmt: off
FILLED = [
    ("uniform_",     lambda t: t.uniform_(-1.0, 3.0),          stats.uniform(-1, 4)),
    ("normal_",      lambda t: t.normal_(2.0, 0.5),            stats.norm(2, 0.5)),
    ("log_normal_",  lambda t: t.log_normal_(0.5, 0.3),        stats.lognorm(0.3, scale=np.exp(0.5))),
    ("exponential_", lambda t: t.exponential_(2.0),            stats.expon(scale=0.5)),
    ("cauchy_",      lambda t: t.cauchy_(1.0, 2.0),            stats.cauchy(1, 2)),
    ("rand",         lambda t: torch.rand(N, dtype=t.dtype),   stats.uniform()),
    ("randn_like",   torch.randn_like,                         stats.norm()),
    ("normal",       lambda t: torch.normal(1.0, 2.0, (N,), dtype=t.dtype), stats.norm(1, 2)),
]
# fmt: on


@pytest.mark.parametrize("draw, law", [row[1:] for row in FILLED], ids=[row[0] for row in FILLED])
def test_continuous_distributions(draw, law):
    torch.manual_seed(5)
    assert stats.kstest(numbers(draw(empty())), law.cdf).statistic < NEAR


def test_discrete_distributions():
    torch.manual_seed(6)
    found = numbers(empty().geometric_(0.3))
    assert found.min() == 1 and abs(found.mean() - 1 / 0.3) < 0.1
    assert abs(numbers(empty().bernoulli_(0.2)).mean() - 0.2) < 0.015
    chances = torch.tensor([0.0, 0.25, 1.0], dtype=torch.float64).repeat(4000, 1)
    near(torch.bernoulli(chances).mean(0), [0.0, 0.25, 1.0], atol=0.03)
    found = numbers(torch.zeros(N, dtype=torch.int64).random_(-2, 3))
    assert set(found) == {-2, -1, 0, 1, 2} and abs(found.mean()) < 0.05
    assert set(numbers(torch.randint_like(torch.zeros(500), 4))) == {0.0, 1.0, 2.0, 3.0}
    assert abs(numbers(torch.poisson(torch.full((N,), 2.5))).mean() - 2.5) < 0.06


def test_multinomial():
    torch.manual_seed(7)
    weights = torch.tensor([1.0, 0.0, 3.0])
    found = numbers(torch.multinomial(weights, N, replacement=True))
    assert set(found) == {0, 2} and abs((found == 2).mean() - 0.75) < 0.015
    rows = numbers(torch.multinomial(weights.repeat(4000, 1), 2))
    assert rows.shape == (4000, 2) and (np.sort(rows, 1) == [0, 2]).all() and abs((rows[:, 0] == 2).mean() - 0.75) < 0.03
    assert torch.multinomial(weights, 1).dtype == torch.int64
    if NAME != "torch":  # which returns an index that is impossible
        with pytest.raises(RuntimeError):
            torch.multinomial(weights, 3)


def test_complex_samples_have_variance_one():
    torch.manual_seed(8)
    for z in (torch.randn(N, dtype=torch.complex128), torch.zeros(N, dtype=torch.complex128).normal_()):
        found = numbers(z)
        assert abs(np.mean(np.abs(found) ** 2) - 1) < 0.05 and abs(np.mean(found**2)) < 0.05


def test_seeds_repeat_samples():
    def draws():
        return [numbers(t) for t in (empty().normal_(), torch.multinomial(torch.ones(5), 3), torch.bernoulli(torch.full((9,), 0.5)), empty().cauchy_())]

    torch.manual_seed(1)
    one = draws()
    torch.manual_seed(1)
    for a, b in zip(one, draws(), strict=True):
        assert (a == b).all()
    g = torch.Generator().manual_seed(2)
    first = torch.zeros(4).uniform_(generator=g)
    torch.rand(3)
    same(torch.zeros(4).uniform_(generator=g.manual_seed(2)), numbers(first))
    with torch.random.fork_rng():
        inside = torch.rand(3)
    same(torch.rand(3), numbers(inside))


def test_samples_have_no_derivative_and_end_a_history():
    p = leaf([0.2, 0.7])
    y = torch.bernoulli(p)
    assert y.requires_grad
    same(torch.autograd.grad(y.sum(), p)[0], [0.0, 0.0])
    m = leaf([1.0, 2.0])
    same(torch.autograd.grad(torch.normal(m, 1.0).sum(), m)[0], [0.0, 0.0])
    x = leaf([1.0, 2.0])
    h = x * 2
    assert h.uniform_() is h
    (h * x).sum().backward()
    same(x.grad, numbers(h))
    with pytest.raises(RuntimeError):
        x.normal_()


# fmt: off
ERRORS = [
    ("uniform_ turned round",      RuntimeError,        lambda: torch.zeros(2).uniform_(2.0, 1.0)),
    ("normal_, negative std",      RuntimeError,        lambda: torch.zeros(2).normal_(0.0, -1.0)),
    ("normal_ of integers",        NotImplementedError, lambda: torch.zeros(2, dtype=torch.int64).normal_()),
    ("exponential_, rate",         RuntimeError,        lambda: torch.zeros(2).exponential_(0.0)),
    ("cauchy_, sigma",             RuntimeError,        lambda: torch.zeros(2).cauchy_(0.0, 0.0)),
    ("geometric_, p",              RuntimeError,        lambda: torch.zeros(2).geometric_(1.5)),
    ("random_, empty range",       RuntimeError,        lambda: torch.zeros(2).random_(3, 3)),
    ("bernoulli above 1",          RuntimeError,        lambda: torch.bernoulli(torch.tensor([2.0]))),
    ("bernoulli of integers",      RuntimeError,        lambda: torch.bernoulli(torch.tensor([1]))),
    ("normal, negative std",       RuntimeError,        lambda: torch.normal(torch.zeros(2), torch.tensor([1.0, -1.0]))),
    ("multinomial, too many",      RuntimeError,        lambda: torch.multinomial(torch.tensor([1.0, 1.0]), 3)),
    ("multinomial, all zero",      RuntimeError,        lambda: torch.multinomial(torch.zeros(2), 1)),
    ("multinomial, negative",      RuntimeError,        lambda: torch.multinomial(torch.tensor([-1.0, 2.0]), 1)),
    ("randint_like, empty range",  RuntimeError,        lambda: torch.randint_like(torch.zeros(2), 3, 3)),
    ("window of negative length",  ValueError,          lambda: torch.signal.windows.hann(-1)),
    ("window of integers",         ValueError,          lambda: torch.signal.windows.cosine(3, dtype=torch.int64)),
    ("no weights",                 ValueError,          lambda: torch.signal.windows.general_cosine(3, a=[])),
    ("centre of a symmetric one",  ValueError,          lambda: torch.signal.windows.exponential(3, center=1.0)),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, attempt):
    with pytest.raises(kind):
        attempt()


# fmt: off
WINDOWS = [
    ("bartlett", {}, "bartlett"), ("blackman", {}, "blackman"), ("cosine", {}, "cosine"), ("hamming", {}, "hamming"), ("hann", {}, "hann"),
    ("nuttall", {}, "nuttall"), ("exponential", {"tau": 2.0}, ("exponential", None, 2.0)), ("gaussian", {"std": 1.5}, ("gaussian", 1.5)),
    ("general_cosine", {"a": [0.5, 0.3, 0.2]}, ("general_cosine", [0.5, 0.3, 0.2])), ("general_hamming", {"alpha": 0.6}, ("general_hamming", 0.6)),
    ("kaiser", {"beta": 6.0}, ("kaiser", 6.0)),
]
# fmt: on


@pytest.mark.parametrize("name, given, known", WINDOWS, ids=[row[0] for row in WINDOWS])
def test_windows(name, given, known):
    window = getattr(torch.signal.windows, name)
    for n in (0, 1, 2, 7, 8):
        for sym in (True, False):
            expected = signal.get_window(known, n, fftbins=not sym) if n else np.zeros(0)
            near(window(n, sym=sym, dtype=torch.float64, **given), expected, rtol=1e-7, atol=1e-12)


def test_windows_under_their_older_names():
    for name in ("hann", "hamming", "blackman", "bartlett", "kaiser"):
        for periodic in (True, False):
            expected = numbers(getattr(torch.signal.windows, name)(6, sym=not periodic, dtype=torch.float64))
            near(getattr(torch, f"{name}_window")(6, periodic, dtype=torch.float64), expected, rtol=1e-7, atol=1e-12)
    near(torch.kaiser_window(5, True, 3.0, dtype=torch.float64), signal.get_window(("kaiser", 3.0), 5), rtol=1e-7)
    assert torch.hann_window(3, dtype=torch.float32, requires_grad=True).requires_grad
