"""Figures of compiled programs: each beside its peers, from first call to native code, Hessian-vector
products, very long scalar programs in the first tier, allocations.

`program(name, trials)` and the other functions make groups for bench.figures' `measured`. Invariant: every
contender has been checked at every point at which it is timed; one that is wrong makes its group fail, with
the others' times; one that is absent, or does not compile in time, leaves its cell without a time.
Imports the rest of bench; imported by compiled and the pytest suite.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from bench.allocations import beyond_results
from bench.by_hand import rosenbrock_hvp
from bench.compiled_peers import Call, arguments, eager_only, function, listed, make, ready, tier
from bench.compiled_programs import COMPILED, FIRST_TIER, THREADS, Compiled, Limit
from bench.contest import Entry, check, contest, seconds
from bench.figures import Effort
from bench.first_call import first_call, prepare
from bench.lines import Line
from bench.pace import pace
from bench.peers import library
from bench.scalar_rows import MATH, start, text

NAMES = ("tape", "by hand", "jax", "jax scan", "torch.compile", "torch", "HIPS", "CasADi")
RARE = ("jax scan",)  # only where a program asks for it
COMPILERS = ("tape", "jax", "jax scan", "torch.compile")
NEEDED = {"jax", "torch.compile", "torch"}  # peers without which "the fastest" means nothing
OBJECTS = 1024  # bytes of Python's own objects (arguments, lists) that a call may need besides its results


@dataclass
class Trials:
    """First calls in fresh processes: how long to wait for one, whom to leave out, and what was found."""

    patience: float = 60.0
    without: tuple[str, ...] = ()
    skip: bool = False
    found: dict[tuple[str, str], dict[str, float] | str] = field(default_factory=dict)

    def of(self, contender: str, program: str) -> dict[str, float] | str:
        """Its seconds, or why there are none."""
        key = contender, program
        if key not in self.found:
            try:
                if contender == "torch.compile":
                    prepare()
                self.found[key] = first_call(contender, program, self.patience)
            except TimeoutError:
                self.found[key] = f"> {self.patience:g} s"
            except RuntimeError as problem:
                if "wrong: " in str(problem):
                    raise
                self.found[key] = "fails"
                print(f"{program}: {problem}", file=sys.stderr, flush=True)
        return self.found[key]


def wanted(compiled: Compiled, trials: Trials) -> list[str]:
    """The contenders of a program."""
    every = [name for name in (*NAMES, FIRST_TIER, THREADS) if name not in trials.without]
    return [name for name in every if name in compiled.also or name not in (*RARE, FIRST_TIER, THREADS)]


def competitors(
    name: str, compiled: Compiled, trials: Trials
) -> tuple[dict[str, Call], dict[str, str], list[str]]:
    """Everyone who can be timed, compiled and checked; by contender what its cell says of why the others
    cannot; and the errors among these reasons."""
    able: dict[str, Call] = {}
    unable: dict[str, str] = {}
    errors: list[str] = []
    for contender in wanted(compiled, trials):
        if trials.skip and contender in ("torch.compile", *compiled.hard):
            continue
        if contender in COMPILERS[1:] and not trials.skip and library(contender.partition(".")[0].split()[0]):
            trial = trials.of(contender, name)
            if isinstance(trial, str):
                unable[contender] = trial
                continue
        try:
            call = make(contender, compiled)
            if call is not None:
                checked(contender, call, compiled)
                able[contender] = call
        except Exception as problem:
            unable[contender] = "WRONG" if isinstance(problem, AssertionError) else "ERROR"
            errors.append(f"{contender}: {type(problem).__name__}: {' '.join(str(problem).split())}")
    return able, unable, errors


def checked(contender: str, call: Call, compiled: Compiled) -> None:
    """Compile, and assert at both points that value and gradient are those by hand."""
    points = arguments(contender, compiled)
    ready(call, points)
    for point, hand in zip(points, arguments("by hand", compiled), strict=True):
        check(
            {
                contender: lambda point=point: listed(call(*point)),
                "by hand": lambda hand=hand: listed(compiled.by_hand(*hand)),
            },
            rtol=1e-9,
        )


def rivals_of(limit: Limit) -> str:
    """Those of a limit, in words."""
    if limit.of == ("tape",):
        return "one thread"
    return "the fastest peer" if len(limit.of) > 2 else " and ".join(limit.of)


def held(limit: Limit, times: Mapping[str, float], speed: float) -> tuple[str, str, bool | None]:
    """Ratio, target and verdict of one limit; no limit is met without the peers that need to be there."""
    if not limit.of:
        target = f"<= {seconds(limit.ratio)}"
        if limit.ours not in times:
            return "", target, None
        scaled = times[limit.ours] / speed
        return f"at pace 1: {seconds(scaled)}", target, scaled <= limit.ratio
    faster = limit.ratio < 1.0
    size = f"{1 / limit.ratio:.3g}x faster than" if faster else f"<= {limit.ratio:g}x"
    target = f"{size} {rivals_of(limit)}"
    rivals = {name: times[name] for name in limit.of if name in times}
    if not rivals or limit.ours not in times:
        return "", target, None
    best = min(rivals, key=rivals.__getitem__)
    found = times[limit.ours] / rivals[best]
    said = f"{1 / found:.3g}x faster" if faster else f"{found:.3g}x"
    absent = NEEDED.intersection(limit.of).difference(times)
    met = False if found > limit.ratio else None if absent else True
    return f"{said}{f' ({best})' if len(limit.of) > 1 else ''}", target, met


def program(name: str, trials: Trials) -> Callable[[Effort], Iterator[Line]]:
    """The group of one program: value and gradient by every contender, and its first calls."""

    def measure(effort: Effort) -> Iterator[Line]:
        compiled = COMPILED[name](effort.smoke)
        able, cells, errors = competitors(name, compiled, trials)
        entries = {who: Entry(call, points=arguments(who, compiled)) for who, call in able.items()}
        speed = 1.0 if effort.smoke else pace()
        threads = entries.pop(THREADS, None)
        times = contest(entries, effort.rounds, effort.block)
        cells |= {who: seconds(t) for who, t in times.items()}
        if "tape" in able and not eager_only() and tier(able["tape"]) != "native":
            cells["tape"] += f" ({tier(able['tape'])})"
        what = compiled.what
        if all(limit.ours != "tape" for limit in compiled.limits):
            yield Line(what, cells, "", "", None)
        for limit in compiled.limits:
            if limit.ours == "tape":
                yield Line(what, cells, *held(limit, times, speed))
            elif limit.ours == THREADS and threads and "tape" in entries:
                pair = {"tape": entries["tape"], THREADS: threads}
                walls = contest(pair, effort.rounds, effort.block, perf_counter)
                cell = {"tape": seconds(walls[THREADS])}
                yield Line(f"{what}: two threads", cell, *held(limit, walls, 1.0))
            else:
                cell = {"tape": seconds(times[limit.ours])} if limit.ours in times else {}
                yield Line(f"{what}: {limit.ours}", cell, *held(limit, times, speed))
            what, cells = "... the same", {}
        if not trials.skip:
            yield first(name, compiled.what, trials, {"lotka_volterra": 0.5}.get(name))
        if errors:
            raise RuntimeError("; ".join(errors))

    return measure


def first(name: str, what: str, trials: Trials, most: float | None) -> Line:
    """From the first call to native code, in fresh processes; at most jax's time, and at most so many seconds
    where a limit is given."""
    rivals = [who for who in COMPILERS if who not in (*RARE, *trials.without)]
    found = {who: trials.of(who, name) for who in rivals if library(who.partition(".")[0])}
    cells = {who: each if isinstance(each, str) else seconds(each["ready"]) for who, each in found.items()}
    title = f"{what}: first call to native code"
    mine, theirs = found["tape"], found.get("jax")
    if isinstance(mine, str) or eager_only():
        return Line(title, cells, "", "<= 1x jax", None)
    if most is not None:
        return Line.within(title, cells, mine["ready"], most, "s", pace())
    if theirs is None or isinstance(theirs, str):
        return Line(title, cells, "", "<= 1x jax", True if theirs else None)
    ratio = mine["ready"] / theirs["ready"]
    return Line(title, cells, f"{ratio:.3g}x", "<= 1x jax", ratio <= 1.0)


def mostly_repeating(trials: Trials) -> Callable[[Effort], Iterator[Line]]:
    """From the first call to native code of 10^5 rows of which 95 % repeat."""

    def measure(effort: Effort) -> Iterator[Line]:
        if not effort.smoke:
            yield first(
                "rows_1e5",
                "10^5 scalar rows, 95 % repeat",
                Trials(trials.patience, ("jax", "torch.compile")),
                1.0,
            )

    return measure


def hessian_product(effort: Effort) -> Iterator[Line]:
    """A Hessian-vector product against a gradient."""
    if eager_only():
        return
    tape = library("tape")
    compiled = COMPILED["rosenbrock_1e3"](effort.smoke)
    f = function(tape, compiled)
    product = tape.compile(lambda x, v: tape.func.hvp(f, (x,), (v,))[0])
    gradient = make("tape", compiled)
    points = arguments("tape", compiled)
    pairs = tuple((x, np.cos(x)) for (x,) in points)
    ready(gradient, points)
    ready(product, pairs)
    for pair in pairs:
        np.testing.assert_allclose(product(*pair), rosenbrock_hvp(*pair), rtol=1e-9, atol=1e-9)
    times = contest(
        {
            "tape": Entry(product, points=pairs),
            "gradient": Entry(gradient, points=points),
            "by hand": Entry(rosenbrock_hvp, points=pairs),
        },
        effort.rounds,
        effort.block,
    )
    ratio = times["tape"] / times["gradient"]
    cells = {who: seconds(times[who]) for who in ("tape", "by hand")}
    title = "Hessian-vector product, Rosenbrock n = 1,000"
    yield Line(title, cells, f"{ratio:.3g}x", "<= 3x our gradient", ratio <= 3.0)


def million_rows(effort: Effort) -> Iterator[Line]:
    """Replays of a scalar program of 10^6 rows in the first tier."""
    if eager_only():
        return
    tape, rows = library("tape"), 2_000 if effort.smoke else 1_000_000
    x = start()
    for share, how, limit in ((1.0, "repeat", 10), (0.0, "are random", 30)):
        call = tape.compile(lambda x, share=share: text(tape, x, rows, share), native=False)
        points = ((x,), (x * 0.999,))
        ready(call, points)
        for point in points:
            np.testing.assert_allclose(call(*point), text(MATH, point[0].tolist(), rows, share), rtol=1e-9)
        speed = 1.0 if effort.smoke else pace()
        spent = contest({"tape": Entry(call, points=points)}, effort.rounds, effort.block)["tape"]
        title = f"{rows:,} scalar rows, first tier, opcodes {how}"
        yield Line.within(title, {"tape": seconds(spent)}, spent * 1e3, limit, "ms", speed)


def allocations(effort: Effort) -> Iterator[Line]:
    """Bytes that calls allocate beyond their results, over all programs."""
    if eager_only():
        return
    found, errors = {}, []
    for name, build in COMPILED.items():
        compiled = build(effort.smoke)
        call, points = make("tape", compiled), arguments("tape", compiled)
        try:
            ready(call, points)
            found[name] = beyond_results(call, points)
        except Exception as problem:
            errors.append(f"{name}: {type(problem).__name__}: {problem}")
    print("bytes beyond results:", found, file=sys.stderr, flush=True)
    guilty = {name: size for name, size in found.items() if size > OBJECTS}
    said = (
        "; ".join(f"{name} {size:,} B" for name, size in guilty.items())
        or f"{max(found.values(), default=0):,} B at most"
    )
    yield Line("allocated by a call beyond its results", {}, said, f"<= {OBJECTS} B of objects", not guilty)
    if errors:
        raise RuntimeError("; ".join(errors))
