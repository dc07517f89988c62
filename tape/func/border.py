"""Where a vmap begins and ends: the switches of the thread, and Tensors from outside that its function uses.

`Border` is the part of a Batching that knows what was there before it: `inside` lets a Tensor from outside stand on a row of its own, which sums
the gradients of the examples; `around` calls a function as it was called before; `finish` finds Tensors from outside that were written
to. Invariant: a row lies inside exactly if its value is of the examples, or one of its inputs inside; it refers to what lies outside, and saves
its tangents, through such a row only. So gradients inside are of the examples, those outside never, and what depends on nothing inside is
differentiated once. Imports record; imported by batching.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

from compiled_ops.rows import IMPORT, LEAF, OPCODES
from tape import columns
from tape.columns import Mark, close
from tape.func.batched_draws import Draws
from tape.record import append
from tape.state import STATE, settle
from tape.tensor import Tensor, blank, tangents_of
from tape.traced import Traced

COLLECT, EXAMPLES, SPREAD = (OPCODES[n] for n in ("collect", "examples", "spread"))
ENTRIES = frozenset({EXAMPLES, SPREAD})  # rows inside of what lies outside


class Border:
    """The beginning and the end of one application of vmap to `size` examples."""

    lasting = True  # its values mean the same inside and outside, before and after

    def __init__(self, size: int, randomness: str = "error") -> None:
        trace = STATE.trace
        self.size, self.randomness = size, randomness
        self.base = trace.base if trace is not None and trace.lasting else trace  # the recording of a program around, if any
        self.start = self.serial = 0
        self._spread: dict[Any, tuple[Tensor, Tensor]] = {}
        self._beyond: set[tuple[int, int]] = set()  # rows that were recorded since and lie outside
        self._passages: list[tuple[int, int]] = []  # between these numbers, all tapes do
        self._spans: list[tuple[int, int]] = []  # between these numbers it was open, before it was opened the last time
        self._written: list[tuple[weakref.ref, Any]] = []
        self._before: Any = None
        self.draws = Draws(self, STATE.draws)

    def __enter__(self) -> Any:
        self.start = self.serial = self._passed()  # what is older lies outside
        self._before, STATE.trace, STATE.draws = STATE.trace, self, self.draws
        settle()
        return self

    def __exit__(self, problem: Any, *_: object) -> None:
        STATE.trace, STATE.draws = self._before, self.draws.around
        settle()
        self._end()
        if problem is not None:
            for reference, before in self._written:
                t = reference()
                if t is not None:
                    t._v = before

    def _end(self) -> None:
        self._spread.clear()
        self._spans.append((self.start, self._passed()))

    def again(self, function: Callable, args: tuple) -> Any:
        """Call a function of the user's on values of the examples when this is over: a hook, or the backward of a Function, which sweeps run. What
        it takes from outside lies outside still."""
        around, start, base = self._before, self.start, self.base
        self.start = self._passed()
        self._before, STATE.trace = STATE.trace, self
        self.base = self._before.base if self._before is not None and self._before.lasting else self._before
        settle()
        try:
            found = function(*args)
            return tuple(map(self._leaving, found)) if type(found) is tuple else self._leaving(found)
        finally:
            STATE.trace = self._before
            settle()
            self._end()
            self._before, self.start, self.base = around, start, base

    def _leaving(self, t: Any) -> Any:
        return self.within(t) if isinstance(t, Tensor) else t

    def finish(self) -> None:
        """After the function has returned and its results are put together. RuntimeError where it wrote values of examples into a Tensor that
        somebody still holds: one from outside, which has its own values back."""
        written, self._written = self._written, []
        if any([reference() is not None for reference, _ in written]):
            gc.collect()
        for reference, before in written:
            t = reference()
            if t is not None:
                t._v = before
                raise RuntimeError(
                    f"inside vmap, values of {self.size} examples were written into a tensor of shape {t._s.shape} from outside, which has room for one; "
                    "return them instead"
                )

    # what lies outside

    def around(self, function: Callable, *args: Any) -> Any:
        """Call a function as it was called before this Batching began: what it records lies outside."""
        before, first = (STATE.trace, STATE.draws), self._passed()
        STATE.trace, STATE.draws = self._before, self.draws.around
        settle()
        try:
            return function(*args)
        finally:
            STATE.trace, STATE.draws = before
            settle()
            self._passages.append((first, self._passed()))

    def _passed(self) -> int:
        """End the tape that is open. Returns a number between those of tapes begun before and after."""
        if STATE.tape is not None:
            close(STATE.tape)
        return next(columns._numbers)

    def written(self, root: Tensor) -> None:
        """A plain Tensor is about to take the values of examples."""
        self._written.append((weakref.ref(root), root._v))

    def outside(self, t: Tensor) -> bool:
        """Whether a Tensor that needs a gradient is not of the examples, nor made while this Batching was open of anything that was."""
        if self.holds(t._v):
            return False
        _, home, row = _origin(t)
        number = home.born if type(home) is Mark else home.num
        if number < self.start and not any([first <= number < last for first, last in self._spans]):
            return True
        return type(home) is not Mark and ((number, row) in self._beyond or any([first < number < last for first, last in self._passages]))

    def holds(self, value: Any) -> bool:
        """Whether a value is of the examples, whatever vmap it is of besides."""
        while type(value) is Traced and value.trace.lasting:
            if value.trace is self:
                return True
            value = value.content
        return False

    def chain(self) -> list[Any]:
        """All Batchings that are open, the outermost first."""
        around = self._before
        return [*(around.chain() if around is not None and around.lasting else ()), self]

    def placed(self, op: int, inputs: tuple, value: Any, saved: Any, params: Any) -> tuple[tuple, list[Any], Any, Any]:
        """Inputs of a row of `value`, as the row may refer to them, the Batchings outside of which the row lies, and what it saves."""
        beyond = []
        for each in self.chain():
            if op in ENTRIES and params[1] is each:
                continue
            leaves = op == COLLECT and params[1] is each
            if leaves or each.holds(value) or any([each._moves(t) for t in inputs if t is not None]):
                inputs = tuple([each.inside(t) for t in inputs])
            else:
                leaves = True
            if leaves:
                beyond.append(each)
        return inputs, beyond, saved, params

    def lies(self, made: Tensor) -> None:
        """The row of `made` lies outside."""
        self._beyond.add((made._t.num, made._r))

    def _moves(self, t: Tensor) -> bool:
        """Whether a Tensor lies inside, or moves along tangents that do."""
        return t._t is not None and not self.outside(t) or STATE.dual > 0 and any([self.holds(s._v) for s in tangents_of(t)])

    def within(self, t: Tensor) -> Tensor:
        """A Tensor as it is for each example of every Batching that is open."""
        for each in self.chain():
            t = each.inside(t)
        return t

    def beside(self, made: Tensor, tangents: tuple) -> tuple:
        """Tangents as the row of `made` may save them."""
        for each in self.chain():
            if not each.outside(made):
                tangents = tuple([each.inside(t) for t in tangents])
        return tangents

    def inside(self, t: Any) -> Any:
        """A Tensor as rows inside may refer to it and save it, with its tangents."""
        if t is None or t._t is not None and not self.outside(t):
            return t
        if t._t is not None:
            return self._from_outside(t)
        carried = self._carried(t)
        return t if carried is getattr(t, "_tangent", None) else self._alias(t, carried)

    def _from_outside(self, t: Tensor) -> Tensor:
        """A Tensor from outside on a row of its own, which sums the gradients of the examples."""
        given = t
        t, home, row = _origin(t)
        key: Any = id(t) if type(home) is Mark else (home.num, row)
        found = self._spread.get(key)
        if found is None:
            made = self._alias(t, None)
            append(made, SPREAD, (t,), None, (t._s, self))
            made._t.plain = True
            found = self._spread[key] = t, made
        return self._alias(found[1], self._carried(given)) if hasattr(given, "_tangent") else found[1]

    def _alias(self, t: Tensor, carried: Any) -> Tensor:
        made = blank(Tensor)
        made._v, made._s, made._t, made._r = t._v, t._s, t._t, t._r
        if carried is not None:
            made._tangent = carried
        return made

    def _carried(self, t: Tensor) -> Any:
        """The tangents of a Tensor as rows inside may save them; the same where nothing changes."""
        carried = given = getattr(t, "_tangent", None)
        levels = []
        while carried is not None:
            levels.append(carried[:2])
            carried = carried[2]
        moved = [self.inside(tangent) for _, tangent in levels]
        if all([new is old for new, (_, old) in zip(moved, levels, strict=True)]):
            return given
        for new, (level, _) in zip(moved[::-1], levels[::-1], strict=True):
            carried = (level, new, carried)
        return carried


def _origin(t: Tensor) -> tuple[Tensor, Any, int]:
    """A Tensor, or the leaf on whose row it stands; its Mark, or its tape; and its row there: where the one that it stands on is an import, the
    imported one."""
    home, row = t._t, t._r
    while type(home) is not Mark:
        op = home.rows[row]
        if op == IMPORT:
            home, row = home.rows[row + 3], home.rows[row + 4]
        elif op == LEAF and (leaf := home.rows[row + 3]()) is not None and leaf._t is not None:
            t, home, row = leaf, leaf._t, leaf._r
        else:
            break
    return t, home, row


__all__ = ["Border"]
