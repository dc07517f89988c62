"""Linear algebra: values against NumPy and SciPy, derivatives of two orders and pushforwards, batches, labels, errors."""

import math

import numpy as np
import pytest
import scipy.linalg
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, name, near, numbers, torch

EYE = 3 * np.eye(3)


def regular(m, a):
    """Well conditioned matrices of any."""
    return a + m.tensor(EYE)


def definite(m, a):
    """Symmetric positive definite matrices of any."""
    return a @ a.mT + m.tensor(EYE)


def spd(a):
    return a @ np.swapaxes(a, -1, -2) + EYE


def lower(a):
    return np.tril(a + EYE)


SQUARE, BATCH, VECTOR, COLUMNS = (3, 3), (2, 3, 3), (3,), (3, 2)
tri = scipy.linalg.solve_triangular
# fmt: off
CASES = [  # name, function, shapes, the same in NumPy
    ("solve",          lambda m, a, b: m.linalg.solve(regular(m, a), b), [SQUARE, COLUMNS], lambda a, b: np.linalg.solve(a + EYE, b)),
    ("solve vector",   lambda m, a, b: m.linalg.solve(regular(m, a), b), [SQUARE, VECTOR],  lambda a, b: np.linalg.solve(a + EYE, b)),
    ("solve batch",    lambda m, a, b: m.linalg.solve(regular(m, a), b), [BATCH, (2, 3, 2)], lambda a, b: np.linalg.solve(a + EYE, b)),
    ("solve vectors",  lambda m, a, b: m.linalg.solve(regular(m, a), b), [BATCH, (2, 3)],   lambda a, b: np.linalg.solve(a + EYE, b[..., None])[..., 0]),
    ("solve broadcast", lambda m, a, b: m.linalg.solve(regular(m, a), b), [SQUARE, (2, 3, 2)], lambda a, b: np.linalg.solve(a + EYE, b)),
    ("solve one vector", lambda m, a, b: m.linalg.solve(regular(m, a), b), [BATCH, VECTOR], lambda a, b: np.linalg.solve(a + EYE, b)),
    ("solve right",    lambda m, a, b: m.linalg.solve(regular(m, a), b, left=False), [SQUARE, (2, 3)], lambda a, b: b @ np.linalg.inv(a + EYE)),
    ("solve both",     lambda m, a: m.linalg.solve(regular(m, a), a),    [SQUARE],          lambda a: np.linalg.solve(a + EYE, a)),
    ("inv",            lambda m, a: m.linalg.inv(regular(m, a)),         [SQUARE],          lambda a: np.linalg.inv(a + EYE)),
    ("inv batch",      lambda m, a: m.linalg.inv(regular(m, a)),         [BATCH],           lambda a: np.linalg.inv(a + EYE)),
    ("inverse",        lambda m, a: regular(m, a).inverse(),             [SQUARE],          lambda a: np.linalg.inv(a + EYE)),
    ("det",            lambda m, a: m.linalg.det(a),                     [SQUARE],          np.linalg.det),
    ("det batch",      lambda m, a: a.det(),                             [BATCH],           np.linalg.det),
    ("det 1",          lambda m, a: m.det(a),                            [(1, 1)],          np.linalg.det),
    ("slogdet",        lambda m, a: m.linalg.slogdet(a)[1],              [SQUARE],          lambda a: np.linalg.slogdet(a)[1]),
    ("slogdet batch",  lambda m, a: m.linalg.slogdet(a).logabsdet,       [BATCH],           lambda a: np.linalg.slogdet(a)[1]),
    ("logdet",         lambda m, a: m.logdet(definite(m, a)),            [BATCH],           lambda a: np.linalg.slogdet(spd(a))[1]),
    ("cholesky",       lambda m, a: m.linalg.cholesky(definite(m, a)),   [SQUARE],          lambda a: np.linalg.cholesky(spd(a))),
    ("cholesky batch", lambda m, a: m.linalg.cholesky(definite(m, a)),   [BATCH],           lambda a: np.linalg.cholesky(spd(a))),
    ("cholesky upper", lambda m, a: m.linalg.cholesky(definite(m, a), upper=True), [SQUARE], lambda a: np.linalg.cholesky(spd(a)).T),
    ("lower triangle", lambda m, a, b: m.linalg.solve_triangular(regular(m, a), b, upper=False), [SQUARE, COLUMNS], lambda a, b: tri(lower(a), b, lower=True)),
    ("upper triangle", lambda m, a, b: m.linalg.solve_triangular(regular(m, a), b, upper=True), [SQUARE, COLUMNS], lambda a, b: tri(np.triu(a + EYE), b)),
    ("triangle right", lambda m, a, b: m.linalg.solve_triangular(regular(m, a), b, upper=False, left=False), [SQUARE, (2, 3)], lambda a, b: b @ np.linalg.inv(lower(a))),
    ("unit triangle",  lambda m, a, b: m.linalg.solve_triangular(a, b, upper=True, unitriangular=True), [SQUARE, COLUMNS], lambda a, b: tri(a, b, unit_diagonal=True)),
    ("triangle batch", lambda m, a, b: m.linalg.solve_triangular(regular(m, a), b, upper=False), [BATCH, COLUMNS], lambda a, b: np.linalg.inv(lower(a)) @ b),
    ("cholesky_solve", lambda m, a, b: m.cholesky_solve(b, m.linalg.cholesky(definite(m, a))), [SQUARE, COLUMNS], lambda a, b: np.linalg.solve(spd(a), b)),
    ("cholesky_solve upper", lambda m, a, b: m.cholesky_solve(b, m.linalg.cholesky(definite(m, a)).mT, True), [SQUARE, COLUMNS], lambda a, b: np.linalg.solve(spd(a), b)),
    ("eigvalsh",       lambda m, a: m.linalg.eigvalsh(a + a.mT),         [SQUARE],          lambda a: np.linalg.eigvalsh(a + a.T)),
    ("eigvalsh batch", lambda m, a: m.linalg.eigvalsh(a + a.mT),         [BATCH],           lambda a: np.linalg.eigvalsh(a + a.mT)),
    ("eigh",           lambda m, a: m.linalg.eigh(a + a.mT)[1] ** 2,     [SQUARE],          lambda a: np.linalg.eigh(a + a.T)[1] ** 2),
    ("eigh batch",     lambda m, a: m.linalg.eigh(a + a.mT).eigenvectors ** 2, [BATCH],     lambda a: np.linalg.eigh(a + a.mT)[1] ** 2),
    ("svdvals",        lambda m, a: m.linalg.svdvals(a),                 [(4, 3)],          lambda a: np.linalg.svd(a)[1]),
    ("svdvals wide",   lambda m, a: m.linalg.svdvals(a),                 [(2, 2, 3)],       lambda a: np.linalg.svd(a)[1]),
    ("norm",           lambda m, a: m.linalg.norm(a),                    [SQUARE],          np.linalg.norm),
    ("norm of a vector", lambda m, a: m.linalg.norm(a, 3),               [VECTOR],          lambda a: np.linalg.norm(a, 3)),
    ("norm 2",         lambda m, a: m.linalg.norm(a, 2),                 [(4, 3)],          lambda a: np.linalg.norm(a, 2)),
    ("norm over one",  lambda m, a: m.linalg.norm(a, 2, dim=1),          [SQUARE],          lambda a: np.linalg.norm(a, 2, axis=1)),
    ("norm over two",  lambda m, a: m.linalg.norm(a, math.inf, (0, 2)),  [(2, 3, 4)],       lambda a: np.linalg.norm(a, np.inf, (0, 2))),
    ("vector_norm",    lambda m, a: m.linalg.vector_norm(a),             [SQUARE],          np.linalg.norm),
    ("vector_norm 1",  lambda m, a: m.linalg.vector_norm(a, 1, dim=0),   [SQUARE],          lambda a: np.abs(a).sum(0)),
    ("matrix_norm",    lambda m, a: m.linalg.matrix_norm(a),             [BATCH],           lambda a: np.linalg.norm(a, axis=(-2, -1))),
    ("matrix_norm kept", lambda m, a: m.linalg.matrix_norm(a, 1, keepdim=True), [BATCH],    lambda a: np.linalg.norm(a, 1, axis=(-2, -1), keepdims=True)),
    *[(f"matrix_norm {p}", lambda m, a, p=p: m.linalg.matrix_norm(a, p), [(2, 4, 3)],       lambda a, p=p: np.linalg.norm(a, p, axis=(-2, -1)))
      for p in (1, -1, math.inf, -math.inf, 2, -2, "nuc")],
    ("matrix_power 3", lambda m, a: m.linalg.matrix_power(a, 3),         [BATCH],           lambda a: np.linalg.matrix_power(a, 3)),
    ("matrix_power -2", lambda m, a: m.linalg.matrix_power(regular(m, a), -2), [SQUARE],    lambda a: np.linalg.matrix_power(a + EYE, -2)),
    ("vecdot",         lambda m, a, b: m.linalg.vecdot(a, b),            [(2, 3), VECTOR],  lambda a, b: a @ b),
]
LABELS = [
    ("LinalgSolveExBackward0", lambda a: torch.linalg.solve(a, a)), ("LinalgInvExBackward0", lambda a: torch.linalg.inv(a)),
    ("LinalgSolveExBackward0", lambda a: torch.linalg.solve(a, a[0])), ("LinalgDetBackward0", lambda a: torch.linalg.det(a)),
    ("LinalgSlogdetBackward0", lambda a: torch.linalg.slogdet(a)[1]), ("LinalgCholeskyExBackward0", lambda a: torch.linalg.cholesky(a)),
    ("LinalgSolveTriangularBackward0", lambda a: torch.linalg.solve_triangular(a, a, upper=True)),
    ("LinalgEighBackward0", lambda a: torch.linalg.eigh(a)[1]), ("LinalgEighBackward0", lambda a: torch.linalg.eigvalsh(a)),
    ("LinalgVectorNormBackward0", lambda a: torch.linalg.norm(a)), ("LinalgSvdBackward0", lambda a: torch.linalg.svdvals(a)),
]
zeros, ones = torch.zeros, torch.ones
ERRORS = [
    ("singular solve",   torch.linalg.LinAlgError, lambda: torch.linalg.solve(zeros(2, 2), ones(2))),
    ("singular inverse", torch.linalg.LinAlgError, lambda: torch.linalg.inv(ones(2, 2))),
    ("singular batch",   torch.linalg.LinAlgError, lambda: torch.linalg.inv(torch.stack([torch.eye(2), zeros(2, 2)]))),
    ("indefinite",       torch.linalg.LinAlgError, lambda: torch.linalg.cholesky(-torch.eye(2))),
    ("a RuntimeError",   RuntimeError, lambda: torch.linalg.cholesky(-torch.eye(2))),
    ("not square",       RuntimeError, lambda: torch.linalg.inv(ones(2, 3))),
    ("a vector",         RuntimeError, lambda: torch.linalg.det(ones(3))),
    ("sizes",            RuntimeError, lambda: torch.linalg.solve(torch.eye(3), ones(4))),
    ("batches",          RuntimeError, lambda: torch.linalg.solve(torch.eye(3).expand(2, 3, 3), ones(4, 3, 1))),
    ("dtypes",           RuntimeError, lambda: torch.linalg.solve(torch.eye(3), ones(3, dtype=torch.float32))),
    ("integers",         RuntimeError, lambda: torch.linalg.inv(ones(2, 2, dtype=torch.int64))),
    ("half precision",   RuntimeError, lambda: torch.linalg.inv(ones(2, 2, dtype=torch.float16))),
    ("integer norm",     RuntimeError, lambda: torch.linalg.norm(ones(2, 2, dtype=torch.int64))),
    ("unknown order",    RuntimeError, lambda: torch.linalg.norm(ones(2, 2), "foo")),
    ("order and 3-d",    RuntimeError, lambda: torch.linalg.norm(ones(2, 2, 2), "fro")),
    ("fro of a vector",  RuntimeError, lambda: torch.linalg.norm(ones(2), "fro")),
]
# fmt: on
each = pytest.mark.parametrize("f, shapes, reference", [row[1:] for row in CASES], ids=[row[0] for row in CASES])


@each
def test_values(f, shapes, reference):
    inputs = arrays(*shapes)
    near(f(torch, *map(torch.tensor, inputs)), reference(*inputs), rtol=1e-10, atol=1e-12)


@each
def test_first_derivatives(f, shapes, reference):
    first(f, arrays(*shapes), rtol=1e-5)


@each
def test_second_derivatives(f, shapes, reference):
    second(f, arrays(*shapes), rtol=1e-4, atol=1e-5)


@each
def test_pushforwards(f, shapes, reference):
    forward(f, arrays(*shapes))


@pytest.mark.oracle
@each
def test_against_the_oracle(f, shapes, reference):
    oracle(f, arrays(*shapes), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("expected, f", LABELS, ids=[row[0] for row in LABELS])
def test_labels(expected, f):
    assert name(f(leaf([[2.0, 0.5], [0.5, 3.0]]))) == expected


@pytest.mark.parametrize("kind, f", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, f):
    with pytest.raises(kind):
        f()


@pytest.mark.differs("errors are NumPy's LinAlgError as well, and say which matrix")
def test_a_message_names_the_matrix():
    stack = torch.stack([torch.eye(2), torch.zeros(2, 2)])
    with pytest.raises(np.linalg.LinAlgError, match=r"linalg.inv got matrix 1 of shape \(2, 2, 2\) that is singular"):
        torch.linalg.inv(stack)
    with pytest.raises(RuntimeError, match="not positive definite"):
        torch.linalg.cholesky(-stack)


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_det_has_a_gradient_at_singular_matrices(rank):
    a, b = arrays((3, rank), (rank, 3))
    x = leaf((a @ b).tolist() if rank else [[0.0] * 3] * 3)
    values = numbers(x)
    expected = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(values, i, 0), j, 1)) for j in range(3)] for i in range(3)]
    (g,) = torch.autograd.grad(torch.linalg.det(x), x)
    near(g, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.differs("PyTorch needs a regular matrix here")
def test_det_has_a_second_gradient_at_singular_matrices():
    x = leaf([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 1.0, 1.0]])
    w = torch.tensor(arrays((3, 3))[0])

    def slope(t):
        return torch.autograd.grad(torch.linalg.det(t), t, create_graph=True)[0]

    assert torch.linalg.det(x).item() == 0
    (g,) = torch.autograd.grad((slope(x) * w).sum(), x)
    for place in np.ndindex(3, 3):
        ends = []
        for sign in (1, -1):
            moved = numbers(x)
            moved[place] += sign * 1e-5
            ends.append((slope(leaf(moved.tolist())) * w).sum().item())
        assert abs(g[place].item() - (ends[0] - ends[1]) / 2e-5) < 1e-7


def test_large_systems_keep_their_factors():
    a, b = arrays((120, 120), (120,))
    a += 20 * np.eye(120)
    A, B = leaf(a.tolist()), leaf(b.tolist())
    x = torch.linalg.solve(A, B)
    near(x, np.linalg.solve(a, b), rtol=1e-10)
    x.sum().backward()
    expected = np.linalg.solve(a.T, np.ones(120))
    near(B.grad, expected, rtol=1e-10)
    near(A.grad, -np.outer(expected, np.linalg.solve(a, b)), rtol=1e-9)


def test_only_one_triangle_is_read():
    a = torch.tensor([[4.0, 99.0], [2.0, 5.0]])
    near(torch.linalg.cholesky(a), [[2.0, 0.0], [1.0, 2.0]])
    near(torch.linalg.eigvalsh(a), np.linalg.eigvalsh(np.array([[4.0, 2.0], [2.0, 5.0]])))
    near(torch.linalg.eigvalsh(a, UPLO="U"), np.linalg.eigvalsh(np.array([[4.0, 99.0], [99.0, 5.0]])))
    x = leaf([[4.0, 99.0], [2.0, 5.0]])
    torch.linalg.cholesky(x).sum().backward()
    near(x.grad, numbers(x.grad).T)


def test_gradients_at_repeated_eigenvalues():
    x = leaf(np.eye(2).tolist())
    torch.linalg.eigvalsh(x).sum().backward()
    near(x.grad, np.eye(2), atol=1e-12)


def test_slogdet_of_singular_matrices():
    sign, logarithm = torch.linalg.slogdet(torch.zeros(2, 2))
    assert (sign.item(), logarithm.item()) == (0.0, -math.inf)
    assert math.isnan(torch.logdet(torch.tensor([[0.0, 1.0], [1.0, 0.0]])).item())


@pytest.mark.differs("PyTorch gives inf and NaN")
def test_the_gradient_of_slogdet_of_a_singular_matrix_is_an_error():
    x = leaf([[1.0, 1.0], [1.0, 1.0]])
    y = torch.linalg.slogdet(x)[1]
    with pytest.raises(torch.linalg.LinAlgError):
        y.backward()


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_the_dtype_is_kept(dtype):
    a = (torch.eye(2) * 4).to(getattr(torch, dtype))
    for f in (torch.linalg.inv, torch.linalg.det, torch.linalg.cholesky, lambda t: torch.linalg.solve(t, t)):
        assert f(a).dtype == a.dtype


def test_empty_matrices():
    x = torch.zeros(0, 0)
    assert torch.linalg.det(x).item() == 1.0
    assert tuple(torch.linalg.inv(x).shape) == (0, 0)
    assert tuple(torch.linalg.solve(x, torch.zeros(0, 2)).shape) == (0, 2)
