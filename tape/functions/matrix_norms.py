"""Norms of vectors and matrices, and condition numbers.

`vector_norm` and `matrix_norm` are PyTorch's torch.linalg names, `norm` chooses between them, `cond` is a norm of a matrix
times that of its inverse. Composed of reductions and singular values, whose adjoints have PyTorch's values at kinks.
Imports reductions and spectra; imported by linalg.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np

from tape.errors import ShapeError
from tape.functions import reductions, spectra, systems
from tape.functions.arguments import dim_of, tensor_of
from tape.functions.extremes import amax, amin
from tape.functions.matrices import matrices
from tape.functions.products import permuted, reshaped
from tape.tensor import Tensor, array, wrap

ORDERS = ("fro", "nuc", 1, -1, 2, -2, inf, -inf)


def vector_norm(x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The norm of order `ord` (a number, inf, -inf, 0) of all elements, or over dimensions. At zero the gradient is 0."""
    return reductions.norm(x, ord, dim, keepdim, dtype=dtype)


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
    if ord not in ORDERS:
        raise RuntimeError(f"linalg.matrix_norm of order {ord!r}; wanted 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    if ord == "fro":
        return reductions.norm(t, 2, over, keepdim)
    rest = tuple(d for d in range(t._s.ndim) if d not in over)
    m = permuted(t, (*rest, *over))
    if ord in (1, -1, inf, -inf):
        sizes = reductions.sum(m.abs(), -2 if ord in (1, -1) else -1)
    else:
        sizes = spectra.svdvals(matrices("linalg.matrix_norm", m, square=False))
    largest = ord in (1, 2, inf) and sizes._s.shape[-1] > 0  # the largest of nothing is 0, as in PyTorch
    reduce: Any = amax if largest else reductions.sum if ord in ("nuc", 1, 2, inf) else amin
    found = reduce(sizes, -1)
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


def cond(A: Any, p: Any = None) -> Tensor:
    """The condition number: a matrix norm of A (2 without `p`) times that of its inverse, inf where there is none."""
    t = matrices("linalg.cond", A, square=False)
    if p is None or p in (2, -2):
        S = spectra.svdvals(t)
        if not S._s.shape[-1]:
            return wrap(np.zeros(t._s.shape[:-2], S._s.dtype))
        return S[..., -1] / S[..., 0] if p == -2 else S[..., 0] / S[..., -1]
    if p not in ORDERS:
        raise RuntimeError(f"linalg.cond of order {p!r}; wanted None, 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    t = matrices("linalg.cond", t)
    if not t._s.size:
        return wrap(np.zeros(t._s.shape[:-2], t._s.dtype).real)
    inverse, info = systems.inv_ex(t)
    if np.any(array(info)):
        lost = np.where(array(info) != 0, inf, 0.0).astype(np.empty(0, t._s.dtype).real.dtype)
        inverse = inverse.masked_fill(wrap(np.broadcast_to((array(info) != 0)[..., None, None], t._s.shape)), 0.0)
        return matrix_norm(t, p) * matrix_norm(inverse, p) + wrap(lost)
    return matrix_norm(t, p) * matrix_norm(inverse, p)


__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]
