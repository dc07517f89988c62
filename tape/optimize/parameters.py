"""Parameters of an optimisation: the user's structure of arrays and numbers, and the vector of float64 that SciPy moves.

`Parameters(x0)` reads the structure; `flat` takes values of that structure apart, `unravel` puts a vector back, `parts` does so with
Tensors while a program is recorded, `spread` makes a vector of what is given by leaf (bounds, scales), `matrix` a Jacobian.
Invariant: leaves stand in the vector in the structure's order, each in C order; what SciPy itself takes for a vector (a number, a list or
tuple of numbers, an array of at most one axis) is `plain` and stays the vector that SciPy would make of it.
Imports tape.func.structures; imported by the rest of tape.optimize.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.func.structures import LEAF, flatten, is_leaf
from tape.tensor import Tensor, array, wrap


class Parameters:
    """The structure of `x0`, and its values as the vector `start`."""

    def __init__(self, name: str, x0: Any) -> None:
        self.name = name
        self.plain = _is_vector(x0)
        if self.plain:
            values = np.atleast_1d(np.array([array(x) if isinstance(x, Tensor) else x for x in x0] if isinstance(x0, (list, tuple)) else x0))
            leaves, self.structure = [values], LEAF
        else:
            leaves, self.structure = flatten(x0)
        self.kinds = [type(leaf) for leaf in leaves]
        arrays = [self._checked(leaf, path) for leaf, path in zip(leaves, self.structure.paths(), strict=True)]
        self.shapes = [a.shape for a in arrays]
        self.sizes = [a.size for a in arrays]
        self.start = np.concatenate([np.zeros(0), *(a.reshape(-1) for a in arrays)])
        if not self.start.size:
            raise ValueError(f"{name}: x0 holds no number; wanted at least one parameter")

    def _checked(self, leaf: Any, path: str) -> np.ndarray:
        where = f"x0{path}"
        if not is_leaf(leaf):
            raise TypeError(f"{self.name}: {where} is a {type(leaf).__name__}; wanted a number, an array or a Tensor: what is not to be varied goes into args")
        values = np.asarray(array(leaf) if isinstance(leaf, Tensor) else leaf)
        if values.dtype.kind == "c":
            raise ValueError(f"{self.name}: {where} is complex ({values.dtype}); wanted real numbers: vary real and imaginary parts as two parameters")
        if values.dtype.kind not in "biuf":
            raise TypeError(f"{self.name}: {where} has dtype {values.dtype}; wanted real numbers")
        return values.astype(np.float64)

    @property
    def size(self) -> int:
        """How many numbers are varied."""
        return self.start.size

    def like(self, other: Parameters) -> bool:
        """Whether vectors of both stand for the same structure."""
        if self.plain or other.plain:
            return self.plain and other.plain
        return (self.structure, self.shapes, self.kinds) == (other.structure, other.shapes, other.kinds)

    def flat(self, tree: Any, what: str = "x") -> np.ndarray:
        """The vector of a tree of this structure; a vector of the right length passes. ValueError for another structure or shape."""
        if isinstance(tree, (np.ndarray, Tensor)) or self.plain:
            values = np.asarray(array(tree) if isinstance(tree, Tensor) else tree, np.float64)
            if values.size == self.size:
                return values.reshape(-1)
            raise ValueError(f"{self.name}: {what} has shape {values.shape}; wanted {self.size} numbers")
        found = []
        for leaf, shape, path in zip(self.structure.leaves(tree), self.shapes, self.structure.paths(), strict=True):
            values = np.asarray(array(leaf) if isinstance(leaf, Tensor) else leaf, np.float64)
            if values.shape != shape:
                raise ValueError(f"{self.name}: {what}{path} has shape {values.shape}; wanted {shape}")
            found.append(values.reshape(-1))
        return np.concatenate(found)

    def unravel(self, vector: Any) -> Any:
        """The user's structure with the numbers of a vector: copies, float64; floats where floats were, Tensors where Tensors were."""
        if self.plain:
            return np.array(vector)
        return self._build(np.asarray(vector), _own)

    def parts(self, x: Any) -> Any:
        """The user's structure of Tensors that are parts of the vector `x`."""
        return x if self.plain else self._build(x, lambda part, kind: part)

    def _build(self, x: Any, finish: Callable[[Any, type], Any]) -> Any:
        found, at = [], 0
        for shape, size, kind in zip(self.shapes, self.sizes, self.kinds, strict=True):
            part = x[at : at + size].reshape(shape) if shape else x[at]
            found.append(finish(part, kind))
            at += size
        return self.structure.build(found)

    def matrix(self, tree: Any, what: str) -> Any:
        """A Jacobian with a column for each number of the vector: of this structure (the axes of the values, then those of the leaf), or a
        matrix, sparse ones and operators among them, as it is."""
        if self.plain or hasattr(tree, "tocsr") or hasattr(tree, "matvec"):
            return tree
        if self.structure.kind is None:
            values = np.asarray(array(tree) if isinstance(tree, Tensor) else tree, np.float64)
            shape = self.shapes[0]
            return values.reshape(-1, self.size) if values.shape[values.ndim - len(shape) :] == shape else values
        if not isinstance(tree, self.structure.kind):
            return tree
        try:
            columns = [self._columns(leaf, k, what) for k, leaf in enumerate(self.structure.leaves(tree))]
        except (TypeError, ValueError):
            if issubclass(self.structure.kind, (list, tuple)):
                return tree  # rows
            raise
        rows = {len(part) for part in columns}
        if len(rows) > 1:
            raise ValueError(f"{self.name}: {what} has parts for {sorted(rows)} values; wanted as many in each")
        return np.concatenate(columns, 1)

    def _columns(self, leaf: Any, k: int, what: str) -> np.ndarray:
        values, shape = np.asarray(array(leaf) if isinstance(leaf, Tensor) else leaf, np.float64), self.shapes[k]
        more = values.ndim - len(shape)
        if more in (0, 1) and values.shape[more:] == shape:
            return values.reshape(len(values) if more else 1, self.sizes[k])
        raise ValueError(f"{self.name}: {what}{self.structure.paths()[k]} has shape {values.shape}; wanted {shape} after an axis of the values")

    def spread(self, tree: Any, what: str) -> np.ndarray:
        """A vector of what is given by leaf, each entry repeated over its leaf; a number stands for all, a vector passes."""
        if self.plain or isinstance(tree, (np.ndarray, int, float)):
            values = np.asarray(tree, np.float64)
            if values.size not in (1, self.size):
                raise ValueError(f"{self.name}: {what} has shape {values.shape}; wanted one number, or one for each of the {self.size} parameters")
            return np.broadcast_to(values.reshape(-1), (self.size,)).copy()
        found = []
        for leaf, shape, path in zip(self.structure.leaves(tree), self.shapes, self.structure.paths(), strict=True):
            values = np.asarray(array(leaf) if isinstance(leaf, Tensor) else leaf, np.float64)
            found.append(fitted(self.name, values, shape, f"{what}{path}"))
        return np.concatenate(found)


def unpacked(args: Any) -> tuple:
    """What `*args` hands over, as SciPy calls least squares and constraints; what is no sequence is one argument."""
    return tuple(args) if isinstance(args, (list, tuple)) or isinstance(args, np.ndarray) and args.ndim else (args,)


def fitted(name: str, values: np.ndarray, shape: tuple, what: str) -> np.ndarray:
    """Values repeated to a shape, as a vector. ValueError where they do not fit."""
    try:
        return np.broadcast_to(values, shape).reshape(-1)
    except ValueError:
        raise ValueError(f"{name}: {what} has shape {values.shape}; wanted one number, or the shape {shape} of the parameter") from None


def _is_vector(x: Any) -> bool:
    """Whether SciPy reads this as a vector."""
    if type(x) in (list, tuple):
        return bool(x) and all(is_leaf(v) and np.ndim(array(v) if isinstance(v, Tensor) else v) == 0 for v in x)
    return isinstance(x, (int, float, complex, np.generic)) or isinstance(x, np.ndarray) and x.ndim <= 1


def _own(part: Any, kind: type) -> Any:
    values = np.array(part, np.float64)
    if issubclass(kind, Tensor):
        return wrap(values)
    return values if issubclass(kind, np.ndarray) else float(values)


__all__ = ["Parameters", "fitted", "unpacked"]
