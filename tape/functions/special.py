"""Special functions that only `tape.special` has: orthogonal polynomials, Bessel functions by names and orders, betainc.

All of them are rows of the table, so every order of derivative exists; orders of Bessel functions and degrees of polynomials are constants.
`PUBLIC` maps the names that tape/special exports. Imports elementwise; half precision is computed in float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import get_default_dtype, name_of, pair_type
from tape.errors import NoDerivativeError
from tape.functions import elementwise
from tape.functions.arguments import tensor_of
from tape.generated.elementwise import spherical_jn as _spherical_jn
from tape.out import takes_out
from tape.record import broadcast, cast, elementwise_two, expand, normal, record
from tape.spec import FLOAT32, FLOAT64
from tape.state import STATE
from tape.tensor import Tensor, tangent_of
from tape.traced import as_value, through

_BETAINC = OPCODES["betainc"]


def _polynomial(name: str, row: str, words: str, shifted: bool = False) -> Callable:
    op = OPCODES[row]

    def function(input: Any, n: Any) -> Tensor:
        x = tensor_of(name, input)
        degree: Any = n
        if isinstance(n, (Tensor, np.ndarray)):
            degree = elementwise.trunc(tensor_of(name, n).detach())
            dtype = pair_type(x._s.dtype, x._s.ndim, degree._s.dtype, degree._s.ndim)
        else:
            degree, dtype = float(int(n)), x._s.dtype
        if dtype.kind in "iub":
            dtype = get_default_dtype()
        if dtype.kind == "c":
            raise NotImplementedError(f"{name} of {name_of(dtype)}; wanted real values")
        working = dtype if dtype in (FLOAT32, FLOAT64) else FLOAT32
        x = cast(x, working)
        if isinstance(degree, Tensor):
            degree = cast(degree, working)
        return cast(elementwise_two(op, degree, 2.0 * x - 1.0 if shifted else x), dtype)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{words} of degree n (a number or Tensor; 0 below degree 0), elementwise. n has no gradient."
    return takes_out(function)


_KINDS = {"t": "first", "u": "second", "v": "third", "w": "fourth"}
POLYNOMIALS = {
    **{f"chebyshev_polynomial_{k}": _polynomial(f"chebyshev_polynomial_{k}", f"chebyshev_{k}", f"Chebyshev polynomials of the {word} kind")
       for k, word in _KINDS.items()},
    **{f"shifted_chebyshev_polynomial_{k}": _polynomial(f"shifted_chebyshev_polynomial_{k}", f"chebyshev_{k}",
                                                        f"Chebyshev polynomials of the {word} kind, shifted to [0, 1],", True)
       for k, word in _KINDS.items()},
    "hermite_polynomial_h": _polynomial("hermite_polynomial_h", "hermite_h", "The physicists' Hermite polynomials"),
    "hermite_polynomial_he": _polynomial("hermite_polynomial_he", "hermite_he", "The probabilists' Hermite polynomials"),
    "laguerre_polynomial_l": _polynomial("laguerre_polynomial_l", "laguerre", "Laguerre polynomials"),
    "legendre_polynomial_p": _polynomial("legendre_polynomial_p", "legendre", "Legendre polynomials"),
}  # fmt: skip


@takes_out
def spherical_bessel_j0(input: Any) -> Tensor:
    """The spherical Bessel function of the first kind of order 0, sin(x)/x."""
    return _spherical_jn(0, input)


@takes_out
def betainc(a: Any, b: Any, x: Any) -> Tensor:
    """The regularised incomplete beta function of x in [0, 1], as scipy.special.betainc; differentiable in x.

    NoDerivativeError (a NotImplementedError) where a or b requires grad.

    >>> import tape
    >>> tape.special.betainc(2.0, 3.0, tape.tensor([0.25, 0.5]))
    tensor([0.2617, 0.6875])
    """
    first, second, t = (tensor_of("betainc", v) for v in (a, b, x))
    if any(STATE.grad and t._t is not None or STATE.dual and tangent_of(t) is not None for t in (first, second)):
        raise NoDerivativeError("betainc: a or b requires grad, and only the derivative in x is known; detach() them")
    dtype = t._s.dtype if t._s.dtype.kind in "fV" else get_default_dtype()
    shape = broadcast("betainc", first._s.shape, second._s.shape, t._s.shape)
    t = expand(cast(t, dtype), shape)
    parameters = tuple([v._v for v in (first, second)])
    value = as_value(through(_betainc, *parameters, t._v))
    return record(_BETAINC, (t,), normal(value.astype(dtype, copy=False), dtype), (t._v, None, None), (t._s, *parameters))


def _betainc(a: Any, b: Any, x: Any) -> np.ndarray:
    from scipy import special

    return special.betainc(*(np.asarray(v, np.float64) for v in (a, b, x)))  # type: ignore[no-any-return]


PUBLIC: dict[str, Any] = {
    **{name: getattr(elementwise, name) for name in elementwise.SPECIAL},
    **{name: getattr(elementwise, name) for name in """digamma erf erfc erfinv exp2 expm1 i0 log1p logit polygamma round sinc xlogy""".split()},
    **POLYNOMIALS, "spherical_bessel_j0": spherical_bessel_j0, "betainc": betainc,
    "gammaln": elementwise.lgamma, "psi": elementwise.digamma, "modified_bessel_i0": elementwise.i0, "modified_bessel_i1": elementwise.i1,
    "loggamma": elementwise.lgamma, "log_expit": elementwise.log_sigmoid, "j0": elementwise.bessel_j0, "j1": elementwise.bessel_j1,
    "y0": elementwise.bessel_y0, "y1": elementwise.bessel_y1, "k0": elementwise.modified_bessel_k0, "k1": elementwise.modified_bessel_k1,
    "k0e": elementwise.scaled_modified_bessel_k0, "k1e": elementwise.scaled_modified_bessel_k1,
}  # fmt: skip
__all__ = ["PUBLIC"]
