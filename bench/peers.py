"""The contenders: a program turned into a callable for tape and for each peer that is installed.

`contenders(program)` gives them by name; calling one returns the value and the gradients of one evaluation,
by whatever way its users would take: `backward` for tape and torch, a jitted `value_and_grad` for jax,
`value_and_grad` for HIPS autograd. `torch_like()` gives the modules with torch's interface. Invariant: a peer
that is not installed is left out, without a word. Imports programs; imported by contest's users.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from bench.programs import Program

Contender = Callable[[], tuple[Any, Any]]
NAMES = ("tape", "torch", "jax", "HIPS", "NumPy")


@cache
def library(name: str) -> Any:
    """tape, torch, jax or autograd, limited to one thread; None where it is not installed."""
    try:
        found = importlib.import_module(name)
    except ModuleNotFoundError as problem:
        if problem.name != name:
            raise
        return None
    if name == "torch":
        found.set_num_threads(1)
    if name == "jax":
        on_one_core(lambda: found.block_until_ready(found.jit(lambda x: x + 1)(1.0)))
    return found


def on_one_core(run: Callable[[], Any]) -> None:
    """Let threads that `run` starts see one core. jax makes its pool of threads when it first runs, as many as
    there are cores, and hands work to it: a small program takes up to twice as long as with one."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        run()
    finally:
        os.sched_setaffinity(0, cores)


def torch_like() -> dict[str, Any]:
    """tape, and torch where it is installed."""
    found = {name: library(name) for name in ("tape", "torch")}
    return {name: module for name, module in found.items() if module is not None}


def leaves(torch: Any, program: Program) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The parameters of a program as leaves that require grad, and its constants as tensors."""
    params = tuple(torch.tensor(value, requires_grad=True) for value in program.params)
    return params, tuple(torch.tensor(value) for value in program.constants)


def eager(torch: Any, program: Program) -> Contender:
    """Record and `backward`, on fresh gradients each time."""
    params, constants = leaves(torch, program)

    def run():
        for p in params:
            p.grad = None
        value = program.in_torch(torch, params, constants)
        value.backward()
        return value, params

    return run


def jitted(jax: Any, program: Program) -> Contender:
    """jax.jit of value_and_grad; loops are `lax.scan`."""
    special = importlib.import_module("jax.scipy.special")

    def repeat(step, times, start, extra):
        return jax.lax.scan(lambda carry, _: (step(carry, extra), None), start, None, length=times)[0]

    lib = SimpleNamespace(np=jax.numpy, logsumexp=special.logsumexp, repeat=repeat)
    params, constants = (
        tuple(map(jax.numpy.asarray, values)) for values in (program.params, program.constants)
    )
    compiled = jax.jit(jax.value_and_grad(lambda p, c: program.in_numpy(lib, p, c)))
    return lambda: jax.block_until_ready(compiled(params, constants))


def traced(autograd: Any, program: Program) -> Contender:
    """HIPS autograd's value_and_grad."""
    special = importlib.import_module("autograd.scipy.special")

    def repeat(step, times, carry, extra):
        for _ in range(times):
            carry = step(carry, extra)
        return carry

    lib = SimpleNamespace(
        np=importlib.import_module("autograd.numpy"), logsumexp=special.logsumexp, repeat=repeat
    )
    both = autograd.value_and_grad(lambda p: program.in_numpy(lib, p, program.constants))
    # single numbers as NumPy users have them: a float is quicker there than an array of no dimensions
    params = tuple(float(p) if not p.ndim else p for p in program.params)
    return lambda: both(params)


def contenders(program: Program, names: tuple[str, ...] = NAMES) -> dict[str, Contender]:
    """The program for every contender that is installed, in the order of `names`."""
    makers = {"tape": eager, "torch": eager, "jax": jitted, "HIPS": traced}
    modules = {"HIPS": "autograd"}
    found: dict[str, Contender] = {}
    for name in names:
        if name == "NumPy":
            found[name] = lambda: program.by_hand(program.params, program.constants)
        elif (module := library(modules.get(name, name))) is not None:
            found[name] = makers[name](module, program)
    return found


def numbers(outcome: tuple[Any, Any]) -> tuple[float, list[np.ndarray]]:
    """What a contender returned, as a float and ndarrays."""
    value, gradients = outcome
    if hasattr(value, "backward"):
        value, gradients = value.item(), [p.grad.numpy() for p in gradients]
    return float(value), [np.asarray(g, dtype=float) for g in gradients]
