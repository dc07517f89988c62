"""Structural rows recorded without further ado: for adjoints and for the functions that end in them.

Arguments are taken as they are: shapes complete, dimensions counted from the front. Nothing here makes views that in-place writes
follow (tape/functions/shape does), but values may share memory. Also how each view operation looks at a plain array.
Imports record and views; imported by shape, joining, indexing, reductions and their adjoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.functions.arguments import tensor_of
from tape.record import normal, record
from tape.tensor import Tensor
from tape.traced import Traced, copy_of
from tape.views import view_value

RESHAPE, CLONE, EXPAND, PERMUTE, FLIP = (OPCODES[n] for n in ("reshape", "clone", "expand", "permute", "flip"))
CAT, STACK = OPCODES["concatenate"], OPCODES["concatenate:Stack"]


@view_value("reshape")
def _reshape_value(values: np.ndarray, params: tuple) -> np.ndarray:
    return values.reshape(params[1])


@view_value("permute")
def _permute_value(values: np.ndarray, params: tuple) -> np.ndarray:
    return values.transpose(params[1])


@view_value("expand")
def _expand_value(values: np.ndarray, params: tuple) -> np.ndarray:
    return np.broadcast_to(values, params[1])


def reshaped(t: Tensor, shape: tuple[int, ...], op: int = RESHAPE) -> Tensor:
    """`t` under another shape of the same size, recorded; the same Tensor where it has the shape."""
    if t._s.shape == shape:
        return t
    return record(op, (t,), np.reshape(t._v, shape), t._s.number, (t._s, shape))


def named(t: Tensor, shape: tuple[int, ...], label: str) -> Tensor:
    """The result of several rows under its shape, recorded once more by the name that PyTorch has for all of them together."""
    return record(OPCODES[f"reshape:{label}"], (t,), normal(np.reshape(t._v, shape), t._s.dtype), t._s.number, (t._s, shape))


def permuted(t: Tensor, dims: tuple[int, ...]) -> Tensor:
    """`t` with its dimensions in another order, recorded."""
    return record(PERMUTE, (t,), np.transpose(t._v, dims), None, (t._s, dims))


def joined(tensors: Sequence[Tensor], dim: int, op: int = CAT) -> Tensor:
    """Tensors of one dtype joined along a dimension (`op` CAT or a label of it), or along a new one (STACK), recorded."""
    values = [t._v for t in tensors]
    if op != STACK:
        value = np.concatenate(values, axis=dim)
        extents = tuple([t._s.shape[dim] for t in tensors])
    else:
        if tensors[0]._s.ndim:
            value = np.stack(values, axis=dim)
        else:
            value = np.stack(values) if any(type(v) is Traced for v in values) else np.array(values, dtype=tensors[0]._s.dtype)
        extents = None
    return record(op, tuple(tensors), value, None, (tensors[0]._s, dim, extents))


def reversed_along(given: Tensor, along: tuple[int, ...]) -> Tensor:
    """`given` with the order reversed along dimensions, recorded."""
    return record(FLIP, (given,), copy_of(np.flip(given._v, along)), None, (given._s, along))


def clone(input: Any, *, memory_format: Any = None) -> Tensor:
    """A copy with memory of its own and the history of the original."""
    given = tensor_of("clone", input)
    return record(CLONE, (given,), given._v if type(given._v) is float else given._v.copy(), given._s.number, (given._s,))
