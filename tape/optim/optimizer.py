"""What optimisers share: groups of parameters with options of their own, what they remember of each parameter, hooks, saving and loading.

A subclass gives `updated`, the new values of one parameter as arrays, or its own `step`. Parameters come as one sequence, as named pairs,
or as groups. Invariant: a step writes parameters under no_grad and leaves their gradients as they are; one without gradient is not
touched. Imports tensor, inplace and the modes; imported by the optimisers.
"""

from __future__ import annotations

import copy
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tape.columns import Tape
from tape.hooks import RemovableHandle
from tape.inplace import write, zero_
from tape.state import STATE, change
from tape.tensor import Tensor, array, wrap

Kept = dict[str, np.ndarray]


class Optimizer:
    """Groups of parameters (`param_groups`, a list of dicts) and what is remembered of each (`state`, by parameter).

    params: Tensors, pairs of name and Tensor, or dicts with "params" and options that differ from `defaults`. Options may be changed in the
    groups between steps. TypeError for a lone Tensor and for what is no Tensor, ValueError for no parameters.
    """

    bounds: tuple[str, ...] = ("lr", "weight_decay")  # options that must not be negative

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(f"{type(self).__name__} got one Tensor; wanted a sequence of parameters: [parameter]")
        self.defaults, self.param_groups = defaults, []
        self.state: defaultdict[Tensor, Any] = defaultdict(dict)
        self._before: dict[int, Callable[..., Any]] = {}
        self._after: dict[int, Callable[..., Any]] = {}
        self.check(defaults)
        given = list(params)
        if not given:
            raise ValueError(f"{type(self).__name__} got no parameters")
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(dict(group) if isinstance(group, dict) else group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters: a dict of "params" and options that differ from the defaults. TypeError for what is no dict
        or no Tensor, ValueError for non-leaves and for parameters that are there already."""
        name = type(self).__name__
        if not isinstance(param_group, dict):
            raise TypeError(f"{name} got a group of type {type(param_group).__name__}; wanted a dict with 'params'")
        group = param_group
        members = group["params"]
        if isinstance(members, set):
            raise TypeError(f"{name} got its parameters as a set, which has no order; wanted a list")
        members = [members] if isinstance(members, Tensor) else list(members)
        if members and all(isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) for p in members):
            group["param_names"] = [key for key, _ in members]
            members = [p for _, p in members]
        group["params"] = members
        for p in members:
            if not isinstance(p, Tensor):
                raise TypeError(f"{name} got a parameter of type {type(p).__name__}; wanted Tensors")
            if type(p._t) is Tape:
                raise ValueError(f"{name} got a non-leaf of shape {p._s.shape}; it updates leaves only: use detach().requires_grad_()")
        for key, value in self.defaults.items():
            group.setdefault(key, value)
        self.check(group)
        if len(set(map(id, members))) < len(members):
            warnings.warn(f"{name} got a parameter twice in one group; each step will update it twice", UserWarning, stacklevel=3)
        known = {id(p) for each in self.param_groups for p in each["params"]}
        for p in members:
            if id(p) in known:
                raise ValueError(f"{name} got a parameter of shape {p._s.shape} that another group has already")
        self.param_groups.append(group)

    def check(self, group: dict[str, Any]) -> None:
        """Raise ValueError for options that make no sense."""
        for name in self.bounds:
            if name in group and not 0.0 <= float(group[name]):
                raise ValueError(f"{type(self).__name__} got {name}={group[name]}; wanted a number of at least 0")
        for beta in group.get("betas", ()):
            if not 0.0 <= float(beta) < 1.0:
                raise ValueError(f"{type(self).__name__} got betas={group['betas']}; wanted numbers from 0 to 1, below 1")
        if group.get("differentiable"):
            raise NotImplementedError(
                f"{type(self).__name__}: differentiable=True is not available; write the update with operations and differentiate that"
            )

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Unset the gradients of all parameters; with set_to_none=False those that exist are filled with zeros."""
        for p in self._parameters():
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
        for hook in list(self._before.values()):
            hook(self, () if closure is None else (closure,), {})
        found = self._step(closure)
        for hook in list(self._after.values()):
            hook(self, () if closure is None else (closure,), {})
        return found

    def _step(self, closure: Callable[[], Any] | None) -> Any:
        loss = None if closure is None else evaluated(closure)
        before = change(grad=False)
        try:
            for group in self.param_groups:
                for p in group["params"]:
                    gradient = getattr(p, "_grad", None)
                    if gradient is not None:
                        self._update(group, p, gradient)
        finally:
            change(**before)
        return loss

    def _update(self, group: dict[str, Any], p: Tensor, gradient: Tensor) -> None:
        """Compute on arrays (complex ones as pairs of real numbers), write the parameter and what is remembered."""
        values, g, remembered = _real(array(p)), _real(array(gradient)), self.state.get(p, {})
        kept = {name: _real(array(t)) for name, t in remembered.items() if isinstance(t, Tensor)}
        new = self.updated(group, kept, values, -g if group.get("maximize") else g)
        write(p, wrap(np.asarray(new, values.dtype).view(p._s.dtype).reshape(p._s.shape)))
        if kept:
            self.state[p] = remembered
        for name, value in kept.items():
            value, paired = np.asarray(value), p._s.dtype.kind == "c" and np.shape(value) == values.shape
            remembered[name] = wrap(value.view(p._s.dtype).reshape(p._s.shape) if paired else value)

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """The new values of a parameter with these values and this gradient; `kept` is what is remembered, empty at first."""
        raise NotImplementedError(f"{type(self).__name__}.updated is missing; it computes the new values of a parameter")

    def _parameters(self) -> list[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]

    def state_dict(self) -> dict[str, Any]:
        """Options and what is remembered, with parameters named by their position: {"state": ..., "param_groups": ...}."""
        number: dict[int, int] = {}
        for p in self._parameters():
            number.setdefault(id(p), len(number))
        groups = [
            {**{key: value for key, value in group.items() if key != "params"}, "params": [number[id(p)] for p in group["params"]]}
            for group in self.param_groups
        ]
        return {"state": {number[id(p)]: kept for p, kept in self.state.items() if id(p) in number}, "param_groups": groups}

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
                raise ValueError(f"load_state_dict got a group of {len(theirs['params'])} parameters; here it has {len(mine['params'])}")
            member.update(zip(theirs["params"], mine["params"], strict=True))
        names = [{"param_names": mine["param_names"]} if "param_names" in mine else {} for mine in self.param_groups]
        self.param_groups = [
            {**theirs, "params": mine["params"], **kept} for mine, theirs, kept in zip(self.param_groups, groups, names, strict=True)
        ]
        self.state = defaultdict(dict, {member[number]: kept for number, kept in state_dict["state"].items() if number in member})

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(optimizer, args, kwargs) before each step; the handle removes it."""
        return RemovableHandle(self._before, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call hook(optimizer, args, kwargs) after each step; the handle removes it."""
        return RemovableHandle(self._after, hook)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += [f"Parameter Group {i}", *(f"    {key}: {group[key]}" for key in sorted(group) if key != "params")]
        return "\n".join([*lines, ")"])


def evaluated(closure: Callable[[], Any]) -> Any:
    """What a closure returns, run with gradients on."""
    before = change(grad=not STATE.inference)
    try:
        return closure()
    finally:
        change(**before)


def decayed(group: dict[str, Any], values: np.ndarray, g: np.ndarray) -> np.ndarray:
    """A gradient with that of the penalty weight_decay/2 * |values|^2 added."""
    return g + group["weight_decay"] * values if group["weight_decay"] != 0 else g


def counted(kept: Kept, **zeros: np.ndarray) -> float:
    """The number of this step; at the first one, arrays of zeros like those given are remembered."""
    if "step" not in kept:
        kept["step"] = np.zeros((), np.float64)
        kept.update({name: np.zeros_like(like) for name, like in zeros.items()})
    kept["step"] = kept["step"] + 1.0
    return float(kept["step"])


def _real(values: np.ndarray) -> np.ndarray:
    """Complex values as pairs of real ones, which optimisers treat as parameters of their own."""
    if values.dtype.kind != "c":
        return values
    return np.ascontiguousarray(values).reshape(*values.shape, 1).view(values.real.dtype)


__all__ = ["Kept", "Optimizer", "counted", "decayed", "evaluated"]
