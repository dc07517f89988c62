"""Adjoints of running results. Sums run from the other end; products and exponentials go through the recurrence
y[j] = b[j] + a[j] y[j-1], which is its own adjoint, so derivatives of every order are exact where elements are zero and cannot
overflow where the result does not. All are written with recording functions. Imports functions.cumulative; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

from tape.adjoints import adjoint
from tape.functions.complex import conj
from tape.functions.cumulative import recurrence, running, shifted
from tape.functions.elementwise import exp
from tape.tensor import Tensor


@adjoint("cumsum")
def cumsum_adjoint(g: Tensor, row: Any) -> tuple:
    """Running sums from the other end."""
    _, dim, reverse = row.params
    return (running(g, dim, not reverse),)


@adjoint("cumprod")
def cumprod_adjoint(g: Tensor, row: Any) -> tuple:
    """The product before each element, times what its successors make of it: s[j] = g[j] + a[j+1] s[j+1]."""
    _, dim, reverse = row.params
    behind = recurrence(conj(shifted(row.a, dim, reverse, 0.0)), g, dim, not reverse)
    return (conj(shifted(row.out, dim, not reverse, 1.0)) * behind,)


@adjoint("recurrence")
def recurrence_adjoint(g: Tensor, row: Any) -> tuple:
    """s[j] = g[j] + a[j+1] s[j+1] for b, and s[j] y[j-1] for a."""
    _, dim, reverse = row.params
    to_b = recurrence(conj(shifted(row.a, dim, reverse, 0.0)), g, dim, not reverse)
    to_a = to_b * conj(shifted(row.out, dim, not reverse, 0.0)) if row.need[0] else None
    return to_a, to_b if row.need[1] else None


@adjoint("logcumsumexp")
def logcumsumexp_adjoint(g: Tensor, row: Any) -> tuple:
    """exp(a[j] - y[j]) s[j], where s[j] = g[j] + exp(y[j] - y[j+1]) s[j+1]."""
    _, dim = row.params
    a, y = row.a, row.out
    behind = recurrence(conj(exp(y - shifted(y, dim, False, 0.0))), g, dim, True)
    return (conj(exp(a - y)) * behind,)
