"""Random programs, run on tape and on the plain graph of fuzz_model side by side.

A `Program` is a list of (instruction, seed): any part of one is a program too, so a failing one can be cut down (`shorten`).
A `Run` carries one out: each statement is the text of what a user would write, run in one of two threads, and kept in `log`.
`Wrong` is raised where the two disagree, with that text. Invariant: the same program and settings give the same statements.
Imported by tests/test_fuzz_lifetime.py.
"""

from __future__ import annotations

import queue
import random
import threading
import weakref
import zlib
from collections.abc import Callable

import fuzz_model as m
import fuzz_watch
import numpy as np

import tape
from tape.columns import Tape
from tape.errors import InPlaceError, OverwrittenError, SpentError

SHAPES = [(), (3,), (3,), (2, 3), (3, 2), (1,)]
UNARY = {"sin": m.sin, "cos": m.cos, "tanh": m.tanh, "sigmoid": m.sigmoid, "square": m.square, "neg": m.neg}
BINARY = {"+": m.add, "-": m.sub, "*": m.mul, "/": lambda a, b: m.div(a, m.add(m.square(b), m.constant(0.5)))}
ELEMENTWISE = {"leaf": 4, "constant": 2, "unary": 10, "binary": 12, "number": 4, "loop": 2, "drop": 6, "grad": 6, "backward": 2}
EVERYTHING = {**ELEMENTWISE, "reduce": 6, "index": 6, "reshape": 3, "transpose": 2, "take": 2, "matmul": 2, "cat": 3, "where": 2, "softmax": 2,
              "detach": 2, "eval": 2, "write": 6, "put": 4, "copy": 2, "step": 2}  # fmt: skip


class Wrong(AssertionError):
    """tape and the plain graph disagree."""


class Program:
    """Instructions by name, each with the seed of its choices."""

    def __init__(self, seed: int, length: int = 50, weights: dict[str, int] | None = None) -> None:
        rng = random.Random(seed)
        weights = weights or EVERYTHING
        names = rng.choices(list(weights), list(weights.values()), k=length)
        self.steps = [(name, rng.getrandbits(32), i + 1) for i, name in enumerate(["leaf"] * 3 + names)]
        self.threads = rng.random() < 0.4

    def without(self, start: int, stop: int) -> Program:
        cut = Program.__new__(Program)
        cut.steps, cut.threads = self.steps[:start] + self.steps[stop:], self.threads
        return cut


def shorten(program: Program, fails: Callable[[Program], bool]) -> Program:
    """The program without whatever it fails without."""
    size = len(program.steps) // 2
    while size:
        start, before = 0, len(program.steps)
        while start < len(program.steps):
            cut = program.without(start, start + size)
            if fails(cut):
                program = cut
            else:
                start += size
        if size == 1 and len(program.steps) < before:
            continue
        size //= 2
    return program


class Worker:
    """A second thread that runs what it is given, while the first waits."""

    def __init__(self) -> None:
        self.given, self.done = queue.SimpleQueue(), queue.SimpleQueue()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while (work := self.given.get()) is not None:
            try:
                work()
                self.done.put(None)
            except BaseException as error:
                self.done.put(error.with_traceback(None))
            work = None

    def run(self, work: Callable[[], None]) -> None:
        self.given.put(work)
        error = self.done.get()
        if error is not None:
            raise error

    def end(self) -> None:
        self.given.put(None)
        self.thread.join()


class Pair:
    """A variable of the program: its name, and the model's tensor. `fixed` ones are not written in place."""

    def __init__(self, name: str, v: m.V, fixed: bool = False) -> None:
        self.name, self.v, self.fixed = name, v, fixed


class Run:
    """One program under way."""

    def __init__(self, program: Program) -> None:
        self.program, self.log = program, []
        self.space: dict = {"torch": tape, "np": np}
        self.pairs: list[Pair] = []
        self.results: list[np.ndarray | None] = []  # every gradient computed, in order
        self.watched: list[weakref.ref] = []
        self.worker = Worker() if program.threads else None
        fuzz_watch.forget()

    def go(self) -> Run:
        try:
            for name, seed, number in self.program.steps:
                self.rng, self.seed, self.number = random.Random(seed), seed, number
                getattr(self, f"do_{name}")()
                if len(self.pairs) > 14:
                    self.do_drop()
            self.look_at_values()
            self.end()
        finally:
            if self.worker is not None:
                self.worker.end()
        return self

    # statements

    def say(self, text: str) -> type | None:
        """Run a statement; the class of the error that tape raised, or None."""
        other = self.worker is not None and self.rng.random() < 0.4
        self.log.append(text + ("  # in the other thread" if other else ""))
        code = compile(text, f"<statement {len(self.log)}>", "exec")
        try:
            if other:
                self.worker.run(lambda: exec(code, self.space))
            else:
                exec(code, self.space)
        except (SpentError, OverwrittenError, InPlaceError) as error:
            return type(error)
        except Exception as error:
            raise self.wrong(f"raised {type(error).__name__}: {error}") from error
        return None

    def wrong(self, text: str) -> Wrong:
        return Wrong("\n".join([*self.log, f"=> {text}"]))

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

    def same(self, what: str, t: tape.Tensor | None, expected: np.ndarray | None) -> None:
        if t is None or expected is None:
            found = np.zeros(()) if t is None else np.array(t.detach().numpy())
            if np.any(found) or expected is not None and np.any(expected):
                raise self.wrong(f"{what} is {found if t is not None else None}, expected {expected}")
            return
        found = np.array(t._v)
        scale = 1e-9 * max(1.0, float(np.abs(expected).max(initial=0)))
        if found.shape != expected.shape or not np.allclose(found, expected, rtol=1e-9, atol=scale):
            raise self.wrong(f"{what} is {found}, expected {expected}")

    def look_at_values(self) -> None:
        for p in self.pairs:
            self.same(p.name, self.space[p.name], p.v.value)
            if p.v.is_leaf and (p.v.grad is not None or self.space[p.name].grad is not None):
                self.same(f"{p.name}.grad", self.space[p.name].grad, p.v.grad)

    def pick(self, fits: Callable[[m.V], bool] = lambda v: True, pairs: list[Pair] | None = None) -> Pair | None:
        """A variable that fits. Which one depends on the names alone, so that a program with steps left out picks the same."""
        found = [p for p in (self.pairs if pairs is None else pairs) if fits(p.v)]
        salt = self.rng.getrandbits(32)
        return min(found, key=lambda p: zlib.crc32(b"%d %s" % (salt, p.name.encode()))) if found else None

    # what makes tensors

    def numbers(self, shape: tuple) -> np.ndarray:
        return np.array([round(self.rng.uniform(-1.5, 1.5), 2) for _ in range(int(np.prod(shape)))]).reshape(shape)

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
        self.make(f"{p.name}\nfor _ in range({times}): v{self.number} = torch.sin(v{self.number} + {q.name})", v)

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
        items = [self.rng.choice(["0", "-1", ":", "::2", ":1", "1:" if n > 1 else ":", "0:2"]) for n in shape[: self.rng.randint(0, len(shape))]]
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
        p = self.pick(lambda v: bool(np.all(np.diff(v.at.ravel()) == 1)))
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
        parts = [p for p in (self.pick(lambda v: len(v.shape) == 1) for _ in range(self.rng.randrange(2, 6))) if p]
        if parts and sum(p.v.at.size for p in parts) < 20:
            self.make(f"torch.cat([{', '.join(p.name for p in parts)}])", m.cat([p.v for p in parts]))

    def do_where(self) -> None:
        p = self.pick()
        q = p and self.pick(lambda v: v.shape == p.v.shape)
        if q:
            mask = np.abs(p.v.value) > 0.5
            self.make(f"torch.where(torch.tensor({mask.tolist()}), {p.name}, {q.name})", m.where(mask, p.v, q.v))

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
                self.make(f"None\nwith torch.no_grad(): v{self.number} = torch.sin({p.name}) * {p.name}", m.mul(m.sin(p.v), p.v))

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
        return self.pick(pairs=[p for p in self.pairs if not p.fixed])

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
            q = self.pick(lambda v: v.shape in (p.v.shape, ()))
            name = self.rng.choice(["add", "mul", "sub"])
            if q:
                f = {"add": m.add, "mul": m.mul, "sub": m.sub}[name]
                self.writing(p, f"{p.name}.{name}_({q.name})", lambda old: f(old, q.v))

    def do_copy(self) -> None:
        p = self.writable()
        q = p and self.pick(lambda v: v.shape in (p.v.shape, ()))
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
        p = self.pick(lambda v: v.is_leaf)
        if p:
            with m.switched(False):
                self.writing(p, f"{p.name}.mul_(0.75)", lambda old: m.mul(old, m.constant(0.75)))

    # gradients

    def outputs(self) -> list[tuple[Pair, str, m.V]]:
        """Outputs, and their cotangents as text and as model."""
        found = []
        for _ in range(self.rng.choice([1, 1, 2])):
            p = self.pick(lambda v: v.source is not None)
            if p is None:
                break
            q = self.pick(lambda v, shape=p.v.shape: v.shape == shape) if self.rng.random() < 0.3 else None
            if q:
                found.append((p, q.name, q.v))
            elif p.v.at.size == 1 and self.rng.random() < 0.5:
                found.append((p, "None", m.constant(np.ones(p.v.shape))))
            else:
                found.append((p, f"torch.ones({p.v.shape})", m.constant(np.ones(p.v.shape))))
        return found

    def sweep(self, text: str, plan: m.Plan, cotangents: list[m.V], retain: bool, create: bool) -> dict | None:
        """Run a backward pass on both sides; the model's gradients, or None where it may not run."""
        wanted = SpentError if plan.spent() else {True: OverwrittenError, False: None, None: False}[plan.overwritten()]
        found = self.say(text)
        if wanted is False:
            wanted = found if found is OverwrittenError else None
        if found is not wanted:
            raise self.wrong(f"raised {found}, expected {wanted}")
        return plan.execute(cotangents, retain, create) if wanted is None else None

    def do_grad(self) -> None:
        outputs = self.outputs()
        targets = [p for p in (self.pick(lambda v: v.source is not None) for _ in range(self.rng.randint(1, 3))) if p]
        if not outputs or not targets:
            return
        retain, create = self.rng.random() < 0.6, self.rng.random() < 0.35
        names = [f"g{self.number}{letter}" for letter in "abc"[: len(targets)]]
        text = (
            f"{', '.join(names)}, = torch.autograd.grad([{', '.join(p.name for p, _, _ in outputs)}], "
            f"[{', '.join(p.name for p in targets)}], [{', '.join(g for _, g, _ in outputs)}], "
            f"retain_graph={retain}, create_graph={create}, allow_unused=True)"
        )
        plan = m.Plan([p.v for p, _, _ in outputs], [p.v.source for p in targets])
        found = self.sweep(text, plan, [g for _, _, g in outputs], retain, create)
        if found is None:
            return
        for name, p in zip(names, targets, strict=True):
            g, t = found.get(id(p.v.source)), self.space[name]
            self.same(f"gradient {name} of {p.name}", t, None if g is None else g.value)
            self.results.append(None if t is None else np.array(t._v))
            if create and g is not None and g.source is not None and t is not None:
                if not t.requires_grad:
                    raise self.wrong(f"{name} has no history")
                self.pairs.append(Pair(name, g, fixed=True))
            else:
                del self.space[name], t

    def do_backward(self) -> None:
        outputs = self.outputs()
        if not outputs:
            return
        retain = self.rng.random() < 0.5
        inputs = None
        if self.rng.random() < 0.4:
            inputs = [p for p in (self.pick(lambda v: v.is_leaf) for _ in range(2)) if p] or None
        chosen = f", inputs=[{', '.join(p.name for p in inputs)}]" if inputs else ""
        text = (
            f"torch.autograd.backward([{', '.join(p.name for p, _, _ in outputs)}], "
            f"[{', '.join(g for _, g, _ in outputs)}], retain_graph={retain}{chosen})"
        )
        plan = m.Plan([p.v for p, _, _ in outputs], [p.v for p in inputs] if inputs else None)
        found = self.sweep(text, plan, [g for _, _, g in outputs], retain, False)
        if found is None:
            return
        for v in plan.leaves:
            g = found.get(id(v))
            if g is not None and (inputs is None or any(p.v is v for p in inputs)):
                v.grad = g.value if v.grad is None else v.grad + g.value
        self.look_at_values()

    # what is kept

    def kept(self) -> None:
        """Raise where a tape or an array lives that nothing needs: with the tapes that handles stand on, those they import from, and
        the open ones, all are accounted for."""
        handles = [self.space[p.name] for p in self.pairs]
        spare = fuzz_watch.live() - fuzz_watch.accounted(handles)
        if spare:
            raise self.wrong(f"{spare} still live")

    def end(self) -> None:
        """Drop everything; then nothing may be left but what is open."""
        self.kept()
        for p in self.pairs:
            del self.space[p.name]
        self.pairs.clear()
        self.log.append("# all variables dropped")
        for other in (False, True) if self.worker else (False,):
            work = _record_elsewhere
            self.worker.run(work) if other else work()
        left = [t for t in fuzz_watch.live() if len(t) > 5]
        held = sum(r() is not None for r in self.watched)
        if left or held:
            raise self.wrong(f"after the last handle died {left} and {held} arrays are still there")


def _record_elsewhere() -> None:
    x = tape.tensor([1.0], requires_grad=True)
    (x * 2).sum()


__all__ = ["EVERYTHING", "ELEMENTWISE", "Program", "Run", "Tape", "Wrong", "shorten"]
