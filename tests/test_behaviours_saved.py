"""What operations have saved, read and packed: identities, histories, hooks, blocks, as PyTorch 2.13 does it."""

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)
SavedTensor = torch.autograd.SavedTensor
hooks_on = torch.autograd.graph.saved_tensors_hooks


def outcome(run):
    """What a call gives, or the class of what it raises."""
    try:
        return run()
    except Exception as error:
        return "RuntimeError" if isinstance(error, RuntimeError) else type(error).__name__


@case("[None, False, tensor([3., 3.]), True, True, True, False, True, False, True, None, False, None, True, True, True, False, True, False, True]")
def identities():
    found = []
    for x in (leaf([1.0, 2.0]), leaf(2.0)):
        c = torch.full_like(x, 3.0).detach()
        y = x * c
        z = y * y
        e = z.exp()
        found += [
            y.grad_fn._saved_self, y.grad_fn._saved_other is x, y.grad_fn._raw_saved_other.data if x.ndim else None, z.grad_fn._saved_self is y,
            z.grad_fn._saved_other is y, z.grad_fn._raw_saved_self.data is y, e.grad_fn._saved_result is e, e.grad_fn._saved_result.grad_fn is e.grad_fn,
            e.grad_fn._raw_saved_result.data is e,
        ]  # fmt: skip
        w = (x.sin() * 2).cos()
        found += [w.grad_fn._saved_self.grad_fn is w.grad_fn.next_functions[0][0]]
    return found


@case("('RuntimeError', True, None, 'TypeError')")
def saved_tensors_are_not_made_by_users():
    y = leaf([1.0]).exp()
    raw = y.grad_fn._raw_saved_result
    return outcome(lambda: SavedTensor()), isinstance(raw, SavedTensor), raw.unpack_hook, outcome(lambda: raw.register_hooks(lambda t: t))


@case("([[2.0, 4.0], True, [1.0, 2.0], True, [1.0, 2.0]], 'RuntimeError', True)")
def packed_content():
    def halve(t):
        return t / 2

    x = leaf([1.0, 2.0])
    with hooks_on(lambda t: t * 2, halve):
        y = x.square()
        z = y.exp()
    found = [y.grad_fn._raw_saved_self.data.tolist(), y.grad_fn._raw_saved_self.unpack_hook is halve, y.grad_fn._saved_self.tolist()]
    found += [z.grad_fn._saved_result.grad_fn is z.grad_fn, y.grad_fn._raw_saved_self.unpack().tolist()]
    z.sum().backward()
    return found, outcome(lambda: y.grad_fn._saved_self), x.grad.tolist() == (2 * x * z).tolist()


@case(
    "[[2.0, 4.0], [0.5, 1.0], True, 'RuntimeError', [1.5, 3.0], 'RuntimeError', [4.0, 6.0], [1.0, 1.5], True, 'RuntimeError', [3.0, 4.5], 'RuntimeError']"
)
def packed_later():
    found = []
    for make in (lambda: leaf([1.0, 2.0]), lambda: leaf([1.0, 2.0]) + 1):
        x = make()
        y = x * x
        raw = y.grad_fn._raw_saved_self
        raw.register_hooks(lambda t: 2 * t, lambda t: t / 4)
        saved = y.grad_fn._saved_self
        found += [raw.data.tolist(), saved.tolist(), saved.grad_fn is x.grad_fn, outcome(lambda: raw.register_hooks(lambda t: t, lambda t: t))]  # noqa: B023
        found += [torch.autograd.grad(y.sum(), x)[0].tolist(), outcome(lambda: raw.register_hooks(lambda t: t, lambda t: t))]  # noqa: B023
    return found


@case("['RuntimeError', 'KeyError', 'TypeError', None, 'TypeError', None, 'KeyError']")
def packing_hooks_that_fail():
    x = leaf([1.0, 2.0])

    def write(t):
        t.add_(1)
        return t

    def broken(t):
        raise KeyError("own")

    found = []
    for pack, unpack in ((write, lambda t: t), (broken, lambda t: t), (lambda t, u: t, lambda t: t), (lambda t: t, lambda t: 1), (lambda t: t, broken)):
        y = x * 3 * x
        found.append(outcome(lambda: y.grad_fn._raw_saved_self.register_hooks(pack, unpack)))  # noqa: B023
        if found[-1] is None:
            found.append(outcome(lambda: y.grad_fn._saved_self))  # noqa: B023
    return found


@case("(((None, tensor([1, 0])), True, 'RuntimeError', (2, 2)), tensor([[2., 1.],\n        [4., 3.]]))")
def indices():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = x[:, torch.tensor([1, 0])]
    raw = y.grad_fn._raw_saved_indices
    first = outcome(lambda: raw[0].register_hooks(lambda t: t, lambda t: t))
    raw[1].register_hooks(lambda t: t + 0, lambda t: t)
    found = y.grad_fn._saved_indices, isinstance(raw[1], SavedTensor), first, tuple(y.grad_fn._saved_self_sym_sizes)
    (y * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    return found, x.grad


@case("([True, None, [True, True], True, 'RuntimeError', 'TypeError', [5.0], [5.0], 'RuntimeError'], 'RuntimeError', 'RuntimeError')")
def saved_by_a_function():
    class Own(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, None)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return 2 * g

    x = leaf([1.0])
    y = Own.apply(x)
    raw = y.grad_fn._raw_saved_tensors
    found = [y.grad_fn.saved_tensors[0] is x, y.grad_fn.saved_tensors[1], [isinstance(each, SavedTensor) for each in raw], raw[0].data is x]
    found += [outcome(lambda: raw[1].register_hooks(lambda t: t, lambda t: t)), outcome(lambda: raw[0].register_hooks(1, 1))]
    raw[0].register_hooks(lambda t: t * 5, lambda t: t)
    found += [raw[0].data.tolist(), y.grad_fn.saved_tensors[0].tolist(), outcome(lambda: raw[0].register_hooks(lambda t: t, lambda t: t))]
    y.sum().backward()
    return found, outcome(lambda: y.grad_fn._raw_saved_tensors), outcome(lambda: y.grad_fn.saved_tensors)


@case("[(True, False), (False, True)]")
def the_pack_hook_sees_the_operand():
    seen = []
    x = leaf([1.0, 2.0])
    y = x * 2
    with hooks_on(lambda t: seen.append((t is x, t is y)) or t, lambda t: t):
        z = y * x
    z.sum().backward()
    return seen


@case("[1, 2, 1, 1, 2, 2]")
def early_stop_of_checkpoints():
    import importlib

    tools = importlib.import_module(torch.__name__ + ".utils.checkpoint")
    found = []
    for blocks, options in (([], {}), ([False], {}), ([True], {"early_stop": False}), ([False, True], {}), ([False], {"early_stop": True}), ([], {"early_stop": False})):
        runs = [0]

        def last(x):
            runs[0] += 1  # noqa: B023
            return x.clone()

        entered = [tools.set_checkpoint_early_stop(b) for b in blocks]
        for block in entered:
            block.__enter__()
        x = leaf([0.5])
        y = tools.checkpoint(lambda x: last(x.sin().cos()), x, use_reentrant=False, **options)  # noqa: B023
        for block in reversed(entered):
            block.__exit__(None, None, None)
        y.sum().backward()
        found.append(runs[0])
    return found


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
