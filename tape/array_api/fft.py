"""The extension `fft` of the array API, by `tape.fft`. Axes and sizes as in the standard.

Imports tape.fft. Imported by array_api.
"""

from __future__ import annotations

from typing import Any

from tape.protocols.names import fft as own
from tape.tensor import Tensor


def _along_one(name: str) -> Any:
    def transform(x: Tensor, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Tensor:
        return getattr(own, name)(x, n, axis, norm)

    transform.__name__, transform.__doc__ = name, f"`tape.fft.{name}` along one axis."
    return transform


def _along_several(name: str) -> Any:
    def transform(x: Tensor, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Tensor:
        return getattr(own, name)(x, s, axes, norm)

    transform.__name__, transform.__doc__ = name, f"`tape.fft.{name}` along several axes."
    return transform


fft, ifft, rfft, irfft, hfft, ihfft = (_along_one(name) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"))
fftn, ifftn, rfftn, irfftn = (_along_several(name) for name in ("fftn", "ifftn", "rfftn", "irfftn"))


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of `fft`, in cycles per unit of the spacing d."""
    return own.fftfreq(n, d, dtype=dtype)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Tensor:
    """The frequencies of `rfft`, in cycles per unit of the spacing d."""
    return own.rfftfreq(n, d, dtype=dtype)


def fftshift(x: Tensor, /, *, axes: Any = None) -> Tensor:
    """Frequency zero moved to the middle."""
    return own.fftshift(x, axes)


def ifftshift(x: Tensor, /, *, axes: Any = None) -> Tensor:
    """The opposite of fftshift."""
    return own.ifftshift(x, axes)


__all__ = ["fft", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifftn", "ifftshift", "ihfft", "irfft", "irfftn", "rfft", "rfftfreq", "rfftn"]
