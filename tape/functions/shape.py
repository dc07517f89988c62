"""Shapes: the same elements under another shape, in another order, or broadcast.

Functions that can look at the memory they are given return views, which share it (PyTorch's rule: `view` where strides allow, and
`reshape`, `flatten`, `ravel` copy only where they must). What joins, splits, repeats and reverses stands in tape/functions/joining
and is passed on here. `METHODS` lists what becomes a Tensor method or property.
Imports layout, joining and basic; pullbacks are in tape/adjoints/shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import as_dtype
from tape.errors import ShapeError
from tape.functions import joining
from tape.functions.arguments import dim_of, dims_of, sizes_of, tensor_of
from tape.functions.basic import Plan, shown
from tape.functions.complex import conj
from tape.functions.creation import shared
from tape.functions.joining import cat, chunk, flip, hstack, narrow, repeat, row_stack, select, split, stack, tile, unbind, vstack
from tape.functions.layout import EXPAND, PERMUTE, RESHAPE, clone, reshaped
from tape.record import broadcast
from tape.spec import Spec, intern
from tape.tensor import Tensor, share
from tape.traced import Traced, through

UNSAFE, TRANSPOSE, T_LABEL = OPCODES["reshape:UnsafeView"], OPCODES["permute:Transpose"], OPCODES["permute:T"]
ORDERS = {PERMUTE, TRANSPOSE, T_LABEL}
PLANS: dict[tuple, Plan] = {}  # by Spec, opcode and shape or order; emptied when full
PLAN_LIMIT = 4096


# other shapes


def _completed(name: str, t: Tensor, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with its -1 replaced; ShapeError where it does not hold the elements of `t`."""
    known, unknown = 1, -1
    for position, extent in enumerate(shape):
        if extent == -1:
            if unknown >= 0:
                raise ShapeError(f"{name}: shape {shape} has two unknown extents; only one can be inferred")
            unknown = position
        elif extent < 0:
            raise ShapeError(f"{name}: shape {shape} has the extent {extent}; wanted one of at least 0, or one -1")
        else:
            known *= extent
    if unknown >= 0:
        if not known:
            raise ShapeError(f"{name}: with no elements, -1 in shape {shape} could be anything; give every extent")
        if t._s.size % known == 0:
            return (*shape[:unknown], t._s.size // known, *shape[unknown + 1 :])
    elif known == t._s.size:
        return shape
    raise ShapeError(f"{name}: shape {shape} was given for a tensor of {t._s.size} elements (shape {t._s.shape})")


def _looked_at(t: Tensor, shape: tuple[int, ...], op: int = RESHAPE) -> Tensor | None:
    """A view of `t` under another shape; None where its strides do not allow one."""
    values = share(t)
    value = values.reshape(shape)
    if not values.flags.c_contiguous and values.size and not np.may_share_memory(value, values):
        return None
    return shown(t, _plan(t._s, op, shape, t._s.number), value)


def _plan(spec: Spec, op: int, params: tuple[int, ...], x: int | None) -> Plan:
    """How a view of `spec` under another shape (or with dimensions in another order) is recorded, worked out once."""
    found = PLANS.get((spec, op, params))
    if found is None:
        shape = tuple([spec.shape[d] for d in params]) if op in ORDERS else params
        y = (spec, params)
        if len(PLANS) >= PLAN_LIMIT:
            PLANS.clear()
        found = PLANS[spec, op, params] = (None, op, x, y, intern(shape, spec.dtype), ((op, x, y),))
    return found


def reshape(input: Any, *sizes: Any, shape: Any = None) -> Tensor:
    """The elements in C order under another shape, one extent of which may be -1: a view where strides allow, else a copy.

    RuntimeError where the sizes differ.

    >>> import tape
    >>> tape.arange(6.0).reshape(2, -1).shape
    torch.Size([2, 3])
    """
    t = tensor_of("reshape", input)
    wanted = _completed("reshape", t, sizes_of("reshape", sizes if shape is None else (shape,)))
    found = _looked_at(t, wanted)
    return found if found is not None else reshaped(clone(t), wanted, UNSAFE)


def view(input: Tensor, *shape: Any, size: Any = None, dtype: Any = None) -> Tensor:
    """The same memory under another shape, or (given a dtype) its bytes as numbers of another dtype, which has no history.

    RuntimeError where the sizes differ or the strides do not allow it (use `reshape`).
    """
    shape = shape if size is None else (size,)
    if dtype is not None or len(shape) == 1 and isinstance(shape[0], (np.dtype, type)):
        return _bytes_as(input, as_dtype(shape[0] if dtype is None else dtype))
    wanted = _completed("view", input, sizes_of("view", shape))
    found = _looked_at(input, wanted)
    if found is None:
        raise RuntimeError(
            f"view: shape {wanted} of a tensor of shape {input._s.shape} whose memory is in another order; use reshape(), which may copy"
        )
    return found


def _bytes_as(t: Tensor, dtype: np.dtype) -> Tensor:
    """The memory of a Tensor, read as another dtype."""
    have, want = t._s.dtype.itemsize, dtype.itemsize
    if have != want and (not t._s.ndim or t._s.shape[-1] * have % want):
        raise RuntimeError(f"view: {t._s!r} as {dtype}; the last dimension must be a whole number of elements of {want} bytes")
    values = share(t)
    try:
        return shared(through(np.ndarray.view, values, dtype) if type(values) is Traced else values.view(dtype))
    except ValueError as error:
        raise RuntimeError(f"view: {t._s!r} as {dtype}; the last dimension must lie in one piece: {error}") from None


def view_as(input: Tensor, other: Tensor) -> Tensor:
    """The same memory under the shape of `other`; see `view`."""
    return view(input, other._s.shape)


def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """The elements under the shape of `other`; see `reshape`."""
    return reshape(input, other._s.shape)


def ravel(input: Any) -> Tensor:
    """The elements in C order as a vector: a view where strides allow, else a copy."""
    return reshape(input, -1) if tensor_of("ravel", input)._s.size else reshape(input, 0)


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Dimensions start_dim ... end_dim made into one; a 0-d tensor becomes a vector. The Tensor itself where nothing changes.

    IndexError for a dimension out of range, RuntimeError where start_dim comes after end_dim.
    """
    t = tensor_of("flatten", input)
    first, last = dim_of("flatten", t._s.ndim, start_dim), dim_of("flatten", t._s.ndim, end_dim)
    if first > last:
        raise RuntimeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim} in a tensor of {t._s.ndim} dimensions")
    if first == last and t._s.ndim:
        return t
    extent = 1
    for each in t._s.shape[first : last + 1]:
        extent *= each
    return reshape(t, (*t._s.shape[:first], extent, *t._s.shape[last + 1 :]))


def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Tensor:
    """One dimension made into several, one of whose sizes may be -1. RuntimeError where they do not multiply to it."""
    t = tensor_of("unflatten", input)
    dim, sizes = dim_of("unflatten", t._s.ndim, dim), tuple(sizes)
    known, extent = 1, t._s.shape[dim]
    for size in sizes:
        known *= size if size != -1 else 1
    if sizes.count(-1) == 1 and known and extent % known == 0:
        sizes = tuple(extent // known if size == -1 else size for size in sizes)
    elif sizes.count(-1) or known != extent:
        raise ShapeError(f"unflatten: sizes {sizes} do not multiply to {extent}, the extent of dimension {dim}")
    return reshape(t, (*t._s.shape[:dim], *sizes, *t._s.shape[dim + 1 :]))


def squeeze(input: Any, dim: Any = None) -> Tensor:
    """A view without the dimensions of extent 1, or without those of them that `dim` (an int or a tuple) names."""
    t = tensor_of("squeeze", input)
    shape = t._s.shape
    gone = range(t._s.ndim) if dim is None else dims_of("squeeze", t._s.ndim, dim) if dim != () else ()
    label = "Squeeze" if dim is None else "Squeeze2" if isinstance(dim, (tuple, list)) else "Squeeze1"
    wanted = tuple([extent for d, extent in enumerate(shape) if extent != 1 or d not in gone])
    return shown(t, _plan(t._s, OPCODES[f"reshape:{label}"], wanted, t._s.number), share(t).reshape(wanted))


def unsqueeze(input: Any, dim: int) -> Tensor:
    """A view with a new dimension of extent 1 at position `dim`. IndexError out of range."""
    t = tensor_of("unsqueeze", input)
    dim = dim_of("unsqueeze", t._s.ndim + 1, dim)
    wanted = (*t._s.shape[:dim], 1, *t._s.shape[dim:])
    return shown(t, _plan(t._s, OPCODES["reshape:Unsqueeze"], wanted, t._s.number), share(t).reshape(wanted))


# other orders


def _in_order(t: Tensor, dims: tuple[int, ...], op: int = PERMUTE) -> Tensor:
    return shown(t, _plan(t._s, op, dims, None), share(t).transpose(dims))


def permute(input: Any, *sizes: Any, dims: Any = None) -> Tensor:
    """A view with the dimensions in the order `dims`. RuntimeError unless they are all given once."""
    t = tensor_of("permute", input)
    given = sizes_of("permute", sizes if dims is None else (dims,))
    if len(given) != t._s.ndim:
        raise RuntimeError(f"permute: {len(given)} dimensions were given for a tensor of {t._s.ndim}; give each once")
    order = tuple([dim_of("permute", t._s.ndim, dim) for dim in given])
    if len(set(order)) < len(order):
        raise RuntimeError(f"permute: dims {given} name a dimension twice; give each once")
    return _in_order(t, order)


def transpose(input: Any, dim0: int, dim1: int) -> Tensor:
    """A view with two dimensions exchanged. IndexError out of range.

    >>> import tape
    >>> tape.ones(2, 3).transpose(0, 1).shape
    torch.Size([3, 2])
    """
    t = tensor_of("transpose", input)
    first, second = dim_of("transpose", t._s.ndim, dim0), dim_of("transpose", t._s.ndim, dim1)
    order = list(range(t._s.ndim))
    if order:
        order[first], order[second] = order[second], order[first]
    return _in_order(t, tuple(order), TRANSPOSE)


def movedim(input: Any, source: Any, destination: Any) -> Tensor:
    """A view with the dimensions `source` (ints) at the positions `destination`; the others keep their order."""
    t = tensor_of("movedim", input)
    ndim, sides = t._s.ndim, []
    for name, given in (("source", source), ("destination", destination)):
        side = [dim_of("movedim", ndim, d) for d in (given if isinstance(given, (tuple, list)) else (given,))]
        if len(set(side)) < len(side):
            raise RuntimeError(f"movedim: {name} {given} names a dimension twice; give each once")
        sides.append(side)
    if len(sides[0]) != len(sides[1]):
        raise RuntimeError(f"movedim: {len(sides[0])} source and {len(sides[1])} destination dimensions; give as many of both")
    order = [d for d in range(ndim) if d not in sides[0]]
    for to, come in sorted(zip(sides[1], sides[0], strict=True)) if ndim else ():
        order.insert(to, come)
    return _in_order(t, tuple(order))


def t(input: Any) -> Tensor:
    """A matrix transposed, as a view; vectors and 0-d tensors as they are. RuntimeError for more dimensions."""
    given = tensor_of("t", input)
    if given._s.ndim > 2:
        raise RuntimeError(f"t() of a tensor of {given._s.ndim} dimensions; it takes at most two: use transpose(dim0, dim1) or mT")
    return _in_order(given, tuple(reversed(range(given._s.ndim))), T_LABEL)


def _all_reversed(self: Tensor) -> Tensor:
    """A view with the dimensions in reverse order."""
    return _in_order(self, tuple(reversed(range(self._s.ndim))))


def _last_two(self: Tensor) -> Tensor:
    """A view with the last two dimensions exchanged. RuntimeError for vectors."""
    if self._s.ndim == 1:
        raise RuntimeError("mT of a vector; it exchanges the last two dimensions: use unsqueeze() first")
    return transpose(self, -2, -1) if self._s.ndim else transpose(self, 0, 0)


def _adjoint_last_two(self: Tensor) -> Tensor:
    """The last two dimensions exchanged and, if complex, the elements conjugated."""
    turned = _last_two(self)
    return conj(turned)


def adjoint(input: Tensor) -> Tensor:
    """The last two dimensions exchanged and, if complex, the elements conjugated: `mH`. RuntimeError for vectors."""
    return _adjoint_last_two(input)


def _adjoint_matrix(self: Tensor) -> Tensor:
    """A matrix transposed and, if complex, conjugated. RuntimeError for other than 0 or 2 dimensions."""
    if self._s.ndim not in (0, 2):
        raise RuntimeError(f"H of a tensor of {self._s.ndim} dimensions; it takes matrices: use mT for stacks of them")
    turned = transpose(self, 0, 1) if self._s.ndim else self
    return conj(turned)


# larger and smaller


def expand(input: Any, *sizes: Any, size: Any = None, implicit: bool = False) -> Tensor:
    """A view broadcast to a larger shape, without memory of its own; -1 keeps an extent. RuntimeError where it does not broadcast."""
    given = tensor_of("expand", input)
    wanted, have = sizes_of("expand", sizes if size is None else (size,)), given._s.shape
    new = len(wanted) - len(have)
    if new < 0:
        raise ShapeError(f"expand: shape {wanted} has fewer dimensions than the tensor's {have}; it can only add some in front")
    shape = tuple([have[i - new] if extent == -1 and i >= new else extent for i, extent in enumerate(wanted)])
    if any(extent < 0 for extent in shape) or any(
        here not in (1, there) for here, there in zip(have, shape[new:], strict=True)
    ):
        raise ShapeError(f"expand: shape {have} was asked to become {wanted}; only extents of 1 can grow")
    plan = _plan(given._s, EXPAND, shape, given._s.number if given._s.size == 1 else None)
    return shown(given, plan, np.broadcast_to(share(given), shape))


def expand_as(input: Any, other: Tensor) -> Tensor:
    """A view broadcast to the shape of `other`; see `expand`."""
    return expand(input, other._s.shape)


def broadcast_to(input: Any, *sizes: Any, size: Any = None) -> Tensor:
    """A view broadcast to a shape; see `expand`."""
    return expand(input, *sizes, size=size)


def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Views of all tensors under their common shape. RuntimeError where there is none."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    given = [tensor_of("broadcast_tensors", each) for each in tensors]
    shape = broadcast("broadcast_tensors", *(each._s.shape for each in given))
    return tuple([each if each._s.shape == shape else expand(each, shape) for each in given])


def contiguous(input: Tensor, memory_format: Any = None) -> Tensor:
    """The Tensor itself where its memory is in C order, else a copy that is."""
    return input if type(input._v) is float or input._v.flags.c_contiguous else clone(input)


concat = concatenate = cat
swapaxes = swapdims = transpose
moveaxis = movedim
METHODS = {
    **joining.METHODS,
    **{
        f.__name__: f
        for f in (
            reshape, view, view_as, reshape_as, ravel, flatten, unflatten, squeeze, unsqueeze, permute, transpose, movedim, t, expand,
            expand_as, broadcast_to, clone, contiguous,
        )
    },
    "swapaxes": transpose,
    "swapdims": transpose,
    "moveaxis": movedim,
    "T": property(_all_reversed),
    "mT": property(_last_two),
    "H": property(_adjoint_matrix),
    "mH": property(_adjoint_last_two),
    "adjoint": adjoint,
}  # fmt: skip

__all__ = [
    "METHODS", "adjoint", "broadcast_tensors", "broadcast_to", "cat", "chunk", "clone", "concat", "concatenate", "contiguous", "expand", "expand_as", "flatten", "flip",
    "hstack", "moveaxis", "movedim", "narrow", "permute", "ravel", "repeat", "reshape", "row_stack", "select",
    "split", "squeeze", "stack", "swapaxes", "swapdims", "t", "tile", "transpose", "unbind", "unflatten", "unsqueeze", "vstack",
]  # fmt: skip
