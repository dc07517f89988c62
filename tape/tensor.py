"""Tensor: a thin handle on a value and, where it has history, on a row of a tape.

`wrap` makes a constant Tensor of a value, `array` gives a Tensor's value as an ndarray, `share` makes its memory shareable.
Slots: `_v` value (an ndarray, or a Python float for 0-d float64), `_s` its Spec, `_t` None (needs no gradient), a Mark (leaf) or a Tape,
`_r` the row. All other slots stay unset until used (users may set attributes of their own, too): making a Tensor without `__init__` costs a third of one with.
Invariant: `_t is None` exactly where `requires_grad` is False. Methods that record are attached by tape/methods.
Imports only columns, spec, state; everything that records imports this.
"""

from __future__ import annotations

import warnings
from copy import deepcopy
from sys import getrefcount
from typing import Any

import numpy as np

from tape.asked import asked
from tape.columns import LOST, UNUSED, Mark, Tape
from tape.outputs import standing
from tape.size import Size
from tape.spec import SCALAR, Spec, spec_of
from tape.state import STATE
from tape.traced import Traced
from tape.warned import warn_once

_SIZE = tuple.__new__
_ALONE = 3  # references to a value that only its Tensor holds, seen from `exposed`
blank = object.__new__  # blank(Tensor) is a handle with nothing in it, for less than half of what Tensor() costs
INFERENCE = -1  # `_r` of a Tensor made in inference mode


class Tensor:
    """A multi-dimensional array that knows how it was computed. Make one with `tape.tensor(data)`.

    >>> import tape
    >>> x = tape.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __slots__ = ("_v", "_t", "_r", "_s", "_gradient", "_grad_dtype", "_root", "_chain", "_views", "_hooks", "_tangent", "_writes", "_replaced",
                 "__weakref__", "__dict__")  # fmt: skip
    __array_priority__ = 1000.0
    _v: Any
    _t: Any
    _r: int
    _s: Spec

    def __init__(self, *data: Any) -> None:
        """PyTorch's old constructor: of a size given as ints, or of values in the default dtype. `tape.tensor(data)` says more."""
        from tape.functions.typed import fill

        fill(self, data)

    # what it is

    @property
    def shape(self) -> Any:
        """The extents, a tuple of ints."""
        return _SIZE(Size, self._s.shape)

    @property
    def dtype(self) -> np.dtype:
        """The dtype, a NumPy dtype."""
        return self._s.dtype

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self._s.ndim

    @property
    def device(self) -> str:
        """Always "cpu"."""
        return "cpu"

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self._s.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self._s.nbytes

    # history

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this Tensor are recorded. May be set on leaves of floating dtype."""
        return self._t is not None

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        self.requires_grad_(wanted)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Switch recording of a leaf on or off, in place. RuntimeError for integers and booleans, for switching a non-leaf off, and
        for inference tensors outside inference mode."""
        if not isinstance(requires_grad, (bool, np.bool_)):
            raise RuntimeError(f"requires_grad was given {requires_grad!r}; it takes True or False")
        if requires_grad:
            if self._s.dtype.kind not in "fcV":
                raise RuntimeError(
                    f"requires_grad was asked of a tensor of {self._s.dtype}; only floating dtypes have gradients: convert it with .double()"
                )
            if self.is_inference() and not STATE.inference:
                raise RuntimeError("requires_grad was asked of an inference tensor outside inference mode; clone() it first")
            if self._t is None or type(self._t) is Mark and self._t.blind:
                trace = STATE.trace
                self._t, self._r = UNUSED if trace is None or not trace.lasting else Mark(0, 0, born=trace.start), INFERENCE if self._r == INFERENCE else 0
        elif type(self._t) is Tape:
            raise RuntimeError(
                "requires_grad=False was asked of a non-leaf, which an operation recorded; use detach() for a tensor without history"
            )
        elif self._t is not None and not self._t.blind:
            self._t = None
        return self

    @property
    def is_leaf(self) -> bool:
        """True where no recorded operation made this Tensor."""
        asked(self._v, "is_leaf")
        return type(self._t) is not Tape and (self._t is not LOST or LOST.history)

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient of a leaf (or of a Tensor with `retain_grad`), None before the first backward pass."""
        try:
            return self._gradient
        except AttributeError:
            asked(self._v, ".grad")
            if type(self._t) is Tape and not self.retains_grad:
                warnings.warn(
                    "the .grad of a non-leaf was read; it is filled only after retain_grad(): read a leaf's, or call retain_grad() first",
                    UserWarning,
                    stacklevel=2,
                )
            return None

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is None:
            del self.grad
            return
        if not isinstance(value, Tensor):
            raise TypeError(f".grad was assigned a {type(value).__name__}; it takes a Tensor or None")
        if value._s.shape != self._s.shape:
            raise RuntimeError(f".grad was assigned shape {value._s.shape}; it must have the tensor's shape {self._s.shape}")
        wanted = getattr(self, "_grad_dtype", self._s.dtype)
        if wanted is not None and value._s.dtype != wanted:
            raise RuntimeError(f".grad was assigned {value._s.dtype}; it must be of {wanted}, as grad_dtype says")
        if value is self:
            raise RuntimeError(".grad was assigned the tensor itself; give a tensor of its own")
        self._gradient = value

    @grad.deleter
    def grad(self) -> None:
        if hasattr(self, "_gradient"):
            del self._gradient

    @property
    def grad_fn(self) -> Any:
        """The row that made this Tensor, as PyTorch shows it (`<MulBackward0 ...>`), or None for a leaf. RuntimeError where nobody knows: a
        view made under no_grad() whose memory was written since."""
        if type(self._t) is not Tape:
            return None if self._t is not LOST else LOST.history
        from tape.autograd.graph import face

        return face(self._t, self._r)

    @property
    def output_nr(self) -> int:
        """Which of its operation's outputs this is."""
        return standing(self._t, self._r)[1] if type(self._t) is Tape else 0

    @property
    def _base(self) -> Tensor | None:
        """The Tensor whose memory this view shares, None for others, and for inference tensors."""
        return getattr(self, "_root", None) if self._r != INFERENCE else None

    def _is_view(self) -> bool:
        return self._base is not None

    @property
    def retains_grad(self) -> bool:
        """True for a non-leaf whose `.grad` a backward pass fills."""
        if type(self._t) is not Tape:
            return False
        hooks = self._t.hooks.get(self._r)
        return hooks is not None and hooks.retains(self)

    def is_inference(self) -> bool:
        """True for a Tensor made in inference mode."""
        return self._r == INFERENCE

    # values

    def item(self) -> Any:
        """The one element as a Python number. RuntimeError for more or none."""
        if type(self._v) is float:
            return self._v
        if self._s.size != 1:
            raise RuntimeError(f"item() of a tensor with {self._s.size} elements; it takes exactly one: index it first")
        return self._v.item() if self._s.dtype.kind != "V" else float(self._v.reshape(()).astype(np.float32))

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        return self._v if type(self._v) is float else self._v.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """The values as an ndarray that shares memory. RuntimeError where it requires grad, unless `force` or under no_grad()."""
        if self._t is not None and STATE.grad and not force:
            raise RuntimeError("numpy() of a tensor that requires grad; use detach().numpy(), numpy(force=True), or no_grad()")
        return exposed(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self._t is not None and STATE.grad:
            raise RuntimeError("np.asarray of a tensor that requires grad; use detach() first, or no_grad()")
        values = np.asarray(array(self) if copy else exposed(self))  # of a traced value: a guard
        if dtype is None:
            return values.copy() if copy else values
        return values.astype(dtype, copy=bool(copy))

    def __bool__(self) -> bool:
        if type(self._v) is float:
            return self._v != 0.0
        if self._s.size != 1:
            what = "no elements" if self._s.size == 0 else "more than one element"
            raise RuntimeError(f"truth value of a tensor with {what} (shape {self._s.shape}); use .any() or .all()")
        if type(self._v) is Traced and self._v.trace.lasting:
            self._v.trace.value(self._v, "bool()")
        return bool(self._v)

    def __float__(self) -> float:
        if self._t is not None and STATE.grad:
            _leaves_history()
        return self._v if type(self._v) is float else float(self._one("float"))

    def __int__(self) -> int:
        return int(self._one("int"))

    def __complex__(self) -> complex:
        return complex(self._one("complex"))

    def _one(self, kind: str) -> Any:
        if self._s.size != 1:
            raise ValueError(f"{kind}() of a tensor with {self._s.size} elements; only one element converts: index it first")
        if self._s.dtype.kind == "c" and kind != "complex" and self._v.imag.item():
            raise RuntimeError(f"{kind}() of a complex tensor; take its .real or abs()")
        return self.item() if self._s.dtype.kind != "c" or kind == "complex" else self._v.real.item()

    def __index__(self) -> int:
        if self._s.dtype.kind not in "iub" or self._s.size != 1:
            raise TypeError(f"a tensor of {self._s!r} was used as an index; only one integer serves")
        return int(self.item())

    def __len__(self) -> int:
        if not self._s.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self._s.shape[0]

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        from tape.printing import format_tensor
        from tape.record import label_at

        if type(self._v) is Traced and self._v.trace.lasting:
            return self._v.trace.described(self)  # type: ignore[no-any-return]
        name = label_at(self._t, self._r) if type(self._t) is Tape else "Invalid" if self._t is LOST else None
        text = format_tensor(array(self), grad_fn=name, requires_grad=self._t is not None)
        tangent = tangent_of(self) if STATE.dual else None
        return text if tangent is None else f"{text[:-1]}, tangent={tangent!r})"

    def __format__(self, spec: str) -> str:
        if not self._s.ndim:
            return format(self.item(), spec)
        if spec:
            raise TypeError(f"format {spec!r} of a tensor of shape {self._s.shape}; only 0-d tensors take a format")
        return repr(self)

    def __deepcopy__(self, memo: dict) -> Tensor:
        if type(self._t) is Tape:
            raise RuntimeError("deepcopy of a non-leaf; only leaves can be copied with their gradients: detach() it first")
        copied = type(self).__new__(type(self))
        copied._v = self._v if type(self._v) is float else self._v.copy()
        copied._s, copied._r = self._s, INFERENCE if STATE.inference else 0
        copied._t = None if self._t is None else Mark(0, 0, born=self._t.born)
        memo[id(self)] = copied
        copied.__dict__ = deepcopy(self.__dict__, memo)
        if self.grad is not None:
            copied._gradient = self.grad.__deepcopy__(memo)
        return copied

    def __reduce__(self) -> Any:
        if type(self._t) is Tape:
            raise RuntimeError("pickling a non-leaf; only leaves can be stored: detach() it first")
        return _restore, (type(self), array(self), self._t is not None), self.__dict__ or None


def _leaves_history() -> None:
    """Warn that a number has no gradient."""
    warn_once(
        "float() of a tensor that requires grad gives a number without history: math.sin(float(x)) is a constant to every gradient. "
        "Compute with tensors (tape.sin(x)), or say item() or detach() where a number is meant",
        stacklevel=3,
    )


def _restore(kind: type, values: np.ndarray, requires_grad: bool) -> Tensor:
    made = wrap(values, kind)
    return made.requires_grad_() if requires_grad else made


def wrap(value: Any, kind: type = Tensor) -> Tensor:
    """A constant Tensor of a Python float or an ndarray, which it shares."""
    made = kind.__new__(kind)
    if type(value) is float:
        made._v, made._s = value, SCALAR
    else:
        if type(value) is not np.ndarray and type(value) is not Traced:
            value = np.asarray(value)
        if type(value) is Traced:
            made._v, made._s = value, value.spec
        else:
            spec = made._s = spec_of(value)
            made._v = value.item() if spec is SCALAR else value
    made._t, made._r = None, INFERENCE if STATE.inference else 0
    return made


def array(t: Tensor) -> np.ndarray:
    """The value as an ndarray; not to be written into."""
    return np.array(t._v) if type(t._v) is float else t._v


def share(t: Tensor) -> np.ndarray:
    """The value as the ndarray that the Tensor itself uses from now on: before memory is shared, a float moves into an array; that
    of a view becomes the part of its base's."""
    if type(t._v) is float:
        base = getattr(t, "_root", None)
        if base is None:
            t._v = np.array(t._v)
        else:
            from tape.views import links, look

            t._v = look(share(base), links(t))
    elif type(t._v) is Traced:
        t._v.shared = True
    return t._v


def exposed(t: Tensor) -> np.ndarray:
    """The array itself, handed to NumPy code. If something else refers to it, a row may have saved it: changes must then be noticed."""
    values = share(t)
    if STATE.leaving is not None and t._t is not None:
        STATE.leaving.append(t)
    if type(values) is np.ndarray and getrefcount(values) > _ALONE:
        from tape.versions import expose

        expose(values)
    return values


def tangent_of(t: Any) -> Tensor | None:
    """The tangent that a Tensor carries in the current dual level, or None."""
    carried = getattr(t, "_tangent", None)
    while carried is not None:
        if carried[0] == STATE.dual:
            return carried[1]
        carried = carried[2]
    return None


def tangents_of(t: Any) -> list[Tensor]:
    """The tangents that a Tensor carries, of whatever level."""
    found, carried = [], getattr(t, "_tangent", None)
    while carried is not None:
        found.append(carried[1])
        carried = carried[2]
    return found


def give_tangent(t: Any, tangent: Tensor | None, level: int | None = None) -> None:
    """Let a Tensor carry a tangent until the dual level closes, beside those of other levels that are open."""
    level, others, carried = STATE.dual if level is None else level, None, getattr(t, "_tangent", None)
    while carried is not None:
        if carried[0] != level and carried[0] in STATE.duals:
            others = (carried[0], carried[1], others)
        carried = carried[2]
    t._tangent = (level, tangent, others)


__all__ = ["INFERENCE", "Mark", "Size", "Tensor", "array", "give_tangent", "share", "tangent_of", "tangents_of", "wrap"]
