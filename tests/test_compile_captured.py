"""Tensors that a compiled function captures: gradients reach all that require grad, whenever they began to; histories and tangents stay."""

import numpy as np
import pytest
from under_test import torch

import tape
from tape.errors import OverwrittenError

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")
LARGE = 150_000


def vector(*values, **options):
    return torch.tensor(values, dtype=torch.float64, **options)


X = vector(3.0, 4.0)


def slopes(result, *of):
    return [None if g is None else g.tolist() for g in torch.autograd.grad(result.sum(), of, allow_unused=True, retain_graph=True)]


def test_a_history_goes_on_outside():
    w = vector(1.0, 2.0, requires_grad=True)
    z = w * 2
    compiled = tape.compile(lambda x: x * z, native=False)
    assert slopes(compiled(X), w) == [[6.0, 8.0]]
    assert "pass it as an argument" in compiled.explain()


def test_a_gradient_around_a_compiled_closure():
    inner = lambda w: tape.compile(lambda x: (x * w).sin(), native=False)(X).sum()  # noqa: E731
    w = vector(1.0, 2.0)
    np.testing.assert_allclose(torch.func.grad(inner)(w), (X * w).cos() * X, rtol=1e-14)
    np.testing.assert_allclose(torch.func.hessian(inner)(w), (-(X * w).sin() * X * X).diag(), rtol=1e-14)


def test_a_module_called_with_other_parameters():
    net = torch.nn.Linear(2, 1, dtype=torch.float64)
    compiled = tape.compile(lambda x: net(x), native=False)
    found = torch.func.grad(lambda p: torch.func.functional_call(Around(net, compiled), p, (X,)))({k: v.detach() for k, v in Around(net, compiled).named_parameters()})
    assert found["net.weight"].tolist() == [[3.0, 4.0]] and found["net.bias"].tolist() == [1.0]


class Around(torch.nn.Module):
    def __init__(self, net, compiled):
        super().__init__()
        self.net, self.compiled = net, compiled

    def forward(self, x):
        return self.compiled(x).sum()


def test_a_tangent_of_a_captured_tensor():
    held = {"w": vector(1.0, 1.0)}
    compiled = tape.compile(lambda x: x * held["w"], native=False)
    compiled(X)
    with torch.autograd.forward_ad.dual_level():
        held["w"] = torch.autograd.forward_ad.make_dual(vector(1.0, 1.0), vector(1.0, 1.0))
        assert torch.autograd.forward_ad.unpack_dual(compiled(X)).tangent.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("grad", [False, True])
def test_a_tensor_begins_and_ceases_to_require_grad(grad):
    w, x = vector(1.0, 2.0), vector(3.0, 4.0, requires_grad=grad)
    compiled = tape.compile(lambda x: x * w, native=False)
    for wanted in (False, True, False, True, True):
        w.requires_grad_(wanted)
        found = compiled(x)
        assert found.requires_grad == (wanted or grad)
        if wanted:
            assert slopes(found, w) == [[3.0, 4.0]]
        if grad:
            assert slopes(found, x) == [[1.0, 2.0]]


def test_tensors_that_are_replaced_and_added():
    held = [vector(1.0, 2.0, requires_grad=True)]
    compiled = tape.compile(lambda x: sum(x * w for w in held), native=False)
    assert slopes(compiled(X), *held) == [[3.0, 4.0]]
    held[0] = vector(5.0, 6.0, requires_grad=True)
    assert compiled(X).tolist() == [15.0, 24.0] and slopes(compiled(X), *held) == [[3.0, 4.0]]
    held.append(vector(1.0, 1.0, requires_grad=True))
    assert slopes(compiled(X), *held) == [[3.0, 4.0], [3.0, 4.0]]
    del held[0]
    assert slopes(compiled(X), *held) == [[3.0, 4.0]]


# between a call and its derivative


@pytest.mark.parametrize("kind", ["Tensor", "array"])
def test_memory_written_between_a_call_and_its_derivative(kind):
    memory = np.ones(LARGE)
    outside, x = torch.from_numpy(memory) if kind == "Tensor" else memory, torch.ones(LARGE, dtype=torch.float64, requires_grad=True)
    compiled = tape.compile(lambda x: (x * torch.as_tensor(outside)).sin().sum(), native=False)
    for _ in range(2):
        result = compiled(x)
        np.testing.assert_allclose(torch.autograd.grad(result, x)[0], np.cos(memory) * memory, rtol=1e-14)
        result = compiled(x)
        if kind == "Tensor":
            outside.mul_(2.0)
        else:
            outside *= 2.0
        with pytest.raises(OverwrittenError, match="modified in place since the call"):
            torch.autograd.grad(result, x)


def test_a_derivative_along_another_path_keeps_its_history():
    compiled = tape.compile(lambda p: p.prod(), native=False)
    for values, wanted in [((2.0, 3.0), [3.0, 2.0]), ((0.0, 3.0), [3.0, 0.0]), ((2.0, 3.0), [3.0, 2.0]), ((0.0, 0.0), [0.0, 0.0])]:
        x = vector(*values, requires_grad=True)
        (g,) = torch.autograd.grad(compiled(x), x, create_graph=True)
        assert g.tolist() == wanted
        assert slopes(g, x) == [[1.0, 1.0]]


def test_batches_of_gradients():
    compiled, x = tape.compile(lambda p: p**3, native=False), vector(1.0, 2.0, requires_grad=True)
    functional = torch.autograd.functional
    assert functional.jacobian(compiled, x.detach(), vectorize=True).tolist() == [[3.0, 0.0], [0.0, 12.0]]
    assert functional.hessian(lambda x: compiled(x).sum(), x.detach(), vectorize=True).tolist() == [[6.0, 0.0], [0.0, 12.0]]
    (rows,) = torch.autograd.grad(compiled(x), x, torch.eye(2, dtype=torch.float64), is_grads_batched=True, create_graph=True)
    assert rows.tolist() == [[3.0, 0.0], [0.0, 12.0]] and slopes(rows, x) == [[6.0, 12.0]]
    assert torch.func.jacrev(compiled)(x.detach()).tolist() == [[3.0, 0.0], [0.0, 12.0]]


def test_batches_of_gradients_along_several_paths():
    compiled = tape.compile(lambda p: p.prod(), native=False)
    compiled(vector(2.0, 3.0, requires_grad=True)).backward()
    x = vector(0.0, 3.0, requires_grad=True)
    assert torch.autograd.grad(compiled(x), x, vector(1.0, 2.0), is_grads_batched=True)[0].tolist() == [[3.0, 0.0], [6.0, 0.0]]


def test_an_audit_looks_at_calls_with_a_history(monkeypatch):
    compiled, x = tape.compile(lambda x: x * 2.0, audit=True, native=False), vector(1.0, 2.0, requires_grad=True)
    for _ in range(3):
        assert slopes(compiled(x), x) == [[2.0, 2.0]]
    (signature,) = compiled.signatures.values()
    monkeypatch.setattr(signature.families[0].lowest.variant, "replay", lambda arguments: [np.array([2.0, 5.0])])
    with pytest.raises(RuntimeError, match="audit"):
        compiled(x)


def test_a_result_that_calls_would_share_makes_it_eager_for_good():
    ran = []

    def f(x):
        ran.append(1)
        return x * 2.0, lambda y: y * x

    compiled, x = tape.compile(f, native=False), vector(1.0, 2.0, requires_grad=True)
    compiled(x)
    first = len(ran)
    for _ in range(3):
        assert slopes(compiled(x)[0], x) == [[2.0, 2.0]]
    assert len(ran) == first + 3 and "it returns a function" in compiled.explain()
