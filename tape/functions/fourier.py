"""Discrete Fourier transforms under PyTorch's names (torch.fft), in any number of dimensions, computed by scipy.fft.

Three rows do it all: `fft` (to complex values, of real or complex ones, in either direction), `rfft` (real values to the half of a
spectrum that determines the rest) and `irfft` (back). Cutting and padding to another size are rows of their own, `hfft` and `ihfft` are
`irfft` and `rfft` with a conjugate. Every transform is linear, and its transpose is a transform: see tape/adjoints/fourier.
Norms as in PyTorch: "backward" (the default) divides inverse transforms by the size, "forward" the others, "ortho" both by its root.
Imports picking and layout; imported by tape/fft and the adjoints.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.cores import get_num_threads
from tape.dtypes import complex_of, get_default_dtype, real_of
from tape.functions.arguments import dim_of, tensor_of
from tape.functions.complex import conj
from tape.functions.picking import part_of, within
from tape.out import takes_out
from tape.record import cast, record
from tape.spec import intern
from tape.tensor import Tensor
from tape.traced import as_value, through

FFT, FFT_REAL, RFFT, IRFFT = (OPCODES[name] for name in ("fft", "fft:FftR2C", "rfft", "irfft"))
NORMS = {None: "backward", "backward": "backward", "forward": "forward", "ortho": "ortho"}
OPPOSITE = {"backward": "forward", "forward": "backward", "ortho": "ortho"}  # the norm that gives the transpose its factor
_LARGE = 1 << 16  # elements from which threads pay


# the rows, recorded as they are


def _computed(name: str, values: Any, dims: tuple[int, ...], norm: str, last: int | None, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    import scipy.fft

    if not values.size:
        return np.zeros(shape, dtype)
    workers = get_num_threads() if values.size >= _LARGE else None
    if len(dims) == 1:
        return getattr(scipy.fft, name)(values, last, dims[0], norm, workers=workers)  # type: ignore[no-any-return]
    sizes = None if last is None else (*(values.shape[d] for d in dims[:-1]), last)
    return getattr(scipy.fft, f"{name}n")(values, sizes, dims, norm, workers=workers)  # type: ignore[no-any-return]


def spectrum(t: Tensor, dims: tuple[int, ...], forward: bool, norm: str) -> Tensor:
    """The transform of real or complex values over `dims`, recorded; complex."""
    if not dims:
        return cast(t, complex_of(t._s.dtype))
    shape, dtype = t._s.shape, complex_of(real_of(t._s.dtype))
    value = through(_computed, "fft" if forward else "ifft", as_value(t._v), dims, norm, None, shape, dtype)
    return record(FFT if t._s.dtype.kind == "c" else FFT_REAL, (t,), value, None, (t._s, dims, forward, norm))


def half_spectrum(t: Tensor, dims: tuple[int, ...], norm: str) -> Tensor:
    """The transform of real values over `dims`, the last of them only to the middle, recorded."""
    shape, dtype = list(t._s.shape), complex_of(t._s.dtype)
    shape[dims[-1]] = shape[dims[-1]] // 2 + 1
    value = through(_computed, "rfft", as_value(t._v), dims, norm, None, tuple(shape), dtype)
    return record(RFFT, (t,), value, None, (t._s, dims, norm))


def from_half(t: Tensor, dims: tuple[int, ...], last: int, norm: str) -> Tensor:
    """The inverse transform of half a spectrum to real values, `last` of them along the last of `dims`, recorded."""
    shape = list(t._s.shape)
    shape[dims[-1]] = last
    value = through(_computed, "irfft", as_value(t._v), dims, norm, last, tuple(shape), real_of(t._s.dtype))
    return record(IRFFT, (t,), value, None, (t._s, dims, norm, last))


# arguments


def _input(name: str, given: Any, real: bool = False, wanted: bool = False) -> Tensor:
    """A Tensor to transform: integers become floats; `real`: complex ones are refused; `wanted`: it must become complex."""
    t = tensor_of(name, given)
    dtype = t._s.dtype
    if dtype.kind in "iub":
        t = cast(t, get_default_dtype())
    elif dtype.itemsize == 2:
        raise RuntimeError(f"{name} of {dtype}; it takes float32, float64 and complex dtypes: convert with .float()")
    elif real and dtype.kind == "c":
        raise RuntimeError(f"{name} of {dtype}; it takes real values: give their .real")
    return cast(t, complex_of(t._s.dtype)) if wanted and t._s.dtype.kind != "c" else t


def _norm(name: str, norm: Any) -> str:
    if norm not in NORMS:
        raise RuntimeError(f"{name}: norm {norm!r}; wanted 'backward', 'ortho', 'forward' or None")
    return NORMS[norm]


def _size(name: str, n: Any) -> int:
    try:
        size = index(n)
    except TypeError:
        raise TypeError(f"{name}: n is {n!r} ({type(n).__name__}); wanted an int") from None
    if size < 1:
        raise RuntimeError(f"{name}: {size} is no number of points to transform; wanted at least 1")
    return size


def _one(name: str, t: Tensor, n: Any, dim: Any, half: bool = False) -> tuple[tuple[int, ...], list[int]]:
    """Dimension and size of a transform over one dimension. `half`: the input is half a spectrum."""
    if not t._s.ndim:
        raise IndexError(f"{name} of a 0-d tensor; it transforms along a dimension")
    d = dim_of(name, t._s.ndim, dim)
    have = t._s.shape[d]
    return (d,), [_size(name, 2 * (have - 1) if half and n is None else have if n is None else n)]


def _several(name: str, t: Tensor, s: Any, dim: Any, some: bool = False, half: bool = False) -> tuple[tuple[int, ...], list[int]]:
    """Dimensions and sizes of a transform over several dimensions. `some`: there must be one."""
    ndim, shape = t._s.ndim, t._s.shape
    s = (s,) if isinstance(s, int) else s
    if dim is not None:
        dims = tuple(dim_of(name, ndim, d) for d in ((dim,) if isinstance(dim, int) else dim))
        if len(set(dims)) < len(dims):
            raise RuntimeError(f"{name}: dim {dim} names a dimension twice; give each once")
        if s is not None and len(s) != len(dims):
            raise RuntimeError(f"{name}: {len(s)} sizes for {len(dims)} dimensions; give as many")
    elif s is not None:
        if len(s) > ndim:
            raise RuntimeError(f"{name}: {len(s)} sizes for a tensor of {ndim} dimensions")
        dims = tuple(range(ndim - len(s), ndim))
    else:
        dims = tuple(range(ndim))
    if some and not dims:
        raise RuntimeError(f"{name} over no dimension; it transforms along one at least")
    sizes = [shape[d] for d in dims]
    if half:
        sizes[-1] = 2 * (sizes[-1] - 1)
    if s is not None:
        sizes = [have if given == -1 else given for have, given in zip(sizes, s, strict=True)]
    return dims, [_size(name, n) for n in sizes]


def resized(t: Tensor, dims: tuple[int, ...], sizes: list[int]) -> Tensor:
    """`t` cut, or padded with zeros, to these sizes."""
    shape = list(t._s.shape)
    for d, n in zip(dims, sizes, strict=True):
        shape[d] = n
    common = tuple(slice(0, min(n, have), 1) for n, have in zip(shape, t._s.shape, strict=True))
    if any(n < have for n, have in zip(shape, t._s.shape, strict=True)):
        t = part_of(t, (*common, ...))
    if tuple(shape) != t._s.shape:
        t = within(t, intern(tuple(shape), t._s.dtype), (*common, ...))
    return t


def _whole(name: str, t: Tensor, where: tuple[tuple[int, ...], list[int]], forward: bool, norm: Any) -> Tensor:
    dims, sizes = where
    return spectrum(resized(t, dims, sizes), dims, forward, _norm(name, norm))


def _to_half(name: str, t: Tensor, where: tuple[tuple[int, ...], list[int]], norm: Any, inverse: bool = False) -> Tensor:
    dims, sizes = where
    kind = _norm(name, norm)
    found = half_spectrum(resized(t, dims, sizes), dims, OPPOSITE[kind] if inverse else kind)
    return conj(found) if inverse else found


def _to_real(name: str, t: Tensor, where: tuple[tuple[int, ...], list[int]], norm: Any, forward: bool = False) -> Tensor:
    dims, sizes = where
    kind = _norm(name, norm)
    half = resized(t, dims, [*sizes[:-1], sizes[-1] // 2 + 1])
    return from_half(conj(half) if forward else half, dims, sizes[-1], OPPOSITE[kind] if forward else kind)


# functions, along one dimension


@takes_out
def fft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The discrete Fourier transform along a dimension, cut or padded to n points first; complex.

    RuntimeError for fewer points than one, an unknown norm, half precision.

    >>> import tape
    >>> tape.fft.fft(tape.tensor([1.0, 2.0, 3.0])).abs()
    tensor([6.0000, 1.7321, 1.7321])
    """
    t = _input("fft", input)
    return _whole("fft", t, _one("fft", t, n, dim), True, norm)


@takes_out
def ifft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `fft`."""
    t = _input("ifft", input)
    return _whole("ifft", t, _one("ifft", t, n, dim), False, norm)


@takes_out
def rfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The transform of real values along a dimension: the n//2 + 1 frequencies that are not negative. RuntimeError for complex values."""
    t = _input("rfft", input, real=True)
    return _to_half("rfft", t, _one("rfft", t, n, dim), norm)


@takes_out
def irfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `rfft`: n real values (by default an even number) of the half of a spectrum."""
    t = _input("irfft", input, wanted=True)
    return _to_real("irfft", t, _one("irfft", t, n, dim, half=True), norm)


@takes_out
def hfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The transform of a signal that is Hermitian in time, given by its half: n real values."""
    t = _input("hfft", input, wanted=True)
    return _to_real("hfft", t, _one("hfft", t, n, dim, half=True), norm, forward=True)


@takes_out
def ihfft(input: Any, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
    """The inverse of `hfft`: half of the Hermitian signal whose transform the real values are."""
    t = _input("ihfft", input, real=True)
    return _to_half("ihfft", t, _one("ihfft", t, n, dim), norm, inverse=True)


# along several dimensions


@takes_out
def fftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The transform over several dimensions (all, or the last len(s)), cut or padded to the sizes s first (-1 keeps one)."""
    t = _input("fftn", input)
    return _whole("fftn", t, _several("fftn", t, s, dim), True, norm)


@takes_out
def ifftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `fftn`."""
    t = _input("ifftn", input)
    return _whole("ifftn", t, _several("ifftn", t, s, dim), False, norm)


@takes_out
def rfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The transform of real values over several dimensions; along the last one the frequencies that are not negative."""
    t = _input("rfftn", input, real=True)
    return _to_half("rfftn", t, _several("rfftn", t, s, dim, some=True), norm)


@takes_out
def irfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `rfftn`: real values, by default an even number along the last dimension."""
    t = _input("irfftn", input, wanted=True)
    return _to_real("irfftn", t, _several("irfftn", t, s, dim, some=True, half=True), norm)


@takes_out
def hfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The transform of a signal that is Hermitian in time, given by its half along the last dimension: real values."""
    t = _input("hfftn", input, wanted=True)
    return _to_real("hfftn", t, _several("hfftn", t, s, dim, some=True, half=True), norm, forward=True)


@takes_out
def ihfftn(input: Any, s: Any = None, dim: Any = None, norm: str | None = None) -> Tensor:
    """The inverse of `hfftn`."""
    t = _input("ihfftn", input, real=True)
    return _to_half("ihfftn", t, _several("ihfftn", t, s, dim, some=True), norm, inverse=True)


def _planar(function: Any) -> Any:
    """The transform over two dimensions."""
    plain, name = function.without_out, function.__name__[:-1] + "2"

    def transform(input: Any, s: Any = None, dim: Any = (-2, -1), norm: str | None = None) -> Tensor:
        return plain(input, s, dim, norm)  # type: ignore[no-any-return]

    transform.__name__ = transform.__qualname__ = name
    transform.__doc__ = f"`{function.__name__}` over two dimensions, by default the last ones."
    return takes_out(transform)


fft2, ifft2, rfft2, irfft2, hfft2, ihfft2 = map(_planar, (fftn, ifftn, rfftn, irfftn, hfftn, ihfftn))

__all__ = ["fft", "fft2", "fftn", "hfft", "hfft2", "hfftn", "ifft", "ifft2", "ifftn", "ihfft", "ihfft2", "ihfftn", "irfft", "irfft2", "irfftn",
           "rfft", "rfft2", "rfftn"]  # fmt: skip
