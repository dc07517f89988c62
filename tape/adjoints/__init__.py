"""Pullbacks of the structural rows, written once with recording functions: run plainly they are the replay in Python, run
with gradients on they are the re-recorded backward pass.

`adjoint(name)` registers a function (g, row) -> one gradient (or None) an input; `accumulate(name)` registers the variant that
adds to the input's gradient buffer in place, where a full-size contribution would make loops quadratic; `tangent(name)`
registers a pushforward where it is not the row itself (linear), the product rule (bilinear) or derived (whole).
Imports record and functions; imported by rerecord, replay and autograd.forward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ADJOINTS: dict[str, Callable[..., tuple]] = {}
ACCUMULATE: dict[str, Callable[..., None]] = {}
TANGENTS: dict[str, Callable[..., Any]] = {}


def _registrar(registry: dict) -> Callable:
    def register(name: str) -> Callable:
        def keep(rule: Callable) -> Callable:
            if name in registry:
                raise ValueError(f"{name} has this rule already")
            registry[name] = rule
            return rule

        return keep

    return register


adjoint, accumulate, tangent = map(_registrar, (ADJOINTS, ACCUMULATE, TANGENTS))
