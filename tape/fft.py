"""Fourier transforms under PyTorch's names (torch.fft): re-exports of tape/functions/fourier, and what orders frequencies.

`fftfreq` and `rfftfreq` give the frequencies of a transform's results, `fftshift` and `ifftshift` put zero in the middle and back.
Imports functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.dtypes import CATEGORY, FLOAT, as_dtype, get_default_dtype
from tape.functions.arguments import dim_of, tensor_of
from tape.functions.fourier import fft as fft
from tape.functions.fourier import fft2 as fft2
from tape.functions.fourier import fftn as fftn
from tape.functions.fourier import hfft as hfft
from tape.functions.fourier import hfft2 as hfft2
from tape.functions.fourier import hfftn as hfftn
from tape.functions.fourier import ifft as ifft
from tape.functions.fourier import ifft2 as ifft2
from tape.functions.fourier import ifftn as ifftn
from tape.functions.fourier import ihfft as ihfft
from tape.functions.fourier import ihfft2 as ihfft2
from tape.functions.fourier import ihfftn as ihfftn
from tape.functions.fourier import irfft as irfft
from tape.functions.fourier import irfft2 as irfft2
from tape.functions.fourier import irfftn as irfftn
from tape.functions.fourier import rfft as rfft
from tape.functions.fourier import rfft2 as rfft2
from tape.functions.fourier import rfftn as rfftn
from tape.functions.layout import joined
from tape.functions.picking import part_of
from tape.out import written
from tape.tensor import Tensor, wrap


def _frequencies(name: str, function: Any, n: Any, d: float, dtype: Any, out: Any, requires_grad: bool) -> Tensor:
    wanted = get_default_dtype() if dtype is None else as_dtype(dtype)
    if CATEGORY[wanted] != FLOAT:
        raise RuntimeError(f"{name} of {wanted}; frequencies need a floating dtype")
    if n < 0:
        raise RuntimeError(f"{name}: n is {n}; wanted no negative number of points")
    values = function(n, d) if n else np.zeros(0 if name == "fftfreq" else 1)
    made = wrap(np.asarray(values).astype(wanted))
    if out is not None:
        return written(name, out, made)  # type: ignore[no-any-return]
    return made.requires_grad_() if requires_grad else made


def fftfreq(n: int, d: float = 1.0, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
            requires_grad: bool = False) -> Tensor:  # fmt: skip
    """The frequencies of `fft` of n points a distance d apart, in the order of its results. RuntimeError for dtypes that are not floating.

    >>> import tape
    >>> tape.fft.fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    return _frequencies("fftfreq", np.fft.fftfreq, n, d, dtype, out, requires_grad)


def rfftfreq(n: int, d: float = 1.0, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
             requires_grad: bool = False) -> Tensor:  # fmt: skip
    """The frequencies of `rfft` of n points a distance d apart.

    >>> import tape
    >>> tape.fft.rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    return _frequencies("rfftfreq", np.fft.rfftfreq, n, d, dtype, out, requires_grad)


def _turned(name: str, input: Any, dim: Any, ahead: bool) -> Tensor:
    """Each dimension turned by half its extent, up (`ahead`) or down."""
    t = tensor_of(name, input)
    if not t._s.ndim:
        raise RuntimeError(f"{name} of a 0-d tensor; it turns dimensions")
    dims = range(t._s.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    for d in [dim_of(name, t._s.ndim, each) for each in dims]:
        extent, head = t._s.shape[d], (slice(None),) * d
        cut = extent - extent // 2 if ahead else extent // 2
        if 0 < cut < extent:
            t = joined([part_of(t, (*head, slice(cut, extent, 1), ...)), part_of(t, (*head, slice(0, cut, 1), ...))], d)
    return t


def fftshift(input: Any, dim: Any = None) -> Tensor:
    """Frequency zero in the middle, along the dimensions given or all. RuntimeError for 0-d tensors.

    >>> import tape
    >>> tape.fft.fftshift(tape.tensor([0.0, 1.0, -2.0, -1.0]))
    tensor([-2., -1.,  0.,  1.])
    """
    return _turned("fftshift", input, dim, True)


def ifftshift(input: Any, dim: Any = None) -> Tensor:
    """What `fftshift` was given, of its result."""
    return _turned("ifftshift", input, dim, False)

__all__ = [  # fmt: skip
    "fft", "fft2", "fftn", "hfft", "hfft2", "hfftn", "ifft", "ifft2", "ifftn", "ihfft", "ihfft2", "ihfftn", "irfft",
    "irfft2", "irfftn", "rfft", "rfft2", "rfftn", "fftfreq", "rfftfreq", "fftshift", "ifftshift",
]
