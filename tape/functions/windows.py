"""Window functions as vectors: the family of torch.signal.windows, and PyTorch's older names `hann_window` and so on.

A symmetric window of M values (`sym=True`) suits filters; a periodic one is the symmetric window of M + 1 values without its last. They are
computed in float64 and rounded to the dtype asked for, the default one unless told otherwise. ValueError for negative M and for a
dtype that is not floating. Imports creation; imported by tape.functions and tape.signal.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import pi
from operator import index
from typing import Any

import numpy as np

from tape.dtypes import as_dtype, get_default_dtype, name_of
from tape.functions.creation import finished
from tape.tensor import Tensor

NUTTALL = (0.3635819, 0.4891775, 0.1365995, 0.0106411)


def _places(name: str, count: Any, sym: bool) -> tuple[np.ndarray, int]:
    """0, 1, ... below `count`, and the number of intervals from the first to the last value of the symmetric window."""
    count = index(count)
    if count < 0:
        raise ValueError(f"{name}: M is {count}; wanted a length of at least 0")
    return np.arange(count, dtype=np.float64), max(count - 1 if sym else count, 1)


def _finished(name: str, values: np.ndarray, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    wanted = get_default_dtype() if dtype is None else as_dtype(dtype)
    if wanted.kind not in "fV":
        raise ValueError(f"{name}: dtype is {name_of(wanted)}; wanted a floating one")
    return finished(values.astype(wanted), requires_grad, device)


def _cosines(count: Any, weights: Iterable[float], sym: bool, name: str) -> np.ndarray:
    """The sum of (-1)^k w_k cos(2 pi k n / N)."""
    n, last = _places(name, count, sym)
    if len(n) == 1:
        return np.ones(1)
    total = np.zeros(len(n))
    for k, weight in enumerate(weights):
        total += (-1) ** k * weight * np.cos(2 * pi * k * n / last)
    return total


def bartlett(M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The triangular window, 0 at its ends.

    >>> import tape
    >>> tape.signal.windows.bartlett(5)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    n, last = _places("bartlett", M, sym)
    return _finished("bartlett", 1 - np.abs(2 * n / last - 1) if len(n) != 1 else np.ones(1), dtype, device, requires_grad)


def blackman(M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The sum of cosines with weights 0.42, 0.5 and 0.08."""
    return _finished("blackman", _cosines(M, (0.42, 0.5, 0.08), sym, "blackman"), dtype, device, requires_grad)


def cosine(M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Half a period of the sine, sampled at the middles of M intervals."""
    n, last = _places("cosine", M, sym)
    values = np.sin(pi * (n + 0.5) / (len(n) if sym else len(n) + 1)) if len(n) != 1 else np.ones(1)
    return _finished("cosine", values, dtype, device, requires_grad)


def exponential(
    M: int, *, center: float | None = None, tau: float = 1.0, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """exp(-|n - center|/tau); ValueError for tau that is not positive and for a centre given to a symmetric window."""
    n, last = _places("exponential", M, sym)
    if tau <= 0:
        raise ValueError(f"exponential: tau is {tau}; wanted a positive one")
    if sym and center is not None:
        raise ValueError("exponential: a symmetric window has its centre in the middle; give sym=False with center=")
    middle = last / 2 if center is None else center
    return _finished("exponential", np.exp(-np.abs(n - middle) / tau) if len(n) != 1 else np.ones(1), dtype, device, requires_grad)


def gaussian(
    M: int, *, std: float = 1.0, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """exp(-(n - middle)^2/(2 std^2)). ValueError for a standard deviation that is not positive."""
    n, last = _places("gaussian", M, sym)
    if std <= 0:
        raise ValueError(f"gaussian: std is {std}; wanted a positive one")
    return _finished("gaussian", np.exp(-(((n - last / 2) / std) ** 2) / 2) if len(n) != 1 else np.ones(1), dtype, device, requires_grad)


def general_cosine(
    M: int, *, a: Iterable[float], sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """The sum of cosines with the weights `a`, of alternating sign. TypeError where `a` is no iterable, ValueError where it is empty."""
    if not isinstance(a, Iterable):
        raise TypeError(f"general_cosine: a is {type(a).__name__}; wanted the weights")
    weights = list(a)
    if not weights:
        raise ValueError("general_cosine: a is empty; wanted the weights")
    return _finished("general_cosine", _cosines(M, weights, sym, "general_cosine"), dtype, device, requires_grad)


def general_hamming(
    M: int, *, alpha: float = 0.54, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """alpha - (1 - alpha) cos(2 pi n / N)."""
    return general_cosine(M, a=(alpha, 1 - alpha), sym=sym, dtype=dtype, device=device, requires_grad=requires_grad)


def hamming(M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """0.54 - 0.46 cos(2 pi n / N)."""
    return general_hamming(M, sym=sym, dtype=dtype, device=device, requires_grad=requires_grad)


def hann(M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """(1 - cos(2 pi n / N))/2."""
    return general_hamming(M, alpha=0.5, sym=sym, dtype=dtype, device=device, requires_grad=requires_grad)


def kaiser(
    M: int, *, beta: float = 12.0, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """I0(beta sqrt(1 - (2 n / N - 1)^2))/I0(beta). ValueError for negative beta."""
    n, last = _places("kaiser", M, sym)
    if beta < 0:
        raise ValueError(f"kaiser: beta is {beta}; wanted one that is not negative")
    values = np.i0(beta * np.sqrt(np.maximum(1 - (2 * n / last - 1) ** 2, 0))) / np.i0(beta) if len(n) != 1 else np.ones(1)
    return _finished("kaiser", values, dtype, device, requires_grad)


def nuttall(M: int, *, sym: bool = True, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The sum of four cosines with Nuttall's weights of least side lobes."""
    return _finished("nuttall", _cosines(M, NUTTALL, sym, "nuttall"), dtype, device, requires_grad)


def _older(window: Any, *names: str) -> Any:
    """A window under its older name: `periodic` instead of `sym`, and parameters by position."""

    def function(window_length: int, periodic: bool = True, *given: float, dtype: Any = None, layout: Any = None, device: Any = None,
                 pin_memory: bool = False, requires_grad: bool = False, **named: float) -> Tensor:  # fmt: skip
        parameters = {**dict(zip(names, given, strict=False)), **named}
        if len(given) > len(names) or set(parameters) - set(names):
            raise TypeError(f"{function.__name__} takes window_length, periodic{''.join(', ' + n for n in names)}; got {given} and {named}")
        return window(parameters, window_length, sym=not periodic, dtype=dtype, device=device, requires_grad=requires_grad)

    return function


def _hamming(given: dict, M: int, **options: Any) -> Tensor:
    alpha = given.get("alpha", 0.54)
    return general_cosine(M, a=(alpha, given.get("beta", 0.46)), **options)


hann_window = _older(lambda given, M, **options: hann(M, **options))
hamming_window = _older(_hamming, "alpha", "beta")
blackman_window = _older(lambda given, M, **options: blackman(M, **options))
bartlett_window = _older(lambda given, M, **options: bartlett(M, **options))
kaiser_window = _older(lambda given, M, **options: kaiser(M, **{"beta": 12.0, **given}, **options), "beta")
for _name in ("hann", "hamming", "blackman", "bartlett", "kaiser"):
    _made = globals()[f"{_name}_window"]
    _made.__name__ = _made.__qualname__ = f"{_name}_window"
    _made.__doc__ = f"The window `signal.windows.{_name}` of a length: periodic unless `periodic=False`."

METHODS: dict[str, Any] = {}
__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]
