"""backward and grad: what they take, give back and refuse, as PyTorch 2.13 does it."""

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


@case("{'a': tensor([3., 4.]), 'b': tensor([1., 2.])}")
def dict_in():
    x = leaf([1.0, 2.0])
    z = leaf([3.0, 4.0])
    return torch.autograd.grad((x * z).sum(), {"a": x, "b": z})


@case("tensor([2., 2.])")
def dict_back():
    x = leaf([1.0, 2.0])
    torch.autograd.backward((x * 2).sum(), inputs={"a": x})
    return x.grad


@case("(True, (tensor([2., 2.]), tensor([2., 2.])))")
def dup():
    x = leaf([1.0, 2.0])
    return (lambda r: (r[0] is r[1], r))(torch.autograd.grad((x * 2).sum(), [x, x]))


@case("(tensor(1.),)")
def out_itself():
    x = leaf([1.0, 2.0])
    return (lambda y: torch.autograd.grad(y, y))((x * 2).sum())


@case("(None, tensor([1., 1.]), False)")
def leaf_backward():
    v = torch.ones(2)
    return (lambda t: (t.backward(v), t.grad, t.grad is v))(leaf([5.0, 6.0]))


@case("!! RuntimeError")
def nonscalar():
    x = leaf([1.0, 2.0])
    return (x * 2).backward()


@case("None")
def n_11():
    return (leaf([[1.0]]) * 2).backward()


@case("None")
def empty():
    return torch.autograd.backward([])


@case("!! RuntimeError")
def the_grad():
    x = leaf([1.0, 2.0])
    return torch.autograd.grad((x * 2).sum(), [])


@case("!! RuntimeError")
def inputs():
    x = leaf([1.0, 2.0])
    return torch.autograd.backward((x * 2).sum(), inputs=[])


@case("!! RuntimeError")
def inputs_again():
    x = leaf([1.0, 2.0])
    return torch.autograd.backward((x * 2).sum(), inputs={})


@case("!! RuntimeError")
def inputs_againagain():
    x = leaf([1.0, 2.0])
    return torch.autograd.backward((x * 2).sum(), inputs=())


@case("!! RuntimeError")
def grad_outputs():
    x = leaf([1.0, 2.0])
    return torch.autograd.grad([], [x])


@case("!! RuntimeError")
def grad_both():
    return torch.autograd.grad([], [])


@case("!! RuntimeError")
def the_grad_again():
    x = leaf([1.0, 2.0])
    return torch.autograd.grad((x * 2).sum(), {})


@case("!! RuntimeError")
def no_batch_dimension():
    x = leaf([1.0, 2.0])
    return (x * 2).sum().backward(torch.ones(1))


@case("(None, tensor([2., 4.]))")
def int_grad():
    return (lambda t: ((t * 2).backward(torch.tensor([1, 2])), t.grad))(leaf([5.0, 6.0]))


@case("!! RuntimeError")
def cplx():
    x = leaf([1.0, 2.0])
    return (x * 2).backward(torch.ones(2, dtype=torch.complex128))


@case("!! RuntimeError")
def wrong_count():
    x = leaf([1.0, 2.0])
    z = leaf([3.0, 4.0])
    v = torch.ones(2)
    return torch.autograd.backward([x * 2, z * 2], [v])


@case("!! TypeError")
def no_tensor():
    x = leaf([1.0, 2.0])
    return torch.autograd.backward(x * 2, [3.0])


@case("!! TypeError")
def not_tensor_out():
    return torch.autograd.backward(3.0)


@case("!! TypeError")
def grad_not_tensor():
    x = leaf([1.0, 2.0])
    return torch.autograd.grad(3.0, x)


@case("!! TypeError")
def no_input_tensor():
    x = leaf([1.0, 2.0])
    return torch.autograd.grad((x * 2).sum(), 3.0)


@case("!! RuntimeError")
def unused():
    x = leaf([1.0, 2.0])
    z = leaf([3.0, 4.0])
    return torch.autograd.grad((x * 2).sum(), z)


@case("(None,)")
def allow():
    x = leaf([1.0, 2.0])
    z = leaf([3.0, 4.0])
    return torch.autograd.grad((x * 2).sum(), z, allow_unused=True)


@case("(tensor([0., 0.]),)")
def mat():
    x = leaf([1.0, 2.0])
    z = leaf([3.0, 4.0])
    return torch.autograd.grad((x * 2).sum(), z, materialize_grads=True)


@case("True")
def mat_cg():
    x = leaf([1.0, 2.0])
    z = leaf([3.0, 4.0])
    return torch.autograd.grad((x * 2).sum(), z, materialize_grads=True, create_graph=True)[0].requires_grad


@case("!! ValueError")
def mat_bad():
    x = leaf([1.0, 2.0])
    z = leaf([3.0, 4.0])
    return torch.autograd.grad((x * 2).sum(), z, materialize_grads=True, allow_unused=False)


@case("!! RuntimeError")
def not_rg():
    x = leaf([1.0, 2.0])
    v = torch.ones(2)
    return torch.autograd.grad((x * 2).sum(), v)


@case("!! RuntimeError")
def no_graph():
    x = leaf([1.0, 2.0])
    v = torch.ones(2)
    return torch.autograd.grad(v.sum(), x)


@case("None", "FutureWarning")
def gvars():
    x = leaf([1.0, 2.0])
    v = torch.ones(2)
    return torch.autograd.backward(x * 2, grad_variables=[v])


@case("!! RuntimeError", "FutureWarning")
def gvars2():
    x = leaf([1.0, 2.0])
    v = torch.ones(2)
    return torch.autograd.backward(x * 2, [v], grad_variables=[v])


@case("!! RuntimeError")
def one_no_rg():
    x = leaf([1.0, 2.0])
    v = torch.ones(2)
    y = x * 2
    torch.autograd.backward([y, v], [v, v])


@case("!! RuntimeError")
def one_no_rg_none():
    x = leaf([1.0, 2.0])
    v = torch.ones(2)
    return torch.autograd.backward([(x * 2).sum(), v.sum()])


@case("!! RuntimeError")
def one_no_rg_grad():
    x = leaf([1.0, 2.0])
    v = torch.ones(2)
    return torch.autograd.grad([(x * 2).sum(), v.sum()], x)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
