"""Decompositions of matrices and what is made of them: eigenvalues, singular values, orthogonal factors, pseudo-inverses, exponentials.

Decompose (`eigh`, `eig`, `svd`, `qr`), take values alone (`eigvalsh`, `eigvals`, `svdvals`), and use them (`pinv`, `lstsq`, `matrix_rank`,
`matrix_exp`, `householder_product`). A decomposition is one row that holds all its parts, so that one adjoint (tape/adjoints/spectra) sees
the cotangents of all. Invariant: vectors are determined up to sign (phase) only, and so must be what is differentiated.
Imports lapack, matrices and systems; imported by linalg and the adjoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.elements import over_leading
from tape.errors import LinAlgError, ShapeError
from tape.functions import lapack, reductions
from tape.functions.arguments import recording, tensor_of
from tape.functions.complex import real
from tape.functions.elementwise import abs, square
from tape.functions.joining import narrow
from tape.functions.matrices import Eigh, Lstsq, Qr, Svd, TurnedSvd, batched, matrices, packed, several, turned
from tape.functions.picking import tril
from tape.functions.products import operands, product, reshaped
from tape.outputs import titled
from tape.record import cast, record
from tape.tensor import Tensor, array, wrap
from tape.traced import as_value, through

EIGENVALUES, SINGULAR_VALUES, EXP, PINV, LSTSQ = (OPCODES[n] for n in ("eigenvalues", "singular_values", "matrix_exp", "pinv", "lstsq"))


def _real_dtype(t: Tensor) -> np.dtype:
    return np.empty(0, t._s.dtype).real.dtype


# symmetric matrices


def _triangle(name: str, UPLO: str) -> str:
    if not isinstance(UPLO, str) or UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"{name} got UPLO={UPLO!r}; wanted 'L' or 'U', the triangle to read")
    return UPLO.upper()


def eigh(A: Any, UPLO: str = "L") -> Eigh:
    """Eigenvalues, ascending, and orthonormal eigenvectors of symmetric (Hermitian) matrices. One triangle is read; the gradient
    is symmetric. Eigenvectors have no gradient where an eigenvalue repeats (inf or NaN, with a VanishingGapWarning), and the sign of each is
    arbitrary: differentiate only what does not depend on it. ValueError for another UPLO.

    >>> tape.linalg.eigh(tape.tensor([[2., 1.], [1., 2.]])).eigenvalues
    tensor([1., 3.])
    """
    A, triangle, n = matrices("linalg.eigh", A), _triangle("linalg.eigh", UPLO), A.shape[-1]
    if not recording(A):
        W, V = through(lapack.symmetric, A._v, triangle)
        return Eigh(wrap(W), wrap(V))
    values, vectors = several("eigh", A, through(_symmetric, A._v, triangle), ((n,), (n, n)), "LinalgEigh", triangle)
    return Eigh(real(values), vectors)


@over_leading
def _symmetric(a: np.ndarray, triangle: str) -> np.ndarray:
    return packed(a.ndim - 2, *lapack.symmetric(a, triangle))  # type: ignore[no-any-return]


def eigvalsh(A: Any, UPLO: str = "L") -> Tensor:
    """Eigenvalues of symmetric (Hermitian) matrices, ascending. One triangle is read; the gradient is symmetric."""
    A, triangle = matrices("linalg.eigvalsh", A), _triangle("linalg.eigvalsh", UPLO)
    if not recording(A):
        return wrap(through(lapack.symmetric_values, A._v, triangle))
    W, V = through(lapack.symmetric, A._v, triangle)
    return record(EIGENVALUES, (A,), W, (A._v, None, W, V), (A._s, triangle))


# any square matrices


def eig(A: Any) -> Eigh:
    """Eigenvalues, in no particular order, and eigenvectors of norm 1, both complex. The phase of a vector is arbitrary: differentiate
    only what does not depend on it."""
    A = matrices("linalg.eig", A)
    n = A._s.shape[-1]
    if not recording(A):
        W, V = through(lapack.general, A._v)
        return Eigh(wrap(W), wrap(V))
    values, vectors = several("eig", A, through(_general, A._v), ((n,), (n, n)), "LinalgEig")
    return Eigh(values, vectors)


@over_leading
def _general(a: np.ndarray) -> np.ndarray:
    return packed(a.ndim - 2, *lapack.general(a))  # type: ignore[no-any-return]


def eigvals(A: Any) -> Tensor:
    """Eigenvalues of square matrices, complex, in no particular order."""
    A = matrices("linalg.eigvals", A)
    return eig(A).eigenvalues if recording(A) else wrap(through(lapack.general_values, A._v))


# singular values


def svd(A: Any, full_matrices: bool = True, *, driver: str | None = None) -> Svd:
    """U, the singular values S, descending, and Vh with A = U diag(S) Vh; without `full_matrices` only min(m, n) columns of U and rows of Vh.
    Gradients exist where what is differentiated depends on these alone and neither on signs (phases), and where no values coincide.
    `driver` is accepted where PyTorch accepts it, on other devices: RuntimeError here."""
    if driver is not None:
        raise RuntimeError(f"linalg.svd got driver={driver!r}; there is only LAPACK's gesdd here, leave it away")
    A = matrices("linalg.svd", A, square=False)
    if not recording(A):
        U, S, Vh = through(lapack.singular, A._v, full_matrices)
        return Svd(wrap(U), wrap(S), wrap(Vh))
    m, n = A._s.shape[-2:]
    k = min(m, n)
    p, q = (m, n) if full_matrices else (k, k)
    U, S, Vh = several("svd", A, through(_singular, A._v, full_matrices), ((m, p), (k,), (q, n)), "LinalgSvd", k)
    return Svd(U, real(S), Vh)


@over_leading
def _singular(a: np.ndarray, full: bool) -> np.ndarray:
    return packed(a.ndim - 2, *lapack.singular(a, full))  # type: ignore[no-any-return]


def svd_older(input: Any, some: bool = True, compute_uv: bool = True) -> TurnedSvd:
    """U, S and V (not Vh): the older spelling of linalg.svd. Without `compute_uv`, U and V are zeros."""
    A = matrices("svd", input, square=False)
    if compute_uv:
        U, S, Vh = svd(A, not some)
        return TurnedSvd(U, S, turned(Vh))
    batch, (m, n) = A._s.shape[:-2], A._s.shape[-2:]
    return TurnedSvd(wrap(np.zeros((*batch, m, m), A._s.dtype)), svdvals(A), wrap(np.zeros((*batch, n, n), A._s.dtype)))


def svdvals(A: Any, *, driver: str | None = None) -> Tensor:
    """Singular values, descending."""
    A = matrices("linalg.svdvals", A, square=False)
    if not recording(A):
        return wrap(through(lapack.singular_values, A._v))
    U, S, Vh = through(lapack.singular, A._v, False)
    return record(SINGULAR_VALUES, (A,), S, (A._v, None, S, U, Vh), (A._s,))


# orthogonal factors


def qr(A: Any, mode: str = "reduced") -> Qr:
    """Q with orthonormal columns and upper triangular R, with A = Q R. mode "complete" makes Q square, mode "r" leaves Q away (it is
    empty), which cannot be differentiated, nor can "complete" for more rows than columns; nor where the first columns are dependent."""
    A = matrices("linalg.qr", A, square=False)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"linalg.qr got mode={mode!r}; wanted 'reduced', 'complete' or 'r'")
    m, n = A._s.shape[-2:]
    k = m if mode == "complete" else min(m, n)
    if not recording(A):
        Q, R = through(lapack.orthogonal, A._v, mode == "complete")
        return Qr(wrap(np.zeros(0, A._s.dtype)) if mode == "r" else wrap(Q), wrap(R))
    Q, R = several("qr", A, through(_orthogonal, A._v, mode == "complete"), ((m, k), (k, n)), "LinalgQr", mode)
    return Qr(wrap(np.zeros(0, A._s.dtype)) if mode == "r" else Q, R)


@over_leading
def _orthogonal(a: np.ndarray, complete: bool) -> np.ndarray:
    return packed(a.ndim - 2, *lapack.orthogonal(a, complete))  # type: ignore[no-any-return]


def qr_older(input: Any, some: bool = True) -> Qr:
    """`linalg.qr` under its older name."""
    return qr(input, "reduced" if some else "complete")


@titled("LinalgHouseholderProduct")
def householder_product(A: Any, tau: Any) -> Tensor:
    """The first n columns of the product of reflections 1 - tau_i v_i v_iᴴ, where v_i stands below the diagonal of column i of A (m, n), with
    a one on it: what geqrf leaves behind, as an orthogonal matrix."""
    A, tau = operands("linalg.householder_product", A, tau)
    A = matrices("linalg.householder_product", A, square=False)
    m, n = A._s.shape[-2:]
    k = tau._s.shape[-1] if tau._s.ndim else -1
    if m < n or not 0 <= k <= n or tau._s.shape[:-1] != A._s.shape[:-2]:
        raise ShapeError(
            f"linalg.householder_product got A of shape {A._s.shape} and tau of shape {tau._s.shape}; wanted (..., m, n) with "
            "m >= n, and (..., k) with k <= n"
        )
    eye = np.eye(m, n, dtype=A._s.dtype)
    v = tril(A, -1) + wrap(np.broadcast_to(eye, A._s.shape))
    found = wrap(np.broadcast_to(eye, A._s.shape))
    for i in range(k - 1, -1, -1):
        column, factor = narrow(v, -1, i, 1), tau[..., i, None, None]
        found = found - product(column * factor, product(turned(column), found))
    return found


# what they are good for


def _cuts(name: str, A: Tensor, atol: Any, rtol: Any, S: Any) -> Any:
    """What a singular value must exceed to count, a number a matrix."""
    m, n = A._s.shape[-2:]
    given = [None if t is None else array(t) if isinstance(t, Tensor) else np.asarray(t) for t in (atol, rtol)]
    below = np.zeros(()) if given[0] is None else given[0]
    unset = np.finfo(A._s.dtype).eps * max(m, n)
    part = (unset if given[0] is None else np.where(below > 0, 0.0, unset)) if given[1] is None else given[1]
    largest = S.max(axis=-1) if S.shape[-1] else np.zeros(S.shape[:-1])
    return np.maximum(below, part * largest)


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """How many singular values (absolute eigenvalues, for `hermitian`) exceed max(atol, rtol times the largest); `tol` is an older name of atol.
    Without either, rtol is max(m, n) times the precision of the dtype."""
    A = matrices("linalg.matrix_rank", A, square=hermitian)
    if tol is not None:
        atol, rtol = tol, 0.0
    return wrap(through(_ranks, A._v, hermitian, *(t._v if isinstance(t, Tensor) else t for t in (atol, rtol))))


@over_leading
def _ranks(a: np.ndarray, hermitian: bool, atol: Any, rtol: Any) -> np.ndarray:
    sizes = np.abs(lapack.symmetric_values(a, "L")) if hermitian else lapack.singular_values(a)
    cut = np.asarray(_cuts("linalg.matrix_rank", wrap(a), atol, rtol, sizes))
    if not a.size:
        return np.zeros(np.broadcast_shapes(a.shape[:-2], cut.shape), np.int64)
    return np.asarray((sizes > cut[..., None]).sum(-1), np.int64)


def pinv(A: Any, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """The Moore-Penrose inverse. Singular values up to max(atol, rtol times the largest) count as zero (`rcond` is an older name of
    rtol); the gradient holds as long as the rank stays what it is."""
    A = matrices("linalg.pinv", A, square=hermitian)
    rtol = rcond if rtol is None else rtol
    if not A._s.size:
        return wrap(np.zeros((*A._s.shape[:-2], A._s.shape[-1], A._s.shape[-2]), A._s.dtype))
    given = [t._v if isinstance(t, Tensor) else t for t in (atol, rtol)]
    P = through(_pseudo_inverse, A._v, hermitian, *given)
    return record(PINV, (A,), P, (A._v, None, P) if recording(A) else None, (A._s,))


def _pseudo_inverse(a: np.ndarray, hermitian: bool, atol: Any, rtol: Any) -> np.ndarray:
    if hermitian:
        w, v = lapack.symmetric(a, "L")
        sizes = np.abs(w)
        u, vh = v, np.swapaxes(v, -1, -2).conj()
    else:
        u, w, vh = lapack.singular(a, False)
        sizes = w
    cut = np.asarray(_cuts("linalg.pinv", wrap(a), atol, rtol, sizes))
    keep = sizes > cut[..., None]
    factors = np.where(keep, 1 / np.where(keep, w, 1), 0).astype(w.dtype)
    return np.swapaxes(vh, -1, -2).conj() @ (factors[..., None] * np.swapaxes(u, -1, -2).conj())  # type: ignore[no-any-return]


def lstsq(A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None) -> Lstsq:
    """The X of least norm that makes A X - B least: A is (..., m, n), B (..., m, k), or (..., m) with fewer dimensions than A. residuals: the squared
    norm of each column of A X - B, where m > n, every rank is n and the driver is not gelsy, else empty. driver: "gelsy" (the
    default, which finds the rank), "gelsd" and "gelss" (which give singular values as well), or "gels" (full rank is taken for granted).
    rcond: singular values below this part of the largest count as zero; by default the precision of the dtype times max(m, n).
    The gradient holds as long as the rank stays what it is."""
    A, B = operands("linalg.lstsq", A, B)
    A = matrices("linalg.lstsq", A, square=False)
    driver = "gelsy" if driver is None else driver
    if driver not in ("gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(f"linalg.lstsq got driver={driver!r}; wanted 'gels', 'gelsy', 'gelsd' or 'gelss'")
    m, n = A._s.shape[-2:]
    vector = B._s.ndim == A._s.ndim - 1
    if not B._s.ndim or B._s.ndim < A._s.ndim - 1 or B._s.shape[-1 if vector else -2] != m:
        raise ShapeError(f"linalg.lstsq got A of shape {A._s.shape} and B of shape {B._s.shape}; B must have {m} rows, as A has")
    columns = reshaped(B, (*B._s.shape, 1)) if vector else B
    A, columns = batched("linalg.lstsq", A, columns)
    cut = float(np.finfo(A._s.dtype).eps * max(m, n)) if rcond is None else float(rcond)
    x, ranks, s = through(lapack.fitted, A._v, columns._v, cut, driver)
    full = bool(np.all(as_value(ranks) == min(m, n)))
    saved = (A._v, columns._v, x) if recording(A, columns) else None
    X = record(LSTSQ, (A, columns), x, saved, (A._s, cut, full))
    residuals = wrap(np.zeros(0, _real_dtype(A)))
    if m > n and full and driver != "gelsy":  # which gives none, as in PyTorch
        residuals = reductions.sum(square(abs(product(A, X) - columns)), -2)
    none = wrap(np.zeros(0, np.int64))
    rank = none if driver == "gels" else wrap(ranks)
    values = wrap(s) if driver in ("gelsd", "gelss") else wrap(np.zeros(0, _real_dtype(A)))
    if vector:
        X = reshaped(X, X._s.shape[:-1])
        residuals = reshaped(residuals, residuals._s.shape[:-1]) if residuals._s.ndim > 1 else residuals
    return Lstsq(X, residuals, rank, values)


def matrix_exp(A: Any) -> Tensor:
    """The exponential of square matrices: the sum of A**k / k!, by scaling and squaring (Al-Mohy and Higham 2009, through SciPy)."""
    t = tensor_of("linalg.matrix_exp", A)
    half = t._s.dtype.itemsize == 2 and t._s.dtype.kind in "fV"
    t = matrices("linalg.matrix_exp", cast(t, np.dtype(np.float32)) if half else t)
    Y = through(_exponential, t._v)
    found = record(EXP, (t,), Y, (t._v, None, None) if recording(t) else None, (t._s,))
    return cast(found, tensor_of("linalg.matrix_exp", A)._s.dtype) if half else found


@over_leading
def _exponential(a: np.ndarray) -> np.ndarray:
    if not a.size:
        return a.copy()
    from scipy.linalg import expm

    return np.asarray(expm(a), a.dtype)


__all__ = ["LinAlgError", "eigh", "lstsq", "pinv", "qr", "svd"]
