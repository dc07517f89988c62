"""Products with derivatives, without the matrix: `vjp` pulls cotangents back, `jvp` pushes tangents forward, `hvp` does both.

`vjp` returns a function that may be called any number of times; `jvp` runs the function on dual Tensors and needs no tape. Where a
dual level is open already (nested forward mode), `jvp` pulls back twice instead, with the same result.
Invariant: both nest with every other transform, in any order. Imports pullbacks and forward_ad; imported by tape.func.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tape.autograd import forward_ad
from tape.func import arguments
from tape.func.gradients import grad
from tape.func.levels import no_inference
from tape.func.pullbacks import Pullback
from tape.func.structures import Structure, flatten
from tape.functions.creation import zeros_like
from tape.state import STATE
from tape.tensor import Tensor


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple:
    """`(output, pullback)` of `func(*primals)`, or `(output, pullback, aux)` with has_aux, where `func` returns (output, aux).

    output: any structure of Tensors. pullback(cotangents) takes values in the output's structure, shapes and order and returns a tuple:
    for each primal, the cotangents' product with the Jacobian, in the primal's structure. It may be called repeatedly, and is
    differentiable in its cotangents and in the primals. RuntimeError for outputs that are no Tensors, arguments that are not floating,
    cotangents of another structure or shape. By a reverse sweep each call.

    >>> import tape
    >>> y, pullback = tape.func.vjp(lambda x: x * x, tape.tensor([1.0, 2.0]))
    >>> pullback(tape.tensor([1.0, 10.0]))
    (tensor([ 2., 40.]),)
    """
    chosen = (
        arguments.choose("vjp", primals, tuple(range(len(primals))))
        if primals
        else arguments.Chosen((), (), flatten(())[1], [], True)
    )
    pulled = Pullback("vjp", func, chosen, {}, has_aux)

    def pullback(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> tuple:
        weights = arguments.like("vjp", "cotangents", cotangents, pulled.structure, pulled.outputs)
        return chosen.structure.build(pulled.pull(pulled.outputs, weights, retain_graph, create_graph))

    return (pulled.value(), pullback, pulled.aux) if has_aux else (pulled.value(), pullback)


def jvp(func: Callable[..., Any], primals: tuple, tangents: tuple, *, strict: bool = False, has_aux: bool = False) -> tuple:
    """`(output, tangent)` of `func(*primals)`, or `(output, tangent, aux)` with has_aux, where `func` returns (output, aux).

    primals, tangents: tuples of equal structure and shapes; tangent: the product of the Jacobian with the tangents, in the structure of the
    output; zeros where the output does not depend on the primals, or RuntimeError with strict=True. RuntimeError for tangents of
    another structure or shape and for outputs that are no Tensors, ValueError for primals that are not floating. By dual numbers, which
    `no_grad` inside `func` does not stop, but `detach` does; within a dual level that is open already, both make constants.

    >>> import tape
    >>> tape.func.jvp(lambda x: x * x, (tape.tensor([1.0, 2.0]),), (tape.tensor([1.0, 10.0]),))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    if not isinstance(primals, tuple):
        raise RuntimeError(
            f"jvp: primals is a {type(primals).__name__}; wanted a tuple of arguments: the function is called as func(*primals)"
        )
    chosen = _inputs("jvp", primals)
    seeds = arguments.like("jvp", "tangents", tangents, chosen.structure, chosen.leaves)
    if STATE.dual:
        pulled = Pullback("jvp", func, chosen, {}, has_aux)
        if strict:
            for y in pulled.outputs:
                _depends(y.requires_grad)
        pushed = pulled.structure.build(pulled.push(seeds))
        return (pulled.value(), pushed, pulled.aux) if has_aux else (pulled.value(), pushed)
    outputs, structure, found, aux = push_forward("jvp", func, chosen, seeds, {}, has_aux)
    if strict:
        for t in found:
            _depends(t is not None)
    pushed = structure.build([zeros_like(y) if t is None else t for y, t in zip(outputs, found, strict=True)])
    return (structure.build(outputs), pushed, aux) if has_aux else (structure.build(outputs), pushed)


def hvp(func: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """The product of the Hessian of `func`, which must return a 0-d Tensor, with `tangents`.

    primals: a tuple of arguments, and the result is a tuple; or the one argument of `func` (a Tensor, array, number, list, dict,
    dataclass ...), and the result has its structure. tangents: of the structure and shapes of primals. RuntimeError and ValueError as for
    `jvp` and `grad`. Forward over reverse: the gradient on dual Tensors; the Hessian is never formed. As a compiled program it costs at
    most three gradients; eagerly, `vjp(grad(func), x)[1](v)[0]` is the same product, several times cheaper for long functions.

    >>> import tape
    >>> tape.func.hvp(lambda x: (x**3).sum(), tape.tensor([1.0, 2.0]), tape.tensor([1.0, 10.0]))
    tensor([  6., 120.])
    """
    several = type(primals) is tuple
    structure, arguments_given = flatten(primals)[1], primals if several else (primals,)
    tree = structure.build(arguments.like("hvp", "tangents", tangents, structure, _inputs("hvp", arguments_given).leaves))
    seeds = tree if several else (tree,)
    product = jvp(grad(func, tuple(range(len(arguments_given)))), arguments_given, seeds)[1]
    return product if several else product[0]


def push_forward(
    name: str, func: Callable, chosen: arguments.Chosen, seeds: Sequence[Tensor | None], kwargs: dict, has_aux: bool
) -> tuple[list[Tensor], Structure, list[Tensor | None], Any]:
    """Outputs, their structure, their tangents (None for constants) and the auxiliary value of a function of dual Tensors."""
    alone = not (STATE.grad and any(t is not None and t.requires_grad for t in (*chosen.leaves, *seeds)))
    with no_inference(alone), forward_ad.level_of(not any(t is not None and t.requires_grad for t in seeds)):
        duals = [x if t is None else forward_ad.make_dual(x, t) for x, t in zip(chosen.leaves, seeds, strict=True)]
        result, aux = arguments.pair(name, func(*chosen.put(duals), **kwargs), has_aux)
        leaves, structure = arguments.outputs(name, result)
        pairs = [forward_ad.unpack_dual(y) for y in leaves]
        extra, extra_structure = flatten(aux)
        extra = [forward_ad.unpack_dual(t).primal if isinstance(t, Tensor) else t for t in extra]
    return [p.primal for p in pairs], structure, [p.tangent for p in pairs], extra_structure.build(extra)


def _inputs(name: str, primals: tuple) -> arguments.Chosen:
    if not flatten(primals)[0]:
        raise RuntimeError(f"{name}: primals hold no value; wanted at least one")
    return arguments.choose(name, primals, tuple(range(len(primals))), forward=True)


def _depends(does: bool) -> None:
    if not does:
        raise RuntimeError("jvp: with strict=True every output must depend on the primals; one does not")


__all__ = ["hvp", "jvp", "push_forward", "vjp"]
