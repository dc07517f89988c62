"""The adjoint and the pushforward of a product: two products each.

Products of vectors (outer products in the adjoint) are elementwise multiplications, so no row of rank one goes through BLAS.
Imports functions.products; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.adjoints import adjoint, tangent
from tape.functions.products import product, reshaped, transposed
from tape.state import STATE
from tape.tensor import Tensor, wrap


def outer(a: Tensor, b: Tensor) -> Tensor:
    """All products of two vectors."""
    if a._t is None and b._t is None and not STATE.dual:
        return wrap(np.multiply.outer(a._v, b._v))
    return reshaped(a, (a._s.size, 1)) * b


@adjoint("matmul")
def matmul_adjoint(g: Tensor, row: Any) -> tuple:
    """(g bᵀ, aᵀ g), where the ranks of the operands follow from those of the cotangent and of the other operand."""
    to_a = to_b = None
    if row.need[0]:
        b = row.b
        ranks = (g._s.ndim, b._s.ndim)
        to_a = (
            g * b if ranks == (0, 1) else outer(g, b) if ranks == (1, 1)
            else product(b, g) if ranks == (1, 2) else product(g, transposed(b))
        )  # fmt: skip
    if row.need[1]:
        a = row.a
        ranks = (g._s.ndim, a._s.ndim)
        to_b = g * a if ranks == (0, 1) else outer(a, g) if ranks == (1, 1) else product(transposed(a), g)
    return to_a, to_b


@tangent("matmul")
def matmul_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, y: Any) -> Tensor:
    """The product rule: ȧ b + a ḃ."""
    first = None if tangents[0] is None else product(tangents[0], inputs[1])
    second = None if tangents[1] is None else product(inputs[0], tangents[1])
    return second if first is None else first if second is None else first + second
