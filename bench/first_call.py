"""How long it takes from the first call of a compiled program until native code answers, in a process of its
own: the library imported, and a trivial function compiled beforehand, but nothing of the program.

`first_call(contender, program, patience)` gives seconds of the first call and until the program is ready; for
all peers these are the same, because their first call waits for the compiler. What ran in the fresh process
must agree with the gradient by hand. TimeoutError past `patience`, RuntimeError with the last words of what
failed, which begin with "wrong: " where it disagreed. `prepare` compiles once what torch.compile needs for any
program, which takes it most of a minute.
Invariant: no process loads a program that an earlier one compiled: our cache is new for each, torch's, which
`keep` names for this process and those it starts, for each run of the bench.
Imports compiled_peers and scalar_rows; imported by compiled_figures.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from functools import cache
from time import perf_counter

import numpy as np

from bench.compiled_peers import arguments, eager_only, listed, make, tier
from bench.compiled_programs import COMPILED, Compiled, new
from bench.contest import check
from bench.processes import in_fresh_process
from bench.scalar_rows import mixed


def first_call(contender: str, program: str, patience: float, smoke: bool = False) -> dict[str, float]:
    """Measure in a fresh process: {"first": seconds, "ready": seconds}."""
    with tempfile.TemporaryDirectory() as folder:
        return in_fresh_process(
            contender,
            program,
            int(smoke),
            env={"TAPE_CACHE_DIR": folder, "PYTHONDONTWRITEBYTECODE": ""},  # bytecode, which all installed peers have
            module="bench.first_call",
            patience=patience,
        )


@cache
def keep() -> str:
    """The folder of torch.compile's cache, empty at first, gone when this process ends."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(TORCHINDUCTOR_CACHE_DIR=folder, TORCHINDUCTOR_COMPILE_THREADS="1")
    return folder


@cache
def prepare() -> None:
    """Have torch.compile compile its headers."""
    keep()
    first_call("torch.compile", "trivial", 240.0)


def trivial(smoke: bool = False) -> Compiled:
    """A program of two operations."""
    made = new(
        "trivial",
        (np.array([0.1, 0.2, 0.3]),),
        (),
        lambda torch, p, c: (p[0] * p[0]).sum(),
        lambda lib, p, c: (p[0] * p[0]).sum(),
        lambda x: ((x * x).sum(), 2.0 * x),
    )
    return Compiled("trivial", **made, limits=())


def measure(contender: str, compiled: Compiled) -> dict[str, float]:
    """In this process."""
    call = make(contender, compiled)
    if call is None:
        raise RuntimeError(f"{contender} cannot run this program here")
    points = arguments(contender, compiled)
    begun = perf_counter()
    call(*points[0])
    first = perf_counter() - begun
    getattr(call, "wait", lambda: None)()
    ready = perf_counter() - begun
    if contender == "tape" and not eager_only() and tier(call) != "native":
        raise RuntimeError(f"served by the {tier(call)} tier: {' '.join(call.explain().split())}")
    for point, hand in zip(points, arguments("by hand", compiled), strict=True):
        check(
            {
                contender: lambda point=point: listed(call(*point)),
                "by hand": lambda hand=hand: listed(compiled.by_hand(*hand)),
            },
            rtol=1e-9,
        )
    return {"first": first, "ready": ready}


PROGRAMS = COMPILED | {"rows_1e5": mixed, "trivial": trivial}

if __name__ == "__main__":
    contender, program, smoke = sys.argv[1], sys.argv[2], bool(int(sys.argv[3]))
    try:
        measure(contender, trivial())
        print(json.dumps(measure(contender, PROGRAMS[program](smoke))))
    except AssertionError as problem:
        sys.exit(f"wrong: {' '.join(str(problem).split())}")
