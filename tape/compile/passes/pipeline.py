"""The passes in their order, and how they are run.

`PASSES` lists (name, pass); `optimise(program)` runs them until nothing changes. Invariant: every pass takes and gives a program that
`verify` accepts, with the same inputs, all guards, and the same outputs bit for bit (NaN being one value; `strong` may change the
sign of a zero, `relaxed` is extra); it gives the very program it was given where it finds nothing. Imports the passes. Imported by the package's front.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from time import perf_counter
from typing import NamedTuple

from tape.compile.passes.algebra import algebra
from tape.compile.passes.assemble import assemble
from tape.compile.passes.common import common
from tape.compile.passes.dead import dead
from tape.compile.passes.expands import expands
from tape.compile.passes.fold import fold
from tape.compile.passes.reductions import reductions
from tape.compile.passes.relaxed import relaxed as relaxed_pass
from tape.compile.passes.scatters import scatters
from tape.compile.passes.strong import strong
from tape.compile.passes.views import views
from tape.compile.program import Program

Pass = Callable[[Program], Program]
PASSES: tuple[tuple[str, Pass], ...] = (
    ("dead", dead),
    ("views", views),
    ("scatters", scatters),
    ("assemble", assemble),
    ("reductions", reductions),
    ("expands", expands),
    ("fold", fold),
    ("algebra", algebra),
    ("strong", strong),
    ("common", common),
)
RELAXED: Pass = relaxed_pass  # "relaxed", after "algebra", where asked for
_ROUNDS = 4
_MANY = 1000  # rows from which on a round must save one in a hundred to be followed by another


class Saved(NamedTuple):
    """One run of one pass: rows before and after it, and the seconds it took."""

    name: str
    before: int
    after: int
    seconds: float


def optimise(program: Program, off: Collection[str] = (), *, relaxed: bool = False) -> tuple[Program, list[Saved]]:
    """A program with fewer and cheaper rows and the same outputs, and what each run of a pass saved.

    program: left as it is. off: names of passes to leave out; ValueError for a name that no pass has. relaxed: also use identities
    of real numbers that change last bits, signs of zeros and NaN; see the pass of that name. Passes are run in the order of PASSES,
    again as long as that saves something, four rounds at the most; a pass runs again only if the program changed since.
    """
    known = [name for name, _ in PASSES]
    if unknown := set(off) - {*known, "relaxed"}:
        raise ValueError(f"optimise: off names {sorted(unknown)}; passes are {', '.join(known)} and relaxed")
    after = known.index("algebra") + 1
    passes = (*PASSES[:after], ("relaxed", RELAXED), *PASSES[after:]) if relaxed else PASSES
    chosen = [(name, one) for name, one in passes if name not in off]
    saved: list[Saved] = []
    seen: dict[str, Program] = {}
    for _ in range(_ROUNDS):
        start = program
        for name, one in chosen:
            program = _run(name, one, program, seen, saved)
        if program is start or len(program) > _MANY and (len(start) - len(program)) * 100 < len(start):
            break
    return (_run("dead", dead, program, seen, saved) if "dead" not in off else program), saved


def _run(name: str, one: Pass, program: Program, seen: dict[str, Program], saved: list[Saved]) -> Program:
    """Run a pass, unless it has seen this very program."""
    if seen.get(name) is program:
        return program
    began = perf_counter()
    after = seen[name] = one(program)
    saved.append(Saved(name, len(program), len(after), perf_counter() - began))
    return after
