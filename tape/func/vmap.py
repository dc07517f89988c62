"""`vmap`: a function of one example as a function of many, computed together along a batch dimension.

The function runs once, on values that stand for all examples (tape/func/batching). `mapped_over` is the same for use inside the package,
on plain lists of Tensors. Invariant: vmap nests with itself and every other transform, in any order; Tensors that the function
takes from outside get the sum of the examples' gradients. Imports batching and adjoints.examples; imported by tape.func, and by
tape.autograd where gradients come in batches.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from tape.adjoints.examples import collected, examples
from tape.func.batching import Batching
from tape.func.structures import Structure, flatten, is_leaf
from tape.functions.creation import tensor
from tape.functions.joining import cat
from tape.state import STATE
from tape.tensor import Tensor, tangents_of

RANDOMNESS = ("error", "different", "same")


def vmap(
    func: Callable[..., Any], in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: int | None = None
) -> Callable[..., Any]:
    """A function that maps `func` over a dimension of its arguments: it takes and returns Tensors with one dimension more.

    func: takes Tensors, nested in tuples, lists, dicts and dataclasses at will, and returns Tensors likewise. in_dims: which dimension is
    mapped, an int, or None for an argument that all examples share; or a tuple with one entry an argument, nested as deep as wanted. out_dims:
    where the results have it. Negative dimensions count from the end. Keyword arguments are not mapped.
    randomness: whether `rand`, `dropout` and the like inside func are an "error", "different" for each example, or the "same".
    chunk_size: how many examples are computed together at most (None: all).

    Inside func no Python branch or number may depend on a mapped value: `tape.where` takes the place of `if`, else RuntimeError.
    ValueError for dimensions that do not exist or do not fit the arguments' structure, for arguments of different sizes along the mapped dimension
    or none that is mapped, and for results that are no Tensors; TypeError for in_dims of another kind.

    >>> import tape
    >>> tape.func.vmap(tape.dot)(tape.tensor([[1.0, 2.0], [3.0, 4.0]]), tape.tensor([[1.0, 1.0], [0.0, 1.0]]))
    tensor([3., 4.])
    >>> tape.func.vmap(tape.func.grad(lambda x: x**3))(tape.tensor([1.0, 2.0]))
    tensor([ 3., 12.])
    """
    if randomness not in RANDOMNESS:
        raise RuntimeError(f'vmap: randomness is {randomness!r}; wanted "error", "different" or "same"')
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError(f"vmap: chunk_size is {chunk_size}; wanted None or at least 1")

    @functools.wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        leaves, dims, structure, size = _inputs(func, in_dims, args, kwargs)
        parts = [(0, size)]
        if chunk_size is not None and size:
            parts = [(start, min(start + chunk_size, size)) for start in range(0, size, chunk_size)]
        found: list[list[Tensor]] = []
        for start, stop in parts:
            chosen = leaves if len(parts) == 1 else [
                leaf if dim is None else leaf[(slice(None),) * dim + (slice(start, stop),)] for leaf, dim in zip(leaves, dims, strict=True)
            ]  # fmt: skip
            outputs, out_structure, places = _run(func, chosen, dims, structure, stop - start, randomness, out_dims)
            found.append(outputs)
        joined = found[0] if len(found) == 1 else [
            each[0] if dim is None else cat(list(each), dim) for each, dim in zip(zip(*found, strict=True), places, strict=True)
        ]  # fmt: skip
        return out_structure.build(joined)

    return mapped


def _run(
    func: Callable, leaves: list[Any], dims: list[int | None], structure: Structure, size: int, randomness: str, out_dims: Any
) -> tuple[list[Tensor], Structure, list[int | None]]:
    """The results of one chunk, their structure, and their dimensions of the examples."""
    with Batching(size, randomness) as batching:
        inside = [leaf if dim is None else examples(leaf, batching, dim) for leaf, dim in zip(leaves, dims, strict=True)]
        args, kwargs = structure.build(inside)
        result = func(*args, **kwargs)
        outputs, out_structure = flatten(result)
        _check_outputs(result, outputs, out_structure)
        places = _out_dims(out_dims, result, out_structure, outputs, batching)
        found = [_shared(y, batching) if dim is None else collected(y, batching, dim) for y, dim in zip(outputs, places, strict=True)]
    del inside, args, kwargs, result, outputs
    batching.finish()
    return found, out_structure, places


def _shared(y: Tensor, batching: Batching) -> Tensor:
    """A result that is the same for all examples, as the outside takes it: its gradient there is not one for each example."""
    if not batching.size or (not STATE.dual if y._t is None else batching.outside(y)):
        return y
    return collected(y, batching, 0)[0]


def _check_outputs(result: Any, outputs: list[Any], structure: Structure) -> None:
    """ValueError for results that are no Tensors."""
    if result is None:
        raise ValueError("vmap: the function returned None; wanted Tensors, to put the examples' together")
    for k, y in enumerate(outputs):
        if not isinstance(y, Tensor):
            path = structure.paths()[k]
            place = f" at {path}" if path else ""
            raise ValueError(f"vmap: the function returned a {type(y).__name__}{place}; wanted Tensors only, to put the examples' together")


def mapped_over(func: Callable[[list[Tensor]], Sequence[Tensor | None]], tensors: Sequence[Tensor | None], randomness: str = "error") -> list[Tensor | None]:
    """`func` of lists of Tensors (or None) over the first dimension of each, for use inside the package: results are along dimension 0.

    `tensors` have the same extent there. What is None, given or returned, stays None.
    """
    size = next(t._s.shape[0] for t in tensors if t is not None)
    with Batching(size, randomness) as batching:
        found = func([t if t is None else examples(t, batching, 0) for t in tensors])
        collect = [y if y is None else collected(y, batching, 0) for y in found]
    del found
    batching.finish()
    return collect


# arguments and results


def _inputs(func: Callable, in_dims: Any, args: tuple, kwargs: dict) -> tuple[list[Any], list[int | None], Structure, int]:
    """The leaves of all arguments, their mapped dimensions, their structure, and the number of examples."""
    name = getattr(func, "__name__", repr(func))
    if not isinstance(in_dims, (int, tuple)) or isinstance(in_dims, bool):
        raise ValueError(
            f"vmap({name}): in_dims is {in_dims!r}; wanted an int, or a tuple of ints and Nones, nested as the arguments are"
        )
    if not args:
        raise ValueError(f"vmap({name}): there are no positional arguments to map over")
    leaves, structure = flatten((args, kwargs))
    of_args = spread_dims(in_dims, args, structure.children[0])
    if of_args is None:
        raise ValueError(f"vmap({name}): in_dims {in_dims!r} does not fit the structure of the arguments, {flatten(args)[1]}")
    flat: list[Any] = [*of_args, *[None] * (len(leaves) - len(of_args))]
    sizes: list[int] = []
    for i, (leaf, dim) in enumerate(zip(leaves, flat, strict=True)):
        if dim is None:
            continue
        if not isinstance(dim, int) or isinstance(dim, bool):
            raise ValueError(f"vmap({name}): in_dims has {dim!r} for the argument at {structure.paths()[i]}; wanted an int or None")
        if not isinstance(leaf, Tensor):
            if is_leaf(leaf) and getattr(leaf, "ndim", 0):
                leaf = leaves[i] = tensor(leaf)
            else:
                raise ValueError(
                    f"vmap({name}): in_dims has {dim} for the argument at {structure.paths()[i]}, a {type(leaf).__name__}; only Tensors can be mapped: "
                    "say None for it"
                )
        ndim = leaf._s.ndim
        if not -ndim <= dim < ndim:
            raise ValueError(
                f"vmap({name}): in_dims has {dim} for the argument at {structure.paths()[i]}, a Tensor of {ndim} dimensions; wanted one of "
                f"{-ndim} ... {ndim - 1}"
            )
        flat[i] = dim % ndim
        sizes.append(leaf._s.shape[flat[i]])
    if not sizes:
        raise ValueError(f"vmap({name}): in_dims {in_dims!r} maps no argument; give at least one a dimension")
    if len(set(sizes)) > 1:
        raise ValueError(f"vmap({name}): the arguments have different sizes in the mapped dimension, {sizes}; they must agree")
    return leaves, flat, structure, sizes[0]


def spread_dims(dims: Any, tree: Any, structure: Structure | None = None) -> list[Any] | None:
    """One dimension for each leaf of a tree, from ints and Nones that stand for whole branches; None where the structures differ."""
    structure = structure or flatten(tree)[1]
    if dims is None or isinstance(dims, int) or structure.kind is None:
        return [dims] * structure.count
    if structure.kind is type(None):
        return []
    if not isinstance(dims, structure.kind) and not (structure.kind in (tuple, list) and isinstance(dims, (tuple, list))):
        return None
    children, parts = _children(tree), _children(dims)
    if children is None or parts is None or len(children) != len(parts):
        return None
    if isinstance(tree, dict):
        if set(tree) != set(dims):
            return None
        parts = [dims[key] for key in tree]
    found: list[Any] = []
    for child, part, inner in zip(children, parts, structure.children, strict=True):
        below = spread_dims(part, child, inner)
        if below is None:
            return None
        found += below
    return found


def _children(tree: Any) -> list[Any] | None:
    """What a container holds, one level down."""
    if isinstance(tree, dict):
        return list(tree.values())
    if isinstance(tree, (tuple, list)):
        return list(tree)
    names = flatten(tree)[1].names
    return [getattr(tree, name) for name in names] if names else None


def _out_dims(out_dims: Any, result: Any, structure: Structure, outputs: list[Tensor], batching: Batching) -> list[int | None]:
    """The dimension of the examples of each result; ValueError for one that it cannot have."""
    found = spread_dims(out_dims, result, structure)
    if found is None or isinstance(out_dims, (tuple, list)) and structure.kind is None and len(out_dims) != 1:
        raise ValueError(f"vmap: out_dims {out_dims!r} does not fit the structure of the results, {structure}")
    places: list[int | None] = []
    for y, dim in zip(outputs, found, strict=True):
        if isinstance(dim, (tuple, list)) and len(dim) == 1:
            dim = dim[0]
        if dim is None:
            if batching.owns(y._v) or STATE.dual and any(batching.owns(t._v) for t in tangents_of(y)):
                raise ValueError("vmap: out_dims is None for a result that depends on mapped values; give it a dimension")
            places.append(None)
            continue
        if not isinstance(dim, int) or isinstance(dim, bool):
            raise ValueError(f"vmap: out_dims has {dim!r}; wanted an int or None")
        ndim = y._s.ndim + 1
        if not -ndim <= dim < ndim:
            raise IndexError(f"vmap: out_dims has {dim} for a result of {y._s.ndim} dimensions an example; wanted one of {-ndim} ... {ndim - 1}")
        places.append(dim % ndim)
    return places


__all__ = ["mapped_over", "spread_dims", "vmap"]
