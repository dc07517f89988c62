"""Value and gradient of compiled programs by each contender, which must agree with the gradient by hand; the
other figures of compiled programs, once each in a small size.

Under `--smoke`, peers that compile for seconds are left out.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from bench import compiled
from bench.allocations import beyond_results
from bench.compiled_figures import NAMES, OBJECTS, allocations, checked, held, hessian_product, million_rows
from bench.compiled_peers import MAKERS, arguments, eager_only, make, ready, tier
from bench.compiled_programs import COMPILED, FIRST_TIER, THREADS, Limit
from bench.figures import Effort
from bench.first_call import first_call
from bench.scalar_rows import INPUTS, MATH, mixed, start, text

SLOW = {"jax", "jax scan", "torch.compile"}


@pytest.mark.parametrize("name", [*NAMES, FIRST_TIER, THREADS])
@pytest.mark.parametrize("program", COMPILED)
def test_value_and_gradient(program, name, measure, smoke):
    chosen = COMPILED[program](smoke)
    if name in {"jax scan", FIRST_TIER, THREADS} - set(chosen.also):
        pytest.skip(f"{name} says nothing about this program")
    if smoke and name in SLOW:
        pytest.skip(f"{name} compiles for seconds; run without --smoke")
    if name in chosen.hard or name == "torch.compile":
        pytest.skip(
            f"{name} may compile for minutes; python -m bench.compiled waits for it in another process"
        )
    call = make(name, chosen)
    if call is None:
        pytest.skip(f"{name} is not installed, or the program not written for it")
    checked(name, call, chosen)
    point = arguments(name, chosen)[0]
    measure(lambda: call(*point))


@pytest.mark.parametrize("program", COMPILED)
def test_native_code_serves(program):
    if eager_only():
        pytest.skip("there is no tape.compile")
    chosen = COMPILED[program](True)
    call = make("tape", chosen)
    ready(call, chosen.points)
    assert tier(call) == "native", call.explain()


def test_jax_once(measure, smoke):
    chosen = COMPILED["rosenbrock_2"](smoke)
    call = make("jax", chosen)
    if call is None:
        pytest.skip("jax is not installed")
    checked("jax", call, chosen)
    measure(lambda: call(*chosen.points[0]))


def test_rows_that_repeat_and_rows_that_do_not(measure, smoke):
    chosen = mixed(True)
    call = make("tape", chosen)
    checked("tape", call, chosen)
    measure(lambda: call(*chosen.points[0]))


@pytest.mark.parametrize("share", [1.0, 0.95, 0.0])
def test_no_operation_is_dead(share):
    values = []

    class Counted(float):
        """A number that knows which operation made it, and who used it."""

        def __new__(cls, value, *sources):
            made = super().__new__(cls, value)
            made.sources = sources
            values.append(made)
            return made

        def __add__(self, other):
            return Counted(float(self) + float(other), self, other)

        def __sub__(self, other):
            return Counted(float(self) - float(other), self, other)

        def __mul__(self, other):
            return Counted(float(self) * float(other), self, other)

    functions = {name: lambda x, of=of: Counted(of(x), x) for name, of in vars(MATH).items()}
    result = text(SimpleNamespace(**functions), [Counted(v) for v in start()], 900, share)
    assert result == text(MATH, start().tolist(), 900, share)
    alive, found = [result], {id(result)}
    while alive:
        for source in alive.pop().sources:
            if id(source) not in found:
                found.add(id(source))
                alive.append(source)
    assert sum(id(value) in found for value in values if value.sources) == len(values) - INPUTS >= 900


@pytest.mark.parametrize("figure", [hessian_product, million_rows, allocations])
def test_figure(figure):
    if eager_only():
        pytest.skip("there is no tape.compile")
    assert all(line.what for line in figure(Effort(True, 1, 0.0)))


def test_first_call_in_a_fresh_process():
    found = first_call("tape", "rosenbrock_2", 60.0, smoke=True)
    assert 0 < found["first"] <= found["ready"]


def test_a_first_call_that_takes_too_long():
    with pytest.raises(TimeoutError, match="tape with rosenbrock_2 takes more than 0.01 s"):
        first_call("tape", "rosenbrock_2", 0.01, smoke=True)


def test_a_wrong_contender_is_an_error():
    chosen = COMPILED["rosenbrock_10"](True)
    with pytest.raises(AssertionError, match="wrong against by hand: gradient 0"):
        checked("wrong", lambda x: (chosen.by_hand(x)[0], chosen.by_hand(x)[1] * (1 + 1e-8)), chosen)


def test_a_result_of_the_point_before_is_an_error():
    chosen = COMPILED["rosenbrock_10"](True)
    stale = chosen.by_hand(*chosen.points[0])
    with pytest.raises(AssertionError, match="stale against by hand"):
        checked("stale", lambda x: stale, chosen)


def test_a_wrong_contender_leaves_the_times_of_others(monkeypatch, capsys):
    monkeypatch.setitem(MAKERS, "tape", lambda chosen: lambda x: (0.0, x))
    assert compiled.main(["--only", "rosenbrock_2", "--smoke", "--without", "jax"]) == 1
    table = capsys.readouterr().out
    assert "WRONG" in table and "RuntimeError: tape: AssertionError" in table


def test_bytes_beyond_results():
    grow = np.ones(10_000)
    assert beyond_results(lambda x: (1.0, x + 1.0), ((grow,),)) <= OBJECTS
    assert beyond_results(lambda x: (x + 1.0).sum(), ((grow,),)) >= grow.nbytes


def test_limits():
    times = {"tape": 1.0, "by hand": 0.5, "jax": 8.0, "torch": 4.0}
    assert held(Limit(1.5, ("by hand",)), times, 1.0) == ("2x", "<= 1.5x by hand", False)
    assert held(Limit(1 / 8, ("jax",)), times, 1.0) == ("8x faster", "8x faster than jax", True)
    assert held(Limit(1.0, ("jax", "torch", "HIPS")), times, 1.0)[::2] == ("0.25x (torch)", True)
    assert held(Limit(1.0, ("jax", "torch.compile")), times, 1.0)[::2] == ("0.125x (jax)", None)
    assert held(Limit(0.6), times, 2.0) == ("at pace 1: 500 ms", "<= 600 ms", True)
    assert held(Limit(1.0, ("CasADi",)), times, 1.0)[2] is None


def test_the_table(capsys):
    assert compiled.main(["--only", "rosenbrock_2", "--smoke", "--without", "jax"]) == 0
    assert "| what" in capsys.readouterr().out
