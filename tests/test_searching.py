"""Searching: places in sorted sequences, in sets, of non-zero elements and in shapes; values against NumPy, errors."""

import numpy as np
import pytest
from under_test import leaf, numbers, same, torch

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("right", [False, True])
def test_places_in_sorted_sequences(right):
    side = "right" if right else "left"
    bounds, values = np.sort(RNG.integers(0, 9, 6)).astype(float), RNG.integers(-1, 11, (3, 4)).astype(float)
    wanted = np.searchsorted(bounds, values, side)
    same(torch.searchsorted(torch.tensor(bounds), torch.tensor(values), right=right), wanted)
    same(torch.searchsorted(torch.tensor(bounds), torch.tensor(values), side=side), wanted)
    same(torch.bucketize(torch.tensor(values), torch.tensor(bounds), right=right), wanted)
    order = RNG.permutation(6)
    shuffled = np.empty(6)
    shuffled[order] = bounds
    same(torch.searchsorted(torch.tensor(shuffled), torch.tensor(values), sorter=torch.tensor(order), right=right), wanted)
    rows = np.sort(RNG.normal(size=(2, 3, 5)))
    each = RNG.normal(size=(2, 3, 2))
    wanted = np.array([[np.searchsorted(r, v, side) for r, v in zip(*pair, strict=True)] for pair in zip(rows, each, strict=True)])
    same(torch.searchsorted(torch.tensor(rows), torch.tensor(each), right=right), wanted)


def test_kinds_and_numbers():
    bounds = torch.tensor([1.0, 3.0, 5.0])
    assert torch.searchsorted(bounds, 3.0).shape == () and torch.searchsorted(bounds, 3.0).item() == 1
    assert torch.searchsorted(bounds, torch.tensor([2.0]), out_int32=True).dtype == torch.int32
    assert torch.bucketize(4.0, bounds).dtype == torch.int64
    assert torch.searchsorted(bounds, torch.tensor([np.nan])).item() == 3
    assert not torch.searchsorted(leaf([1.0, 2.0]), leaf([1.5])).requires_grad
    assert torch.searchsorted(torch.tensor([1, 2, 3], dtype=torch.uint8), torch.tensor([2], dtype=torch.uint8)).item() == 1


def test_membership():
    x, y = RNG.integers(0, 6, (3, 3)), np.array([1, 4])
    same(torch.isin(torch.tensor(x), torch.tensor(y)), np.isin(x, y))
    same(torch.isin(torch.tensor(x), torch.tensor(y), invert=True), ~np.isin(x, y))
    assert torch.isin(torch.tensor(x), 3).shape == (3, 3) and torch.isin(3, torch.tensor([3])).item()


def test_elements_that_are_not_zero():
    x = np.array([[0.0, 2.0, 0.0], [np.nan, 0.0, -1.0]])
    same(torch.nonzero(torch.tensor(x)), np.argwhere(x))
    same(torch.argwhere(torch.tensor(x)), np.argwhere(x))
    for mine, other in zip(torch.where(torch.tensor(x) != 0), np.nonzero(x), strict=True):
        same(mine, other)
    same(torch.nonzero_static(torch.tensor(x), size=4, fill_value=9), [[0, 1], [1, 0], [1, 2], [9, 9]])
    same(torch.nonzero_static(torch.tensor(x), size=1), [[0, 1]])
    assert torch.nonzero(torch.tensor(1.0)).shape == (1, 0) and torch.nonzero(torch.tensor(0.0)).shape == (0, 0)
    (at,) = torch.nonzero(torch.tensor(5), as_tuple=True)
    same(at, [0])


def test_places_in_a_shape():
    flat = RNG.integers(0, 24, (2, 5))
    for mine, other in zip(torch.unravel_index(torch.tensor(flat), (2, 3, 4)), np.unravel_index(flat, (2, 3, 4)), strict=True):
        same(mine, other)
    assert [n.item() for n in torch.unravel_index(torch.tensor(5), (2, 3))] == [1, 2]


@pytest.mark.parametrize(
    "kind, call",
    [
        (RuntimeError, lambda: torch.searchsorted(torch.tensor([[1.0, 2.0]]), torch.tensor([1.0]))),
        (RuntimeError, lambda: torch.searchsorted(torch.tensor(1.0), torch.tensor([1.0]))),
        (RuntimeError, lambda: torch.searchsorted(torch.ones(2), torch.ones(2), side="left", right=True)),
        (RuntimeError, lambda: torch.searchsorted(torch.ones(2), torch.ones(2), side="middle")),
        (RuntimeError, lambda: torch.searchsorted(torch.ones(2), torch.ones(2), sorter=torch.tensor([0, 7]))),
        (RuntimeError, lambda: torch.searchsorted(torch.ones(2), torch.ones(2), sorter=torch.tensor([0]))),
        (RuntimeError, lambda: torch.bucketize(torch.ones(2), torch.ones(2, 2))),
        (RuntimeError, lambda: torch.nonzero_static(torch.ones(2), size=-1)),
        (TypeError, lambda: torch.unravel_index(torch.ones(2), (2, 3))),
        (ValueError, lambda: torch.unravel_index(torch.tensor([1]), (-2, 3))),
    ],
)
def test_errors(kind, call):
    with pytest.raises(kind):
        call()


def test_inside_a_program():
    def f(x):
        bounds = torch.linspace(-1.0, 1.0, 5)
        at = torch.bucketize(x, bounds)
        return torch.searchsorted(bounds, x, right=True) + at * 2 + torch.isin(at, torch.tensor([2, 3])).long()

    program = torch.compile(f)
    for seed in range(3):
        x = torch.tensor(np.random.default_rng(seed).uniform(-2, 2, 7))
        same(program(x), numbers(f(x)))
