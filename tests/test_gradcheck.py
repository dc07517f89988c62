"""gradcheck and gradgradcheck: right derivatives pass, planted wrong ones do not."""

import numpy as np
import pytest
from under_test import leaf, torch

gradcheck, gradgradcheck = torch.autograd.gradcheck, torch.autograd.gradgradcheck


def point(*shape, seed=0, low=0.5, high=1.5):
    values = np.random.default_rng(seed).uniform(low, high, size=shape)
    return torch.tensor(values, requires_grad=True)


# fmt: off
RIGHT = [
    ("polynomial",  lambda x: x ** 3 - 2 * x,                     1),
    ("product",     lambda x, y: x * y,                           2),
    ("quotient",    lambda x, y: x / y + y ** x,                  2),
    ("elementary",  lambda x: (x.sin() * x.exp()).log1p(),        1),
    ("reduction",   lambda x: x.logsumexp(0) + x.norm() + x.var(), 1),
    ("two outputs", lambda x, y: (x * y, (x - y).tanh().sum()),   2),
    ("writes",      lambda x: write(x),                           1),
    ("indexing",    lambda x: x[torch.tensor([0, 0, 2])] * x[1:].sum(), 1),
]
WRONG = [  # detach hides a factor or a term from the derivative
    ("factor",      lambda x: x.detach() * x),
    ("term",        lambda x: x * x + x.detach()),
    ("sign",        lambda x: x.detach() * 2 - x),
    ("one element", lambda x: torch.cat([x[:1].detach(), x[1:]]) ** 2),
    ("all of it",   lambda x: (x * x).detach() + 0 * x),
    ("slightly",    lambda x: x.exp() + 0.01 * x.detach()),
]
# fmt: on


def write(x):
    y = torch.zeros(3)
    y[0] = x[0] * x[1]
    y[1:] = x[1:].exp()
    y.mul_(x)
    return y


@pytest.mark.parametrize("function, count", [case[1:] for case in RIGHT], ids=[case[0] for case in RIGHT])
@pytest.mark.parametrize("fast_mode", [False, True])
def test_right_derivatives_pass(function, count, fast_mode):
    inputs = tuple(point(3, seed=seed) for seed in range(count))
    assert gradcheck(function, inputs, fast_mode=fast_mode) is True
    assert gradgradcheck(function, inputs, fast_mode=fast_mode) is True


@pytest.mark.parametrize("function", [case[1] for case in WRONG], ids=[case[0] for case in WRONG])
@pytest.mark.parametrize("fast_mode", [False, True])
def test_wrong_derivatives_are_found(function, fast_mode):
    with pytest.raises(RuntimeError) as caught:
        gradcheck(function, (point(3),), fast_mode=fast_mode)
    assert type(caught.value).__name__ == "GradcheckError"
    assert gradcheck(function, (point(3),), fast_mode=fast_mode, raise_exception=False) is False


def test_the_message_shows_both_jacobians():
    with pytest.raises(RuntimeError) as caught:
        gradcheck(lambda x: x.detach() * x, (point(2),))
    message = str(caught.value)
    assert message.startswith("Jacobian mismatch for output 0 with respect to input 0,\nnumerical:")
    assert "\nanalytical:" in message


def test_the_message_names_output_and_input():
    with pytest.raises(RuntimeError, match="output 1 with respect to input 1"):
        gradcheck(lambda x, y: (x * y, x * y.detach() + 2 * y * y.detach()), (point(2), point(2, seed=1)))


def test_a_wrong_second_derivative_is_found_by_gradgradcheck_only():
    def function(x):
        # value x^3 and first derivative 3 x^2 are right; the second derivative is not
        a = x.detach()
        return a**3 + 3 * a**2 * (x - a)

    x = point(3)
    assert gradcheck(function, (x,))
    with pytest.raises(RuntimeError):
        gradgradcheck(function, (x,))
    with pytest.raises(RuntimeError):
        gradgradcheck(lambda x: x**2 * x.detach() + x.detach() ** 2 * x, (x,))


def test_forward_mode_is_checked_on_request():
    assert gradcheck(lambda x, y: x * y + x.sin(), (point(3), point(3, seed=1)), check_forward_ad=True)


def test_inputs_that_are_no_tensors_pass_through():
    assert gradcheck(lambda x, k, flag: x * k if flag else x, (point(3), 3.0, True))
    assert gradcheck(lambda x, c: x * c, (point(3), torch.tensor([1.0, 2.0, 3.0])))


def test_a_single_tensor_need_not_be_a_tuple():
    assert gradcheck(lambda x: x * x, point(3))
    assert gradgradcheck(lambda x: x**3, point(3))


@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (0,)])
def test_any_shape(shape):
    assert gradcheck(lambda x: x.exp() * x, (point(*shape),))


def test_inputs_are_unchanged_afterwards():
    x = point(3)
    before = x.tolist()
    gradcheck(lambda x: x**3, (x,))
    with pytest.raises(RuntimeError):
        gradcheck(lambda x: x.detach() * x, (x,))
    assert x.tolist() == before and x.grad is None and x.requires_grad


def test_tolerances_are_obeyed():
    def slightly(x):
        return x * x + 0.01 * x.detach()

    assert gradcheck(slightly, (point(3),), atol=0.1)
    assert gradcheck(lambda x: x * x * 1.0, (point(3),), eps=1e-4, atol=1e-3)


def test_outputs_that_need_no_gradient_are_passed_over():
    assert gradcheck(lambda x: (x * x, torch.ones(2)), (point(3),))


def test_a_derivative_that_changes_from_call_to_call_is_refused():
    state = {"factor": 1.0}

    def drift(x):
        state["factor"] += 1.0
        return x * state["factor"]

    with pytest.raises(RuntimeError):
        gradcheck(drift, (point(3),))


def test_nothing_to_check_is_an_error():
    with pytest.raises(ValueError):
        gradcheck(lambda x: x * x, (torch.ones(3),))


@pytest.mark.filterwarnings("ignore:Input #0 requires gradient")
def test_float32_is_too_coarse():
    x = leaf([0.6, 1.3], torch.float32)
    with pytest.raises(RuntimeError):
        gradcheck(lambda x: x.exp(), (x,))
    with pytest.warns(UserWarning):
        gradcheck(lambda x: x.exp(), (x,), raise_exception=False)
