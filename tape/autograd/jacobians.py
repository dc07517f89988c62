"""Jacobians of a function of Tensors in three ways: by central differences, by tangents, by backward passes.

`columns`, `pushed` and `pulled` give lists by input of lists by output; the last two axes are elements (or directions) of the
input and elements of the output. Invariant: the inputs hold the very arrays afterwards that they held before: perturbed copies
take their place for one call at a time, so what was recorded earlier keeps what it saved.
Imports tensor and forward_ad; imported by autograd.gradcheck.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tape.autograd import forward_ad
from tape.errors import TapeError
from tape.tensor import Tensor, array, wrap


class GradcheckError(TapeError):
    """A derivative is not what central differences say, or changes from call to call."""


@dataclass(frozen=True)
class Check:
    """What to compare and how closely; `inputs` are all arguments, `leaves` the positions of those under test."""

    func: Callable[..., Any]
    inputs: tuple
    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    forward: bool
    backward: bool
    batched: bool
    dtypes: bool
    undefined: bool
    fast: bool

    @property
    def leaves(self) -> list[Tensor]:
        return [t for t in self.inputs if isinstance(t, Tensor) and t.requires_grad]

    def outputs(self, inputs: Sequence[Any] | None = None) -> list[Tensor]:
        """All Tensors that the function returns."""
        found = self.func(*(self.inputs if inputs is None else inputs))
        found = found if isinstance(found, (tuple, list)) else (found,)
        return [t for t in found if isinstance(t, Tensor)]


@contextmanager
def moved(t: Tensor, step: np.ndarray) -> Iterator[None]:
    """`t` with the value `t + step` for a while; not its memory: what was recorded earlier keeps what it saved."""
    before = t._v
    value = (array(t) + step.reshape(t.shape)).astype(t.dtype)
    t._v = value.item() if type(before) is float else value
    try:
        yield
    finally:
        t._v = before


def columns(check: Check, t: Tensor, directions: np.ndarray, chosen: list[int]) -> list[np.ndarray]:
    """Central differences of the chosen outputs along directions of one input."""
    found: list[list[np.ndarray]] = [[] for _ in chosen]
    for direction in directions:
        sides = []
        for sign in (1.0, -1.0):
            with moved(t, sign * check.eps * direction):
                outputs = check.outputs()
            sides.append([array(outputs[i]).astype(np.float64).reshape(-1) for i in chosen])
        for rows, high, low in zip(found, *sides, strict=True):
            rows.append((high - low) / (2 * check.eps))
    sizes = [len(rows[0]) if rows else 0 for rows in found]
    return [np.array(rows).reshape(len(directions), size) for rows, size in zip(found, sizes, strict=True)]


def pushed(check: Check, t: Tensor, directions: np.ndarray, chosen: list[int]) -> list[np.ndarray]:
    """Tangents of the chosen outputs along directions of one input."""
    found: list[list[np.ndarray]] = [[] for _ in chosen]
    for direction in directions:
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(t, wrap(direction.reshape(t.shape).astype(t.dtype)))
            outputs = check.outputs([dual if each is t else each for each in check.inputs])
            for rows, i in zip(found, chosen, strict=True):
                tangent = forward_ad.unpack_dual(outputs[i]).tangent
                rows.append(np.zeros(outputs[i]._s.size) if tangent is None else array(tangent).astype(np.float64).reshape(-1))
    sizes = [len(rows[0]) if rows else 0 for rows in found]
    return [np.array(rows).reshape(len(directions), size) for rows, size in zip(found, sizes, strict=True)]


def backward(check: Check, outputs: list[Tensor], starts: list[Tensor]) -> list[np.ndarray]:
    """Gradients of all inputs under test, zeros for unused ones."""
    from tape.autograd import grad

    found = grad(outputs, check.leaves, starts, retain_graph=True, allow_unused=True)
    for position, (g, t) in enumerate(zip(found, check.leaves, strict=True)):
        if check.dtypes and g is not None and g.dtype != t.dtype:
            raise GradcheckError(f"the gradient of input {position} is {g.dtype}; it must have the input's dtype, {t.dtype}")
        if g is not None and g.shape != t.shape:
            raise GradcheckError(f"the gradient of input {position} has shape {tuple(g.shape)}; it must have the input's, {tuple(t.shape)}")
    return [np.zeros(t.shape) if g is None else array(g).astype(np.float64) for g, t in zip(found, check.leaves, strict=True)]


def pulled(check: Check, outputs: list[Tensor]) -> list[list[np.ndarray]]:
    """Jacobians by backward passes, one for each element of each output."""
    found = [[np.zeros((t._s.size, o._s.size)) for o in outputs] for t in check.leaves]
    for o, output in enumerate(outputs):
        for element, start in enumerate(np.eye(output._s.size)):
            for i, g in enumerate(backward(check, [output], [wrap(start.reshape(output.shape).astype(output.dtype))])):
                found[i][o][:, element] = g.reshape(-1)
    return found


__all__ = ["Check", "GradcheckError", "backward", "columns", "pulled", "pushed"]
