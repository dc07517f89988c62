"""Decompositions: that factors multiply to what was decomposed, derivatives of what depends on no sign or phase, refusals and warnings."""

import warnings

import numpy as np
import pytest
import scipy.linalg
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, near, numbers, torch

L = torch.linalg
DIAGONAL = np.diag([1.0, 2.5, 4.5])
TALL, WIDE, SQUARE, BATCH = (4, 3), (3, 4), (3, 3), (2, 3, 3)


def apart(m, a):
    """Any square matrices with eigenvalues and singular values well apart."""
    return a * 0.5 + m.tensor(DIAGONAL)


def symmetric(m, a):
    return apart(m, a) + apart(m, a).mH


def spread(m, a):
    """Any tall or wide matrix with singular values well apart."""
    rows, columns = a.shape[-2:]
    return a * 0.5 + m.tensor(np.eye(rows, columns) * np.array([1.0, 2.5, 4.5, 7.0][:columns]))


def fourth(v):
    """What does not depend on signs or phases."""
    return (v * v.conj() if v.is_complex() else v * v).abs() ** 2


# fmt: off
CASES = [  # name, function, shapes
    ("eigh",            lambda m, a: (lambda w, v: w[..., None, :] + fourth(v))(*m.linalg.eigh(symmetric(m, a))), [SQUARE]),
    ("eigh upper",      lambda m, a: (lambda w, v: w[..., None, :] + fourth(v))(*m.linalg.eigh(symmetric(m, a), "U")), [BATCH]),
    ("eigvalsh",        lambda m, a: m.linalg.eigvalsh(symmetric(m, a)),                   [BATCH]),
    ("eig",             lambda m, a: (lambda w, v: w.real[..., None, :] + fourth(v))(*m.linalg.eig(apart(m, a))), [SQUARE]),
    ("eigvals",         lambda m, a: m.linalg.eigvals(apart(m, a)).abs(),                  [BATCH]),
    ("svd",             lambda m, a: (lambda u, s, vh: s[..., None, :] + fourth(u) + fourth(vh))(*m.linalg.svd(apart(m, a))), [BATCH]),
    ("svd tall",        lambda m, a: (lambda u, s, vh: (u * s[..., None, :]) @ vh + fourth(u).sum() * fourth(vh).sum())(*m.linalg.svd(spread(m, a), full_matrices=False)), [TALL]),
    ("svd wide",        lambda m, a: (lambda u, s, vh: s.sum() + fourth(u).sum() * fourth(vh))(*m.linalg.svd(spread(m, a), full_matrices=False)), [WIDE]),
    ("svdvals",         lambda m, a: m.linalg.svdvals(spread(m, a)),                       [WIDE]),
    ("qr",              lambda m, a: (lambda q, r: q + r)(*m.linalg.qr(apart(m, a))),      [BATCH]),
    ("qr tall",         lambda m, a: (lambda q, r: q.sum() + r)(*m.linalg.qr(spread(m, a))), [TALL]),
    ("qr wide",         lambda m, a: (lambda q, r: q.sum() * r)(*m.linalg.qr(spread(m, a))), [WIDE]),
    ("qr complete",     lambda m, a: (lambda q, r: q.sum() * r)(*m.linalg.qr(spread(m, a), "complete")), [WIDE]),
    ("lu",              lambda m, a: (lambda p, low, u: p @ low * 2 + u)(*m.linalg.lu(apart(m, a))), [BATCH]),
    ("lu tall",         lambda m, a: (lambda p, low, u: low.sum() + low[:3] * u)(*m.linalg.lu(spread(m, a))), [TALL]),
    ("lu wide",         lambda m, a: (lambda p, low, u: low @ u + u * u)(*m.linalg.lu(spread(m, a))), [WIDE]),
    ("lu_factor",       lambda m, a, b: (lambda f: m.linalg.lu_solve(f[0], f[1], b))(m.linalg.lu_factor(apart(m, a))), [SQUARE, (3, 2)]),
    ("lu_solve right",  lambda m, a, b: (lambda f: m.linalg.lu_solve(f[0], f[1], b, left=False))(m.linalg.lu_factor(apart(m, a))), [SQUARE, (2, 3)]),
    ("lu_solve adjoint", lambda m, a, b: (lambda f: m.linalg.lu_solve(f[0], f[1], b, adjoint=True))(m.linalg.lu_factor(apart(m, a))), [SQUARE, (3, 2)]),
    ("matrix_exp",      lambda m, a: m.linalg.matrix_exp(a),                               [BATCH]),
    ("pinv tall",       lambda m, a: m.linalg.pinv(spread(m, a)),                          [TALL]),
    ("pinv wide",       lambda m, a: m.linalg.pinv(spread(m, a)),                          [WIDE]),
    ("pinv rank 1",     lambda m, a, b: m.linalg.pinv(m.outer(a, b)),                      [(3,), (4,)]),
    ("pinv hermitian",  lambda m, a: m.linalg.pinv(symmetric(m, a), hermitian=True),       [SQUARE]),
    ("lstsq tall",      lambda m, a, b: m.linalg.lstsq(spread(m, a), b).solution,          [TALL, (4, 2)]),
    ("lstsq wide",      lambda m, a, b: m.linalg.lstsq(spread(m, a), b).solution,          [WIDE, (3, 2)]),
    ("lstsq rank 1",    lambda m, a, b, c: m.linalg.lstsq(m.outer(a, b), c).solution,      [(4,), (3,), (4, 2)]),
    ("lstsq residuals", lambda m, a, b: m.linalg.lstsq(spread(m, a), b, driver="gelsd").residuals, [TALL, (4, 2)]),
    ("householder",     lambda m, a, t: m.linalg.householder_product(a, t),                [TALL, (2,)]),
    ("cond",            lambda m, a: m.linalg.cond(apart(m, a)),                           [BATCH]),
    ("cond fro",        lambda m, a: m.linalg.cond(apart(m, a), "fro"),                    [SQUARE]),
    ("cholesky_inverse", lambda m, a: m.cholesky_inverse(apart(m, a).tril()),              [SQUARE]),
    ("cholesky_solve",  lambda m, a, b: m.cholesky_solve(b, apart(m, a).triu(), upper=True), [SQUARE, (3, 2)]),
    ("triangular_solve", lambda m, a, b: m.triangular_solve(b, apart(m, a), transpose=True)[0], [SQUARE, (3, 2)]),
    ("tensorinv",       lambda m, a: m.linalg.tensorinv(a.reshape(2, 2, 4) + m.tensor(3 * np.eye(4)).reshape(2, 2, 4)), [(4, 4)]),
    ("tensorsolve",     lambda m, a, b: m.linalg.tensorsolve(a.reshape(2, 2, 4) + m.tensor(3 * np.eye(4)).reshape(2, 2, 4), b), [(4, 4), (2, 2)]),
    ("vander",          lambda m, a: m.linalg.vander(a, N=4),                                [(2, 3)]),
    ("multi_dot",       lambda m, a, b, c: m.linalg.multi_dot([a, b, c]),                  [(4,), (4, 2), (2, 3)]),
    ("slogdet",         lambda m, a: sum(m.linalg.slogdet(apart(m, a))),                   [BATCH]),
]
# fmt: on
each = pytest.mark.parametrize("f, shapes", [row[1:] for row in CASES], ids=[row[0] for row in CASES])


@each
def test_first_derivatives(f, shapes):
    first(f, arrays(*shapes), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@each
def test_second_derivatives(f, shapes):
    second(f, arrays(*shapes), rtol=1e-4, atol=1e-5)


@each
def test_pushforwards(f, shapes):
    forward(f, arrays(*shapes), rtol=1e-5)


@pytest.mark.oracle
@pytest.mark.parametrize("f, shapes", [row[1:] for row in CASES if row[0] != "cond fro"], ids=[row[0] for row in CASES if row[0] != "cond fro"])
def test_against_the_oracle(f, shapes):  # PyTorch fails at the second derivative of cond of order "fro"
    oracle(f, arrays(*shapes), rtol=1e-7, atol=1e-9)


@each
def test_recorded_and_plain_adjoints_agree(f, shapes):
    xs = [torch.tensor(x, requires_grad=True) for x in arrays(*shapes)]
    y = f(torch, *xs)
    plain = torch.autograd.grad((y * y).sum(), xs, retain_graph=True)
    recorded = torch.autograd.grad((y * y).sum(), xs, create_graph=True)
    for g, h in zip(plain, recorded, strict=True):
        near(g, numbers(h.detach()), rtol=1e-9, atol=1e-11)


def complex_matrices(*shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


COMPLEX = [case for case in CASES if case[0] in {
    "eigh", "eig", "svd", "svd tall", "svd wide", "qr", "qr wide", "lu", "matrix_exp", "pinv tall", "lstsq tall", "slogdet", "cholesky_inverse",
}]  # fmt: skip


@pytest.mark.parametrize("f, shapes", [row[1:] for row in COMPLEX], ids=[row[0] for row in COMPLEX])
def test_complex_gradients(f, shapes):
    """For a real loss the gradient is the slope in the real part plus i times that in the imaginary part."""
    start = [complex_matrices(*shape, seed=i) for i, shape in enumerate(shapes)]

    def loss(values):
        xs = [torch.tensor(v, requires_grad=True) for v in values]
        y = f(torch, *xs)
        return xs, (y.abs() ** 2).sum() + y.real.sum()

    xs, y = loss(start)
    gradients = torch.autograd.grad(y, xs)
    rng = np.random.default_rng(5)
    for i, g in enumerate(gradients):
        step = rng.normal(size=start[i].shape) + 1j * rng.normal(size=start[i].shape)
        ends = [loss([v + sign * 1e-6 * step if i == k else v for k, v in enumerate(start)])[1].item() for sign in (1, -1)]
        assert (np.conj(numbers(g)) * step).sum().real == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=2e-5, abs=1e-6)


def rebuilt(name, a):
    """A matrix multiplied together again from its factors."""
    t = torch.tensor(a)
    if name == "eigh":
        w, v = L.eigh(t + t.mH)
        return (v * w[..., None, :]) @ v.mH - t.mH
    if name == "eig":
        w, v = L.eig(t)
        return (v * w[..., None, :]) @ L.inv(v)
    if name == "svd":
        u, s, vh = L.svd(t, full_matrices=False)
        return (u * s[..., None, :]) @ vh
    if name == "lu":
        p, lower, upper = L.lu(t)
        return p.to(t.dtype) @ lower @ upper
    if name == "ldl":
        factors, pivots = L.ldl_factor(t + t.mH, hermitian=True)
        return t + t.mH @ L.ldl_solve(factors, pivots, t + t.mH, hermitian=True) - t.mH
    q, r = L.qr(t, "complete" if name == "qr complete" else "reduced")
    return q @ r


@pytest.mark.parametrize("kind", [np.float64, np.complex128, np.float32])
@pytest.mark.parametrize("name, shape", [("eigh", BATCH), ("eig", BATCH), ("svd", (2, 4, 3)), ("lu", (2, 3, 4)), ("lu", (4, 3)), ("qr", (2, 3, 4)),
                                         ("qr complete", (5, 3)), ("ldl", BATCH)])  # fmt: skip
def test_factors_multiply_to_the_matrix(name, shape, kind):
    a = complex_matrices(*shape) if kind is np.complex128 else arrays(shape)[0].astype(kind)
    exact = 1e-4 if kind is np.float32 else 1e-10
    np.testing.assert_allclose(numbers(rebuilt(name, a)), a, rtol=exact, atol=exact)


def test_values_are_those_of_scipy():
    a = arrays(SQUARE)[0]
    near(L.matrix_exp(torch.tensor(a)), scipy.linalg.expm(a), rtol=1e-12)
    near(L.pinv(torch.tensor(a[:2])), np.linalg.pinv(a[:2]), rtol=1e-10)
    near(L.cond(torch.tensor(a)), np.linalg.cond(a), rtol=1e-10)
    near(L.matrix_rank(torch.tensor(np.outer(a[0], a[1]))), 1)
    near(L.lstsq(torch.tensor(a[:, :2]), torch.tensor(a[:, 2:])).solution, np.linalg.lstsq(a[:, :2], a[:, 2:], rcond=None)[0], rtol=1e-10)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 0, 3), (0, 3, 3)])
def test_empty_matrices(shape):
    t = torch.zeros(*shape)
    q, r = L.qr(t)
    assert tuple((q @ r).shape) == shape
    u, s, vh = L.svd(t, full_matrices=False)
    assert tuple(((u * s[..., None, :]) @ vh).shape) == shape
    assert tuple(L.pinv(t).shape) == (*shape[:-2], shape[-1], shape[-2])
    if shape[-1] == shape[-2]:
        assert tuple(L.eigh(t).eigenvectors.shape) == shape and tuple(L.matrix_exp(t).shape) == shape


def test_one_by_one_matrices():
    x = leaf([[2.0]])
    y = L.eigvalsh(x).sum() + L.svdvals(x).sum() + L.det(x) + L.matrix_exp(x).sum() + L.qr(x).R.abs().sum()
    y.backward()
    near(x.grad, [[4 + np.exp(2.0)]], rtol=1e-12)


def test_vectors_of_a_repeated_eigenvalue_that_nobody_uses_do_no_harm():
    x = leaf(np.diag([1.0, 1.0, 3.0]).tolist())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        w, v = L.eigh(x)
        (w.sum() + v[:, 2].abs().sum()).backward()
    assert np.isfinite(numbers(x.grad)).all()


@pytest.mark.differs("PyTorch says nothing")
def test_a_vanishing_gap_is_told():
    x = leaf(np.diag([1.0, 1.0 + 1e-16, 3.0]).tolist())
    with pytest.warns(torch.linalg.VanishingGapWarning, match="eigenvectors"):
        (L.eigh(x).eigenvectors * torch.tensor(arrays(SQUARE)[0])).sum().backward()
    x = leaf(np.eye(3).tolist())
    with pytest.warns(torch.linalg.VanishingGapWarning, match="singular vectors"):
        (L.svd(x).U * torch.tensor(arrays(SQUARE)[0])).sum().backward()


@pytest.mark.parametrize("f", [lambda x: L.eigh(x + x.mH).eigenvectors, lambda x: L.svd(x).U, lambda x: L.eig(x).eigenvectors], ids=["eigh", "svd", "eig"])
def test_results_that_depend_on_a_phase_are_refused(f):
    x = torch.tensor(complex_matrices(3, 3), requires_grad=True)
    y = f(x)
    with pytest.raises(RuntimeError, match="phase"):
        (y.imag * torch.tensor(arrays(SQUARE)[0])).sum().backward()


# fmt: off
ERRORS = [
    ("qr r",             RuntimeError, lambda: L.qr(leaf([[1.0, 2.0], [3.0, 4.0]]), "r").R.sum().backward()),
    ("qr complete tall", RuntimeError, lambda: L.qr(leaf([[1.0], [3.0]]), "complete").Q.sum().backward()),
    ("qr mode",          RuntimeError, lambda: L.qr(torch.eye(2), "full")),
    ("uplo",             RuntimeError, lambda: L.eigh(torch.eye(2), "X")),
    ("not square",       RuntimeError, lambda: L.eig(torch.ones(2, 3))),
    ("driver",           RuntimeError, lambda: L.lstsq(torch.eye(2), torch.eye(2), driver="foo")),
    ("rows",             RuntimeError, lambda: L.lstsq(torch.eye(2), torch.ones(3, 1))),
    ("integers",         RuntimeError, lambda: L.svd(torch.ones(2, 2, dtype=torch.int64))),
    ("infinite",         RuntimeError, lambda: L.eig(torch.tensor([[np.inf, 1.0], [1.0, 1.0]]))),
    ("cholesky nan",     RuntimeError, lambda: L.cholesky(torch.full((2, 2), np.nan))),
    ("cholesky nans",    RuntimeError, lambda: L.cholesky(torch.stack([torch.eye(2), torch.full((2, 2), np.nan)]))),
    ("tau",              RuntimeError, lambda: L.householder_product(torch.ones(3, 2), torch.ones(3))),
    ("one matrix",       RuntimeError, lambda: L.multi_dot([torch.eye(2)])),
    ("cond",             RuntimeError, lambda: L.cond(torch.eye(2), 3)),
]
# fmt: on


@pytest.mark.parametrize("kind, f", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, f):
    with pytest.raises(kind):
        f()


def test_info_instead_of_errors():
    stack = torch.stack([torch.eye(2), torch.zeros(2, 2)])
    assert L.cholesky_ex(stack).info.tolist() == [0, 1]
    assert L.inv_ex(stack).info.tolist() == [0, 1]
    assert L.solve_ex(stack, torch.ones(2, 2, 1)).info.tolist() == [0, 1]
    assert L.lu_factor_ex(stack).info.tolist() == [0, 1]
    with pytest.raises(L.LinAlgError):
        L.inv_ex(stack, check_errors=True)


def test_names_of_rows():
    x = torch.tensor(DIAGONAL, requires_grad=True)
    names = [f(x).grad_fn.name() for f in (lambda t: L.eigh(t).eigenvectors, lambda t: L.svd(t).U, lambda t: L.qr(t).R, L.pinv, L.matrix_exp)]
    assert names == ["LinalgEighBackward0", "LinalgSvdBackward0", "LinalgQrBackward0", "LinalgPinvBackward0", "LinalgMatrixExpBackward0"]


@pytest.mark.skipif(torch.__name__ != "tape", reason="programs are tape's")
@pytest.mark.parametrize("name", ["eigh", "svd", "qr", "lu", "matrix_exp", "pinv tall", "lstsq tall", "eigvals", "slogdet"])
def test_inside_programs(name):
    f, shapes = next(case[1:] for case in CASES if case[0] == name)
    at, elsewhere = arrays(*shapes), arrays(*shapes, seed=3)
    gradient = torch.func.grad(lambda *xs: (f(torch, *xs) ** 2).sum())
    compiled = torch.compile(gradient)
    for values in (at, elsewhere, at):
        xs = [torch.tensor(v) for v in values]
        near(compiled(*xs), numbers(gradient(*xs)), rtol=1e-9, atol=1e-11)
