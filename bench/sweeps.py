"""Backward passes on their own, recorded beforehand and untimed: of the chain, and of four rows beside a
crowd of others.

`chain_sweeps` gives entries for a contest, `four_rows` makes the small graph on a long tape. The crowd is
held by its last tensor. Invariant: what a run consumes, its `prepare` made. Imports peers and programs;
imported by figures and the pytest suites.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bench.contest import Entry
from bench.peers import eager, leaves, torch_like
from bench.programs import Program


def chain_sweeps(program: Program) -> dict[str, Entry]:
    """`backward` alone, of a freshly recorded program each time."""
    entries = {}
    for name, torch in torch_like().items():
        params, constants = leaves(torch, program)

        def record(torch=torch, params=params, constants=constants):
            for p in params:
                p.grad = None
            return program.in_torch(torch, params, constants)

        entries[name] = Entry(lambda value: value.backward(), record)
        value, _ = eager(torch, program)()
        assert np.isfinite(value.item())
    return entries


def four_rows(torch: Any, others: int, place: str) -> tuple[Any, Any, Any]:
    """A result of four operations, what it is to be differentiated by, and the last of `others` other
    operations on its tape.

    place: "end", all four rows after the others; "around", two before and two after them.
    """
    x, y = (torch.tensor(np.linspace(a, b, 8), requires_grad=a < 0) for a, b in ((-1.0, 1.0), (0.2, 0.9)))
    target = first = x * x
    second = torch.sin(first)
    crowd = first
    for _ in range(others // 2):
        crowd = crowd * y + y
    if place == "around":
        return (second * second).sum(), x, crowd
    target = crowd
    return (torch.sin(target * target) * y).sum(), target, crowd


def small_sweep(torch: Any, others: int, place: str) -> Callable[[], Any]:
    """The gradient of the four rows, again and again over the same recording."""
    result, target, crowd = four_rows(torch, others, place)

    def run(crowd=crowd):
        return torch.autograd.grad(result, target, retain_graph=True)

    values = target.detach().numpy()
    expected = np.cos(values**2) * 2 * values * np.linspace(0.2, 0.9, 8)
    if place == "around":
        expected = 2 * np.sin(values**2) * np.cos(values**2) * 2 * values
    np.testing.assert_allclose(run()[0].numpy(), expected, rtol=1e-12)
    return run


def first_small_sweep(torch: Any, others: int) -> Entry:
    """The same once, on a recording that nothing has swept before."""
    return Entry(
        lambda made: torch.autograd.grad(made[0], made[1]), lambda: four_rows(torch, others, "around")
    )
