"""Jacobians and Hessians of functions of nested arguments: `jacrev` by rows, `jacfwd` by columns, `hessian` by `jacrev` twice.

`jacrev` evaluates the function once and sweeps for each element of its outputs, `jacfwd` pushes a tangent for each element of its inputs;
where there are many, a vmap takes as many together as stay in fast memory. Take the one with fewer of them. Invariant: the structure
of the outputs comes first, that of the inputs within it, and each leaf has the shape of the output followed by the shape of the
input. Imports pullbacks, products and vmap; imported by tape.func.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np

from compiled_ops.rows import BY_OPCODE
from tape.columns import ROW, Tape
from tape.func import arguments
from tape.func.arguments import Chosen
from tape.func.products import push_forward
from tape.func.pullbacks import Pullback
from tape.func.structures import Structure, flatten
from tape.func.vmap import mapped_over
from tape.functions.creation import eye, zeros
from tape.functions.joining import cat, stack
from tape.state import STATE
from tape.tensor import Tensor, wrap

ARITHMETIC = 30_000  # elements of all rows of a sweep, above which compiled code is worth more than few sweeps
PRODUCTS = {op for op, row in BY_OPCODE.items() if row.kind == "bilinear"}
ROWS_MORE = 10  # what a batched sweep costs beside its rows, in rows
FAST, LEAST = 1 << 20, 16  # bytes of one row's gradients to compute together, but at least so many elements


def _all_real(name: str, what: str, tensors: Sequence[Tensor]) -> None:
    """RuntimeError for complex values, whose derivative is no array of one number an entry."""
    for position, t in enumerate(tensors):
        if t.is_complex():
            raise RuntimeError(f"{name}: {what} {position} is of {t.dtype}; Jacobians are of real values: take real and imaginary parts apart")


def jacrev(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False, chunk_size: int | None = None
) -> Callable[..., Any]:
    """A function that returns the Jacobian of `func` at the arguments it is called with, by reverse mode.

    For an output of shape S and an argument of shape T the Jacobian has shape S + T; structures of outputs hold structures of arguments.
    argnums, has_aux: as for `grad`. chunk_size: how many rows may be computed together, at least 1; None leaves it open. RuntimeError for outputs that are no floating Tensors and for arguments as in `grad`, ValueError for chunk_size.

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
        _all_real("jacrev", "argument", chosen.leaves)
        pulled = Pullback("jacrev", func, chosen, kwargs, has_aux)
        for y in pulled.outputs:
            if not (y.is_floating_point() or y.is_complex()):
                raise RuntimeError(
                    f"jacrev: the function returned a Tensor of {y.dtype}; only floating outputs have a Jacobian: convert it with .double()"
                )
        _all_real("jacrev", "result", pulled.outputs)
        blocks = [chosen.structure.build(_rows(pulled, y, chosen.leaves, chunk_size)) for y in pulled.outputs]
        found = pulled.structure.build(blocks)
        return (found, pulled.aux) if has_aux else found

    return jacobian


def jacfwd(
    func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False, *, randomness: str = "error", chunk_size: int | None = None
) -> Callable[..., Any]:
    """A function that returns the Jacobian of `func` at the arguments it is called with, by forward mode; results as for `jacrev`.

    `func` runs on the tangents of all elements of the arguments together, or of `chunk_size` at a time (at most; 1: one run an element); the
    auxiliary value is the first run's. randomness: "error", "different" or "same", what random numbers within func are, see `vmap`.
    RuntimeError for outputs that are no Tensors and for another `randomness`, ValueError for arguments that are not floating.

    >>> import tape
    >>> tape.func.jacfwd(lambda x: x * x)(tape.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f'jacfwd: randomness is {randomness!r}; wanted "error", "different" or "same"')
    if chunk_size is not None and not chunk_size > 0:
        raise ValueError(f"jacfwd: chunk_size is {chunk_size}; wanted None or at least 1")

    @functools.wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        chosen = arguments.choose("jacfwd", args, argnums, forward=True)
        _all_real("jacfwd", "argument", chosen.leaves)
        together = sum(x.numel() for x in chosen.leaves) > 1 and chunk_size != 1 and (STATE.trace is None or STATE.trace.lasting)
        if STATE.dual:
            parts, outputs, structure, aux = _pushed_twice(func, chosen, kwargs, has_aux)
        elif together:
            parts, outputs, structure, aux = _together(func, chosen, kwargs, has_aux, randomness, chunk_size)
        else:
            parts, outputs, structure, aux = _one_by_one(func, chosen, kwargs, has_aux)
        _all_real("jacfwd", "result", outputs)
        blocks = [chosen.structure.build(_columns(each, y, chosen.leaves)) for each, y in zip(parts, outputs, strict=True)]
        found = structure.build(blocks)
        return (found, aux) if has_aux else found

    return jacobian


def hessian(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """A function that returns the Hessian of `func` at the arguments it is called with.

    For an output of shape S (usually ()) and arguments of shapes T and U it has blocks of shape S + T + U in nested structures: those of
    dict arguments are read as `hessian(f)(p)["a"]["b"]`. Errors as for `jacrev`. Reverse over reverse: the gradient is recorded once, then
    swept once for each element, at about a tenth of what `jacfwd(jacrev(func))`, PyTorch's way to the same, costs here. The two differ where func
    computes under no_grad(), which only reverse mode takes for constant, and where it sets hooks, which run in both sweeps.

    >>> import tape
    >>> tape.func.hessian(lambda x: (x**3).sum())(tape.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacrev(jacrev(func, argnums), argnums)


def _rows(pulled: Pullback, y: Tensor, inputs: list[Tensor], chunk_size: int | None) -> list[Tensor]:
    """The Jacobian of one output: sweeps for its elements, one by one or several at once."""
    count = y.numel()
    if not y.requires_grad or not count:
        return [_zeros(y, x, x.dtype) for x in inputs]
    chunk = chunk_size or (_fitting(count, [y, *inputs]) if _worth(count, y, max(t.numel() for t in (y, *inputs))) else 1)
    if chunk == 1:
        rows = [pulled.pull([y], [basis]) for basis in _basis(y)]
        return [stack(list(each)).reshape(y.shape + x.shape) for each, x in zip(zip(*rows, strict=True), inputs, strict=True)]
    basis = eye(count, dtype=y.dtype).reshape((count, *y.shape))
    parts = [
        mapped_over(lambda weights: pulled.pull([y], cast(list[Tensor], weights)), [basis[k : k + chunk]]) for k in range(0, count, chunk)
    ]
    found = zip(*cast(list[list[Tensor]], parts), strict=True)
    return [joined(each).reshape(y.shape + x.shape) for each, x in zip(found, inputs, strict=True)]


def _worth(count: int, y: Tensor, largest: int) -> bool:
    """Whether to take the sweeps for `count` elements together. A compiled sweep costs a few operations whatever its length, one for many
    elements an operation a row in Python, whose arithmetic is slower, but for products; while a program is being recorded, single rows
    leave more to simplify. `largest`: elements of the largest tensor."""
    if STATE.trace is not None:
        return STATE.trace.lasting and count > 1
    tape: Any = y._t
    if type(tape) is not Tape:
        return count > ROWS_MORE
    rows = len(tape)
    if rows * largest > ARITHMETIC and PRODUCTS.isdisjoint(tape.rows[::ROW]):
        return False
    return 3 * count > rows + ROWS_MORE


def _fitting(count: int, tensors: list[Tensor]) -> int:
    """How many elements' gradients to take together, so that one row's stay in fast memory."""
    largest = max(t._s.nbytes for t in tensors)
    return min(count, max(LEAST, FAST // max(largest, 1)))


def _columns(parts: list[Part], y: Tensor, inputs: list[Tensor]) -> list[Tensor]:
    """The Jacobian of one output, an input at a time, out of its tangents along all elements of all inputs."""
    if all(t is None for _, t in parts):
        return [_zeros(y, x, y.dtype) for x in inputs]
    whole = joined([zeros((count, *y.shape), dtype=y.dtype) if t is None else t for count, t in parts])
    whole = whole.permute(*range(1, whole.ndim), 0)
    found, start = [], 0
    for x in inputs:
        found.append(whole[..., start : start + x.numel()].reshape(y.shape + x.shape))
        start += x.numel()
    return found


Part = tuple[int, Tensor | None]  # how many elements of the inputs, and the tangents along these
Pushed = tuple[list[list[Part]], list[Tensor], Structure, Any]  # parts by output; outputs, their structure, aux


def _one_by_one(func: Callable, chosen: Chosen, kwargs: dict, has_aux: bool) -> Pushed:
    """One run of the function on dual Tensors for each element of the inputs."""
    first: Any = None
    parts: list[list[Part]] = []
    for i, x in enumerate(chosen.leaves):
        for basis in _basis(x):
            seeds = [basis if j == i else None for j in range(len(chosen.leaves))]
            outputs, structure, tangents, aux = push_forward("jacfwd", func, chosen, seeds, kwargs, has_aux)
            first = first or (outputs, structure, aux)
            parts = parts or [[] for _ in outputs]
            for each, t in zip(parts, tangents, strict=True):
                each.append((1, None if t is None else t.unsqueeze(0)))
    if first is None:  # there is nothing to differentiate, but the result has a structure
        outputs, structure, _, aux = push_forward("jacfwd", func, chosen, [None] * len(chosen.leaves), kwargs, has_aux)
        first, parts = (outputs, structure, aux), [[] for _ in outputs]
    return parts, *first


def _together(func: Callable, chosen: Chosen, kwargs: dict, has_aux: bool, randomness: str, chunk_size: int | None) -> Pushed:
    """Runs of the function on dual Tensors whose tangents stand for many elements of the inputs."""
    count = sum(x.numel() for x in chosen.leaves)
    chunk = chunk_size or _fitting(count, chosen.leaves)
    first: Any = None
    parts: list[list[Part]] = []
    for start in range(0, count, chunk):
        told: list[Any] = []

        def run(seeds: Sequence[Tensor | None], told: list[Any] = told) -> list[Tensor | None]:
            outputs, structure, tangents, aux = push_forward("jacfwd", func, chosen, seeds, kwargs, has_aux)
            extra, extra_structure = flatten(aux)
            told.extend((structure, len(outputs), extra_structure, [None if isinstance(each, Tensor) else (each,) for each in extra]))
            return [*outputs, *tangents, *(each for each in extra if isinstance(each, Tensor))]

        stop = min(start + chunk, count)
        made = mapped_over(run, _unit_tangents(chosen.leaves, start, stop), randomness)
        structure, number, extra_structure, extra = told
        if first is None:
            outputs, kept = [cast(Tensor, y)[0] for y in made[:number]], iter(made[2 * number :])
            first = outputs, structure, extra_structure.build([cast(Tensor, next(kept))[0] if each is None else each[0] for each in extra])
            parts = [[] for _ in outputs]
        for each, t in zip(parts, made[number : 2 * number], strict=True):
            each.append((stop - start, t))
    return parts, *first


def _unit_tangents(inputs: list[Tensor], start: int, stop: int) -> list[Tensor | None]:
    """Tangents along the elements from `start` to `stop` of all inputs, in order; None for an input without such an element."""
    found: list[Tensor | None] = []
    offset = 0
    for x in inputs:
        low, high = max(start - offset, 0), min(stop - offset, x.numel())
        if low < high:
            unit = np.zeros((stop - start, x.numel()), x.dtype)
            unit[np.arange(low, high) + offset - start, np.arange(low, high)] = 1
            found.append(wrap(unit.reshape(stop - start, *x.shape)))
        else:
            found.append(None)
        offset += x.numel()
    return found


def _pushed_twice(func: Callable, chosen: Chosen, kwargs: dict, has_aux: bool) -> Pushed:
    """The same where a dual level is open already: one run, pulled back twice."""
    pulled = Pullback("jacfwd", func, chosen, kwargs, has_aux)
    parts: list[list[Part]] = [[] for _ in pulled.outputs]
    for i, x in enumerate(chosen.leaves):
        others = [_zeros(z, None, z.dtype) for z in chosen.leaves]
        for basis in _basis(x):
            for each, t in zip(parts, pulled.push([*others[:i], basis, *others[i + 1 :]]), strict=True):
                each.append((1, t.unsqueeze(0)))
    return parts, pulled.outputs, pulled.structure, pulled.aux


def _basis(x: Tensor) -> Iterator[Tensor]:
    """Tensors like `x` that are one at one element and zero elsewhere, element by element."""
    if x.numel() == 1:
        yield zeros(tuple(x.shape), dtype=x.dtype) + 1
    else:
        yield from eye(x.numel(), dtype=x.dtype).reshape((x.numel(), *x.shape))


def _zeros(y: Tensor, x: Tensor | None, dtype: Any) -> Tensor:
    return zeros((*y.shape, *(() if x is None else x.shape)), dtype=dtype)


def joined(parts: Sequence[Tensor]) -> Tensor:
    """Parts along the first dimension."""
    return parts[0] if len(parts) == 1 else cat(list(parts))


__all__ = ["hessian", "jacfwd", "jacrev"]
