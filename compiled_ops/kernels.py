"""Machine code for elementwise rows, compiled when first asked for and cached on disk by Numba.

`reverse_address("tanh", 0)` is the address of `void (intp n, intp add, T* g, T* x, T* y, T* out)`, or for
two inputs `(n, add, g, a, b, out)`. `forward("tanh")` is a ufunc, `forward_one("tanh")` takes Python floats.
A reverse kernel writes the contribution where add is 0, and `out + contribution` where it is 1. Operands are
contiguous with n elements; out may be the very memory of one, but not overlap one otherwise; a pointer that
the rule does not read may be null. An element's bits depend on its values alone, not on n or its place.
n = -1 is one 0-d float64: elementary functions are then libm's scalar ones, to the bit those of `math`.
No kernel raises, allocates or needs the GIL. A ufunc has one dtype, the one asked for, gives the same bits
for strided memory as for contiguous, and no floating-point warnings.
Importing this module does not import Numba. Safe in several threads. Imported by tape.
"""

from __future__ import annotations

import importlib
import math
import operator
import threading
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from compiled_ops import rows, table  # noqa: F401  (the table fills the registry)
from compiled_ops.formula import MODULES
from compiled_ops.rows import Elementwise, TableError

DTYPE_CODES = {np.dtype(np.float64): 0, np.dtype(np.float32): 1}
SCIPY = frozenset(MODULES["scipy_functions"])
MASKED = ("select_a", "select_b")  # kernels whose second operand is a mask of uint8

# called with the name of a kernel before it is compiled or loaded from the cache
on_compile: list[Callable[[str], object]] = []
_lock = threading.RLock()
_addresses: dict[tuple[str, int], int] = {}
_ufuncs: dict[tuple[str, int], np.ufunc] = {}
_compiled: list[Any] = []  # keeps each kernel's machine code alive
_OPERATORS = {
    "-x": operator.neg,
    "a + b": operator.add,
    "a - b": operator.sub,
    "a * b": operator.mul,
    "a / b": operator.truediv,
}


def compiled_count() -> int:
    """How many kernels this process has compiled or loaded."""
    return len(_compiled)


def cache_hits() -> int:
    """How many of them came from Numba's cache on disk."""
    return sum(kernel.cache_hits for kernel in _compiled)


def reverse_address(name: str, operand: int, dtype_code: int = 0) -> int:
    """Address of the kernel for a row's pullback in input number `operand`; also of select, scale and copy.

    dtype_code: 0 for float64, 1 for float32. Raises TableError for a row without that rule.
    """
    key = (_reverse_name(name, operand), dtype_code)
    address = _addresses.get(key)
    return address if address is not None else _reverse(*key)


def forward(name: str, dtype_code: int = 0) -> np.ufunc:
    """The ufunc of a row: NumPy's own where the table says so, else one over the row's compiled loop.

    >>> forward("sigmoid")(np.array([0.0, 1000.0]))
    array([0.5, 1. ])
    """
    ufunc = _ufuncs.get((name, dtype_code))
    return ufunc if ufunc is not None else _forward(name, dtype_code)


@cache
def forward_one(name: str) -> Callable[..., float] | None:
    """The row as a function of Python floats, or None. It raises ValueError, ZeroDivisionError or
    OverflowError where NumPy would give NaN or an infinity: the caller then takes the array's path.

    >>> forward_one("sqrt")(4.0)
    2.0
    """
    row = _elementwise(name)
    if not row.scalar:
        return None
    if row.scalar in _OPERATORS:
        return _OPERATORS[row.scalar]
    function = row.scalar.removesuffix("(x)")
    if function.isidentifier():
        return getattr(math, function)
    names = {key: value for key, value in vars(math).items() if not key.startswith("_")}
    return eval(f"lambda {', '.join(row.inputs)}: {row.scalar}", names)


def _elementwise(name: str) -> Elementwise:
    row = rows.PRIMITIVES.get(name)
    if not isinstance(row, Elementwise):
        raise TableError(f"{name!r} is no elementwise row; compiled_ops/table/elementwise.py lists them")
    return row


@cache
def _reverse_name(name: str, operand: int) -> str:
    if name in ("scale", "copy"):
        return name
    if name == "select":
        return MASKED[operand]
    row = _elementwise(name)
    if not (0 <= operand < len(row.rules) and row.rules[operand]):
        raise TableError(f"{name} has no rule in its input {operand}; it has rules in {_with_rules(row)}")
    return f"{name}_{row.inputs[operand]}"


def _with_rules(row: Elementwise) -> list[int]:
    return [k for k, rule in enumerate(row.rules) if rule]


def _kernel(text: Any, name: str, signature: Any) -> Any:
    """The one place where a kernel is compiled, or loaded from the cache. Numba's cache tells files apart by
    time and size, which an installer may reproduce for another version; the checksum in the kernel's
    qualified name, under which it is cached, is sure.
    """
    from numba import cfunc

    for listener in on_compile:
        listener(name)
    function = getattr(text, name)
    if not SCIPY.isdisjoint(function.__code__.co_names):
        from compiled_ops import scipy_functions

        scipy_functions.load()
    function.__qualname__ = f"{name}_{_checksum(text.__file__):08x}"
    kernel = cfunc(signature, cache=True, nopython=True, error_model="numpy")(function)
    _compiled.append(kernel)
    return kernel


@cache
def _checksum(file: str) -> int:
    return zlib.crc32(Path(file).read_bytes())


def compile_loop(module: Any, name: str, signature: Any) -> int:
    """Address of a hand-written loop of a module."""
    with _lock:
        return _kernel(module, name, signature).address


def _generated(module: str) -> Any:
    """The generated text, whose import brings Numba; first the vector functions are made known to LLVM."""
    from compiled_ops import vectormath

    vectormath.load()
    return importlib.import_module(f"compiled_ops.generated.{module}")


def _reverse(kernel_name: str, dtype_code: int) -> int:
    with _lock:
        if (kernel_name, dtype_code) not in _addresses:
            text = _generated("reverse")
            from numba import types

            number = types.CPointer(types.float32 if dtype_code else types.float64)
            second = types.CPointer(types.uint8) if kernel_name in MASKED else number
            signature = types.void(types.intp, types.intp, number, second, number, number)
            _addresses[kernel_name, dtype_code] = _kernel(text, kernel_name, signature).address
        return _addresses[kernel_name, dtype_code]


def _forward(name: str, dtype_code: int) -> np.ufunc:
    row = _elementwise(name)
    with _lock:
        if (name, dtype_code) not in _ufuncs:
            if row.value.startswith("np."):
                _ufuncs[name, dtype_code] = getattr(np, row.value.removeprefix("np."))
            else:
                _ufuncs[name, dtype_code] = _ufunc(row, dtype_code)
        return _ufuncs[name, dtype_code]


def _ufunc(row: Elementwise, dtype_code: int) -> np.ufunc:
    text = _generated("forward")
    from numba import types
    from numba.np.ufunc import _internal

    number = types.CPointer(types.float32 if dtype_code else types.float64)
    counts = types.CPointer(types.intp)
    signature = types.void(types.CPointer(number), counts, counts, types.voidptr)
    kernel = _kernel(text, f"{row.name}_loop", signature)
    count = len(row.inputs)
    kinds = [np.dtype(np.float32 if dtype_code else np.float64).num] * (count + 1)
    doc = f"{row.name}({', '.join(row.inputs)}) = {row.value}, elementwise"
    loops = [kernel.address], [kinds], count, 1, [None], [kernel]
    return _internal.fromfunc(row.name, doc, *loops, _internal.PyUFunc_None)
