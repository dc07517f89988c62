"""Statements of random programs that make Tensors and write to them, each on tape (as text) and on a plain
graph.

`Steps` is the half of a `Run` (fuzz_programs) that holds them; a step chooses its operands by `self.rng`
and by name, so that it chooses the same when others are left out. Invariant: values stay below a thousand.
Imported by fuzz_programs.
"""

from __future__ import annotations

import random
import weakref
import zlib
from collections.abc import Callable

import fuzz_model as m
import numpy as np

from tape.errors import InPlaceError

SHAPES = [(), (3,), (3,), (2, 3), (3, 2), (1,)]
UNARY = {"sin": m.sin, "cos": m.cos, "tanh": m.tanh, "sigmoid": m.sigmoid, "square": m.square, "neg": m.neg}
BINARY = {"+": m.add, "-": m.sub, "*": m.mul, "/": lambda a, b: m.div(a, m.add(m.square(b), m.constant(0.5)))}


class Pair:
    """A variable of the program: its name, and the model's tensor. `fixed` ones are not written in place."""

    def __init__(self, name: str, v: m.V, fixed: bool = False) -> None:
        self.name, self.v, self.fixed = name, v, fixed


class Steps:
    """What a program may do but for gradients."""

    rng: random.Random
    number: int
    space: dict
    pairs: list[Pair]
    log: list[str]
    watched: list[weakref.ref]
    say: Callable[[str], type | None]
    wrong: Callable[[str], AssertionError]
    same: Callable[..., None]

    def pick(
        self, fits: Callable[[m.V], bool] = lambda v: True, pairs: list[Pair] | None = None
    ) -> Pair | None:
        """A variable that fits. Which one depends on names alone: it is the same in a program cut down."""
        found = [p for p in (self.pairs if pairs is None else pairs) if fits(p.v)]
        salt = self.rng.getrandbits(32)
        return min(found, key=lambda p: zlib.crc32(b"%d %s" % (salt, p.name.encode()))) if found else None

    def make(self, text: str, v: m.V, fixed: bool = False) -> None:
        """A new variable, unless its values get out of hand."""
        if not np.all(np.abs(v.value) < 1e3):
            return
        name = f"v{self.number}"
        if self.say(f"{name} = {text}"):
            raise self.wrong("an operation failed")
        self.pairs.append(Pair(name, v, fixed))
        self.same(name, self.space[name], v.value)
        if self.space[name].requires_grad != (v.source is not None):
            raise self.wrong(f"{name}.requires_grad is {self.space[name].requires_grad}")

    # what makes tensors

    def numbers(self, shape: tuple) -> np.ndarray:
        return np.array([round(self.rng.uniform(-1.5, 1.5), 2) for _ in range(int(np.prod(shape)))]).reshape(
            shape
        )

    def do_leaf(self) -> None:
        value = self.numbers(self.rng.choice(SHAPES))
        self.make(f"torch.tensor({value.tolist()}, requires_grad=True)", m.V(value, leaf=True))

    def do_constant(self) -> None:
        value = self.numbers(self.rng.choice(SHAPES))
        self.space["array"] = value
        self.watched.append(weakref.ref(value))
        self.log.append(f"array = np.array({value.tolist()})")
        self.make("torch.from_numpy(array)", m.V(value))
        del self.space["array"]

    def do_unary(self) -> None:
        name = self.rng.choice(list(UNARY))
        p = self.pick()
        if p:
            self.make(f"torch.{name}({p.name})", UNARY[name](p.v))

    def do_binary(self) -> None:
        p = self.pick()
        if p is None:
            return
        q = self.pick(lambda v: v.shape in (p.v.shape, (), (1,)) or p.v.shape in ((), (1,)))
        name = self.rng.choice(list(BINARY))
        if q:
            right = f"(torch.square({q.name}) + 0.5)" if name == "/" else q.name
            self.make(f"{p.name} {name} {right}", BINARY[name](p.v, q.v))

    def do_number(self) -> None:
        p, number = self.pick(), round(self.rng.uniform(0.5, 1.5), 2)
        name = self.rng.choice("+-*")
        if p and self.rng.random() < 0.5:
            self.make(f"{p.name} {name} {number}", BINARY[name](p.v, m.constant(number)))
        elif p:
            self.make(f"{number} {name} {p.name}", BINARY[name](m.constant(number), p.v))

    def do_loop(self) -> None:
        p, q = self.pick(), self.pick(lambda v: v.shape == () and v.source is not None)
        times = self.rng.randrange(2, 30)
        if not p or not q:
            return
        v = p.v
        for _ in range(times):
            v = m.sin(m.add(v, q.v))
        self.make(
            f"{p.name}\nfor _ in range({times}): v{self.number} = torch.sin(v{self.number} + {q.name})", v
        )

    def do_reduce(self) -> None:
        p = self.pick(lambda v: len(v.shape) > 0)
        if not p:
            return
        kind = self.rng.randrange(3)
        if kind == 0:
            self.make(f"{p.name}.sum()", m.total(p.v))
        elif kind == 1:
            self.make(f"{p.name}.mean()", m.mean(p.v))
        else:
            axis = self.rng.randrange(len(p.v.shape))
            self.make(f"{p.name}.sum({axis})", m.total(p.v, axis))

    def key(self, shape: tuple) -> tuple[str, tuple]:
        items = [
            self.rng.choice(["0", "-1", ":", "::2", ":1", "1:" if n > 1 else ":", "0:2"])
            for n in shape[: self.rng.randint(0, len(shape))]
        ]
        text = ", ".join(items) if items else "..."
        return text, eval(f"np.s_[{text}]")

    def do_index(self) -> None:
        p = self.pick()
        if p:
            text, key = self.key(p.v.shape)
            at = np.arange(p.v.at.size).reshape(p.v.shape)[key]
            if at.size:
                self.make_view(p, f"{p.name}[{text}]", np.asarray(at))

    def make_view(self, p: Pair, text: str, at: np.ndarray) -> None:
        self.make(text, m.view(p.v, at), p.fixed)

    def do_reshape(self) -> None:
        p = self.pick(
            lambda v: bool(np.all(np.diff(v.at.ravel()) == 1)),
            [p for p in self.pairs if self.space[p.name].is_contiguous()],
        )
        if p:
            shape = self.rng.choice([(-1,), (1, -1), (-1, 1)] + [()] * (p.v.at.size == 1))
            self.make_view(p, f"{p.name}.view({shape})", np.arange(p.v.at.size).reshape(shape))

    def do_transpose(self) -> None:
        p = self.pick(lambda v: len(v.shape) == 2)
        if p:
            self.make_view(p, f"{p.name}.T", np.arange(p.v.at.size).reshape(p.v.shape).T)

    def do_take(self) -> None:
        p = self.pick(lambda v: len(v.shape) > 0)
        if p:
            chosen = [self.rng.randrange(p.v.shape[0]) for _ in range(3)]
            at = np.arange(p.v.at.size).reshape(p.v.shape)[chosen]
            self.make(f"{p.name}[{chosen}]", m.gather(p.v, at, spends=True))

    def do_matmul(self) -> None:
        p = self.pick(lambda v: len(v.shape) == 2)
        q = p and self.pick(lambda v: len(v.shape) == 2 and v.shape[0] == p.v.shape[1])
        if q:
            self.make(f"{p.name} @ {q.name}", m.matmul(p.v, q.v))

    def do_cat(self) -> None:
        parts = [
            p for p in (self.pick(lambda v: len(v.shape) == 1) for _ in range(self.rng.randrange(2, 6))) if p
        ]
        if parts and sum(p.v.at.size for p in parts) < 20:
            self.make(f"torch.cat([{', '.join(p.name for p in parts)}])", m.cat([p.v for p in parts]))

    def do_where(self) -> None:
        p = self.pick()
        q = p and self.pick(lambda v: v.shape == p.v.shape)
        if q:
            mask = np.abs(p.v.value) > 0.5
            self.make(
                f"torch.where(torch.tensor({mask.tolist()}), {p.name}, {q.name})", m.where(mask, p.v, q.v)
            )

    def do_softmax(self) -> None:
        p = self.pick(lambda v: len(v.shape) == 1)
        if p:
            self.make(f"torch.softmax({p.name}, 0)", m.softmax(p.v))

    def do_detach(self) -> None:
        p = self.pick()
        if p:
            self.make(f"{p.name}.detach()", m.detach(p.v), p.fixed)

    def do_eval(self) -> None:
        p = self.pick()
        if p:
            with m.switched(False):
                self.make(
                    f"None\nwith torch.no_grad(): v{self.number} = torch.sin({p.name}) * {p.name}",
                    m.mul(m.sin(p.v), p.v),
                )

    def do_drop(self) -> None:
        if len(self.pairs) > 1:
            p = self.pick()
            self.pairs.remove(p)
            self.say(f"del {p.name}")

    # writes

    def writing(self, p: Pair, text: str, compute: Callable, part: np.ndarray | None = None) -> None:
        root = p.v.base or p.v
        wanted = InPlaceError if m.recording() and (p.v.is_leaf or root.is_leaf) else None
        with m.switched(False):
            value = compute(m.V(p.v.value)).value
        if not np.all(np.abs(value) < 1e3):
            return
        text = text if m.recording() else f"with torch.no_grad(): {text}"
        found = self.say(text)
        if found is not wanted:
            raise self.wrong(f"raised {found}, expected {wanted}")
        if wanted is None:
            m.write(p.v, compute, part)
        for each in self.pairs:
            t = self.space[each.name]
            self.same(each.name, t, each.v.value)
            if t.requires_grad != (each.v.source is not None):
                raise self.wrong(f"{each.name}.requires_grad is {t.requires_grad}")

    def writable(self) -> Pair | None:
        return self.pick(pairs=[p for p in self.pairs if not p.fixed and not p.v.store.lent])

    def operand(self, p: Pair) -> Pair | None:
        """Another operand of a write to `p`: itself, or something in other memory (overlaps are refused)."""
        return self.pick(lambda v: v is p.v or v.shape in (p.v.shape, ()) and v.store is not p.v.store)

    def do_write(self) -> None:
        p = self.writable()
        if not p:
            return
        kind = self.rng.randrange(4)
        if kind == 0:
            name = self.rng.choice(["sin", "tanh", "square", "neg"])
            self.writing(p, f"{p.name}.{name}_()", UNARY[name])
        elif kind == 1:
            self.writing(p, f"{p.name}.zero_()", lambda old: m.overwrite(old, m.constant(0.0)))
        elif kind == 2:
            self.writing(p, f"{p.name}.mul_(0.5)", lambda old: m.mul(old, m.constant(0.5)))
        else:
            q = self.operand(p)
            name = self.rng.choice(["add", "mul", "sub"])
            if q:
                f = {"add": m.add, "mul": m.mul, "sub": m.sub}[name]
                self.writing(p, f"{p.name}.{name}_({q.name})", lambda old: f(old, q.v))

    def do_copy(self) -> None:
        p = self.writable()
        q = p and self.operand(p)
        if q:
            self.writing(p, f"{p.name}.copy_({q.name})", lambda old: m.overwrite(old, q.v))

    def do_put(self) -> None:
        p = self.writable()
        if not p:
            return
        text, key = self.key(p.v.shape)
        part = np.asarray(np.arange(p.v.at.size).reshape(p.v.shape)[key])
        q = self.pick(lambda v: v.shape in (part.shape, ()))
        if part.size and q:
            blank = m.V(np.zeros(part.shape))
            self.writing(p, f"{p.name}[{text}] = {q.name}", lambda old: m.overwrite(blank, q.v), part)

    def do_step(self) -> None:
        p = self.pick(lambda v: v.is_leaf and not v.store.lent)
        if p:
            with m.switched(False):
                self.writing(p, f"{p.name}.mul_(0.75)", lambda old: m.mul(old, m.constant(0.75)))
