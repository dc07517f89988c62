"""Initial values of parameters, written in place and returned: uniform_ normal_ xavier_... kaiming_... orthogonal_ constant_ ...

Invariant: nothing is recorded. Distributions are PyTorch's; its random numbers are not. Imports inplace and random; imported by tape.nn.
"""

from __future__ import annotations

import math
from typing import Any

from tape.autograd.grad_mode import no_grad
from tape.functions.creation import eye
from tape.functions.random import rand, randn
from tape.inplace import copy_, fill_
from tape.linalg import qr
from tape.tensor import Tensor

GAINS = {"sigmoid": 1.0, "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}


def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """By how much values should be larger before a nonlinearity. ValueError for an unknown one."""
    if nonlinearity.startswith(("linear", "conv")):
        return 1.0
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in GAINS:
        raise ValueError(f"calculate_gain: {nonlinearity!r} is not known; wanted linear, conv..., leaky_relu, {', '.join(GAINS)}")
    return GAINS[nonlinearity]


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Uniform between a and b."""
    with no_grad():
        return copy_(tensor, rand(tuple(tensor.shape), dtype=tensor.dtype, generator=generator) * (b - a) + a)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Normal."""
    with no_grad():
        return copy_(tensor, randn(tuple(tensor.shape), dtype=tensor.dtype, generator=generator) * std + mean)


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None) -> Tensor:
    """Normal within a and b, by the inverse of the distribution function."""
    low, high = (0.5 * (1 + math.erf((end - mean) / std / math.sqrt(2))) for end in (a, b))
    with no_grad():
        drawn = rand(tuple(tensor.shape), dtype=tensor.dtype, generator=generator) * (2 * high - 2 * low) + (2 * low - 1)
        return copy_(tensor, (drawn.erfinv() * (std * math.sqrt(2)) + mean).clamp(a, b))


def constant_(tensor: Tensor, val: float) -> Tensor:
    """One value everywhere."""
    with no_grad():
        return fill_(tensor, val)


def ones_(tensor: Tensor) -> Tensor:
    """Ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Zeros."""
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """The unit matrix. ValueError where it is no matrix."""
    if tensor.ndim != 2:
        raise ValueError(f"eye_: a tensor of {tensor.ndim} dimensions; wanted a matrix")
    with no_grad():
        return copy_(tensor, eye(*tensor.shape, dtype=tensor.dtype))


def _fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs and outputs each element of a weight connects."""
    if tensor.ndim < 2:
        raise ValueError(f"fans of a tensor of {tensor.ndim} dimensions; wanted at least 2: (outputs, inputs, ...)")
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Uniform with standard deviation gain*sqrt(2/(inputs + outputs)) (Glorot and Bengio, 2010)."""
    bound = gain * math.sqrt(6.0 / sum(_fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Normal with standard deviation gain*sqrt(2/(inputs + outputs))."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_fans(tensor))), generator)


def _kaiming(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ValueError(f'kaiming: mode is {mode!r}; wanted "fan_in" or "fan_out"')
    return calculate_gain(nonlinearity, a) / math.sqrt(_fans(tensor)[mode.lower() == "fan_out"])


def kaiming_uniform_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None) -> Tensor:
    """Uniform with standard deviation gain/sqrt(fan) (He et al., 2015); a: the slope of leaky_relu."""
    bound = math.sqrt(3.0) * _kaiming(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None) -> Tensor:
    """Normal with standard deviation gain/sqrt(fan)."""
    return normal_(tensor, 0.0, _kaiming(tensor, a, mode, nonlinearity), generator)


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Orthonormal rows or columns (whichever are fewer), times gain. ValueError for fewer than two dimensions."""
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_: a tensor of {tensor.ndim} dimensions; wanted at least 2")
    if not tensor.numel():
        return tensor
    rows, columns = tensor.shape[0], tensor.numel() // tensor.shape[0]
    with no_grad():
        drawn = randn((max(rows, columns), min(rows, columns)), dtype=tensor.dtype, generator=generator)
        q, r = qr(drawn)
        q = q * r.diagonal().sign()
        return copy_(tensor, (q if rows >= columns else q.mT).reshape(tensor.shape) * gain)


__all__ = ["calculate_gain", "constant_", "eye_", "kaiming_normal_", "kaiming_uniform_", "normal_", "ones_", "orthogonal_", "trunc_normal_", "uniform_",
           "xavier_normal_", "xavier_uniform_", "zeros_"]  # fmt: skip
