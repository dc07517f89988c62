"""Splitting at given places and into equal parts, joining along fixed dimensions, and dimensions added up to a number of them.

`tensor_split`, `hsplit`, `vsplit` and `dsplit` give ordinary views, each of which may be written (those of `split` may not).
`METHODS` lists what becomes a Tensor method; tape/functions/shape passes everything on. Imports joining; imported by shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import index
from typing import Any

from compiled_ops.rows import OPCODES
from tape.functions.arguments import dim_of, tensor_of
from tape.functions.basic import part
from tape.functions.joining import cat, several, split
from tape.functions.layout import reshaped
from tape.out import takes_out
from tape.tensor import Tensor

SLICE = OPCODES["getitem"]


def tensor_split(input: Any, indices_or_sections: Any = None, dim: int = 0, *, indices: Any = None, sections: Any = None) -> tuple[Tensor, ...]:
    """Views of so many parts along a dimension, the first ones larger by one where it does not divide, or of the parts between indices.

    RuntimeError for fewer than one section or a 0-d tensor.

    >>> import tape
    >>> tape.tensor_split(tape.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    t, wanted = tensor_of("tensor_split", input), indices_or_sections
    wanted = indices if indices is not None else sections if sections is not None else wanted
    if not t._s.ndim:
        raise RuntimeError("tensor_split of a 0-d tensor; it takes at least one dimension")
    dim = dim_of("tensor_split", t._s.ndim, dim)
    extent = t._s.shape[dim]
    if isinstance(wanted, Tensor):
        if wanted._s.ndim > 1 or wanted._s.dtype.kind not in "iu":
            raise RuntimeError(f"tensor_split: indices {wanted._s!r}; wanted integers, at most a vector")
        wanted = wanted.tolist()
    if isinstance(wanted, (tuple, list)):
        cuts = list(map(index, wanted))
    else:
        count = index(wanted)
        if count < 1:
            raise RuntimeError(f"tensor_split: {count} sections; wanted at least 1")
        size, more = divmod(extent, count)
        cuts = [size * k + min(k, more) for k in range(1, count)]
    found, start = [], 0
    for cut in (*cuts, extent):
        found.append(part(t, (*(slice(None),) * dim, slice(*slice(start, cut).indices(extent)), ...), SLICE))
        start = cut
    return tuple(found)


def _fixed(name: str, least: int) -> Callable[..., tuple[Tensor, ...]]:
    def function(input: Any, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None) -> tuple[Tensor, ...]:
        t, wanted = tensor_of(name, input), indices_or_sections
        wanted = indices if indices is not None else sections if sections is not None else wanted
        if t._s.ndim < least:
            raise RuntimeError(f"{name} of a tensor of {t._s.ndim} dimensions; wanted at least {least}")
        dim = 0 if name == "vsplit" or t._s.ndim == 1 else least - 1 if name == "dsplit" else 1
        if not isinstance(wanted, (tuple, list, Tensor)) and (index(wanted) < 1 or t._s.shape[dim] % index(wanted)):
            raise RuntimeError(f"{name}: {wanted} sections of a dimension of extent {t._s.shape[dim]}; it must divide it")
        return tensor_split(t, wanted, dim)

    function.__name__ = function.__qualname__ = name
    where = {"hsplit": "the second dimension (the first of a vector)", "vsplit": "the first dimension", "dsplit": "the third dimension"}[name]
    function.__doc__ = f"Views of equal parts along {where}, or of the parts between indices; see `tensor_split`."
    return function


hsplit, vsplit, dsplit = _fixed("hsplit", 1), _fixed("vsplit", 2), _fixed("dsplit", 3)


def split_with_sizes(input: Any, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Views of consecutive parts of given sizes along a dimension; see `split`."""
    return split(input, list(split_sizes), dim)


def atleast_1d(*tensors: Any) -> Any:
    """Each tensor with at least one dimension: itself, or a view."""
    return _each("atleast_1d", tensors, lambda t: t if t._s.ndim else t.reshape(1))


def atleast_2d(*tensors: Any) -> Any:
    """Each tensor with at least two dimensions, new ones in front: itself, or a view."""
    return _each("atleast_2d", tensors, lambda t: t if t._s.ndim > 1 else t.reshape(1, 1) if not t._s.ndim else t.unsqueeze(0))


def atleast_3d(*tensors: Any) -> Any:
    """Each tensor with at least three dimensions (vectors in the middle, matrices in front): itself, or a view."""
    def deep(t: Tensor) -> Any:
        if not t._s.ndim:
            return t.reshape(1, 1, 1)
        return t if t._s.ndim > 2 else t.unsqueeze(-1) if t._s.ndim == 2 else t.unsqueeze(0).unsqueeze(-1)

    return _each("atleast_3d", tensors, deep)


def _each(name: str, tensors: tuple, change: Callable[[Tensor], Any]) -> Any:
    if len(tensors) == 1 and not isinstance(tensors[0], (tuple, list)):
        return change(tensor_of(name, tensors[0]))
    given = tensors[0] if len(tensors) == 1 else tensors
    return tuple([change(tensor_of(name, each)) for each in given])


@takes_out
def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors joined along the third dimension; vectors and matrices get the dimensions that they lack, see `atleast_3d`."""
    return cat(list(atleast_3d(several("dstack", tensors))), 2)


@takes_out
def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Tensors joined along the second dimension; vectors and 0-d tensors count as columns."""
    return cat([reshaped(each, (each._s.size, 1)) if each._s.ndim < 2 else each for each in several("column_stack", tensors)], 1)


METHODS = {f.__name__: f for f in (tensor_split, hsplit, vsplit, dsplit, split_with_sizes)}
__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "column_stack", "dsplit", "dstack", "hsplit", "split_with_sizes", "tensor_split", "vsplit",
]  # fmt: skip
