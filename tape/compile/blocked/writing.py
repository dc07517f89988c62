"""Rows that NumPy runs and that can write where they are told: `WRITE[op](params, out, *inputs)`.

Their results have memory of the plan, so that a call allocates nothing for them. The value is that of `VALUE[op]`, to the bit.
Imports opcodes. Imported by memory and the package's front.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.sums import add_up


def _scatter(params: Any, out: np.ndarray, part: np.ndarray) -> None:
    out[...] = 0
    out[params[1]] = part


def _overwrite(key: Any, out: np.ndarray, base: np.ndarray, part: np.ndarray) -> None:
    out[...] = base
    out[key] = part


def _assemble(params: Any, out: np.ndarray, *elements: Any) -> None:
    out[...] = 0
    out.reshape(-1)[list(params[1])] = elements


def _reduce(ufunc: np.ufunc) -> Callable[..., None]:
    def write(params: Any, out: np.ndarray, x: np.ndarray) -> None:
        ufunc.reduce(x, axis=params[0], keepdims=params[1], out=out)

    return write


def _cast(dtype: np.dtype, out: np.ndarray, x: np.ndarray) -> None:
    np.copyto(out, x, casting="unsafe")


WRITE: dict[int, Callable[..., None]] = {
    o.SCATTER: _scatter,
    o.OVERWRITE: _overwrite,
    o.ASSEMBLE: _assemble,
    o.CONCATENATE: lambda axis, out, *parts: np.concatenate(parts, axis, out=out),
    o.MATMUL: lambda params, out, a, b: np.matmul(a, b, out=out),
    o.CAST: _cast,
    o.SUM: lambda params, out, x: np.copyto(out, add_up(x, params[0], params[1])),
    o.PROD: _reduce(np.multiply),
    o.AMAX: _reduce(np.maximum),
    o.AMIN: _reduce(np.minimum),
    o.ANY: _reduce(np.logical_or),
    o.ALL: _reduce(np.logical_and),
}
