"""autograd.functional: values as PyTorch's, forms of results, history, strictness, strategies, refusals."""

import importlib

import numpy as np
import pytest
from under_test import NAME, leaf, near, numbers, same, torch

F = torch.autograd.functional


def two(x, y):
    return (x * y).sin() + x.sum(), (y**3).sum() * x


def scalar(x, y):
    return (x**3 * y).sum() + (y.exp() * x[0]).sum()


X, Y, V, W = np.array([0.5, -1.2]), np.array([1.5, 0.3]), np.array([0.7, 2.0]), np.array([-1.0, 0.4])
# fmt: off
CASES = [
    ("vjp",                 lambda m, f, t: f.vjp(two, (t(X), t(Y)), (t(V), t(W)))),
    ("jvp",                 lambda m, f, t: f.jvp(two, (t(X), t(Y)), (t(V), t(W)))),
    ("vhp",                 lambda m, f, t: f.vhp(scalar, (t(X), t(Y)), (t(V), t(W)))),
    ("hvp",                 lambda m, f, t: f.hvp(scalar, (t(X), t(Y)), (t(V), t(W)))),
    ("jacobian",            lambda m, f, t: f.jacobian(two, (t(X), t(Y)))),
    ("jacobian at once",    lambda m, f, t: f.jacobian(two, (t(X), t(Y)), vectorize=True)),
    ("jacobian forward",    lambda m, f, t: f.jacobian(two, (t(X), t(Y)), vectorize=True, strategy="forward-mode")),
    ("hessian",             lambda m, f, t: f.hessian(scalar, (t(X), t(Y)))),
    ("hessian at once",     lambda m, f, t: f.hessian(scalar, (t(X), t(Y)), vectorize=True)),
    ("hessian forward",     lambda m, f, t: f.hessian(scalar, (t(X), t(Y)), vectorize=True, outer_jacobian_strategy="forward-mode")),
    ("lone vjp",            lambda m, f, t: f.vjp(lambda x: x * x, t(X), t(V))),
    ("lone jvp",            lambda m, f, t: f.jvp(lambda x: (x * x, x.sum()), t(X), t(V))),
    ("lone jacobian",       lambda m, f, t: f.jacobian(lambda x: m.outer(x, x), t(X))),
    ("lone hessian",        lambda m, f, t: f.hessian(lambda x: (x**3).sum().reshape(1, 1), t(X))),
    ("scalars need no v",   lambda m, f, t: (f.vjp(lambda x: (x * x).sum(), t(X)), f.jvp(lambda x: x * t(X), t(np.array(2.0))))),
    ("nothing depends",     lambda m, f, t: (f.vjp(lambda x: x.detach(), t(X), t(V)), f.jvp(lambda x: t(Y), t(X), t(V)), f.jacobian(lambda x: t(Y), t(X)))),
    ("constant gradient",   lambda m, f, t: (f.hessian(lambda x: x.sum(), t(X)), f.hvp(lambda x: x.sum(), t(X), t(V)), f.vhp(lambda x: x.sum(), t(X), t(V)))),
    ("comparison",          lambda m, f, t: f.jacobian(lambda x: x > 0, t(X))),
]
# fmt: on


def flat(found):
    return [value for each in found for value in flat(each)] if isinstance(found, (tuple, list)) else [found]


@pytest.mark.oracle
@pytest.mark.parametrize("case", [row[1] for row in CASES], ids=[row[0] for row in CASES])
def test_values_are_those_of_pytorch(case):
    reference = importlib.import_module("torch")
    expected = flat(case(reference, reference.autograd.functional, lambda v: reference.tensor(v, requires_grad=True)))
    found = flat(case(torch, F, lambda v: torch.tensor(v, requires_grad=True)))
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert tuple(ours.shape) == tuple(theirs.shape)
        if ours.is_floating_point():
            near(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-12)


def test_results_mirror_inputs_and_outputs():
    x = torch.tensor(X)
    assert isinstance(F.jacobian(lambda x: x * x, x), torch.Tensor)
    assert isinstance(F.jacobian(lambda x: x * x, (x,)), tuple)
    nested = F.jacobian(lambda x: (x * x, x), (x,))
    assert len(nested) == 2 and len(nested[0]) == 1
    outputs, product = F.vjp(lambda x: (x * x,), x, (x,))
    assert isinstance(outputs, tuple) and isinstance(product, torch.Tensor)
    outputs, product = F.vjp(lambda x: x * x, (x,), x)
    assert isinstance(outputs, torch.Tensor) and isinstance(product, tuple)


def test_history_only_with_create_graph():
    x, v = leaf(X), leaf(V)
    for found in flat([F.vjp(torch.sin, x, v), F.jvp(torch.sin, x, v), F.jacobian(torch.sin, x), F.hvp(lambda x: x.sin().sum(), x, v)]):
        assert not found.requires_grad
    _, product = F.vjp(torch.sin, x, v, create_graph=True)
    gx, gv = torch.autograd.grad(product.sum(), (x, v))
    near(gx, -np.sin(X) * V)
    near(gv, np.cos(X))
    _, product = F.jvp(torch.sin, x, v, create_graph=True)
    near(torch.autograd.grad(product.sum(), x)[0], -np.sin(X) * V)
    found = F.jacobian(torch.sin, x, create_graph=True)
    near(torch.autograd.grad(found.sum(), x)[0], -np.sin(X))
    _, product = F.vhp(lambda x: x.sin().sum(), x, v, create_graph=True)
    near(torch.autograd.grad(product.sum(), x)[0], -np.cos(X) * V)
    assert x.grad is None


def test_gradients_are_on_whatever_the_mode_around():
    with torch.no_grad():
        near(F.vjp(lambda x: x * x, torch.tensor(X), torch.tensor(V))[1], 2 * X * V)
        near(F.jacobian(lambda x: x * x, torch.tensor(X)), np.diag(2 * X))
        assert not torch.is_grad_enabled()


@pytest.mark.differs("PyTorch gives zeros in inference mode")
def test_also_in_inference_mode():
    x = torch.tensor(X)
    with torch.inference_mode():
        found = F.vjp(lambda x: x * x, x, torch.ones(2))[1]
    near(found, 2 * X)


def test_partials_that_are_not_finite():
    same(F.jvp(lambda x: x.sqrt(), leaf([0.0]), torch.ones(1))[1], [np.inf])


@pytest.mark.parametrize("vectorize", [False, True])
@pytest.mark.skipif(NAME != "tape", reason="PyTorch stacks nothing")
def test_no_elements(vectorize):
    x = torch.tensor(X)
    assert F.jacobian(lambda x: x[:0], x, vectorize=vectorize).shape == (0, 2)
    assert F.jacobian(lambda x: x.sum(), x[:0], vectorize=vectorize).shape == (0,)


def test_complex_products():
    z, v = torch.tensor([1 + 2j, -0.5j]), torch.tensor([1.0 + 0j, 2j])
    assert F.jvp(lambda z: z * z, z, v)[1].tolist() == [2 + 4j, 2 * (-0.5j) * 2j]
    assert F.vjp(lambda z: z * (1 + 2j), z, v)[1].tolist() == [1 - 2j, 2j * (1 - 2j)]


x, y = torch.tensor(X), torch.tensor(X, requires_grad=True)
# fmt: off
REFUSED = [
    ("a list of inputs",          TypeError,           lambda: F.jacobian(lambda x: x, [x])),
    ("a list of outputs",         TypeError,           lambda: F.jacobian(lambda x: [x, x], x)),
    ("a number as v",             TypeError,           lambda: F.vjp(lambda x: x * 2, x, 3.0)),
    ("no v",                      RuntimeError,        lambda: F.vjp(lambda x: x * 2, x)),
    ("no v for hvp",              RuntimeError,        lambda: F.hvp(lambda x: (x * x).sum(), x)),
    ("two v",                     RuntimeError,        lambda: F.vjp(lambda x: x * 2, x, (x, x))),
    ("v of another shape",        RuntimeError,        lambda: F.vjp(lambda x: x * 2, x, torch.ones(2, 1))),
    ("Hessian of a vector",       RuntimeError,        lambda: F.hessian(lambda x: x * x, x)),
    ("hvp of a vector",           RuntimeError,        lambda: F.hvp(lambda x: x * x, x, x)),
    ("vhp of a tuple",            RuntimeError,        lambda: F.vhp(lambda x: ((x * x).sum(),), x, x)),
    ("integers",                  RuntimeError,        lambda: F.jacobian(lambda x: x * 2, torch.ones(2, dtype=torch.int64))),
    ("complex outputs",           RuntimeError,        lambda: F.jacobian(lambda z: z * z, torch.tensor([1j]))),
    ("strategy",                  AssertionError,      lambda: F.jacobian(lambda x: x, x, strategy="sideways")),
    ("forward, not at once",      NotImplementedError, lambda: F.jacobian(lambda x: x, x, strategy="forward-mode")),
    ("forward with history",      NotImplementedError, lambda: F.jacobian(lambda x: x, x, vectorize=True, strategy="forward-mode", create_graph=True)),
    ("forward and strict",        RuntimeError,        lambda: F.jacobian(lambda x: x, x, vectorize=True, strategy="forward-mode", strict=True)),
    ("at once and strict",        RuntimeError,        lambda: F.jacobian(lambda x: x, x, vectorize=True, strict=True)),
    ("strict vjp",                RuntimeError,        lambda: F.vjp(lambda x, z: x * 2, (x, x), x, strict=True)),
    ("strict, another leaf",      RuntimeError,        lambda: F.vjp(lambda x: y * 2, x, torch.ones(2), strict=True)),
    ("strict jvp",                RuntimeError,        lambda: F.jvp(lambda x: torch.ones(2), x, x, strict=True)),
    ("strict jacobian",           RuntimeError,        lambda: F.jacobian(lambda x, z: x.sum(), (x, x), strict=True)),
    ("strict, constant Jacobian", RuntimeError,        lambda: F.jacobian(lambda x: x.sum(), x, strict=True, create_graph=True)),
    ("strict hvp",                RuntimeError,        lambda: F.hvp(lambda x: x.sum(), x, x, strict=True)),
    ("strict hessian",            RuntimeError,        lambda: F.hessian(lambda x, z: (x**3).sum(), (x, x), strict=True)),
    ("v and outputs of jvp",      RuntimeError,        lambda: F.jvp(lambda x: "none", x, x[:1])),
    ("v and outputs of vjp",      TypeError,           lambda: F.vjp(lambda x: "none", x, x[:1])),
    ("v and outputs of hvp",      TypeError,           lambda: F.hvp(lambda x: x * x, x, (x, 2))),
    ("outputs, then at once",     TypeError,           lambda: F.jacobian(lambda x: "none", x, vectorize=True, strict=True)),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(kind, attempt):
    with pytest.raises(kind):
        attempt()


def test_strict_is_content_where_everything_depends():
    same(F.jacobian(lambda x: x * 3, x, strict=True), np.diag([3.0, 3.0]))
    near(F.hessian(lambda x: (x**3).sum(), x, strict=True), np.diag(6 * X))
    near(F.vhp(lambda x: (x**3).sum(), y, torch.tensor(V), strict=True, create_graph=True)[1], 6 * X * V)
    assert numbers(F.hvp(lambda x: (x**3).sum(), x, torch.tensor(V), strict=True)[1]).shape == (2,)
