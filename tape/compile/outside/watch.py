"""`Watch` around a recording, and the `Outside` that it gives: whether what a function read outside is still what it was.

Which code can run is found without running it (snapshot.py), before the call, so recording costs nothing more: a profile hook was
measured on 10,000 scalar operations (100,000 events, 9.0 ms without): 33 ms with sys.setprofile, 55 with sys.settrace, 40 with
the C hook of cProfile. `Watch.saw` is the net below: code objects that rows were recorded from, and that were not found, are
looked for, and give a reason if they cannot be. What the function itself changed is told by comparing before with after: it is an
effect of its own, which replays do not repeat, and not compared. Whether it also reaches a result is read from the code:
`n += 1` does not, `n += 1; return x * n` does, which is a reason to run eagerly. From the two states alone they cannot be told
apart. Where fn leaves everything as it was, a replay in the same state needs no such question. Imports all of this package.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Collection, Iterable
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from tape.compile.outside import sources
from tape.compile.outside.bytecode import reaching
from tape.compile.outside.check import check_of
from tape.compile.outside.sameness import GONE, Seen, description, differences
from tape.compile.outside.snapshot import ARGUMENT, Snapshot
from tape.compile.outside.words import quickest
from tape.tensor import Tensor

GENERATOR = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
MUTABLE = ("elements", "sequence", "mapping", "array")


class Outside:
    """What a function read outside when it was recorded.

    `unchanged()` is the quick check: True if it would read the same now. `reasons` not empty: it cannot be frozen, and must run itself
    each time (`unchanged()` is then False); `unsettled`: the reasons are all state that the call itself changed, which another
    recording may find settled, as a cache filled by the first call. `live`: arrays that the program reads anew at every call, those of lifted
    Tensors, named by `anew`, and `heavy` ones, which are to be compared besides. `values`: all arrays and Tensors found, with their names.
    `own_effects`: what fn changes itself; replays do not repeat it, and it is not compared.
    """

    __slots__ = ("unchanged", "reasons", "unsettled", "anew", "heavy", "live", "values", "own_effects", "parts", "more", "sharp", "_slow")

    def __init__(self, found: Snapshot, reasons: list[str], unsettled: bool, own_effects: list[str]) -> None:
        self.reasons, self.unsettled, self.own_effects = reasons, unsettled, own_effects
        self.anew: list[str] = found.anew
        self.heavy: list[tuple[str, Any]] = found.heavy
        self.live: list[np.ndarray] = found.live
        self.values: list[tuple[str, Any]] = found.values
        self.parts: list[Seen] = found.parts
        self._slow: Callable[[], bool] = _never if reasons else check_of(found.parts)
        self.unchanged = self._slow
        self.more: list[tuple[Callable[[], bool], str]] = []
        self.sharp = False

    def watch(self, unchanged: Callable[[], bool], name: str) -> None:
        """Check something else as well."""
        self.more.append((unchanged, name))
        self.unchanged = _both(self.unchanged, unchanged) if self.parts or len(self.more) > 1 else unchanged

    def sharpen(self) -> None:
        """From now on `unchanged()` is machine code, as far as that goes: for programs that are called often."""
        if self.sharp or self.reasons:
            return
        self.sharp = True
        if self.parts:
            self.unchanged = quickest(self.parts, self._slow)
            for unchanged, _ in self.more:
                self.unchanged = _both(self.unchanged, unchanged)

    def watched(self) -> bool:
        """Whether there is anything to check."""
        return bool(self.parts or self.more)

    def changed(self) -> str:
        """The first thing that changed, "" if none: "global 'SCALE' of model.py: 2.0 became 3.0"."""
        for seen, now in differences(self.parts):
            return description(seen, now)
        return next((f"{name} changed" for unchanged, name in self.more if not unchanged()), "")


def _both(one: Callable[[], bool], other: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: one() and other()


def _never() -> bool:
    return False


class Watch:
    """Watches a function being recorded.

    >>> scale = [2.0]
    >>> def f(x):
    ...     return x * scale[0]
    >>> with Watch(f) as watch:
    ...     y = f(3.0)
    >>> outside = watch.snapshot()
    >>> outside.unchanged()
    True
    >>> scale[0] = 4.0
    >>> outside.unchanged()
    False
    """

    def __init__(self, fn: Callable, arguments: Iterable[Any] = ()) -> None:
        """`arguments`: those that the caller will tell apart by identity only (functions, objects); they are watched as well."""
        self.fn, self.arguments = fn, list(arguments)
        self.changes: list[tuple[Seen, Any]] = []
        self.more: dict[int, FunctionType] = {}
        self.reasons: list[str] = []

    def __enter__(self) -> Watch:
        self.before = Snapshot(self.fn, self.arguments)
        self.streams = sources.streams(self.before.generators)
        return self

    def __exit__(self, *exception: object) -> None:
        self.drawn = sources.streams(self.before.generators) != self.streams
        self.changes = list(differences(self.before.parts))

    def saw(self, codes: Collection[CodeType]) -> None:
        """Tell of code objects that ran, those of the rows recorded: functions that were not found before are looked for. Those still
        running are callers, to which rows made by library code alone are ascribed."""
        callers, frame = set(), inspect.currentframe()
        while frame is not None:
            callers.add(frame.f_code)
            frame = frame.f_back
        for code in set(codes) - self.before.codes - callers:
            holders = [f for f in gc.get_referrers(code) if isinstance(f, FunctionType) and f.__code__ is code]
            if any(not sources.library_function(f) for f in holders):
                self.more.update((id(f), f) for f in holders)
            elif not holders:
                self.reasons.append(f"{code.co_name} of {code.co_filename} ran, but nothing outside leads to it")

    def snapshot(self, lifted: Collection[Any] = ()) -> Outside:
        """What the function read. `lifted`: Tensors that the program reads anew at each call, whose content is not compared."""
        skip: set[Any] = {seen.path for seen, _ in self.changes}
        skip |= {id(seen.value) for seen, now in self.changes if now is seen.value and seen.kind in MUTABLE}
        found = Snapshot(self.fn, self.arguments, self.more.values(), skip, lifted)
        reasons = [*found.reasons, *self.reasons]
        if self.drawn:
            reasons.append("random numbers are drawn: every call must draw others")
        code = getattr(self.fn, "__code__", None)
        if code is not None and code.co_flags & GENERATOR:
            reasons.append("the function is a generator or a coroutine: it runs after its call has returned")
        passing = [*found.passing, *(told for seen, told in self.effects() if self.uses(found, seen))]
        unsettled = bool(passing) and not reasons
        return Outside(found, reasons + passing, unsettled, [told for _, told in self.effects()])

    def heavy(self) -> list[Tensor]:
        """Tensors whose content had better not be compared."""
        return [thing for _, thing in self.before.heavy if isinstance(thing, Tensor)]

    def effects(self) -> list[tuple[Seen, str]]:
        return [(seen, f"{description(seen, now)} by the call itself") for seen, now in self.changes]

    def uses(self, found: Snapshot, seen: Seen) -> bool:
        """Whether something that the call changed may reach a result."""
        if found.doubtful or found.everything or ARGUMENT in seen.keys or not seen.keys:
            return True
        return bool(seen.keys & reaching(self.before.used | found.used, self.before.flows | found.flows))


__all__ = ["GONE", "Outside", "Watch"]
