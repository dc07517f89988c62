"""Activations as modules: `ReLU()(x)` is `functional.relu(x)`. Each is a row of a table: the class, the function, its options.

Invariant: a module holds its options as attributes and no parameters. Imports module and functional; imported by tape.nn.modules.
"""

from __future__ import annotations

from typing import Any

from tape.nn import functional
from tape.nn.modules.module import Module
from tape.tensor import Tensor

REQUIRED = object()
# fmt: off
TABLE: list[tuple[str, str, dict[str, Any]]] = [
    ("ReLU",        "relu",        {"inplace": False}),
    ("ReLU6",       "relu6",       {"inplace": False}),
    ("LeakyReLU",   "leaky_relu",  {"negative_slope": 0.01, "inplace": False}),
    ("ELU",         "elu",         {"alpha": 1.0, "inplace": False}),
    ("SELU",        "selu",        {"inplace": False}),
    ("CELU",        "celu",        {"alpha": 1.0, "inplace": False}),
    ("SiLU",        "silu",        {"inplace": False}),
    ("Mish",        "mish",        {"inplace": False}),
    ("GELU",        "gelu",        {"approximate": "none"}),
    ("Tanh",        "tanh",        {}),
    ("Sigmoid",     "sigmoid",     {}),
    ("Softplus",    "softplus",    {"beta": 1.0, "threshold": 20.0}),
    ("Softsign",    "softsign",    {}),
    ("Softshrink",  "softshrink",  {"lambd": 0.5}),
    ("Hardshrink",  "hardshrink",  {"lambd": 0.5}),
    ("Tanhshrink",  "tanhshrink",  {}),
    ("Hardtanh",    "hardtanh",    {"min_val": -1.0, "max_val": 1.0, "inplace": False}),
    ("Hardsigmoid", "hardsigmoid", {"inplace": False}),
    ("Hardswish",   "hardswish",   {"inplace": False}),
    ("LogSigmoid",  "logsigmoid",  {}),
    ("Threshold",   "threshold",   {"threshold": REQUIRED, "value": REQUIRED, "inplace": False}),
    ("GLU",         "glu",         {"dim": -1}),
    ("Softmax",     "softmax",     {"dim": None}),
    ("LogSoftmax",  "log_softmax", {"dim": None}),
    ("Softmin",     "softmin",     {"dim": None}),
]
# fmt: on


class Activation(Module):
    """What the modules of the table share."""

    function: str
    options: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        chosen = bound(type(self).__name__, self.options, args, kwargs)
        for name, value in chosen.items():
            setattr(self, name, value)

    def forward(self, input: Any) -> Tensor:
        """The function of the input, with the module's options."""
        return getattr(functional, self.function)(input, **{name: getattr(self, name) for name in self.options})

    def extra_repr(self) -> str:
        """The options, in place only if it is."""
        shown = {name: getattr(self, name) for name in self.options if name != "inplace" or self.inplace}
        return ", ".join(str(value) if name == "lambd" else f"{name}={value!r}" for name, value in shown.items())


def bound(name: str, options: dict[str, Any], args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Options by name from arguments by position or name. TypeError for too many, unknown, repeated or missing ones."""
    if len(args) > len(options):
        raise TypeError(f"{name} got {len(args)} arguments; it takes {len(options)}: {', '.join(options) or 'none'}")
    given = dict(zip(options, args, strict=False))
    for key in kwargs:
        if key not in options or key in given:
            raise TypeError(f"{name} got {key!r} {'twice' if key in given else f', but takes {list(options)}'}")
    found = {**options, **given, **kwargs}
    missing = [key for key, value in found.items() if value is REQUIRED]
    if missing:
        raise TypeError(f"{name} needs {', '.join(missing)}")
    return found


def _made(name: str, function: str, options: dict[str, Any]) -> type[Activation]:
    shown = ", ".join(key if value is REQUIRED else f"{key}={value!r}" for key, value in options.items())
    text = f"`nn.functional.{function}` as a module: {name}({shown})."
    return type(name, (Activation,), {"function": function, "options": options, "__doc__": text, "__module__": __name__})


ACTIVATIONS: dict[str, type[Activation]] = {row[0]: _made(*row) for row in TABLE}
globals().update(ACTIVATIONS)  # where pickle looks for them

__all__ = ["ACTIVATIONS", "REQUIRED", "bound"]
