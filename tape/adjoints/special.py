"""Adjoints of special functions that are no rows of one or two inputs.

Imports elementwise; imported when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

from tape.adjoints import adjoint
from tape.functions.elementwise import betaln, exp, xlog1py, xlogy
from tape.record import cast
from tape.tensor import Tensor, wrap


@adjoint("betainc")
def betainc_adjoint(g: Tensor, row: Any) -> tuple:
    """The density of the beta distribution."""
    spec, *parameters = row.params
    a, b = (cast(wrap(v), spec.dtype) for v in parameters)
    x = row.a
    return (g * exp(xlogy(a - 1.0, x) + xlog1py(b - 1.0, -x) - betaln(a, b)),)
