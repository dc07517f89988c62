"""NumPy's and SciPy's ufuncs on Tensors: `np.sin(t)`, `np.add(array, t, where=mask)`, `np.maximum.reduce(t)`, `scipy.special.gammaln(t)`.

A ufunc is found by its name. `reduce`, `accumulate`, `outer`, `reduceat` and `at` are those of the functions that have them.
Invariant: what is not known raises TypeError; nothing falls back to plain arrays and loses its history. Imports names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.protocols.names import PUBLIC, F, special
from tape.tensor import Tensor

RENAMED = {
    "subtract": "sub", "multiply": "mul", "divide": "div", "true_divide": "div", "power": "pow", "negative": "neg", "absolute": "abs", "fabs": "abs",
    "greater": "gt", "greater_equal": "ge", "less": "lt", "less_equal": "le", "equal": "eq", "not_equal": "ne", "rint": "round", "conjugate": "conj",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2",
    "degrees": "rad2deg", "radians": "deg2rad", "bitwise_invert": "bitwise_not", "invert": "bitwise_not", "left_shift": "bitwise_left_shift",
    "right_shift": "bitwise_right_shift", "mod": "remainder", "float_power": "float_power", "vecdot": "vecdot",
}  # fmt: skip
IN_SPECIAL = {
    "j0": "bessel_j0", "j1": "bessel_j1", "y0": "bessel_y0", "y1": "bessel_y1", "k0": "modified_bessel_k0", "k1": "modified_bessel_k1",
    "k0e": "scaled_modified_bessel_k0", "k1e": "scaled_modified_bessel_k1", "log_expit": "log_sigmoid", "psi": "digamma", "gammaln": "gammaln",
}  # fmt: skip


def _cbrt(x: Any) -> Any:
    return F.sign(x) * F.abs(x) ** (1.0 / 3.0)


def _rel_entr(x: Any, y: Any) -> Any:
    return F.xlogy(x, x / y)


def _exprel(x: Any) -> Any:
    return F.where(x == 0, 1.0, F.expm1(x) / F.where(x == 0, 1.0, x))


def _divmod(a: Any, b: Any) -> tuple:
    return F.floor_divide(a, b), F.remainder(a, b)


def _modf(x: Any) -> tuple:
    whole = F.trunc(x)
    return x - whole, whole


OWN = {"cbrt": _cbrt, "rel_entr": _rel_entr, "exprel": _exprel, "divmod": _divmod, "modf": _modf,
       "kl_div": lambda x, y: _rel_entr(x, y) - x + y, "boxcox": lambda x, k: F.where(k == 0, F.log(x), F.expm1(k * F.log(x)) / F.where(k == 0, 1.0, k)),
       "matvec": lambda a, x: F.matmul(a, x[..., None])[..., 0], "vecmat": lambda x, a: F.matmul(F.conj(x)[..., None, :], a)[..., 0, :],
       "exp10": lambda x: F.pow(10.0, x), "cosdg": lambda x: F.cos(F.deg2rad(x)), "sindg": lambda x: F.sin(F.deg2rad(x))}  # fmt: skip


def function_of(name: str) -> Any:
    """tape's function for a ufunc's name, or None."""
    if name in OWN:
        return OWN[name]
    found = PUBLIC.get(RENAMED.get(name, name))
    return found if found is not None else getattr(special, IN_SPECIAL.get(name, name), None)


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """A ufunc with a Tensor among its inputs, as NumPy's protocol hands it over."""
    name = ufunc.__name__.lstrip("_")
    out, where, dtype = options.pop("out", None), options.pop("where", True), options.pop("dtype", None)
    out = out[0] if isinstance(out, tuple) and len(out) == 1 else out
    function = function_of(name)
    options = {k: v for k, v in options.items() if v is not None and (k, v) not in (("casting", "same_kind"), ("order", "K"), ("subok", True))}
    if function is None:
        raise TypeError(f"np.{name} of a Tensor: no operation of tape means the same; use a function of tape, or detach().numpy()")
    if isinstance(out, np.ndarray) or isinstance(out, tuple):
        raise TypeError(f"np.{name} writes a Tensor into an ndarray, where its history is lost; drop out= (or the in-place operator on an array)")
    if method != "__call__":
        options.update({} if dtype is None else {"dtype": dtype}, **({} if where is True else {"where": where}))
        made = _method(name, function, method, inputs, options)
    elif options:
        raise TypeError(f"np.{name} of a Tensor with {sorted(options)}; wanted out=, where= or dtype= at most")
    else:
        made = function(*(_in(x, dtype) for x in inputs))
        if where is not True:
            made = F.where(where, made, out if out is not None else F.zeros_like(made))
    return made if out is None else out.copy_(made)


def _in(x: Any, dtype: Any) -> Any:
    return x.to(dtype) if dtype is not None and isinstance(x, Tensor) else x


def _method(name: str, function: Any, method: str, inputs: tuple, options: dict) -> Any:
    """A ufunc's method."""
    if method == "outer":
        a, b = inputs
        a = a if isinstance(a, Tensor) else F.as_tensor(a)
        return function(a.reshape(a.shape + (1,) * np.ndim(b)), b)
    if method == "reduce" and name in REDUCTIONS:
        return REDUCTIONS[name](*inputs, **{"axis": 0, **options})
    if method == "accumulate" and name in RUNNING:
        return RUNNING[name](*inputs, **{"axis": 0, **options})
    if method == "reduceat" and name in REDUCTIONS:
        return _reduceat(REDUCTIONS[name], *inputs, **options)
    if method == "at" and name in ("add", "subtract"):
        target, index, values = inputs
        if not isinstance(target, Tensor):
            raise TypeError(f"np.{name}.at writes a Tensor into an ndarray, where its history is lost; make the array a Tensor of tape")
        values = F.as_tensor(values)
        target.index_put_(index if isinstance(index, tuple) else (index,), values if name == "add" else -values, accumulate=True)
        return None
    raise TypeError(f"np.{name}.{method} of a Tensor: no operation of tape means the same; use a function of tape, or detach().numpy()")


def _reduceat(reduce: Any, a: Any, indices: Any, axis: int = 0) -> Any:
    """The reductions of a[indices[i]:indices[i + 1]], the last to the end; one element where the bounds do not ascend."""
    starts = [int(i) for i in indices]
    stops = [*starts[1:], a.shape[axis]]
    parts = [a.narrow(axis, i, max(j - i, 1)) for i, j in zip(starts, stops, strict=True)]
    return F.stack([reduce(part, axis=axis) for part in parts], axis)


def _reduction(name: str) -> Any:
    def reduce(a: Any, *args: Any, **options: Any) -> Any:
        return getattr(np, name)(a, *args, **options)

    return reduce


REDUCTIONS = {"add": _reduction("sum"), "multiply": _reduction("prod"), "maximum": _reduction("max"), "minimum": _reduction("min"),
              "logical_and": _reduction("all"), "logical_or": _reduction("any"), "fmax": _reduction("nanmax"), "fmin": _reduction("nanmin"),
              "logaddexp": lambda a, axis=0, keepdims=False: F.logsumexp(a, axis if axis is not None else tuple(range(a.ndim)), keepdims)}  # fmt: skip
RUNNING = {"add": _reduction("cumsum"), "multiply": _reduction("cumprod"), "maximum": lambda a, axis=0: F.cummax(a, axis)[0],
           "minimum": lambda a, axis=0: F.cummin(a, axis)[0], "logaddexp": lambda a, axis=0: F.logcumsumexp(a, axis)}  # fmt: skip
