"""Constraints written with Tensors, in the form that each of SciPy's methods takes, with the derivatives that it uses.

`convert` takes what `minimize` was given: dicts, `NonlinearConstraint`, `LinearConstraint`, one or several. A constraint's function gets
the parameters in the user's structure and may return a Tensor or a list of them. trust-constr gets `jac` and `hess(x, v)`, SLSQP `jac`,
COBYLA and COBYQA values. Invariant: derivatives that the user supplies are left to the user; lower and upper limits stay as given;
no form is passed on that makes SciPy warn. Imports programs and parameters; scipy when called. Imported by scalar.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.optimize.parameters import Parameters, unpacked
from tape.optimize.programs import Residuals

MATRICES = {"trust-constr", "cobyla", "cobyqa"}  # methods that take NonlinearConstraint; SLSQP takes dicts


def convert(parameters: Parameters, constraints: Any, method: str) -> list:
    """Constraints as `scipy.optimize.minimize` takes them for this method."""
    from scipy.optimize import LinearConstraint, NonlinearConstraint

    given = [constraints] if isinstance(constraints, (dict, NonlinearConstraint, LinearConstraint)) else list(constraints)
    found: list = []
    for number, constraint in enumerate(given):
        if isinstance(constraint, dict):
            found += _from_dict(parameters, constraint, number, method)
        elif isinstance(constraint, NonlinearConstraint):
            found += _from_object(parameters, constraint, method)
        elif isinstance(constraint, LinearConstraint) and method == "slsqp":
            found += _split_linear(constraint)
        else:
            found.append(constraint)
    return found


def _from_dict(parameters: Parameters, constraint: dict, number: int, method: str) -> list:
    """A dict of SciPy: type "eq" or "ineq", fun, and perhaps jac and args."""
    kind = str(constraint.get("type", "")).lower()
    if kind not in ("eq", "ineq") or "fun" not in constraint:
        return [constraint]  # SciPy says what is wrong, by its own classes
    args = constraint.get("args", ())
    shared = _Constraint(parameters, constraint["fun"], unpacked(args), constraint.get("jac"))
    if method not in MATRICES:
        return [{"type": kind, "fun": shared.value, "jac": shared.jac}]
    return [shared.nonlinear(0.0, 0.0 if kind == "eq" else np.inf, False, method)]


def _from_object(parameters: Parameters, constraint: Any, method: str) -> list:
    from scipy.optimize import BFGS

    shared = _Constraint(parameters, constraint.fun, (), constraint.jac if callable(constraint.jac) else None)
    if method in MATRICES:
        made = shared.nonlinear(constraint.lb, constraint.ub, constraint.keep_feasible, method)
        if method == "trust-constr" and type(constraint.hess) is not BFGS:  # BFGS is what SciPy puts there when nothing is given
            made.hess = _bound(parameters, constraint.hess) if callable(constraint.hess) else constraint.hess
        return [made]
    _warn_of_feasibility(constraint)
    m = shared.value(parameters.start).size
    low, high = np.broadcast_to(constraint.lb, m), np.broadcast_to(constraint.ub, m)
    equal = low == high
    found = []
    if equal.any():
        found.append({"type": "eq", "fun": lambda x: (shared.value(x) - low)[equal], "jac": lambda x: shared.jac(x)[equal]})
    below, above = ~equal & (low > -np.inf), ~equal & (high < np.inf)
    if below.any() or above.any():
        between = _Between(shared, low, high, below, above)
        found.append({"type": "ineq", "fun": between.value, "jac": between.jac})
    return found


class _Between:
    """Values that are not negative where limits are kept: those from below first, then those from above."""

    def __init__(self, shared: _Constraint, low: np.ndarray, high: np.ndarray, below: np.ndarray, above: np.ndarray) -> None:
        self.shared, self.low, self.high, self.below, self.above = shared, low, high, below, above

    def value(self, x: np.ndarray) -> np.ndarray:
        y = self.shared.value(x)
        return np.concatenate([(y - self.low)[self.below], (self.high - y)[self.above]])

    def jac(self, x: np.ndarray) -> np.ndarray:
        slopes = self.shared.jac(x)
        return np.concatenate([slopes[self.below], -slopes[self.above]])


class _Constraint:
    """The function of one constraint with its derivatives."""

    def __init__(self, parameters: Parameters, fun: Callable, args: tuple, jac: Any) -> None:
        self.parameters, self.args = parameters, args
        self.residuals = Residuals(fun, parameters)
        self.given = _bound(parameters, jac, args) if callable(jac) else None

    def value(self, x: np.ndarray) -> np.ndarray:
        return self.residuals.value(x, *self.args)

    def jac(self, x: np.ndarray) -> np.ndarray:
        if self.given is not None:
            found = self.parameters.matrix(self.given(x), "the Jacobian that a constraint's jac returned")
            return np.atleast_2d(np.asarray(found.toarray() if hasattr(found, "toarray") else found, np.float64))
        return self.residuals.jac(x, *self.args)

    def hess(self, x: np.ndarray, v: np.ndarray) -> Any:
        """The Hessian of the sum of v times values, as products."""
        from scipy.sparse.linalg import LinearOperator

        x, v = np.array(x), np.array(v)
        n = x.size

        def product(p: np.ndarray) -> np.ndarray:
            return self.residuals.hessp(x, v, np.reshape(p, -1), *self.args)

        return LinearOperator((n, n), matvec=product, rmatvec=product, dtype=np.float64)

    def nonlinear(self, low: Any, high: Any, keep_feasible: Any, method: str) -> Any:
        from scipy.optimize import NonlinearConstraint

        if method != "trust-constr":
            return NonlinearConstraint(self.value, low, high, keep_feasible=keep_feasible)
        return NonlinearConstraint(self.value, low, high, jac=self.jac, hess=self.hess, keep_feasible=keep_feasible)


def _bound(parameters: Parameters, fun: Callable, args: tuple = ()) -> Callable:
    """A function of the user's, called with the user's structure."""
    return lambda x, *more: fun(parameters.unravel(x), *more, *args)


def _split_linear(constraint: Any) -> list:
    """Equalities and inequalities apart, as SLSQP wants them."""
    from scipy.optimize import LinearConstraint

    _warn_of_feasibility(constraint)
    matrix = constraint.A.toarray() if hasattr(constraint.A, "toarray") else np.atleast_2d(constraint.A)
    low, high = np.broadcast_to(constraint.lb, len(matrix)), np.broadcast_to(constraint.ub, len(matrix))
    found = []
    for chosen in (low == high, (low != high) & ((low > -np.inf) | (high < np.inf))):
        if chosen.any():
            found.append(LinearConstraint(matrix[chosen], low[chosen], high[chosen]))
    return found


def _warn_of_feasibility(constraint: Any) -> None:
    if np.any(constraint.keep_feasible):
        import warnings

        from scipy.optimize import OptimizeWarning

        warnings.warn("SLSQP does not keep constraints feasible: keep_feasible is ignored; use method='trust-constr'", OptimizeWarning, stacklevel=5)


__all__ = ["convert"]
