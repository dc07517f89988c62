"""Which gradients are one object, whose memory they share and how they lie in it, as PyTorch 2.13 has it."""

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)
grad = torch.autograd.grad


class Same(torch.autograd.Function):
    """A copy, whose backward returns what it was given."""

    given = None

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, g):
        Same.given = g
        return g


@case("(True, True, True)")
def of_a_sum_of_two():
    x, z, v = leaf([1.0, 2.0]), leaf([3.0, 4.0]), torch.ones(2)
    a, b = grad(x + z, (x, z), v)
    return a is b, a is v, b is v


@case("(False, True)")
def of_a_difference():
    x, z, v = leaf([1.0, 2.0]), leaf([3.0, 4.0]), torch.ones(2)
    a, b = grad(x - z, (x, z), v)
    return a is b, a is v


@case("(True, True, True)")
def of_what_passes_it_on():
    x, v = leaf([1.0, 2.0]), torch.ones(2)
    y = x * 2
    return grad(x.clone(), x, v)[0] is v, grad(x, x, v)[0] is v, grad(y, y, v)[0] is v


@case("(True, True)")
def through_a_chain():
    x, v = leaf([1.0, 2.0]), torch.ones(2)
    y = x + 0
    a, b = grad(y + 0, (x, y), v)
    return a is b, a is v


@case("(True, True)")
def of_one_element():
    x, z, v = leaf(1.0), leaf(2.0), torch.tensor(3.0)
    a, b = grad(x + z, (x, z), v)
    return a is b, a is v


@case("(True, True, (0,), False)")
def of_a_total():
    x, z = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    a, b = grad((x + z).sum(), (x, z))
    return a is b, a.data_ptr() == b.data_ptr(), a.stride(), a.is_contiguous()


@case("!! RuntimeError")
def of_a_total_written():
    x = leaf([1.0, 2.0])
    (a,) = grad(x.sum(), x)
    a.add_(1)


@case("(tensor([5., 5.]), tensor([5., 5.]))")
def written_through_one_of_them():
    x, z, v = leaf([1.0, 2.0]), leaf([3.0, 4.0]), torch.ones(2)
    a, b = grad(x + z, (x, z), v)
    a.mul_(5)
    return b, v


@case("(True, torch.Size([6]))")
def under_another_shape():
    x, v = leaf([1.0] * 6), torch.ones(3, 2)
    (g,) = grad(x.view(3, 2), x, v)
    return g.data_ptr() == v.data_ptr(), g.shape


@case("(False, False, False, (1,))")
def accumulated_ones_do_not():
    x, z, v = leaf([1.0, 2.0]), leaf([3.0, 4.0]), torch.ones(2)
    (x + z).backward(v)
    w = leaf([1.0, 2.0])
    w.sum().backward()
    return x.grad is z.grad, x.grad.data_ptr() == z.grad.data_ptr(), x.grad.data_ptr() == v.data_ptr(), w.grad.stride()


@case("(True, True, False, False)")
def seen_by_hooks():
    seen = []
    x, y, v = leaf([1.0, 2.0]), leaf([1.0, 2.0]), torch.ones(2)
    x.register_hook(seen.append)
    x.clone().backward(v)
    y.register_hook(seen.append)
    grad(y + 1, y, v)
    return seen[0] is v, seen[1] is v, x.grad is v, x.grad.data_ptr() == v.data_ptr()


@case("(True, True, False)")
def what_hooks_return():
    x, w = leaf([1.0, 2.0]), torch.tensor([5.0, 6.0])
    y = x * 2
    x.register_hook(lambda g: w)
    y.register_hook(lambda g: w)
    first, second = grad(y, x, w)[0] is w, grad(y * 1, y, torch.ones(2))[0] is w
    (x * 2).sum().backward()
    return first, second, x.grad.data_ptr() == w.data_ptr()


@case("(True, True)")
def through_a_function():
    x, v = leaf([1.0, 2.0]), torch.ones(2)
    (g,) = grad(Same.apply(x), x, v)
    return g is v, Same.given is v


@case("(True, False, tensor([7., 8.]))")
def what_a_function_returns():
    kept = torch.tensor([7.0, 8.0])

    class Kept(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            return kept

    x = leaf([1.0, 2.0])
    same = grad(Kept.apply(x), x, torch.ones(2))[0] is kept
    for _ in range(2):
        Kept.apply(x).sum().backward()
    return same, x.grad.data_ptr() == kept.data_ptr(), kept


@case("(tensor([1., 1.]), tensor([1., 1.]))")
def what_a_function_was_given_stays():
    x = leaf([1.0, 2.0])
    (Same.apply(x * 3) * torch.ones(2)).sum().backward()
    first = Same.given
    (x.exp() * x.sin()).sum().backward()
    return first, Same.given


@case("[(1, 2), (1, 2), (3, 1), (3, 1), (1, 6, 3)]")
def accumulated_ones_lie_as_their_leaf():
    made = [
        torch.ones(3, 2).t(), torch.ones(3, 2).t(), torch.ones(2, 3), torch.ones(2, 6)[:, ::2], torch.ones(4, 2, 3).permute(2, 0, 1)
    ]  # fmt: skip
    strides = []
    for k, x in enumerate(made):
        x.requires_grad_()
        (x.sum() if k == 1 else (x.t() * 2).sum() if k == 2 else (x * 2).sum()).backward()
        strides.append(x.grad.stride())
    return strides


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
