"""Double backward through user Functions where PyTorch silently drops terms: here it is right, or an error."""

import pytest
from under_test import leaf, numbers, same, torch

Function = torch.autograd.Function
once_differentiable = torch.autograd.function.once_differentiable
grad = torch.autograd.grad


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g


def function(forward, backward=None, **members):
    """A Function of these two."""
    members["forward"] = staticmethod(forward)
    if backward is not None:
        members["backward"] = staticmethod(backward)
    return type("Made", (Function,), members)


def second(f, at):
    x = leaf(at)
    (g,) = grad(f.apply(x) * x, x, create_graph=True)
    return numbers(grad(g, x)[0]).item()


@pytest.mark.differs("PyTorch drops the term and returns 4")
def test_once_differentiable_raises_wherever_it_is_differentiated():
    f = type("Once", (Square,), {"backward": staticmethod(once_differentiable(Square.backward))})
    x = leaf(3.0)
    same(grad(f.apply(x), x)[0], 6.0)
    with pytest.raises(RuntimeError):
        second(f, 2.0)
    (g,) = grad(f.apply(x), x, create_graph=True)
    with pytest.raises(RuntimeError):
        grad(g * x, x)


@pytest.mark.differs("PyTorch drops the term and returns 48")
@pytest.mark.parametrize("saved", [True, False])
def test_values_of_forwards_own_making_have_their_history(saved):
    def forward(ctx, x):
        t = 2 * x
        if saved:
            ctx.save_for_backward(t)
        else:
            ctx.t = [t]
        return t * t

    f = function(forward, lambda ctx, g: 4 * g * (ctx.saved_tensors[0] if saved else ctx.t[0]))
    assert second(f, 3.0) == 72.0


@pytest.mark.differs("PyTorch drops the term")
def test_values_that_lost_their_history_raise():
    def forward(ctx, x):
        ctx.t = torch.tensor(2 * x.detach().numpy())
        return ctx.t * ctx.t

    with pytest.raises(RuntimeError):
        second(function(forward, lambda ctx, g: 4 * ctx.t * g), 3.0)


def test_masks_kept_on_the_context_are_constants():
    def forward(ctx, x):
        ctx.mask = (x > 0).to(x.dtype)
        return x * ctx.mask

    assert second(function(forward, lambda ctx, g: g * ctx.mask), 3.0) == 2.0
