"""The Python array API standard (2024.12) over Tensors: what `x.__array_namespace__()` gives, for libraries written for any array library.

Where PyTorch and the standard disagree (`max` with an axis, `std` without correction, 0-d arrays in promotion, `nonzero`, `meshgrid`), the functions
here follow the standard and those of `tape` follow PyTorch. Operators and indexing are Tensors' own, PyTorch's in both: `+` of a 0-d and another array
keeps the other's dtype, `@` does not promote, `//` of infinities gives NaN, slices have positive steps. Everything records.

>>> import tape
>>> xp = tape.tensor([3.0, 4.0]).__array_namespace__()
>>> xp.std(xp.asarray([1.0, 3.0]))
tensor(1.)
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from tape.array_api import arrays, creation, elementwise, fft, linalg
from tape.dtypes import complex_of, get_default_dtype

__array_api_version__ = "2024.12"
e, inf, nan, newaxis, pi = np.e, np.inf, np.nan, None, np.pi
_DTYPES = {name: np.dtype(name) for name in ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
                                             "complex64", "complex128")}  # fmt: skip


class _Info:
    """What the namespace can do: capabilities, devices, default dtypes, dtypes by kind."""

    def capabilities(self) -> dict[str, Any]:
        """Boolean indexing and data-dependent shapes work; arrays have at most 64 dimensions."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """The one device."""
        return "cpu"

    def devices(self) -> list[str]:
        """All devices."""
        return ["cpu"]

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype]:
        """The dtypes of results made of Python numbers."""
        real = get_default_dtype()
        return {"real floating": real, "complex floating": complex_of(real), "integral": np.dtype(np.int64), "indexing": np.dtype(np.int64)}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, np.dtype]:
        """The dtypes of a kind, by name."""
        return {name: dtype for name, dtype in _DTYPES.items() if kind is None or creation.FUNCTIONS["isdtype"](dtype, kind)}


def __array_namespace_info__() -> _Info:
    """The inspection interface of the standard."""
    return _Info()


def namespace(self: Any, *, api_version: str | None = None) -> Any:
    """`x.__array_namespace__()`: this module. ValueError for a version of the standard that it does not follow."""
    if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12"):
        raise ValueError(f"version {api_version!r} of the array API; wanted one up to {__array_api_version__}")
    return sys.modules[__name__]


def to_device(self: Any, device: Any, /, *, stream: Any = None) -> Any:
    """The Tensor itself: there is one device. ValueError for another."""
    if str(device) != "cpu":
        raise ValueError(f"device {device!r}: there is one device, 'cpu'")
    return self


globals().update(_DTYPES)
globals().update({**creation.FUNCTIONS, **elementwise.FUNCTIONS, **arrays.FUNCTIONS})
__all__ = ["__array_api_version__", "__array_namespace_info__", "e", "fft", "inf", "linalg", "nan", "newaxis", "pi",
           *_DTYPES, *creation.FUNCTIONS, *elementwise.FUNCTIONS, *arrays.FUNCTIONS]  # fmt: skip
