"""What can only be measured in a process of its own: memory, start-up, very long tapes.

`in_fresh_process(task, library, *numbers)` runs one task of this file in a new interpreter and gives what it
found, a dict. A task takes the library's name (`tape` or `torch`) and imports it itself. Memory is what the
kernel says is resident: the peak is `VmHWM`, because `ru_maxrss` is inherited from the parent over fork and
exec; where there is no /proc, `ru_maxrss` of a short-lived parent serves. Invariant: a task returns only
numbers. Imports nothing but the standard library until a task runs.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import Any

STATUS = Path("/proc/self/status")


def in_fresh_process(
    task: str,
    library: str,
    *numbers: int,
    env: dict[str, str] | None = None,
    module: str = "bench.processes",
    patience: float | None = None,
) -> dict[str, float]:
    """Run a task, one of `module`, in a new interpreter. RuntimeError with its last words if it fails,
    TimeoutError if it takes longer than `patience` seconds."""
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", module, task, library, *map(str, numbers)]
    env = os.environ | {"PYTHONPATH": path} | (env or {})
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=patience)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"{task} with {library} takes more than {patience:g} s") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"{task} with {library} failed: {last}")
    return json.loads(done.stdout.splitlines()[-1])


def resident(peak: bool = False) -> int:
    """Bytes of memory that this process holds now, or has held at most."""
    if STATUS.exists():
        label = "VmHWM:" if peak else "VmRSS:"
        return (
            next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith(label))
            * 1024
        )
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024


def load(library: str) -> Any:
    """The library, limited to one thread, after a first gradient."""
    torch = importlib.import_module(library)
    if library == "torch":
        torch.set_num_threads(1)
    first_gradient(torch)
    return torch


def first_gradient(torch: Any) -> None:
    """A first gradient such as anybody's: a few elementwise operations and a sum."""
    x = torch.tensor([0.5, 1.0, 1.5], requires_grad=True)
    (torch.sin(x) * x + torch.exp(-x)).sum().backward()
    assert x.grad is not None


def start(library: str) -> dict[str, float]:
    """Seconds of the import, and from before the import until the first gradient is there."""
    begun = process_time()
    torch = importlib.import_module(library)
    imported = process_time()
    first_gradient(torch)
    return {"import": imported - begun, "gradient": process_time() - begun}


def eight(torch: Any, **how: Any) -> Any:
    """A tensor of 8 float64 below 1."""
    return torch.tensor([0.2 + 0.1 * k for k in range(8)], dtype=torch.float64, **how)


def long_tape(library: str, rows: int) -> dict[str, float]:
    """Seconds to record a chain of `rows` operations on 8 float64, and to sweep it; its second half, to see
    growth with length."""
    torch = load(library)
    x, y = eight(torch, requires_grad=True), eight(torch)
    z, begun = x, process_time()
    for _ in range(rows // 4):
        z = z * y + y
    half = process_time()
    for _ in range(rows // 4):
        z = z * y + y
    recorded = process_time()
    z = z.sum()
    again = process_time()
    z.backward()
    return {"record": recorded - begun, "second half": recorded - half, "sweep": process_time() - again}


def sum_bytes(library: str, rows: int) -> dict[str, float]:
    """Resident bytes a row of `z = z + y`, which saves nothing."""
    torch = load(library)
    x, y = eight(torch, requires_grad=True), eight(torch)
    before = resident()
    z = x
    for _ in range(rows):
        z = z + y
    return {"row": (resident() - before) / rows, "held": float(z.requires_grad)}


def product_bytes(library: str, rows: int) -> dict[str, float]:
    """Resident bytes a row of `z = z*y + y`, whose products save one array each."""
    torch = load(library)
    x, y = (eight(torch, requires_grad=True) for _ in range(2))
    before = resident()
    z = x
    for _ in range(rows // 2):
        z = z * y + y
    return {"row": (resident() - before) / rows, "held": float(z.requires_grad)}


def value_bytes(library: str, rows: int) -> dict[str, float]:
    """Resident bytes a row of the arrays that `product_bytes` saves, alone in a list (whose own 8 bytes each
    are left out)."""
    import numpy as np

    y, count = np.array([0.2 + 0.1 * k for k in range(8)]), rows // 2
    kept: list[Any] = [1.5] * count
    before, z = resident(), y
    for k in range(count):
        kept[k] = z
        z = z * y + y
    return {"row": (resident() - before) / rows}


def peak(library: str, length: int, size: int) -> dict[str, float]:
    """Peak bytes of a chain of `length` operations on `size` float64 and its gradient, above what was there
    before."""
    torch = load(library)
    x = torch.linspace(0.0, 1.0, size, dtype=torch.float64).requires_grad_()
    y = torch.linspace(0.1, 0.5, size, dtype=torch.float64)
    before = resident()
    z = x
    for _ in range(length // 4):
        z = torch.exp(torch.sin(z) * y)
        z = z * z
    z.sum().backward()
    return {"peak": resident(peak=True) - before, "gradient": float(x.grad.sum())}


def flat(library: str, times: int) -> dict[str, float]:
    """Growth in bytes between a tenth and the end of `times` evaluations without backward, of leaves and of
    one non-leaf."""
    torch = load(library)
    x, y = eight(torch, requires_grad=True), eight(torch, requires_grad=True)
    derived = x * 2.0
    tenth, total = 0, 0.0
    for k in range(times):
        if k == times // 10:
            tenth = resident()
        total += (torch.exp(x * y) + x).sum().item() + (torch.sin(derived) * y).sum().item()
    return {"growth": resident() - tenth, "total": total}


TASKS = {
    task.__name__: task for task in (start, long_tape, sum_bytes, product_bytes, value_bytes, peak, flat)
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:]))))
