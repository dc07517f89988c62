"""Sums with a factor: `lerp`, `addcmul`, `addcdiv`, and `times`, the factor of `add` and `sub`.

Compositions of recorded rows. Large intermediate values, which no row reads, are overwritten by the next. Imports record; imported by elementwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import name_of
from tape.functions.arguments import tensor_of
from tape.out import takes_out, written
from tape.outputs import entitle
from tape.record import FUNCTIONS, cast, record
from tape.spec import LIGHT
from tape.state import STATE
from tape.tensor import Tensor

_ADD, _MUL = OPCODES["add"], OPCODES["mul"]


def times(name: str, factor: Any, given: Any, beside: Any) -> Tensor:
    """alpha*t and its like, in the dtype of the Tensor beside it where t is of integers. RuntimeError where that is too."""
    t = tensor_of(name, given)
    if type(factor) is float and t._s.dtype.kind in "iub":
        dtype = getattr(getattr(beside, "_s", None), "dtype", t._s.dtype)
        if dtype.kind in "iub":
            raise RuntimeError(f"{name}: a factor of {factor} for tensors of {name_of(dtype)}; give an int, or convert them with .double()")
        t = cast(t, dtype)
    return t * factor


def _onto(op: int, t: Any, made: Tensor) -> Tensor:
    """t op made, for an addition or a multiplication by a number. The value takes the memory of `made` where that is large: only the caller has
    `made`, and neither row reads its value. Each large array more costs page faults."""
    spec, value = made._s, made._v
    same = t._s is spec and type(t._v) is np.ndarray if type(t) is Tensor else type(t) is float
    if spec.nbytes <= LIGHT or spec.code < 0 or not same or type(value) is not np.ndarray or STATE.dual or STATE.trace is not None:
        return t + made if op == _ADD else made * t
    with np.errstate(all="ignore"):
        FUNCTIONS[op][spec.code](value, t if type(t) is float else t._v, out=value)
    return record(op, (made,), value, None, t) if type(t) is float else record(op, (t, made), value)


@takes_out
def lerp(input: Any, end: Any, weight: Any) -> Tensor:
    """input + weight*(end - input). RuntimeError for different dtypes."""
    t, to = tensor_of("lerp", input), tensor_of("lerp", end)
    for other in (to, weight):
        if isinstance(other, Tensor) and other._s.dtype != t._s.dtype:
            raise RuntimeError(f"lerp: {name_of(t._s.dtype)} and {name_of(other._s.dtype)}; all must have one dtype")
    if isinstance(weight, Tensor):
        return entitle(t + (to - t) * weight, "LerpBackward1", (t, to, weight))  # type: ignore[no-any-return]
    near = type(weight) is not float or weight < 0.5  # exact at the nearer end
    return entitle(_onto(_ADD, t, _onto(_MUL, weight, to - t)) if near else to - (to - t) * (1 - weight), "LerpBackward0", (t, to))  # type: ignore[no-any-return]


def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Tensor:
    """input + value*tensor1*tensor2."""
    if out is not None:
        return written("addcmul", out, addcmul(input, tensor1, tensor2, value=value))
    t, first, second = (v if type(v) is Tensor else tensor_of("addcmul", v) for v in (input, tensor1, tensor2))
    product = first * second
    made = _onto(_ADD, t, product if value == 1 else times("addcmul", value, product, t))
    return entitle(made, "AddcmulBackward0", (t, first, second))  # type: ignore[no-any-return]


def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Tensor:
    """input + value*tensor1/tensor2. RuntimeError for integers, whose quotients div() rounds as it is told."""
    if out is not None:
        return written("addcdiv", out, addcdiv(input, tensor1, tensor2, value=value))
    t, first, second = (v if type(v) is Tensor else tensor_of("addcdiv", v) for v in (input, tensor1, tensor2))
    if first._s.dtype.kind in "iub" and second._s.dtype.kind in "iub":
        raise RuntimeError("addcdiv: both tensors are of integers; say how to round with div(rounding_mode=), or convert one with .double()")
    quotient = first / second
    made = _onto(_ADD, t, quotient if value == 1 else quotient * value)
    return entitle(made, "AddcdivBackward0", (t, first, second))  # type: ignore[no-any-return]
