"""`first_nan(fn, *inputs)`: where the first NaN or infinity of a function arises, forward or in its gradient.

The function runs once and its gradient once, row by row in Python, while the interpreter tells what each function of the package
returns. What comes back says the operation, the user's line, the index and the values that went in there.
Invariant: inputs are not changed and no `.grad` is written. Imports engine, rerecord and autograd; imported by debug.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from tape.autograd import engine, grad
from tape.autograd.profiler import operations
from tape.errors import at
from tape.functions.choosing import where
from tape.functions.creation import ones_like
from tape.places import outside
from tape.record import label_at
from tape.rerecord import pullback
from tape.tensor import Tensor, array

WHERE, PULLBACK = inspect.unwrap(where).__code__, pullback.__code__


@dataclass
class Finding:
    """The first value that is not finite. `where` names the `where` that leaves it out, if one does: its lane is inactive there."""

    value: float | complex
    stage: str  # "forward" or "backward"
    operation: str
    place: str
    index: tuple[int, ...]
    inputs: tuple  # the values at that index
    where: str | None = None

    def __str__(self) -> str:
        given = ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in self.inputs) or "nothing"
        left_out = f"; it lies in an inactive lane of {self.where}" if self.where else ""
        what = "its gradient" if self.stage == "backward" else "it"
        return f"{self.operation} at {self.place}: {what} is {self.value} at index {self.index}, where {given} went in{left_out}"


def first_nan(fn: Callable[..., Any], *inputs: Any, infinities: bool = True) -> Finding | None:
    """The first NaN (or infinity) that arises in fn(*inputs), or else in its gradient with respect to floating inputs; None if none does.

    fn: takes `inputs`, returns a Tensor or a tuple of them; for the gradient, each starts at one. infinities=False looks for NaN only.
    An operation is found whose result is not finite though its inputs are; inputs of fn that are not finite come first.

    >>> import tape
    >>> found = tape.debug.first_nan(lambda x: tape.where(x > 0, x.log(), 0.0), tape.tensor([1.0, -1.0]))
    >>> found.operation, found.index, found.inputs, found.where is None
    ('log', (1,), (-1.0,), False)
    >>> tape.debug.first_nan(lambda x: x.sqrt().sum(), tape.tensor([0.0, 1.0])).stage
    'backward'
    """
    leaves = [t.detach().requires_grad_() if isinstance(t, Tensor) and (t.is_floating_point() or t.is_complex()) else t for t in inputs]
    watching = _Watching(infinities)
    for position, t in enumerate(leaves):
        index = watching.bad(array(t)) if isinstance(t, Tensor) else None
        if index is not None:
            return Finding(array(t)[index].item(), "forward", f"input {position}", "the call of first_nan", index, ())
    outputs = watching.watch(lambda: fn(*leaves))
    if watching.found is not None:
        return watching.found
    given = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    live = [y for y in given if isinstance(y, Tensor) and y.requires_grad]
    wanted = [t for t in leaves if isinstance(t, Tensor) and t.requires_grad]
    if live and wanted:
        before, engine.row_by_row = engine.row_by_row, True
        try:
            watching.watch(lambda: grad(live, wanted, [ones_like(y) for y in live], allow_unused=True))
        finally:
            engine.row_by_row = before
    return watching.found


class _Watching:
    """What the interpreter tells, looked at."""

    def __init__(self, infinities: bool) -> None:
        self.infinities = infinities
        self.found: Finding | None = None
        self.stage = ""
        self.operations = operations()

    def watch(self, run: Callable[[], Any]) -> Any:
        """Run something and look at all that is returned on the way."""
        self.stage = "backward" if self.stage else "forward"
        before = sys.getprofile()
        sys.setprofile(self.tell)
        try:
            return run()
        finally:
            sys.setprofile(before)

    def tell(self, frame: Any, what: str, result: Any) -> None:
        """What the interpreter calls at each call and return."""
        if what != "return" or result is None:
            return
        code: CodeType = frame.f_code
        if self.found is not None:
            if code is WHERE and self.found.where is None and self.stage == "forward":
                self.left_out(frame, result)
        elif self.stage == "backward":
            if code is PULLBACK and isinstance(result, tuple):
                self.pulled(frame, result)
        elif isinstance(result, Tensor) and code in self.operations:
            index = self.bad(array(result))
            if index is not None:
                self.returned(frame, result, index)

    def bad(self, values: Any) -> tuple[int, ...] | None:
        """The first index of a value that is not finite."""
        values = np.asarray(values)
        if values.dtype.kind not in "fc":
            return None
        wrong = ~np.isfinite(values) if self.infinities else np.isnan(values)
        return tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.any() else None

    def returned(self, frame: Any, result: Tensor, index: tuple[int, ...]) -> None:
        """A function of the package returned a Tensor with such a value, unless it only handed an input on."""
        own, code = frame.f_locals, frame.f_code
        given = [own.get(name) for name in code.co_varnames[: code.co_argcount]]
        kinds = (Tensor, np.ndarray, float, int) if code.co_argcount <= 2 else (Tensor, np.ndarray)
        tensors = [t for t in given if isinstance(t, kinds) and not isinstance(t, bool)]
        if not tensors or any(self.bad(_values(t)) is not None for t in tensors):
            return
        user = outside(frame)
        operation = self.operations[code].removeprefix("aten::")
        self.found = Finding(
            array(result)[index].item(), "forward", operation, at((user.f_code, user.f_lasti)), index,
            tuple(_entry(t, result.shape, index) for t in tensors if _fits(t, result.shape)),
        )  # fmt: skip

    def pulled(self, frame: Any, contributions: tuple) -> None:
        """A pullback gave gradients."""
        row = frame.f_locals["row"]
        for g in contributions:
            index = self.bad(array(g)) if isinstance(g, Tensor) else None
            if index is not None:
                rows, place = row.tape.rows, row.row
                saved = [v for v in (row.x, row.y, frame.f_locals["g"]._v) if isinstance(v, (float, np.ndarray))]
                self.found = Finding(
                    array(g)[index].item(), "backward", label_at(row.tape, place), at((rows[place + 5], rows[place + 6])), index,
                    tuple(_entry(v, g.shape, index) for v in saved if _fits(v, g.shape)),
                )  # fmt: skip
                return

    def left_out(self, frame: Any, result: Any) -> None:
        """A `where` returned: if the value found goes into it and not out of it, its lane is inactive there."""
        assert self.found is not None
        branches = [frame.f_locals.get(name) for name in ("input", "other")]
        branches = [t for t in branches if isinstance(t, Tensor) and self.bad(array(t)) is not None]
        if branches and isinstance(result, Tensor) and self.bad(array(result)) is None:
            user = outside(frame)
            self.found.where = f"where at {at((user.f_code, user.f_lasti))}"


def _values(t: Any) -> np.ndarray:
    return array(t) if isinstance(t, Tensor) else np.asarray(t)


def _fits(t: Any, shape: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(_values(t).shape, tuple(shape)) == tuple(shape)
    except ValueError:
        return False


def _entry(t: Any, shape: tuple[int, ...], index: tuple[int, ...]) -> Any:
    return np.broadcast_to(_values(t), tuple(shape))[index].item()


__all__ = ["Finding", "first_nan"]
