"""What SciPy evaluates, compiled: `Objective`, a scalar with gradient and Hessian products, and `Residuals`, a vector with its Jacobian.

Both take the vector that SciPy moves and give floats and C-contiguous float64 arrays. The user's function runs when a program is recorded:
once for a value, once for value and gradient together, once for the Hessian's product; for a Jacobian by columns once a column.
Invariant: the same vector gives the same numbers, whatever is evaluated first; a derivative never comes from a value that left the tape
(a float or ndarray returned in the place of a Tensor is a TypeError; one used on the way, as by math.sin, is warned of).
Imports tape.compile, tape.func and parameters. Imported by scalar, constraints and vector.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tape.compile import compile
from tape.errors import at
from tape.func import hvp, jacfwd, jacrev, jvp, value_and_grad, vjp
from tape.func.structures import flatten
from tape.functions.joining import cat
from tape.optimize.parameters import Parameters
from tape.state import STATE
from tape.tensor import Tensor
from tape.traced import Traced

ROWS = 20_000  # of a program for a whole Jacobian; a longer one is had column by column, or row by row, from a program for one


class Objective:
    """A scalar function of parameters: call it with SciPy's vector for (value, gradient). See `tape.optimize.objective`."""

    def __init__(self, fun: Callable, parameters: Parameters, options: dict | None = None) -> None:
        self.parameters = parameters
        self.fun, self.options = _uncompiled(parameters.name, fun, options or {})
        self._value, self._both, self._product = (compile(f, **self.options) for f in _scalar_functions(self.fun, parameters))

    def __reduce__(self) -> Any:
        return _objective, (self.fun, self.parameters, self.options)

    def __call__(self, x: Any, *args: Any) -> tuple[float, np.ndarray]:
        return self._both(self._point(x), *args)  # vectors of float64 give a float and a vector of float64 of their own

    def value(self, x: Any, *args: Any) -> Any:
        """The value alone, a float. A complex `x` is for SciPy's "cs": the value is complex then."""
        value = self._value(self._point(x), *args)
        return value if isinstance(value, complex) else float(value)

    def gradient(self, x: Any, *args: Any) -> np.ndarray:
        """The gradient alone, a vector."""
        return self(x, *args)[1]

    def hessp(self, x: Any, p: Any, *args: Any) -> np.ndarray:
        """The product of the Hessian with `p`, forward over reverse."""
        return np.ascontiguousarray(self._product(self._point(x), self._point(p), *args), np.float64)

    def hess(self, x: Any, *args: Any) -> np.ndarray:
        """The Hessian, (n, n), by a product for each column."""
        x = self._point(x)
        second = np.stack([self.hessp(x, direction, *args) for direction in np.eye(x.size)])
        return (second + second.T) / 2

    def _point(self, x: Any) -> np.ndarray:
        """The vector of a point. ValueError where it is not as long as the parameters that `like` gave."""
        known = self.parameters
        try:
            vector = _vector(x)
        except (TypeError, ValueError):
            raise TypeError(f"{known.name}: x is a {type(x).__name__}; wanted a vector: ravel() makes one of a structure") from None
        if known.plain or vector.size == known.size:
            return vector
        raise ValueError(f"{known.name}: x has {vector.size} numbers; wanted {known.size}, for parameters of the structure {known.structure}")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is native code for all that was recorded so far; whether there is, after `timeout` seconds at most."""
        return all([program.wait(timeout) for program in (self._value, self._both, self._product)])

    def explain(self) -> str:
        """What `tape.compile` tells of the programs that were recorded."""
        return "\n".join(program.explain() for program in (self._value, self._both, self._product) if program.signatures)

    def ravel(self, tree: Any) -> np.ndarray:
        """The vector of parameters in the user's structure."""
        return _vector(tree).astype(np.float64) if self.parameters.plain else self.parameters.flat(tree)

    def unravel(self, x: Any) -> Any:
        """The user's structure of a vector."""
        return self.parameters.unravel(x)


class Residuals:
    """A vector function of parameters. `size` is the number of its elements, None before the first evaluation."""

    def __init__(self, fun: Callable, parameters: Parameters) -> None:
        name = parameters.name
        fun, options = _uncompiled(name, fun, {})

        def values(x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
            return _joined(name, fun(parameters.parts(x), *args, **kwargs), x.is_complex())

        self.parameters = parameters
        self.size: int | None = None
        derivatives = [_attached(name, of(values)) for of in (_columns, _rows, _column, _row, _weighted_product)]
        made = [compile(f, **options) for f in (values, *derivatives)]
        self._values, self._whole, self._parts = made[0], {"forward": made[1], "reverse": made[2]}, {"forward": made[3], "reverse": made[4]}
        self._product = made[5]

    def value(self, x: Any, *args: Any, **kwargs: Any) -> np.ndarray:
        """The values, a vector."""
        found = np.asarray(self._values(_vector(x), *args, **kwargs))
        self.size = found.size
        return found

    def jac(self, x: Any, *args: Any, **kwargs: Any) -> np.ndarray:
        """The Jacobian, (m, n): forward mode where m > n, reverse mode otherwise."""
        x = _vector(x)
        if self.size is None:
            self.value(x, *args, **kwargs)
        m, n = self.size or 0, x.size
        mode = "forward" if m > n else "reverse"
        if not m:
            return np.zeros((0, n))
        if length(self._values) * min(m, n) <= ROWS:
            return np.ascontiguousarray(self._whole[mode](x, *args, **kwargs), np.float64)
        found = [self._parts[mode](x, direction, *args, **kwargs) for direction in np.eye(min(m, n))]
        return np.ascontiguousarray(np.stack(found, 1 if mode == "forward" else 0), np.float64)

    def hessp(self, x: Any, weights: Any, p: Any, *args: Any) -> np.ndarray:
        """The product with `p` of the Hessian of the sum of weights times values."""
        return np.ascontiguousarray(self._product(_vector(x), _vector(weights), _vector(p), *args), np.float64)


def _scalar_functions(fun: Callable, parameters: Parameters) -> tuple[Callable, Callable, Callable]:
    """Value, (value, gradient) and Hessian product as functions of vectors."""
    name = parameters.name

    def value(x: Tensor, *args: Any) -> Tensor:
        return _single(name, fun(parameters.parts(x), *args), x.is_complex())

    def both(x: Tensor, *args: Any) -> tuple[Tensor, Tensor]:
        found, gradient = value_and_grad(lambda tree: _single(name, fun(tree, *args)))(parameters.parts(x))
        return found, _flattened(gradient)

    def product(x: Tensor, p: Tensor, *args: Any) -> Tensor:
        found = hvp(lambda tree: _single(name, fun(tree, *args)), (parameters.parts(x),), (parameters.parts(p),))
        return _flattened(found)

    return value, _attached(name, both), _attached(name, product)


def _attached(name: str, derivative: Callable) -> Callable:
    """A derivative that tells of numbers which left the tape while it was recorded."""

    @functools.wraps(derivative)
    def watched(x: Tensor, *args: Any, **kwargs: Any) -> Any:
        found = derivative(x, *args, **kwargs)
        for place in _left(x):
            file, _, line = place.rpartition(":")
            told = (
                f"{name}: a number was taken out of a Tensor here, and the derivative lacks what is computed from it. Compute with Tensors: "
                "np.sin(x), not math.sin(x); tape.stack([...]), not elements written into an ndarray"
            )
            warnings.warn_explicit(told, UserWarning, file, int(line))
        return found

    return watched


def _left(x: Tensor) -> list[str]:
    """Where the run being recorded made numbers of values that depend on `x`."""
    if STATE.trace is None or type(x._v) is not Traced:
        return []
    program = STATE.trace.program
    rows = [row for row in program.guards() if program.params[row].kind == "value" and (program.place[row] or (None,))[0] is not None]
    if not rows:
        return []
    depends = [False] * len(program)
    depends[x._v.row] = True
    for row in range(x._v.row + 1, len(program)):  # integers and truth values have no derivative
        depends[row] = program.spec[row].dtype.kind not in "biu" and any(depends[i] for i in program.inputs_of(row))
    return list(dict.fromkeys(at(program.place[row]) for row in rows if depends[row]))


def _uncompiled(name: str, fun: Any, options: dict) -> tuple[Callable, dict]:
    """The function to differentiate and how to compile it; of a compiled one, its own."""
    from tape.compile.function import Compiled

    if isinstance(fun, Compiled):
        return fun.fn, {**fun.options._asdict(), **options}
    if not callable(fun):
        raise TypeError(f"{name}: fun is a {type(fun).__name__}; wanted a function")
    return fun, options


def _columns(values: Callable) -> Callable:
    return lambda x, *args, **kwargs: jacfwd(lambda t: values(t, *args, **kwargs))(x)


def _rows(values: Callable) -> Callable:
    return lambda x, *args, **kwargs: jacrev(lambda t: values(t, *args, **kwargs))(x)


def _column(values: Callable) -> Callable:
    return lambda x, p, *args, **kwargs: jvp(lambda t: values(t, *args, **kwargs), (x,), (p,))[1]


def _row(values: Callable) -> Callable:
    return lambda x, g, *args, **kwargs: vjp(lambda t: values(t, *args, **kwargs), x)[1](g)[0]


def _weighted_product(values: Callable) -> Callable:
    return lambda x, weights, p, *args: hvp(lambda t: (values(t, *args) * weights).sum(), x, p)


def _objective(fun: Callable, parameters: Parameters, options: dict) -> Objective:
    return Objective(fun, parameters, options)


def _vector(x: Any) -> np.ndarray:
    if type(x) is np.ndarray and x.ndim == 1 and x.dtype == np.float64:
        return x
    x = np.asarray(x)
    return x.reshape(-1) if x.dtype.kind == "c" else x.reshape(-1).astype(np.float64)


def _single(name: str, result: Any, complex_too: bool = False) -> Tensor:
    """What an objective returned, as a 0-d Tensor."""
    found = _checked(name, "the objective", result, complex_too)
    if found.numel() != 1:
        raise ValueError(f"{name}: the objective returned a Tensor of shape {tuple(found.shape)}; wanted one number: sum() or mean() it")
    return found.reshape(()) if found.ndim else found


def _joined(name: str, result: Any, complex_too: bool) -> Tensor:
    """What a vector function returned (a Tensor, or a structure of them), as one vector."""
    leaves, _ = flatten(result)
    found = [_checked(name, "the function", leaf, complex_too).reshape(-1) for leaf in leaves]
    if not found:
        raise TypeError(f"{name}: the function returned {result!r}; wanted a Tensor, or a list of Tensors")
    return found[0] if len(found) == 1 else cat(found)


def _flattened(tree: Any) -> Tensor:
    found = [leaf.reshape(-1) for leaf in flatten(tree)[0]]
    return found[0] if len(found) == 1 else cat(found)


def _checked(name: str, what: str, result: Any, complex_too: bool) -> Tensor:
    if not isinstance(result, Tensor):
        raise TypeError(
            f"{name}: {what} returned a {type(result).__name__}; wanted a Tensor: float(), .item() and np.array([...]) leave the tape, and a constant "
            "has no derivative (tape.stack makes a Tensor of a list; 0.0 * x.sum() is a zero)"
        )
    if result.is_complex():
        if complex_too:
            return result
        raise TypeError(f"{name}: {what} returned complex numbers ({result.dtype}); wanted real ones: .abs() or .real of them")
    return result if result.is_floating_point() else result.double()


def length(compiled: Any) -> int:
    """Rows of the longest program that was recorded; 0 where none was kept."""
    return max((len(v.recorded.op) for s in compiled.signatures.values() for v in s.variants), default=0)


__all__ = ["Objective", "Residuals"]
