"""Intel's MKL in the place of SciPy's BLAS and LAPACK for products in machine code, where the extra `mkl` is installed.

`address(name)` is where a Fortran routine ("dgemm") lies, or 0: not installed, not Linux on x86-64, or TAPE_BLAS=scipy in the environment.
One thread, by MKL's sequential layer. Results differ from SciPy's in the last bits. Knows nothing of programs. Imported by llvm.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from importlib import metadata

SEQUENTIAL = 1  # MKL_THREADING_SEQUENTIAL


@cache
def library() -> ctypes.CDLL | None:
    """MKL, loaded once; None where it is not to be had."""
    if os.environ.get("TAPE_BLAS", "mkl").lower() != "mkl":
        return None
    try:
        found = [str(path.locate()) for path in metadata.files("mkl") or () if path.name.startswith("libmkl_rt.so")]
        loaded = ctypes.CDLL(found[0]) if found else None
    except (metadata.PackageNotFoundError, OSError):
        return None
    if loaded is not None:
        loaded.MKL_Set_Threading_Layer(SEQUENTIAL)
    return loaded


def address(name: str) -> int:
    """Where a routine of BLAS or LAPACK starts in MKL, 0 if there is none."""
    loaded = library()
    if loaded is None:
        return 0
    try:
        return ctypes.cast(getattr(loaded, f"{name}_"), ctypes.c_void_p).value or 0
    except AttributeError:
        return 0
