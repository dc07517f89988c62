"""Plans: what follows from shapes alone for a row that compiled code runs by shape, worked out once and found again by two words.

`add` works out the plan of a contribution that a sweep missed and enters it into the table; `place_table` tells a sweep where that
stands. A plan is an array of int64: the number of the input's Spec (-1: this goes by Python), the index of its kernel, then what the
kernel reads (compiled_ops/shaped). Invariant: plans and tables live as long as the process, as Specs do, since a sweep in another
thread may be reading them; one is entered after all that it holds. Imports compiled_ops and spec; imported by replay.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from compiled_ops import layout as m
from tape.spec import SPECS, Spec, intern

_plans: dict[tuple[int, int], np.ndarray] = {}
_table = np.zeros((256, 3), np.int64)
_place = _table.ctypes.data, len(_table) - 1
_kept: list[np.ndarray] = [_table]
_lock = threading.Lock()
BY_PYTHON = np.array([-1], np.int64)
FACTORS = 0x9E3779B97F4A7C1, 0x2545F4914F6CDD1D


def place_table(head: Any) -> None:
    """Write into the head of a sweep where the table is."""
    head[m.PLANS], head[m.PLAN_MASK] = _place


def add(head: Any, kind: int, operand: int, out: Spec, x: Any, y: Any) -> None:
    """Enter the plan of the contribution to input number `operand` of a row of this kind, with these saved values and this output, under
    the words that the sweep looked for."""
    global _table, _place
    key = head[m.NEEDED], head[m.SOUGHT]
    with _lock:
        if key not in _plans:
            numbers = _worked_out(kind, operand, out, x, y)
            _plans[key] = BY_PYTHON if numbers is None else np.array(numbers, np.int64)
    with _lock:  # what was written under the lock is there for whoever finds the entry
        if 2 * len(_plans) > len(_table):
            grown = np.zeros((2 * len(_table), 3), np.int64)
            for each in _plans.items():
                _enter(grown, *each)
            _kept.append(grown)
            _table, _place = grown, (grown.ctypes.data, len(grown) - 1)
        else:
            _enter(_table, key, _plans[key])
    place_table(head)


def _enter(table: np.ndarray, key: tuple[int, int], plan: np.ndarray) -> None:
    slot = ((key[0] * FACTORS[0] + key[1] * FACTORS[1]) % (1 << 64) >> 32) & (len(table) - 1)
    while table[slot, 0] and (table[slot, 0] != key[0] or table[slot, 1] != key[1]):
        slot = (slot + 1) & (len(table) - 1)
    table[slot, 1], table[slot, 2] = key[1], plan.ctypes.data
    table[slot, 0] = key[0]


def _worked_out(kind: int, operand: int, out: Spec, x: Any, y: Any) -> list[int] | None:
    """The numbers of a plan; None where the rule in Python serves."""
    if not out.size:
        return None
    if kind == m.PRODUCT:
        return _product(operand, out, y if operand == 0 else x)
    spec = y[0]
    if not spec.size:
        return None
    if kind == m.TURN:
        return _turn(spec, y[1])
    if kind == m.SPREAD:
        new = out.ndim - spec.ndim
        dims = tuple([d for d, extent in enumerate(out.shape) if d < new or spec.shape[d - new] != extent])
        return _around(m.FOLD, spec, out.shape, dims)
    if kind in (m.SOFTMAX, m.LOG_SOFTMAX):
        kernel = m.SHARES if kind == m.SOFTMAX else m.LOG_SHARES
        return _around(kernel, spec, spec.shape, (y[1],) if spec.ndim else ())
    return _around(m.POWERS if kind == m.LOGSUMEXP else m.STRETCH, spec, spec.shape, y[1], kind == m.AVERAGE)


def _around(kernel: int, spec: Spec, shape: tuple[int, ...], dims: tuple[int, ...], mean: bool = False) -> list[int] | None:
    """Extents before, of and behind the dimensions to reduce, and the number of elements that a mean is over; None where others stand
    between them."""
    extents, part = [1, 1, 1], 0
    for d, extent in enumerate(shape):
        if extent == 1:
            continue
        if d in dims:
            if part == 2:
                return None
            part = 1
        elif part == 1:
            part = 2
        extents[part] *= extent
    return [spec.number, kernel, *extents, extents[1] if mean else 1]


def _turn(spec: Spec, dims: tuple[int, ...]) -> list[int]:
    """For each dimension of the input its extent, and how far its elements lie apart in the output."""
    steps, step = [0] * spec.ndim, 1
    for d in reversed(dims):
        steps[d], step = step, step * spec.shape[d]
    if not spec.ndim:
        return [spec.number, m.TURNED, 1, 1, 1]
    return [spec.number, m.TURNED, spec.ndim, *spec.shape, *steps]


def _product(operand: int, out: Spec, other: np.ndarray) -> list[int] | None:
    """Extents of a product of the cotangent and the other operand (rows, columns, summed), whether the cotangent stands on the left,
    whether the other operand is transposed, the batch, and BLAS."""
    from compiled_ops.products import blas

    routine = blas(out.code)
    if not routine or not other.size or max(out.size, other.size) >= 1 << 31:
        return None
    g, shape = out.shape, other.shape
    match (len(g), len(shape)):
        case (0, 1):  # inner product: one by one times a row
            found, extents = shape, (1, shape[0], 1, 1, 1)
        case (1, 1):  # of a matrix and a vector, or a vector and a matrix
            found, extents = (
                ((g[0], shape[0]), (g[0], shape[0], 1, 1, 1)) if operand == 0 else ((shape[0], g[0]), (shape[0], g[0], 1, 0, 0))
            )
        case (1, 2):
            if operand == 0:
                found, extents = shape[:1], (1, shape[0], shape[1], 1, 1)
            else:
                found, extents = shape[1:], (1, shape[1], shape[0], 1, 0)
        case (2, 1):  # outer product
            found, extents = (g[:1], (g[0], 1, g[1], 1, 0)) if operand == 0 else (g[1:], (1, g[1], g[0], 0, 1))
        case _:
            rows, columns = g[-2:]
            if operand == 0:
                found, extents = (*g[:-1], shape[-2]), (rows, shape[-2], columns, 1, 1)
            else:
                found, extents = (*g[:-2], shape[-1], columns), (shape[-1], columns, rows, 0, 1)
    batch = 1
    for extent in g[:-2]:
        batch *= extent
    return [intern(found, SPECS[out.number].dtype).number, m.GEMM, *extents, batch, routine]


__all__ = ["add", "place_table"]
