"""to_python() runs by itself: calls are written by name, every array of the result is returned, names of the user's functions are kept."""

import keyword

import numpy as np
import pytest

import tape
from tape.func.structures import flatten

X = np.array([0.3, -0.7, 1.2])
LONG = np.linspace(0.0, 1.0, 20_000)
grad = tape.func.grad


def executed(compiled, *arguments):
    """The result of the source, its arrays in order."""
    source, space = compiled.to_python(), {}
    exec(compile(source, "<source>", "exec"), space)
    found = [each for each in space.values() if getattr(each, "__code__", None) and each.__code__.co_filename == "<source>"][-1]
    return found(*arguments), source


def assert_same(found, result):
    wanted = flatten(result)[0]
    assert len(found) == len(wanted)
    for ours, theirs in zip(map(np.asarray, found), map(np.asarray, wanted), strict=True):
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape and ours.tobytes() == theirs.tobytes()


def spd(x):
    return x.outer(x) + tape.eye(3)


def watched(x):
    with np.errstate(invalid="raise"):
        return np.sort(x)


FUNCTIONS = {  # with a piece of the source
    "cumsum": (lambda x: x.cumsum(0), "np.add.accumulate("),
    "cumsum of many": (lambda x: x.repeat(300).cumsum(0), "np.add.accumulate("),
    "cumsum of a gradient": (lambda x: grad(lambda x: (x.cumsum(0) ** 2).sum())(x), "np.flip(np.add.accumulate("),
    "cumprod": (lambda x: x.cumprod(0), "np.multiply.accumulate("),
    "sort": (lambda x: x.sort(), "np.argsort(x, axis=0, kind='stable')"),
    "sort with a gradient": (lambda x: grad(lambda x: (x.sort()[0] * tape.arange(3)).sum())(x), "written_at(np.add, "),
    "argmax": (lambda x: x.argmax(), "np.asarray(np.argmax(x))"),
    "solve": (lambda x: tape.linalg.solve(spd(x), x), "np.linalg.solve("),
    "inverse": (lambda x: tape.linalg.inv(spd(x)), "np.linalg.inv("),
    "indices": (lambda x: x[[0, 2]], "x[np.array([0, 2], 'int64')]"),
    "indices beside slices": (lambda x: x.outer(x)[[0, 2], 1:], "[np.array([0, 2], 'int64'), "),
    "indices of a gradient": (lambda x: grad(lambda x: (x[[0, 0]] ** 2).sum())(x), "written_at(np.add, "),
    "written to indices": (lambda x: x.clone().index_put((tape.tensor([0, 2]),), x[:2]), "replaced("),
    "mask": (lambda x: x[x > 0], "x[0.0 < x]|x[x > 0.0]"),
    "take": (lambda x: np.take(x, [2, 0]), "x[np.array([2, 0], 'int64')]"),
    "interp": (lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]), "np.searchsorted(np.array([0.0, 1.0, 2.0], 'float64'), x, side='right')"),
    "eigenvalues": (lambda x: tape.linalg.eigh(spd(x)), "from tape.functions.lapack import symmetric"),
    "determinant": (lambda x: tape.linalg.det(spd(x)), "from tape.functions.lapack import determinant"),
    "bessel": (lambda x: tape.special.jv(1.5, x.abs()), "np.array(1.5, 'float64')"),
    "fourier": (lambda x: tape.fft.rfft(x), "np.dtype('<c16')"),
    "unique": (lambda x: tape.unique(x), "call_1[0]"),
    "under a floating-point state": (watched, "'invalid': 'raise'}, np.argsort, x"),
    "of floats": (lambda x: (x * 2.0, float(x[0]), (x[0] * 2).sin()), "np.sin(|sin("),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_calls_are_written_by_name(name):
    function, piece = FUNCTIONS[name]
    compiled = tape.compile(function, native=False)
    result = compiled(X)
    found, source = executed(compiled, X)
    assert_same(found, result)
    assert any(each in source for each in piece.split("|")) and not compiled.constants() and "constants" not in source


def test_other_calls_and_long_arrays_are_given_as_constants():
    indices = np.arange(40) % 3
    compiled = tape.compile(lambda x: (np.convolve(x, [1.0, 2.0]), x[0] * LONG, x[indices], LONG), native=False)
    result = compiled(X)
    held = compiled.constants()
    found, source = executed(compiled, X, held)
    assert_same(found, result)
    assert "constants() has them" in source and any(callable(each) for each in held.values())
    found[-1][:] = 0.0
    assert_same(executed(compiled, X, held)[0], result)


CONSTANT = {
    "a gradient": lambda x: tape.func.value_and_grad(lambda x: (3.0 * x).sum())(x),
    "around": lambda x: (tape.ones(2), x.sin(), tape.zeros(3)),
    "numbers": lambda x: {"one": 1, "x": x, "half": 0.5, "many": np.arange(50.0), "true": True, "nan": float("nan")},
    "twice": lambda x: [x + 1.0, tape.eye(2), x + 1.0],
    "nothing else": lambda x: tape.tensor([1.0, np.inf]),
}


@pytest.mark.parametrize("name", CONSTANT)
def test_constants_of_the_result_keep_their_places(name):
    compiled = tape.compile(CONSTANT[name], native=False)
    result = compiled(X)
    assert_same(executed(compiled, X)[0], result)


def softplus(x):
    return tape.nn.functional.softplus(x).sum()


def strong(x):
    return grad(lambda x: tape.where(x > 0, x.log(), x).sum())(x)


def scatter(x):
    return grad(lambda x: (x[1:].sin() * x[:-1]).sum())(x)


def written_at(x):
    return grad(lambda x: (x[[0, 0]] ** 2).sum())(x)


def symmetric(x):
    return tape.linalg.eigh(spd(x))[0]


def x_(x):
    return x.erf()


def renamed(function, name):
    def changed(x):
        return function(x)

    changed.__name__ = name
    return changed


SHADOWING = [softplus, strong, scatter, written_at, symmetric, x_]


@pytest.mark.parametrize("function", SHADOWING, ids=lambda f: f.__name__)
def test_functions_named_like_those_of_the_source_keep_their_name(function):
    compiled = tape.compile(function, native=False)
    result = compiled(X)
    found, source = executed(compiled, X)
    assert_same(found, result)
    assert f"\ndef {function.__name__}(x):" in source


@pytest.mark.parametrize("name", ["np", "class", "constants", "CONSTANTS", "primitive", "range", "scipy", "not a name", "2nd", "sum", "x"])
@pytest.mark.parametrize("function", [*SHADOWING, lambda x: (x.outer(x)[0, 1:], tape.stack([x[0], x[2] * x[1]]))], ids=lambda f: f.__name__)
def test_functions_of_any_name(function, name):
    compiled = tape.compile(renamed(function, name), native=False)
    result = compiled(X)
    found, source = executed(compiled, X)
    assert_same(found, result)
    if name in ("sum", "x"):
        assert f"def {name}(x):" in source
    assert not keyword.iskeyword(source.rpartition("\ndef ")[2].partition("(")[0])
