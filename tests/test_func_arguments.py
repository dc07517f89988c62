"""What only tape.func takes: arrays, numbers, dataclasses, None; and how it says what was wrong with what it was given."""

import dataclasses
import types

import numpy as np
import pytest

import tape
from tape import func


@dataclasses.dataclass(frozen=True)
class Line:
    slope: object
    offset: object
    degree: int = dataclasses.field(default=2, metadata={"static": True})


def parabola(line, x):
    return ((line.slope * x + line.offset) ** line.degree).sum()


X = np.array([1.0, 2.0])


def close(t, expected):
    assert isinstance(t, tape.Tensor) and not t.requires_grad
    np.testing.assert_allclose(t.numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize(
    "number", [3.0, np.float64(3.0), np.array(3.0), tape.tensor(3.0)], ids=["float", "float64", "array", "Tensor"]
)
def test_numbers_and_arrays_are_values(number):
    close(func.grad(lambda x: x**3)(number), 27.0)
    value, g = func.value_and_grad(lambda x: x**3)(number)
    close(value, 27.0)
    close(func.jvp(lambda x: x**3, (number,), (2.0,))[1], 54.0)
    y, pullback = func.vjp(lambda x: x**3, number)
    close(pullback(2.0)[0], 54.0)
    close(func.jacrev(lambda x: x**3)(number), 27.0)
    close(func.jacfwd(lambda x: x**3)(number), 27.0)
    close(func.hessian(lambda x: x**3)(number), 18.0)
    close(func.hvp(lambda x: x**3, number, 2.0), 36.0)


def test_arrays_are_copied():
    x = np.array([1.0, 2.0])
    y, pullback = func.vjp(lambda x: x**3, x)
    returned, _ = func.vjp(lambda x: x, x)
    x[:] = 0.0
    close(y, [1.0, 8.0])
    close(returned, [1.0, 2.0])
    close(pullback(np.array([1, 1]))[0], [3.0, 12.0])


def test_dtypes_of_arrays_are_kept():
    g = func.grad(lambda p: (p["a"] ** 2).sum() + p["b"])({"a": np.ones(2, np.float32), "b": 1.0})
    assert g["a"].dtype == np.float32 and g["b"].dtype == np.float64


@pytest.mark.parametrize("line", [Line(3.0, 1.0), Line(np.array(3.0), np.array(1.0)), Line(tape.tensor(3.0), 1.0, 2)])
def test_dataclasses(line):
    g = func.grad(parabola)(line, tape.tensor(X))
    assert type(g) is Line and g.degree == 2
    close(g.slope, 2 * (4 + 2 * 7))
    close(g.offset, 2 * (4 + 7))
    h = func.hessian(parabola)(line, tape.tensor(X))
    close(h.slope.slope, 2 * (1 + 4.0))
    close(h.slope.offset, 2 * (1 + 2.0))
    close(h.offset.offset, 4.0)
    _, t = func.jvp(lambda line: parabola(line, X), (line,), (Line(1.0, 10.0),))
    close(t, 36 + 220.0)
    close(func.hvp(lambda line: parabola(line, X), line, Line(1.0, 10.0)).slope, 10 + 60.0)
    _, pullback = func.vjp(lambda line: Line(line.slope * X, line.offset), line)
    close(pullback(Line(X, 5.0))[0].slope, 5.0)
    close(func.jacrev(lambda line: Line(line.slope * X, line.offset))(line).slope.slope, X)
    close(func.jacfwd(lambda line: Line(line.slope * X, line.offset))(line).slope.slope, X)


def test_none_holds_no_value():
    g = func.grad(lambda p: (p["a"] ** 2).sum())({"a": X, "b": None})
    close(g["a"], 2 * X)
    assert g["b"] is None
    assert func.jacrev(lambda x: (x, None))(X)[1] is None
    _, t = func.jvp(lambda p: [p[0], None], ((X, None),), ((X, None),))
    assert t[1] is None


def test_whatever_is_in_aux_comes_back():
    thing = types.SimpleNamespace()
    g, aux = func.grad(lambda x: ((x * x).sum(), ["text", thing, 3, None]), has_aux=True)(X)
    assert aux == ["text", thing, 3, None]
    _, _, aux = func.jvp(lambda x: (x, {"t": thing}), (X,), (X,), has_aux=True)
    assert aux["t"] is thing


def test_results_have_the_name_of_the_function():
    for transform in (func.grad, func.value_and_grad, func.grad_and_value, func.jacrev, func.jacfwd):
        made = transform(parabola)
        assert made.__name__ == "parabola" and made.__wrapped__ is parabola


# errors


def square(x):
    return (x * x).sum()


GRADIENTS = [func.grad, func.value_and_grad, func.grad_and_value]


@pytest.mark.parametrize("transform", [*GRADIENTS, func.jacrev, func.jacfwd])
@pytest.mark.parametrize(
    ("argnums", "message"),
    [
        (1, "argument 1, but only 1 positional"),
        (-2, "argument -2, but only 1 positional"),
        ((0, 1), "argument 1, but only 1"),
        ((0, -1), "names an argument twice"),
        ((), "argnums is empty"),
        ([0], "wanted an int or a tuple"),
        (0.0, "wanted an int or a tuple"),
        ("x", "wanted an int or a tuple"),
        (True, "wanted an int or a tuple"),
        ((0, "x"), "wanted an int or a tuple"),
    ],
)
def test_argnums_that_are_wrong(transform, argnums, message):
    with pytest.raises(RuntimeError, match=message):
        transform(square, argnums=argnums)(X)


@pytest.mark.parametrize("transform", [*GRADIENTS, func.jacrev, func.jacfwd])
@pytest.mark.parametrize(
    ("argument", "place"),
    [
        (tape.tensor([1, 2]), "argument 0 has dtype int64"),
        (3, "argument 0 has dtype int64"),
        (True, "argument 0 has dtype bool"),
        ({"w": [X, np.arange(3)]}, r"argument 0\['w'\]\[1\] has dtype int64"),
        (Line(1.0, 2), r"argument 0\.offset has dtype int64"),
    ],
)
def test_arguments_that_are_not_floating(transform, argument, place):
    with pytest.raises(ValueError if transform is func.jacfwd else RuntimeError, match=place):
        transform(lambda x: tape.ones(()))(argument)


def test_the_argument_is_named_among_several():
    with pytest.raises(RuntimeError, match=r"argument 1\['n'\] has dtype int64"):
        func.grad(lambda *args: square(args[0]), argnums=(0, -1))(X, {"n": 3})


@pytest.mark.parametrize("leaf", ["text", len, {1, 2}, object()])
def test_arguments_that_are_no_values(leaf):
    kind = type(leaf).__name__
    with pytest.raises(ValueError, match=rf"argument 0\['b'\] is a {kind}"):
        func.grad(lambda p: square(p["a"]))({"a": X, "b": leaf})
    with pytest.raises(ValueError, match=rf"argument 0\[0\] is a {kind}"):
        func.jvp(lambda p: p[1], ((leaf, X),), ((leaf, X),))


@pytest.mark.parametrize("transform", GRADIENTS)
@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (lambda x: x, r"a Tensor of shape \(2,\); a gradient wants a 0-d Tensor"),
        (lambda x: x[:1], r"a Tensor of shape \(1,\)"),
        (lambda x: (square(x), x), "a tuple of 2 entries"),
        (lambda x: 3.0, r"returned 3\.0"),
        (lambda x: None, "returned None"),
        (lambda x: np.ones(()), "a ndarray"),
    ],
)
def test_outputs_without_a_gradient(transform, returned, message):
    with pytest.raises(RuntimeError, match=message):
        transform(returned)(X)


@pytest.mark.parametrize("transform", [*GRADIENTS, func.jacrev, func.jacfwd])
@pytest.mark.parametrize("returned", [square, lambda x: (square(x),), lambda x: (square(x), 1, 2), lambda x: [square(x), 1]])
def test_has_aux_wants_a_pair(transform, returned):
    with pytest.raises(RuntimeError, match=r"must return a pair \(output, aux\)"):
        transform(returned, has_aux=True)(X)


@pytest.mark.parametrize(
    "transform", [func.jacrev, func.jacfwd, lambda f: lambda x: func.vjp(f, x), lambda f: lambda x: func.jvp(f, (x,), (x,))]
)
def test_outputs_that_are_no_tensors(transform):
    with pytest.raises(RuntimeError, match=r"returned 3\.0 at \['b'\]\[0\]"):
        transform(lambda x: {"a": x, "b": [3.0]})(X)
    with pytest.raises(RuntimeError, match="holds no Tensor"):
        transform(lambda x: ())(X)


@pytest.mark.parametrize(
    ("cotangents", "message"),
    [
        (X, r"must have the structure \{'a': \*, 'b': \(\*,\)\}: got a ndarray; wanted a dict"),
        ({"a": X}, r"got the keys \['a'\]"),
        ({"a": X, "b": (X, X)}, r"got 2 entries at \['b'\]; wanted 1"),
        ({"a": X[:1], "b": (X,)}, r"cotangents at \['a'\] have shape \(1,\); wanted \(2,\)"),
        ({"a": X, "b": (2.0,)}, r"cotangents at \['b'\]\[0\] have shape \(\); wanted \(2,\)"),
        ({"a": X, "b": ("x",)}, r"cotangents at \['b'\]\[0\] hold 'x'"),
    ],
)
def test_cotangents_of_another_structure_or_shape(cotangents, message):
    _, pullback = func.vjp(lambda x: {"a": x, "b": (x * x,)}, X)
    with pytest.raises(RuntimeError, match=message):
        pullback(cotangents)
    close(pullback({"b": (X,), "a": X})[0], X + 2 * X * X)


@pytest.mark.parametrize(
    ("primals", "tangents", "error", "message"),
    [
        (X, (X,), RuntimeError, "primals is a ndarray; wanted a tuple"),
        ([X], [X], RuntimeError, "primals is a list; wanted a tuple"),
        ((), (), RuntimeError, "primals hold no value"),
        ((X,), X, RuntimeError, "wanted a tuple there"),
        ((X,), (X, X), RuntimeError, "got 2 entries; wanted 1"),
        ((X,), (X[:1],), RuntimeError, r"tangents at \[0\] have shape \(1,\)"),
        (({"a": X},), ({"b": X},), RuntimeError, r"got the keys \['b'\] at \[0\]"),
        ((np.arange(2),), (X,), ValueError, "argument 0 has dtype int64"),
    ],
)
def test_primals_and_tangents_that_do_not_fit(primals, tangents, error, message):
    with pytest.raises(error, match=message):
        func.jvp(square, primals, tangents)


def test_hvp_says_what_does_not_fit():
    with pytest.raises(RuntimeError, match="0-d Tensor"):
        func.hvp(lambda x: x, X, X)
    with pytest.raises(RuntimeError, match=r"hvp: the tangents have shape \(1,\); wanted \(2,\)"):
        func.hvp(square, X, X[:1])
    with pytest.raises(RuntimeError, match="hvp: .*structure"):
        func.hvp(square, {"a": X}, X)


def test_functions_must_not_write_into_their_arguments():
    def writes(x):
        x.mul_(2.0)
        return square(x)

    def writes_under_no_grad(x):
        with tape.no_grad():
            x.mul_(2.0)
        return square(x)

    for f in (writes, writes_under_no_grad):
        for x in (tape.tensor(X), tape.tensor(X).requires_grad_() * 1, tape.tensor(3.0)):
            with pytest.raises(RuntimeError, match="in place|mul_"):
                func.grad(f)(x)
    x = tape.tensor(X)
    close(func.grad(lambda x: writes(x.clone()))(x), 8 * X)
    close(x, X)
