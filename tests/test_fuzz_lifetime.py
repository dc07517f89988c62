"""Random programs over tape beside a plain graph: no wrong gradient, errors where they belong, nothing kept
long.

Tapes are made to close, import and prune often by small limits. Each program runs without the garbage
collector, so what dies dies by reference counting. `test_planted_faults_are_found` breaks tape; the same
programs must notice. A failure prints a short script: the program cut down to what it needs to fail.
"""

import gc
import random
import sys
from itertools import chain

import fuzz_watch
import numpy as np
import pytest
from fuzz_programs import ELEMENTWISE, Program, Run, Wrong, shorten

import tape
from compiled_ops.rows import IMPORT
from tape import columns, replay, rerecord, versions
from tape.autograd import engine

BROKEN = {**ELEMENTWISE, "grad": 12, "broken": 12}


@pytest.fixture
def watched(monkeypatch, idle):
    """Tapes are counted, and the collector rests."""
    gc.collect()
    gc.freeze()
    with fuzz_watch.watch(monkeypatch):
        yield monkeypatch
    gc.enable()
    gc.unfreeze()
    gc.collect()


def limit(monkeypatch, seed):
    """Small limits, others for each seed: often a tape closes after a few rows, sometimes as late as usual."""
    rng = random.Random(seed)
    small, most = rng.choice([3, 8, 20, 60, 2048]), rng.choice([8, 25, 80, 131_072])
    monkeypatch.setattr(columns, "LONG", small * columns.ROW)
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("tape.") and hasattr(module, "LIMIT"):
            monkeypatch.setattr(module, "LIMIT", most * columns.ROW)


def carry_out(monkeypatch, program, seed):
    limit(monkeypatch, seed)
    gc.collect()
    gc.disable()
    try:
        return Run(program).go()
    finally:
        gc.enable()


def disagreement(monkeypatch, program, seed):
    """What a program finds wrong, or None."""
    try:
        carry_out(monkeypatch, program, seed)
    except Wrong as error:
        return str(error)
    return None


def check(monkeypatch, seeds, **options):
    for seed in seeds:
        program = Program(seed, **options)
        if disagreement(monkeypatch, program, seed) is not None:
            short = shorten(program, lambda cut, seed=seed: disagreement(monkeypatch, cut, seed) is not None)
            pytest.fail(f"seed {seed}:\n{disagreement(monkeypatch, short, seed)}")


@pytest.mark.parametrize("block", range(5))
def test_random_programs(watched, block):
    check(watched, range(60 * block, 60 * block + 60))


def test_random_programs_with_broken_passes(watched):
    check(watched, range(2000, 2060), weights=BROKEN)


def test_random_programs_with_the_plain_sweep(watched):
    watched.setattr(engine, "compiled", lambda: False)
    check(watched, range(1000, 1040))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(3))  # a thousand programs take one to two minutes
def test_many_random_programs(watched, block):
    check(watched, range(10_000 + 1000 * block, 11_000 + 1000 * block))


def test_compiled_and_plain_sweeps_agree_to_the_last_bit(watched):
    for seed in range(60):
        program = Program(seed, weights=ELEMENTWISE)
        first = carry_out(watched, program, seed).results
        with watched.context() as patch:
            patch.setattr(engine, "compiled", lambda: False)
            second = carry_out(watched, program, seed).results
        assert len(first) == len(second)
        for a, b in zip(first, second, strict=True):
            assert (a is None) == (b is None)
            np.testing.assert_array_equal(a, b)


# Planted faults.


def numbers_drawn_at_opening(monkeypatch):
    def close(given):
        given.closed = given.closed or given.num
        if columns.STATE.tape is given:
            columns.STATE.tape = None
            columns.settle()

    for module in (columns, sys.modules["tape.reach"]):
        monkeypatch.setattr(module, "close", close)


def no_version_check(monkeypatch):
    monkeypatch.setattr(versions, "check", lambda *_: None)


def versions_forget_open_tapes(monkeypatch):
    monkeypatch.setattr(versions, "OPEN", {})


def shared_buffers_taken_over(monkeypatch):
    place = replay.Replay.place

    def placed(self, k, *rest):
        place(self, k, *rest)
        self.buffers[replay.m.REFS - replay.m.COLUMNS, self.columns[replay.m.BUFFER, k]] = 1

    monkeypatch.setattr(replay.Replay, "place", placed)


def nothing_spent(monkeypatch):
    hold = replay.Replay.hold
    monkeypatch.setattr(replay.Replay, "hold", lambda self, retain: hold(self, True))


def unheld_tapes_go_on(monkeypatch):
    monkeypatch.setattr(columns, "_UNHELD", 0)


def pruned_too_much(monkeypatch):
    def prune(given):
        for place in range(columns.ROW, len(given.rows), columns.ROW):
            if given.rows[place] > columns.MORE:
                given.rows[place + 3] = given.rows[place + 4] = columns.SPENT

    monkeypatch.setattr(columns, "prune", prune)


def imports_by_row_alone(monkeypatch):
    original = columns.import_row

    def import_row(given, home, row):
        for place in range(columns.ROW, len(given.rows), columns.ROW):
            if given.rows[place] == IMPORT and given.rows[place + 4] == row:
                return place
        return original(given, home, row)

    monkeypatch.setattr(columns, "import_row", import_row)


def roots_of_leaves_lost(monkeypatch):
    monkeypatch.setattr(engine._Sweep, "root", lambda self, home, row: self.reached.entry[home.num, row])


def fan_in_lost(monkeypatch):
    monkeypatch.setattr(engine, "compiled", lambda: False)
    monkeypatch.setattr(rerecord.Plain, "add", lambda self, k, g: self.gradients.update({k: g}))


def sweeps_hold_on(monkeypatch):
    held = []
    done = sys.modules["tape.reach"].Reached.done
    monkeypatch.setattr(
        sys.modules["tape.reach"].Reached, "done", lambda self: (held.append(self.tapes), done(self))[1]
    )


FAULTS = [
    numbers_drawn_at_opening,
    no_version_check,
    versions_forget_open_tapes,
    shared_buffers_taken_over,
    nothing_spent,
    unheld_tapes_go_on,
    pruned_too_much,
    imports_by_row_alone,
    roots_of_leaves_lost,
    fan_in_lost,
    sweeps_hold_on,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
def test_planted_faults_are_found(watched, fault):
    fault(watched)
    usual = ((seed, Program(seed)) for seed in range(100))
    broken = ((seed, Program(seed, weights=BROKEN)) for seed in range(300))
    assert any(disagreement(watched, program, seed) is not None for seed, program in chain(usual, broken))


# Loops.


def test_a_loop_over_a_held_value_keeps_little(watched):
    """The long loop over one non-leaf: what nobody holds is dropped when the tape is long."""
    watched.setattr(columns, "LONG", 50 * columns.ROW)
    x = tape.tensor(1.0, requires_grad=True)
    h = tape.sin(x)
    most = 0
    for _ in range(2000):
        (tape.sin(tape.tensor(0.5, requires_grad=True)) * 2 + h).sum()
        most = max(most, sum(len(t) for t in fuzz_watch.live()))
    assert most < 200


def test_a_tape_held_from_before_is_not_counted(watched):
    """As other tests leave them: the thread's last tape, which lives on when the next takes its place."""
    held = tape.tensor([1.0, 2.0], requires_grad=True) * 2
    check(watched, range(1))
    assert held.requires_grad
