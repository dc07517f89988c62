"""`Compiled`: a function that is recorded once for each kind of arguments and replayed afterwards.

A call finds its `Signature` (structure, shapes and dtypes of the arguments), in it the `Variant` whose guards hold, and replays that; else it
records. Invariant: a result comes from a replay whose guards all held and whose outside state is unchanged, or from running the
function itself. Imports recording, variant, outside, tape.func.structures. Imported by tape/compile/__init__ on first use.
"""

from __future__ import annotations

import functools
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from tape import kinks
from tape.columns import Mark
from tape.compile.arguments import (
    UNREAD,
    as_argument,
    as_input,
    finished,
    has_attributes,
    has_tangent,
    kinds_of,
    own,
    positional,
    released,
)
from tape.compile.constants import freeze
from tape.compile.given import Given
from tape.compile.home import method, restore
from tape.compile.outside.sameness import differences
from tape.compile.outside.snapshot import Snapshot
from tape.compile.program import Miss
from tape.compile.recording import Recording
from tape.compile.running import try_traced
from tape.compile.signature import Options, Signature
from tape.compile.variant import Variant
from tape.compile.verdict import final, told
from tape.dtypes import as_dtype
from tape.errors import at
from tape.func.structures import Structure, flatten
from tape.state import STATE
from tape.tensor import Tensor, array
from tape.traced import Traced

MISSES = 4  # value guards that miss so often running: the function runs eagerly from then on
CHANGES = 8  # calls running before which something outside changed: the function runs eagerly from then on
AS_REPLAY, AS_ROW, EAGERLY = "as a replay", "as a row", "eagerly"  # how a call goes
SIGNATURES = 256  # kinds of arguments that are kept; the oldest go
LIVE: weakref.WeakSet[Compiled] = weakref.WeakSet()


def _look_again() -> None:
    """Other derivatives at kinks are in force: what a function's last program is must be found by its signature."""
    for each in list(LIVE):
        each._quick = None


kinks.LISTENERS.append(_look_again)


class Compiled:
    """A function with its programs. Made by `tape.compile`; call it like the function."""

    def __init__(self, fn: Callable, **options: Any) -> None:
        if not callable(fn):
            raise TypeError(f"compile: got {type(fn).__name__}; wanted a function")
        unknown = set(options) - set(Options._fields)
        if unknown:
            raise TypeError(f"compile: unknown options {sorted(unknown)}; there are {', '.join(Options._fields)}")
        if isinstance(fn, Compiled):
            fn = fn.fn
        self.fn = fn
        options["passes"] = tuple(options.get("passes", ()))
        self.options = Options(**options)
        self.signatures: dict[Any, Signature] = {}
        self._lock = threading.RLock()
        self._quick: Any = None  # (built-in function of a native program, check of the state outside or None, its variant, builder of results or None)
        self._latest: Signature | None = None
        functools.update_wrapper(self, fn, updated=())
        LIVE.add(self)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Methods: each instance has programs of its own."""
        if instance is None:
            return self
        return method(self, instance, owner)

    def __reduce__(self) -> Any:
        """By the name that it stands under, as functions are pickled, where it took the place of `fn` (a decorator); else `fn` and the options."""
        name = getattr(self.fn, "__qualname__", "")
        held: Any = sys.modules.get(getattr(self.fn, "__module__", ""))
        for part in name.split("."):
            held = getattr(held, part, None)
        return name if held is self else (restore, (Compiled, self.fn, self.options))

    def __repr__(self) -> str:
        programs = sum(len(s.variants) for s in self.signatures.values())
        return f"<compiled {getattr(self.fn, '__qualname__', self.fn)!s}: {programs} programs>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        quick = self._quick
        if quick is not None and not kwargs and STATE.trace is None and (quick[1] is None or quick[1]()):
            found = quick[0](*args)
            if found is not None:
                return found if quick[3] is None else quick[3](found)
        if STATE.trace is not None:  # inside another recording: part of that program
            return self.fn(*args, **kwargs)
        leaves: list = []
        signature = self._latest
        if signature is None or not signature.fits((args, kwargs), leaves):
            leaves, structure = flatten((args, kwargs))
            kinds = kinds_of(leaves)
            signature = self.signatures.get((structure, kinds, kinks.current().name)) or self._new_signature(structure, kinds)
            self._latest = signature
        structure, kinds = signature.structure, signature.kinds
        way = self.way(signature, leaves)
        if way == EAGERLY:
            return self._eager(leaves, structure, (args, kwargs))
        if way == AS_ROW:
            from tape.compile.differentiable import call

            return call(self, signature, leaves, (args, kwargs))
        arguments = [as_argument(leaf, kind) for leaf, kind in zip(leaves, kinds, strict=True) if kind[0] not in UNREAD]
        tensors = any(kind[0] == "tensor" for kind in kinds)
        try:
            found = self._replay(signature, arguments)
        except Exception:  # an operation fails at these values: the function may know what to do about it
            return self._eager(leaves, structure, (args, kwargs))
        if found is None:
            again = self.way(signature, leaves) != way  # what has changed outside is whether a Tensor requires grad
            return self(*args, **kwargs) if again else self._record(signature, leaves, arguments, (args, kwargs))
        if self.options.audit:
            self.audit(found[0].leaves(found[1]), found[0].structure, leaves, structure)
        variant = found[0]
        if variant.quick is not None and (self._quick is None or self._quick[2] is not variant):
            watched = variant.outside is not None and variant.outside.watched()
            self._quick = variant.quick, variant.outside.unchanged if watched else None, variant, variant.builder()
        return found[0].structure.build([finished(leaf, tensors) for leaf in found[0].leaves(found[1])])

    def _new_signature(self, structure: Structure, kinds: tuple) -> Signature:
        for kind in kinds:
            if kind[0] == "array":
                as_dtype(kind[2].newbyteorder("="))  # TypeError where Tensors have no such dtype
        with self._lock:
            while len(self.signatures) >= SIGNATURES:
                del self.signatures[next(iter(self.signatures))]
            kink = kinks.current().name
            return self.signatures.setdefault((structure, kinds, kink), Signature(structure, kinds, kink))

    def way(self, signature: Signature, leaves: list) -> str:
        """How a call goes: as a replay, as a row where the result is to have a history, since an argument requires grad or a Tensor that the
        function captured does; eagerly where such a Tensor has a history of its own, or a tangent."""
        if signature.eager:
            return EAGERLY
        if not any(kind[0] == "tensor" for kind in signature.kinds) and signature.kinds:
            return AS_REPLAY
        if any(map(has_attributes, leaves)) or STATE.dual and has_tangent([*leaves, *self._captured(signature, leaves)]):
            return EAGERLY
        if not STATE.grad or STATE.inference:
            return AS_REPLAY
        if signature.captured is None:
            found = [t for t in self._captured(signature, leaves) if t._t is not None]
            signature.onwards = any(type(t._t) is not Mark for t in found)
            if signature.onwards:
                return EAGERLY
            signature.captured = found
        return AS_ROW if signature.captured or any(isinstance(leaf, Tensor) and leaf._t is not None for leaf in leaves) else AS_REPLAY

    def _captured(self, signature: Signature, leaves: list) -> list[Tensor]:
        """The Tensors that the function can reach outside."""
        static = [leaf for leaf, kind in zip(leaves, signature.kinds, strict=True) if kind[0] == "static"]
        found = [thing for _, thing in Snapshot(self.fn, static).values if isinstance(thing, Tensor)]
        return list({id(t): t for t in found}.values())

    # replay

    def _replay(self, signature: Signature, arguments: list[np.ndarray]) -> tuple[Variant, list[Any]] | None:
        """The variant that holds, and its outputs; None where none does."""
        tried: list[Variant] = []
        stale: Variant | None = None
        paths: list[tuple] = []  # where the guards before the last hold (they are not evaluated in order), that one has this outcome
        for variant in list(signature.variants):
            if any(variant.branch[: len(seen) - 1] == seen[:-1] and variant.branch[: len(seen)] != seen for seen in paths):
                continue
            if variant.outside is not None and not variant.outside.unchanged():
                stale = stale or variant
                continue
            try:
                outputs = variant.replay(arguments)
            except Miss as miss:
                tried.append(variant)
                last = variant.path(miss)
                paths += [] if variant.rounds(miss) else [last]
                continue
            if signature.variants[0] is not variant:
                signature.variants.sort(key=lambda v: v is not variant)
            signature.running_misses = signature.changes = 0
            if variant.native is not None and variant.outside is not None:
                variant.outside.sharpen()
            return variant, outputs
        if tried:
            self.missed(signature, tried[-1], last)
        elif stale is not None:
            self.changed(signature, stale)
        return None

    def changed(self, signature: Signature, variant: Variant) -> None:
        """State outside is not what it was: from now on read changed Tensors anew; give up where something changes at every call."""
        signature.changes += 1
        signature.captured = None  # to be looked for again
        told = variant.outside.changed()
        written = [now for seen, now in differences(variant.outside.parts) if now is seen.value or seen.kind == "float"]
        for _, thing in variant.outside.values:
            if isinstance(thing, Tensor) and any(thing is now or thing._v is now for now in written):
                if not any(thing is t for t in signature.lifted):
                    signature.lifted.append(thing)
        if signature.changes >= CHANGES:
            signature.eager.append(f"{told}: it changed before each of {CHANGES} calls running; pass it as an argument")

    def missed(self, signature: Signature, variant: Variant, path: tuple) -> None:
        """Count the miss of a guard, the last of `path`; give up where values are always others."""
        number = len(path) - 1
        row = next(row for row, k in variant.guard_rows.items() if k == number)
        guard, place = variant.program.params[row], variant.program.place[row]
        name = f"{guard.asked} at {'an unknown place' if place is None else at(place)}"
        signature.misses[name] = signature.misses.get(name, 0) + 1
        if guard.kind != "value":
            return
        signature.running_misses += 1
        if signature.running_misses >= MISSES:
            signature.eager.append(
                f"{name} took another value {MISSES} times running: the number leaves the tape there. Compute with Tensors instead "
                "(tape.sin(x), not math.sin(float(x))), or pass the number as an argument of its own"
            )

    def audit(self, found: list[Any], shape: Structure, leaves: list, structure: Structure) -> None:
        """Run the function and compare with what a replay found. RuntimeError where they differ."""
        from tape.compile.variant import _differ

        result, wanted = flatten(self._eager(leaves, structure))
        mine, theirs = ([np.asarray(array(x) if isinstance(x, Tensor) else x) for x in each] for each in (found, result))
        problem = "the structure of its result" if shape != wanted else _differ(mine, theirs)
        if problem is not None:
            raise RuntimeError(f"audit of {self!r}: a replay differs from running the function: {problem}")

    # running the function

    def _eager(self, leaves: list, structure: Structure, theirs: Any = None) -> Any:
        """The function itself, NumPy in and NumPy out. `theirs`: the caller's arguments, whose containers the function may change."""
        tensors = any(isinstance(leaf, Tensor) for leaf in leaves)
        args, kwargs = built = structure.build([as_input(leaf) for leaf in leaves])
        given = Given(theirs, built)
        try:
            result, shape = flatten(self.fn(*args, **kwargs))
        finally:
            given.back()
        return shape.build([finished(leaf, tensors) for leaf in result])

    def _record(self, signature: Signature, leaves: list, arguments: list[np.ndarray], theirs: Any) -> Any:
        """Run the function on traced values; keep the program if it can be kept."""
        with self._lock:
            arguments = [np.array(a) for a in arguments]
            traced = try_traced(self.fn, signature, leaves, arguments, (), (), theirs)
            if isinstance(traced, str):
                result = self._eager(leaves, signature.structure, theirs)
                signature.eager.append(traced)
                return result
            recording, result, shape, outside = traced
            results, outputs, expected = [], [], []
            for leaf in result:
                value = leaf._v if isinstance(leaf, Tensor) else leaf
                if type(value) is Traced and value.trace is recording:
                    results.append((len(outputs), None))
                    outputs.append(recording.row_of(value))
                    expected.append(value.now)
                else:
                    results.append((-1, own(leaf)))
            recording.program.outputs = outputs
            reasons = told(recording, outside, result)
            plainly = [released(leaf) for leaf in result]
            signature.recordings += 1
            if reasons:
                if final(recording, outside, signature):
                    signature.eager += reasons
            else:
                self._keep(signature, recording, results, shape, arguments, expected, outside)
        tensors = any(kind[0] == "tensor" for kind in signature.kinds)
        return shape.build([finished(made, tensors, made is not leaf) for leaf, made in zip(result, plainly, strict=True)])

    def _keep(
        self, signature: Signature, recording: Recording, results: list, shape: Any, arguments: list, expected: list, outside: Any
    ) -> None:
        freeze(recording.program, outside)
        try:
            variant = Variant(recording.program, results, shape, arguments, expected, self.options, outside, positional(signature))
        except Exception as problem:  # no program is better than a wrong one
            signature.eager.append(f"no program could be made: {type(problem).__name__}: {problem}")
            return
        signature.variants.insert(0, variant)
        del signature.variants[self.options.limit :]

    # seeing it

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until native code is ready for everything recorded so far. Returns whether it is (False after `timeout` seconds)."""
        return all([v.wait(timeout) for s in self.signatures.values() for v in s.programs()])

    def explain(self, measure: bool = False) -> str:
        """What is kept and why: programs, guards and misses with file:line, passes and what they saved, tiers, estimated times, bytes;
        `measure`: also the time of each step of native programs, run at the recorded inputs."""
        from tape.compile.seeing import explain

        return explain(self, measure)

    def show(self, rows: int = 200) -> str:
        """The program used last, as readable text."""
        from tape.compile.seeing import show

        return show(self, rows)

    def to_python(self) -> str:
        """The program used last as the source of a function that gives every array and number of the result as a list. It calls NumPy; what
        NumPy lacks, or rounds otherwise, is imported from tape or SciPy. Where it has a parameter `constants` without a default, call it with
        `constants()` there: arrays too long to write out, and functions of yours."""
        from tape.compile.seeing import to_python

        return to_python(self)

    def constants(self) -> dict[str, Any]:
        """What the function of `to_python()` takes as `constants`, by name; empty where it needs none."""
        from tape.compile.seeing import constants

        return constants(self)


__all__ = ["Compiled"]
