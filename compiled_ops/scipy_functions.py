"""SciPy's special functions as words of generated kernels: C functions of `scipy.special.cython_special`, called without Python.

`NAMES` lists ours beside SciPy's; each is an intrinsic of this module that takes numbers and computes in float64. `load()` tells LLVM where
they are; `kernels` calls it before it compiles, or takes from Numba's cache, a kernel that uses one, and not before: importing
SciPy's special functions takes a tenth of a second. Invariant: kernels know them by symbols of our own, never by address, so that cached
machine code holds in every process; a function whose signature is not the expected one raises ImportError.
Imports Numba. Imported by the generated text, which bears a hash of this file.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

# ours: (SciPy's, inputs, which output of several counts)
NAMES: dict[str, tuple[str, int, int | None]] = {
    "i0": ("i0", 1, None), "i0e": ("i0e", 1, None), "i1": ("i1", 1, None), "i1e": ("i1e", 1, None),
    "bessel_j0": ("j0", 1, None), "bessel_j1": ("j1", 1, None), "bessel_y0": ("y0", 1, None), "bessel_y1": ("y1", 1, None),
    "modified_bessel_k0": ("k0", 1, None), "modified_bessel_k1": ("k1", 1, None),
    "scaled_modified_bessel_k0": ("k0e", 1, None), "scaled_modified_bessel_k1": ("k1e", 1, None),
    "jv": ("jv", 2, None), "yv": ("yv", 2, None), "iv": ("iv", 2, None), "ive": ("ive", 2, None), "kv": ("kv", 2, None), "kve": ("kve", 2, None),
    "erfcx": ("erfcx", 1, None), "log_ndtr": ("log_ndtr", 1, None), "ndtri": ("ndtri", 1, None),
    "gammainc": ("gammainc", 2, None), "gammaincc": ("gammaincc", 2, None), "beta": ("beta", 2, None), "betaln": ("betaln", 2, None),
    "airy_ai": ("airy", 1, 0), "airy_ai_prime": ("airy", 1, 1),
}  # fmt: skip
_REAL, _WORD = ir.DoubleType(), ir.IntType(32)
_loaded: list[bool] = []


def load() -> None:
    """Make the functions known to LLVM, once."""
    if _loaded:
        return
    from scipy.special import cython_special

    for name, (source, count, which) in NAMES.items():
        llvm.add_symbol(f"compiled_ops_scipy_{name}", _address(cython_special.__pyx_capi__, source, count, which))
    _loaded.append(True)


def _address(exported: dict[str, Any], name: str, count: int, which: int | None) -> int:
    """The address of a function of doubles; among versions for several types their names are mangled, and their signatures tell."""
    result = "double" if which is None else "void"
    wanted = f"{result} ({', '.join(['double'] * count)}" + ("," if which is None else ", double *")
    text = ctypes.pythonapi.PyCapsule_GetName
    text.restype, text.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    for key, capsule in exported.items():
        if key == name or key.startswith("__pyx_fuse_") and key.removeprefix("__pyx_fuse_").lstrip("0123456789_") == name:
            signature = text(capsule)
            if signature and signature.decode().startswith(wanted):
                return pointer(capsule, signature)  # type: ignore[no-any-return]
    raise ImportError(f"scipy.special.cython_special has no {name} of the form {wanted} ...); this SciPy is not one that compiled_ops knows")


def _call(builder: Any, name: str, numbers: list) -> Any:
    _, count, which = NAMES[name]
    symbol, skip = f"compiled_ops_scipy_{name}", ir.Constant(_WORD, 0)
    if which is None:
        sort = ir.FunctionType(_REAL, [*[_REAL] * count, _WORD])
        return builder.call(cgutils.get_or_insert_function(builder.module, sort, symbol), [*numbers, skip])
    with builder.goto_entry_block():
        outputs = [builder.alloca(_REAL) for _ in range(4)]
    sort = ir.FunctionType(ir.VoidType(), [*[_REAL] * count, *[_REAL.as_pointer()] * 4])
    builder.call(cgutils.get_or_insert_function(builder.module, sort, symbol), [*numbers, *outputs])
    return builder.load(outputs[which])


def _of_one(name: str) -> Callable:
    @intrinsic
    def function(typing, x):
        def lower(context, builder, signature, arguments):
            return _call(builder, name, [context.cast(builder, arguments[0], x, types.float64)])

        return types.float64(x), lower

    return function


def _of_two(name: str) -> Callable:
    @intrinsic
    def function(typing, a, b):
        def lower(context, builder, signature, arguments):
            numbers = [context.cast(builder, v, kind, types.float64) for v, kind in zip(arguments, (a, b), strict=True)]
            return _call(builder, name, numbers)

        return types.float64(a, b), lower

    return function


INTRINSICS = {name: _of_one(name) if count == 1 else _of_two(name) for name, (_, count, _) in NAMES.items()}
globals().update(INTRINSICS)
