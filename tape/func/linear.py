"""Linear maps of functions: `linearize` at a point, `linear_transpose` of a map that is linear.

`linearize` runs the function once and gives its derivative as a function of tangents; every later call replays the recorded linear map.
`linear_transpose` turns a linear function around. Invariant: nothing of the function runs again. Imports pullbacks; imported by tape.func.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tape.func import arguments
from tape.func.pullbacks import Pullback
from tape.func.structures import flatten
from tape.functions.creation import zeros_like
from tape.tensor import Tensor


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """`(output, derivative)` of `func(*primals)`: derivative(*tangents), in the structure of the primals, is the product with the Jacobian there,
    in the structure of the output.

    func runs once, when it is linearised; each call of derivative is one sweep over the recorded pullback, and differentiable. RuntimeError
    for outputs that are no Tensors, for primals that are not floating, for tangents of another structure or shape.

    >>> y, derivative = tape.func.linearize(lambda x: x.sin(), tape.tensor([0.0, 1.0]))
    >>> derivative(tape.tensor([1.0, 0.0])), derivative(tape.tensor([2.0, 0.0]))
    (tensor([1., 0.]), tensor([2., 0.]))
    """
    if not primals:
        raise RuntimeError("linearize: got no primals; wanted at least one")
    chosen = arguments.choose("linearize", primals, tuple(range(len(primals))))
    pulled = Pullback("linearize", func, chosen, {}, False)

    def derivative(*tangents: Any) -> Any:
        seeds = arguments.like("linearize", "tangents", tuple(tangents), chosen.structure, chosen.leaves)
        return pulled.structure.build(pulled.push(seeds))

    return pulled.value(), derivative


def linear_transpose(func: Callable[..., Any], *primals: Any) -> Callable[[Any], Any]:
    """The transpose of a function that is linear in all its arguments, for arguments like `primals` (values do not matter): it takes a value
    in the structure of the output and returns a tuple, one entry in the structure of each argument (alone for one argument).

    <func(x), y> = <x, transpose(y)> for all x and y. RuntimeError where the function is not linear (it is asked at two points) or
    returns other things than Tensors. A complex map is transposed, not conjugated.

    >>> transpose = tape.func.linear_transpose(lambda x: x.cumsum(0), tape.zeros(3))
    >>> transpose(tape.tensor([1.0, 10.0, 100.0]))
    tensor([111., 110., 100.])
    """
    if not primals:
        raise RuntimeError("linear_transpose: got no primals; wanted at least one")
    chosen = arguments.choose("linear_transpose", primals, tuple(range(len(primals))))
    at_zero = arguments.Chosen(*chosen[:3], [zeros_like(t) for t in chosen.leaves], chosen.several)
    pulled = Pullback("linear_transpose", func, at_zero, {}, False)
    _look_linear(func, at_zero, pulled)

    def transpose(cotangents: Any) -> Any:
        weights = arguments.like("linear_transpose", "argument", cotangents, pulled.structure, pulled.outputs)
        found = pulled.pull(pulled.outputs, [_conjugate(w) for w in weights])
        tree = chosen.structure.build([_conjugate(g) for g in found])
        return tree if len(primals) > 1 else tree[0]

    return transpose


def _conjugate(t: Tensor) -> Tensor:
    return t.conj().resolve_conj() if t.is_complex() else t


def _look_linear(func: Callable[..., Any], at_zero: arguments.Chosen, pulled: Pullback) -> None:
    """RuntimeError for a function that is not zero at zero, or not its own derivative at a point drawn by rule."""
    from tape.autograd.grad_mode import no_grad

    point = [t + _ramp(t, k) for k, t in enumerate(at_zero.leaves)]
    with no_grad():
        there, _ = flatten(func(*at_zero.put(point)))
    for zero, value, pushed in zip(pulled.outputs, there, pulled.push(point), strict=True):
        close = bool(((value - pushed).abs() <= 1e-6 * (1 + value.abs())).all())
        if bool((zero != 0).any()) or not close:
            raise RuntimeError("linear_transpose: the function is not linear; use vjp for the transpose of its derivative")


def _ramp(t: Tensor, k: int) -> Tensor:
    """Values that are all different."""
    from tape.functions.ranges import arange

    return (arange(1, t.numel() + 1).reshape(t.shape) * 0.37 + 0.11 * (k + 1)).to(t.dtype)


__all__ = ["linear_transpose", "linearize"]
