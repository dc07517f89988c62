"""Elements at other places: rolled, turned, padded, on diagonals, repeated one by one, combined in grids and products.

Everything is composed of rows that exist (joins, views, flips, index keys), so derivatives of every order come with it.
`METHODS` lists what becomes a Tensor method; tape/functions/shape passes everything on. Imports layout, joining, picking; imported by shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations as subsets
from itertools import combinations_with_replacement
from operator import index
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import as_dtype
from tape.errors import ShapeError
from tape.functions.arguments import dim_of, indices_of, number_as, sizes_of, tensor_of
from tape.functions.joining import several, stack
from tape.functions.layout import FLIP, STACK, joined, reshaped
from tape.functions.picking import DIAG_EMBED, on_diagonal, part_of, replaced_at, take_at
from tape.outputs import titled
from tape.record import expand, normal, record
from tape.spec import intern
from tape.tensor import Size, Tensor, wrap
from tape.traced import copy_of, room

ROLL, BLOCKS, TURNED, FLIPPED = (OPCODES[n] for n in ("concatenate:Roll", "concatenate:BlockDiag", "permute:Rot90", "flip:Rot90"))
PADDED, PADDED_WITH, INDEX_SELECT = OPCODES["scatter:ConstantPadNd"], OPCODES["replace:ConstantPadNd"], OPCODES["take:IndexSelect"]


# rolled and turned


@titled("Roll")
def roll(input: Any, shifts: Any, dims: Any = ()) -> Tensor:
    """A copy with elements moved by so many places along dimensions, the last ones coming first again; without dims along the flat order.

    RuntimeError for as many shifts as dims missing or too many.

    >>> import tape
    >>> tape.arange(4).roll(1)
    tensor([3, 0, 1, 2])
    """
    t = tensor_of("roll", input)
    moves = tuple(map(index, shifts)) if isinstance(shifts, (tuple, list)) else (index(shifts),)
    along = tuple(dims) if isinstance(dims, (tuple, list)) else (dims,)
    if not along and len(moves) == 1:
        return reshaped(_rolled(reshaped(t, (t._s.size,)), moves[0], 0), t._s.shape)
    if len(moves) != len(along) or not moves:
        raise RuntimeError(f"roll: {len(moves)} shifts and {len(along)} dims; give as many of both")
    for shift, dim in zip(moves, [dim_of("roll", t._s.ndim, d) for d in along], strict=True):
        t = _rolled(t, shift, dim)
    return t


def _rolled(t: Tensor, shift: int, dim: int) -> Tensor:
    extent = t._s.shape[dim] if t._s.ndim else 0
    cut, head = extent - shift % extent if extent else 0, (slice(None),) * dim
    if cut == extent:
        return t.clone()
    return joined([part_of(t, (*head, slice(cut, extent, 1), ...)), part_of(t, (*head, slice(0, cut, 1), ...))], dim, ROLL)


def rot90(input: Any, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """A copy turned k times by 90 degrees in the plane of two dimensions, from the first towards the second."""
    t = tensor_of("rot90", input)
    if len(dims) != 2 or t._s.ndim < 2:
        raise RuntimeError(f"rot90: {len(dims)} dims of a tensor of {t._s.ndim} dimensions; it turns in the plane of two")
    first, second = (dim_of("rot90", t._s.ndim, d) for d in dims)
    if first == second:
        raise RuntimeError(f"rot90: dims {tuple(dims)} are the same; wanted two")
    times = k % 4
    if times % 2 == 0:
        along = (first, second) if times else ()
        return record(FLIPPED, (t,), copy_of(np.flip(t._v, along)), None, (t._s, along))
    flipped = record(FLIPPED, (t,), np.flip(t._v, second if times == 1 else first), None, (t._s, (second if times == 1 else first,)))
    order = list(range(t._s.ndim))
    order[first], order[second] = second, first
    return record(TURNED, (flipped,), copy_of(np.transpose(flipped._v, order)), None, (flipped._s, tuple(order)))


def _flipped(name: str, input: Any, dim: int, least: int) -> Tensor:
    t = tensor_of(name, input)
    if t._s.ndim < least:
        raise RuntimeError(f"{name} of a tensor of {t._s.ndim} dimensions; wanted at least {least}")
    return record(FLIP, (t,), copy_of(np.flip(t._v, dim)), None, (t._s, (dim,)))


def fliplr(input: Any) -> Tensor:
    """A copy with the order reversed along the second dimension. RuntimeError for fewer than two."""
    return _flipped("fliplr", input, 1, 2)


def flipud(input: Any) -> Tensor:
    """A copy with the order reversed along the first dimension. RuntimeError for a 0-d tensor."""
    return _flipped("flipud", input, 0, 1)


# padded, repeated, on diagonals


def constant_pad_nd(input: Any, pad: Sequence[int], value: Any = 0) -> Tensor:
    """A copy with one value around it: pad holds (before, after) for the last dimension, then the one before, and so on; negative
    numbers cut off. RuntimeError for too many, an odd number of them, or more cut off than there is."""
    t, pads = tensor_of("constant_pad_nd", input), sizes_of("constant_pad_nd", (tuple(pad),))
    if len(pads) % 2 or len(pads) > 2 * t._s.ndim:
        raise RuntimeError(f"constant_pad_nd: {len(pads)} pads for a tensor of {t._s.ndim} dimensions; wanted two each, last dimension first")
    shape, target, source = [], [], []
    for dim, extent in enumerate(t._s.shape):
        place = 2 * (t._s.ndim - 1 - dim)
        before, after = pads[place : place + 2] if place < len(pads) else (0, 0)
        wanted = extent + before + after
        if wanted < 0:
            raise RuntimeError(f"constant_pad_nd: pads {pads} make dimension {dim} of extent {extent} negative")
        count = max(0, extent - max(0, -before) - max(0, -after))
        shape.append(wanted)
        target.append(slice(max(0, before), max(0, before) + count, 1))
        source.append(slice(max(0, -before), max(0, -before) + count, 1))
    inner = part_of(t, (*source, ...)) if any(n < 0 for n in pads) else t
    spec, key = intern(tuple(shape), t._s.dtype), (*target, ...)
    number = number_as("constant_pad_nd", value.item() if isinstance(value, Tensor) else value, spec.dtype)
    if number != 0:
        return replaced_at(wrap(np.full(spec.shape, number, spec.dtype)), key, inner, PADDED_WITH)
    made = room(spec.shape, spec.dtype, inner._v)
    made[key] = inner._v
    return record(PADDED, (inner,), normal(made, spec.dtype), None, (inner._s, spec, key))


def repeat_interleave(input: Any, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None) -> Tensor:
    """Each entry of a dimension (without one: of the flat tensor) several times in a row: `repeats` times, or as often as its entry in a
    vector of repeats says. With repeats alone, the places 0, 1, ... so repeated. RuntimeError for negative or other numbers of repeats.

    >>> import tape
    >>> tape.tensor([1.0, 2.0]).repeat_interleave(tape.tensor([1, 2]))
    tensor([1., 2., 2.])
    """
    if repeats is None:
        counts = indices_of("repeat_interleave", input)
        if counts.ndim != 1 or (counts < 0).any():
            raise RuntimeError("repeat_interleave: repeats must be a vector of numbers that are not negative")
        return wrap(np.repeat(np.arange(counts.size), np.asarray(counts)))
    t = tensor_of("repeat_interleave", input)
    if dim is None:
        t, dim = reshaped(t, (t._s.size,)), 0
    dim = dim_of("repeat_interleave", t._s.ndim, dim)
    t = t if t._s.ndim else reshaped(t, (1,))
    counts, extent = np.asarray(indices_of("repeat_interleave", repeats)), t._s.shape[dim]
    if counts.ndim > 1 or counts.size not in (1, extent):
        raise RuntimeError(f"repeat_interleave: repeats of shape {counts.shape} for a dimension of extent {extent}; wanted one each, or one")
    if (counts < 0).any():
        raise RuntimeError("repeat_interleave: repeats must not be negative")
    if counts.size == 1 and (counts.ndim == 0 or extent != 1):
        n, shape = int(counts.reshape(())), t._s.shape
        wide = expand(reshaped(t, (*shape[: dim + 1], 1, *shape[dim + 1 :])), (*shape[: dim + 1], n, *shape[dim + 1 :]), OPCODES["expand"])
        wanted = (*shape[:dim], extent * n, *shape[dim + 1 :])
        made = record(OPCODES["reshape"], (wide,), copy_of(np.reshape(wide._v, wanted)), wide._s.number, (wide._s, wanted))
    else:
        made = take_at(t, (*(slice(None),) * dim, np.repeat(np.arange(extent), counts)), INDEX_SELECT)
    if output_size is not None and made._s.shape[dim] != output_size:
        raise RuntimeError(f"repeat_interleave: output_size {output_size}, but the repeats add up to {made._s.shape[dim]}")
    return made


def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Zeros with the last dimension of `input` on a diagonal of two new dimensions, dim1 and dim2 of the result."""
    t = tensor_of("diag_embed", input)
    if not t._s.ndim:
        raise IndexError("diag_embed of a 0-d tensor; it takes at least a vector")
    ndim = t._s.ndim + 1
    first, second = dim_of("diag_embed", ndim, dim1), dim_of("diag_embed", ndim, dim2)
    if first == second:
        raise RuntimeError(f"diag_embed: dim1 {dim1} and dim2 {dim2} are the same dimension")
    n, rest = t._s.shape[-1] + abs(offset), list(t._s.shape[:-1])
    for d in sorted((first, second)):
        rest.insert(d, n)
    return on_diagonal(t, intern(tuple(rest), t._s.dtype), offset, first, second, DIAG_EMBED)


def diagflat(input: Any, offset: int = 0) -> Tensor:
    """A square matrix with the elements of `input`, in C order, on a diagonal."""
    t = tensor_of("diagflat", input)
    return diag_embed(reshaped(t, (t._s.size,)), offset)


def block_diag(*tensors: Any) -> Tensor:
    """A matrix with matrices (vectors count as rows) along its diagonal and zeros elsewhere. RuntimeError for more dimensions."""
    given = list(several("block_diag", list(map(_tensor, tensors))))
    if not given:
        return wrap(np.zeros((1, 0)))
    for position, each in enumerate(given):
        if each._s.ndim > 2:
            raise RuntimeError(f"block_diag: tensor {position} has {each._s.ndim} dimensions; wanted at most 2")
        if each._s.ndim < 2:
            given[position] = reshaped(each, (1, each._s.size))
    width, rows, start = sum(each._s.shape[1] for each in given), [], 0
    for each in given:
        spec, key = intern((each._s.shape[0], width), each._s.dtype), (slice(None), slice(start, start + each._s.shape[1], 1), ...)
        wide = room(spec.shape, spec.dtype, each._v)
        wide[key] = each._v
        rows.append(record(OPCODES["scatter"], (each,), wide, None, (each._s, spec, key)))
        start += each._s.shape[1]
    return joined(rows, 0, BLOCKS)


def _tensor(given: Any) -> Any:
    return tensor_of("block_diag", given)


# grids and products


def _vectors(name: str, tensors: tuple, least: int) -> list[Tensor]:
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if not tensors:
        raise RuntimeError(f"{name} of no tensors; give at least one")
    found = [tensor_of(name, each) for each in tensors]
    for each in found:
        if not least <= each._s.ndim <= 1:
            raise RuntimeError(f"{name}: a tensor of shape {each._s.shape}; wanted vectors")
    return found


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """Views of vectors expanded to a common grid, one dimension a vector; indexing="xy" exchanges the first two dimensions.

    RuntimeError for matrices, different dtypes, or another indexing.
    """
    given = _vectors("meshgrid", tensors, 0)
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f"meshgrid: indexing={indexing!r}; wanted 'ij' or 'xy'")
    if any(each._s.dtype != given[0]._s.dtype for each in given):
        raise RuntimeError("meshgrid of tensors of different dtypes; convert them first")
    turned = indexing == "xy" and len(given) > 1
    given[:2] = reversed(given[:2]) if turned else given[:2]
    shape = tuple([each._s.size for each in given])
    made = [each.reshape(*(1,) * k, -1, *(1,) * (len(shape) - k - 1)).expand(shape) for k, each in enumerate(given)]
    if turned:
        made[:2] = reversed(made[:2])
    return tuple(made)


def cartesian_prod(*tensors: Any) -> Tensor:
    """All combinations of one element of each vector, a row each, the last changing fastest; of one vector a view of itself."""
    given = _vectors("cartesian_prod", tensors, 1)
    if len(given) == 1:
        return given[0].view(-1)
    return stack([each.reshape(-1) for each in meshgrid(*given, indexing="ij")], 1)


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All ways to choose r elements of a vector in order, a row each. RuntimeError for no vector, or r below 0."""
    t = tensor_of("combinations", input)
    if t._s.ndim != 1 or r < 0:
        raise RuntimeError(f"combinations of {r} of a tensor of shape {t._s.shape}; wanted a vector and a number that is not negative")
    if r == 0:
        return wrap(np.zeros(0, t._s.dtype))
    chosen = list((combinations_with_replacement if with_replacement else subsets)(range(t._s.size), r))
    places = np.array(chosen, np.int64).reshape(-1, r)
    return joined([take_at(t, (places[:, k],), INDEX_SELECT) for k in range(r)], 1, STACK)


# shapes and places


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape to which shapes (or extents) broadcast. RuntimeError where there is none."""
    sizes = [tuple(map(index, each)) if isinstance(each, (tuple, list)) else (index(each),) for each in shapes]
    if any(n < 0 for size in sizes for n in size):
        raise RuntimeError(f"broadcast_shapes: {sizes}; extents are at least 0")
    try:
        return Size(np.broadcast_shapes(*sizes))
    except ValueError:
        raise ShapeError(f"broadcast_shapes: {sizes} do not broadcast; extents must be equal or 1") from None


def _triangle_places(name: str, row: int, col: int, offset: int, dtype: Any, device: Any) -> Tensor:
    if row < 0 or col < 0:
        raise RuntimeError(f"{name}: {row} rows and {col} columns; neither may be negative")
    found = np.tril_indices(row, offset, col) if name == "tril_indices" else np.triu_indices(row, offset, col)
    return wrap(np.stack(found).astype(np.int64 if dtype is None else as_dtype(dtype)))


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None) -> Tensor:
    """Row and column indices of the lower triangle of a matrix, two rows; int64."""
    return _triangle_places("tril_indices", row, col, offset, dtype, device)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None, layout: Any = None) -> Tensor:
    """Row and column indices of the upper triangle of a matrix, two rows; int64."""
    return _triangle_places("triu_indices", row, col, offset, dtype, device)


METHODS = {f.__name__: f for f in (roll, rot90, fliplr, flipud, repeat_interleave, diag_embed, diagflat)}
__all__ = [
    "block_diag", "broadcast_shapes", "cartesian_prod", "combinations", "constant_pad_nd", "diag_embed", "diagflat", "fliplr", "flipud",
    "meshgrid", "repeat_interleave", "roll", "rot90", "tril_indices", "triu_indices",
]  # fmt: skip
