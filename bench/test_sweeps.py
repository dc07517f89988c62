"""Backward passes alone: of the chain, and of four rows beside others."""

import pytest

from bench.peers import library
from bench.programs import PROGRAMS
from bench.sweeps import chain_sweeps, first_small_sweep, small_sweep


def installed(name):
    module = library(name)
    if module is None:
        pytest.skip(f"{name} is not installed")
    return module


@pytest.mark.parametrize("name", ["tape", "torch"])
@pytest.mark.parametrize("program", ["chain", "chain_fan_in"])
def test_backward_alone(program, name, measure, smoke):
    installed(name)
    entry = chain_sweeps(PROGRAMS[program](smoke))[name]
    measure(entry.run, entry.prepare)


@pytest.mark.parametrize("name", ["tape", "torch"])
@pytest.mark.parametrize("others", [100, 100_000])
@pytest.mark.parametrize("place", ["end", "around"])
def test_four_rows(place, others, name, measure, smoke):
    measure(small_sweep(installed(name), 10 if smoke else others, place))


@pytest.mark.parametrize("name", ["tape", "torch"])
def test_four_rows_of_a_new_tape(name, measure, smoke):
    entry = first_small_sweep(installed(name), 10 if smoke else 10_000)
    measure(entry.run, entry.prepare)
