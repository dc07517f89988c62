"""One recording of a function, made ready to replay: the optimised program, its tiers, what it relies on, how its results are built.

`Variant.replay(arguments)` gives the leaves of the result, or raises Miss. A tier is taken into use only after it has given, at the recorded
arguments, the values that the recording saw. Native code is made in the background; until it is there the blocked tier serves.
Invariant: a variant never runs Python of the user's. Imports program, recording, the tiers. Imported by function.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.compile.arguments import own
from tape.compile.background import later, resume
from tape.compile.program import Miss, Program
from tape.cores import get_num_threads

SAME = 1e-6  # relative difference of a sum added in another order that is still the same value
TRIALS = 3  # calls at which native code that reads memory outside may prove itself
_PART = 1 << 15  # elements that are compared at a time: what is computed on the way stays in the cache


class Wrong(Exception):
    """A tier gave other values than the recording."""


class Variant:
    """A recorded path through a function. `results` says for every leaf of the result which output it is, or the constant."""

    def __init__(
        self,
        program: Program,
        results: list[tuple[int, Any]],
        structure: Any,
        arguments: list[Any],
        expected: list[Any],
        options: Any,
        outside: Any,
        kinds: list[str] | None = None,
    ) -> None:
        """`expected`: the outputs that the recording saw at `arguments`, arrays that nobody writes to; `outside`: what it read besides."""
        self.results, self.structure, self.options, self.outside = results, structure, options, outside
        self.recorded = program
        self.arguments, self.expected = list(arguments), [np.asarray(v) for v in expected]
        self.calls = self.exact_calls = 0
        self.seconds: dict[str, float] = {}
        self.problems: list[str] = []
        self.kinds = kinds  # of the arguments, where all are positional arrays and floats
        self.quick: Any = None  # the native program as a built-in function
        self._exact: Any = None
        self.candidate: Any = None  # native code that has to be held against the first tier at a call
        self._trials = TRIALS
        self.saved: list[Any] = []
        self.tier, self.native = self._proven(), None  # type: Any, Any
        self._ready = threading.Event()
        if options.native:
            self._begin_native()
        else:
            self._ready.set()

    # tiers

    def _proven(self) -> Any:
        """The first tier of the optimised program; of the program as it was recorded where an optimised one cannot be made or is wrong."""
        from tape.compile.passes import optimise

        try:
            optimised, self.saved = optimise(self.recorded, self.options.passes, relaxed=self.options.relaxed)
            self._take(optimised)
            return self._first_tier()
        except Exception as problem:  # a pass that fails must not take the function down: explain() tells
            self.problems.append(f"passes: {type(problem).__name__}: {problem}")
        self.saved, self._exact = [], None
        self._take(self.recorded)
        return self._first_tier()

    def _take(self, program: Program) -> None:
        self.program, self.strong = program, o.STRONG in program.op
        self.branch = tuple((program.params[row].kind, program.params[row].outcome) for row in program.guards())
        self.guard_rows = {row: number for number, row in enumerate(program.guards())}

    def _first_tier(self) -> Any:
        began = time.perf_counter()
        try:
            from tape.compile.blocked import Blocked

            tier = Blocked(self.program, exact=False)
            self._check(tier)
            self.seconds["blocked"] = time.perf_counter() - began
            return tier
        except Wrong as problem:
            self.problems.append(f"blocked tier: {problem}")
        except Exception as problem:  # a tier that cannot be made must not take the function down: rows run one by one
            self.problems.append(f"blocked tier: {type(problem).__name__}: {problem}")
        self._check(self.program)
        return self.program

    def _check(self, tier: Any, arguments: list[Any] | None = None, expected: list[Any] | None = None) -> None:
        """Raise Wrong unless a tier gives what is expected: at the recorded arguments, what the recording saw."""
        arguments, expected = (self.arguments, self.expected) if arguments is None or expected is None else (arguments, expected)
        try:
            found = tier.run(arguments)
        except Miss as miss:
            raise Wrong(f"guard {miss.row} missed at the recorded arguments") from None
        if self.strong and _differ(found, expected) is not None:
            found = self._run_exact(arguments)
        problem = _differ(found, expected)
        if problem is not None:
            raise Wrong(problem)

    def _begin_native(self) -> None:
        from tape.compile.native import primitives, vectors

        primitives.prepare()
        vectors.prepare()
        later(self._make_native)

    def _make_native(self) -> None:
        """Runs in the background."""
        began = time.perf_counter()
        try:
            from tape.compile.native.build import Native
            from tape.compile.outside import words

            convention = self._convention()
            made = Native(self.program, exact=False, threads=self.options.threads or get_num_threads(), convention=convention)
            words.prepare()
            try:
                self._check(made)
                self._adopt(made)
            except Wrong:
                if self.outside is None or not self.outside.live:
                    raise
                self.candidate = made
        except Wrong as problem:
            self.problems.append(f"native tier: {problem}")
        except Exception as problem:  # a compiler's failure must not take the program down: the first tier goes on
            self.problems.append(f"native tier: {type(problem).__name__}: {problem}")
        finally:
            self.seconds["native"] = time.perf_counter() - began
            self._ready.set()

    def _adopt(self, made: Any) -> None:
        self.native = self.tier = made
        if self._convention() is not None:
            self.quick = made.entry

    def _trial(self, arguments: list[np.ndarray]) -> list[Any]:
        """A replay by the first tier and by native code that differed from the recording: memory outside, which rows read anew, may have
        been written to before it was ready. Differing here as well, or at two calls more, for another thread may write, it is given up."""
        made, self.candidate = self.candidate, None
        if made is None:  # another thread was quicker
            return self.replay(arguments)
        try:
            found = self.replay(arguments)
        except BaseException:
            self.candidate = made
            raise
        try:
            self._check(made, arguments, found)
            self._adopt(made)
        except Wrong as problem:
            self._trials -= 1
            if self._trials:
                self.candidate = made
            else:
                self.problems.append(f"native tier: {problem}")
        return found

    def _convention(self) -> Any:
        """How a built-in function would be called; None where there can be none."""
        from tape.compile.native.entry import Convention

        if self.kinds is None or self.options.audit or self.structure is None:
            return None
        return Convention.of(self.program, self.kinds, [k for k, _ in self.results], self.structure)

    def builder(self) -> Any:
        """What makes the result of the leaves that `quick` gives; None where it gives the result."""
        structure = self.structure
        flat = structure.kind is None or structure.kind is tuple and all(child.kind is None for child in structure.children)
        return None if flat else structure.builder()

    @property
    def replays(self) -> int:
        """How often the program ran."""
        return self.calls + (0 if self.quick is None else self.quick.__self__.calls)

    def path(self, miss: Miss) -> tuple:
        """The outcomes of the guards up to one that missed, with what it saw."""
        number = self.guard_rows[miss.row]
        return (*self.branch[:number], (self.branch[number][0], miss.outcome))

    def rounds(self, miss: Miss) -> bool:
        """Whether a guard missed by a number that another variant's tier may round otherwise."""
        program = self.program
        return bool(program.params[miss.row].kind == "value" and program.spec[program.a[miss.row]].dtype.kind in "fc")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until native code is ready, or was given up."""
        if not self._ready.is_set():
            resume()
        return self._ready.wait(timeout)

    # replaying

    def replay(self, arguments: list[np.ndarray]) -> list[Any]:
        """The outputs at new arguments. Raises Miss where a guard sees something else."""
        if self.candidate is not None:
            return self._trial(arguments)
        tier, looked = self.tier, "fc"
        if tier is self.native:
            found, nan = tier.outcome(arguments)
            looked = "c"  # of real outputs it has looked itself
        else:
            found, nan = tier.run(arguments), False
        nan = nan or self.strong and any(v.dtype.kind in looked and v.size and not _all_numbers(v) for v in found)
        self.calls += 1
        return self._run_exact(arguments) if nan else found

    def _run_exact(self, arguments: list[np.ndarray]) -> list[Any]:
        """Note [strong zero]: a NaN came out; the rows are run again with zero cotangents kept strong."""
        self.exact_calls += 1
        if self._exact is None:
            self._exact = self.program
            from tape.compile.blocked import Blocked

            self._exact = Blocked(self.program, exact=True)
        return self._exact.run(arguments)

    def leaves(self, outputs: list[Any]) -> list[Any]:
        """The leaves of the result, as arrays and constants."""
        return [outputs[k] if k >= 0 else own(constant) for k, constant in self.results]


def _all_numbers(value: np.ndarray) -> bool:
    """No NaN. One pass: the sum of squares is NaN only if one is there (infinities stay infinite)."""
    flat = value.reshape(-1)
    total = flat.dot(flat)
    return bool(total == total)


def _differ(found: list[Any], expected: list[Any]) -> str | None:
    for k, (a, b) in enumerate(zip(found, expected, strict=True)):
        a = np.asarray(a)
        if a.shape != b.shape or a.dtype != b.dtype:
            return f"output {k} is {a.dtype}{list(a.shape)}, recorded {b.dtype}{list(b.shape)}"
        flat, recorded = a.reshape(-1), b.reshape(-1)
        scale = None
        for start in range(0, flat.size, _PART):
            one, other = flat[start : start + _PART], recorded[start : start + _PART]
            off = one != other
            if not off.any():
                continue
            if a.dtype.kind in "fc":
                with np.errstate(all="ignore"):
                    if scale is None:
                        scale = np.abs(recorded[np.isfinite(recorded)]).max(initial=0.0)
                    off &= ~((np.isnan(one) & np.isnan(other)) | (np.abs(one - other) <= SAME * np.maximum(np.abs(other), scale)))
            if off.any():
                at = tuple(int(i) for i in np.unravel_index(start + int(np.flatnonzero(off)[0]), a.shape))
                return f"output {k} at {at} is {a[at]!r}, recorded {b[at]!r}"
    return None


__all__ = ["Variant", "Wrong"]
