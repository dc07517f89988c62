"""Values that know where they come from: what Tensors hold while a program is recorded.

A `Traced` stands in the place of an ndarray (or of a 0-d float): it has the real value (`now`) beside the row of the program that computes it.
NumPy's protocols lead every computation to the open `Recording` (`STATE.trace`), so the whole package, gradients included, is recorded
by running it. Invariant: a real value leaves a Traced only through a guard: `bool`, `float`, `item`, `np.asarray` and whatever
is not understood take down the outcome that the user's code saw. After its recording has ended, a Traced is a plain value.
In `vmap` the same class stands for the values of all examples: its `trace` is then a `Batching` (tape/func/batching), which is `lasting`,
computes at once, and keeps the values in the place of a row; `now` is a stand-in that has no more than shape and dtype.
Imports state only. Imported by tensor, record, values and everything that must tell a Traced from an array.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tape.state import STATE


def _arithmetic(name: str, turned: bool = False) -> Callable[[Any, Any], Any]:
    """An operator of floating values, which goes to the recording at once; NumPy's way serves everything else."""
    careful = getattr(NDArrayOperatorsMixin, f"__{'r' if turned else ''}{'truediv' if name == 'div' else name}__")

    def operate(self: Any, other: Any) -> Any:
        trace, kind = self.trace, type(other)
        like = kind is float or kind is Traced and other.trace is trace and other.spec.code == self.spec.code
        if self.spec.code < 0 or not like or STATE.trace is not trace:
            return careful(self, other)
        return trace.elementwise(name, (other, self) if turned else (self, other), self.spec.dtype)

    return operate


class Traced(NDArrayOperatorsMixin):
    """A value being recorded. `now` is the value (a float for 0-d float64), `row` its row in the program of `trace`, `spec` its Spec; a view has a
    `parent`, whose `link` (opcode, params) it is, and follows writes to the `root`, counted there in `writes`."""

    __slots__ = ("_real", "_row", "spec", "trace", "parent", "link", "root", "writes", "shared", "__weakref__")
    __array_priority__ = 2000.0

    def __init__(self, real: Any, row: int, spec: Any, trace: Any, parent: Traced | None = None, link: Any = None) -> None:
        self._real, self._row, self.spec, self.trace = real, row, spec, trace
        self.parent, self.link = parent, link
        self.root: Traced = self if parent is None else parent.root
        self.writes = self.root.writes if parent is not None else 0
        self.shared = False  # whether other handles see writes to it; a 0-d value that is not is replaced, as floats are

    @property
    def content(self) -> Any:
        """The values of all examples, along a first dimension; of what a Batching made."""
        return self._row

    @property
    def now(self) -> Any:
        """The value."""
        if self.parent is not None and self.writes != self.root.writes:
            self.trace.refresh(self)
        return self._real

    @property
    def row(self) -> int:
        """The row that gives the value now; in another recording a constant."""
        trace = STATE.trace
        if trace is not None and trace.lasting:
            trace = trace.base
        if trace is not self.trace and trace is not None:
            return trace.foreign(self)
        if self.parent is not None and self.writes != self.root.writes:
            self.trace.refresh(self)
        return self._row

    @property
    def array(self) -> np.ndarray:
        """The value as an ndarray, for the recording itself."""
        return np.asarray(self.now)

    def alone(self) -> bool:
        """Whether this is a 0-d value of one handle, which a write replaces: rows that saved it keep the old one."""
        return type(self._real) is float and self.parent is None and not self.shared and self.live() is not None and not self.trace.given(self)

    def live(self) -> Any:
        """The recording, if it is the one under way in this thread. Another thread's operations would be lost to it."""
        trace, current = self.trace, STATE.trace
        if current is trace or trace.lasting or current is not None and current.lasting and current.base is trace:
            return trace
        if trace.open:
            trace.elsewhere(self)
        return None

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        trace = STATE.trace
        batching = leader(inputs, kwargs)
        if batching is not None:
            return batching.ufunc(ufunc, method, inputs, kwargs)
        if trace is not None and trace.lasting:
            return trace.run(getattr(ufunc, method), *inputs, **kwargs)
        if any([type(x) is Traced and x.live() is None for x in inputs]):
            inputs = tuple([x if type(x) is not Traced or x.trace is trace else x.now for x in inputs])
            if trace is None or not any([type(x) is Traced for x in (*inputs, *kwargs.get("out", ()))]):
                return getattr(ufunc, method)(*inputs, **map_plain(kwargs))
        return trace.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: tuple, kwargs: dict) -> Any:
        batching = leader(args, kwargs)
        if batching is not None:
            return batching.function(function, args, kwargs)
        if STATE.trace is not None and STATE.trace.lasting:
            return STATE.trace.run(function, *args, **kwargs)
        if self.live() is None:
            return function(*map_plain(args), **map_plain(kwargs))
        return self.trace.function(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        real = np.asarray(self._leave("np.asarray()"))
        if copy or dtype is not None and dtype != real.dtype:
            return np.array(real, dtype)
        return self._unwritable(real)

    def _unwritable(self, real: np.ndarray) -> np.ndarray:
        """A real value for code that may want to write into it: while recording that is an error, which makes the function run eagerly."""
        if self.live() is not None:
            real = real.view()
            real.flags.writeable = False
        return real

    def __reduce_ex__(self, protocol: Any) -> Any:
        return np.array(self._leave("pickling")).__reduce_ex__(protocol)

    __add__, __radd__ = _arithmetic("add"), _arithmetic("add", True)
    __sub__, __rsub__ = _arithmetic("sub"), _arithmetic("sub", True)
    __mul__, __rmul__ = _arithmetic("mul"), _arithmetic("mul", True)
    __truediv__, __rtruediv__ = _arithmetic("div"), _arithmetic("div", True)

    # what an array has

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents."""
        return self.spec.shape

    @property
    def dtype(self) -> np.dtype:
        """The dtype."""
        return self.spec.dtype

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return self.spec.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.spec.size

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.spec.nbytes

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from one element to the next, an axis."""
        return self.content.strides[1:] if self.trace.lasting else self.array.strides

    @property
    def flags(self) -> Any:
        """How the value lies in memory."""
        return self.content[:1].flags if self.trace.lasting else self.array.flags

    @property
    def base(self) -> None:
        """None: who shares memory with whom is the recording's business."""
        return None

    @property
    def real(self) -> Any:
        """The real part."""
        return self if self.dtype.kind != "c" else self._part("real")

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return self._part("imag")

    def _part(self, name: str) -> Any:
        trace = self.live()
        part = operator.attrgetter(name)
        return part(self.array) if trace is None else trace.call(part, (self,), {}, name)

    @property
    def T(self) -> Any:
        """The dimensions reversed."""
        return np.transpose(self)  # type: ignore[call-overload]

    def __len__(self) -> int:
        if not self.spec.ndim:
            raise TypeError("len() of a 0-d value")
        return self.spec.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        batching = leader(key, self)
        if batching is not None:
            return batching.getitem(self, key)
        return self.now[map_plain(key)] if self.live() is None else self.trace.getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        batching = leader(key, self, value)
        if batching is not None:
            batching.setitem(self, key, value)
        elif self.live() is None:
            self.array[key] = plain(value)
        else:
            self.trace.setitem(self, key, value)

    def copy(self, order: str = "C") -> Any:
        """The same value in memory of its own."""
        return self.trace.copied(self) if self.trace.lasting else np.copy(self.now) if self.live() is None else self.trace.copied(self)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """The value in another dtype."""
        return self.array.astype(dtype) if self.live() is None else self.trace.cast(self, np.dtype(dtype), copy)

    def reshape(self, *shape: Any) -> Any:
        """The same elements in another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)  # type: ignore[call-overload]

    def transpose(self, *dims: Any) -> Any:
        """Dimensions in another order."""
        return np.transpose(self, (dims[0] if len(dims) == 1 else dims) or None)  # type: ignore[call-overload]

    def swapaxes(self, first: int, second: int) -> Any:
        """Two dimensions exchanged."""
        return np.swapaxes(self, first, second)  # type: ignore[call-overload]

    def ravel(self) -> Any:
        """One dimension."""
        return self.reshape(-1)

    flatten = ravel

    def dot(self, other: Any) -> Any:
        """The product of vectors and matrices."""
        return np.matmul(self, other)  # type: ignore[call-overload]

    def any(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Whether any element is true."""
        return np.logical_or.reduce(self, axis=axis, keepdims=keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Whether all elements are true."""
        return np.logical_and.reduce(self, axis=axis, keepdims=keepdims)

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
        """The sum over axes."""
        return np.add.reduce(self, axis=axis, dtype=dtype, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """The largest element over axes."""
        return np.maximum.reduce(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        """The smallest element over axes."""
        return np.minimum.reduce(self, axis=axis, keepdims=keepdims)

    # where values leave: guards

    def _leave(self, asked: str) -> Any:
        return self.now if self.live() is None else self.trace.value(self, asked)

    def __bool__(self) -> bool:
        return bool(self.now) if self.live() is None else self.trace.truth(self)

    def __float__(self) -> float:
        return float(self._leave("float()"))

    def __int__(self) -> int:
        return int(self._leave("int()"))

    def __index__(self) -> int:
        return self.array.__index__() if self.live() is None else self.trace.value(self, "an index").__index__()

    def __complex__(self) -> complex:
        return complex(self._leave("complex()"))

    def item(self, *place: Any) -> Any:
        """The one element as a number, guarded; with a place the 0-d value there, recorded."""
        if place:
            return self[place[0] if len(place) == 1 else place]
        if self.dtype == np.bool_:
            return bool(self)
        return np.asarray(self._leave("item()")).item()

    def tolist(self) -> Any:
        """Nested lists of numbers, guarded."""
        return np.asarray(self._leave("tolist()")).tolist()

    def __repr__(self) -> str:
        return f"Traced({self.now!r}, row {self.row})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._unwritable(np.asarray(self._leave(f".{name}"))), name)


def plain(value: Any) -> Any:
    """The real value of a Traced; anything else as it is."""
    return value.now if type(value) is Traced else value


def map_plain(given: Any) -> Any:
    """The same structure of tuples, lists, dicts and slices with real values in it."""
    return mapped(given, plain)


def mapped(given: Any, f: Callable[[Any], Any]) -> Any:
    """`f` of every leaf of nested tuples, lists, dicts and slices, in the same structure."""
    kind = type(given)
    if kind is tuple or kind is list:
        return kind([mapped(each, f) for each in given])
    if kind is dict:
        return {key: mapped(each, f) for key, each in given.items()}
    if kind is slice:
        return slice(mapped(given.start, f), mapped(given.stop, f), mapped(given.step, f))
    return f(given)


def leader(*values: Any) -> Any:
    """The Batching made last among those that values, in nested tuples, lists and dicts too, belong to; None where there is none. What it
    sees as the values of its examples may belong to another."""
    found = None
    for each in values:
        kind = type(each)
        trace = None
        if kind is Traced:
            trace = each.trace if each.trace.lasting else None
        elif kind is tuple or kind is list:
            trace = leader(*each)
        elif kind is dict:
            trace = leader(*each.values())
        if trace is not None and (found is None or trace.serial > found.serial):
            found = trace
    return found


def through(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """`function(*args, **kwargs)` of plain arrays; where one is traced the program calls the function at each replay. For functions that
    NumPy's protocols do not reach: compiled ones, SciPy's, and those that write into arrays."""
    batching = leader(args, kwargs)
    if batching is not None:
        return batching.call(function, args, kwargs)
    trace = STATE.trace
    if trace is not None and trace.lasting:
        return trace.once(function, args, kwargs)
    return function(*args, **kwargs) if trace is None else trace.call(function, args, kwargs)


def as_value(given: Any) -> Any:
    """`np.asarray`, which leaves a Traced as it is."""
    return given if type(given) is Traced else np.asarray(given)


def copy_of(given: Any) -> Any:
    """A copy in memory of its own, traced where the value is."""
    return given.copy() if type(given) is Traced else np.array(given)


def room(shape: tuple[int, ...], dtype: np.dtype, *parts: Any) -> Any:
    """Zeros, into which `parts` are about to be written: traced where one of these is."""
    zeros = np.zeros(shape, dtype)
    batching = leader(parts)
    if batching is not None:
        return batching.adopt(zeros, *parts)
    for part in parts:
        if type(part) is Traced and part.live() is not None:
            return part.trace.adopt(zeros, True)
    return zeros


def writable(values: Any, *parts: Any) -> Any:
    """A copy of values into which `parts` are about to be written: traced where one of these is."""
    batching = leader(parts, values)
    if batching is not None:
        return batching.adopt(values, *parts)
    if type(values) is Traced:
        return values.copy()
    for part in parts:
        if type(part) is Traced and part.live() is not None:
            return part.trace.adopt(np.array(values))
    return np.array(values)
