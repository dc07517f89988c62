"""What tape.linalg holds beside systems of equations, decompositions and norms: powers, products of several, tensors as matrices.

`PUBLIC` lists what tape itself exports (PyTorch's older spellings), `METHODS` what becomes a Tensor method. tape/linalg gives
these functions `out=`. Imports systems and spectra; imported by tape/functions, tape/linalg, tape/methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tape.errors import ShapeError
from tape.functions import reductions, spectra, systems
from tape.functions.arguments import dim_of, tensor_of
from tape.functions.combined import cross_product
from tape.functions.complex import conj
from tape.functions.joining import stack
from tape.functions.picking import diagonal as _diagonal
from tape.functions.products import operands, product, reshaped
from tape.out import takes_out
from tape.record import broadcast, expand
from tape.tensor import Tensor, wrap


def matrix_power(A: Any, n: int) -> Tensor:
    """The n-th power of square matrices, by repeated squaring; a negative n inverts first."""
    t = tensor_of("linalg.matrix_power", A)
    if t._s.ndim < 2 or t._s.shape[-1] != t._s.shape[-2]:
        raise ShapeError(f"linalg.matrix_power got shape {t._s.shape}; wanted square matrices")
    if n < 0:
        t, n = systems.inv(t), -n
    found = None
    while n:
        found = (t if found is None else product(found, t)) if n & 1 else found
        n >>= 1
        t = product(t, t) if n else t
    identity = np.broadcast_to(np.eye(t._s.shape[-1], dtype=t._s.dtype), t._s.shape)
    return wrap(identity.copy()) if found is None else found


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Tensor:
    """Inner products of vectors along a dimension, the first conjugated where it is complex; the other dimensions broadcast."""
    a, b = operands("linalg.vecdot", x, y)
    shape = broadcast("linalg.vecdot", a._s.shape, b._s.shape)
    return reductions.sum(expand(conj(a), shape) * expand(b, shape), dim_of("linalg.vecdot", len(shape), dim))


def cross(input: Any, other: Any, *, dim: int = -1) -> Tensor:
    """Vector products along a dimension of extent 3; the others broadcast."""
    a, b = tensor_of("linalg.cross", input), tensor_of("linalg.cross", other)
    if a._s.ndim != b._s.ndim:
        raise ShapeError(f"linalg.cross got shapes {a._s.shape} and {b._s.shape}; both need the same number of dimensions")
    return cross_product(a, b, dim)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """A diagonal of two dimensions, by default the last: a view."""
    return _diagonal(A, offset, dim1, dim2)


def vander(x: Any, *, N: int | None = None) -> Tensor:
    """Vandermonde matrices: the powers 0 to N - 1 of each element along a new last dimension; as many as there are elements without N."""
    t = tensor_of("linalg.vander", x)
    t = t if t._s.ndim else reshaped(t, (1,))
    n = t._s.shape[-1] if N is None else N
    if n <= 1:
        raise RuntimeError(f"linalg.vander got N={n}; wanted more than 1")
    t = t.to(np.int64) if t._s.dtype.kind in "iub" else t
    powers = [wrap(np.ones(t._s.shape, t._s.dtype)), t]
    while len(powers) < n:
        powers.append(powers[-1] * t)
    return stack(powers[:n], -1)


def tensorinv(A: Any, ind: int = 2) -> Tensor:
    """The inverse of a tensor as a linear map from its last dimensions to its first `ind` ones."""
    t = tensor_of("linalg.tensorinv", A)
    if ind <= 0:
        raise RuntimeError(f"linalg.tensorinv got ind={ind}; wanted a positive number of dimensions")
    front, back = t._s.shape[:ind], t._s.shape[ind:]
    if prod(front) != prod(back):
        raise ShapeError(
            f"linalg.tensorinv got shape {t._s.shape} and ind={ind}; the {prod(front)} elements in front and {prod(back)} behind must be as many"
        )
    return reshaped(systems.inv(reshaped(t, (prod(front), prod(back)))), (*back, *front))


def tensorsolve(A: Any, B: Any, dims: Sequence[int] | None = None) -> Tensor:
    """X with tensordot(A, X, X.ndim) = B. `dims`: dimensions of A that are moved to its end first."""
    t, b = operands("linalg.tensorsolve", A, B)
    if dims is not None:
        along = [dim_of("linalg.tensorsolve", t._s.ndim, d) for d in dims]
        t = t.permute([d for d in range(t._s.ndim) if d not in along] + along)
    rest = t._s.shape[b._s.ndim :]
    if prod(rest) != b._s.size or t._s.size != b._s.size**2:
        raise ShapeError(f"linalg.tensorsolve got A of shape {t._s.shape} and B of shape {b._s.shape}; A must have {b._s.size} squared elements")
    return reshaped(systems.solve(reshaped(t, (b._s.size, b._s.size)), reshaped(b, (b._s.size,))), rest)


def inverse(input: Any) -> Tensor:
    """The inverse of square matrices, as linalg.inv."""
    return systems.inv(input)


_OLDER = {
    "cholesky": systems.cholesky_older, "cholesky_inverse": systems.cholesky_inverse, "cholesky_solve": systems.cholesky_solve, "det": systems.det,
    "inverse": inverse, "lu": systems.lu_older, "lu_solve": systems.lu_solve_older, "lu_unpack": systems.lu_unpack, "matrix_power": matrix_power,
    "qr": spectra.qr_older, "slogdet": systems.slogdet, "svd": spectra.svd_older, "triangular_solve": systems.triangular_solve,
}  # fmt: skip
PUBLIC: dict[str, Any] = {name: takes_out(function) for name, function in _OLDER.items()}
PUBLIC |= {"logdet": systems.logdet, "matrix_exp": spectra.matrix_exp, "pinverse": spectra.pinv}
METHODS = {**_OLDER, "logdet": systems.logdet, "matrix_exp": spectra.matrix_exp, "pinverse": spectra.pinv}
__all__ = ["METHODS", "PUBLIC"]
