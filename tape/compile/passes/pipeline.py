"""The passes in their order, and how they are run.

`PASSES` lists (name, pass); `optimise(program)` runs them until nothing changes. Invariant: every pass takes and gives a program that
`verify` accepts, with the same outputs bit for bit (NaN being one value), the same inputs, and all guards; it gives the very
program it was given where it finds nothing. Imports the passes. Imported by the package's front.
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
_ROUNDS = 4


class Saved(NamedTuple):
    """One run of one pass: rows before and after it, and the seconds it took."""

    name: str
    before: int
    after: int
    seconds: float


def optimise(program: Program, off: Collection[str] = ()) -> tuple[Program, list[Saved]]:
    """A program with fewer and cheaper rows and the same outputs, and what each run of a pass saved.

    program: left as it is. off: names of passes to leave out; ValueError for a name that no pass has. Passes are run in the order of
    PASSES, again as long as one of them finds something, four rounds at the most; a pass runs again only if the program changed since.
    """
    if unknown := set(off) - {name for name, _ in PASSES}:
        raise ValueError(f"optimise: off names {sorted(unknown)}; passes are {', '.join(name for name, _ in PASSES)}")
    saved: list[Saved] = []
    seen: dict[str, Program] = {}
    for turn in range(_ROUNDS + 1):
        start = program
        for name, one in PASSES if turn < _ROUNDS else PASSES[:1]:  # whatever happens, the last word is had by `dead`
            if name in off or seen.get(name) is program:
                continue
            began = perf_counter()
            before, program = len(program), one(program)
            seen[name] = program
            saved.append(Saved(name, before, len(program), perf_counter() - began))
        if program is start:
            break
    return program, saved
