"""LAPACK on plain arrays: one matrix at a time through SciPy's routines, stacks of them through NumPy's compiled loops.

Factor (`cholesky`, `factored`, `orthogonal`), solve with factors (`solved`, `inverted`, `triangular`), decompose (`symmetric`, `singular`), fit
(`fitted`). Routines are called on the transpose of a row-major array, which is what LAPACK takes it for: no copy is turned.
Invariant: arguments are never written into; what LAPACK says of each matrix is handed back as `info`, or raised by `refuse`.
Knows no Tensors. Imported by the modules of linear algebra and their adjoints.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.linalg import _umath_linalg

from tape.elements import memory_of, over_leading
from tape.errors import LinAlgError

stacked: Any = _umath_linalg  # NumPy's loops over stacks of matrices, without the checks of np.linalg: a third of the time at n = 10
SURE = 1e6  # triangles whose reciprocal condition number is above this many units in the last place have full rank, whatever the cut
BLOCK = 64  # columns that LAPACK's blocked routines want workspace for
ZERO = np.float32(0)  # of which no dtype here is a part
_LETTERS = {"f4": "s", "f8": "d", "c8": "c", "c16": "z"}


@cache
def routine(name: str, dtype: np.dtype) -> Any:
    """A routine of LAPACK or BLAS for a dtype."""
    from scipy.linalg import blas, lapack

    full = _LETTERS[dtype.str[1:]] + name
    return getattr(lapack if hasattr(lapack, full) else blas, full)


def refuse(name: str, info: Any, shape: tuple[int, ...], what: str) -> None:
    """LinAlgError for the first matrix of a stack whose info is not 0."""
    bad = np.argwhere(np.asarray(memory_of(info)))
    if len(bad):
        place = tuple(int(i) for i in bad[0])
        which = "a matrix" if not place else f"matrix {place if len(place) > 1 else place[0]}"
        raise LinAlgError(f"{name} got {which} of shape {shape} that {what}")


def each(f: Callable, *stacks: np.ndarray) -> list[np.ndarray]:
    """The results of `f`, called with one matrix of every stack at a time, stacked."""
    batch = stacks[0].shape[:-2]
    found = [f(*(s[i] for s in stacks)) for i in np.ndindex(batch)]
    if not found:
        found = [f(*(np.zeros(s.shape[-2:], s.dtype) + np.eye(*s.shape[-2:], dtype=s.dtype) for s in stacks))]
        return [np.zeros((*batch, *np.shape(part)), np.asarray(part).dtype) for part in found[0]]
    return [np.stack(parts).reshape(batch + np.shape(parts[0])) for parts in zip(*found, strict=True)]


def quietly(f: Callable, *args: Any) -> Any:
    """A loop of NumPy's, which marks matrices it fails at with NaN and a warning: tape/__init__ filters that, and `np.errstate`, which takes as
    long as a matrix of 10 rows, is entered only where the user turned warnings into errors."""
    try:
        return f(*args)
    except (RuntimeWarning, FloatingPointError):
        with np.errstate(all="ignore"):
            return f(*args)


@lru_cache(maxsize=64)
def above(m: int, n: int) -> np.ndarray:
    """Where the upper triangle of (m, n) is."""
    found = ~np.tri(m, n, -1, dtype=bool)
    found.flags.writeable = False
    return found


def _doubtful(found: np.ndarray) -> np.ndarray:
    """Which matrices (or vectors) of a stack begin with NaN."""
    return np.isnan(found[..., 0, 0])


# factors


@over_leading
def cholesky(a: np.ndarray) -> tuple[np.ndarray, Any]:
    """Lower factors, and LAPACK's info."""
    if not a.size:
        return a.copy(), np.zeros(a.shape[:-2], np.int32)
    if a.ndim == 2:  # the upper factor of the transpose
        factor, info = routine("potrf", a.dtype)(a.T, 0, 1)
        return factor.T, info or _first_nan(factor)
    found = quietly(stacked.cholesky_lo, a)
    info = np.zeros(a.shape[:-2], np.int32)
    for i in map(tuple, np.argwhere(_doubtful(found) | np.isnan(found[..., -1, -1]))):
        factor, info[i] = routine("potrf", a.dtype)(a[i].T, 0, 1)
        info[i] = info[i] or _first_nan(factor)
    return found, info


def _first_nan(factor: np.ndarray) -> int:
    """What info should say of NaN, which OpenBLAS lets pass: it goes down to the last element of the diagonal."""
    last = factor[-1, -1]
    return 0 if last == last else int(np.isnan(factor.diagonal()).argmax()) + 1


def factored(a: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """LU factors and pivots of the transpose of one matrix, and info."""
    return routine("getrf", a.dtype)(a.T)  # type: ignore[no-any-return]


def solved(factors: tuple, b: np.ndarray, transposed: bool = False) -> np.ndarray:
    """X with A X = B (or Aᵀ X = B), by the factors of one matrix."""
    return np.ascontiguousarray(routine("getrs", factors[0].dtype)(factors[0], factors[1], b, trans=0 if transposed else 1)[0])


def inverted(factors: tuple) -> np.ndarray:
    """The inverse, by the factors of one matrix."""
    lu = factors[0]
    return routine("getri", lu.dtype)(lu, factors[1], lwork=(BLOCK if len(lu) > 200 else 16) * len(lu))[0].T  # type: ignore[no-any-return]


def singular_at(a: np.ndarray, found: np.ndarray) -> Any:
    """info of the factors of each matrix where `found` is doubtful."""
    info = np.zeros(a.shape[:-2], np.int32)
    for i in map(tuple, np.argwhere(_doubtful(found))):
        info[i] = max(routine("getrf", a.dtype)(a[i])[2], 0)
    return info


def solve(a: np.ndarray, b: np.ndarray, vector: bool) -> tuple[np.ndarray, Any]:
    """X with A X = B for stacks of one batch, and info."""
    if not b.size or not a.size:
        return b.copy(), np.zeros(a.shape[:-2], np.int32)
    found = quietly(stacked.solve1 if vector else stacked.solve, a, b)
    return found, singular_at(a, found[..., None] if vector else found)


@over_leading
def inverse(a: np.ndarray) -> tuple[np.ndarray, Any]:
    """Inverses, and info."""
    if not a.size:
        return a.copy(), np.zeros(a.shape[:-2], np.int32)
    if a.ndim == 2:
        *factors, info = factored(a)
        return (np.full_like(a, np.nan) if info else inverted(tuple(factors))), info
    found = quietly(stacked.inv, a)
    return found, singular_at(a, found)


@over_leading
def lu(a: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compact LU factors of each matrix, pivots counted from 1, and info."""

    def one(m: np.ndarray) -> tuple:
        if not m.size:
            return m.copy(), np.zeros(min(m.shape), np.int32), np.int32(0)
        factors, pivots, info = routine("getrf", m.dtype)(m)
        return np.ascontiguousarray(factors), (pivots + 1).astype(np.int32), np.int32(info)

    if a.ndim == 2:
        return one(a)
    found = each(one, a)
    return found[0], found[1], found[2]


def permutation(pivots: np.ndarray, m: int) -> np.ndarray:
    """The rows in the order in which pivots (counted from 1) exchange them."""
    order = np.broadcast_to(np.arange(m), (*pivots.shape[:-1], m)).copy()
    for place in np.ndindex(pivots.shape[:-1]):
        row = order[place]
        for i, j in enumerate(pivots[place].tolist()):
            if not 0 < j <= m:
                raise RuntimeError(f"lu_unpack got the pivot {j}; pivots are 1 to {m}")
            row[i], row[j - 1] = row[j - 1], row[i]
    return order


@over_leading
def triangular(a: np.ndarray, b: np.ndarray, upper: bool, left: bool, unit: bool) -> np.ndarray:
    """X with A X = B (or X A = B), where one triangle of A is read. Stacks have one batch."""
    if not b.size:
        return b.copy()
    trsm = routine("trsm", b.dtype)
    if a.ndim == 2:  # row-major matrices are their transposes to BLAS: X A = B becomes Aᵀ Xᵀ = Bᵀ
        return trsm(1.0, a.T, b.T, side=int(left), lower=int(upper), diag=int(unit)).T  # type: ignore[no-any-return]
    found = np.empty(b.shape, b.dtype)
    for i in np.ndindex(a.shape[:-2]):
        found[i] = trsm(1.0, a[i].T, b[i].T, side=int(left), lower=int(upper), diag=int(unit)).T
    return found


@over_leading
def determinant(a: np.ndarray, factors: tuple = ()) -> Any:
    """Determinants, by the factors of one matrix where they are given."""
    if not factors:
        return quietly(stacked.det, a)
    with np.errstate(all="ignore"):
        return np.multiply.reduce(factors[0].diagonal()) * _parity(factors[1])


@over_leading
def log_determinant(a: np.ndarray, factors: tuple = ()) -> tuple:
    """Signs and logarithms of absolute values of determinants."""
    if not factors:
        return quietly(stacked.slogdet, a)  # type: ignore[no-any-return]
    entries = factors[0].diagonal()
    sizes = np.abs(entries)
    with np.errstate(all="ignore"):
        return np.multiply.reduce(np.where(sizes > 0, entries / sizes, 0)) * _parity(factors[1]), np.log(sizes).sum()


def _parity(pivots: np.ndarray) -> float:
    """The sign of the exchanges of rows that pivots, counted from 0, stand for."""
    return -1.0 if np.count_nonzero(pivots != np.arange(len(pivots))) & 1 else 1.0


def ldl(a: np.ndarray, hermitian: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compact factors of symmetric matrices (lower triangle), pivots and info."""
    name = "hetrf" if hermitian and a.dtype.kind == "c" else "sytrf"

    def one(m: np.ndarray) -> tuple:
        if not m.size:
            return m.copy(), np.zeros(0, np.int32), np.int32(0)
        factors, pivots, info = routine(name, m.dtype)(m, lower=1, lwork=BLOCK * len(m))
        return np.tril(factors), pivots.astype(np.int32), np.int32(info)

    found = each(one, a)
    return found[0], found[1], found[2]


def ldl_solved(factors: np.ndarray, pivots: np.ndarray, b: np.ndarray, hermitian: bool) -> np.ndarray:
    """X with A X = B by the factors of symmetric matrices."""
    name = "hetrs" if hermitian and factors.dtype.kind == "c" else "sytrs"
    found = np.empty(b.shape, b.dtype)
    for i in np.ndindex(factors.shape[:-2]):
        if b[i].size:
            found[i] = routine(name, b.dtype)(factors[i], pivots[i], b[i], lower=1)[0]
    return found


# decompositions


@over_leading
def symmetric(a: np.ndarray, triangle: str) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, ascending, and eigenvectors."""
    w, v = quietly(stacked.eigh_lo if triangle == "L" else stacked.eigh_up, a)
    return w, v


@over_leading
def symmetric_values(a: np.ndarray, triangle: str) -> np.ndarray:
    """Eigenvalues, ascending."""
    return quietly(stacked.eigvalsh_lo if triangle == "L" else stacked.eigvalsh_up, a)  # type: ignore[no-any-return]


@over_leading
def general(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of any square matrices, complex."""
    w, v = quietly(stacked.eig, _finite("linalg.eig", a))
    out = np.result_type(a.dtype, np.complex64)
    return w.astype(out, copy=False), v.astype(out, copy=False)


@over_leading
def general_values(a: np.ndarray) -> np.ndarray:
    """Eigenvalues of any square matrices, complex."""
    found = quietly(stacked.eigvals, _finite("linalg.eigvals", a))
    return found.astype(np.result_type(a.dtype, np.complex64), copy=False)  # type: ignore[no-any-return]


def _finite(name: str, a: np.ndarray) -> np.ndarray:
    if not np.isfinite(a).all():
        refuse(name, ~np.isfinite(a).all((-1, -2)), a.shape, "has NaN or infinite elements")
    return a


@over_leading
def orthogonal(a: np.ndarray, complete: bool) -> tuple[np.ndarray, np.ndarray]:
    """Q and R of each matrix."""
    m, n = a.shape[-2:]
    if a.ndim == 2 and a.size:
        return _orthogonal(a, complete)
    if not a.size:
        k = m if complete else min(m, n)
        return np.broadcast_to(np.eye(m, k, dtype=a.dtype), (*a.shape[:-2], m, k)).copy(), np.zeros((*a.shape[:-2], k, n), a.dtype)
    q, r = np.linalg.qr(a, "complete" if complete else "reduced")
    return q, r


def _orthogonal(a: np.ndarray, complete: bool) -> tuple[np.ndarray, np.ndarray]:
    m, n = a.shape
    k = m if complete else min(m, n)
    factors, tau, _, _ = routine("geqrf", a.dtype)(a, lwork=BLOCK * n)
    r = np.where(above(k, n), factors[:k], ZERO)
    if k > n:
        wide = np.zeros((m, k), a.dtype, "F")
        wide[:, :n] = factors
        factors = wide
    make = routine("ungqr" if a.dtype.kind == "c" else "orgqr", a.dtype)
    return np.ascontiguousarray(make(factors[:, :k], tau, lwork=BLOCK * k)[0]), r


@over_leading
def singular(a: np.ndarray, full: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """U, singular values, descending, and Vᴴ."""
    if not a.size:
        u, s, v = np.linalg.svd(a, full_matrices=full)
    else:
        u, s, v = quietly(stacked.svd_f if full else stacked.svd_s, a)
        if np.isnan(s).any():
            refuse("linalg.svd", np.isnan(s).any(-1), a.shape, "has NaN or infinite elements, or at which the algorithm failed to converge")
    return u, s, v


@over_leading
def singular_values(a: np.ndarray) -> np.ndarray:
    """Singular values, descending."""
    if not a.size:
        return np.linalg.svd(a, compute_uv=False)
    found = quietly(stacked.svd, a)
    if np.isnan(found).any():
        refuse("linalg.svdvals", np.isnan(found).any(-1), a.shape, "has NaN or infinite elements, or at which the algorithm failed to converge")
    return found  # type: ignore[no-any-return]


# least squares


def fitted(a: np.ndarray, b: np.ndarray, cut: float, driver: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The solution of least norm of min |A X - B| for stacks of one batch, ranks, and singular values where the driver finds them."""
    m, n = a.shape[-2:]
    if not a.size or not b.size:
        batch = a.shape[:-2]
        return np.zeros((*batch, n, b.shape[-1]), b.dtype), np.zeros(batch, np.int64), np.zeros((*batch, min(m, n)), a.real.dtype)
    if a.ndim == 2:
        return _fitted(a, b, cut, driver)
    found = each(lambda p, q: _fitted(p, q, cut, driver), a, b)
    return found[0], found[1], found[2]


def _of_full_rank(a: np.ndarray, b: np.ndarray, cut: float) -> np.ndarray | None:
    """The solution by orthogonal factors without pivoting, in half the time; None where the triangle says that the rank may be in doubt."""
    m, n = a.shape
    wide, letter = m < n, "c" if a.dtype.kind == "c" else "t"
    tall = a.T.conj() if wide else a
    factors, tau, _, _ = routine("geqrf", a.dtype)(tall, lwork=BLOCK * min(m, n))
    k = min(m, n)
    triangle = factors[:k]
    if not routine("trcon", a.dtype)(triangle)[0] > max(SURE * np.finfo(a.dtype).eps, k * cut):
        return None
    turn, solve = routine("unmqr" if letter == "c" else "ormqr", a.dtype), routine("trtrs", a.dtype)
    room = BLOCK * max(b.shape[1], 1)
    if not wide:
        rotated = turn("L", letter.upper(), factors, tau, b, room)[0]
        return np.ascontiguousarray(solve(triangle, rotated[:k])[0])
    half = np.zeros((n, b.shape[1]), a.dtype, "F")
    half[:k] = solve(triangle, b, trans=2 if letter == "c" else 1)[0]
    return np.ascontiguousarray(turn("L", "N", factors, tau, half, room, overwrite_c=1)[0])


def _fitted(a: np.ndarray, b: np.ndarray, cut: float, driver: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    m, n = a.shape
    longer = np.zeros((max(m, n), b.shape[1]), b.dtype, "F")
    longer[:m] = b
    real = a.dtype.kind != "c"
    work = BLOCK * (n + 1) + max(min(m, n), b.shape[1]) * BLOCK + 4 * max(m, n)
    none = np.zeros(0, a.real.dtype)
    if driver == "gels":
        _, x, info = routine("gels", a.dtype)(a, longer, lwork=work)
        if info > 0:
            refuse("linalg.lstsq", np.int32(info), a.shape, "does not have full rank, which the driver 'gels' needs")
        return np.ascontiguousarray(x[:n]), np.int64(min(m, n)), none
    if driver == "gelsy":
        quick = _of_full_rank(a, b, cut)
        if quick is not None:
            return quick, np.int64(min(m, n)), none
        pivots = np.zeros(n, np.int32)
        _, x, _, rank, _ = routine("gelsy", a.dtype)(a, longer, pivots, cut, work)
        return np.ascontiguousarray(x[:n]), np.int64(rank), none
    query = routine(f"{driver}_lwork", a.dtype)(m, n, b.shape[1], cut)
    size = int(query[0].real)
    if driver == "gelss":
        _, x, s, rank, _, _ = routine("gelss", a.dtype)(a, longer, cut, size)
    elif real:
        x, s, rank, _ = routine("gelsd", a.dtype)(a, longer, size, query[1], cut)
    else:
        x, s, rank, _ = routine("gelsd", a.dtype)(a, longer, size, int(query[1]), query[2], cut)
    return np.ascontiguousarray(x[:n]), np.int64(rank), s
