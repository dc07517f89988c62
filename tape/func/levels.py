"""Levels: one application of a reverse transform, from aliases of its inputs to results that carry no trace of them.

`Level.variable` makes the alias that a function sees in the place of an input, `settle` finds out whether anybody outside can want
derivatives of the outputs, `pull` sweeps, `release` hands results out. An input with history gets an alias with history, which
outer levels differentiate through; any other gets a hidden leaf, whose history `release` cuts off where nothing else is in it.
Invariant: a Tensor that leaves a level requires grad exactly where it depends on something outside that does, so nesting
composes and nothing is re-recorded for nobody. A level begins on a tape of its own: what is older lies outside.
Imports autograd and reach; imported by tape.func only.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from compiled_ops import layout as m
from compiled_ops.rows import LEAF
from tape.autograd import forward_ad, grad
from tape.autograd.grad_mode import inference_mode, set_grad_enabled
from tape.columns import ROW, Tape, close
from tape.functions.creation import zeros_like
from tape.reach import reach
from tape.replay import LOCK, compiled
from tape.state import STATE
from tape.tensor import Tensor, tangent_of


class Evaluation:
    """Whether a level's function is running: until it has returned, its hidden leaves are somebody's to differentiate by."""

    __slots__ = ("running",)

    def __init__(self) -> None:
        self.running = True


# tape -> its number, and the rows of its hidden leaves
_hidden: weakref.WeakKeyDictionary[Tape, tuple[int, dict[int, Evaluation]]] = weakref.WeakKeyDictionary()


@contextmanager
def no_inference(alone: bool = False) -> Iterator[None]:
    """Out of inference mode, with gradients as they are: what transforms return is ordinary. `alone`: nobody outside can want derivatives, as in
    inference mode."""
    before = STATE.saves_inference
    STATE.saves_inference = before or alone or STATE.inference
    try:
        if not STATE.inference:
            yield
            return
        with inference_mode(False), set_grad_enabled(False):
            yield
    finally:
        STATE.saves_inference = before


_kept: weakref.WeakSet[Level] = weakref.WeakSet()  # levels that can be pulled back through
_lock = threading.Lock()  # held while that set is read or grows


class Level:
    """One application of a reverse transform; inside `with`, operations are recorded whatever the mode around is.

    `ambient`: whether gradients were on outside; `linked`: whether somebody outside can differentiate the outputs.
    """

    __slots__ = ("ambient", "linked", "variables", "versions", "first", "last", "hidden", "evaluation", "_recording", "_saved", "__weakref__")

    def __init__(self) -> None:
        self.ambient = STATE.grad and not STATE.inference
        self.linked = False
        self.variables: list[Tensor] = []
        self.versions: list[int] = []
        self.first: Any = None  # the tape that the level begins on, None until a variable is made
        self.last = 0  # the number of the last tape, of a level that is kept
        self.hidden = False  # whether a variable stands on a hidden leaf
        self.evaluation = Evaluation()

    def __enter__(self) -> Level:
        self._recording = inference_mode(False)  # which switches gradients on
        self._recording.__enter__()
        self._saved = STATE.saves_inference
        STATE.saves_inference = self._saved or not self.linked
        if STATE.tape is not None and self.first is None:
            close(STATE.tape)
        return self

    def __exit__(self, *exc: Any) -> None:
        self._recording.__exit__(*exc)
        STATE.saves_inference = self._saved
        self.evaluation.running = False

    def variable(self, x: Tensor) -> Tensor:
        """What the function sees in the place of `x`: the same value, the same tangent, a row of its own."""
        if self.ambient and x.requires_grad:
            if STATE.trace is not None and STATE.trace.lasting:
                x = STATE.trace.within(x)  # its gradient here is one for each example
            made = _alias(x)
            self._begin(made)
            self.linked, STATE.saves_inference = True, self._saved
        else:
            # detached, a 0-d float would leave its handle, and an inference tensor stay one
            own = x.detach() if x.requires_grad or x.ndim and not x.is_inference() else x.clone()
            leaf = own.requires_grad_()
            made = _alias(leaf)
            self._begin(made)
            self.hidden = True
            rows = _hidden.get(made._t)
            if rows is None or rows[0] != made._t.num:  # an emptied tape goes on under another number
                rows = _hidden[made._t] = made._t.num, {}
            assert leaf._t is not None
            rows[1][leaf._t.row] = self.evaluation
            if STATE.dual:
                made._tangent = getattr(x, "_tangent", None)  # of every level that is open
        return made

    def _begin(self, made: Tensor) -> None:
        if self.first is None:
            self.first = made._t

    def start(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Make the variables of all inputs."""
        self.variables = [self.variable(x) for x in inputs]
        self.versions = [v._version for v in self.variables]
        return self.variables

    def settle(self, outputs: Sequence[Tensor], name: str) -> None:
        """Look at what the function returned. RuntimeError where it wrote into its arguments."""
        for v, version in zip(self.variables, self.versions, strict=True):
            if v._version != version:
                raise RuntimeError(
                    f"{name}: the function wrote in place into an argument of shape {tuple(v.shape)}; let it write to a clone()"
                )
        if self.ambient and not self.linked:
            self.linked = STATE.dual > 0 and not forward_ad.has_constants() or any(self.depends(outputs))

    def graph_for(self, others: Sequence[Tensor]) -> bool:
        """Whether a sweep with these cotangents has to be recorded: gradients are on and the result can be differentiated."""
        if not STATE.grad or STATE.inference:
            return False
        return self.linked or any(t.requires_grad or (s := tangent_of(t)) is not None and s.requires_grad for t in others)

    def pull(self, outputs: Sequence[Tensor], cotangents: Sequence[Tensor], retain: bool, create_graph: bool) -> list[Tensor]:
        """The gradients of the outputs with respect to the variables, zeros for unused ones; not released yet."""
        pairs = [(y, g) for y, g in zip(outputs, cotangents, strict=True) if y.requires_grad]
        if not pairs or not self.variables:
            return [zeros_like(v) for v in self.variables]
        return pulled([y for y, _ in pairs], self.variables, [g for _, g in pairs], retain, create_graph)

    def release(self, tensors: Sequence[Tensor], keep: bool) -> list[Tensor]:
        """The Tensors as the outside may have them: with history only if it leads outside and is to be kept."""
        if STATE.dual and len(STATE.duals) > 1:  # tangents of tangents: all but histories stay
            return [self._cut(t) if t.requires_grad and not stays else t for t, stays in zip(tensors, self._kept(tensors, keep), strict=True)]
        tangents = [tangent_of(t) for t in tensors]
        histories = [*tensors, *(s for s in tangents if s is not None)]
        kept = self._kept(histories, keep)
        following = iter(kept[len(tensors) :])
        found = []
        for t, stays, tangent in zip(tensors, kept, tangents, strict=False):
            made = t.detach() if t.requires_grad and not stays else t
            if tangent is not None:
                cut = not next(following) and tangent.requires_grad
                if made is not t or cut:
                    made = forward_ad.with_tangent(made, tangent.detach() if cut else tangent)
            found.append(made)
        return found

    def _kept(self, tensors: Sequence[Tensor], keep: bool) -> list[bool]:
        return self.depends(tensors) if keep else [False] * len(tensors)

    def _cut(self, t: Tensor) -> Tensor:
        """A Tensor without history, with the tangents that it has, whatever their levels."""
        made = t.detach()
        made._tangent = getattr(t, "_tangent", None)
        return made

    def depends(self, tensors: Sequence[Tensor]) -> list[bool]:
        """Which Tensors depend on something outside that requires grad."""
        if not self.hidden or not any(t.requires_grad for t in tensors):
            return [t.requires_grad for t in tensors]
        if len(tensors) > 1 and not self._leads_outside(tensors):
            return [False] * len(tensors)
        return [self._leads_outside([t]) for t in tensors]

    def keep(self, outputs: Sequence[Tensor]) -> None:
        """Remember which tapes the function was recorded on, for a level whose outputs are pulled back through later on."""
        numbers = [t._t.num for t in outputs if t.requires_grad and not t.is_leaf]
        if self.first is not None and numbers:
            self.last = max(numbers)
            with _lock:
                _kept.add(self)

    def _leads_outside(self, tensors: Sequence[Tensor]) -> bool:
        """Whether the history of any of these ends elsewhere than in hidden leaves of this level and of finished ones."""
        if self._alone and all(t._t is self.first for t in tensors if t.requires_grad):
            return False
        close(self.first)
        roots = []
        for t in tensors:
            if t.requires_grad:
                if t.is_leaf or 0 < t._t.closed < self.first.closed:
                    return True
                roots.append((t._t, t._r))
        return bool(roots) and self._ends_outside(roots, self.first)

    @property
    def _alone(self) -> bool:
        """Whether all that was recorded stands on one tape, whose only leaves are the hidden ones; found without visiting its rows."""
        first = self.first
        return not first.closed and not first.imports and first.rows[::ROW].count(LEAF) == len(_hidden.get(first, (0, ()))[1])

    def _ends_outside(self, roots: list[tuple[Tape, int]], first: Tape) -> bool:
        """Look at the ends of these rows' histories, as far back as the tape `first`."""
        older = []
        with LOCK:
            reached = reach(roots, [(first, ROW)], True, compiled())  # nothing older than `first` is visited
            count = reached.head[m.SPECIALS]
            ends = [
                (reached.locate(k)[0], row)
                for k, row in zip(reached.special[:count].tolist(), reached.special_row[:count].tolist(), strict=True)
            ]
            reached.done()
        for tape, row in ends:
            if tape.rows[row] == LEAF:
                number, hidden = _hidden.get(tape, (0, {}))
                leaf = hidden.get(row)
                if number != tape.num or leaf is None or leaf.running and leaf is not self.evaluation:
                    return True
            elif tape.rows[row + 3].closed < first.closed:
                older.append((tape.rows[row + 3], tape.rows[row + 4]))
        for home, row in older:  # all of that lies outside, but for the inside of a pullback that is still held
            inside = _level_around(home)
            if inside is None or self._ends_outside([(home, row)], inside.first):
                return True
        return False


def _level_around(tape: Tape) -> Level | None:
    """The kept level on one of whose tapes this one is."""
    with _lock:
        for level in _kept:
            if level.first.num <= tape.num <= level.last and 0 < level.first.closed <= tape.closed:
                return level
    return None


def _alias(x: Tensor) -> Tensor:
    """The same value on a row of its own; a 0-d one is copied, which costs less than sharing it."""
    return x.view_as(x) if x.ndim else x.clone()


def pulled(
    outputs: Sequence[Tensor], inputs: Sequence[Tensor], cotangents: Sequence[Tensor], retain: bool, create_graph: bool
) -> list[Tensor]:
    """`autograd.grad`, with zeros for inputs that the outputs do not depend on."""
    before, STATE.onwards = STATE.onwards, False
    try:
        found = grad(outputs, inputs, cotangents, retain, create_graph, allow_unused=True)
    finally:
        STATE.onwards = before
    return [zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True)]


__all__ = ["Level", "no_inference", "pulled"]
