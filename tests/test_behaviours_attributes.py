"""Attributes of Tensors: deleted, assigned, made up by users, and where they go in copies, as PyTorch 2.13."""

import copy
import pickle

import numpy as np
import pytest
from behaviours import CLASSES, check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


def tried(function, *arguments):
    """The name of the class that a call raises, or None."""
    try:
        function(*arguments)
    except Exception as error:
        return next(name for name in CLASSES if name in {each.__name__ for each in type(error).__mro__})


@case("{'data': 'RuntimeError', 'requires_grad': 'RuntimeError', '_grad_fn': 'RuntimeError', '_backward_hooks': 'RuntimeError', 'grad_fn': 'AttributeError', 'is_leaf': 'AttributeError', 'shape': 'AttributeError', 'grad': None, '_grad': None}")
def deleted():
    x = leaf([1.0])
    return {name: tried(delattr, x, name) for name in "data requires_grad _grad_fn _backward_hooks grad_fn is_leaf shape grad _grad".split()}


@case("{'data': 'TypeError', 'grad_fn': 'AttributeError', 'is_leaf': 'AttributeError', '_version': 'AttributeError', 'shape': 'AttributeError', '_backward_hooks': None}")
def assigned_none():
    x = leaf([1.0])
    return {name: tried(setattr, x, name, None) for name in "data grad_fn is_leaf _version shape _backward_hooks".split()}


@case("('Batch', [1], False, [1], [1], None)")
def users_attributes():
    x = leaf([1.0, 2.0])
    x.tag = "Batch"
    x.notes = [1]
    deep, pickled, shallow = copy.deepcopy(x), pickle.loads(pickle.dumps(x)), copy.copy(x)
    return deep.tag, deep.notes, deep.notes is x.notes, pickled.notes, shallow.notes, getattr(x.detach(), "tag", None)


@case("(True, True, False)")
def dir_names_what_is_there():
    x = leaf([1.0])
    x.tag = 1
    known = dir(x)
    return "shape" in known, "tag" in known, "tag" in dir(leaf([1.0]))


@case("(1, 3.0, 0, 1)")
def hooks_stored_as_a_dict():
    x, seen = leaf([1.0]), []
    handle = x.register_hook(seen.append)
    count = len(x._backward_hooks)
    y = leaf([1.0])
    y._backward_hooks = {0: lambda g: g * 3}
    (y * 1).sum().backward()
    constant = torch.ones(1)
    constant._backward_hooks = {}
    constant._backward_hooks["never"] = seen.append
    (constant * y).sum().backward()
    handle.remove()
    return count, y.grad.item() / 2, len(seen), len(constant._backward_hooks)


@case("([1.0, 2.0], [1.0, 2.0], ['RuntimeError', 'RuntimeError'], [5.0, 2.0])")
def numpy_of_what_requires_grad():
    x = leaf([1.0, 2.0])
    with torch.no_grad():
        plain, array = x.numpy().tolist(), np.asarray(x).tolist()
    refused = [tried(x.numpy), tried(np.asarray, x)]
    with torch.no_grad():
        x.numpy()[0] = 5.0
    return plain, array, refused, x.tolist()


@case("(None, 'RuntimeError', None, None)")
def grad_dtype_beside_a_gradient():
    x = leaf([1.0], dtype=torch.float32)
    x.grad = torch.ones(1, dtype=torch.float32)
    same = tried(setattr, x, "grad_dtype", torch.float32)
    other = tried(setattr, x, "grad_dtype", torch.float16)
    free = tried(setattr, x, "grad_dtype", None)
    seen = x.grad_dtype
    return same, other, free, seen


@case("(True, True, True)")
def grad_dtype_of_what_grad_returns_and_hooks_see():
    x, seen = leaf([1.0], dtype=torch.float32), []
    x.grad_dtype = torch.float64
    (g,) = torch.autograd.grad((x * 2).sum(), x)
    x.register_hook(lambda g: seen.append(g.dtype))
    (x * 2).sum().backward()
    return g.dtype == torch.float64, seen == [torch.float64], x.grad.dtype == torch.float64


@case("([1, 1, 2], [5.0, 5.0], 7.0)")
def data_assigned():
    x = torch.zeros(1, 2)
    x.add_(1)
    counts = [x._version]
    x.data = torch.zeros(2)
    counts.append(x._version)
    x.add_(1)
    counts.append(x._version)
    y, z = torch.ones(2), torch.zeros(2)
    z.data = y
    y.mul_(5)
    a, b = torch.tensor(1.0), torch.tensor(2.0, requires_grad=True)
    b.data = a
    a.fill_(7.0)
    return counts, z.tolist(), b.item()


@case("([1.0, 2.0], (2, 3), (0,), (0,), (2, 2), [1, 2], [[True, False]], ['TypeError', 'TypeError', 'TypeError', 'TypeError'])")
def old_constructors():
    refused = [tried(torch.Tensor, 3.0), tried(torch.FloatTensor, torch.ones(2, dtype=torch.float64)), tried(torch.LongTensor, "a"), tried(torch.Tensor, None)]
    size = torch.Size([2, 2])
    return (
        torch.Tensor([1, 2]).tolist(), tuple(torch.FloatTensor(2, 3).shape), tuple(torch.LongTensor().shape), tuple(torch.Tensor().shape),
        tuple(torch.Tensor(size).shape), torch.LongTensor(np.array([1.5, 2.0])).tolist(), torch.BoolTensor([[2, 0]]).tolist(), refused,
    )  # fmt: skip


@case("([True, False, True], [True, True], True, [5.0, 1.0], [1.0, 2.0], (3, 1))")
def kinds_of_tensors():
    x = torch.ones(2, dtype=torch.float64)
    kinds = [isinstance(x, torch.DoubleTensor), isinstance(x, torch.FloatTensor), isinstance(x.bool(), torch.BoolTensor)]
    converted = [x.type(torch.LongTensor).dtype == torch.int64, x.type("torch.FloatTensor").dtype == torch.FloatTensor.dtype]
    torch.DoubleTensor(x)[0] = 5.0
    return kinds, converted, x.type(torch.DoubleTensor) is x, x.tolist(), x.new([1, 2]).tolist(), tuple(x.new(3, 1).shape)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
