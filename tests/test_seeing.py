"""What compiled functions tell of themselves: explain() names what a user has to know, to_python() runs; wrong options are refused."""

import re

import numpy as np
import pytest

import tape

X = np.array([1.0, 2.0, 3.0])
LONG = np.linspace(0.0, 1.0, 50)
LONG[7] = np.inf


def executed(source, name):
    space = {}
    exec(source, space)
    return space[name]


def test_guards_are_named_with_their_outcome_and_place():
    def f(x, how):
        if x[0] > 0 and float(x[1]) == 2.0:
            return how * x
        return -x

    compiled = tape.compile(f, native=False)
    compiled(X, 3)
    told = compiled.explain()
    assert re.search(r"guard bool\(\) True at .*test_seeing\.py:\d+", told) and re.search(r"guard item\(\) 2\.0 at .*test_seeing", told)
    assert "arguments float64[3], 3: 1 recordings" in told and "rows saved" in told


def test_tensors_and_functions_among_the_arguments():
    compiled = tape.compile(lambda x, f: f(x), native=False)
    compiled(tape.tensor(X, requires_grad=True), tape.sin)
    assert "arguments Tensor float64[3] with history, sin" in compiled.explain()


def test_many_guards_are_counted():
    def f(x):
        for _ in range(50):
            if x[0] > 0:
                x = x * 0.5
        return x

    compiled = tape.compile(f, native=False)
    compiled(X)
    assert "and 30 guards more" in compiled.explain()


@pytest.mark.parametrize("function", [lambda x: (x * LONG[:3]).sum(), lambda x: x[0] * np.minimum(LONG, 1.0) + LONG])
def test_source_runs_with_the_arrays_that_it_holds(function):
    compiled = tape.compile(function, native=False)
    expected = compiled(X)
    (found,) = executed(compiled.to_python(), "program")(X)
    np.testing.assert_array_equal(found, expected)


def test_source_says_what_it_cannot_write_out():
    held = np.arange(20_000.0)
    compiled = tape.compile(lambda x: x[0] * held, native=False)
    compiled(X)
    source = compiled.to_python()
    key = re.search(r"to be given as `constants`.*: (\w+)", source)[1]
    np.testing.assert_array_equal(executed(source, "program")(X, {key: held})[0], compiled(X))


@pytest.mark.parametrize(
    ("option", "error"),
    [
        ({"backend": "inductor"}, TypeError),
        ({"passes": ("folding",)}, ValueError),
        ({"passes": "fold"}, ValueError),
        ({"threads": 0}, ValueError),
        ({"limit": 0}, ValueError),
    ],
)
def test_options_that_mean_nothing_are_refused_at_once(option, error):
    with pytest.raises(error, match=f"compile: .*{next(iter(option))}.*(there are|wanted)"):
        tape.compile(**option)
