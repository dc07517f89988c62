"""The contenders of the compiled figures: a program turned into a callable from ndarrays to a value and
ndarrays, for tape and for each peer.

`MAKERS[name](compiled)` gives the callable, which takes the parameters as positional arguments; calling it
the first time compiles. `make` does it where the contender is there at all; `tier` says what became of one of
ours; `listed` makes what a call returned comparable. Until `tape.compile` and `tape.func` exist, tape runs eagerly, and `EAGER` says so.
Invariant: arrays enter and leave as float64 ndarrays in every contender, conversions included in its time.
Imports peers and compiled_programs; imported by first_call and the figures.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from bench import symbolic
from bench.compiled_programs import FIRST_TIER, THREADS, Compiled, framed, written_out
from bench.peers import library

Call = Callable[..., tuple[Any, Any]]
MODULES = {"HIPS": "autograd", "CasADi": "casadi", "torch.compile": "torch", "jax scan": "jax"}


@cache
def eager_only() -> bool:
    """Whether tape has no compiler yet."""
    tape = library("tape")
    return not (
        callable(getattr(tape, "compile", None)) and hasattr(getattr(tape, "func", None), "value_and_grad")
    )


def function(torch: Any, compiled: Compiled) -> Callable[..., Any]:
    """The program as a function of its parameters alone; the constants are tensors that it closes over."""
    in_torch = compiled.program.in_torch
    constants = tuple(torch.tensor(value) for value in compiled.program.constants)
    return lambda *params: in_torch(torch, params, constants)


def argnums(compiled: Compiled) -> Any:
    """What to differentiate: 0, or all places."""
    count = len(compiled.program.params)
    return 0 if count == 1 else tuple(range(count))


def eager(torch: Any, compiled: Compiled, as_tensor: Callable[[Any], Any]) -> Call:
    """Record and sweep at every call."""
    f = function(torch, compiled)

    def run(*arrays):
        leaves = [as_tensor(a).requires_grad_() for a in arrays]
        value = f(*leaves)
        return value.item(), [g.numpy() for g in torch.autograd.grad(value, leaves)]

    return run


def ours(compiled: Compiled, **how: Any) -> Call:
    """tape.compile of value_and_grad."""
    tape = library("tape")
    if eager_only():
        return eager(tape, compiled, tape.from_numpy)
    return tape.compile(tape.func.value_and_grad(function(tape, compiled), argnums(compiled)), **how)


def with_threads(compiled: Compiled) -> Call | None:
    """The same with two threads; None until there is a compiler."""
    return None if eager_only() else ours(compiled, threads=2)


def torch_eager(compiled: Compiled) -> Call:
    """PyTorch without a compiler."""
    torch = library("torch")
    return eager(torch, compiled, torch.from_numpy)


def torch_compiled(compiled: Compiled) -> Call:
    """torch.compile of value and gradient as one function, so that nothing is kept for a sweep of its own; all
    of it or not at all, because what it cannot compile it would otherwise run eagerly without a word."""
    torch = library("torch")
    torch.compiler.reset()  # what it holds of other programs counts against this one's limit of recompilations
    both = torch.compile(
        torch.func.grad_and_value(function(torch, compiled), argnums(compiled)), dynamic=False, fullgraph=True
    )

    def run(*arrays):
        gradients, value = both(*map(torch.from_numpy, arrays))
        return value.item(), [
            g.numpy() for g in (gradients if isinstance(gradients, tuple) else (gradients,))
        ]

    return run


def jitted(compiled: Compiled, scan: bool = False) -> Call:
    """jax.jit of value_and_grad; loops written out, or as `lax.scan`."""
    jax = library("jax")
    special = importlib.import_module("jax.scipy.special")
    linear = importlib.import_module("jax.scipy.linalg")

    def scanned(step, times, start, extra):
        return jax.lax.scan(lambda carry, _: (step(carry, extra), None), start, None, length=times)[0]

    def added(u, d):
        return u.at[1:-1, 1:-1].add(d)

    lib = SimpleNamespace(
        np=jax.numpy,
        logsumexp=special.logsumexp,
        solve_lower=lambda a, b: linear.solve_triangular(a, b, lower=True),
        repeat=scanned if scan else written_out,
        # each quicker than the other in its place; jax.numpy.pad is slower in both
        add_inside=added if scan else lambda u, d: framed(jax.numpy.concatenate, u, u[1:-1, 1:-1] + d),
    )
    constants = tuple(map(jax.numpy.asarray, compiled.program.constants))
    both = jax.jit(jax.value_and_grad(lambda p, c: compiled.program.in_numpy(lib, p, c)))

    def run(*arrays):
        value, gradients = both(arrays, constants)
        return float(value), [np.asarray(g) for g in gradients]

    return run


def traced(compiled: Compiled) -> Call:
    """HIPS autograd's value_and_grad."""
    autograd = library("autograd")
    special = importlib.import_module("autograd.scipy.special")
    linear = importlib.import_module("autograd.scipy.linalg")
    importlib.import_module("autograd.numpy")
    lib = SimpleNamespace(
        np=autograd.numpy,
        logsumexp=special.logsumexp,
        solve_lower=lambda a, b: linear.solve_triangular(a, b, lower=True),
        repeat=written_out,
        add_inside=lambda u, d: u + autograd.numpy.pad(d, 1, "constant"),
    )
    program = compiled.program
    both = autograd.value_and_grad(lambda p: program.in_numpy(lib, p, program.constants))
    # single numbers as NumPy users have them: a float is quicker there than an array of no dimensions
    return lambda *arrays: both(tuple(float(a) if not a.ndim else a for a in arrays))


def symbols(compiled: Compiled) -> Call | None:
    """A CasADi Function of value and gradient, called through its buffers, which is its quickest way in."""
    if compiled.symbolic is None:
        return None
    ca = library("casadi")
    kind = getattr(ca, symbolic.KINDS.get(compiled.symbolic, "MX"))
    shapes = [np.shape(p)[::-1] for p in compiled.program.params]
    params = [kind.sym(f"p{k}", *shape) for k, shape in enumerate(shapes)]
    value = compiled.symbolic(ca, params, compiled.given)
    both = ca.Function("both", params, [value, *(ca.gradient(value, p) for p in params)])
    assert all(both.sparsity_out(k).is_dense() for k in range(both.n_out()))
    buffer, evaluate = both.buffer()
    given = [np.empty(np.shape(p)) for p in compiled.program.params]
    found = [np.empty(1), *map(np.empty_like, given)]
    for k, array in enumerate(given):
        buffer.set_arg(k, memoryview(array))
    for k, array in enumerate(found):
        buffer.set_res(k, memoryview(array))

    def run(*arrays):
        for place, array in zip(given, arrays, strict=True):
            place[...] = array
        evaluate()
        return float(found[0][0]), [g.copy() for g in found[1:]]

    run.owns = buffer, both  # `evaluate` holds neither
    return run


def by_hand(compiled: Compiled) -> Call:
    """Numba's; the constants come with the arguments (see `arguments`)."""
    return compiled.by_hand


def arguments(name: str, compiled: Compiled) -> tuple[tuple[Any, ...], ...]:
    """What a contender is called with, in turn."""
    more = compiled.given if name == "by hand" else ()
    return tuple((*point, *more) for point in compiled.points)


MAKERS: dict[str, Callable[[Compiled], Call | None]] = {
    "tape": ours,
    THREADS: with_threads,
    FIRST_TIER: lambda compiled: ours(compiled) if eager_only() else ours(compiled, native=False),
    "by hand": by_hand,
    "jax": jitted,
    "jax scan": lambda compiled: jitted(compiled, scan=True),
    "torch.compile": torch_compiled,
    "torch": torch_eager,
    "HIPS": traced,
    "CasADi": symbols,
}


def make(name: str, compiled: Compiled) -> Call | None:
    """A contender; None where it is not installed, or where the program is not written for it."""
    module = MODULES.get(name, name)
    if module in ("torch", "jax", "autograd", "casadi") and library(module) is None:
        return None
    return MAKERS[name](compiled)


def ready(call: Call, points: Any, calls: int = 3) -> None:
    """Call until everything is compiled."""
    for _ in range(calls):
        for point in points:
            call(*point)
    getattr(call, "wait", lambda: None)()


def tier(call: Call) -> str:
    """What serves calls of one of ours, in the words of its `explain`: "native", "blocked", "eager", ..."""
    said = call.explain()
    if "runs eagerly" in said:
        return "eager"
    return ", ".join(sorted(set(re.findall(r"tier: (\w+)", said)))) or "eager"


def listed(outcome: tuple[Any, Any]) -> tuple[float, list[np.ndarray]]:
    """A value and a list of gradients, whatever the contender wrapped them in."""
    value, gradients = outcome
    gradients = list(gradients) if isinstance(gradients, tuple | list) else [gradients]
    return float(value), [np.asarray(g) for g in gradients]
