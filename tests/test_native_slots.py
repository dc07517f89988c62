"""Slots of scalar runs: every read finds the value of its row, written in the same call. Random loops, compared with rows one by one."""

import numpy as np
import pytest
from slot_simulation import faults
from under_test import torch

import tape
from tape.compile.native import scalar_text
from tape.compile.native.slots import Slots

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")

ONE = [torch.sin, torch.tanh, lambda a: a * a, lambda a: -a, lambda a: 1.0 / (a * a + 1.0), lambda a: a.clamp(-2.0, 2.0), torch.cos]
TWO = [torch.add, torch.mul, torch.sub, lambda a, b: a / (b * b + 1.0), torch.maximum, lambda a, b: torch.where(a > b, a, b * 0.5)]


@pytest.fixture
def plans(monkeypatch):
    """All plans that are made."""
    made = []

    def keep(columns, loops):
        made.append(Slots(columns, loops))
        return made[-1]

    monkeypatch.setattr(scalar_text, "Slots", keep)
    monkeypatch.setenv("TAPE_CACHE_DIR", "")
    return made


def random_loops(seed):
    """A function of a vector and a number: loops over some variables and a buffer that is written to."""
    rng = np.random.default_rng(seed)
    size, buffered = int(rng.choice([3, 5, 8, 17])), bool(rng.integers(2))
    factors = np.round(rng.standard_normal(60), 2)
    steps = [
        ([tuple(rng.integers(0, 30, 5).tolist()) for _ in range(rng.integers(1, 5))], int(rng.choice([3, 4, 7, 8, 16, 33])), *rng.integers(0, 4, 2).tolist())
        for _ in range(rng.integers(1, 4))
    ]

    def f(x, y):
        v, kept = [x[0], x[1] * y, y * 1.0, x[-1], x[0] * 0.0 + 1.0], []
        buffer = x.clone()
        for body, times, stride, offset in steps:
            for k in range(times):
                for what, which, i, j, c in body:
                    i, j = i % 5, j % 5
                    if what % 5 == 0:
                        v[i] = ONE[which % len(ONE)](v[i])
                    elif what % 5 == 1:
                        v[i] = TWO[which % len(TWO)](v[i], v[j])
                    elif what % 5 == 2:
                        v[i] = v[j] * 0.5 + float(factors[(k * stride + c) % 60])
                    elif what % 5 == 3:
                        v[i] = TWO[which % len(TWO)](v[j], x[(k * stride + offset) % size])
                    elif buffered:
                        buffer[(k * stride + offset) % size] = v[i] * 0.5 + buffer[(k + offset) % size] * 0.25
                v = [v[0].tanh(), *[each.clamp(-50.0, 50.0) for each in v[1:]]]
                if k % 3 == 0:
                    kept.append(v[k % 5])
        return sum(v) + sum(kept) + (buffer * buffer).sum()

    return f, size


@pytest.mark.parametrize("seed", [*range(20), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(20, 120))])
def test_random_loops_read_what_they_wrote(seed, plans):
    f, size = random_loops(seed)
    compiled = tape.compile(tape.func.value_and_grad(f, (0, 1)))
    rng = np.random.default_rng(seed)
    compiled(rng.standard_normal(size), 0.5)
    assert compiled.wait(120)
    assert plans and not [fault for plan in plans for fault in faults(plan)]
    for _ in range(2):
        x, y = rng.standard_normal(size), float(rng.standard_normal())
        value, slopes = tape.func.value_and_grad(f, (0, 1))(torch.tensor(x), torch.tensor(y, dtype=torch.float64))
        found, (in_x, in_y) = compiled(x, y)
        np.testing.assert_allclose([found, in_y], [value.item(), slopes[1].item()], rtol=1e-9)
        np.testing.assert_allclose(in_x, slopes[0], rtol=1e-9, atol=1e-12)


def last_of_its_own(x):
    """A loop that gathers its own values of other iterations, that of the last one among them."""
    buffer, a, e, one = x.clone(), x[0], x[2], x[0] * 0 + 1
    for k in range(15):
        buffer[(3 * k + 2) % 5] = e * 0.5 + buffer[(k + 2) % 5] * 0.25
        a, e, one = a.tanh(), e.clamp(-50, 50), one.clamp(-50, 50)
    return a + e + one + (buffer * buffer).sum()


def test_a_loop_reads_its_last_iteration(plans):
    compiled, rng = tape.compile(tape.func.value_and_grad(last_of_its_own)), np.random.default_rng(231)
    compiled(rng.standard_normal(5))
    assert compiled.wait(60) and not [fault for plan in plans for fault in faults(plan)]
    for _ in range(3):
        x = rng.standard_normal(5)
        value, slope = tape.func.value_and_grad(last_of_its_own)(torch.tensor(x))
        found, gradient = compiled(x)
        np.testing.assert_allclose(found, value.item(), rtol=1e-12)
        np.testing.assert_allclose(gradient, slope, rtol=1e-12)


def test_the_simulation_finds_a_planted_fault(plans, monkeypatch):
    needed = Slots._slot_needed
    monkeypatch.setattr(Slots, "_slot_needed", lambda self, row, reader=-1: needed(self, row))
    place = Slots.slot
    monkeypatch.setattr(Slots, "slot", lambda self, row, reader=-1: place(self, row))
    compiled = tape.compile(tape.func.value_and_grad(last_of_its_own))
    compiled(np.random.default_rng(231).standard_normal(5))
    compiled.wait(60)
    assert [fault for plan in plans for fault in faults(plan)]
