"""Adjoints of linear algebra: solutions of further systems, never an inverse that is not there already.

Where nothing is recorded, factors and vectors that the forward computation left behind serve again; on a tape the same
formulas are made of recorded functions of the inputs. Imports functions.linalg; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.adjoints import adjoint
from tape.functions import linalg
from tape.functions.products import product, reshaped, transposed
from tape.record import expand
from tape.state import STATE
from tape.tensor import Tensor, array, wrap


def _plain(g: Tensor, row: Any) -> bool:
    """Whether the adjoint is only computed, not recorded."""
    return not row.linked and g._t is None and not STATE.dual


def _columns(t: Tensor) -> Tensor:
    return reshaped(t, (*t._s.shape, 1))


def _spread(t: Tensor, like: Tensor) -> Tensor:
    """One number a matrix, as a stack of matrices."""
    return expand(reshaped(t, (*t._s.shape, 1, 1)), like._s.shape)


def _masked(t: Tensor, keep: np.ndarray) -> Tensor:
    """The elements of matrices times constants."""
    return t * wrap(np.broadcast_to(keep.astype(t._s.dtype), t._s.shape))


@adjoint("solve")
def solve_adjoint(g: Tensor, row: Any) -> tuple:
    """A⁻ᵀ g for B, and minus its product with Xᵀ for A."""
    _, vector = row.params
    factors = row.x[3] if len(row.x) > 3 else None  # tangents, where there are any, push them out
    if _plain(g, row) and factors is not None:
        to_b = wrap(linalg.solve_again(factors, array(g), 1))
    else:
        a = transposed(row.a)
        to_b = reshaped(linalg.solve(a, _columns(g)), g._s.shape) if vector else linalg.solve(a, g)
    if not row.need[0]:
        return None, to_b
    x = row.out
    to_a = -product(_columns(to_b), transposed(_columns(x))) if vector else -product(to_b, transposed(x))
    return to_a, to_b if row.need[1] else None


@adjoint("inv")
def inv_adjoint(g: Tensor, row: Any) -> tuple:
    """-Yᵀ g Yᵀ, where Y is the inverse."""
    y = transposed(row.out)
    return (-product(product(y, g), y),)


@adjoint("det")
def det_adjoint(g: Tensor, row: Any) -> tuple:
    """g times the cofactors: det(A) A⁻ᵀ where A is regular; at a singular A they are computed without an inverse."""
    a, y = row.a, row.out
    if np.all(array(y) != 0):
        try:
            return (_spread(g * y, a) * transposed(linalg.inv(a)),)
        except linalg.LinAlgError:
            pass
    return (_spread(g, a) * (wrap(cofactors(array(a))) if _plain(g, row) else minors(a)),)


def cofactors(a: np.ndarray) -> np.ndarray:
    """The cofactors of any matrices, from their singular values: det(U Vᵀ) U diag(products of all other singular values) Vᵀ."""
    u, s, vt = np.linalg.svd(a)
    n = s.shape[-1]
    others = np.stack([np.prod(np.delete(s, i, axis=-1), axis=-1) for i in range(n)], axis=-1) if n else s
    return np.linalg.det(u @ vt)[..., None, None] * (u * others[..., None, :] @ vt)


def minors(a: Tensor) -> Tensor:
    """The cofactors as recorded determinants of minors: slow, but differentiable at singular matrices to every order."""
    n = a._s.shape[-1]
    if n == 1:
        return wrap(np.ones(a._s.shape, a._s.dtype))
    left = np.array([[k for k in range(n) if k != i] for i in range(n)])
    parts = a[..., left[:, None, :, None], left[None, :, None, :]]
    signs = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
    return _masked(linalg.det(parts), signs)


@adjoint("slogdet")
def slogdet_adjoint(g: Tensor, row: Any) -> tuple:
    """g A⁻ᵀ."""
    a = row.a
    return (_spread(g, a) * transposed(linalg.inv(a)),)


def half_lower(n: int) -> np.ndarray:
    """1 below the diagonal, 1/2 on it."""
    return np.tri(n) - np.eye(n) / 2


@adjoint("cholesky")
def cholesky_adjoint(g: Tensor, row: Any) -> tuple:
    """The symmetric part of L⁻ᵀ P L⁻¹, where P is the lower triangle of Lᵀ g with its diagonal halved."""
    lower = row.out
    upper = transposed(lower)
    p = _masked(product(upper, g), half_lower(g._s.shape[-1]))
    s = linalg.solve_triangular(upper, linalg.solve_triangular(lower, p, upper=False, left=False), upper=True)
    return ((s + transposed(s)) * 0.5,)


@adjoint("solve_triangular")
def solve_triangular_adjoint(g: Tensor, row: Any) -> tuple:
    """As for solve, with the triangle that was read of the gradient of A."""
    spec, upper, left, unit = row.params
    a = transposed(row.a)
    to_b = linalg.solve_triangular(a, g, upper=not upper, left=left, unitriangular=unit)
    if not row.need[0]:
        return None, to_b
    x = transposed(row.out)
    found = product(to_b, x) if left else product(x, to_b)
    n = spec.shape[-1]
    read = np.tri(n, k=-1 if unit else 0)
    return _masked(found, -(read.T if upper else read)), to_b if row.need[1] else None


@adjoint("eigenvalues")
def eigenvalues_adjoint(g: Tensor, row: Any) -> tuple:
    """V diag(g) Vᵀ."""
    v = wrap(row.x[3]) if _plain(g, row) and len(row.x) > 3 else linalg.eigh(row.a).eigenvectors
    return (product(_scaled(v, g), transposed(v)),)


def _scaled(v: Tensor, factors: Tensor) -> Tensor:
    """Each column times its factor."""
    return v * expand(reshaped(factors, (*factors._s.shape[:-1], 1, factors._s.shape[-1])), v._s.shape)


@adjoint("eigenvectors")
def eigenvectors_adjoint(g: Tensor, row: Any) -> tuple:
    """The symmetric part of V ((Vᵀ g) / E) Vᵀ, where E is the matrix of differences of eigenvalues. 0/0 counts as 0,
    so that vectors of a repeated eigenvalue that nobody uses do no harm."""
    if _plain(g, row) and len(row.x) > 3:
        w, v = wrap(row.x[3]), row.out
    else:
        w, v = linalg.eigh(row.a)
    vt = transposed(v)
    p = product(vt, g)
    shape, n = p._s.shape, p._s.shape[-1]
    gaps = expand(reshaped(w, (*shape[:-2], 1, n)), shape) - expand(reshaped(w, (*shape[:-2], n, 1)), shape)
    unused = np.eye(n, dtype=bool) | (array(gaps) == 0) & (array(p) == 0)
    s = product(product(v, _masked(p, ~unused) / (gaps + wrap(unused.astype(w._s.dtype)))), vt)
    return ((s + transposed(s)) * 0.5,)


@adjoint("singular_values")
def singular_values_adjoint(g: Tensor, row: Any) -> tuple:
    """U diag(g) Vᵀ. Recorded, U and V come from the symmetric matrix [[0, A], [Aᵀ, 0]], whose eigenvectors they are
    (for singular values that are not zero, as differentiating twice needs)."""
    if _plain(g, row) and len(row.x) > 3:
        u, vt = row.x[3], row.x[4]
        return (wrap((u * array(g)[..., None, :]) @ vt),)
    a = row.a
    m, n = a._s.shape[-2:]
    top, bottom = (wrap(np.eye(m + n, k, shift, dtype=a._s.dtype)) for k, shift in ((m, 0), (n, -m)))
    corner = product(product(top, a), transposed(bottom))
    chosen = wrap(np.eye(m + n, dtype=a._s.dtype)[:, ::-1][:, : min(m, n)].copy())
    q = product(linalg.eigh(corner + transposed(corner)).eigenvectors, chosen)
    u, v = product(transposed(top), q), product(transposed(bottom), q)
    return (product(_scaled(u, g), transposed(v)) * 2.0,)
