"""Adjoints of decompositions: of eigenvalues and vectors, singular values and vectors, orthogonal factors, and of what is made of them.

A row that holds several parts gets the cotangents of all in one; `split` takes them apart. Vectors of coinciding values have no derivative:
0/0 counts as 0, so that vectors that nobody uses do no harm, and anything else over a vanishing gap is a VanishingGapWarning. Where
a complex result depends on the arbitrary phase of vectors, RuntimeError, as in PyTorch.
Imports functions.spectra and adjoints.systems; imported when adjoints are registered.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from tape.adjoints import adjoint, quick
from tape.adjoints.systems import masked, plain
from tape.functions import spectra, systems
from tape.functions.complex import conj, real
from tape.functions.joining import cat
from tape.functions.matrices import parts, turned
from tape.functions.picking import triu
from tape.functions.products import product, reshaped
from tape.record import expand
from tape.tensor import Tensor, array, wrap
from tape.traced import Traced

PHASE = 1e-2  # how far from zero the derivative in a phase may be, as in PyTorch


def split(t: Tensor, row: Any) -> list[Tensor]:
    """The parts of a packed row's output or cotangent."""
    spec, shapes = row.params[:2]
    return parts(t, spec.shape[:-2], shapes)


def arrays(t: Tensor, row: Any) -> list[np.ndarray]:
    """The same as plain arrays, for one matrix."""
    found, start, values = [], 0, array(t)
    for shape in row.params[1]:
        size = prod(shape)
        found.append(values[start : start + size].reshape(shape))
        start += size
    return found


def scaled(v: Tensor, factors: Tensor) -> Tensor:
    """Each column times its factor."""
    return v * expand(reshaped(factors, (*factors._s.shape[:-1], 1, factors._s.shape[-1])), v._s.shape)


def differences(w: Tensor) -> Tensor:
    """w_j - w_i at (i, j)."""
    n = w._s.shape[-1]
    shape = (*w._s.shape, n)
    return expand(reshaped(w, (*w._s.shape[:-1], 1, n)), shape) - expand(reshaped(w, (*w._s.shape, 1)), shape)


def over_gaps(p: Tensor, gaps: Tensor, values: Tensor, what: str) -> Tensor:
    """p / gaps off the diagonal, zero on it; 0/0 is 0."""
    n = gaps._s.shape[-1]
    eye = np.eye(n, dtype=bool)
    unused = eye | (gaps._v == 0) & (p._v == 0)
    if type(gaps._v) is not Traced and type(p._v) is not Traced:
        largest = np.abs(array(values)).max(axis=-1, initial=0.0)[..., None, None]
        near = (np.abs(array(gaps)) <= quick.CLOSE * np.finfo(gaps._s.dtype).eps * largest) & ~eye
        if near.any() and (near & (np.abs(array(p)) > 1e-12 * np.abs(array(p)).max(initial=1.0))).any():
            quick.vanishing(what)
    kept = np.logical_not(unused)
    return p * wrap(np.asarray(kept, p._s.dtype) if type(kept) is not Traced else kept.astype(p._s.dtype)) / (
        gaps + wrap(np.asarray(unused, gaps._s.dtype) if type(unused) is not Traced else unused.astype(gaps._s.dtype))
    )


def diagonal_of(t: Tensor) -> Tensor:
    return t.diagonal(0, -2, -1)


def on_diagonal(t: Tensor) -> Tensor:
    return t.diag_embed()


def _no_phase(p: Any, what: str) -> None:
    """RuntimeError where the derivative in the phases of vectors is not zero."""
    if type(p._v) is Traced or p._s.dtype.kind != "c":
        return
    slope = np.diagonal(array(p), axis1=-2, axis2=-1).imag
    if not np.allclose(slope, 0.0, rtol=PHASE, atol=PHASE):
        raise RuntimeError(
            f"{what}: what is differentiated depends on the phase of complex vectors, which is arbitrary; take a function that "
            "does not, such as abs()"
        )


# eigenvalues and vectors


@adjoint("eigenvalues")
def eigenvalues_adjoint(g: Tensor, row: Any) -> tuple:
    """V diag(g) Vᴴ."""
    v = wrap(row.x[3]) if plain(g, row) and len(row.x) > 3 else spectra.eigh(row.a, row.params[1]).eigenvectors
    return (product(scaled(v, g.to(v.dtype)), turned(v)),)


@adjoint("eigh")
def eigh_adjoint(g: Tensor, row: Any) -> tuple:
    """The Hermitian part of V (diag(g_W) + (Vᴴ g_V) / E) Vᴴ, where E is the matrix of differences of eigenvalues."""
    direct = plain(g, row)
    if direct and quick.serves(g) and g._s.ndim == 1:
        return (wrap(quick.eigh(*arrays(g, row), *arrays(row.out, row))),)
    (values, v), (g_values, g_vectors) = split(row.out, row), split(g, row)
    w, vh = real(values), turned(v)
    if direct and not np.any(array(g_vectors)):
        return (product(scaled(v, g_values), vh),)
    p = product(vh, g_vectors)
    _no_phase(p, "linalg.eigh")
    inner = over_gaps(p, differences(w), w, "eigenvectors") + on_diagonal(g_values)
    s = product(product(v, inner), vh)
    return ((s + turned(s)) * 0.5,)


@adjoint("eig")
def eig_adjoint(g: Tensor, row: Any) -> tuple:
    """V⁻ᴴ (diag(g_W) + (Vᴴ g_V - Vᴴ V diag(Re(Vᴴ g_V))) / conj(E)) Vᴴ: vectors are kept at norm 1. Of a real matrix the real part."""
    (w, v), (g_values, g_vectors) = split(row.out, row), split(g, row)
    vh = turned(v)
    p = product(vh, g_vectors)
    _no_phase(p, "linalg.eig")
    lengths = real(diagonal_of(p)).to(v.dtype)
    inner = over_gaps(p - product(vh, scaled(v, lengths)), conj(differences(w)), w, "eigenvectors") + on_diagonal(g_values)
    found = systems.solve(vh, product(inner, vh))
    return (found if row.params[0].dtype.kind == "c" else real(found),)


# singular values and vectors


@adjoint("singular_values")
def singular_values_adjoint(g: Tensor, row: Any) -> tuple:
    """U diag(g) Vᴴ."""
    if plain(g, row) and len(row.x) > 3:
        u, vh = wrap(row.x[3]), wrap(row.x[4])
    else:
        u, _, vh = spectra.svd(row.a, full_matrices=False)
    return (product(scaled(u, g.to(u.dtype)), vh),)


@adjoint("svd")
def svd_adjoint(g: Tensor, row: Any) -> tuple:
    """U ((P S + S Q) / E + diag(g_S)) Vᴴ with the skew parts P of Uᴴ g_U and Q of Vᴴ g_V and the differences E of squared singular values, and
    what leaves the spaces of U and V: (1 - U Uᴴ) g_U S⁻¹ Vᴴ + U S⁻¹ g_Vᴴ (1 - V Vᴴ)."""
    spec, _, k = row.params
    m, n = spec.shape[-2:]
    if plain(g, row) and quick.serves(g) and g._s.ndim == 1 and row.params[1][0][1] == k == row.params[1][2][0]:
        return (wrap(quick.svd(*arrays(g, row), *arrays(row.out, row))),)
    (u, values, vh), (g_u, g_s, g_vh) = split(row.out, row), split(g, row)
    if u._s.shape[-1] > k or vh._s.shape[-2] > k:
        u, g_u, vh, g_vh = u[..., :k], g_u[..., :k], vh[..., :k, :], g_vh[..., :k, :]
    if plain(g, row) and not np.any(array(g_u)) and not np.any(array(g_vh)):
        return (product(scaled(u, g_s), vh),)
    s, uh, v = real(values), turned(u), turned(vh)
    p, q = product(uh, g_u), product(g_vh, v)
    skew_p, skew_q = p - turned(p), turned(q) - q
    _no_phase(skew_p + skew_q, "linalg.svd")
    sigma = s.to(u.dtype)
    rows = reshaped(sigma, (*sigma._s.shape, 1))
    inner = over_gaps(scaled(skew_p, sigma) + skew_q * expand(rows, skew_q._s.shape), differences(s * s), s * s, "singular vectors")
    inner = inner + on_diagonal(g_s)
    if spec.dtype.kind == "c":
        inner = inner + on_diagonal(diagonal_of(skew_p) / (sigma * 2.0))
    if m > k:
        left = product(u, inner) + scaled(g_u - product(u, p), 1.0 / sigma)
        found = product(left, vh)
        if n > k:
            found = found + product(u, (g_vh - product(q, vh)) / expand(rows, g_vh._s.shape))
        return (found,)
    right = product(inner, vh)
    if n > k:
        right = right + (g_vh - product(q, vh)) / expand(rows, g_vh._s.shape)
    return (product(u, right),)


# orthogonal factors


@adjoint("qr")
def qr_adjoint(g: Tensor, row: Any) -> tuple:
    """(g_Q + Q H) R⁻ᴴ, where H is Hermitian with the upper triangle of g_R Rᴴ - Qᴴ g_Q. Of wide matrices A = Q [R1, R2], the columns of R2 = Qᴴ A2
    hand their part on to Q."""
    spec, _, mode = row.params
    m, n = spec.shape[-2:]
    if mode == "r":
        raise RuntimeError("linalg.qr with mode='r' has no derivative, for Q is not kept; use mode='reduced'")
    if mode == "complete" and m > n:
        raise RuntimeError("linalg.qr with mode='complete' has no derivative for more rows than columns; use mode='reduced'")
    if m >= n and plain(g, row) and quick.serves(g) and g._s.ndim == 1 and g._s.size:
        return (wrap(quick.qr(*arrays(g, row), *arrays(row.out, row))),)
    (q, r), (g_q, g_r) = split(row.out, row), split(g, row)
    beside = None
    if m < n:
        g_beside = g_r[..., m:]
        beside = product(q, g_beside)
        g_q = g_q + product(q, product(r[..., m:], turned(g_beside)))
        r, g_r = r[..., :m], g_r[..., :m]
    x = triu(product(g_r, turned(r)) - product(turned(q), g_q))
    h = masked(x + turned(x), 1 - np.eye(x._s.shape[-1]) / 2)
    found = systems.solve_triangular(turned(r), g_q + product(q, h), upper=False, left=False)
    return (found if beside is None else cat([found, beside], -1),)


# what is made of them


@adjoint("pinv")
def pinv_adjoint(g: Tensor, row: Any) -> tuple:
    """-Pᴴ g Pᴴ + (1 - A P) gᴴ P Pᴴ + Pᴴ P gᴴ (1 - P A) (Golub and Pereyra 1973): the rank stays."""
    a, p = row.a, row.out
    ph, gh = turned(p), turned(g)
    m, n = row.params[0].shape[-2:]
    found = -product(product(ph, g), ph)
    right = product(gh, product(p, ph)) if m > n else product(product(gh, p), ph)
    left = product(product(ph, p), gh) if n > m else product(ph, product(p, gh))
    return (found + right - product(a, product(p, right)) + left - product(product(left, p), a),)


@adjoint("lstsq")
def lstsq_adjoint(g: Tensor, row: Any) -> tuple:
    """Y = (A⁺)ᴴ g for B, and for A: -Y Xᴴ + (B - A X) (A⁺ Y)ᴴ + (A⁺)ᴴ X (g - Aᴴ Y)ᴴ; with full rank only one of the last two
    is not zero."""
    spec, cut, full = row.params
    m, n = spec.shape[-2:]
    a, b, x = row.a, row.b, row.out
    ah = turned(a)
    y = spectra.lstsq(ah, g, cut).solution
    if not row.need[0]:
        return None, y
    found = -product(y, turned(x))
    if not full or m > n:
        found = found + product(b - product(a, x), turned(spectra.lstsq(a, y, cut).solution))
    if not full or m < n:
        found = found + product(spectra.lstsq(ah, x, cut).solution, turned(g - product(ah, y)))
    return found, y if row.need[1] else None


@adjoint("matrix_exp")
def matrix_exp_adjoint(g: Tensor, row: Any) -> tuple:
    """The upper right block of exp([[Aᴴ, g], [0, Aᴴ]]): the derivative of exp at Aᴴ in the direction g."""
    ah = turned(row.a)
    n = g._s.shape[-1]
    nothing = wrap(np.zeros(g._s.shape, g._s.dtype))
    block = cat([cat([ah, g], -1), cat([nothing, ah], -1)], -2)
    return (spectra.matrix_exp(block)[..., :n, n:],)



