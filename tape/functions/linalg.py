"""Linear algebra: what tape.linalg holds, over the last two dimensions of stacks of matrices.

Values come from LAPACK through NumPy, and through SciPy where it saves a factorisation. Systems of equations:
`solve`, `solve_triangular`, `cholesky_solve`; factors: `cholesky`, `eigh`; numbers: `det`, `slogdet`, `logdet`,
norms. Adjoints (tape/adjoints/linalg) are written with these functions, so derivatives of all orders exist.
Invariant: a singular or indefinite matrix raises LinAlgError (a RuntimeError) before anything is recorded.
Imports products and reductions; imported by tape/linalg and the adjoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any, NamedTuple

import numpy as np

from compiled_ops.rows import OPCODES
from tape.errors import LinAlgError, ShapeError
from tape.functions import reductions
from tape.functions.arguments import dim_of, recording, tensor_of
from tape.functions.products import operands, permuted, product, reshaped, transposed
from tape.record import expand, native, record
from tape.tensor import Tensor, array, wrap
from tape.traced import as_value, through

FACTORED = 96  # from this size on, solve keeps its factors for the backward pass


class Slogdet(NamedTuple):
    """Sign and logarithm of the absolute value of a determinant."""

    sign: Tensor
    logabsdet: Tensor


class Eigh(NamedTuple):
    """Eigenvalues, ascending, and eigenvectors, in columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


def matrices(name: str, given: Any, square: bool = True) -> Tensor:
    """A Tensor of one or more matrices of a dtype that LAPACK has."""
    t = tensor_of(name, given)
    if t._s.dtype.kind not in "fc" or t._s.dtype.itemsize == 2:
        raise RuntimeError(f"{name} of {t._s.dtype}; wanted float32, float64 or a complex dtype: convert with .double()")
    if t._s.ndim < 2:
        raise ShapeError(f"{name} got shape {t._s.shape}; wanted matrices, at least two dimensions")
    if square and t._s.shape[-1] != t._s.shape[-2]:
        raise ShapeError(f"{name} got shape {t._s.shape}; wanted square matrices")
    return t


def _which(values: np.ndarray, bad: Any) -> str:
    """Which matrix of a stack it was."""
    if values.ndim == 2:
        return f"a matrix of shape {values.shape}"
    found = next((i for i in np.ndindex(values.shape[:-2]) if bad(values[i])), ())
    return f"matrix {found if len(found) > 1 else found[0] if found else '?'} of shape {values.shape}"


def _singular(one: np.ndarray) -> bool:
    try:
        np.linalg.inv(one)
    except np.linalg.LinAlgError:
        return True
    return False


def _indefinite(one: np.ndarray) -> bool:
    try:
        np.linalg.cholesky(one)
    except np.linalg.LinAlgError:
        return True
    return False


def _refuse_singular(name: str, values: np.ndarray) -> LinAlgError:
    return LinAlgError(f"{name} got {_which(values, _singular)} that is singular; it has no inverse")


def solve(A: Any, B: Any, *, left: bool = True) -> Tensor:
    """X with A X = B (or X A = B for left=False). A is (..., n, n), B is (..., n, k), or a vector (n,), or (..., n)
    with as many batch dimensions as A; batch dimensions broadcast. ShapeError for sizes that do not fit, LinAlgError
    where A is singular.

    >>> tape.linalg.solve(tape.tensor([[2., 0.], [0., 4.]]), tape.tensor([2., 2.]))
    tensor([1.0000, 0.5000])
    """
    A, B = operands("linalg.solve", A, B)
    A = matrices("linalg.solve", A)
    if not B._s.ndim:
        raise ShapeError("linalg.solve got a 0-d right-hand side; wanted at least one dimension")
    n, vector = A._s.shape[-1], B._s.ndim == 1 or B._s.ndim == A._s.ndim - 1 and B._s.shape == A._s.shape[:-1]
    if B._s.shape[-1 if vector else -2 if left else -1] != n:
        raise ShapeError(f"linalg.solve got A of shape {A._s.shape} and B of shape {B._s.shape}; B must have {n} rows, as A has")
    if not left:
        if vector:
            raise ShapeError("linalg.solve got a vector and left=False; wanted matrices on both sides")
        return transposed(solve(transposed(A), transposed(B)))
    batch = _common("linalg.solve", A._s.shape[:-2], B._s.shape[: -1 if vector else -2])
    A, B = expand(A, (*batch, n, n)), expand(B, batch + B._s.shape[-1 if vector else -2 :])
    va, vb = A._v, B._v
    keep = recording(A, B)
    factors = None
    if A._s.ndim == 2 and n >= FACTORED and keep and type(va) is type(vb) is np.ndarray:
        factors = _factors(va)
        X = solve_again(factors, vb, 0)
    else:
        try:
            X = np.linalg.solve(va, vb[..., None])[..., 0] if vector else np.linalg.solve(va, vb)
        except np.linalg.LinAlgError:
            raise _refuse_singular("linalg.solve", va) from None
    saved = (va, None, X, factors) if keep else None
    return record(OPCODES["solve"], (A, B), X, saved, (A._s, vector))


def _factors(values: np.ndarray) -> tuple:
    """The LU factors of one matrix, as LAPACK keeps them."""
    from scipy.linalg import lapack

    getrf: Any = lapack.get_lapack_funcs("getrf", (values,))
    factors, pivots, info = getrf(values)
    if info > 0:
        raise _refuse_singular("linalg.solve", values)
    return factors, pivots


def solve_again(factors: tuple, right: np.ndarray, transposed: int) -> np.ndarray:
    """The solution for another right-hand side, with the matrix itself or its transpose (1)."""
    from scipy.linalg import lapack

    getrs: Any = lapack.get_lapack_funcs("getrs", (factors[0],))
    return np.ascontiguousarray(getrs(*factors, right, trans=transposed)[0])


def _common(name: str, a: tuple, b: tuple) -> tuple:
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        raise ShapeError(f"{name} got batch dimensions {a} and {b}; they must broadcast") from None


def inv(A: Any) -> Tensor:
    """The inverse of square matrices. To solve equations, `solve` is faster and more accurate. LinAlgError where one
    is singular."""
    A = matrices("linalg.inv", A)
    try:
        found = np.linalg.inv(A._v)
    except np.linalg.LinAlgError:
        raise _refuse_singular("linalg.inv", A._v) from None
    return record(OPCODES["inv"], (A,), found, (None, None, found), (A._s,))


def det(A: Any) -> Tensor:
    """The determinant of square matrices. The gradient exists at singular ones too."""
    A = matrices("linalg.det", A)
    found = _scalar(np.linalg.det(A._v))
    return record(OPCODES["det"], (A,), found, (A._v, None, found), (A._s,))


def _scalar(value: Any) -> Any:
    return float(value) if type(value) is np.float64 else as_value(value)


def slogdet(A: Any) -> Slogdet:
    """Sign and logarithm of the absolute value of the determinant. Singular matrices give 0 and -inf, and have no gradient."""
    A = matrices("linalg.slogdet", A)
    sign, logarithm = np.linalg.slogdet(A._v)
    made = record(OPCODES["slogdet"], (A,), _scalar(logarithm), (A._v, None, None), (A._s,))
    return Slogdet(wrap(_scalar(sign)), made)


def logdet(A: Any) -> Tensor:
    """The logarithm of the determinant of square matrices; NaN where that is negative."""
    sign, logarithm = slogdet(A)
    if np.all(array(sign) >= 0):
        return logarithm
    return logarithm + wrap(np.where(array(sign) < 0, np.nan, 0.0).astype(sign._s.dtype))


def cholesky(A: Any, *, upper: bool = False) -> Tensor:
    """The lower triangular L with L Lᵀ = A (or its transpose, for upper=True). Only the lower triangle of A is read
    (the upper one for upper=True); the gradient is symmetric. LinAlgError where A is not positive definite."""
    A = matrices("linalg.cholesky", A)
    if upper:
        return transposed(cholesky(transposed(A)))
    try:
        L = np.linalg.cholesky(A._v)
    except np.linalg.LinAlgError:
        raise LinAlgError(f"linalg.cholesky got {_which(A._v, _indefinite)} that is not positive definite") from None
    return record(OPCODES["cholesky"], (A,), L, (None, None, L), (A._s,))


def solve_triangular(A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """X with A X = B (or X A = B for left=False), where A is triangular: only that triangle is read, without its
    diagonal where `unitriangular` says it is ones. Batch dimensions broadcast. A zero on the diagonal gives inf or
    NaN, as in PyTorch."""
    A, B = operands("linalg.solve_triangular", A, B)
    A, B = matrices("linalg.solve_triangular", A), matrices("linalg.solve_triangular", B, square=False)
    n = A._s.shape[-1]
    if B._s.shape[-2 if left else -1] != n:
        raise ShapeError(f"linalg.solve_triangular got A of shape {A._s.shape} and B of shape {B._s.shape}; their sizes must fit")
    batch = _common("linalg.solve_triangular", A._s.shape[:-2], B._s.shape[:-2])
    A, B = expand(A, (*batch, n, n)), expand(B, batch + B._s.shape[-2:])
    X = through(_triangular, A._v, B._v, upper, left, unitriangular)
    saved = (A._v, None, X) if recording(A, B) else None
    return record(OPCODES["solve_triangular"], (A, B), X, saved, (A._s, upper, left, unitriangular))


def _triangular(a: np.ndarray, b: np.ndarray, upper: bool, left: bool, unit: bool) -> np.ndarray:
    from scipy.linalg import blas

    if not b.size:
        return b.copy()
    trsm: Any = blas.get_blas_funcs("trsm", (a, b))
    found = np.empty_like(b, order="C")
    for i in np.ndindex(a.shape[:-2]):  # row-major matrices are their transposes to BLAS: X A = B becomes Aᵀ Xᵀ = Bᵀ
        found[i] = trsm(1.0, a[i].T, b[i].T, side=int(left), lower=int(upper), diag=int(unit)).T
    return found


def cholesky_solve(B: Any, L: Any, upper: bool = False) -> Tensor:
    """X with A X = B, where L is the Cholesky factor of A (its transpose, for upper=True)."""
    if upper:
        return solve_triangular(L, solve_triangular(transposed(tensor_of("cholesky_solve", L)), B, upper=False), upper=True)
    L = tensor_of("cholesky_solve", L)
    return solve_triangular(transposed(L), solve_triangular(L, B, upper=False), upper=True)


def eigh(A: Any, UPLO: str = "L") -> Eigh:
    """Eigenvalues, ascending, and orthonormal eigenvectors of symmetric matrices. One triangle is read; the gradient
    is symmetric. Eigenvectors have no gradient where an eigenvalue repeats (NaN), and the sign of each is arbitrary:
    differentiate only what does not depend on it."""
    A = matrices("linalg.eigh", A)
    triangle: Any = UPLO.upper()
    if triangle not in ("L", "U"):
        raise ValueError(f"linalg.eigh got UPLO={UPLO!r}; wanted 'L' or 'U', the triangle to read")
    W, V = np.linalg.eigh(A._v, triangle)
    saved = recording(A)
    values = record(OPCODES["eigenvalues"], (A,), W, (A._v, None, W, V) if saved else None, (A._s,))
    vectors = record(OPCODES["eigenvectors"], (A,), V, (A._v, None, V, W) if saved else None, (A._s,))
    return Eigh(values, vectors)


def eigvalsh(A: Any, UPLO: str = "L") -> Tensor:
    """Eigenvalues of symmetric matrices, ascending. One triangle is read; the gradient is symmetric."""
    return eigh(A, UPLO).eigenvalues


def svdvals(A: Any) -> Tensor:
    """Singular values, descending."""
    A = matrices("linalg.svdvals", A, square=False)
    if not recording(A):
        return wrap(np.linalg.svd(A._v, compute_uv=False))
    U, S, Vh = np.linalg.svd(A._v, full_matrices=False)
    return record(OPCODES["singular_values"], (A,), S, (A._v, None, S, U, Vh), (A._s,))


def vector_norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of order `ord` (a number, inf, -inf, 0) of all elements, or over dimensions. At zero the gradient is 0."""
    return reductions.norm(x, ord, dim, keepdim, dtype)


def matrix_norm(A: Any, ord: Any = "fro", dim: Sequence[int] = (-2, -1), keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of matrices over two dimensions: "fro", "nuc" (sum of singular values), 1, -1 (sums of columns), inf,
    -inf (sums of rows), 2, -2 (singular values). RuntimeError for other orders."""
    t = tensor_of("linalg.matrix_norm", A)
    t = t if dtype is None else t.to(dtype)
    if t._s.ndim < 2:
        raise ShapeError(f"linalg.matrix_norm got shape {t._s.shape}; wanted at least two dimensions")
    over = tuple(dim_of("linalg.matrix_norm", t._s.ndim, each) for each in dim)
    if len(over) != 2 or over[0] == over[1]:
        raise ShapeError(f"linalg.matrix_norm got dim={dim}; wanted two different dimensions")
    if ord == "fro":
        return reductions.norm(t, 2, over, keepdim)
    if ord not in ("nuc", 1, -1, 2, -2, inf, -inf):
        raise RuntimeError(f"linalg.matrix_norm of order {ord!r}; wanted 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    rest = tuple(d for d in range(t._s.ndim) if d not in over)
    m = matrices("linalg.matrix_norm", permuted(t, (*rest, *over)), square=False)
    if ord in (1, -1, inf, -inf):
        sizes = reductions.sum(m.abs(), -2 if ord in (1, -1) else -1)
        found = (reductions.amax if ord > 0 else reductions.amin)(sizes, -1)
    else:
        values = svdvals(m)
        reduce: Any = reductions.sum if ord == "nuc" else reductions.amax if ord == 2 else reductions.amin
        found = reduce(values, -1)
    return reshaped(found, tuple(1 if d in over else e for d, e in enumerate(t._s.shape))) if keepdim else found


def norm(A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of vectors or matrices: without `ord` the 2-norm of all elements (or over dim), else a vector norm
    over one dimension (or of a 1-d tensor), a matrix norm over two. RuntimeError where ord is given without dim for
    more than two dimensions."""
    t = tensor_of("linalg.norm", A)
    if ord is None or dim is not None and (isinstance(dim, int) or len(dim) == 1):
        if isinstance(ord, str):
            raise RuntimeError(f"linalg.norm of order {ord!r} over one dimension; wanted a number, or two dimensions")
        return vector_norm(t, 2 if ord is None else ord, dim, keepdim, dtype=dtype)
    if dim is None and t._s.ndim > 2:
        raise ShapeError(f"linalg.norm got shape {t._s.shape} and ord without dim; say over which dimensions")
    if dim is None and t._s.ndim < 2 and not isinstance(ord, str):
        return vector_norm(t, ord, None, keepdim, dtype=dtype)
    return matrix_norm(t, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype)


def matrix_power(A: Any, n: int) -> Tensor:
    """The n-th power of square matrices, by repeated squaring; a negative n inverts first."""
    A = matrices("linalg.matrix_power", A)
    if n < 0:
        A, n = inv(A), -n
    found = None
    while n:
        found = (A if found is None else product(found, A)) if n & 1 else found
        n >>= 1
        A = product(A, A) if n else A
    identity = np.broadcast_to(np.eye(A._s.shape[-1], dtype=A._s.dtype), A._s.shape)
    return wrap(native(identity.copy())) if found is None else found


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Tensor:
    """Inner products of vectors along a dimension; the others broadcast."""
    a, b = operands("linalg.vecdot", x, y)
    return reductions.sum(a * b, dim)


inverse = inv
METHODS = {
    "inverse": inv, "det": det, "slogdet": slogdet, "logdet": logdet, "cholesky_solve": cholesky_solve,
    "cholesky": cholesky, "matrix_power": matrix_power,
}  # fmt: skip
__all__ = ["cholesky_solve", "det", "inverse", "logdet", "matrix_power", "slogdet"]
