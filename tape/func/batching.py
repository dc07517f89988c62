"""Values of all examples of a `vmap`, computed at once behind values that look like one example's.

A `Batching` is one application of vmap. What its function computes with are Tensors of one example's shape, whose value is a `Traced`
of the Batching, and whose `content` has the values of all examples along a first dimension: an ndarray, or a value of a Batching
or a Recording around. NumPy's protocols lead each operation here, where it is done on the contents; so everything that is written
with NumPy on values, derivatives included, has its batching rule from the few rules of this file and of batched_functions.
Invariant: what does not depend on a mapped input stays plain, and is computed once. Imports values and record; the rules of
NumPy's functions stand in tape/func/batched_functions. Imported by tape.func.vmap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape import values, versions
from tape.elements import at_key
from tape.func.batched_draws import ONCE, Drawn
from tape.func.batched_functions import RULES, rank
from tape.func.batched_keys import Located, is_basic
from tape.func.border import Border
from tape.spec import Spec, intern
from tape.state import STATE
from tape.tensor import Tensor, blank
from tape.traced import Traced, leader, mapped, through

_stand_ins: dict[Spec, np.ndarray] = {}
_FLAGS = {np.logical_and: "all", np.logical_or: "any"}


def stand_in(spec: Spec) -> np.ndarray:
    """Zeros that take no memory: what has a value's shape and dtype for whom nothing else matters."""
    found = _stand_ins.get(spec)
    if found is None:
        found = _stand_ins[spec] = np.broadcast_to(np.zeros((), spec.dtype), spec.shape)
    return found


class Batching(Border):
    """One application of vmap to `size` examples; inside `with`, operations run for all of them."""

    # values

    def owns(self, x: Any) -> bool:
        """Whether this is a value of the examples of this Batching."""
        return type(x) is Traced and x.trace is self

    def made(self, content: Any, like: Any = None) -> Traced:
        """The value whose examples are these. `like`: what it may share memory with."""
        if type(content) is not np.ndarray and type(content) is not Traced:
            content = np.asarray(content)
        spec = intern(content.shape[1:], content.dtype)
        found = Traced(stand_in(spec), content, spec, self)
        if like is not None and type(content) is np.ndarray and content.base is not None:
            found.root = like.root
        return found

    def run(self, function: Callable, *args: Any, **kwargs: Any) -> Any:
        """Call a function of contents, as if outside."""
        before = STATE.trace
        if before is None or not before.lasting:
            return function(*args, **kwargs)
        STATE.trace = before.base  # no row is recorded on a tape meanwhile, so that `open` need not know
        try:
            return function(*args, **kwargs)
        finally:
            STATE.trace = before

    def whole(self, x: Any) -> Any:
        """The values of all examples, also of a value that all share."""
        if self.owns(x):
            return x.content
        return self.run(np.broadcast_to, x if type(x) is Traced else np.asarray(x), (self.size, *np.shape(x)))

    def apart(self, x: Any, dim: int) -> Traced:
        """What stands for each of the examples along a dimension of `x`."""
        later = self._later(x)
        if later is not None:
            return later.made(later.run(self.apart, x.content, dim + 1))  # type: ignore[no-any-return]
        if dim:
            x = self.run(np.moveaxis, x, dim, 0)
            if type(x) is np.ndarray:
                x = np.ascontiguousarray(x)  # so that views of one example are views
            elif not x.array.flags.c_contiguous:
                x = self.run(np.copy, x)  # the same while a program is recorded
        return self.made(x)

    def together(self, x: Any, dim: int) -> Any:
        """The values of all examples along a new dimension."""
        later = self._later(x)
        if later is not None:
            return later.made(later.run(self.together, x.content, dim + 1))
        content = self.whole(x)
        return self.run(np.moveaxis, content, 0, dim) if dim else content

    def _later(self, x: Any) -> Any:
        """The Batching that a value belongs to, if it began after this one: what was recorded in here is swept in there."""
        found = leader(x)
        return found if found is not None and found.serial > self.serial else None

    def aligned(self, given: Any, ndim: int = 0) -> list[Any]:
        """Contents and shared values that broadcast as those of one example do."""
        for x in given:
            if type(x) is Traced:
                ndim = max(ndim, x.spec.ndim)
            elif type(x) is np.ndarray:
                ndim = max(ndim, x.ndim)
        found = []
        for x in given:
            if type(x) is Traced and x.trace is self:
                content, have = x._row, x.spec.ndim
                if have != ndim:
                    shape = (self.size, *(1,) * (ndim - have), *x.spec.shape)
                    content = content.reshape(shape) if type(content) is np.ndarray else self.run(content.reshape, shape)
                found.append(content)
            else:
                found.append(x)
        return found

    # arithmetic

    def number(self, op: int, given: Any) -> None:
        """There is no short way."""

    def numbers(self, op: int, a: Any, b: Any) -> None:
        """There is no short way."""

    def elementwise(self, name: str, inputs: tuple, dtype: np.dtype | None = None) -> Traced:
        """A primitive of the table."""
        if len(inputs) == 1:
            content = inputs[0].content
            return self.made(values.one(name, content) if type(content) is np.ndarray else self.run(values.one, name, content))
        a, b = self.aligned(inputs)
        dtype = dtype or np.result_type(a, b)
        if type(a) is not Traced and type(b) is not Traced:
            return self.made(values.two(name, a, b, dtype))
        return self.made(self.run(values.two, name, a, b, dtype))

    def ufunc(self, ufunc: Any, method: str, inputs: tuple, kwargs: dict) -> Any:
        """A ufunc, or one of its methods."""
        out = kwargs.get("out")
        if out is not None:
            kwargs = {k: v for k, v in kwargs.items() if k != "out"}
        made = self._ufunc(ufunc, method, inputs, kwargs)
        if out is None or made is None:
            return made
        if type(out[0]) is not Traced:
            raise RuntimeError(f"np.{ufunc.__name__} would write values of {self.size} examples into an array of one; do without out=")
        out[0][...] = made.astype(out[0].dtype, copy=False)
        return out[0]

    def _ufunc(self, ufunc: Any, method: str, inputs: tuple, kwargs: dict) -> Any:
        if method == "__call__":
            if ufunc is np.matmul:
                return self.function(np.matmul, inputs, kwargs)
            if ufunc.signature is None:
                made = self.run(ufunc, *self.aligned(inputs), **kwargs)
                return tuple(map(self.made, made)) if type(made) is tuple else self.made(made)
        elif method in ("reduce", "accumulate") and self.owns(inputs[0]) and len(inputs) == 1:
            x, axis = inputs[0], kwargs.get("axis", 0)
            made = self.made(self.run(getattr(ufunc, method), x.content, **{**kwargs, "axis": self.shifted(axis, x.spec.ndim)}))
            made.link = _FLAGS.get(ufunc)
            return made
        elif method == "outer":
            a, b = inputs
            if ufunc is np.multiply and self.owns(a) and self.owns(b) and a.ndim == b.ndim == 1 and type(a.content) is type(b.content) is np.ndarray:
                return self.made(values.outer_products(a.content, b.content))
            wide = (1,) * rank(b)
            a = a[(..., *(None,) * len(wide))] if type(a) is Traced else np.reshape(a, (*np.shape(a), *wide))
            return self._ufunc(ufunc, "__call__", (a, b), kwargs)
        elif method == "at":
            target, key, *others = inputs
            at = self.place(target, key)
            others = [at.arranged(self, other) for other in others]
            self.prepare(target, at.key, *others)
            self.run(ufunc.at, target.content, at.key, *others)
            versions.wrote(target.content)
            return None
        return self.call(getattr(ufunc, method), inputs, kwargs)

    @staticmethod
    def shifted(axis: Any, ndim: int) -> Any:
        """Dimensions of one example as dimensions of the content."""
        if axis is None:
            return tuple(range(1, ndim + 1))
        if isinstance(axis, tuple):
            return tuple([Batching.shifted(each, ndim) for each in axis])
        if not -(ndim or 1) <= axis < (ndim or 1):
            raise np.exceptions.AxisError(axis, ndim)
        return (axis % ndim if ndim else 0) + 1

    def select(self, mask: Any, a: Any, b: Any) -> Traced:
        """np.where(mask, a, b)."""
        return self.made(self.run(np.where, *self.aligned((mask, a, b))))

    def strong(self, g: Any, found: Any, fresh: bool = False) -> Any:
        """Note [strong zero]: zero where the cotangent is zero."""
        if self.harmless(found, g):
            return found
        return self.select(np.not_equal(g, 0) | np.isfinite(found), found, np.zeros((), found.dtype))

    def harmless(self, found: Any, g: Any) -> bool:
        """Whether there is nothing to mend, as far as values can be looked at."""
        value, cotangent = concrete(found), concrete(g)
        return value is not None and bool(np.isfinite(value).all()) or cotangent is not None and bool(np.all(cotangent))

    def cast(self, x: Traced, dtype: np.dtype, copy: bool = True) -> Traced:
        """Another dtype."""
        return x if x.dtype == dtype and not copy else self.made(self.run(x.content.astype, dtype))

    def copied(self, x: Traced) -> Traced:
        """The same values in memory of their own."""
        return self.made(self.run(x.content.copy))

    def adopt(self, given: Any, *parts: Any) -> Traced:
        """Values into which `parts`, of examples, are about to be written: a copy for each example."""
        made = self.copied(given) if self.owns(given) else self.made(self.run(np.copy, self.whole(given)))
        self.prepare(made, *parts)
        return made

    def product(self, a: Tensor, b: Tensor) -> Tensor | None:
        """`a @ b` where one is of the examples and the other, a matrix or vector that needs a gradient, lies outside: one product with all of
        them, recorded outside, so that its gradient is one product too. None for other operands."""
        from tape.adjoints.examples import collected, examples
        from tape.functions.products import product, transposed

        mine = self.owns(a._v)
        each, shared = (a, b) if mine else (b, a)
        if shared._t is None or shared._s.ndim > 2 or mine and self.owns(b._v) or not mine and not self.owns(b._v) or not self.outside(shared):
            return None
        wide = not mine and each._s.ndim > 1
        whole = collected(each, self, 0)
        if wide:  # (W x)ᵀ = xᵀ Wᵀ
            whole = transposed(whole)
        if not mine and shared._s.ndim == 2:
            shared = transposed(shared)
        found = product(whole, shared)
        return examples(transposed(found) if wide and shared._s.ndim == 2 else found, self, 0)

    # elements

    def place(self, x: Any, key: Any) -> Located:
        """Where a key of one example finds the elements of all."""
        return Located(self, x, key if type(key) is tuple else (key,))

    def getitem(self, x: Any, key: Any) -> Traced:
        """x[key]."""
        items = key if type(key) is tuple else (key,)
        if self.owns(x) and is_basic(items):
            return self.made(self.run(x.content.__getitem__, (slice(None), *items)), x)
        at = self.place(x, key)
        return self.made(at.taken(self, self.run(at_key, x.content if self.owns(x) else x, at.key)))

    def setitem(self, x: Any, key: Any, value: Any) -> None:
        """x[key] = value."""
        if not self.owns(x):
            raise RuntimeError(f"values of {self.size} examples are written into a tensor that all share; write to a clone() made from mapped values")
        at = self.place(x, key)
        value = at.arranged(self, value)
        self.prepare(x, at.key, value)
        versions.wrote(x.content)
        self.run(x.content.__setitem__, at.key, value)

    def prepare(self, x: Traced, *parts: Any) -> bool:
        """Make room in a value for others that are about to be written into it, where these stand for examples of a vmap around as well, or
        belong to a program that is being recorded. Returns whether that was needed."""
        parts = tuple([each.content if self.owns(each) else each for each in parts])
        wanted, have = leader(parts), x.content
        if wanted is None:
            if type(have) is Traced or self.base is None or not any([type(each) is Traced for each in parts]):
                return False
            wanted = self.base
        elif wanted is self or type(have) is Traced and have.trace.lasting and have.trace.serial >= wanted.serial:
            return False
        if x.root is not x:
            raise RuntimeError("inside nested vmaps, values of inner examples are written into a view of outer ones; write to a clone()")
        x._row = self.run(wanted.adopt, have)
        return True

    # everything else

    def function(self, function: Any, args: tuple, kwargs: dict) -> Any:
        """A function of NumPy."""
        rule = RULES.get(function)
        if rule is not None:
            made = rule(self, *args, **kwargs)
            if made is not NotImplemented:
                return made
        return self.call(function, args, kwargs)

    def call(self, function: Callable, args: tuple, kwargs: dict, name: str = "", careful: bool = False) -> Any:
        """Any function of arrays: all at once where it is known to compute along leading dimensions, else example by example."""
        if getattr(function, "over_leading", False):
            made = self.run(through, function, *mapped(args, self._leading), **mapped(kwargs, self._leading))
            return tuple(map(self.made, made)) if isinstance(made, tuple) else self.made(made)
        if name in ("real", "imag"):
            return self.made(self.run(function, args[0].content), args[0])
        found = []
        before = self.draws.example
        for k in range(self.size or 1):
            def one(each: Any, k: int = k) -> Any:
                if not self.owns(each):
                    return each
                return self.run(each.content.__getitem__, (k, ...)) if self.size else np.zeros(each.shape, each.dtype)

            self.draws.begin(k)
            found.append(self.run(through, function, *mapped(args, one), **mapped(kwargs, one)))
        self.draws.begin(before)
        if not isinstance(found[0], tuple):
            return self._stacked(found, function)
        return tuple([self._stacked(list(each), function) for each in zip(*found, strict=True)])

    def once(self, function: Callable, args: tuple, kwargs: dict) -> Any:
        """A function of values that all examples share: once for all, unless it draws numbers of each example's own."""
        before = self.draws.example
        self.draws.begin(ONCE if before is None else before)
        try:
            return self.run(through, function, *args, **kwargs)
        except Drawn:
            pass
        finally:
            self.draws.begin(before)
        return self.call(function, args, kwargs)

    def _leading(self, each: Any) -> Any:
        return self.whole(each) if type(each) is Traced or type(each) is np.ndarray else each

    def _stacked(self, found: list[Any], function: Any) -> Any:
        """What a function gave for each example, as one value."""
        if not all(isinstance(each, (np.ndarray, np.generic, float, int, complex, Traced)) for each in found):
            return found[0]
        shapes = {np.shape(each) for each in found}
        if len(shapes) > 1:
            raise RuntimeError(
                f"{getattr(function, '__name__', function)} gives examples results of different shapes, {sorted(shapes)}, inside vmap; all must have "
                "one shape: use where() or fixed sizes"
            )
        stacked = self.run(np.stack, found)
        return self.made(stacked if self.size else stacked[:0])

    # what vmap cannot know

    def truth(self, x: Traced) -> bool:
        """Which way the package's own code goes: what it asks of all elements it asks of all examples."""
        content = x.content
        if x.link == "all":
            return bool(self.run(np.all, content))
        if x.link == "any":
            return bool(self.run(np.any, content))
        if self.run(np.all, content):
            return True
        if self.run(np.any, content):
            self.value(x, "bool()")
        return False

    def value(self, x: Traced, asked: str) -> Any:
        """A number or an array cannot leave: the examples have different ones."""
        raise RuntimeError(
            f"{asked} of a tensor inside vmap, whose {self.size} examples each have a value of their own: a Python number or branch cannot depend on it. "
            "Use tape.where() in the place of if, and tensors in the place of numbers"
        )

    def described(self, t: Tensor) -> str:
        """A Tensor as text, with the values of all examples."""
        outside = blank(Tensor)
        outside._v, outside._s, outside._t, outside._r = t._v.content, intern((self.size, *t._s.shape), t._s.dtype), None, 0
        return f"<a tensor of shape {tuple(t._s.shape)} inside vmap over {self.size} examples: {outside!r}>"

    def guard_shape(self, x: Traced) -> None:
        """Shapes are those of all examples."""

    def refuse(self, reason: str) -> None:
        """Nothing is kept that could be refused."""

    def given(self, x: Any) -> bool:
        """No handle of its own may be replaced instead of written to."""
        return True


def concrete(x: Any) -> Any:
    """The values of all examples as an ndarray; None where a program is being recorded around."""
    while type(x) is Traced:
        if not x.trace.lasting:
            return None
        x = x.content
    return x


__all__ = ["Batching", "stand_in"]
