"""Random programs run eagerly and through `tape.compile`, and compared: `python -m tests.fuzz_compile --count 10000 [--native]`.

`check(source)` executes a program's module twice, calls it both ways with the same inputs and changes between calls, and raises Difference
where results, gradients, finite differences or the number of runs disagree; `shortest` cuts a failing program down, `search` does many.
Values agree to the last bit or to 1e-10; where rounding of the inputs moves the eager result as much, nothing can be said, which is
counted. Invariant: what a check does depends on its seed only. Imported by tests/test_fuzz_compile.py.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from fuzz_compile_programs import Call, Source  # noqa: E402

import tape  # noqa: E402
from tape.compile.outside import things  # noqa: E402
from tape.func.structures import flatten  # noqa: E402

CLOSE, CLOSE_SINGLE = 1e-10, 1e-5  # where float32 values take part
NUMPY = {"plain": "fn", "vag": "vag", "hvp": "hvp", "jvp": "jvp", "jac": "jac"}


class Difference(AssertionError):
    """A compiled function did not do what the function does."""


def module(source: Source, logging: bool) -> ModuleType:
    """The program, executed."""
    made = ModuleType(f"fuzz_{source.seed}")
    exec(compile(source.text(logging), f"fuzz_{source.seed}.py", "exec"), vars(made))
    return made


def inputs(source: Source, number: int, noise: float = 0.0) -> dict[str, Any]:
    """One of four inputs of a program: eighths, so that sums are exact; the third is the first negated, the fourth has ties."""
    rng, n = np.random.default_rng([source.seed, number % 2]), source.size
    made = {"x": rng.integers(-16, 17, n) / 8, "y": rng.integers(-16, 17) / 8, "m": rng.integers(-12, 13, (n, n)) / 8}
    made |= {"f": (rng.integers(-8, 9, n) / 4).astype(np.float32), "w": rng.integers(-16, 17, 2) / 8, "i": rng.integers(0, n, n)}
    made |= {"r": rng.integers(-8, 9, (n, source.columns)) / 4, "n": rng.integers(-8, 9) / 4}
    if number == 2:
        made |= {"x": -made["x"], "y": -made["y"]}
    elif number == 3:
        made |= {"x": np.round(made["x"]), "m": np.round(made["m"]) * 0.0}
    if noise:
        rng = np.random.default_rng(source.seed)
        made |= {k: made[k] + noise * rng.standard_normal(np.shape(made[k])) * (1 + abs(made[k])) for k in "xymwr"}
    return made | {k: float(made[k]) for k in "yn"}


def laid(value: np.ndarray, layout: str) -> np.ndarray:
    """The same values lying otherwise in memory."""
    if layout == "strided":
        wide = np.full((*value.shape[:-1], 2 * value.shape[-1]), np.nan)
        wide[..., ::2] = value
        return wide[..., ::2]
    return np.asfortranarray(value) if layout == "fortran" else value.copy()


def arguments(space: ModuleType, given: dict, tensors: bool, grads: bool = False, layout: str = "plain") -> tuple:
    """x, y and p as the module's function wants them."""
    if not tensors:
        nested = {"k": [laid(given["r"], layout)], "t": (given["n"],)}
        return laid(given["x"], layout), given["y"], space.Bag(laid(given["m"], layout), given["f"].copy(), given["w"].copy(), given["i"].copy(), nested)
    x, y, m, w, r, n = (tape.tensor(given[k], requires_grad=grads) for k in "xymwrn")
    return x, y, space.Bag(m, tape.tensor(given["f"]), w, tape.tensor(given["i"]), {"k": [r], "t": (n,)})


def values(result: Any) -> tuple[list[Any], Any]:
    """The leaves of a result as ndarrays and plain things, and its structure."""
    leaves, structure = flatten(result)
    return [np.array(leaf.detach()) if isinstance(leaf, tape.Tensor) else np.array(leaf) for leaf in leaves], structure


def carried_out(space: ModuleType, fn: Any, args: tuple, grads: bool) -> tuple[list[Any], Any]:
    """Call and collect values; with `grads` first and second derivatives too."""
    result = fn(*args)
    found, structure = values(result)
    if grads:
        leaves, first = [args[0], args[1], args[2].m, args[2].w, args[2].d["k"][0]], []
        for _ in range(2):
            loss = sum((g * g).sum() for g in first if g is not None) if first else space.total(result)
            first = [None] * len(leaves)
            if isinstance(loss, tape.Tensor) and loss.requires_grad:
                first = tape.autograd.grad(loss, leaves, create_graph=True, allow_unused=True)
            found += [np.zeros(()) if g is None else np.array(g.detach()) for g in first]
    if not grads:
        spoil(result)
    return found, (str(structure), len(found))


def spoil(result: Any) -> None:
    """Write into a result: what is kept must not be reached that way."""
    for leaf in flatten(result)[0]:
        if isinstance(leaf, np.ndarray):
            leaf[...] = 77
        elif isinstance(leaf, tape.Tensor) and (leaf.is_floating_point() or leaf.is_complex()):
            with tape.no_grad():
                leaf.fill_(77.0)


def off(mine: list, theirs: list) -> tuple[float, str]:
    """How far the results are apart, relative to the largest element of each leaf, and where."""
    worst, told = 0.0, ""
    for k, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        if a.dtype.kind in "biufc" and b.dtype.kind in "biufc":
            if a.shape != b.shape and a.size * b.size:
                if a.any() or b.any():
                    return np.inf, f"leaf {k}: shapes {a.shape} and {b.shape}"
                continue
            a, b = np.broadcast_arrays(a, b)
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            scale = np.abs(b[np.isfinite(b)]).max(initial=1e-3)
            apart = np.where(same, 0.0, np.abs(np.where(same, 0.0, np.subtract(a, b, dtype=complex if a.dtype.kind == "c" else float)) / scale))
            distance = np.where(np.isnan(apart), np.inf, apart).max(initial=0.0) / (1e4 if a.dtype == np.float32 else 1.0)
        else:
            distance = 0.0 if str(a) == str(b) else np.inf
        if distance > worst:
            worst, told = float(distance), f"leaf {k}: compiled {a}, eager {b}"
    return worst, told


class Check:
    """One program under way."""

    def __init__(self, source: Source, native: bool = False) -> None:
        self.source, self.native = source, native
        self.plain, self.kept = module(source, True), module(source, False)
        self.tensors = source.mode in ("tensor", "grads")
        self.grads = source.mode == "grads"
        name = NUMPY.get(source.mode, "fn")
        self.eager = getattr(self.plain, name)
        self.compiled = tape.compile(getattr(self.kept, name), native=native)
        self.allowed, self.paths = 0, set()
        self.changes: tuple = ()
        self.counts: Counter = Counter()

    def run(self) -> Counter:
        for number, call in enumerate(self.source.calls):
            self.call(number, call)
        if self.source.mode == "vag" and self.source.clean():
            self.differences()
        eager = any(s.eager for s in self.compiled.signatures.values())
        for signature in self.compiled.signatures.values():  # tables that the function holds are indexed under guards
            self.allowed += sum(count for name, count in signature.misses.items() if name.startswith("an index"))
        self.counts["programs that run eagerly"] += eager
        if not eager and not self.source.peeks() and self.kept.runs[0] > self.allowed:
            raise Difference(f"{self.kept.runs[0]} runs where {self.allowed} see every path")
        self.counts["runs of compiled functions"] += self.kept.runs[0]
        return self.counts

    def call(self, number: int, call: Call) -> None:
        if call.change:
            self.changes += (call.change,)
            for space in (self.plain, self.kept):
                exec(call.change, vars(space))
        given = inputs(self.source, call.given)
        before = self.plain.runs[0]
        expected = self.attempt(given)
        if isinstance(expected, Exception):  # runs traced, and plainly because that failed
            self.allowed += 2
        else:
            self.allow((tuple(self.plain.log), self.changes), before)
        args = arguments(self.kept, given, self.tensors, self.grads, call.layout)
        try:
            found = carried_out(self.kept, self.compiled, args, self.grads)
        except Exception as problem:
            self.counts["errors in both"] += 1
            if isinstance(expected, Exception) or isinstance(problem, tape.errors.OverwrittenError):  # all results are differentiated together
                return
            if self.borderline(problem, given):
                return
            raise Difference(f"call {number}: only the compiled function raises {type(problem).__name__}: {problem}") from problem
        self.counts["calls"] += 1
        if isinstance(expected, Exception):
            if not self.grads and "OverwrittenError" not in type(expected).__name__ and not self.borderline(expected, given):
                raise Difference(f"call {number}: only the function itself raises {type(expected).__name__}: {expected}")
            return
        if found[1] != expected[1]:
            raise Difference(f"call {number}: structure {found[1]} became of {expected[1]}")
        self.compare(number, given, found[0], expected[0])
        self.unwritten(number, given, args)
        if self.native:
            self.compiled.wait(20)

    def allow(self, path: Any, before: int) -> None:
        """A path not yet seen may run the function as often as its eager call did."""
        if path not in self.paths:
            self.paths.add(path)
            self.allowed += (self.plain.runs[0] - before) * (self.source.size + 1 if self.source.mode == "jac" else 1)  # one sweep an element

    def compare(self, number: int, given: dict, found: list, expected: list) -> None:
        apart, told = off(found, expected)
        if apart == 0.0:
            self.counts["calls equal to the last bit"] += 1
        if apart <= (CLOSE_SINGLE if self.source.singles() else CLOSE):
            return
        for turn, noise in enumerate((1e-15, 1e-14, 1e-13)):
            log = list(self.plain.log)
            moved = self.attempt(inputs_like(self.source, given, noise, turn))
            if isinstance(moved, Exception) or moved[1][1] != len(expected) or not alike(self.plain.log, log) or off(moved[0], expected)[0] * 10 > apart:
                self.counts["calls of which rounding decides"] += 1
                return
        raise Difference(f"call {number}: {told}")

    def borderline(self, problem: Exception, given: dict) -> bool:
        """Whether a matrix is singular, or has no factors, by rounding alone: a few roundings away it is otherwise."""
        if not isinstance(problem, np.linalg.LinAlgError):
            return False
        moved = [self.attempt(inputs_like(self.source, given, noise, turn)) for turn, noise in enumerate((0.0, 1e-15, 1e-14, 1e-13))]
        failed = [isinstance(each, np.linalg.LinAlgError) for each in moved]
        self.counts["calls of which rounding decides"] += any(failed) and not all(failed)
        return any(failed) and not all(failed)

    def attempt(self, given: dict) -> Any:
        self.plain.log.clear()
        try:
            return carried_out(self.plain, self.eager, arguments(self.plain, given, True, self.grads), self.grads)
        except Exception as problem:
            return problem

    def unwritten(self, number: int, given: dict, args: tuple) -> None:
        """NumPy arguments are as they were."""
        if not self.tensors and not (np.array_equal(args[0], given["x"]) and np.array_equal(args[2].m, given["m"])):
            raise Difference(f"call {number}: an argument was written to")

    def differences(self) -> None:
        """The compiled gradient against differences of the function, at a point without ties, where it is smooth."""
        given = inputs(self.source, 0, noise=0.01)
        ways = {k: np.random.default_rng(1).standard_normal(np.shape(given[k])) for k in "xy"}
        losses, logs = [], set()
        for h in (-2e-5, -1e-5, 0.0, 1e-5, 2e-5):
            self.plain.log.clear()
            moved = given | {k: given[k] + h * ways[k] for k in "xy"}
            try:
                losses.append(float(self.plain.loss(*arguments(self.plain, moved, True))))
            except Exception:
                return
            logs.add(tuple(self.plain.log))
        self.allowed += 1
        try:
            _, gradient = self.compiled(*arguments(self.kept, given, False))
        except (tape.errors.OverwrittenError, tape.errors.InPlaceError):  # as eagerly, of programs that write to an argument
            self.allowed += 1
            return
        slope = float(np.sum(gradient[0] * ways["x"]) + gradient[1] * ways["y"])
        near, wide = (losses[3] - losses[1]) / 2e-5, (losses[4] - losses[0]) / 4e-5
        sides = abs((losses[4] - losses[2]) - (losses[2] - losses[0])) / 2e-5
        scale = max(abs(near), abs(slope), 1e-3 * max(map(abs, losses)), 1e-2)
        if len(logs) > 1 or not np.isfinite(losses).all() or abs(near - wide) > 1e-4 * scale or sides > 1e-1 * scale:
            return
        self.counts["finite differences"] += 1
        if not abs(near - slope) <= 1e-2 * scale:
            raise Difference(f"the gradient gives {slope}, finite differences {near}")


def alike(log: list, other: list) -> bool:
    """Whether two runs took one path, and saw the same numbers but for rounding."""
    return len(log) == len(other) and all(a == b or nearly(a, b) for a, b in zip(log, other, strict=True))


def nearly(a: Any, b: Any) -> bool:
    """Whether two entries of a log are numbers that differ by rounding."""
    try:
        return abs(float(a) - float(b)) <= 1e-6 * (1 + abs(float(a)))
    except (TypeError, ValueError):
        return False


def inputs_like(source: Source, given: dict, noise: float, turn: int) -> dict:
    """Inputs a few roundings away."""
    rng = np.random.default_rng([source.seed, turn])
    return given | {k: given[k] * (1 + noise * rng.choice([-1.0, 1.0], np.shape(given[k]))) for k in "xmwr"} | {k: given[k] * (1 + noise) for k in "yn"}


def check(source: Source, native: bool = False) -> Counter:
    """Raise Difference where the compiled program does something else. To every fourth all arrays outside are large."""
    most = things.MOST_BYTES
    things.MOST_BYTES = most if source.seed % 4 else 0
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return Check(source, native).run()
    finally:
        things.MOST_BYTES = most


def fails(source: Source, native: bool = False) -> str | None:
    """What a program does wrong, if anything."""
    try:
        check(source, native)
    except Difference as difference:
        return str(difference)
    except Exception as problem:  # the shortened program is not one that runs
        return None if isinstance(problem, (NameError, SyntaxError)) else f"{type(problem).__name__}: {problem}"
    return None


def shortest(source: Source, native: bool = False, seconds: float = 20.0) -> Source:
    """A smaller program that fails as well."""
    end, again = time.monotonic() + seconds, True
    while again and time.monotonic() < end:
        again = False
        for smaller in source.smaller():
            if time.monotonic() > end:
                break
            if smaller.calls and fails(smaller, native):
                source, again = smaller, True
                break
    return source


def script(source: Source) -> str:
    """A failing program as text."""
    lines = source.text(False).split("def fn(x, y, p):")[1].split("    def put")[0].split("\n")
    calls = [f"#   {call.change or 'no change'}; input {call.given} ({call.layout})" for call in source.calls]
    return "\n".join([f"# seed {source.seed}, size {source.size}, mode {source.mode}", *calls, "def fn(x, y, p):", *(line[4:] for line in lines if line.strip())])


def search(
    seeds: range, native: bool = False, seconds: float = 1e9, shrink: bool = True, most: int = 10, say: Callable[[str], object] = str
) -> tuple[Counter, list[str]]:
    """Check programs until so many fail or the time is over; counts and what was found, of which `say` hears at once."""
    counts, found, end = Counter(), [], time.monotonic() + seconds
    for seed in seeds:
        if time.monotonic() > end or len(found) >= most:
            break
        counts["programs"] += 1
        source = Source(seed)
        try:
            counts += check(source, native)
        except Difference:
            small = shortest(source, native) if shrink else source
            found.append(f"{fails(small, native)}\n{script(small)}")
            say(found[-1])
    return counts, found


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    given.add_argument("--count", type=int, default=1000)
    given.add_argument("--start", type=int, default=0)
    given.add_argument("--seconds", type=float, default=1e9)
    given.add_argument("--most", type=int, default=10, help="differences after which to stop")
    given.add_argument("--native", action="store_true")
    asked = given.parse_args()
    seeds = range(asked.start, asked.start + asked.count)
    counts, found = search(seeds, asked.native, asked.seconds, most=asked.most, say=lambda text: print(text, end="\n\n", flush=True))
    print(", ".join(f"{count} {name}" for name, count in counts.items()), f"{len(found)} differences", sep="; ")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
