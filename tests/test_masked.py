"""Masked reductions and normalisations: as the plain function over the elements that count, of nothing as PyTorch has it, and no gradient
for what is left out."""

import importlib
from math import inf, nan

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import NAME, leaf, near, numbers, same, torch

if NAME == "torch":
    import torch.masked  # noqa: F401

grad = torch.autograd.grad
MASK = np.array([[True, False, True, True], [False, True, True, False], [True, True, True, True]])


def plain(f):
    """A function of a vector, over the elements of each row that count."""
    return lambda x: np.array([f(row[keep]) for row, keep in zip(x, MASK, strict=True)])


def spread(f, fill):
    """A function of a vector that keeps its length, with `fill` at what does not count."""

    def of(x):
        out = np.full(x.shape, fill)
        for row, keep, to in zip(x, MASK, out, strict=True):
            to[keep] = f(row[keep])
        return out

    return of


def shares(v):
    return np.exp(v) / np.exp(v).sum()


# fmt: off
TABLE = [
    ("sum",         lambda m, x, k: m.masked.sum(x, 1, mask=k),                   plain(np.sum)),
    ("prod",        lambda m, x, k: m.masked.prod(x, 1, mask=k),                  plain(np.prod)),
    ("mean",        lambda m, x, k: m.masked.mean(x, 1, mask=k),                  plain(np.mean)),
    ("amax",        lambda m, x, k: m.masked.amax(x, 1, mask=k),                  plain(np.max)),
    ("amin",        lambda m, x, k: m.masked.amin(x, 1, mask=k),                  plain(np.min)),
    ("norm",        lambda m, x, k: m.masked.norm(x, 2.0, 1, mask=k),             plain(np.linalg.norm)),
    ("norm(-1)",    lambda m, x, k: m.masked.norm(x, -1, 1, mask=k),              plain(lambda v: 1 / (1 / np.abs(v)).sum())),
    ("var",         lambda m, x, k: m.masked.var(x, 1, mask=k),                   plain(lambda v: v.var(ddof=1))),
    ("std",         lambda m, x, k: m.masked.std(x, 1, unbiased=False, mask=k),   plain(np.std)),
    ("logsumexp",   lambda m, x, k: m.masked.logsumexp(x, 1, mask=k),             plain(lambda v: np.log(np.exp(v).sum()))),
    ("median",      lambda m, x, k: m.masked.median(x, 1, mask=k),                plain(lambda v: np.quantile(v, 0.5, method="lower"))),
    ("softmax",     lambda m, x, k: m.masked.softmax(x, 1, mask=k),               spread(shares, 0.0)),
    ("softmin",     lambda m, x, k: m.masked.softmin(x, 1, mask=k),               spread(lambda v: shares(-v), 0.0)),
    ("normalize",   lambda m, x, k: m.masked.normalize(x, 1.0, 1, mask=k),        spread(lambda v: v / np.abs(v).sum(), 0.0)),
    ("cumsum",      lambda m, x, k: m.masked.cumsum(x, 1, mask=k),                lambda x: np.cumsum(np.where(MASK, x, 0), 1)),
    ("cumprod",     lambda m, x, k: m.masked.cumprod(x, 1, mask=k),               lambda x: np.cumprod(np.where(MASK, x, 1), 1)),
    ("all dims",    lambda m, x, k: m.masked.sum(x, keepdim=True, mask=k),        lambda x: x[MASK].sum().reshape(1, 1)),
    ("two dims",    lambda m, x, k: m.masked.prod(x, (0, 1), mask=k),             lambda x: x[MASK].prod()),
]
# fmt: on
OFF = {"norm(-1)"}  # PyTorch's is 0 as soon as something is left out
KNOWN = [pytest.param(*row[1:], id=row[0]) for row in TABLE if row[0] not in OFF]
cases = pytest.mark.parametrize("f, reference", KNOWN if NAME == "torch" else [pytest.param(*row[1:], id=row[0]) for row in TABLE])


@cases
def test_values_and_derivatives(f, reference):
    (x,) = arrays((3, 4), seed=2)

    def of(m, x):
        return f(m, x, m.tensor(MASK))

    near(of(torch, torch.tensor(x)), reference(x))
    first(of, [x])
    second(of, [x])
    forward(of, [x])


@pytest.mark.oracle
@pytest.mark.parametrize("f, reference", KNOWN)
def test_against_pytorch(f, reference):
    importlib.import_module("torch.masked")

    oracle(lambda m, x: f(m, x, m.tensor(MASK)), arrays((3, 4), seed=2))


@cases
@pytest.mark.skipif(NAME == "torch", reason="PyTorch lets NaN through in var and std")
def test_what_is_left_out_may_be_anything(f, reference):
    (x,) = arrays((3, 4), seed=2)
    wild = leaf(np.where(MASK, x, nan))
    y = f(torch, wild, torch.tensor(MASK))
    near(y, reference(x))
    (g,) = grad(y.sum(), wild)
    assert np.isfinite(numbers(g)).all() and not numbers(g)[~MASK].any()


def test_of_nothing():
    x, none = torch.tensor([1.0, 2.0]), torch.tensor([False, False])
    expected = {"sum": 0.0, "prod": 1.0, "mean": nan, "amax": -inf, "amin": inf, "logsumexp": -inf, "median": nan, "argmax": 0.0}
    for name, value in expected.items():
        near(getattr(torch.masked, name)(x, 0, mask=none), value)
    near(torch.masked.softmax(x, 0, mask=none), [nan, nan])
    assert torch.masked.amax(torch.tensor([1, 2]), 0, mask=none).item() == np.iinfo(np.int64).min


def test_places_and_sums_of_logarithms():
    x = torch.tensor([5.0, 1.0, 3.0])
    keep = torch.tensor([False, True, True])
    assert torch.masked.argmax(x, 0, mask=keep).item() == 2 and torch.masked.argmin(x, mask=~keep).item() == 0
    near(torch.masked.logaddexp(x, x, input_mask=keep, other_mask=~keep), [5.0, 1.0, 3.0])
    near(torch.masked.log_softmax(x, 0, mask=keep)[1:], np.log(shares(np.array([1.0, 3.0]))))


def test_dtypes_and_broadcast_masks():
    x = torch.tensor([[1, 2], [3, 4]])
    assert torch.masked.sum(x, 0, mask=torch.tensor([True, False])).tolist() == [4, 0]
    assert torch.masked.mean(x, 1, mask=torch.tensor([[True], [False]]), dtype=torch.float64)[0].item() == 1.5
    assert torch.masked.var(x, 0).dtype == torch.float32 and torch.masked.sum(x > 1).dtype == torch.int64
    z = torch.tensor([1 + 1j, 2 - 1j, 5j], requires_grad=True)
    keep = torch.tensor([True, False, True])
    for name in ("sum", "mean", "prod", "var"):
        assert torch.autograd.gradcheck(lambda z, name=name: getattr(torch.masked, name)(z, 0, mask=keep), (z,))
    same(torch.masked.norm(z.detach(), 1.0, 0, mask=torch.tensor([False, False, True])), 5.0)


def test_errors():
    x = leaf([1.0, 2.0])
    with pytest.raises(ValueError):
        torch.masked.mean(x.long(), 0)
    with pytest.raises(IndexError):
        torch.masked.sum(x, 0, mask=torch.tensor([[True, False], [True, True]]))
    with pytest.raises(RuntimeError):
        torch.masked.sum(x[:1], 0, mask=torch.tensor([True, False]))
    with pytest.raises(IndexError):
        torch.masked.amax(x, 2)
