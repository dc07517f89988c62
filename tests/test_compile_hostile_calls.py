"""Calls of compiled functions that an adversary would make: arguments that are equal and yet differ, results that are written into,
modes and dual levels around the call, tensors left behind, operations that fail at some values. The contract is that of test_compile_hostile.
"""

import ctypes
from decimal import Decimal

import numpy as np
import pytest
from test_compile_hostile import POINTS, plainly, reasons, same
from under_test import torch

import tape
from tape.func.structures import flatten

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")


class Tagged:
    """Equal by name, whatever the weight."""

    def __init__(self, name, weight):
        self.name, self.weight = name, weight

    def __eq__(self, other):
        return self.name == other.name

    def __hash__(self):
        return hash(self.name)


X = np.array([1.0, 2.0])
STATIC = {
    "objects equal by name": (lambda x, o: x * o.weight, [Tagged("a", 2.0), Tagged("a", 3.0)]),
    "one of several kinds": (lambda x, o: x * (2 if next(iter(o)) is True else 3), [frozenset([1]), frozenset([True])]),
    "a complex number's zero": (lambda x, z: x * float(np.sqrt(z).imag), [complex(-1, 0.0), complex(-1, -0.0)]),
    "decimals": (lambda x, d: x * len(str(d)), [Decimal("1.0"), Decimal("1.00")]),
    "numbers": (lambda x, k: x * 2 if k is True else x * 3, [True, 1, 1.0, np.int64(1), np.bool_(True), np.float32(1)]),
    "slices": (lambda x, k: x[k], [slice(0, 1), slice(1, 2), slice(0, True)]),
    "sets": (lambda x, k: x * sum(k), [{1, 2}, {1, 3}]),
}


@pytest.mark.parametrize("name", STATIC)
def test_arguments_that_are_no_values_are_told_apart(name):
    f, given = STATIC[name]
    same(f, [(X, k) for k in (*given, *given)])


def test_equal_slices_are_one_kind_of_argument_and_kinds_are_bounded():
    f = tape.compile(lambda x, k: x[k], native=False)
    for _ in range(3):
        f(X, slice(0, 1))
    assert len(f.signatures) == 1
    g = tape.compile(lambda x, k: x.sum() * k, native=False)
    for k in range(300):
        g.signatures[k] = None
    assert g(X, 5) == 15.0 and len(g.signatures) <= 256


SHARED = {
    "constants": lambda x: (torch.ones(2), x * 2, [np.ones(2), torch.ones(1)]),
    "the argument": lambda x: (x, x, x[1:], x.reshape(2, 1)),
    "expanded": lambda x: (x.sum().expand(3), x[None].expand(2, 2)),
    "a set": lambda x: ({1, 2}, x * 2),
}


@pytest.mark.parametrize("make", [np.array, torch.tensor], ids=["arrays", "tensors"])
@pytest.mark.parametrize("name", SHARED)
def test_results_belong_to_the_caller(name, make):
    f, x = tape.compile(SHARED[name], native=False), make([1.0, 2.0])
    wanted = plainly(SHARED[name](torch.tensor([1.0, 2.0])))
    for _ in range(3):
        found = f(x)
        for a, b in zip(wanted, plainly(found), strict=True):
            assert np.array_equal(a, b) or isinstance(b.item(), set) and b.item() == {1, 2}
        for leaf in flatten(found)[0]:
            if isinstance(leaf, set):
                leaf.add(9)
            elif make is np.array:
                leaf.flat[0] = 99


def test_arrays_of_other_byte_order_and_dtypes_without_tensors():
    f = tape.compile(lambda x: x * 2 + x.sum(), native=False)
    for _ in range(2):
        np.testing.assert_array_equal(f(np.array([1.0, 2.0], ">f8")), [5.0, 7.0])
    for wrong in (np.array(["a"]), np.array([1.0, None]), np.zeros(2, np.longdouble), np.zeros(2, [("a", "f8")])):
        with pytest.raises(TypeError, match="convert"):
            f(wrong)


@pytest.mark.parametrize("f", [lambda x: x.abs() * 2, lambda x: torch.tensor(x.numpy().real * 1 + x.numpy().imag), lambda x: (x.exp() * x).sum()])
@pytest.mark.parametrize("points", [([1 + 2j, 2.0], [3j, -1.0]), ([1.0, 2.0], [3.0, -1.0])], ids=["complex", "real"])
def test_parts_and_sizes_of_numbers(f, points):
    assert not reasons(same(f, [(np.array(p),) for p in (*points, *points)]))


def branches(x):
    return (x**3).sum() * x[0].exp() if x[0] > 0 else (x**2).sum()


@pytest.mark.parametrize("point", [(1.0, 2.0), (-1.0, 2.0)])
@pytest.mark.parametrize("derivative", ["grad", "hessian", "jacfwd", "jacrev"])
def test_derivatives_of_a_compiled_function(derivative, point):
    f, d, x = tape.compile(branches, native=False), getattr(tape.func, derivative), torch.tensor(point)
    f(X), f(-X)
    np.testing.assert_allclose(d(f)(x).detach(), d(branches)(x).detach(), rtol=1e-12)
    t = torch.tensor([1.0, 2.0])
    for a, b in zip(tape.func.jvp(f, (x,), (t,)), tape.func.jvp(branches, (x,), (t,)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    ad = torch.autograd.forward_ad
    with ad.dual_level():
        found = ad.unpack_dual(f(ad.make_dual(x, t))).tangent
        np.testing.assert_allclose(found, ad.unpack_dual(branches(ad.make_dual(x, t))).tangent, rtol=1e-12)


def test_gradient_modes_that_are_asked_for_are_guarded():
    w = torch.tensor([2.0, 3.0], requires_grad=True)

    def f(x):
        factor = 2 if torch.is_grad_enabled() else 3
        return x * factor * (5 if torch.is_inference_mode_enabled() else 7) * (11 if (w * x).requires_grad else 13)

    compiled = tape.compile(f, native=False)
    for _ in range(2):
        for mode in (torch.enable_grad, torch.no_grad, torch.inference_mode):
            with mode():
                np.testing.assert_array_equal(compiled(X), f(torch.tensor(X)).detach())


def test_a_tensor_argument_written_in_place_is_written_once_a_call():
    def f(x):
        x += 1
        return x * 2

    compiled, x = tape.compile(f, native=False), torch.tensor([1.0, 2.0])
    for k in range(3):
        np.testing.assert_array_equal(compiled(x), [2.0 * (2 + k), 2.0 * (3 + k)])
        np.testing.assert_array_equal(x, [2.0 + k, 3.0 + k])
    assert reasons(compiled)


def test_a_tensor_left_behind_by_one_recording_serves_the_next():
    cache = {}

    def f(x):
        if x.shape not in cache:
            cache[x.shape] = x.detach() * 1
        return x * cache[x.shape]

    compiled = tape.compile(f, native=False)
    found = [compiled(np.array(p)) for p in POINTS]
    for p, result in zip(POINTS, found, strict=True):
        np.testing.assert_allclose(result, np.array(p) * POINTS[0])


@pytest.mark.parametrize("native", [False, True])
def test_an_operation_that_fails_at_some_values(native):
    def f(x):
        return torch.linalg.cholesky(torch.outer(x, x) + x[0] * torch.eye(2))

    compiled = tape.compile(f, native=native)
    compiled(X)
    compiled.wait(20)
    for _ in range(2):
        with pytest.raises(torch.linalg.LinAlgError, match="definite"):
            compiled(-X)
        np.testing.assert_allclose(compiled(X), f(torch.tensor(X)))


def test_a_gradient_that_the_call_accumulates_is_not_lost():
    def made():
        p = torch.tensor([1.0, 2.0], requires_grad=True)

        def f(x):
            loss = ((p - x) ** 2).sum()
            loss.backward()
            return loss.detach()

        return f, p

    (f, p), (g, q) = made(), made()
    compiled = tape.compile(g, native=False)
    for _ in range(3):
        assert compiled(X * 3) == f(torch.tensor(X * 3)).item()
        np.testing.assert_array_equal(q.grad, p.grad)
    assert "filled by the call" in reasons(compiled)[0]


def test_a_gradient_that_is_read_is_guarded():
    p = torch.tensor([1.0, 2.0], requires_grad=True)
    compiled = tape.compile(lambda x: x * (5.0 if p.grad is None else p.grad), native=False)
    for grad in (None, [1.0, 2.0], [1.0, 3.0], None):
        p.grad = None if grad is None else torch.tensor(grad)
        np.testing.assert_array_equal(compiled(X), X * (5.0 if grad is None else np.array(grad)))


def test_memory_of_ctypes_cannot_be_watched():
    number = ctypes.c_double(1.0)
    compiled = tape.compile(lambda x: x * number.value, native=False)
    for value in (1.0, 2.0, 3.0):
        number.value = value
        np.testing.assert_array_equal(compiled(X), X * value)
