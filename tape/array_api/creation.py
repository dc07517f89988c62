"""Creation functions and dtypes of the array API. Results are made by tape's own functions; the one device is "cpu".

Imports functions. Imported by array_api.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from tape import dtypes as own
from tape.protocols.names import F
from tape.tensor import Tensor

KINDS = {
    "bool": "b", "signed integer": "i", "unsigned integer": "u", "integral": "iu", "real floating": "f", "complex floating": "c", "numeric": "iufc",
}  # fmt: skip


def _default(dtype: Any) -> Any:
    return own.get_default_dtype() if dtype is None else dtype


def _shape(shape: Any) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)


def _on(device: Any) -> None:
    if device is not None and str(device) != "cpu":
        raise ValueError(f"device {device!r}: there is one device, 'cpu'")


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: builtins.bool | None = None) -> Tensor:
    """An array of a Tensor, an ndarray, numbers or nested sequences of them. copy=False raises ValueError where a copy is needed."""
    _on(device)
    if isinstance(obj, Tensor):
        made = obj if dtype is None else obj.to(dtype)
        if copy is False and made is not obj:
            raise ValueError(f"asarray: {obj.dtype} as {dtype} needs a copy, and copy=False forbids one")
        return F.clone(made) if copy and made is obj else made
    if copy is False and not hasattr(obj, "__array_interface__") and not hasattr(obj, "__dlpack__") and not isinstance(obj, (memoryview, bytearray)):
        raise ValueError(f"asarray: a {type(obj).__name__} needs a copy, and copy=False forbids one")
    if isinstance(obj, (np.ndarray, np.generic, memoryview, bytes, bytearray)) or hasattr(obj, "__buffer__"):
        return F.from_numpy(np.array(obj, dtype=dtype, copy=copy))
    if isinstance(obj, (list, tuple)) and _leaves_tensors(obj):
        made = F.stack([asarray(each) for each in obj])
        return made if dtype is None else made.to(dtype)
    made = np.asarray(obj)
    if dtype is None:
        dtype = {"i": np.dtype(np.int64), "f": own.get_default_dtype(), "c": own.complex_of(own.get_default_dtype())}.get(made.dtype.kind, made.dtype)
        if made.dtype.kind == "u":
            dtype = made.dtype
    return F.from_numpy(np.array(made, dtype=dtype))


def _leaves_tensors(obj: Any) -> builtins.bool:
    return any(_leaves_tensors(each) if isinstance(each, (list, tuple)) else isinstance(each, Tensor) for each in obj)


def arange(start: float, /, stop: float | None = None, step: float = 1, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Evenly spaced values of a half-open interval."""
    _on(device)
    first, last = (0, start) if stop is None else (start, stop)
    if dtype is None:
        dtype = np.dtype(np.int64) if all(isinstance(v, int) for v in (first, last, step)) else own.get_default_dtype()
    return F.from_numpy(np.arange(first, last, step).astype(dtype))


def linspace(start: complex, stop: complex, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: builtins.bool = True) -> Tensor:
    """`num` evenly spaced values."""
    _on(device)
    if dtype is None:
        dtype = own.get_default_dtype()
        dtype = own.complex_of(dtype) if isinstance(start, complex) or isinstance(stop, complex) else dtype
    return F.from_numpy(np.linspace(start, stop, num, endpoint).astype(dtype))


def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array whose elements are not set."""
    _on(device)
    return F.empty(_shape(shape), dtype=_default(dtype))


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of zeros."""
    _on(device)
    return F.zeros(_shape(shape), dtype=_default(dtype))


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of ones."""
    _on(device)
    return F.ones(_shape(shape), dtype=_default(dtype))


def full(shape: Any, fill_value: complex, *, dtype: Any = None, device: Any = None) -> Tensor:
    """An array of one value; its dtype is that of the value if none is given."""
    _on(device)
    if dtype is None:
        dtype = (np.dtype(np.bool_) if isinstance(fill_value, builtins.bool) else np.dtype(np.int64) if isinstance(fill_value, int)
                 else own.get_default_dtype() if isinstance(fill_value, float) else own.complex_of(own.get_default_dtype()))  # fmt: skip
    return F.full(_shape(shape), fill_value, dtype=dtype)


def eye(n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones on the k-th diagonal, zeros elsewhere."""
    _on(device)
    return F.from_numpy(np.eye(n_rows, n_cols, k, _default(dtype)))


def empty_like(x: Tensor, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """`empty` of the shape of x."""
    return empty(tuple(x.shape), dtype=x.dtype if dtype is None else dtype, device=device)


def zeros_like(x: Tensor, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """`zeros` of the shape of x."""
    return zeros(tuple(x.shape), dtype=x.dtype if dtype is None else dtype, device=device)


def ones_like(x: Tensor, /, *, dtype: Any = None, device: Any = None) -> Tensor:
    """`ones` of the shape of x."""
    return ones(tuple(x.shape), dtype=x.dtype if dtype is None else dtype, device=device)


def full_like(x: Tensor, /, fill_value: complex, *, dtype: Any = None, device: Any = None) -> Tensor:
    """`full` of the shape of x."""
    return full(tuple(x.shape), fill_value, dtype=x.dtype if dtype is None else dtype, device=device)


def from_dlpack(x: Any, /, *, device: Any = None, copy: builtins.bool | None = None) -> Tensor:
    """An array that shares memory with one of another library, by DLPack."""
    _on(device)
    made = F.from_numpy(np.from_dlpack(x.detach().numpy() if isinstance(x, Tensor) else x))
    return F.clone(made) if copy else made


def meshgrid(*arrays: Tensor, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Coordinate arrays of a grid."""
    return tuple(F.meshgrid(*arrays, indexing=indexing)) if arrays else ()


def tril(x: Tensor, /, *, k: int = 0) -> Tensor:
    """The lower triangle up to the k-th diagonal, zeros above."""
    return F.tril(x, k)


def triu(x: Tensor, /, *, k: int = 0) -> Tensor:
    """The upper triangle from the k-th diagonal on, zeros below."""
    return F.triu(x, k)


# dtypes


def astype(x: Tensor, dtype: Any, /, *, copy: builtins.bool = True, device: Any = None) -> Tensor:
    """x in another dtype, a copy unless copy=False and nothing changes."""
    _on(device)
    made = x.to(dtype)
    return F.clone(made) if copy and made is x else made


def can_cast(from_: Any, to: Any, /) -> builtins.bool:
    """Whether promotion leads from one dtype to another."""
    from_ = from_.dtype if isinstance(from_, Tensor) else np.dtype(from_)
    return np.result_type(from_, np.dtype(to)) == np.dtype(to)


def finfo(type: Any, /) -> Any:
    """bits, eps, max, min, smallest_normal and dtype of a floating dtype."""
    return own.finfo(type.dtype if isinstance(type, Tensor) else type)


def iinfo(type: Any, /) -> Any:
    """bits, max, min and dtype of an integer dtype."""
    return own.iinfo(type.dtype if isinstance(type, Tensor) else type)


def isdtype(dtype: Any, kind: Any) -> builtins.bool:
    """Whether a dtype is (one of) `kind`: a dtype, the name of a category, or a tuple of them."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype, each) for each in kind)
    if isinstance(kind, str):
        if kind not in KINDS:
            raise ValueError(f"isdtype: {kind!r} is no category; wanted one of {', '.join(KINDS)}")
        return np.dtype(dtype).kind in KINDS[kind]
    return np.dtype(dtype) == np.dtype(kind)


def result_type(*arrays_and_dtypes: Any) -> np.dtype:
    """The dtype that the arguments promote to; Python numbers count by their kind only."""
    dtypes = [a.dtype if isinstance(a, Tensor) else np.dtype(a) for a in arrays_and_dtypes if not isinstance(a, (builtins.bool, int, float, complex))]
    if not dtypes:
        raise ValueError("result_type: no array and no dtype among the arguments; give at least one")
    made = np.result_type(*dtypes)
    for number in (a for a in arrays_and_dtypes if isinstance(a, (builtins.bool, int, float, complex))):
        made = own.with_scalar(made, type(number))
    return made


FUNCTIONS = {
    f.__name__: f
    for f in (asarray, arange, linspace, empty, zeros, ones, full, eye, empty_like, zeros_like, ones_like, full_like, from_dlpack, meshgrid, tril, triu, astype,
              can_cast, finfo, iinfo, isdtype, result_type)
}  # fmt: skip

__all__ = ["FUNCTIONS", "KINDS"]
