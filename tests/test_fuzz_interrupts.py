"""KeyboardInterrupt at every point where Python can raise it inside tape, and threads that use each other's
results.

A trace function raises at the n-th such point of a scenario, for every n: where a call has just returned,
a loop jumped back or a function begun. Afterwards tapes verify, switches and locks are as before, and the
next gradient is right.
"""

import opcode
import os
import random
import signal
import sys
import threading
import time

import numpy as np
import pytest
from test_fuzz_lifetime import limit

import tape
from tape import columns, hooks, replay
from tape.errors import SpentError
from tape.state import OPEN, STATE

PACKAGE = os.path.dirname(tape.__file__) + os.sep


class InterruptAt:
    """A trace function that raises KeyboardInterrupt at the n-th point of tape's own code."""

    def __init__(self, n):
        self.left, self.last, self.where = n, {}, None

    def __call__(self, frame, event, arg):
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes = True
        if event == "call":
            self.last.pop(id(frame), None)
        elif event == "opcode":
            before = self.last.get(id(frame), "")
            self.last[id(frame)] = opcode.opname[frame.f_code.co_code[frame.f_lasti]]
            if before.startswith(("CALL", "JUMP_BACKWARD", "RESUME")):
                self.left -= 1
                if not self.left:
                    self.where = f"{frame.f_code.co_filename[len(PACKAGE) :]}:{frame.f_lineno}"
                    sys.settrace(None)
                    raise KeyboardInterrupt
        return self


def interrupted(work, n):
    """Where the n-th interrupt hit, or None if the work was done before."""
    at, before = InterruptAt(n), sys.gettrace()
    sys.settrace(at)
    try:
        work()
    except KeyboardInterrupt:
        return at.where
    finally:
        sys.settrace(before)
    return None


def free(lock):
    """Whether another thread can take a lock."""
    taken = []

    def attempt():
        taken.append(lock.acquire(blocking=False))
        if taken[0]:
            lock.release()

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    return taken[0]


def check_legal(*tensors):
    """What must hold between operations, whatever happened before."""
    assert free(replay.LOCK) and free(columns._lock)
    assert (STATE.grad, STATE.inference, STATE.dual, STATE.place, STATE.anomaly) == (
        True,
        False,
        0,
        None,
        False,
    )
    assert STATE.open is STATE.tape
    assert not hooks.RUNNING.sweeps
    for each in {*OPEN.values(), *(t._t for t in tensors)}:
        assert len(each.rows) % columns.ROW == 0
        tape.verify(each)
        assert not each.readers and not each.limbo


class Scene:
    """Something recorded, to be interrupted in what follows."""

    def __init__(self):
        self.x = tape.tensor([1.0, 2.0, 3.0], requires_grad=True)
        self.w = tape.tensor(0.5, requires_grad=True)
        self.h = tape.sin(self.x * self.w)
        self.out = tape.cat([self.h, self.h[[0, 0]]]).prod() + (self.h * self.h).sum()
        (self.g,) = tape.autograd.grad(self.out, self.x, create_graph=True)

    def gradients(self):
        found = tape.autograd.grad(self.out, [self.x, self.w, self.h], retain_graph=True)
        return [g.tolist() for g in found]

    def record(self):
        y = (tape.tanh(self.h) * self.x + self.w).sum() + tape.cat([self.h, self.x]).sum()
        return y + self.x[1] * self.h[0] + self.h.view(1, -1).sum()

    def link(self):
        return (self.g * (tape.tensor([1.0, 2.0, 3.0], requires_grad=True) * 3) + self.h).sum()

    def no_grad(self):
        with tape.no_grad():
            return tape.sin(self.h) * 2

    def retain(self):
        tape.autograd.grad(self.out, [self.x, self.w], retain_graph=True)

    def create(self):
        tape.autograd.grad(self.g.sum(), [self.x, self.w], create_graph=True)

    def consume(self):
        tape.autograd.grad(self.out, [self.x, self.w])

    def backward(self):
        self.out.backward()


STEPS = ["record", "link", "no_grad", "retain", "create", "consume", "backward"]


@pytest.mark.parametrize("step", STEPS)
def test_interrupts_leave_everything_legal(step):
    interrupt_at_each(step, {"no_grad": 1, "create": 31}.get(step, 3))


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_interrupts_at_every_point(step):
    interrupt_at_each(step, 1)


def interrupt_at_each(step, stride):
    """Try every point, or every `stride`-th."""
    expected = Scene().gradients()
    getattr(Scene(), step)()  # what is compiled or imported once is there
    n = tried = right = 0
    while True:
        n, tried = n + stride, tried + 1
        scene = Scene()
        where = interrupted(getattr(scene, step), n)
        if where is None:
            break
        try:
            check_legal(scene.h, scene.out, scene.g)
            x_grad, w_grad = scene.x.grad, scene.w.grad
            assert x_grad is None or x_grad.tolist() == expected[0]
            assert w_grad is None or w_grad.item() == expected[1]
            assert scene.gradients() == expected
            right += 1
        except SpentError:
            assert step in ("consume", "backward"), where
        except AssertionError as error:
            raise AssertionError(f"after an interrupt at {where}") from error
    assert n > 30 and right > tried // 8


def test_signals_while_recording_and_sweeping():
    """A real timer, at random moments."""
    rng, expected, hits = random.Random(5), Scene().gradients(), 0

    def strike(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, strike)
    try:
        for _ in range(150):
            scene = Scene()
            try:
                signal.setitimer(signal.ITIMER_REAL, rng.uniform(2e-5, 1.5e-3))
                for _ in range(20):
                    scene.record()
                    scene.retain()
                    scene.link()
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                hits += 1
            check_legal(scene.h, scene.out, scene.g)
            assert scene.gradients() == expected
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert hits > 100


# Threads.


def derivatives(values, w):
    """Values and gradients of the functions below, by hand."""
    return np.sin(values * w) * w, np.cos(values * w) * w * w


def work_together(rounds, seed, yielding):
    """Two threads that use a shared leaf and each other's results; what they find wrong."""
    x = tape.tensor([0.3, 0.7], requires_grad=True)
    value, slope = derivatives(np.array([0.3, 0.7]), 0.5)
    pool = [(tape.sin(x * 0.5) * 0.5, 1.0)]  # tensors that are known multiples of the first
    wrong = []

    def work(number):
        rng = random.Random(1000 * seed + number)
        try:
            for _ in range(rounds):
                (a, m), (b, n) = rng.choice(pool[-8:]), rng.choice(pool[-8:])
                if yielding:
                    time.sleep(0)
                c, k = (a * 0.5 + b, 0.5 * m + n) if rng.random() < 0.5 else (b - a * 0.25, n - 0.25 * m)
                if abs(k) < 4:
                    pool.append((c, k))
                if not np.allclose(c.detach().numpy(), k * value, rtol=1e-9, atol=1e-12):
                    wrong.append(("value", c, k * value))
                if rng.random() < 0.5:
                    (g,) = tape.autograd.grad(c.sum(), x, retain_graph=True, create_graph=rng.random() < 0.2)
                    if not np.allclose(g.detach().numpy(), k * slope, rtol=1e-9, atol=1e-12):
                        wrong.append(("gradient", g, k * slope))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.fixture
def quick_switching():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("seed", range(6))
def test_threads_use_each_others_results(quick_switching, monkeypatch, seed):
    limit(monkeypatch, seed)
    assert work_together(150, seed, yielding=seed % 2) == []


def test_threads_race_for_one_recording(quick_switching):
    """Whoever comes first uses up the saved values; the other one is told, or is right too."""
    value = np.array([0.3, 0.7])
    for _ in range(100):
        x = tape.tensor(value, requires_grad=True)
        y = tape.sin(tape.sin(x) * x).sum()
        found = []

        def sweep(x=x, y=y, found=found):
            try:
                found.append(tape.autograd.grad(y, x)[0].numpy())
            except SpentError:
                found.append(None)

        threads = [threading.Thread(target=sweep) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        inner = np.sin(value) * value
        expected = np.cos(inner) * (np.cos(value) * value + np.sin(value))
        assert sum(f is not None for f in found) == 1
        np.testing.assert_allclose(next(f for f in found if f is not None), expected, rtol=1e-9)


def test_a_missing_second_look_is_found(quick_switching, monkeypatch):
    """Planted: imports may name tapes that close later. Threads must notice within a few runs."""
    numbers = columns.Tape.__init__

    def begin(self):
        numbers(self)

    def close(given):
        given.closed = given.closed or given.num
        if STATE.tape is given:
            STATE.tape = None
            columns.settle()

    monkeypatch.setattr(columns.Tape, "__init__", begin)
    for module in (columns, sys.modules["tape.reach"]):
        monkeypatch.setattr(module, "close", close)
    for seed in range(40):
        limit(monkeypatch, seed)
        if work_together(150, seed, yielding=True):
            return
    pytest.fail("forty runs did not notice")
