"""`least_squares`, `root` and `curve_fit`: SciPy's, with compiled values and Jacobians.

Values and Jacobian are programs of their own, because the methods ask for the Jacobian at few of the points where they want values.
Invariant: what the user supplies as `jac` is used as SciPy uses it. Imports programs, bounds, callbacks, progress; scipy.optimize when
called. Imported by tape.optimize.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from tape.optimize.bounds import sides
from tape.optimize.callbacks import in_structure
from tape.optimize.parameters import Parameters, unpacked
from tape.optimize.programs import Residuals
from tape.optimize.progress import Progress
from tape.optimize.scalar import finished
from tape.tensor import Tensor

JACOBIAN = ("hybr", "lm")  # methods of root that use one


def least_squares(
    fun: Callable,
    x0: Any,
    jac: Any = None,
    bounds: Any = (-np.inf, np.inf),
    method: str = "trf",
    ftol: float | None = 1e-8,
    xtol: float | None = 1e-8,
    gtol: float | None = 1e-8,
    x_scale: Any = None,
    loss: Any = "linear",
    f_scale: float = 1.0,
    diff_step: Any = None,
    tr_solver: str | None = None,
    tr_options: dict | None = None,
    jac_sparsity: Any = None,
    max_nfev: int | None = None,
    verbose: int = 0,
    args: Any = (),
    kwargs: dict | None = None,
    callback: Callable | None = None,
    workers: Any = None,
    *,
    progress: bool = False,
) -> Any:
    """`scipy.optimize.least_squares` with exact Jacobians: the same arguments, methods, losses and OptimizeResult.

    fun(x, *args, **kwargs) is written with tape's or NumPy's operations on Tensors and returns the residuals: a Tensor, or a structure of
    Tensors, which are put one after the other. It is compiled; the Jacobian is taken by forward or reverse mode, whichever has fewer sweeps.
    x0: a vector or a structure, as for `minimize`; `result.x` has it, `result.x_flat` is the vector that belongs to `result.jac`.
    bounds: SciPy's, or a pair of structures (lower, upper) of x0. jac: None for tape's; a function of your own, called with arrays in x0's
    structure, which gives a matrix or that structure; "2-point", "3-point", "cs" as in SciPy. x_scale may have x0's structure. progress: a bar of half the sums of squares.
    Errors: SciPy's; TypeError for functions that return no Tensors, ValueError for structures that do not fit.

    >>> import numpy as np, tape
    >>> t = np.linspace(0.0, 1.0, 20)
    >>> found = tape.optimize.least_squares(lambda p, y: p["a"] * np.exp(-p["k"] * t) - y, {"a": 1.0, "k": 1.0}, args=(3.0 * np.exp(-2.0 * t),))
    >>> round(found.x["a"], 6), round(found.x["k"], 6)
    (3.0, 2.0)
    """
    from scipy.optimize import least_squares as run

    parameters = Parameters("least_squares", x0)
    args, kwargs = unpacked(args), kwargs or {}
    given = {name: value for name, value in (("callback", in_structure(parameters, callback)), ("workers", workers)) if value is not None}
    if x_scale is not None:
        x_scale = x_scale if isinstance(x_scale, str) else parameters.spread(x_scale, "x_scale")
        given["x_scale"] = x_scale
    with Progress(f"least_squares {method}", progress) as bar:
        residuals = Residuals(fun, parameters)

        def values(x: np.ndarray) -> np.ndarray:
            found = residuals.value(x, *args, **kwargs)
            if bar.wanted:
                bar.saw(np.vdot(found, found).real / 2)
            return found

        result = run(
            values, parameters.start, _jacobian(parameters, residuals, jac, args, kwargs), sides(parameters, bounds), method, ftol, xtol, gtol,
            loss=loss, f_scale=f_scale, diff_step=diff_step, tr_solver=tr_solver, tr_options=tr_options, jac_sparsity=jac_sparsity,
            max_nfev=max_nfev, verbose=verbose, **given,
        )  # fmt: skip
    return finished(parameters, result)


def root(
    fun: Callable,
    x0: Any,
    args: Any = (),
    method: str = "hybr",
    jac: Any = None,
    tol: float | None = None,
    callback: Callable | None = None,
    options: dict | None = None,
    *,
    progress: bool = False,
) -> Any:
    """`scipy.optimize.root` with exact Jacobians: the same arguments, methods and OptimizeResult.

    fun(x, *args) is written with tape's or NumPy's operations on Tensors and returns as many numbers as x has: a Tensor, or a structure of
    Tensors (a list, or x0's own). It is compiled; hybr and lm get its Jacobian, the other methods use none. x0: a vector or a
    structure, as for `minimize`; `result.x` has it. jac: None for tape's, False for SciPy's differences, True if fun returns (values,
    Jacobian) and is not to be compiled, or a function. Errors: SciPy's, and those of `least_squares`.

    >>> import tape
    >>> found = tape.optimize.root(lambda x: [x[0] + 0.5 * (x[0] - x[1]) ** 3 - 1.0, 0.5 * (x[1] - x[0]) ** 3 + x[1]], [0.0, 0.0])
    >>> found.x.round(6), found.success
    (array([0.841164, 0.158836]), True)
    """
    from scipy.optimize import root as run

    parameters = Parameters("root", x0)
    args = args if isinstance(args, tuple) else (args,)
    follow = in_structure(parameters, callback)
    start = parameters.start
    with Progress(f"root {method}", progress) as bar:
        if jac is True:
            result = run(lambda x: fun(parameters.unravel(x), *args), start, (), method, True, tol, follow, options)
            return finished(parameters, result)
        residuals = Residuals(fun, parameters)

        def values(x: np.ndarray) -> np.ndarray:
            found = residuals.value(x, *args)
            if bar.wanted:
                bar.saw(float(np.abs(found).max(initial=0.0)))
            return found.reshape(np.shape(x)) if found.size == np.size(x) else found

        uses = str(method).lower() in JACOBIAN
        derivative = _jacobian(parameters, residuals, jac, args, {}) if jac is not None or uses else None
        if jac is None and options and "col_deriv" in options:  # which says how a Jacobian of the user's lies
            options = {**options, "col_deriv": 0}
        result = run(values, start, (), method, derivative, tol, follow, options)
    return finished(parameters, result)


def _jacobian(parameters: Parameters, residuals: Residuals, jac: Any, args: tuple, kwargs: dict) -> Any:
    """The user's Jacobian, or the compiled one, as a function of the vector."""
    if jac is None:
        return lambda x: residuals.jac(x, *args, **kwargs)
    if not callable(jac):
        return jac
    return lambda x: parameters.matrix(jac(parameters.unravel(x), *args, **kwargs), "the Jacobian that jac returned")


def curve_fit(
    f: Callable,
    xdata: Any,
    ydata: Any,
    p0: Any = None,
    sigma: Any = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-np.inf, np.inf),
    method: str | None = None,
    jac: Any = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    progress: bool = False,
    **kwargs: Any,
) -> Any:
    """`scipy.optimize.curve_fit` with exact Jacobians: the same arguments, and (popt, pcov) or, with full_output, SciPy's five results.

    f(xdata, *params) is written with tape's or NumPy's operations on Tensors and is compiled; xdata, where it is an array, and the parameters
    arrive as Tensors. The number of parameters is read from f's signature where p0 is not given, as in SciPy. jac: None for tape's; your
    own function (xdata, *params) or "2-point", "3-point", "cs" as in SciPy. progress: a bar of sums of squared values of the model.
    Errors and OptimizeWarning: SciPy's; TypeError for a model that returns no Tensor.

    >>> import numpy as np, tape
    >>> x = np.linspace(0.0, 4.0, 50)
    >>> popt, pcov = tape.optimize.curve_fit(lambda x, a, b: a * np.exp(-b * x), x, 2.5 * np.exp(-1.3 * x))
    >>> popt.round(6)
    array([2.5, 1.3])
    """
    from scipy.optimize import curve_fit as run

    many = np.ndim(p0) and np.size(p0) or 1
    parameters = Parameters("curve_fit", np.zeros(many))

    def model(p: Tensor, x: Any) -> Any:
        found = f(x, *[p[k] for k in range(len(p))])
        spread = isinstance(found, Tensor) and not found.ndim and isinstance(x, Tensor) and x.ndim
        return found.expand(x.shape[-1:]) if spread else found

    if jac is None and "col_deriv" in kwargs:  # which says how a Jacobian of the user's lies
        kwargs["col_deriv"] = 0
    if sigma is not None and np.size(sigma) == 1:  # SciPy's product with a Jacobian wants one for each point
        sigma = np.full(np.size(ydata), np.reshape(sigma, ()))
    residuals = Residuals(model, parameters)
    with Progress("curve_fit", progress) as bar:

        @functools.wraps(f)  # SciPy counts the parameters of its signature
        def values(x: Any, *params: float) -> np.ndarray:
            found = residuals.value(np.array(params), x)  # complex for "cs"
            if bar.wanted:
                bar.saw(np.vdot(found, found).real)
            return found

        def slopes(x: Any, *params: float) -> np.ndarray:
            return residuals.jac(np.array(params, np.float64), x)

        return run(
            values, xdata, ydata, p0, sigma, absolute_sigma, check_finite, bounds, method, slopes if jac is None else jac,
            full_output=full_output, nan_policy=nan_policy, **kwargs,
        )  # fmt: skip


__all__ = ["curve_fit", "least_squares", "root"]
