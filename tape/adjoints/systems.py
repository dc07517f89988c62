"""Adjoints of systems of equations: solutions of further systems, never an inverse that is not there already.

Where nothing is recorded, factors that the forward computation left behind serve again; on a tape the same
formulas are made of recorded functions of the inputs. A complex Jacobian enters conjugated: ᴴ is the conjugate transpose.
Imports functions.systems; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.adjoints import adjoint, quick
from tape.errors import LinAlgError
from tape.functions import lapack, systems
from tape.functions.complex import conj
from tape.functions.joining import cat
from tape.functions.matrices import turned
from tape.functions.products import product, reshaped
from tape.record import expand
from tape.state import STATE
from tape.tensor import Tensor, array, wrap
from tape.traced import Traced, through

LARGE = 12  # matrices of more rows have too many minors to record
HALF, STRICT = 1.5e-8, 1e-12  # with condition numbers below these over the precision, an inverse has half, or most, of its digits


def plain(g: Tensor, row: Any) -> bool:
    """Whether the adjoint is only computed, not recorded in any way."""
    return not row.linked and g._t is None and not STATE.dual and STATE.trace is None and type(g._v) is not Traced


def columns(t: Tensor) -> Tensor:
    """Vectors as matrices of one column."""
    return reshaped(t, (*t._s.shape, 1))


def spread(t: Tensor, like: Tensor) -> Tensor:
    """One number a matrix, as a stack of matrices."""
    return expand(reshaped(t, (*t._s.shape, 1, 1)), like._s.shape)


def masked(t: Tensor, keep: np.ndarray) -> Tensor:
    """The elements of matrices times constants."""
    return t * wrap(np.broadcast_to(keep.astype(t._s.dtype), t._s.shape))


@adjoint("solve")
def solve_adjoint(g: Tensor, row: Any) -> tuple:
    """A⁻ᴴ g for B, and minus its product with Xᴴ for A."""
    _, vector = row.params
    factors = row.x[3] if len(row.x) > 3 else ()  # tangents, where there are any, push them out
    served = bool(factors) and plain(g, row) and type(factors[0]) is np.ndarray
    if served and quick.serves(g):
        to_a, to_b = quick.solve(array(g), array(row.out), factors, vector, row.need[0])
        return None if to_a is None else wrap(to_a), wrap(to_b) if row.need[1] else None
    if served:
        given = array(g)
        to_b = wrap(lapack.solved(factors, given.conj(), True).conj())
    else:
        a = turned(row.a)
        to_b = reshaped(systems.solve(a, columns(g)), g._s.shape) if vector else systems.solve(a, g)
    if not row.need[0]:
        return None, to_b
    x = row.out
    to_a = -product(columns(to_b), turned(columns(x))) if vector else -product(to_b, turned(x))
    return to_a, to_b if row.need[1] else None


@adjoint("inv")
def inv_adjoint(g: Tensor, row: Any) -> tuple:
    """-Yᴴ g Yᴴ, where Y is the inverse."""
    if plain(g, row) and quick.serves(g):
        return (wrap(quick.inv(array(g), array(row.out))),)
    y = turned(row.out)
    return (-product(product(y, g), y),)


@adjoint("det")
def det_adjoint(g: Tensor, row: Any) -> tuple:
    """g times the conjugate cofactors: those are det(A) A⁻ᵀ where A is well conditioned; elsewhere they are computed without an inverse."""
    a, y = row.a, row.out
    n = a._s.shape[-1]
    if n == 1:
        return (spread(g, a),)
    direct = plain(g, row)
    if direct and quick.serves(g) and a._s.ndim == 2:
        found = quick.inverse_turned(array(a), row.x[3] if len(row.x) > 3 else ())
        if found is not None and well_conditioned(array(a), found.T):
            return (wrap(found * (array(g) * array(y))),)
    elif np.all(np.abs(array(y)) > 0):
        try:
            inverse = systems.inv(a)
        except LinAlgError:
            pass
        else:
            limit = HALF if direct or n > LARGE else STRICT
            if type(a._v) is Traced or well_conditioned(array(a), array(inverse), limit) or not direct and n > LARGE:
                return (spread(g * conj(y), a) * turned(inverse),)
    return (spread(g, a) * conj(wrap(cofactors(array(a))) if direct else minors(a)),)


def well_conditioned(a: np.ndarray, inverse: np.ndarray, limit: float = HALF) -> bool:
    """Whether the condition numbers of all matrices are below `limit`, times 2**52 at double precision."""
    if not a.size:
        return True
    sizes = np.abs(a).sum(-1).max(-1) * np.abs(inverse).sum(-1).max(-1)
    return bool(np.all(sizes < limit / np.finfo(a.dtype).eps))


def cofactors(a: np.ndarray) -> np.ndarray:
    """The cofactors of any matrices, from their singular values: conj(det(U Vᴴ) U diag(products of all other singular values) Vᴴ), conjugated."""
    u, s, vh = np.linalg.svd(a)
    n = s.shape[-1]
    others = np.stack([np.prod(np.delete(s, i, axis=-1), axis=-1) for i in range(n)], axis=-1) if n else s
    return np.linalg.det(u @ vh)[..., None, None] * (u * others[..., None, :] @ vh).conj()  # type: ignore[no-any-return]


def minors(a: Tensor) -> Tensor:
    """The cofactors as recorded determinants of minors: slow, but differentiable at singular matrices to every order."""
    n = a._s.shape[-1]
    if n == 1:
        return wrap(np.ones(a._s.shape, a._s.dtype))
    left = np.array([[k for k in range(n) if k != i] for i in range(n)])
    found = a[..., left[:, None, :, None], left[None, :, None, :]]
    signs = (-1.0) ** np.add.outer(np.arange(n), np.arange(n))
    return masked(systems.det(found), signs)


@adjoint("slogdet")
def slogdet_adjoint(g: Tensor, row: Any) -> tuple:
    """g A⁻ᴴ."""
    a = row.a
    if plain(g, row):
        if not array(g).any():  # of the sign alone, which singular matrices have, too
            return (wrap(np.zeros(a._s.shape, a._s.dtype)),)
        if quick.serves(g) and a._s.ndim == 2:
            found = quick.inverse_turned(array(a), row.x[3] if len(row.x) > 3 else ())
            if found is not None:
                return (wrap(found * array(g)),)
    return (spread(g, a) * turned(systems.inv(a)),)


def half_lower(n: int) -> np.ndarray:
    """1 below the diagonal, 1/2 on it."""
    return np.tri(n) - np.eye(n) / 2


@adjoint("cholesky")
def cholesky_adjoint(g: Tensor, row: Any) -> tuple:
    """The Hermitian part of L⁻ᴴ P L⁻¹, where P is the lower triangle of Lᴴ g with its diagonal halved (and real)."""
    lower = row.out
    if plain(g, row) and quick.serves(g) and g._s.size:
        return (wrap(quick.cholesky(array(g), array(lower))),)
    upper = turned(lower)
    p = masked(product(upper, g), half_lower(g._s.shape[-1]))
    s = systems.solve_triangular(upper, systems.solve_triangular(lower, p, upper=False, left=False), upper=True)
    return ((s + turned(s)) * 0.5,)


@adjoint("solve_triangular")
def solve_triangular_adjoint(g: Tensor, row: Any) -> tuple:
    """As for solve, with the triangle that was read of the gradient of A."""
    spec, upper, left, unit = row.params
    a = turned(row.a)
    to_b = systems.solve_triangular(a, g, upper=not upper, left=left, unitriangular=unit)
    if not row.need[0]:
        return None, to_b
    x = turned(row.out)
    found = product(to_b, x) if left else product(x, to_b)
    n = spec.shape[-1]
    read = np.tri(n, k=-1 if unit else 0)
    return masked(found, -(read.T if upper else read)), to_b if row.need[1] else None


@adjoint("lu_factor")
def lu_factor_adjoint(g: Tensor, row: Any) -> tuple:
    """With A = P L U and square: P L⁻ᴴ (tril(Lᴴ G) below the diagonal + triu(G Uᴴ)) U⁻ᴴ. Of wide or tall matrices the square part at the
    front determines L or U, and the rest follows by solving."""
    (spec,) = row.params
    m, n = spec.shape[-2:]
    k = min(m, n)
    out = row.out
    head = out[..., :k, :k] if m != n else out
    g_head = g[..., :k, :k] if m != n else g
    low = up = turned(head)  # triangular solves read their own triangle
    lower, upper = head.tril(-1) + wrap(np.eye(k, dtype=spec.dtype)), head.triu()
    if m > n:  # L = [L1; L2], with L2 = A2 U⁻¹
        below, g_below = out[..., k:, :], g[..., k:, :]
        inner = (product(turned(lower), g_head)).tril(-1) + (product(g_head, turned(upper)) - product(turned(below), g_below)).triu()
        to_rest = systems.solve_triangular(up, g_below, upper=False, left=False)
    elif m < n:  # U = [U1, U2], with U2 = L⁻¹ A2
        beside, g_beside = out[..., :, k:], g[..., :, k:]
        inner = (product(turned(lower), g_head) - product(g_beside, turned(beside))).tril(-1) + product(g_head, turned(upper)).triu()
        to_rest = systems.solve_triangular(low, g_beside, upper=True, unitriangular=True)
    else:
        inner = product(turned(lower), g_head).tril(-1) + product(g_head, turned(upper)).triu()
        to_rest = None
    found = systems.solve_triangular(low, systems.solve_triangular(up, inner, upper=False, left=False), upper=True, unitriangular=True)
    if to_rest is not None:
        found = cat([found, to_rest], -2 if m > n else -1)
    pivots = row.x[3] if len(row.x) > 3 else through(lapack.lu, row.a._v)[1]  # tangents, where there are any, push them out
    order = through(lapack.permutation, pivots, m)
    return (systems.rows_of(found, np.argsort(order, -1)),)
