"""`minimize`, SciPy's with compiled derivatives, and `objective`, a compiled function for `jac=True`.

Each method gets what it uses and no more (`GRADIENT`, `PRODUCT`, `MATRIX`, `VALUE`). Value and gradient come from one replay, kept for the
point at which it was made. Invariant: what the user supplies (jac, hess, hessp) is used as SciPy uses it, with the user's structure.
Imports programs, constraints, bounds, callbacks, progress; scipy.optimize when called. Imported by tape.optimize.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.optimize.bounds import pairs
from tape.optimize.callbacks import in_structure
from tape.optimize.constraints import convert
from tape.optimize.parameters import Parameters
from tape.optimize.programs import Objective
from tape.optimize.progress import Progress
from tape.tensor import Tensor, array

GRADIENT = ("cg", "bfgs", "l-bfgs-b", "tnc", "slsqp")
PRODUCT = ("newton-cg", "trust-ncg", "trust-krylov", "trust-constr")  # the gradient, and the Hessian times a vector
MATRIX = ("dogleg", "trust-exact")  # the gradient, and the Hessian
VALUE = ("nelder-mead", "powell", "cobyla", "cobyqa")
CONSTRAINED = ("slsqp", "trust-constr", "cobyla", "cobyqa")
DIFFERENCES = ("2-point", "3-point", "cs")


def objective(fun: Callable, like: Any = None, **options: Any) -> Objective:
    """A compiled callable for `scipy.optimize.minimize(..., jac=True)`: x -> (float, C-contiguous float64 gradient).

    fun: a function of one vector (and of what SciPy's `args` adds), written with tape's or NumPy's operations on Tensors, that returns one
    number. like: parameters of the structure that `fun` takes (dicts, lists, dataclasses of arrays and floats), if not a vector; `.ravel`
    and `.unravel` go between it and SciPy's vector. options: those of `tape.compile`. The callable also has `.value(x)`, `.gradient(x)`,
    `.hessp(x, p)` and `.hess(x)`, pickles where `fun` does, and may be handed to `tape.optimize.minimize`, again and again, so that
    the recordings are made once. TypeError and ValueError at the first call if `fun` returns no single real Tensor; ValueError for a vector
    of another length than the structure `like` has.

    >>> import numpy as np, tape
    >>> f = tape.optimize.objective(lambda x: ((x - 1.0) ** 2).sum())
    >>> f(np.array([0.0, 3.0]))
    (5.0, array([-2.,  4.]))
    """
    parameters = Parameters("objective", np.zeros(1) if like is None else like)
    return Objective(fun, parameters, options)


class _Point:
    """An objective at one point after the other: one replay for value and gradient where both are asked for."""

    def __init__(self, held: Objective, args: tuple, progress: Progress, gradients: bool) -> None:
        self.held, self.args, self.progress, self.gradients = held, args, progress, gradients
        self.x, self.last, self.gradient = b"", 0.0, np.zeros(0)

    def _go(self, x: np.ndarray) -> None:
        key = x.tobytes()
        if key != self.x:
            self.last, self.gradient = self.held(x, *self.args)
            self.x = key

    def value(self, x: np.ndarray) -> float:
        if self.gradients:
            self._go(x)
        else:
            self.last = self.held.value(x, *self.args)
        if self.progress.wanted:
            self.progress.saw(self.last)
        return self.last

    def jac(self, x: np.ndarray) -> np.ndarray:
        self._go(x)
        return self.gradient

    def hessp(self, x: np.ndarray, p: np.ndarray) -> np.ndarray:
        return self.held.hessp(x, p, *self.args)

    def hess(self, x: np.ndarray) -> np.ndarray:
        return self.held.hess(x, *self.args)


def minimize(
    fun: Callable,
    x0: Any,
    args: Any = (),
    method: str | Callable | None = None,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable | None = None,
    options: dict | None = None,
    *,
    progress: bool = False,
) -> Any:
    """`scipy.optimize.minimize` with exact derivatives: the same arguments, methods and OptimizeResult.

    fun(x, *args) is written with tape's or NumPy's operations on Tensors and returns one number; it is compiled (`tape.compile`), and gradient,
    Hessian products (trust-ncg, trust-krylov, trust-constr, Newton-CG) and Hessians (dogleg, trust-exact) are supplied as the method wants
    them. Its Python runs once for value and gradient and once for second derivatives. Arrays and floats in args arrive as Tensors.
    It may be an `objective(...)`, whose recordings are then kept for the next call.

    x0: a vector, or a structure of arrays and floats (dict, list, tuple, dataclass, nested; an array of several axes). `fun`, `callback` and
    the functions of constraints get that structure, `result.x` has it (float64); everything else in the result belongs to the vector
    `result.x_flat`, and `result.unravel(vector)` gives any such vector the structure: `result.unravel(result.jac)`.
    bounds: SciPy's, or the structure of x0 with None or (low, high) for each array or float (what a dict leaves out is free).
    constraints: SciPy's; functions of dicts and NonlinearConstraint are written with Tensors, return a Tensor or a list of them, and get jac
    and hess(x, v) from tape; the matrix of LinearConstraint multiplies the vector.
    jac, hess, hessp: your own, called with arrays in x0's structure; "2-point", "3-point", "cs", True (fun returns (value, gradient) and is
    not compiled) and quasi-Newton strategies as in SciPy. progress: a bar on stderr (tqdm's where installed).
    Errors: SciPy's; ValueError for an unknown method, structures and shapes that do not fit, complex x0, an objective of several numbers;
    TypeError for an objective that returns no Tensor.

    >>> import tape
    >>> def rosenbrock(x):
    ...     return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()
    >>> tape.optimize.minimize(rosenbrock, [1.3, 0.7, 0.8], method="trust-ncg").x.round(3)
    array([1., 1., 1.])
    >>> found = tape.optimize.minimize(lambda p: (p["a"] - 3.0) ** 2 + p["b"] ** 2, {"a": 0.0, "b": 1.0}, bounds={"a": (None, 2.0)})
    >>> round(found.x["a"], 6), abs(round(found.x["b"], 6))
    (2.0, 0.0)
    """
    from scipy.optimize import minimize as run

    parameters = Parameters("minimize", x0)
    name = _method(method, bounds, constraints)
    args = args if isinstance(args, tuple) else (args,)
    with Progress(f"minimize {name}", progress) as bar:
        if jac is True:
            given = {"fun": _with_gradient(parameters, fun, args, bar), "jac": True, "hess": _bound(parameters, hess, args)}
            given["hessp"] = _product(parameters, hessp, args)
        else:
            ours = jac is None and name not in VALUE
            point = _Point(_fitting(fun, parameters), args, bar, ours)
            given = {"fun": point.value, "jac": point.jac if ours else _gradient(parameters, jac, args)}
            given |= _second(parameters, point, name, hess, hessp, args)
        given["bounds"] = pairs(parameters, bounds)
        given["constraints"] = convert(parameters, constraints or (), name) if name in CONSTRAINED else constraints
        given["callback"] = in_structure(parameters, callback)
        result = run(x0=parameters.start, method=method, tol=tol, options=options, **given)
    return finished(parameters, result)


def finished(parameters: Parameters, result: Any) -> Any:
    """The result with `x` in the user's structure."""
    if not parameters.plain:
        result.x_flat, result.unravel = result.x, parameters.unravel
        result.x = parameters.unravel(result.x)
    return result


def _method(method: Any, bounds: Any, constraints: Any) -> str:
    """The method's name in lower case, chosen as SciPy does where none is given; "custom" for a function."""
    if method is None:
        return "slsqp" if constraints else "bfgs" if bounds is None else "l-bfgs-b"
    if callable(method):
        return "custom"
    known = (*GRADIENT, *PRODUCT, *MATRIX, *VALUE)
    if not isinstance(method, str) or method.lower() not in known:
        raise ValueError(f"minimize: Unknown solver {method!r}; SciPy has {', '.join(sorted(known))}")
    return method.lower()


def _fitting(fun: Any, parameters: Parameters) -> Objective:
    """The compiled objective: the user's own, if it was made for such parameters."""
    if not isinstance(fun, Objective):
        return Objective(fun, parameters)
    return fun if fun.parameters.like(parameters) else Objective(fun.fun, parameters, fun.options)


def _second(parameters: Parameters, point: _Point, name: str, hess: Any, hessp: Any, args: tuple) -> dict:
    """Second derivatives: the user's, or those that the method uses."""
    if hess is not None or hessp is not None:
        return {"hess": _bound(parameters, hess, args), "hessp": _product(parameters, hessp, args)}
    if name in PRODUCT or name == "custom":
        return {"hessp": point.hessp}
    return {"hess": point.hess} if name in MATRIX else {}


def _gradient(parameters: Parameters, jac: Any, args: tuple) -> Any:
    """The user's gradient as a function of the vector; what is no function stays."""
    if not callable(jac):
        return jac
    return lambda x: parameters.flat(jac(parameters.unravel(x), *args), "the gradient that jac returned")


def _bound(parameters: Parameters, fun: Any, args: tuple) -> Any:
    return (lambda x: fun(parameters.unravel(x), *args)) if callable(fun) else fun


def _product(parameters: Parameters, hessp: Any, args: tuple) -> Any:
    if not callable(hessp):
        return hessp
    return lambda x, p: parameters.flat(hessp(parameters.unravel(x), parameters.unravel(p), *args), "the product that hessp returned")


def _with_gradient(parameters: Parameters, fun: Any, args: tuple, progress: Progress) -> Callable:
    """A function of the user's that returns value and gradient itself."""
    call = fun if not isinstance(fun, Objective) else lambda tree, *more: fun(parameters.flat(tree), *more)

    def both(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = call(parameters.unravel(x), *args)
        value = float(np.asarray(array(value) if isinstance(value, Tensor) else value).reshape(()))
        if progress.wanted:
            progress.saw(value)
        return value, parameters.flat(gradient, "the gradient that fun returned")

    return both


__all__ = ["finished", "minimize", "objective"]
