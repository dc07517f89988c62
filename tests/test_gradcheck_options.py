"""The options of gradcheck and gradgradcheck, each with a function that it alone refuses."""

import itertools

import numpy as np
import pytest
from under_test import NAME, leaf, numbers, torch

gradcheck, gradgradcheck = torch.autograd.gradcheck, torch.autograd.gradgradcheck


def point(n=3):
    return leaf(np.linspace(0.5, 1.5, n).tolist())


def detached(x):
    return x * x.detach()


@pytest.mark.parametrize("fast_mode", [False, True])
def test_forward_mode_alone(fast_mode):
    assert gradcheck(lambda x: x.exp() * x, point(), check_forward_ad=True, check_backward_ad=False, fast_mode=fast_mode)
    with pytest.raises(RuntimeError, match="computed with forward mode mismatch for output 0 with respect to input 0|Jacobian"):
        gradcheck(detached, point(), check_forward_ad=True, check_backward_ad=False, fast_mode=fast_mode)


def test_one_mode_is_needed():
    with pytest.raises((ValueError, AssertionError)):
        gradcheck(torch.exp, point(), check_backward_ad=False)


@pytest.mark.parametrize("fast_mode", [False, True])
def test_second_derivatives_by_tangents(fast_mode):
    options = {"check_fwd_over_rev": True, "check_rev_over_rev": False, "check_undefined_grad": False}
    assert gradgradcheck(lambda x: x**3, point(), fast_mode=fast_mode, **options)


def flicker(x):
    """The right value, and a gradient that grows from pass to pass."""
    y, passes = x * 1.0, itertools.count()
    y.register_hook(lambda g: g * (1 + 1e-5 * next(passes)))
    return y * 2.0


def test_two_passes_must_agree():
    with pytest.raises(RuntimeError, match="Backward is not reentrant"):
        gradcheck(flicker, point(), check_undefined_grad=False)
    assert gradcheck(flicker, point(), nondet_tol=1e-2, check_undefined_grad=False)


def test_batches_agree_with_single_passes():
    assert gradcheck(lambda x: (x.exp() * x, x.sum()), point(), check_batched_grad=True)


def test_outputs_may_be_left_out():
    assert gradcheck(lambda x, y: (x * y, y.sin(), x.sum()), (point(), point()), check_undefined_grad=True)


def test_gradients_have_the_dtype_of_their_input():
    assert gradcheck(lambda x: x.exp(), point(), check_grad_dtypes=True)


@pytest.mark.parametrize("strided", [False, True])
def test_given_and_generated_gradients(strided):
    x = point()
    assert gradgradcheck(lambda x: x**3, x, gen_non_contig_grad_outputs=strided)
    assert gradgradcheck(lambda x: x**3, (x,), (torch.ones(3, requires_grad=True),))
    assert gradgradcheck(lambda x: (x**2, x.sin()), x, [torch.ones(3), torch.ones(3, requires_grad=True)])


def test_an_output_cut_off_must_not_depend_on_the_input():
    assert gradcheck(lambda x: torch.ones(2), point())
    with pytest.raises(RuntimeError, match="Numerical gradient for function expected to be zero"):
        gradcheck(lambda x: (x * x).detach(), point())


def test_expanded_inputs_are_refused():
    x = leaf([1.0]).expand(3)
    with pytest.raises(RuntimeError):
        gradcheck(torch.exp, x)


def test_inputs_that_the_function_reaches_by_itself():
    weight = leaf([[0.3, 0.4], [0.5, 0.6]])

    def layer(*parameters):
        return (weight @ torch.tensor([1.0, 2.0])).tanh()

    assert gradcheck(layer, (weight,))
    assert gradgradcheck(layer, (weight,))
    with pytest.raises(RuntimeError):
        gradcheck(lambda w: (weight.detach() @ torch.tensor([1.0, 2.0])).tanh(), (weight,))


def test_non_leaves_and_scalars():
    x = leaf(0.7) * 2
    assert gradcheck(lambda x: x.sin() / x, (x,))
    assert gradgradcheck(lambda x: x.sin() / x, (x,))


@pytest.mark.differs("gradcheck restores its inputs when the function raises")
@pytest.mark.parametrize("raised", [KeyError, KeyboardInterrupt])
def test_inputs_are_whole_when_the_function_raises(raised):
    x, calls = point(), itertools.count()
    before = numbers(x)

    def function(x):
        if next(calls) == 2:
            raise raised
        return x * x

    with pytest.raises(raised):
        gradcheck(function, x)
    np.testing.assert_array_equal(numbers(x), before)


def test_only_wrong_derivatives_become_false():
    with pytest.raises(ValueError):
        gradcheck(torch.exp, (torch.ones(3),), raise_exception=False)
    with pytest.raises(KeyError):
        gradcheck(lambda x: {}["missing"], point(), raise_exception=False)


@pytest.mark.parametrize("fast_mode", [False, True])
def test_batches_of_tangents(fast_mode):
    options = {"check_forward_ad": True, "check_batched_forward_grad": True, "fast_mode": fast_mode}
    assert gradcheck(lambda x: (x.exp() * x, x.sum()), point(), **options)
    with pytest.raises(AssertionError):
        gradcheck(torch.exp, point(), check_batched_forward_grad=True)


@pytest.mark.filterwarnings("ignore")
def test_masked_is_about_sparse_tensors():
    assert gradcheck(torch.exp, point(), masked=True) and gradcheck(torch.exp, point(), masked=False)


def complex_point():
    return leaf([0.5 + 0.3j, -0.2 + 1.1j], dtype=torch.complex128)


# fmt: off
COMPLEX = [
    ("holomorphic",  lambda z: z * z + z.exp()),
    ("to real",      lambda z: z.abs() + z.real * z.imag),
    ("conjugate",    lambda z: z.conj() * z.sin()),
    ("products",     lambda z: torch.outer(z, z).sum(0) / z),
    ("several",      lambda z: (z * 2j, z.abs())),
]
# fmt: on


@pytest.mark.parametrize("fast_mode", [False, True])
@pytest.mark.parametrize("function", [row[1] for row in COMPLEX], ids=[row[0] for row in COMPLEX])
def test_complex_inputs_and_outputs(function, fast_mode):
    assert gradcheck(function, complex_point(), check_forward_ad=True, fast_mode=fast_mode)
    assert gradgradcheck(function, complex_point(), fast_mode=fast_mode)


@pytest.mark.parametrize("fast_mode", [False, True])
def test_from_real_inputs_to_complex_outputs(fast_mode):
    assert gradcheck(lambda x: torch.complex(x.sin(), x * x), point(), check_forward_ad=True, fast_mode=fast_mode)


class Unconjugated(torch.autograd.Function):
    """z*z with the derivative that is right for real z only."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z * z

    @staticmethod
    def backward(ctx, g):
        (z,) = ctx.saved_tensors
        return g * 2 * z


def test_a_forgotten_conjugation_is_found():
    with pytest.raises(RuntimeError, match="(?s)part of complex outputs only, Jacobian mismatch for output 0 with respect to input 0,.*numerical"):
        gradcheck(Unconjugated.apply, complex_point())
    assert gradcheck(Unconjugated.apply, point())


@pytest.mark.skipif(NAME != "tape", reason="of tape's own")
def test_messages_show_where_jacobians_differ_most():
    def function(x):
        return torch.stack([x[0] * x[1], x[1].detach() * x[1]])

    with pytest.raises(RuntimeError) as raised:
        gradcheck(function, leaf([2.0, 3.0]))
    text = str(raised.value)
    assert text.startswith("Jacobian mismatch for output 0 with respect to input 0,\nnumerical:")
    assert "\nanalytical:" in text
    assert "differ most at [1, 1] (element (1,) of the input, element 1 of the output" in text and "1 of 4 elements differ" in text
