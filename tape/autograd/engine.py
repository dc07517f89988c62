"""backward and grad: the contract of PyTorch's entry points over the two kinds of sweep.

`run` checks nothing of the user's and knows no Tensor arguments beyond roots, cotangents and targets; `backward` and `grad` in
tape/autograd/__init__ prepare them. Order: visit, strike out, take over saved values (all under one lock), sweep, and only then
accumulate into leaves, so a backward pass that fails leaves every `.grad` as it was.
Imports reach, replay, rerecord, hooks, versions; imported by autograd and Tensor methods.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops import layout as m
from compiled_ops.rows import FIRST_OPCODE
from tape import hooks as hooking
from tape import versions
from tape.autograd.short import gradients
from tape.columns import Mark, Tape
from tape.functions.elementwise import add
from tape.functions.layout import clone
from tape.hooks import RUNNING, Sweeping
from tape.inplace import COPY, add_in_place
from tape.reach import Reached, reach, restrict
from tape.record import FUNCTION, OUTPUT, cast, record
from tape.replay import LOCK, Replay, compiled
from tape.rerecord import Plain
from tape.spec import SCALAR
from tape.state import STATE, change
from tape.tensor import Tensor, array, wrap

watch: Callable[[Reached, list[tuple[int, Tensor]]], None] | None = None  # set by tape/debug: looks at a sweep before it runs
row_by_row = False  # set by autograd/profiler: sweeps run in Python, so that each row can be timed


class Target:
    """What a gradient is wanted for: a leaf (`tape` is None), a row, or both a row and the Tensor that stands on it."""

    __slots__ = ("tensor", "tape", "row")

    def __init__(self, tensor: Tensor | None, tape: Any, row: int) -> None:
        self.tensor, self.tape, self.row = tensor, tape, row

    @classmethod
    def of(cls, t: Tensor) -> Target:
        return cls(t, None, 0) if type(t._t) is Mark else cls(t, t._t, t._r)

    def entry(self, reached: Reached) -> int | None:
        """Its entry among the visited rows; None where the roots do not depend on it."""
        if self.tape is None:
            return reached.leaf_entry.get(id(self.tensor))
        return reached.entry.get((self.tape.num, self.row))

    def seen(self) -> int:
        """Its row where somebody can tell whether that runs, by hooks on its Node or as a user's backward; else 0."""
        rows = self.tape.rows
        row = rows[self.row + 1] if rows[self.row] == OUTPUT else self.row
        hooks = self.tape.hooks.get(row)
        return row if rows[row] == FUNCTION or hooks is not None and (hooks.pre or hooks.post) else 0


def run(
    roots: list[tuple[Tape, int]],
    cotangents: list[Tensor],
    targets: list[Target] | None,
    retain: bool,
    create_graph: bool,
    accumulate: bool,
    may_be_short: bool = True,
) -> list[Tensor | None]:
    """Sweep from the roots. Returns one gradient (or None) a target; with `accumulate` adds to leaves' `.grad` instead: those of the
    targets, or of every leaf reached where targets is None; the rows of targets run as well then, as in PyTorch, though nothing comes of it.
    `may_be_short`: the short way has not been tried in vain."""
    native = compiled()
    plain = create_graph or STATE.anomaly or STATE.dual > 0 or STATE.trace is not None or not native or row_by_row
    also = [(t.tape, row) for t in targets if t.tape is not None and (row := t.seen())] if accumulate and targets is not None else []
    if may_be_short and not plain and watch is None and len(roots) == 1 and type(cotangents[0]._v) is float and not also:
        short = _short(roots[0], cotangents[0], targets, retain, accumulate)
        if short is not None:
            return short
    replay, depth = None, len(RUNNING.sweeps)
    grad, inference, place, safe, saving = STATE.grad, STATE.inference, STATE.place, STATE.safe, STATE.saving
    try:
        with LOCK:
            interest = [(t.tape, t.row) for t in targets if t.tape is not None] if targets is not None else []
            reached = reach(roots, interest + also, targets is not None and len(interest) == len(targets), native)
            entries = [t.entry(reached) for t in targets] if targets is not None else list(reached.leaves)
            plain = plain or any([tape.plain for tape, _, _ in reached.tapes])
            run_too = [k for tape, row in also if (k := reached.entry.get((tape.num, row))) is not None]
            restrict(reached, None if targets is None else [e for e in entries if e is not None] + run_too)
            for k in run_too:
                reached.flags[k] &= ~m.STRUCK
            versions.check(reached, native)
            sweep = _Sweep(reached, entries, targets, create_graph, retain, accumulate)
            if watch is not None:
                watch(reached, sweep.seeds(roots, cotangents))
            if not plain:
                replay = Replay(reached, sweep.at_entry)
                replay.hold(retain)
        RUNNING.sweeps.append(sweep)
        if replay is None:
            change(grad=create_graph, inference=False, safe=safe or any([tape.safe for tape, _, _ in reached.tapes]))
            sweep.run_plain(Plain(reached, create_graph, retain), roots, cotangents)
        else:
            sweep.run_compiled(replay, roots, cotangents)
            replay.let_go()
            replay = None
        found = [None if e is None else sweep.found.get(e) for e in entries]
        if accumulate:
            sweep.accumulate(targets, entries)
    finally:  # first what needs no call: Python looks for a pending interrupt at calls
        STATE.grad, STATE.inference, STATE.place, STATE.safe, STATE.saving = grad, inference, place, safe, saving
        STATE.open = STATE.tape if grad and not inference and not STATE.dual and place is None and STATE.trace is None and STATE.saving is None else None
        del RUNNING.sweeps[depth:]
        if replay is not None:
            replay.let_go()
    reached.done()
    return found


def at_once(output: Any, inputs: list, retain: bool) -> list[Tensor | None] | bool:
    """What `run` gives for one 0-d float64 output and Tensors that need a gradient, where the short way serves. Where it does not, whether
    `run` may try it for what was given."""
    if (
        not isinstance(output, Tensor) or output._s is not SCALAR or type(output._t) is not Tape or watch is not None or row_by_row
        or STATE.anomaly or STATE.dual or STATE.trace is not None or not compiled()
    ):  # fmt: skip
        return True
    for t in inputs:
        if not isinstance(t, Tensor) or t._t is None:
            return True
    done = gradients(output._t, output._r, None, inputs, retain)
    return False if done is None else done[1]


def _short(root: tuple[Tape, int], seed: Tensor, targets: list[Target] | None, retain: bool, accumulate: bool) -> list[Tensor | None] | None:
    """The short way, where it serves."""
    wanted = None
    if targets is not None:
        wanted = []
        for target in targets:
            if target.tensor is None:
                return None
            wanted.append(target.tensor)
    done = gradients(*root, seed, wanted, retain, not accumulate)
    if done is None:
        return None
    if accumulate:
        for k, (t, g) in enumerate(zip(*done, strict=True)):
            if g is not None and (targets is None or not any(t is earlier for earlier in done[0][:k])):
                _add_to_grad(t, g, False, True)
    return done[1]


def current_sweep(tensors: list[Tensor]) -> tuple[int, int]:
    """A number for the sweep whose hook is running, and how many of these Tensors it gives a gradient."""
    sweep = RUNNING.sweeps[-1]
    return sweep.number, sum(sweep.reaches(t) for t in tensors)


class _Sweep(Sweeping):
    """One sweep's hooks, captures and results."""

    def __init__(self, reached: Reached, entries: list[int | None], targets: list[Target] | None, create_graph: bool, retain: bool, accumulate: bool) -> None:
        super().__init__(retain, accumulate and targets is None)
        self.reached, self.create_graph = reached, create_graph
        if targets is None:
            self.specs: dict[int, Any] = {k: leaf._s for k, leaf in reached.leaves.items()}
        else:
            self.specs = {k: t.tensor._s if t.tensor is not None else None for k, t in zip(entries, targets, strict=True) if k is not None}
        self.wanted = self.specs.keys()
        self.found: dict[int, Tensor] = {}
        self.owned: set[int] = set()  # entries whose gradient nobody else holds
        self.accumulates, self.accumulated = accumulate, set[int]()  # entries of leaves whose `.grad` has its share already
        for tape, _, _ in reached.tapes:
            for row in tape.hooks:
                k = reached.find(tape, row)
                if k is not None and (k in self.wanted or not reached.flags[k] & m.STRUCK):
                    reached.flags[k] |= m.IN_PYTHON
        for k, leaf in reached.leaves.items():
            if hooking.existing(leaf) is not None and k in self.wanted:
                reached.flags[k] |= m.IN_PYTHON

    def reaches(self, t: Tensor) -> bool:
        """Whether the sweep computes a gradient of this Tensor."""
        k = self.reached.leaf_entry.get(id(t)) if type(t._t) is Mark else self.reached.find(t._t, t._r)
        return k is not None and (k in self.wanted or not self.reached.flags[k] & m.STRUCK)

    def root(self, tape: Tape, row: int) -> int:
        """The entry of a root. A leaf may stand on several tapes: all of its rows mean one entry."""
        columns, k = self.reached.columns, self.reached.entry[tape.num, row]
        alias = columns.item(m.ALIAS, k) if columns.item(m.OP, k) < FIRST_OPCODE else 0
        return alias - 1 if alias else k

    def at_entry(self, k: int, g: Tensor) -> Tensor:
        """Hooks on a complete gradient, then `retain_grad`, in that order. Returns the gradient to go on with."""
        leaf = self.reached.leaves.get(k)
        if leaf is not None:
            hooks = hooking.existing(leaf)
            wanted = getattr(leaf, "_grad_dtype", None)
            g = g if wanted is None else cast(g, wanted)
        else:
            tape, row = self.reached.locate(k)
            hooks = tape.hooks.get(row)
        if hooks is not None:
            g = hooking.run_on_gradient(hooks.tensor, g)
            for reference in hooks.kept:
                t = reference()
                if t is not None and getattr(t, "_gradient", None) is None:
                    _add_to_grad(t, g, self.create_graph)
                elif t is not None:  # a new object: only leaves accumulate in place
                    t._gradient = t._gradient + g
        if leaf is None and k in self.wanted:
            self.found[k] = g
        elif leaf is not None and hooks is not None and self.accumulates and (hooks.pre or hooks.after or hooks.post):
            self.found[k] = g  # its hooks see `.grad` now, not at the end of the sweep
            self._accumulate_leaf(leaf, k)
        return g

    def seeds(self, roots: list, cotangents: list[Tensor]) -> list[tuple[int, Tensor]]:
        """Entries of the roots with their cotangents, last first; roots older than every target are left out."""
        found = []
        for (tape, row), g in zip(roots, cotangents, strict=True):
            if (tape.num, row) in self.reached.entry:
                found.append((self.root(tape, row), g))
        found.reverse()
        return found

    def run_plain(self, plain: Plain, roots: list, cotangents: list[Tensor]) -> None:
        columns = self.reached.columns
        for k in self.wanted:
            columns[m.RESULT, k] = 1  # keeps the gradient of an entry that also runs
        for k, g in self.seeds(roots, cotangents):
            plain.add(k, g)
        left = plain.run(self.at_entry)
        self.found = {k: left[k] for k in self.wanted if k in left}

    def run_compiled(self, replay: Replay, roots: list, cotangents: list[Tensor]) -> None:
        for k, spec in self.specs.items():
            if spec is None or spec.code < 0 and k not in self.reached.leaves:
                self.reached.flags[k] |= m.IN_PYTHON  # caught when it is complete
            elif spec.code >= 0:
                replay.want(k, spec)
        for k, g in self.seeds(roots, cotangents):
            replay.seed(k, g._v, g)
        replay.run()
        for k in self.wanted:
            if k in self.found:
                continue
            if self.accumulates:
                value = replay.result(k)
                g = None if value is None else wrap(value)
                self.owned.add(k)
            else:
                g = replay.tensor(k)
            if g is not None:
                self.found[k] = g

    def accumulate(self, targets: list[Target] | None, entries: list[int | None]) -> None:
        """Add to `.grad`, then run the hooks of accumulation."""
        seen: set[int] = set()
        for position, k in enumerate(entries):
            if k is None or k in seen or k not in self.found:
                continue
            seen.add(k)
            leaf = self.reached.leaves.get(k)
            if leaf is None:
                kept = targets[position].tensor if targets is not None else None
                if kept is not None:
                    _add_to_grad(kept, self.found[k], self.create_graph, k in self.owned)
                    if not kept.retains_grad:  # as if retain_grad() had been called
                        hooking.of_row(kept._t, kept._r).kept.append(weakref.ref(kept))
                continue
            if k not in self.accumulated:
                self._accumulate_leaf(leaf, k)

    def _accumulate_leaf(self, leaf: Tensor, k: int) -> None:
        """Add to the `.grad` of a leaf, between the hooks of accumulation."""
        self.accumulated.add(k)
        g = self.found[k]
        hooks = hooking.existing(leaf)
        if hooks is not None and hooks.pre:
            (g,) = hooking.run_on_row(hooks.pre, (g,))
            if g is None:
                return
        _add_to_grad(leaf, g, self.create_graph, k in self.owned and g is self.found[k])
        if hooks is not None:
            for hook in list(hooks.after.values()):
                returned = hook(leaf)
                if returned is not None and not isinstance(returned, Tensor):
                    raise TypeError(f"hook {getattr(hook, '__name__', repr(hook))} returned {type(returned).__name__}; a post-accumulate hook returns None")
                if returned is not None and returned is not leaf:
                    raise RuntimeError(f"hook {getattr(hook, '__name__', repr(hook))} returned something; a post-accumulate hook returns None")
            if hooks.post:
                hooking.run_on_row(hooks.post, (), (g,))


def _add_to_grad(t: Tensor, g: Tensor, create_graph: bool, owned: bool = False) -> None:
    """`.grad = g`, or add to it: in place into the same object without create_graph, a new one with it. A first gradient is copied
    unless it is `owned`: it may be the user's cotangent, or the gradient of another leaf as well. It lies in memory as the leaf does."""
    dtype = getattr(t, "_grad_dtype", t._s.dtype)
    if g._s.dtype != dtype and dtype is not None:
        g = cast(g, dtype)
    have = getattr(t, "_gradient", None)
    if have is None:
        if create_graph and g._t is not None and type(t._t) is Tape:
            t._gradient = clone(g)
        elif create_graph and g._t is not None:
            value = _laid_out(array(g), t) if g._s.ndim else g._v
            t._gradient = record(COPY, (wrap(value), g), value, None, (g._s, (), None, None))
        elif type(g._v) is float:
            t._gradient = wrap(g._v)
        else:
            fits = owned and g._v.flags.owndata and (type(t._v) is float or t._v.flags.c_contiguous)
            t._gradient = wrap(g._v if fits else _laid_out(array(g), t))
    elif create_graph:
        t._gradient = add(have, g)
    else:
        add_in_place(have, g)


def _laid_out(values: np.ndarray, t: Tensor) -> np.ndarray:
    """A copy, with strides in the order of a leaf whose memory has no gaps, contiguous otherwise."""
    own = t._v
    if type(own) is np.ndarray and own.ndim > 1 and not own.flags.c_contiguous and t.is_leaf:
        made = np.empty_like(own)
        if made.strides == own.strides and type(values) is np.ndarray:
            made = np.empty_like(own, values.dtype)
            made[...] = values
            return made
    return values.copy()
