"""Random programs do the same compiled as eagerly, and the fuzzer sees what it is there to see: planted faults of four kinds."""

import fuzz_compile as fuzz
import pytest
from fuzz_compile_programs import Source

from tape.compile import opcodes, program
from tape.compile.outside import watch as outside
from tape.compile.passes import algebra
from tape.compile.recording import Recording
from tape.compile.variant import Variant

COUNT, SECONDS = 150, 25.0


def test_the_same_seed_is_the_same_program():
    for seed in range(30):
        assert Source(seed).text(True) == Source(seed).text(True) and Source(seed).calls == Source(seed).calls
        compile(Source(seed).text(False), "program", "exec")


def test_random_programs():
    counts, found = fuzz.search(range(COUNT), seconds=SECONDS, most=3)
    assert not found, "\n\n".join(found)
    assert counts["programs"] < 20 or counts["calls equal to the last bit"] > 0.9 * counts["calls"], counts
    assert counts["calls of which rounding decides"] < 0.02 * counts["calls"] + 2, counts
    assert counts["programs that run eagerly"] < 0.3 * counts["programs"] + 3, counts


@pytest.mark.slow
@pytest.mark.parametrize("native", [False, True])
def test_many_random_programs(native):
    _, found = fuzz.search(range(10_000, 10_110 if native else 10_230), native, seconds=120.0, most=3)
    assert not found, "\n\n".join(found)


def ignore_guards(monkeypatch):
    monkeypatch.setattr(program.Guard, "see", lambda self, value: self.outcome)


def freeze_numbers(monkeypatch):
    monkeypatch.setattr(Recording, "value", lambda self, x, asked: x.now)


def forget_the_outside(monkeypatch):
    monkeypatch.setattr(outside, "check_of", lambda parts: lambda: True)


def break_a_rule(monkeypatch):
    """A select is its first branch, and nobody proves the optimised program at the inputs recorded (which would refuse it)."""

    def first_branch(draft, row, mask, a):
        if draft.spec[a] is draft.spec[row]:
            draft.replace(row, a)

    monkeypatch.setitem(algebra._RULES, opcodes.SELECT, first_branch)
    monkeypatch.setattr(Variant, "_check", lambda self, tier: None)


@pytest.mark.parametrize("plant", [ignore_guards, freeze_numbers, forget_the_outside, break_a_rule])
def test_planted_faults_are_found(plant, monkeypatch):
    for seed in range(COUNT):
        with monkeypatch.context() as planted:
            plant(planted)
            told = fuzz.fails(Source(seed))
        if told and fuzz.fails(Source(seed)) is None:
            return
    raise AssertionError("no program noticed")


@pytest.mark.parametrize("seed", [600152, 601675, 609386])
def test_programs_that_once_differed(seed):
    """A number that one tier rounds otherwise than the guard of another program holds it; an element that a row saved and that was written over;
    a result that nobody used, whose derivative is NaN."""
    assert fuzz.fails(Source(seed)) is None
