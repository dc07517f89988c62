"""A plain graph beside the tape: an object an operation, derivatives as closures, memory as arrays with
versions.

`V` is a tensor: positions in a `Store`. Operations are functions of V's, `write` is an in-place write;
backward passes are in fuzz_sweeps. Knows nothing of tape.
Invariant: nothing is shared, reused or pruned here, so what it computes is what the chain rule says.
Imported by tests/test_fuzz_lifetime.py and the programs that it runs.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import numpy as np

_serials = itertools.count(1)
MODE = threading.local()


def recording() -> bool:
    return getattr(MODE, "recording", True)


class switched:
    """Recording on or off for a block."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __enter__(self) -> None:
        self.before, MODE.recording = recording(), self.on

    def __exit__(self, *exc) -> None:
        MODE.recording = self.before


class Store:
    """Memory, and how often it was written. What is `lent` to a gradient as its cotangent is not written."""

    def __init__(self, data: np.ndarray) -> None:
        self.data, self.version, self.lent = data.ravel().copy(), 0, False


class Node:
    """An operation: where its inputs came from, its pull, and what it saved."""

    __slots__ = ("inputs", "pull", "saves", "spends", "spent", "serial")

    def __init__(self, inputs: list, pull: Callable, spends: bool, saves: list) -> None:
        self.inputs, self.pull, self.spends, self.saves = inputs, pull, spends, saves
        self.spent, self.serial = False, next(_serials)


class V:
    """A tensor: a store, the positions that it shows, its source (a Node; itself, for a leaf; None)."""

    __slots__ = ("store", "at", "source", "base", "views", "grad", "memory", "version")

    def __init__(self, value=None, leaf: bool = False) -> None:
        if value is not None:
            value = np.asarray(value, float)
            self.store, self.at = Store(value), np.arange(value.size).reshape(value.shape)
        self.source = self if leaf else None
        self.base: V | None = None
        self.views: list[V] = []
        self.grad: np.ndarray | None = None
        self.memory: Store | None = (
            None  # the store whose writes spoil this value, where it is a copy of what a row saved
        )

    @property
    def value(self) -> np.ndarray:
        return self.store.data[self.at]

    @property
    def shape(self) -> tuple:
        return self.at.shape

    @property
    def is_leaf(self) -> bool:
        return self.source is self


def kept(v: V) -> V:
    """What a row saves of a tensor: value and origin as they are now."""
    made = V(v.value)
    made.source, made.memory, made.version = v.source, v.memory or v.store, v.store.version
    if v.memory is not None:
        made.version = v.version
    return made


def result(
    value,
    inputs: list[V],
    pull: Callable,
    saved: tuple = (),
    saves_output: bool = False,
    spends: bool = False,
) -> V:
    """The tensor of an operation. `saved` holds `kept` values that the pull reads."""
    out = V(value)
    if recording() and any(v.source is not None for v in inputs):
        saves = [(k.memory, k.version, k.at.ndim > 0) for k in saved]
        out.source = Node([v.source for v in inputs], pull, spends or bool(saved) or saves_output, saves)
        if saves_output:
            out.source.saves.append((out.store, 0, out.at.ndim > 0))
    return out


def constant(value) -> V:
    return V(value)


def _needs(v: V) -> bool:
    return v.source is not None


def _fit(g: V, shape: tuple) -> V:
    """Sum a cotangent over what was broadcast."""
    if g.shape == shape:
        return g
    over = tuple(range(len(g.shape) - len(shape)))
    over += tuple(i + len(over) for i, n in enumerate(shape) if n == 1 and g.shape[i + len(over)] != 1)
    summed = result(g.value.sum(over).reshape(shape), [g], lambda c, n: [spread(c, g.shape)])
    return summed


def spread(a: V, shape: tuple) -> V:
    return result(np.broadcast_to(a.value, shape), [a], lambda g, n: [_fit(g, a.shape)])


def one(value: Callable, slope: Callable, output: bool = False) -> Callable:
    """An elementwise function; `slope(g, k)` is its pull, k the input (or the output) as saved."""

    def apply(a: V) -> V:
        k = kept(a)
        if not output:
            return result(value(a.value), [a], lambda g, n: [slope(g, k)], (k,))
        out = result(value(a.value), [a], lambda g, n: [slope(g, y)], (), True)
        y = kept(out)
        return out

    return apply


def neg(a: V) -> V:
    return result(-a.value, [a], lambda g, n: [neg(g)])


def add(a: V, b: V) -> V:
    return result(
        a.value + b.value,
        [a, b],
        lambda g, n: [_fit(g, a.shape) if n[0] else None, _fit(g, b.shape) if n[1] else None],
    )


def sub(a: V, b: V) -> V:
    return result(
        a.value - b.value,
        [a, b],
        lambda g, n: [_fit(g, a.shape) if n[0] else None, _fit(neg(g), b.shape) if n[1] else None],
    )


def mul(a: V, b: V) -> V:
    ka, kb = kept(a), kept(b)
    saved = tuple(k for k, wanted in ((kb, _needs(a)), (ka, _needs(b))) if wanted)
    return result(
        a.value * b.value,
        [a, b],
        lambda g, n: [
            _fit(mul(g, kb), ka.shape) if n[0] else None,
            _fit(mul(g, ka), kb.shape) if n[1] else None,
        ],
        saved,
    )


def div(a: V, b: V) -> V:
    ka, kb = kept(a), kept(b)
    saved = (ka, kb) if _needs(b) else (kb,)

    def pull(g: V, n: list) -> list:
        first = _fit(div(g, kb), ka.shape) if n[0] else None
        return [first, _fit(neg(mul(g, div(ka, mul(kb, kb)))), kb.shape) if n[1] else None]

    return result(a.value / b.value, [a, b], pull, saved)


def total(a: V, axis: int | None = None) -> V:
    def pull(g: V, n: list) -> list:
        if axis is None:
            return [spread(g, a.shape)]
        return [spread(reshape(g, a.shape[:axis] + (1,) + a.shape[axis + 1 :]), a.shape)]

    return result(a.value.sum(axis), [a], pull)


def mean(a: V) -> V:
    size = a.at.size
    return result(a.value.mean(), [a], lambda g, n: [spread(mul(g, constant(1 / size)), a.shape)])


def gather(a: V, where: np.ndarray, spends: bool = False) -> V:
    """Elements of `a` at flat positions, as a copy."""
    shape = a.shape
    return result(a.value.ravel()[where], [a], lambda g, n: [scatter(g, where, shape)], spends=spends)


def scatter(g: V, where: np.ndarray, shape: tuple) -> V:
    """Zeros with `g` added at flat positions."""
    flat = np.zeros(int(np.prod(shape)))
    np.add.at(flat, where.ravel(), g.value.ravel())
    return result(flat.reshape(shape), [g], lambda c, n: [gather(c, where)])


def reshape(a: V, shape: tuple) -> V:
    return result(a.value.reshape(shape), [a], lambda g, n: [reshape(g, a.shape)])


def transpose(a: V) -> V:
    return result(a.value.T, [a], lambda g, n: [transpose(g)])


def matmul(a: V, b: V) -> V:
    ka, kb = kept(a), kept(b)
    saved = tuple(k for k, wanted in ((kb, _needs(a)), (ka, _needs(b))) if wanted)
    return result(
        a.value @ b.value,
        [a, b],
        lambda g, n: [matmul(g, transpose(kb)) if n[0] else None, matmul(transpose(ka), g) if n[1] else None],
        saved,
    )


def cat(parts: list[V]) -> V:
    """One-dimensional tensors, one after the other."""
    ends = np.cumsum([0] + [p.at.size for p in parts])

    def pull(g: V, n: list) -> list:
        return [gather(g, np.arange(ends[i], ends[i + 1])) if wanted else None for i, wanted in enumerate(n)]

    return result(np.concatenate([p.value for p in parts]), parts, pull)


def where(mask: np.ndarray, a: V, b: V) -> V:
    yes, no = constant(mask * 1.0), constant(1.0 - mask)
    return result(
        np.where(mask, a.value, b.value),
        [a, b],
        lambda g, n: [mul(g, yes) if n[0] else None, mul(g, no) if n[1] else None],
        spends=True,
    )


def softmax(a: V) -> V:
    """Of a one-dimensional tensor."""
    shifted = np.exp(a.value - a.value.max())
    out = result(shifted / shifted.sum(), [a], lambda g, n: [mul(y, sub(g, total(mul(g, y))))], (), True)
    y = kept(out)
    return out


sin = one(np.sin, lambda g, x: mul(g, cos(x)))
cos = one(np.cos, lambda g, x: neg(mul(g, sin(x))))
tanh = one(np.tanh, lambda g, y: mul(g, sub(constant(1.0), mul(y, y))), True)
sigmoid = one(lambda x: 1 / (1 + np.exp(-x)), lambda g, y: mul(g, mul(y, sub(constant(1.0), y))), True)
square = one(np.square, lambda g, x: mul(g, mul(constant(2.0), x)))


# memory


def view(a: V, at: np.ndarray) -> V:
    """Another shape or part of the same memory; `at` are flat positions in `a`."""
    made = gather(a, at)
    made.store, made.at = a.store, a.at.ravel()[at]
    made.base = a.base or a
    made.base.views.append(made)
    return made


def detach(a: V) -> V:
    made = V()
    made.store, made.at, made.source = a.store, a.at, None
    return made


def _positions(base: V, at: np.ndarray) -> np.ndarray:
    """Where the elements at these places of the store stand in the base."""
    order = {place: i for i, place in enumerate(base.at.ravel().tolist())}
    return np.array([order[place] for place in at.ravel().tolist()], int).reshape(at.shape)


def _spliced(before: V, new: V, positions: np.ndarray) -> Node:
    shape = before.shape

    def rest(g: V) -> V:
        mask = np.ones(int(np.prod(shape)))
        mask[positions.ravel()] = 0.0
        return mul(g, constant(mask.reshape(shape)))

    return Node(
        [before.source, new.source],
        lambda g, n: [rest(g) if n[0] else None, gather(g, positions) if n[1] else None],
        False,
        [],
    )


def overwrite(old: V, new: V) -> V:
    """Nothing of the old values is left."""
    shape = old.shape
    return result(
        np.broadcast_to(new.value, shape),
        [old, new],
        lambda g, n: [constant(np.zeros(shape)) if n[0] else None, _fit(g, new.shape) if n[1] else None],
    )


def _shown(root: V, positions: np.ndarray) -> Node | None:
    """Where a view of `root` comes from."""
    shape = root.shape
    if root.source is None:
        return None
    return Node([root.source], lambda g, n: [scatter(g, positions, shape)], False, [])


def write(t: V, compute: Callable[[V], V], part: np.ndarray | None = None) -> None:
    """t = compute(t) in the memory of t, or in the part at these flat positions."""
    old = V(t.value)
    old.source = t.source
    made = compute(old)
    root, at = t.base or t, t.at if part is None else t.at.ravel()[part]
    t.store.version += 1
    t.store.data[at] = made.value
    if part is None and isinstance(made.source, Node):  # a result that its row saved lies in this memory now
        made.source.saves = [
            (t.store, t.store.version, sure) if store is made.store else (store, version, sure)
            for store, version, sure in made.source.saves
        ]
    if not recording():  # views with history begin anew at the memory as it is now
        for each in root.views:
            each.source = each.source and _shown(root, _positions(root, each.at))
        return
    if made.source is None and root.source is None:
        return
    if t.base is None and part is None:
        t.source = made.source
    else:
        before = V(root.value)
        before.source = root.source
        root.source = _spliced(before, made, _positions(root, at))
    for each in root.views:
        each.source = _shown(root, _positions(root, each.at))
