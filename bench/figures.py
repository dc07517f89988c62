"""All figures in one table: what, ours and the peers', the ratio that has a target, the target, whether it is
met.

`python -m bench.figures` measures everything (some minutes); `--only NAME` picks groups by the beginning of
their name, `--smoke` uses tiny sizes and one round, where only failing matters and no figure means anything.
`GROUPS` lists the groups; `measured` measures such groups. Invariant: a figure without a peer that its target needs is marked "-", never met.
Exit status 1 if a group failed to run. Imports the rest of bench but the compiled figures, which import it.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bench import process_figures
from bench.contest import check, contest, ratio, seconds
from bench.lines import Line, markdown
from bench.pace import REFERENCE, pace
from bench.peers import NAMES, contenders, library, torch_like
from bench.programs import PROGRAMS
from bench.sweeps import chain_sweeps, first_small_sweep, small_sweep


@dataclass(frozen=True)
class Effort:
    """How thoroughly to measure."""

    smoke: bool = False
    rounds: int = 9
    block: float = 0.03


def timed(what: str, times: Mapping[str, float], targets: Mapping[str, float]) -> Line:
    """A line of times; `targets` says by peer how many times faster than it we are to be."""
    ratios = {peer: ratio(times, peer) for peer in ("torch", "HIPS")}
    text = "; ".join(f"{peer} {r:.3g}x" for peer, r in ratios.items() if r is not None)
    found = [None if ratios[peer] is None else ratios[peer] >= wanted for peer, wanted in targets.items()]
    met = False if False in found else None if None in found else True
    target = "; ".join(f"{peer} >= {wanted:.2g}x" for peer, wanted in targets.items())
    return Line(what, {name: seconds(t) for name, t in times.items()}, text, target, met)


def program(name: str, what: str, targets: Mapping[str, float]) -> Callable[[Effort], Iterator[Line]]:
    """The group of one program: value and gradient by every contender."""

    def measure(effort: Effort) -> Iterator[Line]:
        entries = contenders(PROGRAMS[name](effort.smoke))
        check(entries)
        yield timed(what, contest(entries, effort.rounds, effort.block), targets)

    return measure


def sweep(effort: Effort) -> Iterator[Line]:
    """The backward sweep of the chain alone."""
    for name, what in (
        ("chain", "the backward sweep alone"),
        ("chain_fan_in", "the backward sweep alone, y too"),
    ):
        entries = chain_sweeps(PROGRAMS[name](effort.smoke))
        yield timed(what, contest(entries, effort.rounds, effort.block), {"torch": 50.0})


def four_rows(effort: Effort) -> Iterator[Line]:
    """Four rows among many."""
    few, many = (10, 200) if effort.smoke else (100, 100_000)
    entries = {
        f"{name} {place} {n}": small_sweep(torch, n, place)
        for name, torch in torch_like().items()
        for place in ("around", "end")
        for n in (few, many)
    }
    speed = 1.0 if effort.smoke else pace()
    times = contest(entries, effort.rounds, effort.block)
    speed = 1.0 if effort.smoke else (speed + pace()) / 2
    for place, where in (("around", "around"), ("end", "after")):
        for n in (few, many):
            cells = {name: seconds(times[f"{name} {place} {n}"]) for name in torch_like()}
            what = f"gradient of 4 rows {where} {n:,} other live rows"
            yield Line.within(what, cells, times[f"tape {place} {n}"] * 1e6, 15, "us", speed)
        growth = times[f"tape {place} {many}"] / times[f"tape {place} {few}"]
        yield Line(f"... {many:,} over {few:,}, {where}", {}, f"{growth:.3g}x", "<= 1.5x", growth <= 1.5)
    first = {name: first_small_sweep(torch, many) for name, torch in torch_like().items()}
    found = contest(first, min(5, effort.rounds), 0.0)
    cells = {name: seconds(t) for name, t in found.items()}
    yield Line(f"... first sweep of a tape of {many:,}", cells, "", "", None)


def from_processes(measure: Callable[[bool], Iterator[Line]]) -> Callable[[Effort], Iterator[Line]]:
    """A group measured in fresh processes."""
    return lambda effort: measure(effort.smoke)


EVEN = {"torch": 1.0, "HIPS": 2.0}
GROUPS: dict[str, Callable[[Effort], Iterator[Line]]] = {
    "chain": program("chain", "1,000 `z = z*y + y` on 8: record and backward", {"torch": 4.0}),
    "chain_fan_in": program("chain_fan_in", "the same, gradient of y too", {"torch": 4.0}),
    "sweep": sweep,
    "four_rows": four_rows,
    "scalar_loop": program("scalar_loop", "3,000 operations on 0-d, with backward", {"torch": 8.0}),
    "rosenbrock_1e3": program("rosenbrock_1e3", "Rosenbrock, n = 1,000", EVEN),
    "rosenbrock_1e6": program("rosenbrock_1e6", "Rosenbrock, n = 10^6", EVEN),
    "logistic": program("logistic", "logistic regression, 100,000 x 50", EVEN),
    "mlp": program("mlp", "MLP 784-128-10, batch 64", {"torch": 1 / 1.1, "HIPS": 2.0}),
    "nbody": program("nbody", "n-body energy, 200 bodies", EVEN),
    "mixture": program("mixture", "Gaussian mixture, 1,000 x 10, 25 components", EVEN),
    "long_tape": from_processes(process_figures.long_tape),
    "row_bytes": from_processes(process_figures.row_bytes),
    "peak": from_processes(process_figures.peak),
    "flat": from_processes(process_figures.flat),
    "start": from_processes(process_figures.start),
}


def versions() -> str:
    """What ran."""
    names = ("tape", "torch", "jax", "autograd", "casadi", "numba", "numpy")
    found = {name: library(name) for name in names}
    return ", ".join(
        [
            f"Python {platform.python_version()}",
            *(f"{n} {m.__version__}" for n, m in found.items() if hasattr(m, "__version__")),
        ]
    )


def note() -> str:
    """What to know when reading the table."""
    about = f"Medians, one thread each; {versions()}."
    if library("torch") is None:
        return about
    per_operation = f"{REFERENCE * 1e6:g} us"
    return (
        f"{about}\nPace {pace():.2f}: torch's time for an operation of the chain, over {per_operation},"
        "\nas where the limits in seconds were set; they are held against time / pace."
    )


def measured(
    groups: Mapping[str, Callable[[Effort], Iterator[Line]]],
    chosen: Sequence[str],
    effort: Effort,
    contenders: Sequence[str] = NAMES,
) -> tuple[list[Line], int]:
    """The lines of the chosen groups, each reported as soon as it is there, and how many groups failed."""
    lines, failed = [], 0
    for name in chosen:
        try:
            for line in groups[name](effort):
                lines.append(line)
                print(line.short(contenders), file=sys.stderr, flush=True)
        except Exception as problem:
            failed += 1
            last = (str(problem).strip().splitlines() or [""])[0]
            lines.append(Line(name, {}, f"failed: {type(problem).__name__}: {last}"[:110], "", None))
            print(lines[-1].short(contenders), file=sys.stderr, flush=True)
    if effort.smoke:
        lines = [replace(line, met=None, target="") for line in lines]
    return lines, failed


def chosen(parser: argparse.ArgumentParser, groups: Iterable[str], only: Sequence[str] | None) -> list[str]:
    """The groups whose names begin with one of `only`, or all."""
    names = [name for name in groups if not only or any(name.startswith(each) for each in only)]
    if not names:
        parser.error(f"--only {only} names no group; there are {', '.join(groups)}")
    return names


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--only", action="append", metavar="NAME", help=f"groups to measure: {', '.join(GROUPS)}"
    )
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, one round: does it run at all?")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args(arguments)
    effort = Effort(True, 1, 0.0) if given.smoke else Effort(rounds=given.rounds)
    lines, failed = measured(GROUPS, chosen(parser, GROUPS, given.only), effort)
    print("\n" + markdown(lines) + "\n\n" + note())
    return 1 if failed else 0


__all__ = ["GROUPS", "Effort", "main"]

if __name__ == "__main__":
    sys.exit(main())
