"""`tape.special`: names, values beside SciPy's, derivatives of every order, dtypes, and what is refused; inside programs too."""

import numpy as np
import pytest
import scipy.special
from under_test import leaf, near, torch

special = torch.special
grad = torch.autograd.grad
OWN = pytest.mark.skipif(torch.__name__ != "tape", reason="PyTorch lacks it")
X = [0.3, 0.7, 1.6]
ONE = {
    "airy_ai": lambda x: scipy.special.airy(x)[0], "bessel_j0": scipy.special.j0, "bessel_j1": scipy.special.j1, "bessel_y0": scipy.special.y0,
    "bessel_y1": scipy.special.y1, "digamma": scipy.special.digamma, "entr": scipy.special.entr, "erf": scipy.special.erf,
    "erfc": scipy.special.erfc, "erfcx": scipy.special.erfcx, "exp2": scipy.special.exp2, "expit": scipy.special.expit, "expm1": scipy.special.expm1,
    "gammaln": scipy.special.gammaln, "i0": scipy.special.i0, "i0e": scipy.special.i0e, "i1": scipy.special.i1, "i1e": scipy.special.i1e,
    "log1p": scipy.special.log1p, "log_ndtr": scipy.special.log_ndtr, "modified_bessel_i0": scipy.special.i0,
    "modified_bessel_i1": scipy.special.i1, "modified_bessel_k0": scipy.special.k0, "modified_bessel_k1": scipy.special.k1, "ndtr": scipy.special.ndtr,
    "psi": scipy.special.psi, "scaled_modified_bessel_k0": scipy.special.k0e, "scaled_modified_bessel_k1": scipy.special.k1e,
    "sinc": np.sinc, "spherical_bessel_j0": lambda x: scipy.special.spherical_jn(0, x),
}  # fmt: skip
POLYNOMIALS = {
    "chebyshev_polynomial_t": scipy.special.eval_chebyt, "chebyshev_polynomial_u": scipy.special.eval_chebyu,
    "shifted_chebyshev_polynomial_t": scipy.special.eval_sh_chebyt, "shifted_chebyshev_polynomial_u": scipy.special.eval_sh_chebyu,
    "hermite_polynomial_h": scipy.special.eval_hermite, "hermite_polynomial_he": scipy.special.eval_hermitenorm,
    "laguerre_polynomial_l": scipy.special.eval_laguerre, "legendre_polynomial_p": scipy.special.eval_legendre,
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_values_of_one_input(name):
    near(getattr(special, name)(torch.tensor(X)), ONE[name](np.array(X)), rtol=1e-6 if name.startswith("bessel") else 1e-13)


@OWN
@pytest.mark.parametrize("name", ONE)
def test_derivatives_of_one_input(name):
    function = getattr(special, name)
    assert torch.autograd.gradcheck(function, leaf(X), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(function, leaf(X))


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials(name):
    n = torch.tensor([0, 1, 5])
    near(getattr(special, name)(torch.tensor(X), n), POLYNOMIALS[name](np.array([0, 1, 5]), np.array(X)), rtol=1e-12)
    near(getattr(special, name)(torch.tensor(X), 4), POLYNOMIALS[name](4, np.array(X)), rtol=1e-12)
    near(getattr(special, name)(torch.tensor(X), torch.tensor(-1)), [0.0, 0.0, 0.0])


@OWN
@pytest.mark.parametrize("name", [*POLYNOMIALS, "chebyshev_polynomial_v", "chebyshev_polynomial_w", "shifted_chebyshev_polynomial_v"])
def test_derivatives_of_polynomials(name):
    def function(x):
        return getattr(special, name)(x, torch.tensor([0, 3, 6]))

    assert torch.autograd.gradcheck(function, leaf([0.3, 0.7, 0.9]), check_forward_ad=True)
    assert torch.autograd.gradgradcheck(function, leaf([0.3, 0.7, 0.9]))


@OWN
def test_a_third_derivative_of_a_polynomial():
    x = leaf([0.5])
    y = special.legendre_polynomial_p(x, 5).sum()
    for _ in range(3):
        (y,) = grad(y, x, create_graph=True)
        y = y.sum()
    near(y.detach().reshape(1), [(63 * 60 * 0.25 - 70 * 6) / 8])  # P5 = (63 x^5 - 70 x^3 + 15 x)/8


@OWN
@pytest.mark.parametrize("name", ["jv", "yv", "iv", "ive", "kv", "kve"])
def test_bessel_functions_by_order(name):
    x = leaf(X)
    for n in (0, 1, 2.5):
        near(getattr(special, name)(n, x).detach(), getattr(scipy.special, name)(n, np.array(X)), rtol=1e-13)
    assert torch.autograd.gradcheck(lambda t: getattr(special, name)(2, t), x)
    with pytest.raises(RuntimeError):
        order = leaf([1.0])
        getattr(special, name)(order, torch.tensor([1.0])).sum().backward()


def test_two_inputs():
    a, b = torch.tensor([0.5, 2.0, 3.0]), torch.tensor([1.5, 0.3, 2.0])
    near(special.gammainc(a, b), scipy.special.gammainc(a.numpy(), b.numpy()), rtol=1e-13)
    near(special.gammaincc(a, b), scipy.special.gammaincc(a.numpy(), b.numpy()), rtol=1e-13)
    near(special.zeta(a + 1, b), scipy.special.zeta(a.numpy() + 1, b.numpy()), rtol=1e-13)
    near(special.xlogy(a, b), scipy.special.xlogy(a.numpy(), b.numpy()), rtol=1e-13)
    near(special.xlog1py(a, b), scipy.special.xlog1py(a.numpy(), b.numpy()), rtol=1e-13)
    near(special.polygamma(2, b), scipy.special.polygamma(2, b.numpy()), rtol=1e-13)
    near(special.multigammaln(a + 2, 3), [scipy.special.multigammaln(v, 3) for v in a.numpy() + 2], rtol=1e-13)


def test_incomplete_gamma_has_a_derivative_in_its_second_argument():
    a, x = torch.tensor([0.5, 2.0, 30.0]), leaf([1.5, 0.3, 31.0])
    assert torch.autograd.gradcheck(lambda t: torch.igamma(a, t), x) and torch.autograd.gradgradcheck(lambda t: torch.igammac(a, t), x)
    with pytest.raises((NotImplementedError, RuntimeError)):
        torch.igamma(leaf([0.5]), torch.tensor([1.0])).sum().backward()


@OWN
def test_beta_and_its_kind():
    a, b, x = leaf([0.5, 2.0]), leaf([1.5, 3.0]), leaf([0.2, 0.7])
    for name in ("beta", "betaln"):
        near(getattr(special, name)(a, b).detach(), getattr(scipy.special, name)(a.detach().numpy(), b.detach().numpy()), rtol=1e-13)
        assert torch.autograd.gradcheck(getattr(special, name), (a, b)) and torch.autograd.gradgradcheck(getattr(special, name), (a, b))
    near(special.betainc(2.0, 3.0, x).detach(), scipy.special.betainc(2.0, 3.0, [0.2, 0.7]), rtol=1e-13)
    assert torch.autograd.gradcheck(lambda t: special.betainc(a.detach(), b.detach(), t), x, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(lambda t: special.betainc(2.0, 3.0, t), x)
    with pytest.raises(RuntimeError, match="detach"):
        special.betainc(a, b, x)


def test_shapes_and_dtypes():
    assert special.i1(torch.tensor(2)).dtype == torch.get_default_dtype()
    assert special.ndtr(torch.zeros(0, 3)).shape == (0, 3) and special.erfcx(torch.tensor(0.5)).ndim == 0
    assert special.bessel_j0(torch.ones(3, dtype=torch.float32)).dtype == torch.float32
    wide = special.zeta(torch.tensor([[2.0], [3.0]]), torch.tensor([1.0, 2.0, 3.0]))
    near(wide, scipy.special.zeta(np.array([[2.0], [3.0]]), np.array([1.0, 2.0, 3.0])), rtol=1e-13)
    turned = torch.tensor([[0.1, 0.2], [0.3, 0.4]]).T
    near(special.log_ndtr(turned), scipy.special.log_ndtr(turned.numpy()), rtol=1e-13)
    assert special.softmax(torch.zeros(2), 0).tolist() == [0.5, 0.5] and special.logsumexp(torch.zeros(1), 0).item() == 0.0


@OWN
def test_half_precision_orders_are_kept():
    x = torch.tensor([0.5], dtype=torch.bfloat16).requires_grad_()
    y = special.legendre_polynomial_p(x, 5)
    y.sum().backward()
    assert y.dtype == torch.bfloat16 and x.grad.item() == pytest.approx((315 * 0.0625 - 210 * 0.25 + 15) / 8, rel=1e-2)


@OWN
@pytest.mark.parametrize("name", ["erfcx", "log_ndtr", "i1e", "bessel_j1", "ndtri", "airy_ai", "spherical_bessel_j0"])
def test_programs(name):
    @torch.compile
    def run(x):
        y = getattr(special, name)(x)
        return y, grad(y.sum(), x)[0]

    for values in ([0.3, 0.6], [0.2, 0.7], [0.4, 0.5]):
        x = leaf(values)
        value, gradient = run(x)
        y = getattr(special, name)(x)
        near(value.detach(), y.detach().numpy(), rtol=1e-15)
        near(gradient.detach(), grad(y.sum(), x)[0].numpy(), rtol=1e-14)


@OWN
def test_betainc_and_polynomials_in_programs():
    run = torch.compile(lambda x: grad((special.betainc(2.0, 3.0, x) * special.chebyshev_polynomial_t(x, 3)).sum(), x)[0])
    for values in ([0.3, 0.6], [0.2, 0.7]):
        x = leaf(values)
        wanted = grad((special.betainc(2.0, 3.0, x) * special.chebyshev_polynomial_t(x, 3)).sum(), x)[0]
        near(run(x).detach(), wanted.numpy(), rtol=1e-14)
