"""Adjoints of shapes and orders: the inverse of each, and for what joins, the parts.

Imports functions.layout and functions.picking; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

from tape.adjoints import adjoint
from tape.functions.layout import permuted, reshaped, reversed_along
from tape.functions.picking import part_of
from tape.record import cast
from tape.tensor import Tensor


@adjoint("reshape")
def reshape_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent under the input's shape."""
    return (reshaped(g, row.params[0].shape),)


@adjoint("clone")
def clone_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent itself."""
    return (g,)


@adjoint("cast")
def cast_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent in the input's dtype."""
    return (cast(g, row.params[0].dtype),)


@adjoint("permute")
def permute_adjoint(g: Tensor, row: Any) -> tuple:
    """The inverse order."""
    dims = row.params[1]
    inverse = [0] * len(dims)
    for to, come in enumerate(dims):
        inverse[come] = to
    return (permuted(g, tuple(inverse)),)


@adjoint("flip")
def flip_adjoint(g: Tensor, row: Any) -> tuple:
    """Reversed again."""
    return (reversed_along(g, row.params[1]),)


@adjoint("concatenate")
def concatenate_adjoint(g: Tensor, row: Any) -> list:
    """The part of each input: a range of the dimension for cat, one entry for stack."""
    _, dim, extents = row.params
    head, found, start = (slice(None),) * dim, [], 0
    for position, needed in enumerate(row.need):
        if extents is not None and position < len(extents):
            stop = start + extents[position]
            key: tuple = (*head, slice(start, stop, 1), ...)
            start = stop
        else:
            key = (*head, position, ...)
        found.append(part_of(g, key) if needed else None)
    return found
