"""Jacobians and Hessians of functions of nested arguments: `jacrev` row by row, `jacfwd` column by column, `hessian` by `jacrev` twice.

`jacrev` evaluates the function once and sweeps once for each element of its outputs; `jacfwd` runs it on dual Tensors once for each
element of its inputs. Take the one with fewer sweeps. Invariant: the structure of the outputs comes first, that of the inputs within
it, and each leaf has the shape of the output followed by the shape of the input. Imports pullbacks, products; imported by tape.func.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from tape.func import arguments
from tape.func.arguments import Chosen
from tape.func.products import push_forward
from tape.func.pullbacks import Pullback
from tape.func.structures import Structure
from tape.functions.creation import eye, zeros
from tape.functions.joining import stack
from tape.state import STATE
from tape.tensor import Tensor


def jacrev(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False, chunk_size: int | None = None
) -> Callable[..., Any]:
    """A function that returns the Jacobian of `func` at the arguments it is called with, by reverse mode.

    For an output of shape S and an argument of shape T the Jacobian has shape S + T; structures of outputs hold structures of arguments.
    argnums, has_aux: as for `grad`. chunk_size: how many rows may be computed together, None or at least 1; a limit that any number of
    single sweeps keeps. RuntimeError for outputs that are no floating Tensors and for arguments as in `grad`, ValueError for chunk_size.

    >>> import tape
    >>> tape.func.jacrev(lambda x: x * x)(tape.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if chunk_size is not None and not chunk_size > 0:
        raise ValueError(f"jacrev: chunk_size is {chunk_size}; wanted None or at least 1")

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        chosen = arguments.choose("jacrev", args, argnums)
        pulled = Pullback("jacrev", func, chosen, kwargs, has_aux)
        for y in pulled.outputs:
            if not (y.is_floating_point() or y.is_complex()):
                raise RuntimeError(
                    f"jacrev: the function returned a Tensor of {y.dtype}; only floating outputs have a Jacobian: convert it with .double()"
                )
        blocks = [chosen.structure.build(_rows(pulled, y, chosen.leaves)) for y in pulled.outputs]
        found = pulled.structure.build(blocks)
        return (found, pulled.aux) if has_aux else found

    return jacobian


def jacfwd(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """A function that returns the Jacobian of `func` at the arguments it is called with, by forward mode; results as for `jacrev`.

    `func` runs once for each element of the arguments, and the auxiliary value is the first run's. randomness: "error", "different" or
    "same", as PyTorch has it; each run draws its own numbers. RuntimeError for outputs that are no Tensors and for another `randomness`,
    ValueError for arguments that are not floating.

    >>> import tape
    >>> tape.func.jacfwd(lambda x: x * x)(tape.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f'jacfwd: randomness is {randomness!r}; wanted "error", "different" or "same"')

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        chosen = arguments.choose("jacfwd", args, argnums, forward=True)
        columns, outputs, structure, aux = (_pushed_twice if STATE.dual else _pushed)(func, chosen, kwargs, has_aux)
        blocks = [chosen.structure.build(_columns(columns, place, y, chosen.leaves)) for place, y in enumerate(outputs)]
        found = structure.build(blocks)
        return (found, aux) if has_aux else found

    return jacobian


def hessian(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """A function that returns the Hessian of `func` at the arguments it is called with.

    For an output of shape S (usually ()) and arguments of shapes T and U it has blocks of shape S + T + U in nested structures: those of
    dict arguments are read as `hessian(f)(p)["a"]["b"]`. Errors as for `jacrev`. Reverse over reverse: the gradient is recorded once, then
    swept once for each element, at about a tenth of what `jacfwd(jacrev(func))`, PyTorch's way to the same, costs here.

    >>> import tape
    >>> tape.func.hessian(lambda x: (x**3).sum())(tape.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


def _rows(pulled: Pullback, y: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """The Jacobian of one output, a sweep for each of its elements."""
    rows = [pulled.pull([y], [basis]) for basis in _basis(y)] if y.requires_grad else []
    if not rows:
        return [_zeros(y, x, x.dtype) for x in inputs]
    return [stack(list(each)).reshape(y.shape + x.shape) for each, x in zip(zip(*rows, strict=True), inputs, strict=True)]


def _columns(columns: list[list[list[Tensor | None]]], place: int, y: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """The Jacobian of one output out of its tangents along each element of each input."""
    found = []
    for x, runs in zip(inputs, columns, strict=True):
        tangents = [run[place] for run in runs]
        if all(t is None for t in tangents):
            found.append(_zeros(y, x, y.dtype))
        else:
            found.append(stack([_zeros(y, None, y.dtype) if t is None else t for t in tangents], -1).reshape(y.shape + x.shape))
    return found


Pushed = tuple[list[list[list[Tensor | None]]], list[Tensor], Structure, Any]  # tangents by input, element and output; outputs; aux


def _pushed(func: Callable, chosen: Chosen, kwargs: dict, has_aux: bool) -> Pushed:
    """One run of the function on dual Tensors for each element of the inputs."""
    first: Any = None
    columns: list[list[list[Tensor | None]]] = []
    for i, x in enumerate(chosen.leaves):
        columns.append([])
        for basis in _basis(x):
            seeds = [basis if j == i else None for j in range(len(chosen.leaves))]
            outputs, structure, tangents, aux = push_forward("jacfwd", func, chosen, seeds, kwargs, has_aux)
            first = first or (outputs, structure, aux)
            columns[-1].append(tangents)
    if first is None:  # there is nothing to differentiate, but the result has a structure
        outputs, structure, _, aux = push_forward("jacfwd", func, chosen, [None] * len(chosen.leaves), kwargs, has_aux)
        first = outputs, structure, aux
    return columns, *first


def _pushed_twice(func: Callable, chosen: Chosen, kwargs: dict, has_aux: bool) -> Pushed:
    """The same where a dual level is open already: one run, pulled back twice."""
    pulled = Pullback("jacfwd", func, chosen, kwargs, has_aux)
    columns: list[list[list[Tensor | None]]] = []
    for i, x in enumerate(chosen.leaves):
        others = [_zeros(z, None, z.dtype) for z in chosen.leaves]
        columns.append([[*pulled.push([*others[:i], basis, *others[i + 1 :]])] for basis in _basis(x)])
    return columns, pulled.outputs, pulled.structure, pulled.aux


def _basis(x: Tensor) -> Iterator[Tensor]:
    """Tensors like `x` that are one at one element and zero elsewhere, element by element."""
    if x.numel() == 1:
        yield zeros(tuple(x.shape), dtype=x.dtype) + 1
    else:
        yield from eye(x.numel(), dtype=x.dtype).reshape((x.numel(), *x.shape))


def _zeros(y: Tensor, x: Tensor | None, dtype: Any) -> Tensor:
    return zeros((*y.shape, *(() if x is None else x.shape)), dtype=dtype)


__all__ = ["hessian", "jacfwd", "jacrev"]
