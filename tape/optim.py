"""Optimisers that update parameters in place. `SGD` is gradient descent with momentum, step by step as PyTorch's.

Parameters come as one sequence or as groups with options of their own; `state_dict` and `load_state_dict` carry a run on.
Invariant: a step writes parameters under no_grad and leaves their gradients as they are; one without gradient is not touched.
Imports tensor, inplace and the grad modes; imported by tape/__init__.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tape.columns import Tape
from tape.inplace import write, zero_
from tape.state import change
from tape.tensor import Tensor, array, wrap


class Optimizer:
    """What optimisers share: groups of parameters with their options (`param_groups`), and what they remember of each
    (`state`)."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(f"{type(self).__name__} got one Tensor; wanted a sequence of parameters: [parameter]")
        self.defaults, self.state, self.param_groups = defaults, {}, []
        given = list(params)
        if not given:
            raise ValueError(f"{type(self).__name__} got no parameters")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters: a dict of "params" and options that differ from the defaults. TypeError for what is no dict
        or no Tensor, ValueError for non-leaves and for parameters that are there already."""
        name = type(self).__name__
        if not isinstance(param_group, dict):
            raise TypeError(f"{name} got a group of type {type(param_group).__name__}; wanted a dict with 'params'")
        group = {**self.defaults, **param_group}
        members = group["params"]
        group["params"] = members = [members] if isinstance(members, Tensor) else list(members)
        known = {id(p) for each in self.param_groups for p in each["params"]}
        for p in members:
            if isinstance(p, tuple) and len(p) == 2 and isinstance(p[1], Tensor):
                raise TypeError(f"{name} got a named parameter {p[0]!r}; wanted the Tensor alone")
            if not isinstance(p, Tensor):
                raise TypeError(f"{name} got a parameter of type {type(p).__name__}; wanted Tensors")
            if type(p._t) is Tape:
                raise ValueError(
                    f"{name} got a non-leaf of shape {p._s.shape}; it updates leaves only: use detach().requires_grad_()"
                )
            if id(p) in known:
                raise ValueError(f"{name} got a parameter of shape {p._s.shape} that another group has already")
        if len(set(map(id, members))) < len(members):
            warnings.warn(f"{name} got a parameter twice in one group; each step will update it twice", UserWarning, stacklevel=4)
        self.check(group)
        self.param_groups.append(group)

    def check(self, group: dict[str, Any]) -> None:
        """Raise ValueError for options that make no sense."""

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Unset the gradients of all parameters; with set_to_none=False those that exist are filled with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.grad = None
                elif (gradient := getattr(p, "_grad", None)) is not None:
                    if gradient._t is not None:
                        gradient = p.grad = wrap(array(gradient).copy())
                    before = change(grad=False)
                    try:
                        zero_(gradient)
                    finally:
                        change(**before)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update all parameters once. closure: makes the gradients anew first (gradients are switched on for it); its
        result is returned."""
        loss = None
        if closure is not None:
            before = change(grad=True)
            try:
                loss = closure()
            finally:
                change(**before)
        before = change(grad=False)
        try:
            for group in self.param_groups:
                for p in group["params"]:
                    gradient = getattr(p, "_grad", None)
                    if gradient is not None:
                        write(p, wrap(np.asarray(self.updated(group, p, gradient._v), p._s.dtype)))
        finally:
            change(**before)
        return loss

    def updated(self, group: dict[str, Any], p: Tensor, g: Any) -> Any:
        """The new values of a parameter with gradient values g (an ndarray or a float)."""
        raise NotImplementedError(f"{type(self).__name__}.updated is missing; it computes the new values of a parameter")

    def state_dict(self) -> dict[str, Any]:
        """Options and what is remembered, with parameters named by their position: {"state": ..., "param_groups": ...}."""
        number: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            for p in group["params"]:
                number.setdefault(id(p), len(number))
            groups.append({**group, "params": [number[id(p)] for p in group["params"]]})
        members = {id(p): p for group in self.param_groups for p in group["params"]}
        return {"state": {number[key]: self.state[p] for key, p in members.items() if p in self.state}, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over options and what is remembered from a `state_dict()`, copied. ValueError where groups differ in
        number or size."""
        state_dict = copy.deepcopy(state_dict)
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError(f"load_state_dict got {len(groups)} groups; this optimiser has {len(self.param_groups)}")
        member: dict[int, Tensor] = {}
        for mine, theirs in zip(self.param_groups, groups, strict=True):
            if len(mine["params"]) != len(theirs["params"]):
                raise ValueError(
                    f"load_state_dict got a group of {len(theirs['params'])} parameters; here it has {len(mine['params'])}"
                )
            member.update(zip(theirs["params"], mine["params"], strict=True))
        self.param_groups = [{**theirs, "params": mine["params"]} for mine, theirs in zip(self.param_groups, groups, strict=True)]
        self.state = {member[number]: kept for number, kept in state_dict["state"].items()}

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}", *(f"    {key}: {group[key]}" for key in sorted(group) if key != "params")]
        return "\n".join([*lines, ")"])


class SGD(Optimizer):
    """Gradient descent, p -= lr*g, optionally with momentum.

    With momentum m and dampening d: b = g at the first step, then b = m*b + (1 - d)*g, and b takes the place of g (g
    + m*b for nesterov). weight_decay adds weight_decay*p to g; maximize climbs. foreach and fused are accepted and
    change nothing. ValueError for negative options.

    >>> x = tape.tensor([1.0], requires_grad=True)
    >>> optimizer = tape.optim.SGD([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.8000], requires_grad=True)
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
        nesterov: bool = False, *, maximize: bool = False, foreach: bool | None = None, fused: bool | None = None,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
                    "maximize": maximize, "foreach": foreach, "fused": fused}  # fmt: skip
        self.check(defaults)
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any]) -> None:
        """ValueError for negative options, and for nesterov without momentum or with dampening."""
        for name in ("lr", "momentum", "weight_decay"):
            if float(group[name]) < 0:
                raise ValueError(f"SGD got {name}={group[name]}; wanted a number of at least 0")
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("SGD got nesterov=True; it needs a momentum above 0 and dampening=0")

    def updated(self, group: dict[str, Any], p: Tensor, g: Any) -> Any:
        """The new values of a parameter."""
        values, momentum = p._v, group["momentum"]
        if group["maximize"]:
            g = -g
        if group["weight_decay"] != 0:
            g = g + group["weight_decay"] * values
        if momentum != 0:
            kept = self.state.setdefault(p, {})
            buffer = kept.get("momentum_buffer")
            if buffer is None:
                b = np.array(g)
            else:
                b = momentum * array(buffer) + (1 - group["dampening"]) * g
            kept["momentum_buffer"] = wrap(np.asarray(b, p._s.dtype))
            g = g + momentum * b if group["nesterov"] else b
        return values - float(group["lr"]) * g


__all__ = ["SGD", "Optimizer"]
