"""Names for how tensors lie in memory, as PyTorch's functions take them: layouts and memory formats.

Every tensor is strided, and formats other than C order are accepted where PyTorch takes one and change nothing.
Knows nothing of tensors; re-exported by tape/__init__.
"""

from __future__ import annotations


class Named:
    """A constant that prints its public name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


strided = Named("strided")
contiguous_format, preserve_format = Named("contiguous_format"), Named("preserve_format")
channels_last, channels_last_3d = Named("channels_last"), Named("channels_last_3d")

__all__ = ["channels_last", "channels_last_3d", "contiguous_format", "preserve_format", "strided"]
