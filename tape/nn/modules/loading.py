"""Loading values into a tree of modules by dotted name. Knows Module by its attributes only; imported by module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tape.autograd.grad_mode import no_grad
from tape.inplace import copy_
from tape.nn.parameter import Parameter
from tape.tensor import Tensor


def load(module: Any, state: Any, strict: bool, assign: bool) -> tuple[list[str], list[str]]:
    """Names missing from the state and names that the module does not have; see `Module.load_state_dict`."""
    if not isinstance(state, Mapping):
        raise TypeError(f"load_state_dict got a {type(state).__name__}; wanted a dict")
    wanted: dict[str, tuple[Any, str]] = {}
    for path, inner in module.named_modules(remove_duplicate=False):
        lasting = [name for name in inner._buffers if name not in inner._non_persistent_buffers_set]
        for name in [*inner._parameters, *lasting]:
            if getattr(inner, name) is not None:
                wanted[f"{path}.{name}" if path else name] = (inner, name)
    missing = [name for name in wanted if name not in state]
    unexpected = [name for name in state if name not in wanted]
    errors = []
    if strict and unexpected:
        errors.append("unexpected: " + ", ".join(map(repr, unexpected)))
    if strict and missing:
        errors.append("missing: " + ", ".join(map(repr, missing)))
    for name, (inner, attribute) in wanted.items():
        if name not in state:
            continue
        value, own = state[name], getattr(inner, attribute)
        if not isinstance(value, Tensor):
            errors.append(f"{name!r} is a {type(value).__name__}, not a Tensor")
        elif value.shape != own.shape:
            errors.append(f"{name!r} has shape {tuple(value.shape)} where the module has {tuple(own.shape)}")
        elif assign:
            setattr(inner, attribute, Parameter(value, own.requires_grad) if isinstance(own, Parameter) else value)
        else:
            with no_grad():
                copy_(own, value)
    if errors:
        raise RuntimeError(f"loading the state of {type(module).__name__}:\n\t" + "\n\t".join(errors))
    return missing, unexpected


__all__ = ["load"]
