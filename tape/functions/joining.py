"""Tensors joined, split into views, repeated and reversed.

`cat` and `stack` are one row each, whatever the number of tensors; `split`, `chunk` and `unbind` give views that share memory
with what they are views of and must not be written one by one. `METHODS` lists what becomes a Tensor method; tape/functions/shape
passes everything on. Imports layout and the basic indexing of tape/functions/basic; imported by shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from operator import index as as_index
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import promote_types
from tape.errors import ShapeError
from tape.functions.arguments import dim_of, dims_of, sizes_of, tensor_of
from tape.functions.basic import part
from tape.functions.layout import EXPAND, STACK, joined, reshaped, reversed_along
from tape.out import takes_out, written
from tape.outputs import numbered
from tape.record import CAST_IMPLICIT, cast, expand, record
from tape.tensor import Tensor
from tape.traced import copy_of


def several(name: str, tensors: Any) -> list[Tensor]:
    """A sequence of Tensors in the dtype in which they meet. TypeError for anything else."""
    if isinstance(tensors, Tensor) or not isinstance(tensors, Sequence):
        raise TypeError(f"{name}: got {type(tensors).__name__}; wanted a list or tuple of Tensors")
    for position, each in enumerate(tensors):
        if not isinstance(each, Tensor):
            raise TypeError(f"{name}: element {position} is {type(each).__name__}; wanted a Tensor")
    dtype = tensors[0]._s.dtype if tensors else None
    for each in tensors:
        dtype = dtype if dtype is each._s.dtype else promote_types(dtype, each._s.dtype)
    return [each if dtype is None or each._s.dtype is dtype else cast(each, dtype, CAST_IMPLICIT) for each in tensors]


def cat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None, out: Tensor | None = None) -> Tensor:
    """Tensors joined along a dimension; the other extents must agree. Dtypes are promoted.

    ValueError for none, RuntimeError for 0-d tensors or extents that differ, IndexError for a dimension out of range.

    >>> import tape
    >>> tape.cat([tape.zeros(2), tape.ones(1)])
    tensor([0., 0., 1.])
    """
    given = several("cat", tensors)
    if not given:
        raise ValueError("cat of no tensors; give at least one")
    for position, each in enumerate(given):
        if not each._s.ndim:
            raise RuntimeError(f"cat: tensor {position} is 0-d; join 0-d tensors with stack()")
    kept = given
    if any(each._s.ndim != 1 for each in given):  # PyTorch lets empty vectors join anything
        kept = [each for each in given if each._s.shape != (0,)]
    dim = dim_of("cat", kept[0]._s.ndim, dim if axis is None else axis)
    shape = kept[0]._s.shape
    for each in kept:
        if each._s.ndim != len(shape) or any(a != b for d, (a, b) in enumerate(zip(each._s.shape, shape, strict=True)) if d != dim):
            raise ShapeError(f"cat along dimension {dim} of shapes {shape} and {each._s.shape}; all other extents must agree")
    made = joined(kept, dim)
    return made if out is None else written("cat", out, made)  # type: ignore[no-any-return]


def stack(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None, out: Tensor | None = None) -> Tensor:
    """Tensors of one shape joined along a new dimension. Dtypes are promoted. RuntimeError for none, or shapes that differ."""
    given = several("stack", tensors)
    if not given:
        raise RuntimeError("stack of no tensors; give at least one")
    shape = given[0]._s.shape
    for each in given:
        if each._s.shape != shape:
            raise ShapeError(f"stack of shapes {shape} and {each._s.shape}; all must be equal")
    made = joined(given, dim_of("stack", len(shape) + 1, dim if axis is None else axis), STACK)
    return made if out is None else written("stack", out, made)  # type: ignore[no-any-return]


@takes_out
def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors joined along the second dimension, or the first for vectors; 0-d tensors count as vectors."""
    given = [reshaped(each, (1,)) if not each._s.ndim else each for each in several("hstack", tensors)]
    return cat(given, 0 if given and given[0]._s.ndim == 1 else 1)


@takes_out
def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors joined along the first dimension; vectors count as rows."""
    return cat([reshaped(each, (1, each._s.size)) if each._s.ndim < 2 else each for each in several("vstack", tensors)])


def _along(name: str, input: Any, dim: Any) -> tuple[Tensor, int]:
    t = tensor_of(name, input)
    if not t._s.ndim:
        kind = IndexError if name == "unbind" else RuntimeError
        raise kind(f"{name} of a 0-d tensor; it takes at least one dimension")
    return t, dim_of(name, t._s.ndim, dim)


def _region(dim: int, start: int, stop: int) -> tuple:
    return (*(slice(None),) * dim, slice(start, stop, 1), ...)


def split(tensor: Any, split_size_or_sections: Any, dim: int = 0, *, split_size: Any = None) -> tuple[Tensor, ...]:
    """Views of consecutive parts along a dimension: of so many entries each (the last may have fewer), or of given sizes.

    RuntimeError for a size that is not positive, or sizes that do not add up to the extent.
    """
    wanted = split_size_or_sections if split_size is None else split_size
    t, dim = _along("split", tensor, dim)
    extent = t._s.shape[dim]
    if isinstance(wanted, (tuple, list)):
        sizes, label = [index(n) for n in wanted], "getitem:SplitWithSizes"
        if any(n < 0 for n in sizes) or sum(sizes) != extent:
            raise RuntimeError(f"split: sizes {sizes} along a dimension of extent {extent}; they must add up to it")
    else:
        size, label = index(wanted), "getitem:Split"
        if size < 0 or not size and extent:
            raise RuntimeError(f"split: parts of {size} entries along a dimension of extent {extent}; wanted at least 1")
        sizes = [min(size, extent - start) for start in range(0, extent, size)] if extent else [0]
    found, start = [], 0
    for n in sizes:
        found.append(part(t, _region(dim, start, start + n), OPCODES[label], several=True))
        start += n
    return tuple(numbered(found))


def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of at most so many parts along a dimension, all but the last of equal size."""
    t, dim = _along("chunk", input, dim)
    if chunks < 1:
        raise RuntimeError(f"chunk: {chunks} parts; wanted at least 1")
    return split(t, max(1, -(-t._s.shape[dim] // chunks)), dim)


def unbind(input: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of each entry along a dimension, without it."""
    t, dim = _along("unbind", input, dim)
    head, label = (slice(None),) * dim, OPCODES["getitem:Unbind"]
    found = [part(t, (*head, i, ...), label, several=True) for i in range(t._s.shape[dim])]
    return tuple(numbered(found))


def narrow(input: Any, dim: int, start: Any, length: int) -> Tensor:
    """A view of `length` entries from `start` (which may be negative, or an integer Tensor) along a dimension.

    IndexError for a start, RuntimeError for a length out of range.
    """
    t, dim = _along("narrow", input, dim)
    extent, start = t._s.shape[dim], index(start)
    if not -extent <= start <= extent:
        raise IndexError(f"narrow: start {start} along a dimension of extent {extent}; wanted one of {-extent} ... {extent}")
    start += extent if start < 0 else 0
    if length < 0 or start + length > extent:
        raise RuntimeError(f"narrow: {length} entries from {start} along a dimension of extent {extent}; it has not so many")
    return part(t, _region(dim, start, start + length), OPCODES["getitem"])


def select(input: Any, dim: int, index: Any) -> Tensor:
    """A view of one entry along a dimension, without it. IndexError out of range, and for a 0-d tensor."""
    t = tensor_of("select", input)
    if not t._s.ndim:
        raise IndexError("select of a 0-d tensor; it takes at least one dimension")
    dim, index = dim_of("select", t._s.ndim, dim), as_index(index)
    extent = t._s.shape[dim]
    if not -extent <= index < extent:
        raise IndexError(f"select: index {index} along a dimension of extent {extent}; wanted one of {-extent} ... {extent - 1}")
    return part(t, (*(slice(None),) * dim, index, ...), OPCODES["getitem:Select"])


def repeat(input: Any, *sizes: Any, repeats: Any = None) -> Tensor:
    """A copy with each dimension repeated so many times; more sizes than dimensions add some in front."""
    given = tensor_of("repeat", input)
    times = sizes_of("repeat", sizes if repeats is None else (repeats,))
    new = len(times) - given._s.ndim
    if new < 0 or any(n < 0 for n in times):
        raise RuntimeError(f"repeat: sizes {times} for a tensor of {given._s.ndim} dimensions; wanted at least as many, none negative")
    extents = (1,) * new + given._s.shape
    spaced = reshaped(given, tuple([n for extent in extents for n in (1, extent)]))
    wide = expand(spaced, tuple([n for pair in zip(times, extents, strict=True) for n in pair]), EXPAND)
    wanted = tuple([n * extent for n, extent in zip(times, extents, strict=True)])
    return record(OPCODES["reshape:Repeat"], (wide,), copy_of(np.reshape(wide._v, wanted)), wide._s.number, (wide._s, wanted))


def tile(input: Any, *sizes: Any, dims: Any = None) -> Tensor:
    """A copy repeated along the last dimensions; as `repeat`, but fewer sizes than dimensions mean the last ones."""
    given, times = tensor_of("tile", input), sizes_of("tile", sizes if dims is None else (dims,))
    return repeat(given, (1,) * (given._s.ndim - len(times)) + times)


def flip(input: Any, *sizes: Any, dims: Any = None) -> Tensor:
    """A copy with the order of elements reversed along dimensions. IndexError out of range, RuntimeError for one named twice."""
    given = tensor_of("flip", input)
    if dims is not None:
        sizes = (dims,)
    if not sizes:
        raise TypeError("flip: dims are missing; say along which dimensions")
    wanted = sizes_of("flip", sizes)
    along = dims_of("flip", given._s.ndim, wanted) if wanted else ()
    return reversed_along(given, along)


row_stack = vstack
METHODS = {f.__name__: f for f in (split, chunk, unbind, narrow, select, repeat, tile, flip)}
