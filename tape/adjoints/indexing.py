"""Adjoints of indexing: what was taken goes back to where it stood, what was put is taken from there.

In a compiled sweep gradients of parts are added to the whole's in place (`accumulate`), so a loop over the elements of a vector costs
what the elements cost. Re-recorded, each part is a row of its own.
Imports functions.picking and choosing; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.adjoints import accumulate, adjoint
from tape.functions.choosing import where
from tape.functions.picking import (
    add_into,
    diagonal_of,
    diagonal_view,
    on_diagonal,
    part_of,
    put_at,
    replaced_at,
    take_at,
    triangle,
    within,
)  # fmt: skip
from tape.functions.strided import gathered
from tape.tensor import Tensor, wrap


@adjoint("getitem")
def getitem_adjoint(g: Tensor, row: Any) -> tuple:
    """Zeros with the cotangent at the index."""
    spec, key = row.params
    return (within(g, spec, key),)


@accumulate("getitem")
def getitem_accumulate(buffer: np.ndarray, g: np.ndarray, row: Any) -> None:
    buffer[row.params[1]] += g


@adjoint("scatter")
def scatter_adjoint(g: Tensor, row: Any) -> tuple:
    """The part at the index."""
    return (part_of(g, row.params[2]),)


@adjoint("take")
def take_adjoint(g: Tensor, row: Any) -> tuple:
    """Zeros with the cotangent added at the index."""
    return (put_at(g, row.params[0], row.x),)


@accumulate("take")
def take_accumulate(buffer: np.ndarray, g: np.ndarray, row: Any) -> None:
    add_into(buffer, row.x, g)


@adjoint("put")
def put_adjoint(g: Tensor, row: Any) -> tuple:
    """The elements at the index."""
    return (take_at(g, row.x),)


@adjoint("scatter_add")
def scatter_add_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent, and its elements at the index."""
    return g, take_at(g, row.params[1]) if row.need[1] else None


@adjoint("replace")
def replace_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent without its elements at the index, and those elements."""
    _, key, winners = row.params
    first = replaced_at(g, key, 0) if row.need[0] else None
    if len(row.need) < 2 or not row.need[1]:
        return first, None
    second = take_at(g, key)
    return first, second if winners is None or winners.all() else where(wrap(winners), second, 0.0)


@adjoint("diagonal")
def diagonal_adjoint(g: Tensor, row: Any) -> tuple:
    """Zeros with the cotangent on the diagonal."""
    return (on_diagonal(g, *row.params),)


@accumulate("diagonal")
def diagonal_accumulate(buffer: np.ndarray, g: np.ndarray, row: Any) -> None:
    shown = diagonal_view(buffer, row.params)
    shown += g


@adjoint("diagonal_scatter")
def diagonal_scatter_adjoint(g: Tensor, row: Any) -> tuple:
    """The diagonal of the cotangent."""
    return (diagonal_of(g, *row.params[2:]),)


@adjoint("strided")
def strided_adjoint(g: Tensor, row: Any) -> tuple:
    """Each element added where it was seen."""
    return (gathered(g, row.params),)


@adjoint("tril")
def tril_adjoint(g: Tensor, row: Any) -> tuple:
    """The same triangle of the cotangent."""
    return (triangle("tril", g, row.params[1]),)


@adjoint("triu")
def triu_adjoint(g: Tensor, row: Any) -> tuple:
    """The same triangle of the cotangent."""
    return (triangle("triu", g, row.params[1]),)


@adjoint("select")
def select_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent where an input was chosen, zero elsewhere."""
    mask = wrap(row.x)
    other = len(row.need) > 1 and row.need[1]
    return where(mask, g, 0.0) if row.need[0] else None, where(mask, 0.0, g) if other else None
