"""Anomaly detection: which NaN are found, what is told of them, and that the mode ends."""

import warnings

import pytest
from under_test import NAME, leaf, same, torch

pytestmark = pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
detect = torch.autograd.detect_anomaly


def root_of_negative():
    x = leaf([-1.0, 4.0])
    return x, (x * 1).sqrt().sum()


@pytest.mark.filterwarnings("ignore:Error detected")
def test_nan_raises_and_names_the_row():
    with detect():
        x, y = root_of_negative()
        with pytest.raises(RuntimeError, match="SqrtBackward0"):
            y.backward()
    assert x.grad is None


def test_a_warning_shows_where_the_operation_was_written():
    with detect():
        _, y = root_of_negative()
        with (
            pytest.warns(UserWarning, match="(?s)SqrtBackward0.*test_anomaly"),
            pytest.raises(RuntimeError),
        ):
            y.backward()


def test_without_the_mode_nan_passes():
    x, y = root_of_negative()
    y.backward()
    assert x.grad.isnan().tolist() == [True, False]


def test_check_nan_can_be_left_out():
    with detect(check_nan=False):
        assert torch.is_anomaly_enabled() and not torch.is_anomaly_check_nan_enabled()
        x, y = root_of_negative()
        y.backward()
    assert x.grad.isnan().tolist() == [True, False]
    assert torch.is_anomaly_check_nan_enabled()


def test_infinity_is_no_anomaly():
    with detect():
        x = leaf([0.0])
        x.sqrt().sum().backward()
    assert x.grad.tolist() == [float("inf")]


def test_finite_gradients_pass():
    with detect():
        x = leaf([1.0, 2.0])
        (x * x).sum().backward()
    same(x.grad, [2.0, 4.0])


@pytest.mark.filterwarnings("ignore:Error detected")
def test_a_nan_given_as_gradient_is_found_at_the_first_row():
    with detect():
        x = leaf([1.0, 2.0])
        y = x * 3
        with pytest.raises(RuntimeError, match="MulBackward0"):
            y.backward(torch.tensor([float("nan"), 1.0]))


@pytest.mark.filterwarnings("ignore:Error detected")
def test_grad_is_checked_as_well():
    with detect():
        x, y = root_of_negative()
        with pytest.raises(RuntimeError):
            torch.autograd.grad(y, x)


@pytest.mark.filterwarnings("ignore:Error detected", "ignore:\\s*Previous calculation")
def test_a_second_derivative_is_checked():
    with detect():
        x = leaf([0.0, 0.0])
        (gx,) = torch.autograd.grad(x.norm(), x, create_graph=True)
        same(gx, [0.0, 0.0])
        with pytest.raises(RuntimeError):
            gx.sum().backward()


@pytest.mark.filterwarnings("ignore:Error detected")
def test_the_mode_counts_at_the_sweep():
    x, y = root_of_negative()
    with detect(), pytest.raises(RuntimeError):
        y.backward()


def test_entering_warns():
    with pytest.warns(UserWarning), detect():
        pass


def test_the_mode_ends_with_its_block():
    assert not torch.is_anomaly_enabled()
    with detect():
        assert torch.is_anomaly_enabled()
        with detect(check_nan=False):
            assert not torch.is_anomaly_check_nan_enabled()
        assert torch.is_anomaly_check_nan_enabled()
    assert not torch.is_anomaly_enabled()
    with pytest.raises(KeyError), detect():
        raise KeyError
    assert not torch.is_anomaly_enabled()


def test_set_detect_anomaly_as_call_and_as_context():
    torch.autograd.set_detect_anomaly(True)
    try:
        assert torch.is_anomaly_enabled() and torch.is_anomaly_check_nan_enabled()
    finally:
        torch.autograd.set_detect_anomaly(False)
    assert not torch.is_anomaly_enabled()
    with torch.autograd.set_detect_anomaly(True, check_nan=False):
        assert torch.is_anomaly_enabled() and not torch.is_anomaly_check_nan_enabled()
    assert not torch.is_anomaly_enabled() and torch.is_anomaly_check_nan_enabled()


def test_an_overwritten_value_is_told_with_its_place():
    with detect():
        x = leaf([1.0, 2.0])
        h = x * 1
        y = h.sin().sum()
        h.add_(1)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with pytest.raises(RuntimeError):
                y.backward()
        assert any("SinBackward0" in str(warning.message) for warning in caught)


@pytest.mark.filterwarnings("ignore:Error detected")
def test_a_sweep_after_an_anomaly_is_as_before():
    with detect():
        x, y = root_of_negative()
        with pytest.raises(RuntimeError):
            y.backward()
    z = (x * 2).sum()
    z.backward()
    same(x.grad, [2.0, 2.0])


class Failing(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        raise ValueError("of the user's")


@pytest.mark.filterwarnings("ignore")
def test_an_exception_of_the_users_keeps_its_class_and_says_where():
    for mode in (True, False):
        with torch.autograd.set_detect_anomaly(mode), pytest.raises(ValueError) as raised:
            Failing.apply(leaf([1.0])).sum().backward()
        if NAME == "tape":
            (note,) = raised.value.__notes__
            assert "FailingBackward" in note and "test_anomaly.py:" in note


def test_an_exception_in_anomaly_mode_warns_of_its_place():
    with detect(), pytest.warns(UserWarning, match="(?s)FailingBackward.*test_anomaly"), pytest.raises(ValueError):
        Failing.apply(leaf([1.0])).sum().backward()
