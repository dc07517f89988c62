"""Inner loops of ufuncs, by address: what compiled code calls to get the very bits that NumPy gives.

`inner_loop(np.add, "dd->d")` is (function, data), two addresses, of `void (char** args, intp* counts, intp* steps, void* data)`; None where
the ufunc has no such loop. `value_loop("exp", "d")` is the loop of an elementwise primitive. Steps are in bytes and may be 0.
Invariant: the fields of a ufunc are read where NumPy's public header (ufuncobject.h) puts them, and believed only where they repeat what
Python sees of the same ufunc: its name, counts and types. Imported by interpret's users and by the blocked tier.
"""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np

from compiled_ops import kernels
from compiled_ops.rows import PRIMITIVES, Elementwise


class _Ufunc(ctypes.Structure):
    """The beginning of a PyUFuncObject, behind its object header."""

    _fields_ = [
        ("nin", ctypes.c_int),
        ("nout", ctypes.c_int),
        ("nargs", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
        ("reserved", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("types", ctypes.c_void_p),
    ]


@cache
def _codes() -> dict[int, str]:
    """NumPy's one-letter names of dtypes by their numbers, as a ufunc's table of types holds them."""
    return {np.dtype(code).num: code for code in np.typecodes["All"] if code not in "npNP"}


def _fields(ufunc: np.ufunc) -> _Ufunc | None:
    """The fields of a ufunc, or None where memory does not hold what Python sees."""
    found = _Ufunc.from_address(id(ufunc) + object.__basicsize__)
    seen = (found.nin, found.nout, found.nargs, found.ntypes)
    if seen != (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes) or found.name != ufunc.__name__.encode():
        return None
    numbers = ctypes.string_at(found.types, found.nargs * found.ntypes)
    for k, text in enumerate(ufunc.types):
        here = [_codes().get(n, "?!") for n in numbers[k * found.nargs : (k + 1) * found.nargs]]
        if "".join(here[: found.nin]) + "->" + "".join(here[found.nin :]) != text:
            return None
    return found


@cache
def inner_loop(ufunc: np.ufunc, types: str) -> tuple[int, int] | None:
    """Addresses of the loop for these types and of its data, or None.

    >>> inner_loop(np.add, "dd->d") is not None, inner_loop(np.add, "dd->f")
    (True, None)
    """
    fields = _fields(ufunc)
    if fields is None or types not in ufunc.types or ufunc.signature is not None:
        return None
    place = ufunc.types.index(types)
    function = fields.functions[place]
    return (function, (fields.data[place] or 0) if fields.data else 0) if function else None


@cache
def value_loop(name: str, code: str) -> tuple[int, int] | None:
    """The loop for the value of an elementwise primitive on operands of one dtype ("d", "f", other letters where NumPy has a loop)."""
    row = PRIMITIVES[name]
    if not isinstance(row, Elementwise) or not (code in "df" or row.value.startswith("np.")):
        return None
    return inner_loop(kernels.forward(name, int(code == "f")), f"{code * len(row.inputs)}->{code}")
