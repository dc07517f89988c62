"""Gradients of a small network for each example of a batch, beside the gradient of the summed loss: `python -m bench.per_sample`.

A row a network: the summed gradient and the per-sample ones, run eagerly and as compiled programs, a loop over the examples, and
torch.func where it is installed. What they give is compared first. Invariant: the networks, and their numbers, are the same in every run.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

import tape
from tape.func import grad, vmap

BATCH = 64
NETWORKS = ((10, 32, 3), (32, 64, 10), (64, 128, 10))  # inputs, hidden, outputs
DIMS = (None, 0, 0)


def numbers(sizes: tuple[int, int, int]) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Parameters, inputs and targets."""
    rng = np.random.default_rng(0)
    a, h, b = sizes
    parameters = {"w": rng.normal(size=(a, h)) / a**0.5, "b": np.zeros(h), "v": rng.normal(size=(h, b)) / h**0.5, "c": np.zeros(b)}
    return parameters, rng.normal(size=(BATCH, a)), rng.normal(size=(BATCH, b))


def loss(library: Any) -> Callable[..., Any]:
    """The sum of squared residuals of one example, or of many."""
    return lambda p, x, y: ((library.tanh(x @ p["w"] + p["b"]) @ p["v"] + p["c"] - y) ** 2).sum()


def ways(sizes: tuple[int, int, int]) -> dict[str, Callable[[], Any]]:
    """What is measured, by name."""
    parameters, x, y = numbers(sizes)
    given = ({k: tape.from_numpy(v) for k, v in parameters.items()}, tape.from_numpy(x), tape.from_numpy(y))
    summed, each = grad(loss(tape)), vmap(grad(loss(tape)), DIMS)
    compiled = {"compiled summed": tape.compile(summed), "compiled per-sample": tape.compile(each)}
    for program in compiled.values():
        for _ in range(40):
            program(*given)
        program.wait()
    found: dict[str, Callable[[], Any]] = {"summed": lambda: summed(*given), "per-sample": lambda: each(*given)}
    found["loop"] = lambda: [summed(given[0], given[1][k], given[2][k]) for k in range(BATCH)]
    found |= {name: lambda program=program: program(*given) for name, program in compiled.items()}
    return found | of_torch(parameters, x, y)


def of_torch(parameters: dict[str, np.ndarray], x: np.ndarray, y: np.ndarray) -> dict[str, Callable[[], Any]]:
    """The same with torch.func, if it is there."""
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    given = ({k: torch.from_numpy(v) for k, v in parameters.items()}, torch.from_numpy(x), torch.from_numpy(y))
    summed, each = torch.func.grad(loss(torch)), torch.func.vmap(torch.func.grad(loss(torch)), DIMS)
    return {"torch summed": lambda: summed(*given), "torch per-sample": lambda: each(*given)}


def check(entries: dict[str, Callable[[], Any]]) -> None:
    """AssertionError where the per-sample gradients do not add up to the summed one, however they are computed."""
    wanted = {k: np.asarray(v) for k, v in entries["summed"]().items()}
    for name, call in entries.items():
        made = call()
        if name == "loop":
            made = {k: sum(np.asarray(each[k]) for each in made) for k in wanted}
        for k, g in wanted.items():
            found = np.asarray(made[k])
            np.testing.assert_allclose(found.sum(0) if "per-sample" in name else found, g, rtol=1e-9, atol=1e-11)


def best(call: Callable[[], Any], rounds: int = 7, seconds: float = 0.05) -> float:
    """Microseconds of the fastest of several rounds."""
    call()
    start = perf_counter()
    call()
    count = max(1, int(seconds / max(perf_counter() - start, 1e-6)))
    times = []
    for _ in range(rounds):
        start = perf_counter()
        for _ in range(count):
            call()
        times.append((perf_counter() - start) / count)
    return 1e6 * min(times)


def main() -> None:
    """Print the table."""
    for sizes in NETWORKS:
        entries = ways(sizes)
        check(entries)
        print(f"{'-'.join(map(str, sizes))}, batch {BATCH}:", ", ".join(f"{name} {best(call):.0f} us" for name, call in entries.items()))


if __name__ == "__main__":
    main()
