"""Figures of fresh processes: long tapes, memory, start-up. Each function gives its lines; `smoke` makes them
small.

Invariant: ours is measured with the same task of bench.processes as torch's, which is left out where torch is
not installed. Imports processes and lines; imported by figures.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from statistics import median

from bench.contest import seconds
from bench.lines import Line
from bench.pace import pace
from bench.processes import in_fresh_process

MIB = 1 << 20


def libraries() -> list[str]:
    """tape, and torch where it is installed."""
    return ["tape", *(["torch"] if importlib.util.find_spec("torch") else [])]


def repeated(
    times: int, task: str, name: str, *numbers: int, env: dict[str, str] | None = None
) -> dict[str, float]:
    """Medians over fresh processes."""
    found = [in_fresh_process(task, name, *numbers, env=env) for _ in range(times)]
    return {key: median(each[key] for each in found) for key in found[0]}


def long_tape(smoke: bool) -> Iterator[Line]:
    """Time to record and to sweep a million rows, and a fourth of that, which shows whether it grows faster
    than the length."""
    rows = 4_000 if smoke else 1_000_000
    speed = 1.0 if smoke else pace()
    found = {name: repeated(1 if smoke else 3, "long_tape", name, rows) for name in libraries()}
    fourth = repeated(1 if smoke else 3, "long_tape", "tape", rows // 4)
    speed = 1.0 if smoke else (speed + pace()) / 2
    for key, limit in (("record", 1.2), ("sweep", 0.1)):
        cells = {name: seconds(times[key]) for name, times in found.items()}
        yield Line.within(f"{rows:,} rows: {key}", cells, found["tape"][key], limit, "s", speed)
        growth = found["tape"][key] / fourth[key]
        yield Line(f"... over a fourth of the rows: {key}", {}, f"{growth:.3g}x", "<= 6x", growth <= 6)


def row_bytes(smoke: bool) -> Iterator[Line]:
    """Bytes a row, where nothing is saved and where values are."""
    rows = 4_000 if smoke else 1_000_000
    sums = {name: in_fresh_process("sum_bytes", name, rows)["row"] for name in libraries()}
    cells = {name: f"{size:.0f} B" for name, size in sums.items()}
    yield Line(f"{rows:,} rows that save nothing: bytes a row", cells, "", "<= 140 B", sums["tape"] <= 140)
    products = {name: in_fresh_process("product_bytes", name, rows)["row"] for name in libraries()}
    values = in_fresh_process("value_bytes", "numpy", rows)["row"]
    cells = {name: f"{size:.0f} B" for name, size in products.items()} | {"NumPy": f"{values:.0f} B"}
    beyond = products["tape"] - values
    yield Line(
        f"{rows:,} rows, half save an array: bytes a row",
        cells,
        f"ours - NumPy {beyond:.0f} B",
        "<= 140 B",
        beyond <= 140,
    )


def peak(smoke: bool) -> Iterator[Line]:
    """Peak memory of a chain and its gradient: with malloc as it is, and with one that returns large blocks,
    so that only what is kept counts (glibc's raises its threshold and then leaves holes between aligned
    blocks of equal size)."""
    length, size = (8, 1_000) if smoke else (100, 1_000_000)
    for how, env in (("", None), (", large blocks mapped", {"MALLOC_MMAP_THRESHOLD_": "1000000"})):
        found = {name: in_fresh_process("peak", name, length, size, env=env) for name in libraries()}
        cells = {name: f"{each['peak'] / MIB:.0f} MiB" for name, each in found.items()}
        what = f"peak memory, {length} operations on {size * 8 / 1e6:g} MB{how}"
        if "torch" not in found:
            yield Line(what, cells, "", "<= 1.1 of torch's", None)
            continue
        ours, theirs = (found[name]["gradient"] for name in ("tape", "torch"))
        assert abs(ours - theirs) <= 1e-6 * abs(theirs), f"gradients differ: {ours} and {theirs}"
        part = found["tape"]["peak"] / max(found["torch"]["peak"], 1)
        yield Line(what, cells, f"{part:.3g} of torch's", "<= 1.1 of torch's", None if smoke else part <= 1.1)


def flat(smoke: bool) -> Iterator[Line]:
    """Growth of memory when nothing is ever differentiated."""
    times = 500 if smoke else 100_000
    found = {name: in_fresh_process("flat", name, times)["growth"] / MIB for name in libraries()}
    cells = {name: f"{growth:.2f} MiB" for name, growth in found.items()}
    yield Line(f"{times:,} evaluations without backward: growth", cells, "", "<= 1 MiB", found["tape"] <= 1)


def start(smoke: bool) -> Iterator[Line]:
    """Import, and from its beginning to the first gradient; with the cache of compiled kernels filled, and
    empty."""
    times = 1 if smoke else 5
    in_fresh_process("start", "tape")
    speed = 1.0 if smoke else pace()
    found = {name: repeated(times, "start", name) for name in libraries()}
    cold = [] if smoke else [cold_start() for _ in range(3)]
    speed = 1.0 if smoke else (speed + pace()) / 2
    for key, what, limit in (
        ("import", "import", 0.6),
        ("gradient", "import to first gradient, warm cache", 1.0),
    ):
        cells = {name: seconds(each[key]) for name, each in found.items()}
        yield Line.within(what, cells, found["tape"][key], limit, "s", speed)
    if cold:
        what = "import to first gradient, cold cache"
        yield Line.within(what, {"tape": seconds(median(cold))}, median(cold), 8, "s", speed)


def cold_start() -> float:
    """Seconds from import to first gradient with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        return in_fresh_process("start", "tape", env={"NUMBA_CACHE_DIR": folder})["gradient"]
