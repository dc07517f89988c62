"""testing.assert_close: what is close, what is not, and what cannot be compared."""

import pytest
from under_test import torch

close = torch.testing.assert_close
a = torch.tensor([1.0, 2.0], dtype=torch.float64)
nan = torch.tensor(float("nan"))

# fmt: off
PASSES = [
    lambda: close(a, a + 1e-9), lambda: close(1.0, 1.0 + 1e-9), lambda: close([a, (a,)], (a, [a])), lambda: close({"x": a}, {"x": a + 1e-9}),
    lambda: close(nan, nan, equal_nan=True), lambda: close(a, a.float(), check_dtype=False), lambda: close(None, None),
    lambda: close(torch.tensor([1, 2]), torch.tensor([1, 2])), lambda: close(a, a + 0.5, rtol=0.5, atol=0.0), lambda: close(True, True),
    lambda: close(torch.tensor([1j]), torch.tensor([1j])), lambda: close(a.clone().requires_grad_(), a), lambda: close(a[:0], a[:0]),
    lambda: close(torch.tensor([1, 2]), torch.tensor([1, 3]), rtol=0.0, atol=1.0),
]
FAILS = [
    (AssertionError, lambda: close(a, a + 1e-3)), (AssertionError, lambda: close(a, a.float())), (AssertionError, lambda: close(a, torch.ones(3, dtype=torch.float64))),
    (AssertionError, lambda: close([a], [a, a])), (AssertionError, lambda: close({"x": a}, {"y": a})), (AssertionError, lambda: close(nan, nan)),
    (AssertionError, lambda: close(torch.tensor(1), torch.tensor(2))), (AssertionError, lambda: close(a, None)),
    (AssertionError, lambda: close(torch.tensor([True]), torch.tensor([False]))), (AssertionError, lambda: close(1, 1.0)),
    (ValueError, lambda: close(a, a, rtol=1.0)), (TypeError, lambda: close("a", "b")), (TypeError, lambda: close(a, [1.0, 2.0])),
    (TypeError, lambda: close(1.0, torch.tensor(1.0))), (TypeError, lambda: close(a, a.numpy())),
]
# fmt: on


@pytest.mark.parametrize("attempt", PASSES)
def test_close(attempt):
    attempt()


@pytest.mark.parametrize("kind, attempt", FAILS)
def test_not_close(kind, attempt):
    with pytest.raises(kind):
        attempt()


def test_messages_name_the_item_and_can_be_given():
    with pytest.raises(AssertionError, match=r"\['x'\]\[1\]"):
        close({"x": [a, a]}, {"x": [a, a + 1.0]})
    with pytest.raises(AssertionError, match="^mine$"):
        close(a, a + 1, msg="mine")
    with pytest.raises(AssertionError, match="^mine: "):
        close(a, a + 1, msg=lambda text: "mine: " + text)
