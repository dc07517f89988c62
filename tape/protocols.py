"""NumPy's protocols: `np.sin(t)`, `array * t` and `np.linalg.solve(A, t)` on Tensors record, as the functions of tape do.

Only functions whose meaning is the same are mapped; others say so instead of falling back to plain arrays and losing history.
"""

from __future__ import annotations

from typing import Any

from tape import linalg
from tape.functions import PUBLIC

_RENAMED = {
    "subtract": "sub", "multiply": "mul", "divide": "div", "true_divide": "div", "power": "pow", "negative": "neg", "absolute": "abs",
    "greater": "gt", "greater_equal": "ge", "less": "lt", "less_equal": "le", "equal": "eq", "not_equal": "ne", "rint": "round",
    "concatenate": "cat", "logaddexp": "logaddexp", "transpose": "permute", "bitwise_invert": "bitwise_not", "invert": "bitwise_not",
}  # fmt: skip
_SAME = {"sum", "mean", "prod", "cat", "stack", "where", "dot", "matmul", "einsum", "reshape", "outer", "inner", "tensordot", "cumsum",
         "broadcast_to", "squeeze", "tril", "triu", "diagonal", "zeros_like", "ones_like", "trace"}  # fmt: skip
_AXIS = {"axis": "dim", "keepdims": "keepdim"}


def array_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """A NumPy ufunc with a Tensor among its inputs."""
    function = PUBLIC.get(_RENAMED.get(ufunc.__name__, ufunc.__name__))
    if method != "__call__" or function is None or any(value is not None for value in options.values()):
        raise TypeError(
            f"np.{ufunc.__name__}{'' if method == '__call__' else '.' + method} of a Tensor with {sorted(options) or 'no options'}: no "
            "operation of tape means the same; use a function of tape, or detach().numpy()"
        )
    return function(*inputs)


def array_function(self: Any, function: Any, types: Any, args: tuple, options: dict) -> Any:
    """Another NumPy function with a Tensor among its arguments."""
    name = function.__name__
    module = linalg if function.__module__ == "numpy.linalg" else None
    own = getattr(module, name, None) if module else PUBLIC.get(_RENAMED.get(name, name)) if _RENAMED.get(name, name) in _SAME else None
    if own is None:
        raise TypeError(f"np.{name} of a Tensor: no operation of tape means the same; use a function of tape, or detach().numpy()")
    if name == "transpose":
        dims = (args[1:] or (options.get("axes"),))[0]
        return own(args[0], tuple(dims) if dims is not None else tuple(reversed(range(args[0].ndim))))
    return own(*args, **{_AXIS.get(key, key): value for key, value in options.items()})
