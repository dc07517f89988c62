"""The rows at the border of a vmap: a tensor taken apart into examples, examples put together, a tensor given to every example.

Each is the transpose or the pushforward of another; parameters are (Spec of the input, Batching, dimension of the examples).
Imports record and layout; imported by tape.func.vmap, and when adjoints are registered.
"""

from __future__ import annotations

from typing import Any

from compiled_ops.rows import OPCODES
from tape.adjoints import adjoint, tangent
from tape.columns import Tape
from tape.functions.reductions import SUM_DIM, total
from tape.record import record
from tape.tensor import Tensor, array

EXAMPLES, COLLECT, SPREAD = (OPCODES[n] for n in ("examples", "collect", "spread"))


def examples(t: Tensor, batching: Any, dim: int) -> Tensor:
    """What stands for each of the examples along a dimension of `t`."""
    return _recorded(EXAMPLES, t, batching.apart(array(t), dim), (t._s, batching, dim))


def collected(t: Tensor, batching: Any, dim: int) -> Tensor:
    """The values of all examples along a new dimension."""
    return _recorded(COLLECT, t, batching.together(array(t), dim), (t._s, batching, dim))


def _recorded(op: int, t: Tensor, value: Any, params: tuple) -> Tensor:
    made = record(op, (t,), value, None, params)
    if type(made._t) is Tape:
        made._t.plain = True
    return made


@adjoint("examples")
def examples_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangents of the examples put together."""
    _, batching, dim = row.params
    return (collected(g, batching, dim),)


@adjoint("collect")
def collect_adjoint(g: Tensor, row: Any) -> tuple:
    """Each example's part."""
    _, batching, dim = row.params
    return (examples(g, batching, dim),)


@adjoint("spread")
def spread_adjoint(g: Tensor, row: Any) -> tuple:
    """The sum over the examples."""
    return (total(SUM_DIM, collected(g, row.params[1], 0), (0,), False),)


@tangent("examples")
def examples_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, params: tuple) -> Tensor:
    """The tangent taken apart."""
    return examples(tangents[0], *params[1:])


@tangent("collect")
def collect_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, params: tuple) -> Tensor:
    """The tangents put together."""
    return collected(tangents[0], *params[1:])


@tangent("spread")
def spread_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, params: tuple) -> Tensor:
    """The tangent, for every example."""
    return tangents[0]


__all__ = ["collected", "examples"]
