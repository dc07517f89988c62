"""Pullbacks that are safe from branches not taken: note [strong zero] for rows that mix elements, products and whole ones.

A branch that `where` did not choose gets cotangents that are exactly zero. In an elementwise row they give exactly zero whatever the
partial; here the same is seen to where a rule sums over elements: saved values that are not finite and meet zero cotangents only are
put aside (replaced by ones, by a choice that is recorded, so that every further derivative is safe too). `sheltered(rule, g, row)` runs
a rule so. Used while `STATE.safe` is on: in sweeps over tapes with a `where(..., safe=True)`. Imported by rerecord.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE
from tape.functions.choosing import where
from tape.state import STATE
from tape.tensor import Tensor, blank, give_tangent, tangent_of, wrap
from tape.traced import Traced, as_value

REDUCTIONS = {"prod", "amax", "amin", "var", "std", "logsumexp", "norm"}
ALONG = {"softmax", "log_softmax", "cumprod", "recurrence", "logcumsumexp"}


def alive(g: Tensor) -> Any:
    """Where a cotangent is not zero, nor its tangent."""
    found = np.not_equal(g._v, 0)
    tangent = tangent_of(g) if STATE.dual else None
    return as_value(found if tangent is None else found | np.not_equal(tangent._v, 0))


def sound(t: Tensor) -> Any:
    """Where a value is finite, and its tangent."""
    found = np.isfinite(t._v)
    tangent = tangent_of(t) if STATE.dual else None
    return as_value(found if tangent is None else found & np.isfinite(tangent._v))


def certain(mask: Any) -> bool:
    """Whether a mask is known to be true everywhere. That of a program that is being recorded never is."""
    return type(mask) is not Traced and bool(np.all(mask))


def quiet(t: Tensor | None, live: Any) -> Tensor | None:
    """A contribution without tangents where only dead cotangents lead: the tangent of zero times anything is zero there too."""
    tangent = tangent_of(t) if STATE.dual else None
    if t is None or tangent is None:
        return t
    keep = as_value(np.isfinite(tangent._v) | live)
    if not certain(keep):
        level = STATE.dual
        made = blank(Tensor)
        made._v, made._s, made._t, made._r = t._v, t._s, t._t, t._r
        give_tangent(made, where(wrap(keep), tangent, 0.0), level)
        return made
    return t


class Shelter:
    """A whole row whose saved values are put aside where only dead cotangents depend on them."""

    def __init__(self, row: Any, g: Tensor) -> None:
        self._row, self._alive = row, alive(g)
        self._name = BY_OPCODE[row.op].name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)

    @property
    def a(self) -> Tensor:
        """The first input, sheltered."""
        return self._kept(self._row.a)

    @property
    def b(self) -> Tensor:
        """The second input, sheltered."""
        return self._kept(self._row.b)

    @property
    def out(self) -> Tensor:
        """The output, sheltered."""
        return self._kept(self._row.out)

    def _kept(self, t: Tensor) -> Tensor:
        fine = sound(t)
        if certain(fine):
            return t
        keep = as_value(np.broadcast_to(np.logical_or(fine, self.reaching(t._s.shape)), t._s.shape))
        return t if certain(keep) else where(wrap(keep), t, 1.0)

    def reaching(self, shape: tuple[int, ...]) -> Any:
        """Where saved values of a shape meet cotangents that are alive: along the dimensions that the row reduces, in the matrices of a
        batch, or anywhere."""
        found, params = self._alive, self._row.params
        if self._name in REDUCTIONS:
            whole, dims = params[0].shape, params[1]
            kept = tuple([1 if d in dims else extent for d, extent in enumerate(whole)])
            return found.reshape(kept) if found.size == np.prod(kept) and len(shape) == len(whole) else found
        if self._name in ALONG:
            return np.logical_or.reduce(found, axis=params[1], keepdims=True) if found.ndim else found
        batch = _batch(found.shape, shape)
        lanes = np.logical_or.reduce(found.reshape((*found.shape[:batch], -1)), axis=-1)
        return lanes.reshape((*found.shape[:batch], *(1,) * (len(shape) - batch)))


def _batch(cotangent: tuple[int, ...], saved: tuple[int, ...]) -> int:
    """How many dimensions in front are of the batch: those that both have, and that are not of the matrix."""
    count = 0
    for g, s in zip(cotangent, saved[:-2], strict=False):
        if g != s:
            break
        count += 1
    return count


class Replaced:
    """A product's row with other operands."""

    def __init__(self, row: Any, change: Callable[[Tensor], Tensor]) -> None:
        self._row, self._change = row, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)

    @property
    def a(self) -> Tensor:
        """The first operand."""
        return self._change(self._row.a)

    @property
    def b(self) -> Tensor:
        """The second operand."""
        return self._change(self._row.b)


def _finite(t: Tensor) -> Tensor:
    fine = sound(t)
    return t if certain(fine) else where(wrap(fine), t, 0.0)


def _faults(t: Tensor) -> Tensor:
    return wrap(as_value(np.logical_not(sound(t))).astype(np.float64))


def _product(rule: Callable, g: Tensor, row: Any) -> tuple:
    """Products of finite operands, but where an infinite one meets a cotangent that is alive."""
    if (not row.need[0] or certain(sound(row.b))) and (not row.need[1] or certain(sound(row.a))):
        return tuple(rule(g, row))
    bad = rule(wrap(as_value(alive(g)).astype(np.float64)), Replaced(row, _faults))
    made = []
    for found, clean, fault in zip(rule(g, row), rule(g, Replaced(row, _finite)), bad, strict=True):
        made.append(None if found is None else where(wrap(as_value(np.greater(fault._v, 0))), found, clean))
    return tuple(made)


def sheltered(rule: Callable, g: Tensor, row: Any) -> tuple:
    """The contributions of a row by its rule, safe from branches not taken."""
    kind = BY_OPCODE[row.op].kind
    if kind == "bilinear":
        found = _product(rule, g, row)
    elif kind == "whole":
        shelter = Shelter(row, g)
        found = tuple(rule(g, shelter))
        if STATE.dual:
            found = tuple([each if each is None else quiet(each, shelter.reaching(each._s.shape)) for each in found])
    else:
        return tuple(rule(g, row))
    return found
