"""Adjoints of the Fourier transforms: a transform with the opposite sign and the norm that keeps the factor.

Half a spectrum stands for the whole, in which every frequency but 0 and, of an even number, the middle one occurs twice: `rfft` and
`irfft` are each other's transposes up to these weights. Pushforwards are the transforms themselves.
Imports functions.fourier; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.adjoints import adjoint, tangent
from tape.dtypes import real_of
from tape.functions.fourier import OPPOSITE, from_half, half_spectrum, spectrum
from tape.record import cast
from tape.tensor import Tensor, wrap


def _weights(n: int, ndim: int, dim: int, inner: float, dtype: np.dtype) -> Tensor:
    """`inner` for the frequencies of half a spectrum of n points that occur twice, 1 for the others, along `dim`."""
    weights = np.full(n // 2 + 1, inner, dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return wrap(weights.reshape([-1 if d == dim else 1 for d in range(ndim)]))


@adjoint("fft")
def fft_adjoint(g: Tensor, row: Any) -> tuple:
    """The transform in the other direction; of real values the real part."""
    spec, dims, forward, norm = row.params
    return (cast(spectrum(g, dims, not forward, OPPOSITE[norm]), spec.dtype),)


@adjoint("rfft")
def rfft_adjoint(g: Tensor, row: Any) -> tuple:
    """`irfft`, which counts inner frequencies twice, of half of those."""
    spec, dims, norm = row.params
    n = spec.shape[dims[-1]]
    return (from_half(g * _weights(n, spec.ndim, dims[-1], 0.5, spec.dtype), dims, n, OPPOSITE[norm]),)


@adjoint("irfft")
def irfft_adjoint(g: Tensor, row: Any) -> tuple:
    """`rfft`, with inner frequencies twice."""
    spec, dims, norm, last = row.params
    return (half_spectrum(g, dims, OPPOSITE[norm]) * _weights(last, spec.ndim, dims[-1], 2.0, real_of(spec.dtype)),)


@tangent("fft")
def fft_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, y: Any) -> Tensor:
    """The transform of the tangent."""
    return spectrum(tangents[0], *y[1:])


@tangent("rfft")
def rfft_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, y: Any) -> Tensor:
    """The transform of the tangent."""
    return half_spectrum(tangents[0], *y[1:])


@tangent("irfft")
def irfft_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, y: Any) -> Tensor:
    """The transform of the tangent."""
    _, dims, norm, last = y
    return from_half(tangents[0], dims, last, norm)
