"""SciPy's optimisers with compiled, exact derivatives: objectives written with Tensors, parameters in structures of your own.

    minimize            scipy.optimize.minimize: jac, hess, hessp and those of constraints supplied as each method wants them
    least_squares root  the same with Jacobians
    curve_fit           the same for models f(xdata, *params)
    objective           a compiled callable x -> (value, gradient) for any optimiser

Invariant: signatures and results are SciPy's; SciPy is imported when one of these is called. Re-exports only; imported by tape/__init__.
"""

from tape.optimize.scalar import minimize as minimize
from tape.optimize.scalar import objective as objective
from tape.optimize.vector import curve_fit as curve_fit
from tape.optimize.vector import least_squares as least_squares
from tape.optimize.vector import root as root

__all__ = ["curve_fit", "least_squares", "minimize", "objective", "root"]
