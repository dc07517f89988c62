"""Taking, putting and adding by index tensors, and along diagonals.

`take_at`, `put_at`, `added_at` and `replaced_at` record with a key as NumPy takes it, for adjoints too. Where an index names a place
twice, adding adds both, and of replacements the last stays (PyTorch leaves that open). `METHODS` lists what becomes a Tensor method;
tape/functions/indexing passes everything on. Imports basic, keys, layout; imported by indexing and adjoints.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.elements import at_key
from tape.errors import ShapeError
from tape.functions.arguments import dim_of, indices_of, recording, tensor_of
from tape.functions.basic import part, plan_of
from tape.functions.keys import along
from tape.functions.layout import reshaped
from tape.out import takes_out
from tape.record import cast, normal, record
from tape.spec import Spec, intern
from tape.tensor import Tensor, share
from tape.traced import Traced, as_value, copy_of, room, through, writable
from tape.views import view, view_value

INDEX, GATHER, INDEX_SELECT, TAKE, MASKED_SELECT = (
    OPCODES[f"take{n}"] for n in ("", ":Gather", ":IndexSelect", ":Take", ":MaskedSelect")
)
PUT, ADD, INDEX_ADD, SLICE = OPCODES["put"], OPCODES["scatter_add"], OPCODES["scatter_add:IndexAdd"], OPCODES["getitem"]
WITHIN = OPCODES["scatter"]
SCATTER, DIAGONAL = OPCODES["replace"], OPCODES["diagonal"]
DIAGONAL_SCATTER, DIAG_EMBED = OPCODES["diagonal_scatter"], OPCODES["diagonal_scatter:DiagEmbed"]


def take_at(t: Tensor, key: tuple, op: int = INDEX) -> Tensor:
    """The elements at an advanced key, as a copy."""
    return record(op, (t,), normal(copy_of(at_key(as_value(t._v), key)), t._s.dtype), key if recording(t) else None, (t._s,))


def add_into(buffer: np.ndarray, key: tuple, values: Any) -> None:
    """buffer[key] += values, where a place that the key names twice gets both."""
    arrays = [item for item in key if type(item) in (np.ndarray, Traced)]
    if all(item.dtype.kind == "b" and item.ndim for item in arrays) and len(arrays) <= 1:
        buffer[key] += values
    else:
        np.add.at(buffer, key, values)


def put_at(g: Tensor, spec: Spec, key: tuple) -> Tensor:
    """Zeros of `spec` with `g` added at an advanced key."""
    value = room(spec.shape, g._s.dtype, g._v, *key)
    add_into(value, key, g._v)
    return record(PUT, (g,), normal(value, g._s.dtype), key if recording(g) else None, (g._s, spec))


def added_at(t: Tensor, key: tuple, source: Tensor, op: int = ADD) -> Tensor:
    """`t` with `source` added at an advanced key."""
    value = writable(t._v, source._v, *key)
    add_into(value, key, source._v)
    return record(op, (t, source), normal(value, t._s.dtype), None, (t._s, key))


def replaced_at(t: Tensor, key: tuple, source: Any, op: int = SCATTER, repeats: bool = True) -> Tensor:
    """`t` with a Tensor or number `source` in its place at a key; where that names a place twice (`repeats`), the last one stays."""
    value, winners = writable(t._v, source._v if isinstance(source, Tensor) else None, *key), None
    if isinstance(source, Tensor):
        value[key] = source._v
        if repeats and may_repeat(key) and recording(source):
            winners = through(last_at, t._s.shape, key, source._s.shape)
        return record(op, (t, source), normal(value, t._s.dtype), None, (t._s, key, winners))
    value[key] = source
    return record(op, (t, None), normal(value, t._s.dtype), None, (t._s, key, None))


def may_repeat(key: tuple) -> bool:
    """Whether a key may name a place twice: masks and basic items do not."""
    return any(type(item) in (Traced, np.ndarray) and item.dtype.kind != "b" for item in key)


def last_at(shape: tuple[int, ...], key: tuple, part: tuple[int, ...]) -> np.ndarray:
    """A mask of the elements that stay where they are all put at a key in order."""
    owner, numbers = np.zeros(shape, np.int64), np.arange(math.prod(part)).reshape(part)
    owner[key] = numbers
    return np.asarray(owner[key] == numbers)


def part_of(t: Tensor, key: tuple) -> Tensor:
    """The part at a valid basic key, recorded; its value may share memory, but it is no view that in-place writes follow."""
    plan = plan_of(t._s, key, SLICE)
    return record(SLICE, (t,), as_value(t._v)[key], plan[2], plan[3])


def within(g: Tensor, spec: Spec, key: tuple) -> Tensor:
    """Zeros of `spec` with `g` at a basic key, recorded."""
    value = room(spec.shape, g._s.dtype, g._v)
    value[key] = g._v
    return record(WITHIN, (g,), value, None, (g._s, spec, key))


# functions


def placed(name: str, t: Tensor, dim: Any, index: Any) -> tuple[int, np.ndarray]:
    """Dimension and index of gather and scatter, checked."""
    dim, places = dim_of(name, t._s.ndim, dim), indices_of(name, index)
    if not places.size and places.ndim != t._s.ndim:
        return dim, places.reshape((*(0,) * (dim + 1), *t._s.shape[dim + 1 :])[: t._s.ndim])
    if (places.ndim or 1) != (t._s.ndim or 1):
        raise RuntimeError(f"{name}: an index of {places.ndim} dimensions for a tensor of {t._s.ndim}; they must have as many")
    extent = t._s.shape[dim] if t._s.ndim else 1
    if places.size and not (0 <= np.minimum.reduce(places, None) and np.maximum.reduce(places, None) < extent):
        raise RuntimeError(f"{name}: an index from {places.min()} to {places.max()} along dimension {dim} of shape {t._s.shape}")
    if places.ndim != t._s.ndim:
        places = places.reshape((1,) * t._s.ndim)
    if places.size and any([n > have for d, (n, have) in enumerate(zip(places.shape, t._s.shape, strict=True)) if d != dim]):
        raise RuntimeError(f"{name}: an index of shape {places.shape} is larger than the tensor's {t._s.shape} beside dimension {dim}")
    return dim, places


@takes_out
def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Tensor:
    """out[i, j] = input[index[i, j], j] for dim 0, and so on; the index has as many dimensions and may be smaller beside `dim`.

    RuntimeError for an index out of range (negative ones are), of another number of dimensions, or larger.
    """
    t = tensor_of("gather", input)
    dim, places = placed("gather", t, dim, index)
    made = take_at(t, along(places, dim, t._s.ndim), GATHER)
    wanted = index._s.shape if type(index) is Tensor else np.shape(indices_of("gather", index))
    return made if made._s.shape == wanted else reshaped(made, wanted)


def _sources(name: str, t: Tensor, src: Tensor, places: np.ndarray) -> Tensor:
    if src._s.dtype != t._s.dtype:
        raise RuntimeError(f"{name}: src is {src._s.dtype}, the tensor {t._s.dtype}; they must agree")
    if not src._s.ndim and places.size == 1:
        src = reshaped(src, (1,) * places.ndim)
    if src._s.shape == places.shape:
        return src
    if not t._s.ndim and src._s.size == 1:
        return reshaped(src, ())
    if src._s.ndim != places.ndim or any(n > have for n, have in zip(places.shape, src._s.shape, strict=True)):
        raise RuntimeError(f"{name}: an index of shape {places.shape} is larger than src of shape {src._s.shape}")
    return part(src, (*(slice(0, n, 1) for n in places.shape), ...), SLICE)


def scatter_parts(name: str, input: Any, dim: int, index: Any, src: Any) -> tuple[Tensor, tuple, Tensor]:
    """The input, the key and the source of a scatter, checked."""
    t, source = tensor_of(name, input), tensor_of(name, src)
    dim, places = placed(name, t, dim, index)
    source = source if places.size or source._s.dtype != t._s.dtype else reshaped(source.reshape(-1)[:0], places.shape)
    return t, along(places, dim, t._s.ndim), _sources(name, t, source, places)


@takes_out
def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Tensor:
    """`input` with src[i, j] added at [index[i, j], j] for dim 0, and so on. Errors as `gather`; dtypes must agree."""
    return added_at(*scatter_parts("scatter_add", input, dim, index, src))


@takes_out
def take(input: Any, index: Any) -> Tensor:
    """The elements at flat (C order) positions, in the shape of the index. IndexError out of range."""
    t, places = tensor_of("take", input), indices_of("take", index, (np.int64,))
    if places.size and not (-t._s.size <= places.min() and places.max() < t._s.size):
        raise IndexError(f"take: an index from {places.min()} to {places.max()} into {t._s.size} elements")
    if not t._s.size:
        return take_at(reshaped(t, (0,)), (places,), TAKE)
    if t._s.ndim:
        return take_at(t, np.unravel_index(places % t._s.size, t._s.shape), TAKE)
    return take_at(reshaped(t, (1,)), (as_value(places % 1),), TAKE)


@takes_out
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Tensor:
    """As `gather`, but index and input broadcast beside `dim`, negative indices count from the end, and None means the flat input."""
    t, places = tensor_of("take_along_dim", input), indices_of("take_along_dim", indices)
    if dim is None:
        t, places, dim = t.reshape(-1), places.reshape(-1), 0
    dim = dim_of("take_along_dim", t._s.ndim, dim)
    if places.ndim != t._s.ndim:
        raise RuntimeError(f"take_along_dim: an index of {places.ndim} dimensions for a tensor of {t._s.ndim}; they must have as many")
    shape = np.broadcast_shapes((*t._s.shape[:dim], 1, *t._s.shape[dim + 1 :]), (*places.shape[:dim], 1, *places.shape[dim + 1 :]))
    wide = t.expand(*shape[:dim], t._s.shape[dim], *shape[dim + 1 :])
    places = np.broadcast_to(places, (*shape[:dim], places.shape[dim], *shape[dim + 1 :]))
    return take_at(wide, along(places, dim, t._s.ndim), GATHER)


def whole_rows(name: str, t: Tensor, dim: Any, index: Any, kinds: tuple = (np.int64, np.int32), error: type[Exception] = RuntimeError,
               beyond: type[Exception] = IndexError, negative: bool = False) -> tuple[int, tuple, tuple[int, ...]]:  # fmt: skip
    """Dimension, key and shape of the entries of a dimension that a vector of indices names."""
    dim, places = dim_of(name, t._s.ndim, dim), indices_of(name, index, kinds, error)
    if places.ndim > 1:
        raise IndexError(f"{name}: an index of {places.ndim} dimensions; wanted a vector")
    places = places.reshape(-1)
    extent = t._s.shape[dim] if t._s.ndim else 1
    if places.size and not ((-extent if negative else 0) <= places.min() and places.max() < extent):
        raise beyond(f"{name}: an index from {places.min()} to {places.max()} along dimension {dim} of extent {extent}")
    if not t._s.ndim:
        return 0, (), ()
    return dim, (*(slice(None),) * dim, places), (*t._s.shape[:dim], places.size, *t._s.shape[dim + 1 :])


@takes_out
def index_select(input: Any, dim: int, index: Any) -> Tensor:
    """The entries of a dimension that a vector of indices names, as a copy. IndexError out of range."""
    t = tensor_of("index_select", input)
    dim, key, _ = whole_rows("index_select", t, dim, index)
    if not t._s.ndim and tensor_of("index_select", index)._s.size != 1:
        raise RuntimeError("index_select of a 0-d tensor; the index must be one 0")
    return take_at(t, key, INDEX_SELECT)


@takes_out
def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Tensor:
    """`input` with alpha times the entries of `source` added to the entries of a dimension that a vector of indices names."""
    t, given = tensor_of("index_add", input), tensor_of("index_add", source)
    dim, key, wanted = whole_rows("index_add", t, dim, index, beyond=RuntimeError)
    if given._s.size == 1 and wanted in ((), (1,)):
        given = reshaped(given, wanted)
    if not t._s.ndim and tensor_of("index_add", index)._s.size != 1:
        raise IndexError("index_add to a 0-d tensor; the index must be one 0")
    if given._s.shape != wanted:
        raise ShapeError(f"index_add: source has shape {given._s.shape}; the indices along dimension {dim} want {wanted}")
    if given._s.dtype != t._s.dtype:
        raise RuntimeError(f"index_add: source is {given._s.dtype}, the tensor {t._s.dtype}; they must agree")
    if t._s.dtype.kind == "u" and not isinstance(alpha, Tensor) and alpha < 0:
        alpha %= 1 << 8 * t._s.dtype.itemsize  # sums wrap around
    return added_at(t, key, given if alpha == 1 else cast(given * alpha, t._s.dtype), INDEX_ADD)


@takes_out
def masked_select(input: Any, mask: Any) -> Tensor:
    """The elements where a mask, which broadcasts with the input, is true, as a vector. RuntimeError where it is not boolean."""
    t, chosen = tensor_of("masked_select", input), as_value(tensor_of("masked_select", mask)._v)
    if chosen.dtype.kind != "b":
        raise RuntimeError(f"masked_select: the mask is of {chosen.dtype}; wanted booleans")
    shape = np.broadcast_shapes(t._s.shape, chosen.shape)
    return take_at(t.expand(shape) if shape != t._s.shape else t, (np.broadcast_to(chosen, shape),), MASKED_SELECT)


@view_value("diagonal")
def diagonal_view(values: np.ndarray, params: tuple) -> np.ndarray:
    found = np.diagonal(values, *params[1:])
    if values.flags.writeable:
        found.flags.writeable = True  # NumPy's diagonals are read-only; ours are views like any other
    return found


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A view of a diagonal of two dimensions, as the last dimension. IndexError out of range, RuntimeError for one dimension twice."""
    t = tensor_of("diagonal", input)
    first, second = dim_of("diagonal", t._s.ndim, dim1), dim_of("diagonal", t._s.ndim, dim2)
    if first == second:
        raise RuntimeError(f"diagonal: dim1 {dim1} and dim2 {dim2} are the same dimension")
    params = (t._s, offset, first, second)
    return view(t, DIAGONAL, diagonal_view(share(t), params), None, params)


def diagonal_of(t: Tensor, offset: int, dim1: int, dim2: int) -> Tensor:
    """A copy of a diagonal, recorded."""
    params = (t._s, offset, dim1, dim2)
    return record(DIAGONAL, (t,), copy_of(diagonal_view(as_value(t._v), params)), None, params)


def on_diagonal(g: Tensor, spec: Spec, offset: int, dim1: int, dim2: int, op: int = DIAGONAL_SCATTER) -> Tensor:
    """Zeros of `spec` with `g` on a diagonal, recorded."""
    value = through(_diagonal_in_zeros, spec, offset, dim1, dim2, g._v)
    return record(op, (g,), value, None, (g._s, spec, offset, dim1, dim2))


def _diagonal_in_zeros(spec: Spec, offset: int, dim1: int, dim2: int, values: Any) -> np.ndarray:
    whole = np.zeros(spec.shape, np.asarray(values).dtype)
    diagonal_view(whole, (spec, offset, dim1, dim2))[...] = values
    return whole


@takes_out
def diag(input: Any, diagonal: int = 0) -> Tensor:
    """A square matrix with a vector on a diagonal, or a copy of a matrix's diagonal. RuntimeError for other dimensions."""
    t = tensor_of("diag", input)
    if t._s.ndim == 2:
        return diagonal_of(t, diagonal, 0, 1)
    if t._s.ndim != 1:
        raise RuntimeError(f"diag of a tensor of {t._s.ndim} dimensions; it takes vectors and matrices: use diagonal()")
    n = t._s.size + abs(diagonal)
    return on_diagonal(t, intern((n, n), t._s.dtype), diagonal, 0, 1, DIAG_EMBED)


def triangle(name: str, t: Tensor, diagonal: int) -> Tensor:
    """The lower ("tril") or upper ("triu") triangle of the last two dimensions, recorded."""
    return record(OPCODES[name], (t,), getattr(np, name)(t._v, diagonal), None, (t._s, diagonal))


def _matrices(name: str, input: Any) -> Tensor:
    t = tensor_of(name, input)
    if t._s.ndim < 2:
        raise RuntimeError(f"{name} of a tensor of {t._s.ndim} dimensions; it takes matrices or stacks of them")
    return t


@takes_out
def tril(input: Any, diagonal: int = 0) -> Tensor:
    """The last two dimensions with zeros above a diagonal, as a copy. RuntimeError for fewer than two dimensions."""
    return triangle("tril", _matrices("tril", input), diagonal)


@takes_out
def triu(input: Any, diagonal: int = 0) -> Tensor:
    """The last two dimensions with zeros below a diagonal, as a copy. RuntimeError for fewer than two dimensions."""
    return triangle("triu", _matrices("triu", input), diagonal)


METHODS = {
    f.__name__: f
    for f in (
        gather, scatter_add, take, take_along_dim, index_select, index_add, masked_select, diagonal, diag, tril, triu,
    )
}  # fmt: skip
