"""Linear algebra beside PyTorch eager: value, and value with gradient, of ten operations at n = 10, 100 and 500.

    python -m bench.linear_algebra [NAME ...] [--sizes 10 100 500] [--rounds 7]

Both libraries run on one thread and take turns within each round (`ratio` is the median of the rounds' ratios), and first must agree. PyTorch's
LAPACK is MKL, ours SciPy's and NumPy's OpenBLAS. Times are of the processor. Targets for tape / torch: 1.0 at n = 10, 1.5 at 100, 2.0 at 500.
Not part of the default benchmarks; imports tape, torch and NumPy only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

import numpy as np

import tape

TARGETS = {10: 1.0, 100: 1.5, 500: 2.0}
Function = Callable[[Any, Any, Any], Any]
# Each takes a module, and whichever of a (any square), b (one column) and s (symmetric positive definite) it needs, and gives a number.
# fmt: off
OPERATIONS: dict[str, tuple[str, Function]] = {
    "matmul":   ("a",  lambda m, a: (a @ a).sum()),
    "solve":    ("ab", lambda m, a, b: m.linalg.solve(a, b).sum()),
    "inv":      ("a",  lambda m, a: m.linalg.inv(a).sum()),
    "det":      ("a",  lambda m, a: m.linalg.det(a)),
    "slogdet":  ("a",  lambda m, a: m.linalg.slogdet(a)[1]),
    "cholesky": ("s",  lambda m, s: m.linalg.cholesky(s).sum()),
    "qr":       ("a",  lambda m, a: (lambda q, r: (q * q * q).sum() + r.sum())(*m.linalg.qr(a))),
    "eigh":     ("s",  lambda m, s: (lambda w, v: w.sum() + (v * v * v * v).sum())(*m.linalg.eigh(s))),
    "svd":      ("a",  lambda m, a: (lambda u, s, vh: s.sum() + (u * u * u * u).sum() + (vh * vh).sum())(*m.linalg.svd(a, full_matrices=False))),
    "lstsq":    ("ab", lambda m, a, b: m.linalg.lstsq(a, b).solution.sum()),
}
# fmt: on


def inputs(n: int) -> dict[str, np.ndarray]:
    """Well conditioned matrices of n rows with distinct singular values, and a right-hand side."""
    rng = np.random.default_rng(n)
    a = rng.standard_normal((n, n)) / np.sqrt(n) + 2 * np.eye(n)
    return {"a": a, "b": rng.standard_normal((n, 1)), "s": a @ a.T + np.eye(n)}


def contender(m: Any, name: str, given: dict[str, np.ndarray]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The value, and the value with its gradients, as functions without arguments."""
    needs, function = OPERATIONS[name]
    constants = [m.tensor(given[each]) for each in needs]
    leaves = [m.tensor(given[each]).requires_grad_() for each in needs]

    def value() -> Any:
        return function(m, *constants)

    def gradients() -> Any:
        return m.autograd.grad(function(m, *leaves), leaves)

    return value, gradients


def seconds(run: Callable[[], Any], calls: int) -> float:
    """Seconds a call."""
    start = process_time()
    for _ in range(calls):
        run()
    return (process_time() - start) / calls


def ratio(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> tuple[float, float, float]:
    """The median ratio of a call, and the median seconds of each."""
    ours(), theirs()
    calls = max(1, int(0.01 / max(seconds(theirs, 1), 1e-9)))
    pairs = []
    for k in range(rounds):  # who begins alternates
        order = (ours, theirs) if k % 2 else (theirs, ours)
        times = [seconds(run, calls) for run in order]
        pairs.append(tuple(times) if k % 2 else tuple(reversed(times)))
    return median(a / b for a, b in pairs), median(a for a, _ in pairs), median(b for _, b in pairs)


def agree(name: str, ours: Any, theirs: Any) -> None:
    """The gradients are the same, but for the signs of vectors, of which none of the functions depends."""
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.numpy(), other.numpy(), rtol=1e-6, atol=1e-8, err_msg=name)


def main() -> None:
    """Measure and print a table."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", default=list(OPERATIONS))
    parser.add_argument("--sizes", type=int, nargs="+", default=list(TARGETS))
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'':10}{'n':>5}   value: tape/torch    (us)          gradient: tape/torch   (us)")
    for n in given.sizes:
        for name in given.names:
            arrays = inputs(n)
            ours, theirs = contender(tape, name, arrays), contender(torch, name, arrays)
            if name != "qr":  # whose cube of Q depends on signs, which the two libraries may choose differently
                agree(name, ours[1](), theirs[1]())
            (value, *v), (gradient, *g) = (ratio(a, b, given.rounds) for a, b in zip(ours, theirs, strict=True))
            late = " <-" if max(value, gradient) > TARGETS.get(n, 2.0) else ""
            first = f"{value:6.2f}  {v[0] * 1e6:9.1f} {v[1] * 1e6:9.1f}"
            print(f"{name:10}{n:5}   {first}    {gradient:6.2f}  {g[0] * 1e6:9.1f} {g[1] * 1e6:9.1f}{late}", flush=True)


if __name__ == "__main__":
    main()
