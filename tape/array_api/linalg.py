"""The extension `linalg` of the array API, by `tape.linalg`.

Imports functions and tape.linalg. Imported by array_api.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from tape import linalg as own
from tape.array_api import arrays
from tape.array_api.arrays import matmul, matrix_transpose, tensordot, vecdot
from tape.array_api.elementwise import together
from tape.protocols.names import F
from tape.tensor import Tensor

EighResult = namedtuple("EighResult", "eigenvalues eigenvectors")
EigResult = namedtuple("EigResult", "eigenvalues eigenvectors")
QRResult = namedtuple("QRResult", "Q R")
SlogdetResult = namedtuple("SlogdetResult", "sign logabsdet")
SVDResult = namedtuple("SVDResult", "U S Vh")


def cholesky(x: Tensor, /, *, upper: bool = False) -> Tensor:
    """The triangular factor of positive definite matrices."""
    return F.triu(own.cholesky(x, upper=True)) if upper else own.cholesky(x)  # a conjugated factor has zeros of both signs below


def cross(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """Cross products of vectors of three elements along an axis."""
    if not -arrays.min_ndim(x1, x2) <= axis < 0:
        raise ValueError(f"cross: axis {axis}; wanted a negative one that both arrays have")
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ValueError(f"cross of vectors of {x1.shape[axis]} and {x2.shape[axis]} elements; both need 3")
    x1, x2 = F.broadcast_tensors(*together(x1, x2))
    return own.cross(x1, x2, dim=axis)


def det(x: Tensor, /) -> Tensor:
    """Determinants."""
    return own.det(x)


def diagonal(x: Tensor, /, *, offset: int = 0) -> Tensor:
    """A diagonal of the last two axes."""
    return F.diagonal(x, offset, -2, -1)


def eig(x: Tensor, /) -> EigResult:
    """Eigenvalues and eigenvectors."""
    return EigResult(*own.eig(x))


def eigvals(x: Tensor, /) -> Tensor:
    """Eigenvalues."""
    return own.eigvals(x)


def eigh(x: Tensor, /) -> EighResult:
    """Eigenvalues and eigenvectors of Hermitian matrices."""
    return EighResult(*own.eigh(x))


def eigvalsh(x: Tensor, /) -> Tensor:
    """Eigenvalues of Hermitian matrices."""
    return own.eigvalsh(x)


def inv(x: Tensor, /) -> Tensor:
    """Inverse matrices."""
    return own.inv(x)


def matrix_norm(x: Tensor, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """Norms of matrices; the singular values of nothing are nothing."""
    return own.matrix_norm(x, "fro" if ord is None else ord, keepdim=keepdims)


def matrix_power(x: Tensor, n: int, /) -> Tensor:
    """Powers of square matrices."""
    return own.matrix_power(x, n)


def matrix_rank(x: Tensor, /, *, rtol: Any = None) -> Tensor:
    """How many singular values are above rtol times the largest."""
    return own.matrix_rank(x, rtol=rtol)


def outer(x1: Tensor, x2: Tensor, /) -> Tensor:
    """All products of the elements of two vectors."""
    x1, x2 = together(x1, x2)
    return x1[:, None] * x2[None, :]


def pinv(x: Tensor, /, *, rtol: Any = None) -> Tensor:
    """Pseudo-inverses."""
    return own.pinv(x) if rtol is None else own.pinv(x, rtol=rtol)


def qr(x: Tensor, /, *, mode: str = "reduced") -> QRResult:
    """Orthogonal and triangular factors."""
    return QRResult(*own.qr(x, mode))


def slogdet(x: Tensor, /) -> SlogdetResult:
    """Signs and logarithms of absolute determinants."""
    return SlogdetResult(*own.slogdet(x))


def solve(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Solutions of systems of equations; x2 is a vector only where it has one dimension."""
    x1, x2 = together(x1, x2)
    if x2.ndim == 1:
        return own.solve(x1, x2.expand((*x1.shape[:-2], x2.shape[0]))) if x1.ndim > 2 else own.solve(x1, x2)
    batch = np.broadcast_shapes(tuple(x1.shape[:-2]), tuple(x2.shape[:-2]))
    return own.solve(x1.expand((*batch, *x1.shape[-2:])), x2.expand((*batch, *x2.shape[-2:])))


def svd(x: Tensor, /, *, full_matrices: bool = True) -> SVDResult:
    """Singular value decompositions."""
    return SVDResult(*own.svd(x, full_matrices))


def svdvals(x: Tensor, /) -> Tensor:
    """Singular values."""
    return own.svdvals(x)


def trace(x: Tensor, /, *, offset: int = 0, dtype: Any = None) -> Tensor:
    """Sums of a diagonal of the last two axes."""
    return arrays.sum(F.diagonal(x, offset, -2, -1), axis=-1, dtype=dtype)


def vector_norm(x: Tensor, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    """Norms of vectors along axes, or of all elements."""
    if axis == ():
        return F.abs(x) if ord else (x != 0).to(F.abs(x).dtype)
    return own.vector_norm(x, ord, axis, keepdims)


__all__ = ["cholesky", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power", "matrix_rank",
           "matrix_transpose", "outer", "pinv", "qr", "slogdet", "solve", "svd", "svdvals", "tensordot", "trace", "vecdot", "vector_norm"]  # fmt: skip
