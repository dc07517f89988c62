"""Arguments and results of compiled functions: what of an argument is value and what belongs to the signature, and how leaves go in and out.

`kind_of` tells Tensors, arrays and floats, which become inputs, from everything else, which is "static": compared by value where type and
value say all there is to know, by identity elsewhere. `as_argument` gives what programs read, `as_input` what the function itself
gets, `finished`, `released` and `own` what the caller gets. Invariant: no two calls share memory of results.
Imports tensor, traced. Imported by function, differentiable, variant.
"""

from __future__ import annotations

import enum
import sys
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, NoneType
from typing import Any

import numpy as np

from tape.tensor import Tensor, array, tangent_of, wrap
from tape.traced import Traced

_FLOATS = (float, np.floating)
_BY_VALUE = frozenset((int, bool, str, bytes, NoneType, type(Ellipsis), type(NotImplemented), range, np.bool_, FunctionType, BuiltinFunctionType,
                       MethodType, ModuleType, *(np.dtype(code).type for code in "bhilqBHILQ")))  # fmt: skip
_BY_TEXT = frozenset(("decimal", "fractions", "datetime"))  # modules whose values say all in their repr
_LASTING = (int, float, complex, str, bytes, NoneType, range, slice, np.generic, np.dtype, enum.Enum, BuiltinFunctionType)
UNREAD = ("static", "same")  # kinds of arguments that are no inputs of a program


def kind_of(leaf: Any) -> tuple:
    """What of an argument belongs to the signature: shape and dtype of values, anything else itself."""
    kind = type(leaf)
    if kind is np.ndarray:
        return "array", leaf.shape, leaf.dtype
    if kind is float or isinstance(leaf, _FLOATS):
        return ("float",)
    if isinstance(leaf, Tensor):
        return "tensor", leaf._s, leaf._t is not None, kind
    if isinstance(leaf, np.ndarray):
        return "array", leaf.shape, leaf.dtype
    return _static(leaf)


def kinds_of(leaves: list) -> tuple:
    """The kinds of all arguments; a Tensor given once more is ("same", where it is first)."""
    kinds, first = [kind_of(leaf) for leaf in leaves], dict[int, int]()
    for k, leaf in enumerate(leaves):
        if kinds[k][0] == "tensor" and first.setdefault(id(leaf), k) != k:
            kinds[k] = "same", first[id(leaf)]
    return tuple(kinds)


def is_of(leaf: Any, kind: tuple) -> bool:
    """Whether `kind_of` a leaf is this."""
    what = type(leaf)
    if what is np.ndarray:
        return kind[0] == "array" and leaf.shape == kind[1] and leaf.dtype == kind[2]
    if what is float:
        return kind[0] == "float"
    return kind_of(leaf) == kind


def _static(leaf: Any) -> tuple:
    kind = type(leaf)
    if kind in _BY_VALUE or isinstance(leaf, (type, np.dtype, enum.Enum)):
        return "static", kind, leaf
    if kind is complex or isinstance(leaf, np.complexfloating):
        return "static", kind, np.array(leaf).tobytes()  # 0j is not -0j
    if kind is slice:
        return "static", kind, *(_static(part) if type(part) is not float else (float, repr(part)) for part in (leaf.start, leaf.stop, leaf.step))
    if kind is frozenset and all(type(each) in _BY_VALUE for each in leaf):
        return "static", kind, frozenset((type(each), each) for each in leaf)
    if kind.__module__ in _BY_TEXT:
        return "static", kind, repr(leaf)
    return "static", kind, Held(leaf)


class Held:
    """An argument compared by identity, which it keeps its own by being alive."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


def positional(signature: Any) -> list[str] | None:
    """The kinds of the arguments, where all are arrays and floats given by position; else None."""
    args, kwargs = signature.structure.children
    if kwargs.count or any(child.kind is not None for child in args.children) or not {k[0] for k in signature.kinds} <= {"array", "float"}:
        return None
    return [kind[0] for kind in signature.kinds]


def has_attributes(leaf: Any) -> bool:
    """Whether an argument is a Tensor to which somebody gave attributes, which a function may read and a program does not know."""
    return isinstance(leaf, Tensor) and bool(leaf.__dict__)


def has_tangent(leaves: list) -> bool:
    """Whether a Tensor without history carries a tangent, which a program would lose."""
    return any(isinstance(leaf, Tensor) and leaf._t is None and tangent_of(leaf) is not None for leaf in leaves)


def as_argument(leaf: Any, kind: tuple) -> np.ndarray:
    """An argument as the C-contiguous array that programs read."""
    if kind[0] == "array":
        if leaf.flags.c_contiguous and type(leaf) is np.ndarray and leaf.dtype.isnative:
            return leaf
        return np.ascontiguousarray(leaf, leaf.dtype.newbyteorder("=")).reshape(leaf.shape)
    if kind[0] == "float":
        return np.array(leaf, np.float64)
    values = array(leaf)
    if type(values) is Traced:  # a Tensor that an earlier recording left behind
        values = values.array
    return values if values.flags.c_contiguous else np.ascontiguousarray(values).reshape(values.shape)


def as_input(leaf: Any) -> Any:
    """An argument as the function gets it: arrays and floats as Tensors."""
    if isinstance(leaf, Tensor):
        return leaf
    if isinstance(leaf, np.ndarray):
        return wrap(np.array(leaf, leaf.dtype.newbyteorder("=")))
    return wrap(np.array(float(leaf))) if isinstance(leaf, _FLOATS) else leaf


def finished(leaf: Any, tensors: bool, own: bool = False) -> Any:
    """A leaf of the result as the caller gets it. `own`: nobody else has its memory."""
    if isinstance(leaf, Tensor):
        if tensors:
            return leaf
        leaf = np.array(array(leaf), order="C", copy=None if own else True)
    if tensors:
        return wrap(leaf) if isinstance(leaf, np.ndarray) else leaf
    if isinstance(leaf, np.ndarray) and not leaf.ndim:
        return leaf.item() if leaf.dtype.kind != "V" else leaf[()]
    return leaf


def released(leaf: Any) -> Any:
    """A leaf of a recorded result without its trace."""
    value = leaf._v if isinstance(leaf, Tensor) else leaf
    if type(value) is not Traced:
        return leaf
    real = np.array(value.array)
    return wrap(real) if isinstance(leaf, Tensor) else real


def own(leaf: Any) -> Any:
    """A constant leaf of the result, in memory of its own."""
    if isinstance(leaf, Tensor):
        return wrap(np.array(leaf.detach()._v))
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def lasting(leaf: Any) -> bool:
    """Whether a leaf of the result is a value, or something that cannot change under those who share it: of functions and classes, those
    that stand in a module."""
    if isinstance(leaf, (FunctionType, type)):
        held: Any = sys.modules.get(leaf.__module__)
        for part in leaf.__qualname__.split("."):
            held = getattr(held, part, None)
        return held is leaf
    return isinstance(leaf, (Tensor, np.ndarray, Traced, *_LASTING))


__all__ = ["UNREAD", "has_attributes", "as_argument", "as_input", "finished", "has_tangent", "is_of", "kinds_of", "lasting", "own", "positional", "released"]
