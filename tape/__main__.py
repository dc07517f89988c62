"""`python -m tape`: fits the Lotka-Volterra equations to counts of hares and lynxes, and shows its work.

Progress goes to stderr, results to stdout. Exit code 0 after a fit, 1 if the optimiser did not converge,
2 for arguments that cannot be served; they are refused before the work begins. The work is in `tape.demo`.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import numpy as np

import tape

from .demo import fit, model, picture, report

_FIRST = "compiling kernels (first run only)"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage that argparse puts before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="python -m tape",
        description="Fit the Lotka-Volterra equations to the counts of hares and lynxes of 1900-1920.",
    )
    parser.add_argument("--plot", metavar="FILE", help="picture to FILE, by matplotlib (else in characters)")
    parser.add_argument("--steps", metavar="N", type=_count, default=10, help="Runge-Kutta steps a year (10)")
    parser.add_argument("--quiet", action="store_true", help="no progress lines")
    arguments = parser.parse_args(argv)
    if arguments.plot is not None and (reason := picture.refuse(arguments.plot)):
        parser.error(reason)
    return arguments


def _count(text: str) -> int:
    try:
        steps = int(text)
    except ValueError:
        steps = 0
    if steps < 1:
        raise argparse.ArgumentTypeError(f"got {text!r}; give a whole number of at least 1")
    return steps


@contextmanager
def _stage(text: str, quiet: bool) -> Iterator[None]:
    """Say what is being done, and when it is done how long it took."""
    if quiet:
        yield
        return
    print(f"{text} ...", end="", file=sys.stderr, flush=True)
    began = time.perf_counter()
    done = False
    try:
        yield
        done = True
    finally:
        print(f" {time.perf_counter() - began:.2f} s" if done else "", file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demonstration; `argv` as on the command line. Returns the exit code."""
    arguments = _arguments(argv)
    steps, quiet = arguments.steps, arguments.quiet
    begin = np.array(model.start())
    with _stage(f"recording the loss and its gradient: {_FIRST}", quiet):
        began = time.perf_counter()
        _, gradient = fit.compiled(steps)(begin)
        recording = time.perf_counter() - began
    with _stage("fitting 6 unknowns to 42 counts", quiet):
        ours = fit.fit(steps)
    if not ours.converged:
        print(f"python -m tape: the fit did not converge: {ours.message}", file=sys.stderr)
        return 1
    with _stage(f"second derivatives: {_FIRST}", quiet):
        second = fit.hessian(ours.logs, steps)
    with _stage("the same fit by SciPy's finite differences", quiet):
        floats = fit.fit_by_differences(steps)
    with _stage("the same fit, the tape recorded anew at each point", quiet):
        eager = fit.fit_eagerly(steps)
    with _stage("waiting for native code, and timing it", quiet):
        call = fit.seconds_a_gradient(steps)
    print(f"Lotka-Volterra equations, Runge-Kutta with {steps} steps a year, fitted to 21 years of pelts\n")
    print(report.estimates(ours.logs, fit.standard_errors(ours.logs, second)), end="\n\n")
    differences, exact = fit.finite_differences(begin, steps), fit.complex_step(begin, steps)
    print(report.agreement(gradient, differences, exact), end="\n\n")
    print(report.cost(ours, eager, floats, recording, call), end="\n\n")
    print("the last rows of the tape:")
    tape.show(fit.record(begin, steps)[1], last=8)
    print()
    if arguments.plot is None:
        print(picture.draw(np.exp(ours.logs)))
        return 0
    try:
        picture.plot(np.exp(ours.logs), arguments.plot)
    except OSError as failed:
        print(f"python -m tape: error: cannot plot to {arguments.plot}: {failed.strerror}", file=sys.stderr)
        return 2
    print(f"picture written to {arguments.plot}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
