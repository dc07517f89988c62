"""Activations: functions of one element (or of halves or shares of a dimension) under torch.nn.functional's names.

Most are rows of the table; compositions let no branch that is not taken contribute inf or NaN. At kinks the gradients are PyTorch's.
With inplace=True the result is written into the input.
Imports functions and inplace; imported by nn.functional.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.functions import elementwise
from tape.functions.arguments import dim_of, tensor_of
from tape.functions.choosing import where
from tape.functions.elementwise import relu as _relu
from tape.functions.elementwise import sigmoid, softplus, tanh
from tape.functions.joining import narrow
from tape.functions.products import reshaped
from tape.functions.reductions import log_softmax, softmax
from tape.inplace import update
from tape.outputs import titled
from tape.record import elementwise_two
from tape.tensor import Tensor

_PRELU = OPCODES["leaky_relu:PreluKernel"]
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al. 2017


def activation(function: Callable) -> Callable:
    """The function with a further argument `inplace`, and with numbers and arrays taken for Tensors."""
    name = function.__name__

    @functools.wraps(function)
    def call(input: Any, *options: Any, inplace: bool = False, **named: Any) -> Tensor:
        if not inplace and len(options) <= places and type(input) is Tensor:
            return function(input, *options, **named)  # type: ignore[no-any-return]
        if len(options) > places:
            *options, inplace = options  # type: ignore[assignment]
        t = input if isinstance(input, Tensor) else tensor_of(name, input)
        return update(t, f"{name}_", function, *options, **named) if inplace else function(t, *options, **named)

    known = inspect.signature(function)
    places = len(known.parameters) - 1
    last = inspect.Parameter("inplace", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False, annotation=bool)
    call.__signature__ = known.replace(parameters=[*known.parameters.values(), last])  # type: ignore[attr-defined]
    return call


def twin(function: Callable) -> Callable:
    """The function that writes its result into its input, as PyTorch's names with an underscore do."""

    def call(input: Tensor, *options: Any, **named: Any) -> Tensor:
        return function(input, *options, inplace=True, **named)  # type: ignore[no-any-return]

    call.__name__ = f"{function.__name__}_"
    call.__doc__ = f"`{function.__name__}`, written into its input; returns it."
    return call


def relu(input: Any, inplace: bool = False) -> Tensor:
    """max(input, 0), elementwise; the gradient at 0 is 0. inplace=True writes the result into `input`."""
    return input.relu_() if inplace else _relu(input)


@activation
def leaky_relu(input: Any, negative_slope: float = 0.01) -> Tensor:
    """input where it is positive, else negative_slope*input; the gradient at 0 is the slope."""
    return elementwise.leaky_relu(input, negative_slope)


@activation
def elu(input: Any, alpha: float = 1.0) -> Tensor:
    """input where it is positive, else alpha*(exp(input) - 1); the gradient at 0 is alpha."""
    return elementwise.elu(input, alpha)


@activation
@titled("Celu")
def celu(input: Any, alpha: float = 1.0) -> Tensor:
    """input where it is positive, else alpha*(exp(input/alpha) - 1). RuntimeError for alpha=0."""
    if alpha == 0:
        raise RuntimeError("celu got alpha=0; input is divided by it: wanted another number")
    return elementwise.celu(input, alpha)


@activation
@titled("Elu")
def selu(input: Any) -> Tensor:
    """1.0507 times elu with alpha=1.67326, which keeps means and variances of layers."""
    return elementwise.elu(input, SELU_ALPHA) * SELU_SCALE


@activation
def silu(input: Any) -> Tensor:
    """input * sigmoid(input), elementwise."""
    return elementwise.silu(input) if input._s.dtype.kind != "c" else input * sigmoid(input)


@activation
def mish(input: Any) -> Tensor:
    """input * tanh(log(1 + exp(input))), elementwise."""
    return elementwise.mish(input)


def gelu(input: Any, approximate: str = "none") -> Tensor:
    """input times the normal distribution function of input; approximate="tanh" is the usual formula with tanh."""
    t = tensor_of("gelu", input)
    if approximate == "tanh":
        return _gelu_by_tanh(t)  # type: ignore[no-any-return]
    if approximate != "none":
        raise RuntimeError(f"gelu got approximate={approximate!r}; wanted 'none' or 'tanh'")
    return elementwise.gelu(t)


@titled("Gelu")
def _gelu_by_tanh(t: Tensor) -> Tensor:
    return t * 0.5 * (tanh((t + elementwise.cube(t) * 0.044715) * sqrt(2 / np.pi)) + 1)


def logsigmoid(input: Any) -> Tensor:
    """log(sigmoid(input)), without overflow."""
    return elementwise.log_sigmoid(input)


def softsign(input: Any) -> Tensor:
    """input / (1 + |input|), elementwise."""
    t = tensor_of("softsign", input)
    return elementwise.softsign(t) if t._s.dtype.kind != "c" else t / (elementwise.abs(t) + 1)


def tanhshrink(input: Any) -> Tensor:
    """input - tanh(input), elementwise."""
    t = tensor_of("tanhshrink", input)
    return t - tanh(t)


# in pieces


@activation
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """input kept between two bounds; the gradient at and beyond them is 0."""
    if min_val > max_val:
        raise ValueError(f"hardtanh got min_val={min_val} and max_val={max_val}; the first must not be larger")
    if min_val == -1 and max_val == 1 and input._s.dtype.kind in "fV":
        return elementwise.hardtanh(input)
    if input._s.dtype.kind in "iu":
        min_val, max_val = int(min_val), int(max_val)
    return _between(input, min_val, max_val)  # type: ignore[no-any-return]


@titled("Hardtanh")
def _between(t: Tensor, low: float, high: float) -> Tensor:
    return where(t <= low, low, where(t >= high, high, t))


@activation
def relu6(input: Any) -> Tensor:
    """input kept between 0 and 6; the gradient at and beyond them is 0."""
    return elementwise.relu6(input) if input._s.dtype.kind in "fV" else _between(input, 0, 6)


@activation
def hardsigmoid(input: Any) -> Tensor:
    """input/6 + 1/2 kept between 0 and 1; the gradient at and beyond them is 0."""
    return elementwise.hardsigmoid(input)


@activation
def hardswish(input: Any) -> Tensor:
    """input times hardsigmoid(input): 0 below -3, input above 3. The gradient at -3 is 0, at 3 it is 1."""
    return elementwise.hardswish(input)


def hardshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """input where its size exceeds lambd, else 0; so is the gradient."""
    return elementwise.hardshrink(tensor_of("hardshrink", input), lambd)


def softshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """input moved by lambd towards 0, and 0 where its size is not larger. RuntimeError for a negative lambd."""
    if lambd < 0:
        raise RuntimeError(f"softshrink got lambd={lambd}; wanted a number that is not negative")
    return elementwise.softshrink(tensor_of("softshrink", input), lambd)


@activation
@titled("Threshold")
def threshold(input: Any, threshold: float, value: float) -> Tensor:
    """input where it exceeds the threshold, else `value`."""
    return where(input <= threshold, value, input)


def prelu(input: Any, weight: Any) -> Tensor:
    """input where it is positive, else weight*input; one weight, or one for each index of dimension 1. The gradient at 0 is the weight."""
    t, w = tensor_of("prelu", input), tensor_of("prelu", weight)
    channels = t._s.shape[1] if t._s.ndim > 1 else 1
    if w._s.ndim > 1 or w._s.size not in (1, channels):
        raise RuntimeError(f"prelu got {w._s.size} weights of shape {w._s.shape} for an input of shape {t._s.shape}; wanted one, or {channels}")
    if w._s.size == 1:
        slopes = reshaped(w, ())
    else:
        slopes = reshaped(w, (channels, *(1,) * (t._s.ndim - 2))) if t._s.ndim > 1 else w
    return elementwise_two(_PRELU, t, slopes)


@titled("Glu")
def glu(input: Any, dim: int = -1) -> Tensor:
    """The first half along a dimension times the sigmoid of the second. RuntimeError for an odd extent."""
    t = tensor_of("glu", input)
    if not t._s.ndim:
        raise RuntimeError("glu of a 0-d tensor; it halves a dimension")
    dim = dim_of("glu", t._s.ndim, dim)
    extent = t._s.shape[dim]
    if extent % 2:
        raise RuntimeError(f"glu halves dimension {dim}, whose extent is {extent}; wanted an even one")
    return narrow(t, dim, 0, extent // 2) * sigmoid(narrow(t, dim, extent // 2, extent // 2))


# shares


def softmin(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """softmax of -input along a dimension."""
    return softmax(-tensor_of("softmin", input), dim, dtype=dtype)


celu_, elu_, hardtanh_, leaky_relu_, relu_, selu_, threshold_ = map(twin, (celu, elu, hardtanh, leaky_relu, relu, selu, threshold))
__all__ = [
    "celu_", "elu_", "hardtanh_", "leaky_relu_", "relu_", "selu_", "threshold_",
    "celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "log_softmax", "logsigmoid", "mish", "prelu",
    "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
]  # fmt: skip
