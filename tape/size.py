"""Size: a shape as Tensors show it, a tuple of ints that prints as PyTorch's and stays one when it is cut or joined.

Knows nothing of Tensors; imported by tensor and re-exported there.
"""

from __future__ import annotations

from operator import index
from typing import Any


class Size(tuple):
    """A shape: a tuple that prints as PyTorch's does and knows its number of elements."""

    __slots__ = ()

    def __new__(cls, iterable: Any = ()) -> Size:
        """A shape of ints. TypeError for anything else."""
        extents = iterable.tolist() if hasattr(iterable, "tolist") else tuple(iterable)
        for place, extent in enumerate(extents):
            if type(extent) is not int and not hasattr(extent, "__index__"):
                raise TypeError(f"Size: item {place} is {extent!r} ({type(extent).__name__}); wanted ints")
        return tuple.__new__(cls, [index(extent) for extent in extents])

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        return tuple.__new__(Size, found) if type(key) is slice else found

    def __add__(self, other: Any) -> Any:
        return tuple.__new__(Size, tuple.__add__(self, other)) if isinstance(other, tuple) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return tuple.__new__(Size, tuple.__add__(other, self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: Any) -> Any:
        return tuple.__new__(Size, tuple.__mul__(self, times))

    __rmul__ = __mul__

    def numel(self) -> int:
        """Product of the extents."""
        total = 1
        for extent in self:
            total *= extent
        return total

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"
