"""Memory shared with other libraries: DLPack both ways, buffers, and `asarray`, which copies only where it must.

What is made here shares memory with what it was made from: a write to one is seen in the other.
Imports creation; its `METHODS` become Tensor methods; imported by tape/functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import as_dtype, get_default_dtype
from tape.functions.creation import as_tensor, finished, shared, tensor
from tape.record import cast, native, record
from tape.tensor import Tensor, array, exposed

CLONE = OPCODES["clone"]


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A Tensor that shares the memory of another library's array, which has `__dlpack__`. copy=True: of a copy.

    TypeError for what has no `__dlpack__`, BufferError for memory that cannot be shared.

    >>> import numpy as np
    >>> import tape
    >>> tape.from_dlpack(np.arange(3))
    tensor([0, 1, 2])
    """
    if not hasattr(ext_tensor, "__dlpack__"):
        raise TypeError(f"from_dlpack got {type(ext_tensor).__name__}, which has no __dlpack__; use tensor() or asarray()")
    if device is not None and str(device) not in ("cpu", "cpu:0"):
        raise ValueError(f"from_dlpack(device={device!r}); tensors are on the CPU")
    if isinstance(ext_tensor, Tensor):
        if ext_tensor._t is not None:
            raise BufferError("from_dlpack of a tensor that requires grad; detach() it first")
        return tensor(array(ext_tensor)) if copy else shared(exposed(ext_tensor))
    found = ext_tensor if type(ext_tensor) is np.ndarray else np.from_dlpack(ext_tensor)
    return shared(native(found.copy() if copy else found))


def to_dlpack(self: Tensor, *, stream: Any = None, max_version: tuple[int, int] | None = None, dl_device: Any = None,
              copy: bool | None = None) -> Any:  # fmt: skip
    """A DLPack capsule of this Tensor's memory. BufferError where it requires grad, or another device is wanted."""
    if self._t is not None:
        raise BufferError("a tensor that requires grad cannot be exported; use detach()")
    if dl_device is not None and tuple(dl_device) != dlpack_device(self):
        raise BufferError(f"__dlpack__(dl_device={dl_device!r}); tensors are on the CPU, (1, 0)")
    values = array(self).copy() if copy else exposed(self)
    return values.__dlpack__() if max_version is None else values.__dlpack__(max_version=max_version)


def dlpack_device(self: Tensor) -> tuple[int, int]:
    """(1, 0), which is the CPU."""
    return 1, 0


def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A vector that shares the memory of a buffer: `count` elements (all for -1) from a byte offset. ValueError beyond the buffer.

    >>> import tape
    >>> tape.frombuffer(bytearray(b"\\x01\\x02"), dtype=tape.uint8)
    tensor([1, 2], dtype=torch.uint8)
    """
    wanted, memory = as_dtype(dtype), memoryview(buffer).cast("B")
    size = memory.nbytes
    if not size:
        raise ValueError("frombuffer: the buffer is empty")
    if count == 0 or count < -1:
        raise ValueError(f"frombuffer: count {count}; wanted a positive number, or -1 for all")
    if not 0 <= offset < size:
        raise ValueError(f"frombuffer: offset {offset} into a buffer of {size} bytes; it must lie in it")
    if count == -1 and (size - offset) % wanted.itemsize:
        raise ValueError(f"frombuffer: {size - offset} bytes are no whole number of elements of {wanted.itemsize}")
    count = (size - offset) // wanted.itemsize if count == -1 else count
    if offset + count * wanted.itemsize > size:
        raise ValueError(f"frombuffer: {count} elements of {wanted} from byte {offset} of {size}; the buffer is too short")
    found = np.frombuffer(memory, np.uint8, count * wanted.itemsize, offset).view(wanted)
    made = shared(found)
    return made.requires_grad_() if requires_grad else made


def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of a Tensor, an array, what has `__dlpack__`, a buffer, a number or nested sequences of numbers.

    Memory is shared where it can be and `copy` is not True; a Tensor keeps its history.
    ValueError where copy=False and a copy is needed.

    >>> import tape
    >>> x = tape.ones(2)
    >>> tape.asarray(x) is x
    True
    """
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(obj, Tensor):
        return _of_tensor(obj, wanted, copy, requires_grad)
    if isinstance(obj, (np.ndarray, np.generic)) or not isinstance(obj, (int, float, complex, list, tuple)):
        found = _foreign(obj, wanted)
        if found is not None:
            fits = wanted is None or wanted == found._s.dtype
            if copy is False and not fits:
                raise ValueError(f"asarray(copy=False): {found._s.dtype} was given and {wanted} wanted; that takes a copy")
            values = array(found)
            if copy or not fits:
                found = finished(values.astype(wanted or values.dtype, copy=True), device=device)
            return found.requires_grad_() if requires_grad else found
    if copy is False:
        raise ValueError(f"asarray(copy=False): {type(obj).__name__} has no memory to share; leave copy out")
    return tensor(obj, dtype=wanted, device=device, requires_grad=requires_grad)


def _of_tensor(t: Tensor, dtype: np.dtype | None, copy: bool | None, requires_grad: bool) -> Tensor:
    fits = dtype is None or dtype == t._s.dtype
    if copy is False and not fits:
        raise ValueError(f"asarray(copy=False): {t._s.dtype} was given and {dtype} wanted; that takes a copy")
    made = t if fits else cast(t, dtype)  # type: ignore[arg-type]
    if copy and fits:
        made = record(CLONE, (t,), array(t).copy(), t._s.number, (t._s,))
    return made.requires_grad_() if requires_grad and made._t is None else made


def _foreign(obj: Any, dtype: np.dtype | None) -> Tensor | None:
    """A Tensor that shares the memory of an array, a DLPack producer or a buffer; None for anything else."""
    if isinstance(obj, np.ndarray):
        return as_tensor(obj)
    if isinstance(obj, np.generic):
        return as_tensor(np.asarray(obj))
    if hasattr(obj, "__dlpack__"):
        return from_dlpack(obj)
    try:
        memoryview(obj)
    except TypeError:
        return None
    return frombuffer(obj, dtype=get_default_dtype() if dtype is None else dtype)


METHODS = {"__dlpack__": to_dlpack, "__dlpack_device__": dlpack_device}
__all__ = ["asarray", "from_dlpack", "frombuffer"]
