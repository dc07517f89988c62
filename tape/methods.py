"""Gives Tensor its methods and operators: functions that record become methods as they are, in-place twins are made from them.

Nothing here computes. Imported once, by tape/__init__.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape import array_api, assignment, attributes, inplace, protocols, turned, versions
from tape.autograd import tensor_backward
from tape.autograd.graph import hooking_handle
from tape.columns import Mark
from tape.functions import (
    arranging,
    combined,
    conversion,
    counting,
    creation,
    differences,
    elementwise,
    exchange,
    indexing,
    linalg,
    reductions,
    sampling,
    scatter_reducing,
    scattering,
    searching,
    shape,
    splitting,
    statistics,
    strided,
)
from tape.functions import complex as complex_values
from tape.generated import elementwise as generated
from tape.hooks import RemovableHandle, hooks_of
from tape.inplace import update
from tape.record import elementwise_two
from tape.tensor import Tensor, share

IN_PLACE = """abs neg square reciprocal sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh
asinh acosh atanh sigmoid relu erf erfc lgamma digamma floor ceil round trunc frac sign add sub mul div pow remainder fmod
floor_divide clamp clamp_min clamp_max masked_fill scatter scatter_add index_add tril triu cumsum lerp addcmul addcdiv multiply divide
subtract atan2 copysign xlogy maximum minimum scatter_reduce index_copy index_fill index_reduce put masked_scatter absolute arccos arccosh
arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor clip
conj_physical deg2rad eq erfinv fix float_power gcd ge greater greater_equal gt heaviside hypot i0 igamma igammac lcm ldexp le less
less_equal logical_and logical_not logical_or logical_xor logit lt mvlgamma nan_to_num ne negative nextafter not_equal polygamma rad2deg sgn
sinc true_divide addmm addmv addr addbmm baddbmm cumprod renorm""".split()  # fmt: skip

FUNCTIONS = """abs acos acosh addmv arccos arccosh arcsin arcsinh arctan arctanh as_strided asin asinh atan atanh ceil celu clamp clamp_max
clamp_min clip conj_physical cos cosh deg2rad detach erf erfc exp exp2 expm1 fill fix floor frac gcd i0 index_put lcm ldexp log log10 log1p
log2 logit nan_to_num neg negative rad2deg reciprocal relu round rsqrt sigmoid sin sinc sinh sqrt square tan tanh threshold trunc xlogy
zero""".split()  # whose in-place methods are functions, too


def functions() -> dict[str, Callable]:
    """The in-place methods that are functions of the package, by name."""
    return {f"{name}_": getattr(Tensor, f"{name}_") for name in FUNCTIONS if hasattr(Tensor, f"{name}_")}


def reflected(op: int) -> Callable:
    """The operator method for a left operand that is no Tensor."""

    def method(self: Tensor, other: Any) -> Any:
        return elementwise_two(op, other, self)

    return method


def binary(op: int) -> Callable:
    def method(self: Tensor, other: Any) -> Any:
        return elementwise_two(op, self, other)

    return method


def in_place(name: str, function: Callable) -> Callable:
    """The twin of a function that writes its result into its first argument."""

    def method(self: Tensor, *others: Any, **options: Any) -> Tensor:
        return update(self, name, function, *others, **options)

    method.__name__ = name
    method.__doc__ = f"`{name.rstrip('_')}`, written into this Tensor; returns it."
    return method


def in_place_operator(name: str, function: Callable) -> Callable:
    def method(self: Tensor, other: Any) -> Any:
        return update(self, name, function, other)

    return method


def power(self: Tensor, other: Any) -> Any:
    """self ** other."""
    if not isinstance(other, (Tensor, np.ndarray, int, float, complex, np.generic)):
        return NotImplemented
    return elementwise.pow(self, other)


def positive(self: Tensor) -> Tensor:
    """+self, the Tensor itself. RuntimeError for booleans."""
    if self._s.dtype.kind == "b":
        raise RuntimeError("unary + of booleans; convert with .long() first")
    return self


def register_hook(self: Tensor, hook: Callable) -> RemovableHandle:
    """Call hook(grad) when the gradient of this Tensor is complete; it may return another. RuntimeError if it needs no gradient."""
    return hooking_handle(self, hook)


def register_post_accumulate_grad_hook(self: Tensor, hook: Callable) -> RemovableHandle:
    """Call hook(tensor) after `.grad` of this leaf has been accumulated. RuntimeError for non-leaves."""
    if type(self._t) is not Mark:
        raise RuntimeError("a post-accumulate hook needs a leaf that requires grad; only leaves accumulate")
    return RemovableHandle(hooks_of(self).after, hook)


def retain_grad(self: Tensor) -> None:
    """Let a backward pass fill `.grad` of this non-leaf. Nothing changes for a leaf. RuntimeError if it needs no gradient."""
    import weakref

    if self._t is None:
        raise RuntimeError("retain_grad() of a tensor that does not require grad; call requires_grad_() first")
    if type(self._t) is not Mark and not self.retains_grad:
        hooks_of(self).kept.append(weakref.ref(self))


def data_of(self: Tensor) -> Tensor:
    """The same memory without history. Writes through it are noticed by backward passes that need the old values."""
    made = inplace.detach(self)
    made._chain = ()
    return made


def set_data(self: Tensor, other: Tensor) -> None:
    if not isinstance(other, Tensor):
        raise TypeError(f".data was assigned {type(other).__name__}; it takes a Tensor")
    if self._t is not None and other._s.dtype.kind not in "fcV":
        raise RuntimeError(f".data was assigned {other._s.dtype}, but the tensor requires grad; give a floating dtype")
    counted = None if self.is_inference() else versions.version(self)
    self._v, self._s = share(other), other._s
    if counted is not None:  # the count of writes is the Tensor's own, whatever memory it takes
        self._writes = 0
        self._writes = counted - versions.version(self)


def install() -> None:
    """Attach everything."""
    for module in (
        elementwise, complex_values, reductions, shape, indexing, combined, linalg, creation, conversion, statistics, counting, differences, sampling,
        arranging, splitting, strided, scattering, scatter_reducing, searching, exchange,
    ):  # fmt: skip
        for name, function in module.METHODS.items():
            setattr(Tensor, name, getattr(function, "without_out", function))
    Tensor.fill_diagonal_ = in_place("fill_diagonal_", scattering.with_diagonal)
    for name, function in turned.METHODS.items():
        setattr(Tensor, name, function)
    for name in IN_PLACE:
        function = getattr(Tensor, name, None)
        if function is not None:
            setattr(Tensor, f"{name}_", in_place(f"{name}_", function))
    for name, method in {"add": "add", "sub": "sub", "mul": "mul", "div": "truediv"}.items():
        own = getattr(generated, f"__{method}__")
        setattr(Tensor, f"__{method}__", own)
        setattr(Tensor, f"__r{method}__", own if name in ("add", "mul") else getattr(generated, f"__r{method}__"))  # 2*x is x*2, as a row as well
        setattr(Tensor, f"__i{method}__", in_place_operator(f"{name}_", own))
    for name, method in {"floor_divide": "floordiv", "remainder": "mod"}.items():
        op = OPCODES[name]
        setattr(Tensor, f"__{method}__", binary(op))
        setattr(Tensor, f"__r{method}__", reflected(op))
        setattr(Tensor, f"__i{method}__", in_place_operator(f"{name}_", binary(op)))
    for name, method in {"bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor", "bitwise_left_shift": "lshift", "bitwise_right_shift": "rshift"}.items():
        setattr(Tensor, f"__i{method}__", in_place_operator(f"{name}_", getattr(Tensor, f"__{method}__")))
    Tensor.__div__, Tensor.__rdiv__ = generated.__truediv__, generated.__rtruediv__
    Tensor.__pow__, Tensor.__rpow__ = power, reflected(OPCODES["pow:Pow2"])
    Tensor.__ipow__ = in_place_operator("pow_", power)
    Tensor.__neg__, Tensor.__abs__ = generated.neg, generated.abs
    Tensor.__pos__ = positive
    Tensor.__setitem__, Tensor.index_put_ = assignment.assign, assignment.index_put_
    Tensor.backward = tensor_backward
    Tensor.register_hook, Tensor.register_post_accumulate_grad_hook = register_hook, register_post_accumulate_grad_hook
    Tensor.retain_grad = retain_grad
    for name in ("detach", "detach_", "zero_", "fill_", "copy_"):
        setattr(Tensor, name, getattr(inplace, name))
    Tensor.data = property(data_of, set_data, attributes.kept_whole("data"))
    for name, attribute in attributes.PROPERTIES.items():
        setattr(Tensor, name, attribute)
    Tensor._version = property(versions.version)
    Tensor.__array_ufunc__, Tensor.__array_function__ = protocols.array_ufunc, protocols.array_function
    Tensor.__array_namespace__, Tensor.to_device = array_api.namespace, array_api.to_device

