"""What programs do not know of arguments: who they are, how they lie in memory, hooks and gradients that stay on them, functions made of them."""

import copy
import pickle

import numpy as np
import pytest
from under_test import torch

import tape

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")
X = np.array([1.0, 2.0])


def vector(grad=None, tag=None, **options):
    made = torch.tensor([1.0, 2.0], **options)
    made.grad = None if grad is None else torch.tensor(grad)
    if tag is not None:
        made.tag = tag
    return made


def pairs(kind):
    """Arguments of two calls that differ in one respect only."""
    a, b, matrix = vector(), vector(), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    learned, written = vector(requires_grad=True), vector()
    written.add_(1.0).sub_(1.0)
    return {
        "identity": ((a, a), (a, b)),
        "layout": ((matrix,), (matrix.t(),)),
        "attribute": ((vector(tag=3.0),), (vector(tag=5.0),)),
        "gradient": ((learned,), (vector([5.0, 5.0], requires_grad=True),)),
        "leaf": ((learned,), (learned * 1.0,)),
        "class": ((torch.nn.Parameter(vector()),), (learned,)),
        "version": ((a,), (written,)),
    }[kind]


ASKED = {
    "is": ("identity", lambda x, y: x * 2 if x is y else x * y),
    "is_contiguous": ("layout", lambda x: x * 2 if x.is_contiguous() else x * 3),
    "stride": ("layout", lambda x: x * x.stride(0)),
    "attribute": ("attribute", lambda x: x * getattr(x, "tag", 1.0)),
    "grad": ("gradient", lambda x: x if x.grad is None else x * x.grad),
    "is_leaf": ("leaf", lambda x: x * 2 if x.is_leaf else x * 3),
    "isinstance": ("class", lambda x: x * 2 if isinstance(x, torch.nn.Parameter) else x * 3),
    "_version": ("version", lambda x: x * x._version),
}


@pytest.mark.parametrize("name", ASKED)
def test_calls_that_differ_in_what_a_function_asks_for(name):
    kind, fn = ASKED[name]
    compiled = tape.compile(fn, native=False)
    for arguments in pairs(kind) * 2:
        assert compiled(*arguments).tolist() == fn(*arguments).tolist()


def test_requires_grad_is_told_under_no_grad():
    fn = lambda x: x * 2 if x.requires_grad else x * 3  # noqa: E731
    compiled = tape.compile(fn, native=False)
    with torch.no_grad():
        for x in (vector(), vector(requires_grad=True)) * 2:
            assert compiled(x).tolist() == fn(x).tolist()


def test_one_tensor_given_twice_gets_both_gradients():
    compiled, x, y = tape.compile(lambda a, b: (a * b.sin()).sum(), native=False), vector(requires_grad=True), vector(requires_grad=True)
    for arguments in ((x, x), (x, y), (y, y)):
        slopes = [torch.autograd.grad(f(*arguments), arguments[0])[0] for f in (compiled, lambda a, b: (a * b.sin()).sum())]
        np.testing.assert_allclose(*slopes, rtol=1e-14)
    assert "argument 0 again" in compiled.explain() and "eagerly" not in compiled.explain()


def hooked(x):
    x.register_hook(lambda g: g * 2)
    return x * 3


def swept(x):
    (x * 3).sum().backward()
    return x.grad * 1


@pytest.mark.parametrize("fn", [hooked, swept])
def test_what_stays_on_an_argument_stays_there(fn):
    seen = []
    for f in (fn, tape.compile(fn, native=False)):
        x = vector(requires_grad=True)
        for _ in range(2):
            (f(x) * x).sum().backward()
        seen.append(x.grad.tolist())
    assert seen[0] == seen[1]


MADE = {
    "closure": (lambda x: lambda y: y * x.sum(), lambda made: made(1.0)),
    "pullback": (lambda x: torch.func.vjp(lambda q: q**2, x), lambda made: made[1](torch.ones(2))[0]),
    "linear map": (lambda x: torch.func.linearize(lambda q: q**2, x), lambda made: made[1](torch.ones(2))),
    "class": (lambda x: type("Made", (), {"value": x}), lambda made: made.value),
}


@pytest.mark.parametrize("name", MADE)
def test_a_function_made_by_a_call_belongs_to_it(name):
    fn, look = MADE[name]
    compiled = tape.compile(fn, native=False)
    for k in (1.0, 3.0, 2.0):
        np.testing.assert_allclose(look(compiled(X * k)), look(fn(torch.tensor(X * k))))


# methods


class Scaled:
    up = tape.compile(lambda self, x: x + self.k, native=False)
    down = tape.compile(lambda self, x: x - self.k, native=False)
    k = 1.0

    @tape.compile
    def scaled(self, x):
        return x * self.k

    @classmethod
    @tape.compile
    def of_class(cls, x):
        return x * cls.k


class More(Scaled):
    k = 4.0

    @tape.compile
    def scaled(self, x):
        return super().scaled(x) + 1.0

    def plainly(self, x):
        return super().scaled(x)


def test_methods_of_one_name_are_two():
    one = Scaled()
    np.testing.assert_array_equal([one.up(X), one.down(X)], [X + 1.0, X - 1.0])


def test_a_base_classes_method_is_its_own():
    for _ in range(2):
        more = More()
        np.testing.assert_array_equal([more.scaled(X), more.plainly(X)], [4.0 * X + 1.0, 4.0 * X])


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copied_instance_has_methods_of_its_own(copied):
    one = Scaled()
    one.scaled(X)
    other = copied(one)
    other.k = 10.0
    np.testing.assert_array_equal([other.scaled(X), one.scaled(X)], [10.0 * X, X])


def test_class_methods():
    np.testing.assert_array_equal([Scaled.of_class(X), More.of_class(X), Scaled().of_class(X)], [X, 4.0 * X, X])
