"""Modules as functions of their parameters: `functional_call` runs one with other values, `stack_module_state` stacks those of several.

Invariant: a module has its own parameters and buffers again after a call, whatever it raised. Imports nn; imported by tape.func.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tape.functions.joining import stack
from tape.nn.modules.module import Module
from tape.tensor import Tensor


def functional_call(
    module: Module, parameter_and_buffer_dicts: Any, args: Any = None, kwargs: dict[str, Any] | None = None, *, tie_weights: bool = True,
    strict: bool = False,
) -> Any:  # fmt: skip
    """module(*args, **kwargs) with the parameters and buffers in a dict (or several) in the place of its own.

    Names are those of `named_parameters`; what is not named stays the module's own. tie_weights: a value for one name of a shared parameter
    serves for all; strict: RuntimeError for missing and unexpected names. ValueError for a name given in two dicts, and for what is no dict.
    args: a tuple, or one argument.

    >>> layer = tape.nn.Linear(2, 1, bias=False)
    >>> def loss(parameters, x):
    ...     return tape.func.functional_call(layer, parameters, x).sum()
    >>> tape.func.grad(loss)({"weight": tape.zeros(1, 2)}, tape.tensor([3.0, 4.0]))
    {'weight': tensor([[3., 4.]])}
    """
    given: dict[str, Tensor] = {}
    for each in [parameter_and_buffer_dicts] if isinstance(parameter_and_buffer_dicts, dict) else parameter_and_buffer_dicts:
        if not isinstance(each, dict):
            raise ValueError(f"functional_call got a {type(each).__name__}; wanted a dict of parameters and buffers, or a sequence of dicts")
        twice = given.keys() & each.keys()
        if twice:
            raise ValueError(f"functional_call got {', '.join(sorted(twice))} in two dicts; give each name once")
        given.update(each)
    places = _places(module)
    if strict:
        missing, unexpected = sorted(places.keys() - given.keys()), sorted(given.keys() - places.keys())
        if missing or unexpected:
            raise RuntimeError(f"functional_call: missing {missing}, unexpected {unexpected}; strict=True wants every name once")
    arguments = () if args is None else args if isinstance(args, tuple) else (args,)
    before = _put(places, _tied(places, given) if tie_weights else given)
    try:
        return module(*arguments, **(kwargs or {}))
    finally:
        for home, name, value in before:
            home[name] = value


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of modules of one class, stacked along a new first dimension, for `vmap` over `functional_call`.

    The parameters are leaves. RuntimeError for no modules, several classes, or modules in training and in evaluation.

    >>> parameters, buffers = tape.func.stack_module_state([tape.nn.Linear(2, 3) for _ in range(5)])
    >>> parameters["weight"].shape
    torch.Size([5, 3, 2])
    """
    models = list(models)
    if not models:
        raise RuntimeError("stack_module_state: got no modules; wanted at least one")
    if len({model.training for model in models}) > 1 or len({type(model) for model in models}) > 1:
        raise RuntimeError("stack_module_state: the modules must be of one class, and all in training or all in evaluation")

    def stacked(states: list[dict[str, Any]], leaves: bool) -> dict[str, Any]:
        found = {}
        for name in states[0]:
            made = stack([state[name].detach() for state in states])
            found[name] = made.requires_grad_(states[0][name].requires_grad) if leaves else made
        return found

    parameters = [dict(model.named_parameters()) for model in models]
    return stacked(parameters, True), stacked([dict(model.named_buffers()) for model in models], False)


def _places(module: Module) -> dict[str, tuple[dict[str, Any], str]]:
    """Where each parameter and buffer stands, by dotted name, shared ones under all their names."""
    found = {}
    for path, inner in module.named_modules(remove_duplicate=False):
        for home in (inner._parameters, inner._buffers):
            for name, value in home.items():
                if value is not None:
                    found[f"{path}.{name}" if path else name] = (home, name)
    return found


def _tied(places: dict[str, tuple[dict[str, Any], str]], given: dict[str, Any]) -> dict[str, Any]:
    """The values with those of other names of the same Tensor. ValueError where these differ."""
    by_tensor: dict[int, Any] = {}
    for name, value in given.items():
        if name in places:
            home, key = places[name]
            if by_tensor.setdefault(id(home[key]), value) is not value:
                raise ValueError(f"functional_call: {name} is shared with another name that was given another value; pass tie_weights=False")
    return {**{name: by_tensor[id(home[key])] for name, (home, key) in places.items() if id(home[key]) in by_tensor}, **given}


def _put(places: dict[str, tuple[dict[str, Any], str]], given: dict[str, Any]) -> list[tuple[dict[str, Any], str, Any]]:
    """Put values in their places; what stood there. Names without a place are left out."""
    before = []
    for name, value in given.items():
        if name in places:
            home, key = places[name]
            before.append((home, key, home[key]))
            home[key] = value
    return before


__all__ = ["functional_call", "stack_module_state"]
