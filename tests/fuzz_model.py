"""A plain graph beside the tape: one object an operation, derivatives as closures, memory as flat arrays with version counters.

`V` is a tensor: positions in a `Store`. Operations are functions of V's, `write` is an in-place write; a `Plan` tells whether a
backward pass from roots to targets may run, and runs it.
Invariant: nothing is shared, reused or pruned here, so what it computes is what the chain rule says. Knows nothing of tape.
Imported by tests/test_fuzz_lifetime.py and the programs that it runs.
"""

from __future__ import annotations

import heapq
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
    """Memory, and how often it was written."""

    def __init__(self, data: np.ndarray) -> None:
        self.data, self.version = data.ravel().copy(), 0


class Node:
    """An operation: where its inputs came from, its pull, and what it saved."""

    __slots__ = ("inputs", "pull", "saves", "spends", "spent", "serial")

    def __init__(self, inputs: list, pull: Callable, spends: bool, saves: list) -> None:
        self.inputs, self.pull, self.spends, self.saves = inputs, pull, spends, saves
        self.spent, self.serial = False, next(_serials)


class V:
    """A tensor: a store, the positions that it shows, and where it came from (a Node; itself, for a leaf; None)."""

    __slots__ = ("store", "at", "source", "base", "views", "grad", "memory", "version")

    def __init__(self, value=None, leaf: bool = False) -> None:
        if value is not None:
            value = np.asarray(value, float)
            self.store, self.at = Store(value), np.arange(value.size).reshape(value.shape)
        self.source = self if leaf else None
        self.base: V | None = None
        self.views: list[V] = []
        self.grad: np.ndarray | None = None
        self.memory: Store | None = None  # the store whose writes spoil this value, where it is a copy of what a row saved

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


def result(value, inputs: list[V], pull: Callable, saved: tuple = (), saves_output: bool = False, spends: bool = False) -> V:
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
    return result(a.value + b.value, [a, b], lambda g, n: [_fit(g, a.shape) if n[0] else None, _fit(g, b.shape) if n[1] else None])


def sub(a: V, b: V) -> V:
    return result(a.value - b.value, [a, b], lambda g, n: [_fit(g, a.shape) if n[0] else None, _fit(neg(g), b.shape) if n[1] else None])


def mul(a: V, b: V) -> V:
    ka, kb = kept(a), kept(b)
    saved = tuple(k for k, wanted in ((kb, _needs(a)), (ka, _needs(b))) if wanted)
    return result(a.value * b.value, [a, b],
                  lambda g, n: [_fit(mul(g, kb), ka.shape) if n[0] else None, _fit(mul(g, ka), kb.shape) if n[1] else None], saved)  # fmt: skip


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
    return result(a.value @ b.value, [a, b],
                  lambda g, n: [matmul(g, transpose(kb)) if n[0] else None, matmul(transpose(ka), g) if n[1] else None], saved)  # fmt: skip


def cat(parts: list[V]) -> V:
    """One-dimensional tensors, one after the other."""
    ends = np.cumsum([0] + [p.at.size for p in parts])

    def pull(g: V, n: list) -> list:
        return [gather(g, np.arange(ends[i], ends[i + 1])) if wanted else None for i, wanted in enumerate(n)]

    return result(np.concatenate([p.value for p in parts]), parts, pull)


def where(mask: np.ndarray, a: V, b: V) -> V:
    yes, no = constant(mask * 1.0), constant(1.0 - mask)
    return result(np.where(mask, a.value, b.value), [a, b],
                  lambda g, n: [mul(g, yes) if n[0] else None, mul(g, no) if n[1] else None], spends=True)  # fmt: skip


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

    return Node([before.source, new.source], lambda g, n: [rest(g) if n[0] else None, gather(g, positions) if n[1] else None], False, [])


def overwrite(old: V, new: V) -> V:
    """Nothing of the old values is left."""
    shape = old.shape
    return result(np.broadcast_to(new.value, shape), [old, new],
                  lambda g, n: [constant(np.zeros(shape)) if n[0] else None, _fit(g, new.shape) if n[1] else None])  # fmt: skip


def write(t: V, compute: Callable[[V], V], part: np.ndarray | None = None) -> None:
    """t = compute(t) in the memory of t, or in the part at these flat positions."""
    old = V(t.value)
    old.source = t.source
    made = compute(old)
    root, at = t.base or t, t.at if part is None else t.at.ravel()[part]
    t.store.version += 1
    t.store.data[at] = made.value
    if not recording() or (made.source is None and root.source is None):
        return
    if t.base is None and part is None:
        t.source = made.source
    else:
        before = V(root.value)
        before.source = root.source
        root.source = _spliced(before, made, _positions(root, at))
    for each in root.views:
        positions = _positions(root, each.at)
        shape = root.shape
        each.source = None
        if root.source is not None:
            each.source = Node([root.source], lambda g, n, p=positions: [scatter(g, p, shape)], False, [])


# sweeps


class Plan:
    """The nodes that a backward pass runs, and whether it may."""

    def __init__(self, roots: list[V], targets: list | None) -> None:
        self.roots, self.targets = roots, targets
        seen: dict[int, object] = {}
        todo = [r.source for r in roots]
        while todo:
            each = todo.pop()
            if each is None or id(each) in seen:
                continue
            seen[id(each)] = each
            if type(each) is Node:
                todo += each.inputs
        self.leaves = [each for each in seen.values() if type(each) is V]
        nodes = sorted((each for each in seen.values() if type(each) is Node), key=lambda n: n.serial)
        leads = None if targets is None else {id(t) for t in targets}
        if leads is None:
            self.run = nodes
        else:
            self.run = []
            for each in nodes:
                if any(id(i) in leads for i in each.inputs if i is not None):
                    leads.add(id(each))
                    self.run.append(each)
        self.leads = leads

    def spent(self) -> bool:
        return any(n.spent for n in self.run)

    def overwritten(self) -> bool | None:
        """Whether a saved value was written since; None where the implementation may tell or do without."""
        found: bool | None = False
        for n in self.run:
            for store, version, sure in n.saves:
                if store.version != version:
                    if sure:
                        return True
                    found = None  # a 0-d value may have been saved as a number, which no write reaches
        return found

    def execute(self, cotangents: list[V], retain: bool, create: bool) -> dict[int, V]:
        """Gradients by id of source."""
        if not retain:
            for n in self.run:
                n.spent = n.spent or n.spends
        found: dict[int, V] = {}
        with switched(create):
            for root, g in zip(self.roots, cotangents, strict=True):
                _give(found, root.source, g)
            heap = [(-n.serial, i) for i, n in enumerate(self.run)]
            heapq.heapify(heap)
            while heap:
                n = self.run[heapq.heappop(heap)[1]]
                if id(n) not in found:
                    continue
                need = [i is not None and (self.leads is None or id(i) in self.leads) for i in n.inputs]
                for source, g in zip(n.inputs, n.pull(found[id(n)], need), strict=True):
                    if source is not None and g is not None and (self.leads is None or id(source) in self.leads):
                        _give(found, source, g)
        return found


def _give(found: dict, source, g: V) -> None:
    have = found.get(id(source))
    found[id(source)] = g if have is None else add(have, g)
