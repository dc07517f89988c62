"""Adjoints of linear algebra for one real matrix, on plain arrays: the same formulas as in systems and spectra, without a Tensor on the way.

They serve plain backward passes, where at n = 10 the bookkeeping of recorded functions would cost more than LAPACK; a test holds them equal to
the recorded ones. Each takes and gives row-major arrays and writes into none of its arguments. `serves(g)` says whether they apply.
Invariant: nothing is computed here that the recorded adjoint does not define. Imports lapack; imported by the adjoints.
"""

from __future__ import annotations

import warnings
from functools import lru_cache

import numpy as np

from tape.functions.lapack import inverse, inverted, routine
from tape.functions.matrices import VanishingGapWarning
from tape.tensor import Tensor

CLOSE = 8.0  # gaps below this many units in the last place of the largest value count as vanishing


def serves(g: Tensor) -> bool:
    """Whether a cotangent is that of one real matrix (or of numbers or vectors of one)."""
    return g._s.dtype.kind == "f" and g._s.ndim <= 2


@lru_cache(maxsize=64)
def halved(n: int, upper: bool = False) -> np.ndarray:
    """Ones below (or above) the diagonal, and halves on it."""
    weights = np.tri(n) - np.eye(n) / 2
    found = weights.T.copy() if upper else weights
    found.flags.writeable = False
    return found


def _symmetrised(s: np.ndarray) -> np.ndarray:
    found = s + s.T
    found *= 0.5
    return found


def solve(g: np.ndarray, x: np.ndarray, factors: tuple, vector: bool, to_matrix: bool) -> tuple[np.ndarray | None, np.ndarray]:
    """The cotangents of A and B, by the factors of Aᵀ."""
    y = np.ascontiguousarray(routine("getrs", g.dtype)(factors[0], factors[1], g)[0])
    if not to_matrix:
        return None, y
    return np.negative(np.multiply.outer(y, x) if vector else y.dot(x.T)), y


def inv(g: np.ndarray, y: np.ndarray) -> np.ndarray:
    """-Yᵀ g Yᵀ."""
    found = y.T.dot(g).dot(y.T)
    return np.negative(found, out=found)


def inverse_turned(a: np.ndarray, factors: tuple) -> np.ndarray | None:
    """A⁻ᵀ, by the factors of Aᵀ where there are any; None for a singular A."""
    if factors:
        return np.ascontiguousarray(inverted(factors).T) if not np.any(factors[0].diagonal() == 0) else None
    found, info = inverse(a)
    return None if info else found.T


def cholesky(g: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """The symmetric part of L⁻ᵀ P L⁻¹; LAPACK takes L for its transpose, so Pᵀ is solved for, in place."""
    p = lower.T.dot(g)
    p *= halved(len(p))
    trsm, upper = routine("trsm", g.dtype), lower.T
    half = trsm(1.0, upper, p.T, overwrite_b=1)
    return _symmetrised(trsm(1.0, upper, half, side=1, trans_a=1, overwrite_b=1))


def qr(g_q: np.ndarray, g_r: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
    """(g_Q + Q H) R⁻ᵀ for at least as many rows as columns."""
    x = g_r.dot(r.T)
    x -= q.T.dot(g_q)
    x *= halved(len(x), True)
    found = q.dot(x + x.T)
    found += g_q
    return routine("trsm", g_q.dtype)(1.0, r.T, found.T, lower=1, trans_a=1, overwrite_b=1).T  # type: ignore[no-any-return]


def over_gaps(p: np.ndarray, gaps: np.ndarray, largest: float, what: str) -> np.ndarray:
    """p / gaps off the diagonal, in place; 0/0 is 0. What stands on the diagonal is the caller's."""
    diagonal = slice(None, None, len(gaps) + 1)
    gaps.reshape(-1)[diagonal] = 1.0
    if np.abs(gaps).min(initial=1.0) <= CLOSE * np.finfo(gaps.dtype).eps * largest:
        near = np.abs(gaps) <= CLOSE * np.finfo(gaps.dtype).eps * largest
        p.reshape(-1)[diagonal] = 0.0
        if (np.abs(p[near]) > 1e-12 * np.abs(p).max(initial=1.0)).any():
            vanishing(what)
        gaps[(gaps == 0) & (p == 0)] = 1.0
    with np.errstate(all="ignore"):
        p /= gaps
    return p


def vanishing(what: str) -> None:
    """Warn that a derivative of vectors was divided by next to nothing."""
    warnings.warn(
        f"the gradient of {what} was divided by a gap between two values that nearly vanishes; vectors of coinciding values have no derivative",
        VanishingGapWarning,
        stacklevel=3,
    )


def eigh(g_w: np.ndarray, g_v: np.ndarray, w: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The symmetric part of V (diag(g_W) + (Vᵀ g_V) / E) Vᵀ."""
    if not g_v.any():
        return (v * g_w).dot(v.T)
    inner = over_gaps(v.T.dot(g_v), w - w[:, None], np.abs(w).max(initial=0.0), "eigenvectors")
    inner.reshape(-1)[:: len(w) + 1] = g_w
    return _symmetrised(v.dot(inner).dot(v.T))


def svd(g_u: np.ndarray, g_s: np.ndarray, g_vh: np.ndarray, u: np.ndarray, s: np.ndarray, vh: np.ndarray) -> np.ndarray:
    """The adjoint of the singular value decomposition, of the first min(m, n) vectors."""
    k, use_u, use_v = len(s), g_u.any(), g_vh.any()
    if not use_u and not use_v:
        return (u * g_s).dot(vh)
    p, q = u.T.dot(g_u), g_vh.dot(vh.T)
    squares = s * s
    inner = (p - p.T) * s + (q.T - q) * s[:, None]
    inner = over_gaps(inner, squares - squares[:, None], squares.max(initial=0.0), "singular vectors")
    inner.reshape(-1)[:: k + 1] = g_s
    left = u.dot(inner)
    if len(u) > k and use_u:
        left += (g_u - u.dot(p)) / s
    found = left.dot(vh)
    if vh.shape[1] > k and use_v:
        found += (u / s).dot(g_vh - q.dot(vh))
    return found


__all__ = ["cholesky", "eigh", "inv", "inverse_turned", "over_gaps", "qr", "serves", "solve", "svd", "vanishing"]
