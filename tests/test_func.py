"""tape.func's gradients: values, structures of arguments, argnums, auxiliary values, and what they leave behind (nothing).

Where PyTorch has the function, the tests ask for what it does; `TAPE_TEST_MODULE=torch` runs them on it.
"""

import gc
import threading
import typing
import weakref

import numpy as np
import pytest
from under_test import leaf, near, numbers, same, torch

func = torch.func


class Pair(typing.NamedTuple):
    a: typing.Any
    b: typing.Any


def vector(*values):
    return torch.tensor(values, dtype=torch.float64)


def cubes(x):
    return (x**3).sum()


def test_gradient_of_a_scalar_function():
    near(func.grad(cubes)(vector(1.0, 2.0)), [3.0, 12.0])
    near(func.grad(torch.sin)(torch.tensor(0.5)), np.cos(0.5))


def test_value_and_gradient_in_both_orders():
    g, y = func.grad_and_value(cubes)(vector(1.0, 2.0))
    near(g, [3.0, 12.0])
    near(y, 9.0)
    if hasattr(func, "value_and_grad"):
        y, g = func.value_and_grad(cubes)(vector(1.0, 2.0))
        near(g, [3.0, 12.0])
        near(y, 9.0)


def product(a, b, scale=1.0):
    return (a * b * b).sum() * scale


@pytest.mark.parametrize("argnums", [0, 1, -1, -2])
def test_argnums_of_one(argnums):
    a, b = vector(1.0, 2.0), vector(3.0, 5.0)
    expected = [9.0, 25.0] if argnums in (0, -2) else [6.0, 20.0]
    near(func.grad(product, argnums=argnums)(a, b), expected)


def test_argnums_of_several_give_a_tuple_in_their_order():
    a, b = vector(1.0, 2.0), vector(3.0, 5.0)
    both = func.grad(product, argnums=(1, 0))(a, b)
    assert isinstance(both, tuple)
    near(both[0], [6.0, 20.0])
    near(both[1], [9.0, 25.0])
    (only,) = func.grad(product, argnums=(0,))(a, b)
    near(only, [9.0, 25.0])


def test_keyword_arguments_are_handed_on():
    near(func.grad(product)(vector(1.0), vector(3.0), scale=2.0), [18.0])


@pytest.mark.differs("PyTorch takes apart and rebuilds arguments that are not differentiated as well")
def test_other_arguments_reach_the_function_untouched():
    marks = {"n": 3, "name": "x", "data": np.arange(3.0)}

    def f(x, given, *, option):
        assert given is marks and option is None
        return (x * given["n"]).sum()

    near(func.grad(f)(vector(1.0), marks, option=None), [3.0])


STRUCTURES = {
    "tuple": (lambda a, b: (a, b), lambda t: (t[0], t[1])),
    "list": (lambda a, b: [a, b], lambda t: (t[0], t[1])),
    "dict": (lambda a, b: {"b": b, "a": a}, lambda t: (t["a"], t["b"])),
    "named tuple": (Pair, lambda t: (t.a, t.b)),
    "nested": (
        lambda a, b: {"x": [(a,)], "y": Pair(None if torch.__name__ == "tape" else a, b)},
        lambda t: (t["x"][0][0], t["y"].b),
    ),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures_of_arguments(name):
    build, take = STRUCTURES[name]
    a, b = vector(1.0, 2.0), vector(3.0, 5.0)
    tree = build(a, b)
    found = func.grad(lambda t: product(*take(t)))(tree)
    assert type(found) is type(tree)
    near(take(found)[0], [9.0, 25.0])
    near(take(found)[1], [6.0, 20.0])
    found, other = func.grad(lambda t, x: product(*take(t)) * x, argnums=(0, 1))(tree, torch.tensor(2.0))
    near(take(found)[1], [12.0, 40.0])
    near(other, 59.0)


def test_unused_arguments_have_zero_gradients():
    ga, gb = func.grad(lambda a, b: a.sum(), argnums=(0, 1))(vector(1.0, 2.0), vector(3.0))
    same(ga, [1.0, 1.0])
    same(gb, [0.0])
    same(func.grad(lambda a: torch.tensor(3.0))(vector(1.0, 2.0)), [0.0, 0.0])
    assert func.grad(lambda t: torch.tensor(1.0))(()) == ()


def test_one_tensor_twice_is_two_arguments():
    x = vector(2.0, 3.0)
    ga, gb = func.grad(product, argnums=(0, 1))(x, x)
    near(ga, [4.0, 9.0])
    near(gb, [8.0, 18.0])
    first, second = func.grad(lambda p: product(*p))((x, x))
    near(first, [4.0, 9.0])
    near(second, [8.0, 18.0])


def test_auxiliary_values():
    def f(x):
        return (x * x).sum(), {"twice": x * 2, "list": [x.sum()]}

    g, aux = func.grad(f, has_aux=True)(vector(1.0, 3.0))
    near(g, [2.0, 6.0])
    near(aux["twice"], [2.0, 6.0])
    near(aux["list"][0], 4.0)
    assert not aux["twice"].requires_grad
    g, (y, aux) = func.grad_and_value(f, has_aux=True)(vector(1.0, 3.0))
    near(y, 10.0)
    near(aux["list"][0], 4.0)
    if hasattr(func, "value_and_grad"):
        (y, aux), g = func.value_and_grad(f, has_aux=True)(vector(1.0, 3.0))
        near(y, 10.0)
        near(g, [2.0, 6.0])


def test_the_function_may_return_its_argument():
    same(func.grad(lambda x: x)(torch.tensor(3.0)), 1.0)
    g, (y, aux) = func.grad_and_value(lambda x: (x, x), has_aux=True)(torch.tensor(3.0))
    same(g, 1.0)
    for t in (y, aux):
        same(t, 3.0)
        assert not t.requires_grad


def test_float32_stays_float32():
    g, y = func.grad_and_value(cubes)(vector(1.0, 2.0).float())
    assert g.dtype == y.dtype == torch.float32
    near(g, [3.0, 12.0])
    ga, gb = func.grad(product, argnums=(0, 1))(vector(1.0).float(), vector(2.0))
    assert ga.dtype == torch.float32 and gb.dtype == torch.float64


def test_empty_arguments():
    same(func.grad(lambda x: x.sum())(torch.zeros(0)), np.zeros(0))
    same(func.grad(lambda x: x.sum())(torch.zeros(2, 0, 3)), np.zeros((2, 0, 3)))


# modes


def test_works_under_no_grad():
    x = leaf([1.0, 2.0])
    with torch.no_grad():
        g, y = func.grad_and_value(cubes)(x)
        second = func.grad(lambda x: func.grad(cubes)(x).sum())(x)
        assert not torch.is_grad_enabled()
    near(g, [3.0, 12.0])
    near(second, [6.0, 12.0])
    assert not (g.requires_grad or y.requires_grad or second.requires_grad)


def test_works_in_inference_mode():
    with torch.inference_mode():
        g = func.grad(cubes)(vector(1.0, 2.0))
        assert torch.is_inference_mode_enabled()
    near(g, [3.0, 12.0])
    assert not g.is_inference() and not g.requires_grad


def test_gradients_are_on_inside():
    seen = []

    def f(x):
        seen.append((torch.is_grad_enabled(), torch.is_inference_mode_enabled(), x.requires_grad))
        return cubes(x)

    x = vector(1.0)
    func.grad(f)(x)
    with torch.no_grad():
        func.grad(f)(x)
    with torch.inference_mode():
        func.grad(f)(x)
    assert seen == [(True, False, True)] * 3


def test_no_grad_inside_makes_constants():
    def f(x):
        with torch.no_grad():
            y = x * x
        return (y * x).sum()

    near(func.grad(f)(vector(1.0, 3.0)), [1.0, 9.0])
    near(func.grad(lambda x: (x.detach() * x).sum())(vector(1.0, 3.0)), [1.0, 3.0])


def test_a_gradient_under_no_grad_is_constant_outside():
    def f(x):
        with torch.no_grad():
            y = func.grad(cubes)(x)
        return (x * y).sum()

    near(func.grad(f)(vector(1.0, 2.0)), [3.0, 12.0])


def test_autograd_inside():
    def f(x):
        (g,) = torch.autograd.grad(cubes(x), x, create_graph=True)
        return g.sum()

    near(func.grad(f)(vector(1.0, 2.0)), [6.0, 12.0])


# what is left behind


def test_arguments_are_as_before():
    x, w = leaf([1.0, 2.0]), vector(3.0, 4.0)
    values = numbers(x), numbers(w)
    func.grad(lambda x, w: (x * w).sum(), argnums=(0, 1))(x, w)
    assert x.grad is None and w.grad is None
    assert x.requires_grad and x.is_leaf and not w.requires_grad
    same(x, values[0])
    same(w, values[1])


def test_closures_get_no_gradient_accumulated():
    w = leaf([3.0, 4.0])
    func.grad(lambda x: (x * w).sum())(vector(1.0, 2.0))
    assert w.grad is None


def test_nothing_is_kept_alive():
    refs = []

    def f(x):
        y = x * x
        refs.extend((weakref.ref(x), weakref.ref(y)))
        return y.sum()

    gc.disable()  # reference counting alone has to do
    try:
        g = func.grad(f)(vector(1.0, 2.0))
        assert [r() for r in refs] == [None, None]
    finally:
        gc.enable()
    near(g, [2.0, 4.0])
    assert g.grad_fn is None


def test_an_error_in_the_function_leaves_modes_alone():
    def f(x):
        raise KeyError("mine")

    for transform in (func.grad, func.jacrev, func.jacfwd, func.hessian):
        with torch.no_grad():
            with pytest.raises(KeyError, match="mine"):
                transform(f)(vector(1.0))
            assert not torch.is_grad_enabled()
        with pytest.raises(KeyError, match="mine"):
            func.grad(lambda x: transform(f)(x).sum())(vector(1.0))  # noqa: B023
    with pytest.raises(KeyError, match="mine"):
        func.jvp(f, (vector(1.0),), (vector(1.0),))
    near(func.grad(cubes)(vector(1.0)), [3.0])
    near(func.jvp(cubes, (vector(1.0),), (vector(1.0),))[1], 3.0)


def test_threads_transform_at_once():
    found = {}

    def work(i):
        x = vector(*np.linspace(0.1, 1.0, 5) * i)
        found[i] = [(numbers(func.grad(lambda x: func.grad(cubes)(x).sum())(x)), numbers(x)) for _ in range(30)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(1, 5)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 4
    for results in found.values():
        for g, x in results:
            np.testing.assert_allclose(g, 6 * x)
