"""Complex values: conjugation, real and imaginary parts, and what goes from real pairs to complex values and back.

`real`, `imag`, `view_as_real` and `view_as_complex` are views, which share memory with what they look at; `conj` is a copy and so are the rest.
Of a real dtype `conj` and `real` are the Tensor itself, so rules may write `conj` wherever a complex Jacobian enters. Gradients
follow PyTorch: the cotangent of z = a + bi is g_a + i g_b, so a pullback multiplies by the conjugate of the Jacobian.
Imports record and views only: adjoints and every family of functions may import it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import complex_of, get_default_dtype, real_of
from tape.generated.elementwise import sign
from tape.out import takes_out
from tape.record import as_tensor, broadcast, cast, elementwise_one, elementwise_two, expand, normal, record
from tape.tensor import Tensor, share, wrap
from tape.traced import as_value, copy_of, through
from tape.views import view, view_value

CONJ, REAL, IMAG, PAIRS, FROM_PAIRS, JOINED, SGN, ANGLE = (
    OPCODES[n] for n in ("conj", "real", "imag", "view_as_real", "view_as_complex", "complex", "sgn", "angle")
)
POLAR, _MUL, _COS, _SIN = (OPCODES[n] for n in ("complex:Polar", "mul", "cos", "sin"))


def _given(name: str, input: Any) -> Tensor:
    t = as_tensor(input)
    if t is None:
        raise TypeError(f"{name}: got {type(input).__name__}; wanted a Tensor, an array or a number")
    return t


@view_value("real")
def _real_value(values: Any, params: tuple) -> Any:
    return values.real


@view_value("imag")
def _imag_value(values: Any, params: tuple) -> Any:
    return values.imag


def pairs_of(values: Any) -> Any:
    """Complex values as pairs of real ones in a new last dimension, in the same memory."""
    if type(values) is not np.ndarray:
        return values.trace.call(pairs_of, (values,), {}) if values.live() is not None else pairs_of(values.now)
    return values[..., None].view(real_of(values.dtype))


def from_pairs(values: Any) -> Any:
    """Pairs of real values in the last dimension as complex ones, in the same memory."""
    if type(values) is not np.ndarray:
        return values.trace.call(from_pairs, (values,), {}) if values.live() is not None else from_pairs(values.now)
    return values.view(complex_of(values.dtype))[..., 0]


@view_value("view_as_real")
def _pairs_value(values: Any, params: tuple) -> Any:
    return pairs_of(values)


@view_value("view_as_complex")
def _from_pairs_value(values: Any, params: tuple) -> Any:
    return from_pairs(values)


# conjugation


def conj(input: Any) -> Tensor:
    """The complex conjugate, elementwise; a Tensor of a real dtype itself.

    >>> import tape
    >>> tape.conj(tape.tensor([1 + 2j]))
    tensor([1.-2.j])
    """
    t = input if isinstance(input, Tensor) else _given("conj", input)
    if t._s.dtype.kind != "c":
        return t
    return record(CONJ, (t,), np.conjugate(t._v), None, (t._s,))


conj_physical = conj


def resolve_conj(input: Tensor) -> Tensor:
    """The Tensor itself: conjugation is done at once here, so nothing is left to resolve."""
    return _given("resolve_conj", input)


def resolve_neg(input: Tensor) -> Tensor:
    """The Tensor itself: negation is done at once here, so nothing is left to resolve."""
    return _given("resolve_neg", input)


def is_conj(input: Tensor) -> bool:
    """False: conjugation is done at once here."""
    return False


# parts


def real(input: Any) -> Tensor:
    """The real part: a view that shares memory, of a real dtype the Tensor itself."""
    t = _given("real", input)
    if t._s.dtype.kind != "c":
        return t
    return view(t, REAL, normal(share(t).real, t._s.dtype), None, (t._s,))


def imag(input: Any) -> Tensor:
    """The imaginary part, a view that shares memory. RuntimeError for real dtypes."""
    t = _given("imag", input)
    if t._s.dtype.kind != "c":
        raise RuntimeError(f"imag of a tensor of {t._s.dtype}; only complex tensors have an imaginary part: it would be zero")
    return view(t, IMAG, normal(share(t).imag, t._s.dtype), None, (t._s,))


def view_as_real(input: Any) -> Tensor:
    """The real and imaginary parts as a new last dimension of extent 2: a view. RuntimeError for real dtypes.

    >>> import tape
    >>> tape.view_as_real(tape.tensor([1 + 2j]))
    tensor([[1., 2.]])
    """
    t = _given("view_as_real", input)
    if t._s.dtype.kind != "c":
        raise RuntimeError(f"view_as_real of a tensor of {t._s.dtype}; it takes complex tensors")
    return view(t, PAIRS, pairs_of(share(t)), None, (t._s,))


def view_as_complex(input: Any) -> Tensor:
    """Complex values of pairs in the last dimension, of extent 2 and contiguous: a view. RuntimeError for anything else."""
    t = _given("view_as_complex", input)
    if t._s.dtype not in (np.float64, np.float32):
        raise RuntimeError(f"view_as_complex of a tensor of {t._s.dtype}; it takes float64 and float32")
    if not t._s.ndim or t._s.shape[-1] != 2:
        raise RuntimeError(f"view_as_complex of shape {t._s.shape}; the last dimension must hold pairs, its extent must be 2")
    values = share(t)
    size = t._s.dtype.itemsize
    if values.strides[-1] != size or any(stride % (2 * size) for stride in values.strides[:-1]):
        raise RuntimeError("view_as_complex of pairs that do not lie side by side in memory; use contiguous() first")
    return view(t, FROM_PAIRS, from_pairs(values), None, (t._s,))


# made of parts


def _joined_values(re: Any, im: Any) -> np.ndarray:
    made = np.empty(np.shape(re), complex_of(re.dtype))
    made.real, made.imag = re, im
    return made


def joined(re: Tensor | None, im: Tensor | None, op: int = JOINED) -> Tensor:
    """re + im*i of Tensors of one floating dtype and one shape, recorded; None stands for zeros."""
    first: Any = im if re is None else re
    re, im = (wrap(np.zeros(first._s.shape, first._s.dtype)) if t is None else t for t in (re, im))
    value = through(_joined_values, as_value(re._v), as_value(im._v))
    return record(op, (re, im), value, None, (re._s, im._s))


def part(op: int, t: Tensor) -> Tensor:
    """The real (`op` REAL) or imaginary (IMAG) part, recorded: for rules, which need no view."""
    values: Any = as_value(t._v)
    return record(op, (t,), normal(values.real if op == REAL else values.imag, t._s.dtype), None, (t._s,))


def pairs(t: Tensor) -> Tensor:
    """The parts of complex values as pairs in a new last dimension, recorded: for rules, which need no view."""
    return record(PAIRS, (t,), pairs_of(t._v), None, (t._s,))


def complex(real: Any, imag: Any, *, out: Tensor | None = None) -> Tensor:
    """real + imag*i of two tensors of one floating dtype, which broadcast. RuntimeError for other dtypes, or two of them.

    >>> import tape
    >>> tape.complex(tape.tensor([1.0]), tape.tensor([2.0]))
    tensor([1.+2.j])
    """
    re, im = _given("complex", real), _given("complex", imag)
    _check_parts("complex", re, im)
    shape = broadcast("complex", re._s.shape, im._s.shape)
    made = joined(expand(re, shape), expand(im, shape))
    return made if out is None else out.copy_(made)


def polar(abs: Any, angle: Any, *, out: Tensor | None = None) -> Tensor:
    """The complex number of this absolute value and angle, elementwise; of two tensors of one floating dtype, which broadcast.

    >>> import tape
    >>> tape.polar(tape.tensor([2.0]), tape.tensor([0.0]))
    tensor([2.+0.j])
    """
    size, direction = _given("polar", abs), _given("polar", angle)
    _check_parts("polar", size, direction)
    shape = broadcast("polar", size._s.shape, direction._s.shape)
    parts = [elementwise_two(_MUL, size, elementwise_one(op, direction)) for op in (_COS, _SIN)]
    made = joined(expand(parts[0], shape), expand(parts[1], shape), POLAR)
    return made if out is None else out.copy_(made)


def _check_parts(name: str, a: Tensor, b: Tensor) -> None:
    for t in (a, b):
        if t._s.dtype not in (np.float64, np.float32, np.float16):
            raise RuntimeError(f"{name} of {t._s.dtype}; it takes float64, float32 and float16")
    if a._s.dtype != b._s.dtype:
        raise RuntimeError(f"{name} of {a._s.dtype} and {b._s.dtype}; both parts must have one dtype")


@takes_out
def angle(input: Any) -> Tensor:
    """The argument of complex values, in (-pi, pi]; of real ones pi where they are negative, 0 elsewhere, NaN at NaN. Its gradient is 0 at 0.

    >>> import tape
    >>> tape.angle(tape.tensor([1j, -2.0]))
    tensor([1.5708, 3.1416])
    """
    t = _given("angle", input)
    if t._s.dtype.kind in "iub":
        t = cast(t, get_default_dtype())
    value = normal(_angles(t._v), t._s.dtype)
    return record(ANGLE, (t,), value, (t._v, None, None), (t._s,))


def _angles(values: Any) -> Any:
    if isinstance(values, float) or values.dtype.kind != "c":
        values = as_value(values)
        return np.where(np.isnan(values), values, np.where(np.less(values, 0), math.pi, 0.0).astype(values.dtype))
    return np.arctan2(values.imag, values.real)


@takes_out
def sgn(input: Any) -> Tensor:
    """z/|z| of complex values and 0 at 0; the sign of real ones. The gradient at 0 is 0."""
    t = _given("sgn", input)
    if t._s.dtype.kind == "b":
        return wrap(copy_of(t._v))
    if t._s.dtype.kind != "c":
        return sign(t)
    value = np.sign(t._v)
    return record(SGN, (t,), normal(value, t._s.dtype), (t._v, None, value), (t._s,))


def _part(function: Any) -> property:
    def write(self: Tensor, value: Any) -> None:
        function(self).copy_(_given(function.__name__, value))

    return property(function, write, doc=function.__doc__)


def is_neg(input: Tensor) -> bool:
    """Whether the negation of a Tensor is still to be computed: never here. See `is_conj`."""
    return False


METHODS = {
    "conj": conj, "conj_physical": conj_physical, "resolve_conj": resolve_conj, "resolve_neg": resolve_neg, "is_conj": is_conj,
    "is_neg": is_neg, "angle": angle, "sgn": sgn, "real": _part(real), "imag": _part(imag),
}  # fmt: skip
__all__ = ["angle", "complex", "conj", "conj_physical", "imag", "is_conj", "polar", "real", "resolve_conj", "resolve_neg", "sgn",
           "view_as_complex", "view_as_real"]  # fmt: skip
