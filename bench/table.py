"""The elementwise table beside PyTorch, operation by operation: `python -m bench.table [NAME ...] [--sizes 8 1000000] [--backward] [--all]`.

Each operation runs on float64 leaves that require grad, so that recording is part of what is measured, for tape and torch in turn; the
figure is the median of the rounds. Listed are the ratios above LISTED (`--all`: every one), the share of the table that is within it, and on few
elements the ratio to tape's own `add`. Both libraries have one thread. Names that torch lacks are left out. Imports peers.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bench.peers import torch_like

LISTED, LONGEST = 1.3, 3.0  # the goals: 90 % of the table within the first, all within the second
UNIT, BIG, POSITIVE, ANY = (0.05, 0.95), (1.1, 4.0), (0.1, 4.0), (-3.0, 3.0)
ONE = {
    **dict.fromkeys("""abs neg sign floor ceil round trunc frac square exp exp2 expm1 sin cos tan atan sinh cosh tanh asinh sigmoid relu erf erfc deg2rad
        rad2deg sinc i0 nan_to_num sgn special.i0e special.i1 special.i1e special.erfcx special.ndtr special.log_ndtr special.bessel_j0
        special.bessel_j1 special.airy_ai special.spherical_bessel_j0 nn.functional.silu nn.functional.gelu nn.functional.relu6
        nn.functional.softplus nn.functional.logsigmoid nn.functional.hardtanh nn.functional.leaky_relu nn.functional.elu""".split(), ANY),
    **dict.fromkeys("""sqrt rsqrt reciprocal log log2 log10 log1p lgamma digamma special.entr special.bessel_y0 special.bessel_y1
        special.modified_bessel_k0 special.modified_bessel_k1 special.scaled_modified_bessel_k0 special.scaled_modified_bessel_k1""".split(), POSITIVE),
    **dict.fromkeys("asin acos atanh logit erfinv special.ndtri".split(), UNIT),
    "acosh": BIG,
}  # fmt: skip
TWO = {
    **dict.fromkeys("add sub mul maximum minimum fmax fmin copysign logaddexp logaddexp2 ldexp".split(), (ANY, ANY)),
    **dict.fromkeys("div atan2 fmod remainder floor_divide hypot pow xlogy special.xlog1py igamma igammac float_power special.zeta".split(), (POSITIVE, BIG)),
}  # fmt: skip
FURTHER: dict[str, Callable] = {
    "x**2": lambda m, x, y: x**2, "x**3": lambda m, x, y: x**3, "2**x": lambda m, x, y: 2.0**x, "x + 1": lambda m, x, y: x + 1.0, "1/x": lambda m, x, y: 1.0 / x,
    "clamp": lambda m, x, y: x.clamp(-1.0, 1.0), "where": lambda m, x, y: m.where(y > 0, x, y), "lerp": lambda m, x, y: m.lerp(x, y, 0.3),
    "addcmul": lambda m, x, y: m.addcmul(x, x, y), "addcdiv": lambda m, x, y: m.addcdiv(x, x, y), "polygamma": lambda m, x, y: m.polygamma(2, y),
    "x > y": lambda m, x, y: x > y, "isnan": lambda m, x, y: m.isnan(x), "isclose": lambda m, x, y: m.isclose(x, y),
    "legendre": lambda m, x, y: m.special.legendre_polynomial_p(x.detach(), 5),
}  # fmt: skip


def look_up(module: Any, name: str) -> Any:
    """A function by its dotted name; None where the module has none."""
    for part in name.split("."):
        module = getattr(module, part, None)
    return module


def operations(wanted: list[str]) -> Iterator[tuple[str, Callable, tuple]]:
    """(name, function of a module and two Tensors, where to sample the Tensors) for each operation."""
    for name, domain in ONE.items():
        if not wanted or name in wanted:
            yield name, lambda m, x, y, name=name: look_up(m, name)(x), (domain, ANY)
    for name, domains in TWO.items():
        if not wanted or name in wanted:
            yield name, lambda m, x, y, name=name: look_up(m, name)(x, y), domains
    for name, function in FURTHER.items():
        if not wanted or name in wanted:
            yield name, function, ((0.2, 3.0), (0.2, 3.0))


def runner(module: Any, name: str, function: Callable, values: list[np.ndarray], backward: bool) -> Callable[[], Any]:
    """One evaluation, with its gradient where that is asked for."""
    leaves = [module.from_numpy(v.copy()).requires_grad_() for v in values]
    direct = look_up(module, name) if name not in FURTHER else None
    if direct is not None and not backward:
        given = leaves[: 2 if name in TWO else 1]
        return lambda: direct(*given)
    if not backward:
        return lambda: function(module, *leaves)
    seed = module.ones(len(values[0]), dtype=module.float64)

    def run() -> Any:
        y = function(module, *leaves)
        return module.autograd.grad(y, leaves, seed, allow_unused=True) if y.requires_grad else None

    return run


def measure(runs: dict[str, Callable], budget: float) -> dict[str, float]:
    """Seconds a run of each, the median of rounds in which they take turns."""
    loops, times = {}, {name: [] for name in runs}
    for name, run in runs.items():
        run()
        start = time.perf_counter()
        run()
        loops[name] = max(1, int(2e-4 / (time.perf_counter() - start)))
    end = time.perf_counter() + budget
    while time.perf_counter() < end or len(times[name]) < 3:
        for name, run in runs.items():
            start = time.perf_counter()
            for _ in range(loops[name]):
                run()
            times[name].append((time.perf_counter() - start) / loops[name])
    return {name: statistics.median(rounds) for name, rounds in times.items()}


def table(size: int, wanted: list[str], backward: bool, budget: float) -> dict[str, dict[str, float]]:
    """Seconds by operation and library."""
    rng = np.random.default_rng(0)
    modules, found = torch_like(), {}
    for name, function, domains in operations(wanted):
        values = [rng.uniform(*domain, size) for domain in domains]
        try:
            runs = {key: runner(module, name, function, values, backward) for key, module in modules.items()}
            found[name] = measure(runs, budget)
        except (RuntimeError, TypeError, AttributeError) as problem:
            print(f"  {name}: {type(problem).__name__} {problem}")
    return found


def report(size: int, found: dict[str, dict[str, float]], everything: bool) -> None:
    """Print the ratios and how many are within the goals."""
    ratios = {name: times["tape"] / times["torch"] for name, times in found.items() if "torch" in times}
    ours = {name: times["tape"] / found["add"]["tape"] for name, times in found.items()} if "add" in found else {}
    print(f"{size} elements: {len(found)} operations")
    for name, ratio in sorted(ratios.items(), key=lambda item: -item[1]):
        if everything or ratio > LISTED or size < 1000 and ours.get(name, 0) > LISTED:
            own = f", {ours[name]:5.2f} x add" if size < 1000 and name in ours else ""
            print(f"  {name:36} {found[name]['tape'] * 1e6:10.2f} us  {ratio:5.2f} x torch{own}")
    if ratios:
        within = sum(ratio <= LISTED for ratio in ratios.values())
        print(f"  within {LISTED} of torch: {within} of {len(ratios)} ({100 * within / len(ratios):.0f} %); the worst {max(ratios.values()):.2f}")
    if size < 1000 and ours:
        print(f"  within {LISTED} of add: {sum(r <= LISTED for r in ours.values())} of {len(ours)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("names", nargs="*")
    parser.add_argument("--sizes", nargs="+", type=int, default=[8, 1_000_000])
    parser.add_argument("--backward", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--budget", type=float, default=0.1, help="seconds an operation")
    given = parser.parse_args()
    for size in given.sizes:
        report(size, table(size, given.names, given.backward, given.budget), given.all)


if __name__ == "__main__":
    main()
