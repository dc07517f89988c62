"""The adjoint of a compiled function that stands on a tape as one row. Imported when adjoints are registered."""

from __future__ import annotations

from typing import Any

from tape.adjoints import adjoint
from tape.tensor import Tensor


@adjoint("program")
def program_adjoint(g: Tensor, row: Any) -> tuple:
    """The compiled vector-Jacobian product, a program in its turn."""
    from tape.compile.differentiable import pull

    return (pull(g, row),)
