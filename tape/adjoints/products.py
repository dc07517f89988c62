"""The adjoint and the pushforward of a product: two products each.

A row of two vectors is their inner product or their outer one: the rank of the cotangent tells which.
Imports functions.products; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.adjoints import adjoint, tangent
from tape.functions.complex import conj
from tape.functions.products import OUTER, bilinear, outer, product, transposed
from tape.tensor import Tensor


@adjoint("matmul")
def matmul_adjoint(g: Tensor, row: Any) -> tuple:
    """(g bᴴ, aᴴ g), where the ranks of the operands follow from those of the cotangent and of the other operand."""
    to_a = to_b = None
    if row.need[0]:
        b = conj(row.b)
        ranks = (g._s.ndim, b._s.ndim)
        to_a = (
            g * b if ranks == (0, 1) else bilinear(OUTER, g, b) if ranks == (1, 1) else product(g, b) if ranks == (2, 1)
            else product(b, g) if ranks == (1, 2) else product(g, transposed(b))
        )  # fmt: skip
    if row.need[1]:
        a = conj(row.a)
        ranks = (g._s.ndim, a._s.ndim)
        to_b = (
            g * a if ranks == (0, 1) else bilinear(OUTER, a, g) if ranks == (1, 1) else product(a, g) if ranks == (2, 1)
            else product(transposed(a), g)
        )  # fmt: skip
    return to_a, to_b


@tangent("matmul")
def matmul_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, y: Any) -> Tensor | None:
    """The product rule: ȧ b + a ḃ."""
    times = outer if np.ndim(value) == 2 and inputs[0]._s.ndim == 1 and inputs[1]._s.ndim == 1 else product
    first = None if tangents[0] is None else times(tangents[0], inputs[1])
    second = None if tangents[1] is None else times(inputs[0], tangents[1])
    return second if first is None else first if second is None else first + second
