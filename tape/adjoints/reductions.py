"""Adjoints of reductions: the cotangent is spread over what was reduced, times the derivative.

`spread` puts a cotangent back over reduced dimensions. All are written with recording functions, so every order of derivative
follows from them. Where PyTorch 2.13 defines a gradient at a kink (ties, norms of zero, std of a constant), it is that one.
Imports functions.reductions; imported when adjoints are registered.
"""

from __future__ import annotations

from math import inf, isinf
from typing import Any

import numpy as np

from tape.adjoints import adjoint
from tape.functions.choosing import where
from tape.functions.complex import conj, sgn
from tape.functions.cumulative import running_product, shifted
from tape.functions.elementwise import abs, exp, pow, sqrt, square
from tape.functions.layout import EXPAND, reshaped
from tape.functions.reductions import SUM_DIM, total
from tape.record import expand
from tape.tensor import Tensor, wrap
from tape.traced import as_value


def kept(t: Tensor, shape: tuple[int, ...], dims: tuple[int, ...]) -> Tensor:
    """`t`, reduced over `dims` of `shape`, with those dimensions of extent 1."""
    return reshaped(t, tuple([1 if d in dims else extent for d, extent in enumerate(shape)]))


def spread(t: Tensor, shape: tuple[int, ...], dims: tuple[int, ...]) -> Tensor:
    """`t`, reduced over `dims` of `shape`, broadcast over them again."""
    return expand(t if not t._s.ndim else kept(t, shape, dims), shape, EXPAND)


@adjoint("sum")
def sum_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent for every element."""
    spec, dims, _ = row.params
    return (spread(g, spec.shape, dims),)


@adjoint("mean")
def mean_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent over the number of elements."""
    spec, dims, _ = row.params
    count = 1
    for d in dims:
        count *= spec.shape[d]
    return (spread(g / count if count else g, spec.shape, dims),)


@adjoint("expand")
def expand_adjoint(g: Tensor, row: Any) -> tuple:
    """The sum over the dimensions that were added or grew."""
    spec, shape = row.params
    new = len(shape) - spec.ndim
    grown = tuple([d for d, extent in enumerate(shape) if d < new or spec.shape[d - new] != extent])
    return (reshaped(total(SUM_DIM, g, grown, False), spec.shape) if grown else g,)


@adjoint("prod")
def prod_adjoint(g: Tensor, row: Any) -> tuple:
    """The product of the others: by division, or exactly where an element is zero."""
    spec, dims, _ = row.params
    a = row.a
    if not dims:
        return (g,)
    out = row.out._v
    if np.all(np.not_equal(out, 0) & np.isfinite(out)):
        return (spread(g * conj(row.out), spec.shape, dims) / conj(a),)
    wide = spread(g, spec.shape, dims)
    if len(dims) == 1:
        return (wide * _others(a, dims[0]),)
    return (wide * reshaped(_others(reshaped(a, (spec.size,)), 0), spec.shape),)


def _others(a: Tensor, dim: int) -> Tensor:
    """For each element along `dim` the product of all others: those before it times those behind it."""
    before = shifted(running_product(a, dim, False), dim, True, 1.0)
    return conj(before * shifted(running_product(a, dim, True), dim, False, 1.0))


@adjoint("amax")
def amax_adjoint(g: Tensor, row: Any) -> tuple:
    """Shared evenly among the elements that attain the extreme (NaN attains NaN)."""
    spec, dims, _ = row.params
    values, out = row.a._v, kept(row.out, spec.shape, dims)._v
    mask = as_value((values == out) | ((values != values) & (out != out)))
    share = wrap(as_value(np.add.reduce(mask, axis=dims, keepdims=True)).astype(spec.dtype))
    return (where(wrap(mask), expand(kept(g, spec.shape, dims) / share, spec.shape, EXPAND), 0.0),)


adjoint("amin")(amax_adjoint)


def _centred(a: Tensor, spec: Any, dims: tuple[int, ...], free: float) -> Tensor:
    """(a - mean)/free; where nothing is free, inf or nan as the limit has it."""
    count = 1
    for d in dims:
        count *= spec.shape[d]
    if not free:
        values = as_value(a._v)
        off = values != np.add.reduce(values, axis=dims, keepdims=True) / (count or 1)
        return wrap(np.where(off, inf, np.nan).astype(spec.dtype))
    middle = expand(total(SUM_DIM, a, dims, True) / count, spec.shape, EXPAND)
    return (a - middle) / free


@adjoint("var")
def var_adjoint(g: Tensor, row: Any) -> tuple:
    """2 g (a - mean)/(n - correction)."""
    spec, dims, _, free = row.params
    return (spread(2 * g, spec.shape, dims) * _centred(row.a, spec, dims, free),)


@adjoint("std")
def std_adjoint(g: Tensor, row: Any) -> tuple:
    """g (a - mean)/((n - correction) std); 0 where std is."""
    spec, dims, _, free = row.params
    out = row.out
    scaled = where(wrap(as_value(out._v) == 0), 0.0, g / out)
    return (spread(scaled, spec.shape, dims) * _centred(row.a, spec, dims, free),)


@adjoint("logsumexp")
def logsumexp_adjoint(g: Tensor, row: Any) -> tuple:
    """g softmax(a)."""
    spec, dims, _ = row.params
    return (spread(g, spec.shape, dims) * conj(exp(row.a - spread(row.out, spec.shape, dims))),)


@adjoint("softmax")
def softmax_adjoint(g: Tensor, row: Any) -> tuple:
    """y (g - sum(g y))."""
    spec, dim = row.params
    y, dims = row.out, (dim,) if spec.ndim else ()
    weighted = g * y
    return (weighted - y * expand(total(SUM_DIM, weighted, dims, True), spec.shape, EXPAND),)


@adjoint("log_softmax")
def log_softmax_adjoint(g: Tensor, row: Any) -> tuple:
    """g - softmax sum(g)."""
    spec, dim = row.params
    dims = (dim,) if spec.ndim else ()
    return (g - exp(row.out) * expand(total(SUM_DIM, g, dims, True), spec.shape, EXPAND),)


@adjoint("norm")
def norm_adjoint(g: Tensor, row: Any) -> tuple:
    """g times the gradient of the norm; 0 at a vector of zeros. The direction of a complex element is sgn, that of a real one its sign."""
    spec, dims, _, p = row.params
    a, shape = row.a, spec.shape
    if p == 0:
        return (wrap(np.zeros(shape, spec.dtype)),)
    wide = spread(g, shape, dims)
    if p == 1:
        return (wide * sgn(a),)
    out = kept(row.out, shape, dims)
    if isinf(p):
        sizes = as_value(np.abs(a._v))
        mask = as_value((sizes == out._v) | (sizes != sizes))
        share = wrap(as_value(np.add.reduce(mask, axis=dims, keepdims=True)).astype(out._s.dtype))
        return (sgn(a) * where(wrap(mask), expand(kept(g, shape, dims) / share, shape, EXPAND), 0.0),)
    nothing, norm = wrap(np.broadcast_to(as_value(out._v) == 0, shape)), expand(out, shape, EXPAND)
    if p == 2:
        # sqrt(a*a) is 0 at a vector of zeros, and its derivative is NaN: the Hessian of the norm does not exist there
        return (wide * where(nothing, sqrt(square(a)), a / norm),)
    if p < 1:
        zero = wrap(as_value(a._v) == 0)
        return (sgn(a) * where(zero, 0.0, pow(abs(a), p - 1)) * wide * pow(norm, 1 - p),)
    share = where(nothing, 0.0, pow(abs(a) / norm, p - 1))  # of scaled elements: powers of the norm may overflow
    return (wide * sgn(a) * share if p < 2 else wide * where(nothing, 0.0, a / norm) * where(nothing, 0.0, pow(abs(a) / norm, p - 2)),)
