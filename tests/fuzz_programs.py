"""Random programs, run on tape and on the plain graph of fuzz_model side by side.

A `Program` is a list of (instruction, seed): any part of one is a program too, so a failing one can be cut
down by `shorten`. A `Run` carries one out: each statement is the text of what a user would write, run in
one of two threads and kept in `log`. `Wrong` is raised where the two disagree, with that text.
Invariant: the same program and settings give the same statements.
Imported by tests/test_fuzz_lifetime.py.
"""

from __future__ import annotations

import queue
import random
import threading
import weakref
from collections.abc import Callable

import fuzz_model as m
import fuzz_watch
import numpy as np
from fuzz_steps import Pair, Steps
from fuzz_sweeps import Plan

import tape
from tape.errors import InPlaceError, OverwrittenError, SpentError

ELEMENTWISE = {
    "leaf": 4,
    "constant": 2,
    "unary": 10,
    "binary": 12,
    "number": 4,
    "loop": 2,
    "drop": 6,
    "grad": 6,
    "backward": 2,
}
OTHERS = "reduce 6 index 6 reshape 3 transpose 2 take 2 matmul 2 cat 3 where 2 softmax 2"
OTHERS += " detach 2 eval 2 write 6 put 4 copy 2 step 2 broken 2"
EVERYTHING = {**ELEMENTWISE, **dict(zip(OTHERS.split()[::2], map(int, OTHERS.split()[1::2]), strict=True))}


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


class Refused(Exception):
    """What the hook of a pass that shall fail raises."""


def _refuse(g: tape.Tensor) -> None:
    raise Refused


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
        try:
            if error is not None:
                raise error
        finally:
            del error  # its traceback holds this frame

    def end(self) -> None:
        self.given.put(None)
        self.thread.join()


class Run(Steps):
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
        except (SpentError, OverwrittenError, InPlaceError, Refused) as error:
            return type(error)
        except Exception as error:
            raise self.wrong(f"raised {type(error).__name__}: {error}") from error
        return None

    def wrong(self, text: str) -> Wrong:
        return Wrong("\n".join([*self.log, f"=> {text}"]))

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

    def sweep(self, text: str, plan: Plan, cotangents: list[m.V], retain: bool, create: bool) -> dict | None:
        """Run a backward pass on both sides; the model's gradients, or None where it may not run."""
        spent, overwritten = plan.spent(), plan.overwritten()
        allowed: list[type | None] = [SpentError] if spent is not False else []
        if not spent:
            allowed += [OverwrittenError] if overwritten is not False else []
            allowed += [None] if not overwritten else []
        found = self.say(text)
        if found not in allowed:
            raise self.wrong(f"raised {found}, expected one of {allowed}")
        return plan.execute(cotangents, retain, create) if found is None else None

    def do_broken(self) -> None:
        """A pass that a hook breaks off."""
        p, q = (self.pick(lambda v: v.source is not None and not v.is_leaf) for _ in range(2))
        target = self.pick(lambda v: v.is_leaf)
        if p is None or q is None or target is None:
            return
        self.space["refuse"] = _refuse
        if self.say(f"handle = {q.name}.register_hook(refuse)"):
            raise self.wrong("no hook was taken")
        plan = Plan([p.v], [target.v])
        text = f"torch.autograd.grad({p.name}, {target.name}, torch.ones({p.v.shape}), allow_unused=True)"
        found = self.say(text)
        self.say("handle.remove(); del handle")
        if found is Refused:
            plan.fail()
        elif found is None:
            plan.execute([m.constant(np.ones(p.v.shape))], False, False)

    def do_grad(self) -> None:
        outputs = self.outputs()
        targets = [
            p for p in (self.pick(lambda v: v.source is not None) for _ in range(self.rng.randint(1, 3))) if p
        ]
        if not outputs or not targets:
            return
        retain, create = self.rng.random() < 0.6, self.rng.random() < 0.35
        names = [f"g{self.number}{letter}" for letter in "abc"[: len(targets)]]
        text = (
            f"{', '.join(names)}, = torch.autograd.grad([{', '.join(p.name for p, _, _ in outputs)}], "
            f"[{', '.join(p.name for p in targets)}], [{', '.join(g for _, g, _ in outputs)}], "
            f"retain_graph={retain}, create_graph={create}, allow_unused=True)"
        )
        plan = Plan([p.v for p, _, _ in outputs], [p.v.source for p in targets])
        found = self.sweep(text, plan, [g for _, _, g in outputs], retain, create)
        if found is None:
            return
        if create:
            for _, _, g in outputs:
                g.store.lent = True
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
        plan = Plan([p.v for p, _, _ in outputs], [p.v for p in inputs] if inputs else None)
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
        """Raise where a tape or an array lives that nothing needs: the tapes that handles stand on, those they
        import from and the open ones are all there may be."""
        handles = [self.space[p.name] for p in self.pairs]
        spare = fuzz_watch.live() - fuzz_watch.accounted(handles)
        if spare:
            raise self.wrong(f"{spare} still live")
        held = fuzz_watch.arrays(fuzz_watch.live(), handles)
        if any(array is not None and id(array) not in held for array in (each() for each in self.watched)):
            raise self.wrong("an array is still held, but by no tape and no variable")

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
