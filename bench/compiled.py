"""The figures of compiled programs in one table: us and the peers, the ratio that has a target, the target,
whether it is met.

`python -m bench.compiled` measures everything (many minutes: compilers are waited for); `--only NAME` picks
groups by the beginning of their name, `--without PEER` leaves a contender out, `--quick` the fresh processes in
which compilers are timed, and with them torch.compile and whoever may not finish; `--smoke` uses tiny sizes
and one round. Invariant: as bench.figures'; no compiler is waited for longer than `--patience` seconds.
Imports figures and compiled_figures.
"""

from __future__ import annotations

import argparse
import sys

from bench.compiled_figures import (
    NAMES,
    Trials,
    allocations,
    hessian_product,
    million_rows,
    mostly_repeating,
    program,
)
from bench.compiled_peers import eager_only
from bench.compiled_programs import COMPILED
from bench.figures import Effort, chosen, measured, note
from bench.lines import markdown


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    trials = Trials()
    groups = {name: program(name, trials) for name in COMPILED} | {
        "rows_1e5": mostly_repeating(trials),
        "hessian_product": hessian_product,
        "million_rows": million_rows,
        "allocations": allocations,
    }
    parser = argparse.ArgumentParser(prog="python -m bench.compiled", description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", action="append", metavar="NAME", help=f"groups: {', '.join(groups)}")
    parser.add_argument("--without", action="append", default=[], metavar="PEER", choices=NAMES[1:])
    parser.add_argument("--quick", action="store_true", help="no first calls, no slow compilers")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds that a peer may compile for")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, one round: does it run at all?")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args(arguments)
    names = chosen(parser, groups, given.only)
    trials.patience, trials.without = given.patience, tuple(given.without)
    trials.skip = given.smoke or given.quick
    effort = Effort(True, 1, 0.0) if given.smoke else Effort(rounds=given.rounds)
    lines, failed = measured(groups, names, effort, NAMES)
    print("\n" + markdown(lines, NAMES) + "\n\n" + note())
    if eager_only():
        print("tape ran eagerly: there is no tape.compile.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
