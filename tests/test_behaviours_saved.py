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


def described(value):
    """Shapes of Tensors, other values as they are."""
    if isinstance(value, torch.Tensor):
        return "T", tuple(value.shape)
    return tuple(described(each) for each in value) if isinstance(value, (tuple, list)) else value


def saved_names(t):
    return {name.removeprefix("_saved_"): described(getattr(t.grad_fn, name)) for name in sorted(dir(t.grad_fn)) if name.startswith("_saved_")}


@case(
    "[{'other': ('T', ()), 'self': None}, {'other': ('T', ()), 'self': None}, {'other': ('T', ()), 'self': None}, {'other': ('T', (2, 2)), 'self': ('T', (2, 2))}, {'exponent': 2, 'self': ('T', (2, 2))}, {'exponent': 3.5, 'self': ('T', (2, 2))}, {'mat2': ('T', (2, 2)), 'mat2_sym_sizes': (2, 2), 'mat2_sym_strides': (2, 1), 'self': ('T', (2, 2)), 'self_sym_sizes': (2, 2), 'self_sym_strides': (2, 1)}, {'self': ('T', (2, 2)), 'vec': ('T', (2,))}, {'self': ('T', (2,)), 'tensor': ('T', (2,))}, {'alpha': 1}, {'alpha': 1}, {'result': ('T', (2, 2))}, {'dim': 0, 'keepdim': False, 'result': ('T', (2,)), 'self': ('T', (2, 2))}, {'dim': (), 'keepdim': False, 'result': ('T', ()), 'self': ('T', (2, 2))}, {'dim': (1,), 'keepdim': True, 'result': ('T', (2, 1)), 'self': ('T', (2, 2))}, {'dim': None, 'keepdim': False, 'ord': 2, 'result': ('T', ()), 'self': ('T', (2, 2))}, {'dim': (1,), 'keepdim': False, 'ord': 3, 'result': ('T', (2,)), 'self': ('T', (2, 2))}, {'correction': None, 'dim': None, 'keepdim': False, 'result': ('T', ()), 'self': ('T', (2, 2))}, {'correction': 1, 'dim': (0,), 'keepdim': False, 'self': ('T', (2, 2))}, {'correction': 0, 'dim': (1,), 'keepdim': True, 'self': ('T', (2, 2))}, {'dim': 1, 'result': ('T', (2, 2)), 'self': ('T', (2, 2))}, {'dim': (0,), 'keepdim': False, 'result': ('T', (2,)), 'self': ('T', (2, 2))}, {'dim': 1, 'result': ('T', (2, 2)), 'self': ('T', (2, 2))}, {'dim': (0,), 'keepdim': False, 'self_sym_sizes': (2, 2)}, {'dim': (1,), 'keepdim': False, 'self_sym_numel': 4, 'self_sym_sizes': (2, 2)}, {'dim': 1, 'result': ('T', (2, 2))}, {'inverse': ('T', (2, 2))}]"
)
def names_of_products_and_reductions():
    x, w = leaf([[0.5, 1.5], [2.5, 0.75]]), leaf([0.5, 1.5])
    results = (
        x * 2, 2 * x, x / 2, x * x, x**2, x**3.5, x @ x, torch.mv(x, w), torch.dot(w, w), x + x, 1 - x, x.exp(), x.prod(0), x.amax(), x.amin(1, keepdim=True),
        x.norm(), torch.linalg.vector_norm(x, 3, dim=1), x.std(), x.var(0), x.var(1, correction=0, keepdim=True), x.cumprod(1), x.logsumexp(0),
        x.logcumsumexp(1), x.sum(0), x.mean(1), x.softmax(1), torch.linalg.inv(x),
    )  # fmt: skip
    return [saved_names(y) for y in results]


@case(
    "[{}, {'dim0': 0, 'dim1': 1}, {'dims': (1, 0)}, {'dim': 1}, {'dim': 0, 'self_sym_sizes': (1, 2, 2)}, {'self_sym_sizes': (2, 2)}, {'self_sym_sizes': (2, 2)}, {'dim': 0, 'index': 0, 'self_sym_sizes': (2, 2)}, {'dim': 1, 'index': 1, 'self_sym_sizes': (2, 2)}, {'dim': 0, 'end': 9223372036854775807, 'self_sym_sizes': (2, 2), 'start': 1, 'step': 1}, {'dim': 1, 'end': 9223372036854775807, 'self_sym_sizes': (2, 2), 'start': 0, 'step': 2}, {'dim': 1, 'end': 1, 'self_sym_sizes': (2, 2), 'start': 0, 'step': 1}, {'dim': 0, 'end': 1, 'self_sym_sizes': (2, 2), 'start': 0, 'step': 1}, {'dim': 1}, {'dim1': 0, 'dim2': 1, 'offset': 1, 'self_sym_sizes': (2, 2)}, {'diagonal': 0}, {'diagonal': 1}, {'dims': (1,)}, {'size': (2,), 'storage_offset': 1, 'stride': (1,)}, {'dimension': 1, 'self_sym_sizes': (2, 2), 'size': 2, 'step': 1}, {'dim': 1, 'index': ('T', (1,)), 'self_sym_sizes': (2, 2)}, {'mask': ('T', (2, 2))}, {'condition': ('T', (2, 2))}, {'dim': 1}, {'dim': 0}, {'dim': 1}, {}, {}]"
)
def names_of_shapes_and_parts():
    x = leaf([[0.5, 1.5], [2.5, 0.75]])
    mask = torch.tensor([[True, False], [False, True]])
    results = (
        x.t(), x.transpose(0, 1), x.permute(1, 0), x.unsqueeze(1), x[None].squeeze(0), x.view(4), x.expand(3, 2, 2), x[0], x[:, 1], x[1:], x[..., ::2], x[:, 0:1],
        x.narrow(0, 0, 1), x.unbind(1)[0], x.diagonal(1), x.tril(), x.triu(1), x.flip(1), x.as_strided((2,), (1,), 1), x.unfold(1, 2, 1),
        x.index_select(1, torch.tensor([1])), x.masked_fill(mask, 0.0), torch.where(mask, x, x), torch.cat([x, x], 1), torch.stack([x, x]), x.cumsum(1),
        x.to(torch.float32), x.clone(),
    )  # fmt: skip
    return [saved_names(y) for y in results]


@case(
    "[('MulBackward0', ['AccumulateGrad', None]), ('MulBackward0', ['AccumulateGrad', None]), ('AddBackward0', ['AccumulateGrad', None]), ('AddBackward0', ['AccumulateGrad', None]), ('SubBackward0', ['AccumulateGrad', None]), ('RsubBackward1', ['AccumulateGrad']), ('DivBackward0', ['AccumulateGrad', None]), ('PowBackward0', ['AccumulateGrad']), ('PowBackward0', ['AccumulateGrad']), ('PowBackward2', ['AccumulateGrad']), ('ClampBackward1', ['AccumulateGrad']), ('ClampBackward1', ['AccumulateGrad']), ('FmodBackward0', ['AccumulateGrad']), ('RemainderBackward0', ['AccumulateGrad']), ('MulBackward0', ['AccumulateGrad', None]), ('MulBackward0', [None, 'AccumulateGrad']), ('AddBackward0', ['AccumulateGrad', None]), ('AddBackward0', [None, 'AccumulateGrad']), ('SubBackward0', [None, 'AccumulateGrad']), ('PowBackward1', ['AccumulateGrad', None]), ('PowBackward1', [None, 'AccumulateGrad']), ('MaskedFillBackward0', ['AccumulateGrad'])]"
)
def numbers_are_no_inputs():
    x = leaf([0.5, 1.5])
    c = torch.ones(2)
    results = (
        x * 2, 2 * x, x + 1, 1 + x, x - 1, 1 - x, x / 2, x**2, x**0.5, 2**x, x.clamp(0, 1), x.clamp(min=0), x.fmod(2.0), x.remainder(2.0), x * c, c * x, x + c, c + x,
        c - x, x**c, c**x, x.masked_fill(c > 0, 0.0),
    )  # fmt: skip
    return [(type(y.grad_fn).__name__, [None if node is None else type(node).__name__ for node, _ in y.grad_fn.next_functions]) for y in results]


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
