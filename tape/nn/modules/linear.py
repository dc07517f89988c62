"""Layers with parameters, and what stands between them: Linear, Bilinear, convolutions, LayerNorm, Embedding, Dropout, Flatten ...

Invariant: shapes, names and the distribution of initial values are PyTorch's (its random numbers are not). Imports module, init and
functional; imported by tape.nn.modules.
"""

from __future__ import annotations

import math
from typing import Any

from tape.functions.creation import empty, ones, zeros
from tape.functions.einsum import einsum
from tape.functions.shape import flatten, unflatten
from tape.nn import functional, init
from tape.nn.modules.module import Module
from tape.nn.parameter import Parameter
from tape.tensor import Tensor


class Identity(Module):
    """The input, whatever was given to make it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """The input."""
        return input


class Linear(Module):
    """x @ weight.T + bias, for x of shape (..., in_features). Initial values are uniform within 1/sqrt(in_features).

    >>> tape.nn.Linear(2, 3)(tape.ones(5, 2)).shape
    torch.Size([5, 3])
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(empty((out_features, in_features), dtype=dtype))
        self.register_parameter("bias", Parameter(empty((out_features,), dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw initial values anew."""
        _draw(self.in_features, self.weight, self.bias)

    def forward(self, input: Any) -> Tensor:
        """x @ weight.T + bias."""
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """y_k = a W_k b + bias_k for a of shape (..., in1_features) and b of shape (..., in2_features)."""

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight = Parameter(empty((out_features, in1_features, in2_features), dtype=dtype))
        self.register_parameter("bias", Parameter(empty((out_features,), dtype=dtype)) if bias else None)
        _draw(in1_features, self.weight, self.bias)

    def forward(self, first: Any, second: Any) -> Tensor:
        """The bilinear form of both inputs."""
        made = einsum("...i,kij,...j->...k", first, self.weight, second)
        return made if self.bias is None else made + self.bias

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


class _Convolution(Module):
    """What convolutions of all dimensions share."""

    dimensions: int
    function: str

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1,
        bias: bool = True, padding_mode: str = "zeros", device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"{type(self).__name__}: {in_channels} and {out_channels} channels do not fall into {groups} groups")
        if padding_mode != "zeros":
            raise NotImplementedError(f"{type(self).__name__}: padding_mode={padding_mode!r} is not available; pad the input with nn.functional.pad")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = map(self._each, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else self._each(padding)
        self.weight = Parameter(empty((out_channels, in_channels // groups, *self.kernel_size), dtype=dtype))
        self.register_parameter("bias", Parameter(empty((out_channels,), dtype=dtype)) if bias else None)
        self.reset_parameters()

    def _each(self, given: Any) -> tuple[int, ...]:
        return tuple(given) if isinstance(given, (tuple, list)) else (given,) * self.dimensions

    def reset_parameters(self) -> None:
        """Draw initial values anew."""
        _draw(self.in_channels // self.groups * math.prod(self.kernel_size), self.weight, self.bias)

    def forward(self, input: Any) -> Tensor:
        """The convolution of the input with the weight."""
        return getattr(functional, self.function)(
            input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )

    def extra_repr(self) -> str:
        """Channels, kernel, and what is unusual."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        ones = (1,) * self.dimensions
        parts += [f"padding={self.padding}"] if self.padding != (0,) * self.dimensions else []
        parts += [f"dilation={self.dilation}"] if self.dilation != ones else []
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        return ", ".join(parts + (["bias=False"] if self.bias is None else []))


class Conv1d(_Convolution):
    """A convolution over the last dimension of an input of shape (N, in_channels, L)."""

    dimensions, function = 1, "conv1d"


class Conv2d(_Convolution):
    """A convolution over the last two dimensions of an input of shape (N, in_channels, H, W)."""

    dimensions, function = 2, "conv2d"


class LayerNorm(Module):
    """The input less its mean over its standard deviation, taken over the last dimensions, times a weight plus a bias."""

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.normalized_shape = tuple(normalized_shape) if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.register_parameter("weight", Parameter(ones(self.normalized_shape, dtype=dtype)) if elementwise_affine else None)
        self.register_parameter("bias", Parameter(zeros(self.normalized_shape, dtype=dtype)) if elementwise_affine and bias else None)

    def forward(self, input: Any) -> Tensor:
        """The normalised input."""
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The options."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"


class Embedding(Module):
    """Rows of a matrix by index. Initial values are normal; the row of padding_idx is zero and gets no gradient."""

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.weight = Parameter(empty((num_embeddings, embedding_dim), dtype=dtype))
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight[self.padding_idx].detach())

    def forward(self, input: Any) -> Tensor:
        """The rows of the weight at the indices."""
        found = self.weight[input]
        if self.padding_idx is None:
            return found
        padding = (input == self.padding_idx).unsqueeze(-1)
        return found.detach().where(padding, found)

    def extra_repr(self) -> str:
        """The sizes."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class PReLU(Module):
    """max(0, x) + weight * min(0, x) with a learnt weight, one for all or one for each channel."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter(ones((num_parameters,), dtype=dtype) * init)

    def forward(self, input: Any) -> Tensor:
        """max(0, x) + weight * min(0, x)."""
        return functional.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.num_parameters}"


class Dropout(Module):
    """While training, each element is zero with probability p and grows by 1/(1-p) otherwise; else the input."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout got p={p}; wanted a probability")
        self.p, self.inplace = p, inplace

    def forward(self, input: Any) -> Tensor:
        """The input with some elements dropped."""
        return functional.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        """The options."""
        return f"p={self.p}, inplace={self.inplace}"


class Flatten(Module):
    """Dimensions start_dim to end_dim as one."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Tensor:
        """The input in fewer dimensions."""
        return flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The dimensions."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """A dimension as several."""

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Any) -> Tensor:
        """The input in more dimensions."""
        return unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """The dimension and its parts."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


def _draw(fan_in: int, *parameters: Parameter | None) -> None:
    """Uniform initial values within 1/sqrt(fan_in)."""
    bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0.0
    for p in parameters:
        if p is not None:
            init.uniform_(p, -bound, bound)


__all__ = ["Bilinear", "Conv1d", "Conv2d", "Dropout", "Embedding", "Flatten", "Identity", "LayerNorm", "Linear", "PReLU", "Unflatten"]
