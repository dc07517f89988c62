"""Jacobians of a function of Tensors in three ways: by central differences, by tangents, by backward passes.

`columns`, `pushed` and `pulled` give lists by input of lists by output; the last two axes are elements (or directions) of the
input and elements of the output. Complex outputs count as two real ones; an element of a complex input has the derivative d/dRe + i d/dIm,
as the gradient of a real function has. Invariant: the inputs hold the very arrays afterwards that they held before: perturbed copies
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
    batched_forward: bool = False

    @property
    def leaves(self) -> list[Tensor]:
        return [t for t in self.inputs if isinstance(t, Tensor) and t.requires_grad]

    def outputs(self, inputs: Sequence[Any] | None = None) -> list[Tensor]:
        """All Tensors that the function returns; of complex ones the real part, then the imaginary part."""
        found = self.func(*(self.inputs if inputs is None else inputs))
        found = found if isinstance(found, (tuple, list)) else (found,)
        parts = []
        for t in found:
            if isinstance(t, Tensor):
                parts += [t.real, t.imag] if t.is_complex() else [t]
        return parts

    def named(self) -> list[tuple[str, int]]:
        """For each of these, which part of the function's output of which number it is."""
        found = self.func(*self.inputs)
        tensors = [t for t in (found if isinstance(found, (tuple, list)) else (found,)) if isinstance(t, Tensor)]
        names = []
        for i, t in enumerate(tensors):
            names += [("real", i), ("imaginary", i)] if t.is_complex() else [("", i)]
        return names


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


def basis(t: Tensor) -> np.ndarray:
    """The directions of all elements of an input; for complex ones the real directions, then the imaginary ones."""
    ones = np.eye(t._s.size)
    return np.concatenate([ones, 1j * ones]) if t.is_complex() else ones


def paired(t: Tensor, found: list[np.ndarray]) -> list[np.ndarray]:
    """Derivatives along `basis(t)` as Jacobians."""
    return [each[: t._s.size] + 1j * each[t._s.size :] for each in found] if t.is_complex() else found


def columns(check: Check, t: Tensor, directions: np.ndarray, chosen: list[int]) -> list[np.ndarray]:
    """Central differences of the chosen outputs along directions of one input."""
    found: list[list[np.ndarray]] = [[] for _ in chosen]
    for direction in directions:
        sides = []
        for sign in (1.0, -1.0):
            with moved(t, sign * check.eps * direction):
                outputs = check.outputs()
                sides.append([array(outputs[i]).copy() for i in chosen])  # an output may be the input itself
        for rows, high, low in zip(found, *sides, strict=True):
            if high.shape != low.shape or high.dtype != low.dtype:
                raise AssertionError(f"gradcheck: an output is {high.dtype}{high.shape} or {low.dtype}{low.shape} by its values; it must stay one kind")
            rows.append((high.astype(np.float64) - low.astype(np.float64)).reshape(-1) / (2 * check.eps))
    return _stacked(found, len(directions))


def pushed(check: Check, t: Tensor, directions: np.ndarray, chosen: list[int]) -> list[np.ndarray]:
    """Tangents of the chosen outputs along directions of one input."""
    found: list[list[np.ndarray]] = [[] for _ in chosen]
    for direction in directions:
        tangents = _tangents(check, t, wrap(direction.reshape(t.shape).astype(t.dtype)), chosen)
        for rows, tangent in zip(found, tangents, strict=True):
            rows.append(array(tangent).astype(np.float64).reshape(-1))
    return _stacked(found, len(directions))


def pushed_together(check: Check, t: Tensor, directions: np.ndarray, chosen: list[int]) -> list[np.ndarray]:
    """The same tangents, all directions as one batch."""
    from tape.func.vmap import vmap

    batch = wrap(directions.reshape((len(directions), *t.shape)).astype(t.dtype))
    found = vmap(lambda direction: tuple(_tangents(check, t, direction, chosen)))(batch)
    return [array(each).astype(np.float64).reshape(len(directions), -1) for each in found]


def _tangents(check: Check, t: Tensor, direction: Tensor, chosen: list[int], alone: bool = False) -> list[Tensor]:
    """Tangents of the outputs, given that of one input and zeros for the others under test, or none (`alone`). None of them requires grad."""
    def dual(each: Any) -> Any:
        if not isinstance(each, Tensor) or not each.requires_grad:
            return each
        plain = each.detach()
        if each is t:
            return forward_ad.make_dual(plain, direction)
        return plain if alone else forward_ad.make_dual(plain, wrap(np.zeros(each.shape, each.dtype)))

    with forward_ad.dual_level():
        outputs = check.outputs([dual(each) for each in check.inputs])
        tangents = [forward_ad.unpack_dual(outputs[i]).tangent for i in chosen]
    return [
        wrap(np.zeros(outputs[i].shape, outputs[i].dtype)) if tangent is None else tangent for i, tangent in zip(chosen, tangents, strict=True)
    ]


def omitted(check: Check, t: Tensor, direction: np.ndarray, chosen: list[int]) -> tuple[list[Tensor], list[Tensor]]:
    """Tangents of the outputs where those of the other inputs are zeros, and where they are left out."""
    given = wrap(direction.reshape(t.shape).astype(t.dtype))
    return _tangents(check, t, given, chosen), _tangents(check, t, given, chosen, True)


def _stacked(found: list[list[np.ndarray]], count: int) -> list[np.ndarray]:
    return [np.array(rows).reshape(count, len(rows[0]) if rows else 0) for rows in found]


def backward(check: Check, outputs: list[Tensor], starts: list[Tensor]) -> list[np.ndarray]:
    """Gradients of all inputs under test, zeros for unused ones."""
    from tape.autograd import grad

    found = grad(outputs, check.leaves, starts, retain_graph=True, allow_unused=True)
    for position, (g, t) in enumerate(zip(found, check.leaves, strict=True)):
        if check.dtypes and g is not None and g.dtype != t.dtype:
            raise GradcheckError(f"the gradient of input {position} is {g.dtype}; it must have the input's dtype, {t.dtype}")
        if g is not None and g.shape != t.shape:
            raise GradcheckError(f"the gradient of input {position} has shape {tuple(g.shape)}; it must have the input's, {tuple(t.shape)}")
    kinds = [np.complex128 if t.is_complex() else np.float64 for t in check.leaves]
    return [np.zeros(t.shape, kind) if g is None else array(g).astype(kind) for g, t, kind in zip(found, check.leaves, kinds, strict=True)]


def pulled(check: Check, outputs: list[Tensor]) -> list[list[np.ndarray]]:
    """Jacobians by backward passes, one for each element of each output."""
    found: list[list[np.ndarray]] = [
        [np.zeros((t._s.size, o._s.size), np.complex128 if t.is_complex() else np.float64) for o in outputs] for t in check.leaves
    ]
    for o, output in enumerate(outputs):
        for element, start in enumerate(np.eye(output._s.size)):
            for i, g in enumerate(backward(check, [output], [wrap(start.reshape(output.shape).astype(output.dtype))])):
                found[i][o][:, element] = g.reshape(-1)
    return found


__all__ = ["Check", "GradcheckError", "backward", "basis", "columns", "omitted", "paired", "pulled", "pushed", "pushed_together"]
