"""Shapes and orders, joining and splitting: values against NumPy, derivatives, shared memory, names and errors as PyTorch has them."""

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, name, near, numbers, same, torch

# fmt: off
# name, function of (module, inputs...), NumPy's function, shapes of the inputs
TABLE = [
    ("reshape",            lambda m, x: x.reshape(3, 2),               lambda x: x.reshape(3, 2),              [(2, 3)]),
    ("reshape -1",         lambda m, x: m.reshape(x, (-1, 2)),         lambda x: x.reshape(-1, 2),             [(2, 3)]),
    ("reshape of one",     lambda m, x: x.reshape(1, 1),               lambda x: x.reshape(1, 1),              [()]),
    ("reshape to 0-d",     lambda m, x: x.reshape(()),                 lambda x: x.reshape(()),                [(1, 1)]),
    ("reshape of nothing", lambda m, x: x.reshape(3, -1),              lambda x: x.reshape(3, 0),              [(0, 3)]),
    ("reshape a transpose", lambda m, x: x.t().reshape(-1),            lambda x: x.T.ravel(),                  [(2, 3)]),
    ("reshape to the same", lambda m, x: x.reshape(2, 3),              lambda x: x,                            [(2, 3)]),
    ("view",               lambda m, x: x.view(3, 2),                  lambda x: x.reshape(3, 2),              [(2, 3)]),
    ("view of a slice",    lambda m, x: x[:, :2].view(2, 1, 2),        lambda x: x[:, :2].reshape(2, 1, 2),    [(2, 3)]),
    ("view_as",            lambda m, x: x.view_as(m.zeros(6)),         lambda x: x.ravel(),                    [(2, 3)]),
    ("ravel",              lambda m, x: m.ravel(x),                    lambda x: x.ravel(),                    [(2, 3), (), (0, 2)]),
    ("flatten",            lambda m, x: x.flatten(),                   lambda x: x.ravel(),                    [(2, 3, 2), ()]),
    ("flatten(1)",         lambda m, x: x.flatten(1),                  lambda x: x.reshape(2, 6),              [(2, 3, 2)]),
    ("flatten(0, 1)",      lambda m, x: m.flatten(x, 0, 1),            lambda x: x.reshape(6, 2),              [(2, 3, 2)]),
    ("unflatten",          lambda m, x: x.unflatten(1, (2, -1)),       lambda x: x.reshape(2, 2, 2),           [(2, 4)]),
    ("squeeze",            lambda m, x: x.squeeze(),                   lambda x: x.squeeze(),                  [(1, 3, 1), (1,), (2, 3), ()]),
    ("squeeze(0)",         lambda m, x: x.squeeze(0),                  lambda x: x.squeeze(0),                 [(1, 3, 1)]),
    ("squeeze(1) of 3",    lambda m, x: x.squeeze(1),                  lambda x: x,                            [(1, 3, 1)]),
    ("squeeze((0, 2))",    lambda m, x: x.squeeze((0, 2)),             lambda x: x.squeeze((0, 2)),            [(1, 3, 1)]),
    ("unsqueeze",          lambda m, x: x.unsqueeze(1),                lambda x: x[:, None],                   [(2, 3)]),
    ("unsqueeze(-1)",      lambda m, x: m.unsqueeze(x, -1),            lambda x: x[..., None],                 [(2, 3), ()]),
    ("transpose",          lambda m, x: x.transpose(0, 2),             lambda x: np.swapaxes(x, 0, 2),         [(2, 3, 2)]),
    ("swapaxes",           lambda m, x: x.swapaxes(-1, 0),             lambda x: np.swapaxes(x, -1, 0),        [(2, 3)]),
    ("transpose of one",   lambda m, x: x.transpose(0, -1),            lambda x: x,                            [()]),
    ("permute",            lambda m, x: x.permute(2, 0, 1),            lambda x: x.transpose(2, 0, 1),         [(2, 3, 4)]),
    ("permute a tuple",    lambda m, x: m.permute(x, (-1, 0, 1)),      lambda x: x.transpose(2, 0, 1),         [(2, 3, 4)]),
    ("movedim",            lambda m, x: x.movedim(0, -1),              lambda x: np.moveaxis(x, 0, -1),        [(2, 3, 4)]),
    ("movedim of two",     lambda m, x: x.movedim((0, 2), (1, 0)),     lambda x: np.moveaxis(x, (0, 2), (1, 0)), [(2, 3, 4)]),
    ("t()",                lambda m, x: x.t(),                         lambda x: x.T,                          [(2, 3), (3,), ()]),
    ("T",                  lambda m, x: x.T,                           lambda x: x.T,                          [(2, 3)]),
    ("mT",                 lambda m, x: x.mT,                          lambda x: np.swapaxes(x, -1, -2),       [(2, 3), (2, 3, 4)]),
    ("H",                  lambda m, x: x.H,                           lambda x: x.T,                          [(2, 3)]),
    ("mH",                 lambda m, x: x.mH,                          lambda x: np.swapaxes(x, -1, -2),       [(2, 3, 2)]),
    ("expand",             lambda m, x: x.expand(2, 3),                lambda x: np.broadcast_to(x, (2, 3)),   [(3,), (1, 3), (2, 1), ()]),
    ("expand -1",          lambda m, x: x.expand(2, -1, 4),            lambda x: np.broadcast_to(x, (2, 3, 4)), [(3, 1), (1, 3, 1)]),
    ("expand_as",          lambda m, x: x.expand_as(m.zeros(2, 3)),    lambda x: np.broadcast_to(x, (2, 3)),   [(1, 3)]),
    ("broadcast_to",       lambda m, x: m.broadcast_to(x, (2, 2, 3)),  lambda x: np.broadcast_to(x, (2, 2, 3)), [(2, 1)]),
    ("broadcast_tensors",  lambda m, x, y: m.broadcast_tensors(x, y)[1], lambda x, y: np.broadcast_to(y, (2, 3)), [((2, 1), (3,))]),
    ("flip",               lambda m, x: x.flip(0),                     lambda x: np.flip(x, 0),                [(3,), (2, 3)]),
    ("flip of two",        lambda m, x: m.flip(x, (0, -1)),            lambda x: np.flip(x, (0, -1)),          [(2, 3, 2)]),
    ("cat",                lambda m, x, y: m.cat([x, y]),              lambda x, y: np.concatenate([x, y]),    [((2, 3), (1, 3)), ((2,), (0,))]),
    ("cat along 1",        lambda m, x, y: m.cat((x, y, x), dim=1),    lambda x, y: np.concatenate([x, y, x], 1), [((2, 3), (2, 1))]),
    ("cat of one",         lambda m, x: m.cat([x], -1),                lambda x: x,                            [(2, 3)]),
    ("cat of five",        lambda m, x, y: m.cat([x, y, y, x, y]),     lambda x, y: np.concatenate([x, y, y, x, y]), [((2,), (3,))]),
    ("stack",              lambda m, x, y: m.stack([x, y, x]),         lambda x, y: np.stack([x, y, x]),       [((3,), (3,)), ((), ()), ((2, 2), (2, 2))]),
    ("stack along -1",     lambda m, x, y: m.stack([x, y], dim=-1),    lambda x, y: np.stack([x, y], -1),      [((3,), (3,)), ((2, 3), (2, 3))]),
    ("hstack",             lambda m, x, y: m.hstack([x, y]),           lambda x, y: np.hstack([x, y]),         [((2,), (3,)), ((2, 1), (2, 2)), ((), ())]),
    ("vstack",             lambda m, x, y: m.vstack([x, y]),           lambda x, y: np.vstack([x, y]),         [((2,), (2,)), ((1, 2), (2, 2)), ((), ())]),
    ("split",              lambda m, x: x.split(2)[1] * x.split(2)[0][0], lambda x: x[2:] * x[0],              [(3,), (4, 2)]),
    ("split into sizes",   lambda m, x: m.split(x, [1, 2], dim=1)[1],  lambda x: x[:, 1:],                     [(2, 3)]),
    ("chunk",              lambda m, x: x.chunk(2, -1)[0],             lambda x: x[..., :2],                   [(3,), (2, 4)]),
    ("unbind",             lambda m, x: x.unbind(1)[2],                lambda x: x[:, 2],                      [(2, 3), (2, 3, 2)]),
    ("iteration",          lambda m, x: sum(r * (i + 1) for i, r in enumerate(x)), lambda x: sum(r * (i + 1) for i, r in enumerate(x)), [(3,), (2, 3)]),
    ("narrow",             lambda m, x: x.narrow(1, 1, 2),             lambda x: x[:, 1:3],                    [(2, 3)]),
    ("narrow from behind", lambda m, x: m.narrow(x, 0, -1, 1),         lambda x: x[-1:],                       [(3,)]),
    ("select",             lambda m, x: x.select(1, -1),               lambda x: x[:, -1],                     [(2, 3)]),
    ("repeat",             lambda m, x: x.repeat(2, 1, 3),             lambda x: np.tile(x, (2, 1, 3)),        [(2, 2), (2,)]),
    ("tile",               lambda m, x: m.tile(x, (2,)),               lambda x: np.tile(x, 2),                [(2, 3), ()]),
    ("clone",              lambda m, x: x.clone(),                     lambda x: x,                            [(2, 3), (), (0,)]),
    ("contiguous",         lambda m, x: x.t().contiguous(),            lambda x: x.T,                          [(2, 3)]),
]
# fmt: on


def shapes_of(given):
    return list(given) if given and isinstance(given[0], tuple) else [given]


CASES = [pytest.param(f, reference, shapes_of(s), id=f"{case}-{s}") for case, f, reference, shapes in TABLE for s in shapes]
cases = pytest.mark.parametrize("f, reference, shapes", CASES)


@cases
def test_values_and_derivatives(f, reference, shapes):
    inputs = arrays(*shapes)
    near(f(torch, *map(torch.tensor, inputs)), reference(*inputs))
    first(f, inputs)
    second(f, inputs)


@cases
def test_forward_mode(f, reference, shapes):
    forward(f, arrays(*shapes))


@cases
def test_inputs_that_are_not_contiguous(f, reference, shapes):
    inputs = arrays(*shapes)
    plain, turned = [leaf(x) for x in inputs], [leaf(np.array(x.T, order="C")) for x in inputs]
    if {"view", "view_as"} & set(f.__code__.co_names):
        return
    y = f(torch, *(t.permute(*reversed(range(t.ndim))) if t.ndim else t for t in turned))
    near(y, reference(*inputs))
    (y * y).sum().backward()
    z = f(torch, *plain)
    (z * z).sum().backward()
    for t, p in zip(turned, plain, strict=True):
        if p.grad is not None:
            near(t.grad, numbers(p.grad).T)


@pytest.mark.oracle
@cases
def test_against_pytorch(f, reference, shapes):
    theirs = pytest.importorskip("torch")
    inputs = arrays(*shapes)
    oracle(f, inputs)
    row = f(theirs, *(theirs.tensor(x, requires_grad=True) for x in inputs)).grad_fn
    assert name(f(torch, *map(leaf, inputs))) == type(row).__name__


# Views share memory with what they are views of, and are what they are after a write.

VIEWS = [
    lambda x: x.reshape(6),
    lambda x: x.view(3, 2),
    lambda x: x.flatten(),
    lambda x: x.ravel(),
    lambda x: x.unflatten(1, (3, 1)),
    lambda x: x.squeeze(),
    lambda x: x.unsqueeze(0),
    lambda x: x.transpose(0, 1),
    lambda x: x.permute(1, 0),
    lambda x: x.movedim(0, 1),
    lambda x: x.t(),
    lambda x: x.T,
    lambda x: x.mT,
    lambda x: x.expand(2, 2, 3),
    lambda x: x.split(1)[1],
    lambda x: x.chunk(2)[1],
    lambda x: x.unbind()[1],
    lambda x: x.narrow(0, 1, 1),
    lambda x: x.select(0, 1),
]


@pytest.mark.parametrize("view", VIEWS)
def test_views_share_memory(view):
    values = np.arange(6.0).reshape(2, 3)
    x = torch.tensor(values)
    shown = view(x)
    x[1, 2] = 50.0
    values[1, 2] = 50.0
    same(shown, numbers(view(torch.tensor(values))))
    assert shown._is_view() and np.may_share_memory(shown.numpy(), x.numpy())


@pytest.mark.parametrize("view", VIEWS[:13])
def test_a_view_written_in_place_keeps_history(view):
    x, w = leaf(np.arange(6.0).reshape(2, 3)), leaf(3.0)
    y = x * 1
    shown = view(y)
    shown.mul_(w)
    (y * y).sum().backward()
    near(x.grad, 18.0 * np.arange(6.0).reshape(2, 3))
    near(w.grad, 2 * 3.0 * (np.arange(6.0) ** 2).sum())


@pytest.mark.parametrize(
    "copy",
    [lambda x: x.clone(), lambda x: x.t().reshape(6), lambda x: x.flip(0), lambda x: torch.cat([x]), lambda x: torch.stack([x]),
     lambda x: x.repeat(1, 1), lambda x: x.tile(1), lambda x: x.t().contiguous()],
)  # fmt: skip
def test_copies_do_not(copy):
    x = torch.tensor(np.arange(6.0).reshape(2, 3))
    made = copy(x)
    assert not np.may_share_memory(made.numpy(), x.numpy())


def test_contiguous_and_flatten_give_the_tensor_itself_where_nothing_changes():
    x = leaf([1.0, 2.0])
    assert x.contiguous() is x and x.flatten() is x


def test_views_of_a_0d_tensor_share_its_value():
    x = torch.tensor(2.0)
    wide, line = x.expand(3), x.reshape(1)
    line.mul_(4)
    same(x, 8.0)
    same(wide, [8.0, 8.0, 8.0])


def test_dtypes_are_promoted_and_gradients_cast_back():
    a, b = leaf([1.0, 2.0], dtype=torch.float32), leaf([3.0])
    y = torch.cat([a, b, torch.tensor([1])])
    assert y.dtype == torch.float64
    (y * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    assert a.grad.dtype == torch.float32 and a.grad.tolist() == [1.0, 2.0] and b.grad.tolist() == [3.0]
    assert torch.stack([torch.tensor(1), torch.tensor(2)]).dtype == torch.int64
    x = leaf([[1.0, 2.0]], dtype=torch.float32)
    for f in (lambda x: x.T, lambda x: x.expand(2, 2), lambda x: x.flip(1), lambda x: x.repeat(2, 1), lambda x: x.reshape(2)):
        assert f(x).dtype == torch.float32
        assert torch.autograd.grad(f(x).sum(), x)[0].dtype == torch.float32


def test_constants_among_what_is_joined():
    x = leaf([1.0, 2.0])
    y = torch.cat([torch.ones(1), x, torch.ones(2), x])
    y.backward(torch.arange(7.0))
    same(x.grad, [1.0 + 5.0, 2.0 + 6.0])


def test_many_0d_tensors_stacked():
    x = leaf(np.arange(1.0, 31.0))
    y = torch.stack([x[i] ** 2 for i in range(30)])
    y.sum().backward()
    same(x.grad, 2 * np.arange(1.0, 31.0))


# fmt: off
ERRORS = [
    ("reshape to another size",   RuntimeError, lambda x: x.reshape(4)),
    ("reshape, two unknown",      RuntimeError, lambda x: x.reshape(-1, -1)),
    ("reshape, not divisible",    RuntimeError, lambda x: x.reshape(4, -1)),
    ("reshape, negative",         RuntimeError, lambda x: x.reshape(-2, 3)),
    ("reshape of nothing, -1, 0", RuntimeError, lambda x: x[:0].reshape(-1, 0)),
    ("view of a transpose",       RuntimeError, lambda x: x.t().view(6)),
    ("view to another size",      RuntimeError, lambda x: x.view(5)),
    ("flatten backwards",         RuntimeError, lambda x: x.flatten(1, 0)),
    ("flatten out of range",      IndexError,   lambda x: x.flatten(0, 2)),
    ("unflatten",                 RuntimeError, lambda x: x.unflatten(1, (2, 2))),
    ("squeeze out of range",      IndexError,   lambda x: x.squeeze(2)),
    ("unsqueeze out of range",    IndexError,   lambda x: x.unsqueeze(3)),
    ("transpose out of range",    IndexError,   lambda x: x.transpose(0, 2)),
    ("permute, too few",          RuntimeError, lambda x: x.permute(0)),
    ("permute, twice",            RuntimeError, lambda x: x.permute(0, 0)),
    ("permute, out of range",     IndexError,   lambda x: x.permute(0, 2)),
    ("movedim, other number",     RuntimeError, lambda x: x.movedim((0, 1), (0,))),
    ("movedim, twice",            RuntimeError, lambda x: x.movedim((0, 0), (0, 1))),
    ("t() of three dimensions",   RuntimeError, lambda x: x[None].t()),
    ("mT of a vector",            RuntimeError, lambda x: x[0].mT),
    ("H of a vector",             RuntimeError, lambda x: x[0].H),
    ("expand to another size",    RuntimeError, lambda x: x.expand(4, 3)),
    ("expand to fewer",           RuntimeError, lambda x: x.expand(3)),
    ("expand, -1 in front",       RuntimeError, lambda x: x.expand(-1, 2, 3)),
    ("broadcast_tensors",         RuntimeError, lambda x: torch.broadcast_tensors(x, torch.ones(2))),
    ("flip out of range",         IndexError,   lambda x: x.flip(2)),
    ("flip twice",                RuntimeError, lambda x: x.flip((0, 0))),
    ("cat of nothing",            ValueError,   lambda x: torch.cat([])),
    ("cat of a Tensor",           TypeError,    lambda x: torch.cat(x)),
    ("cat of numbers",            TypeError,    lambda x: torch.cat([x, 1.0])),
    ("cat of other extents",      RuntimeError, lambda x: torch.cat([x, x[:, :2]])),
    ("cat of 0-d",                RuntimeError, lambda x: torch.cat([x[0, 0], x[0, 1]])),
    ("cat out of range",          IndexError,   lambda x: torch.cat([x, x], 2)),
    ("stack of nothing",          RuntimeError, lambda x: torch.stack([])),
    ("stack of other shapes",     RuntimeError, lambda x: torch.stack([x, x[0]])),
    ("stack out of range",        IndexError,   lambda x: torch.stack([x, x], 3)),
    ("split into nothing",        RuntimeError, lambda x: x.split(0)),
    ("split into wrong sizes",    RuntimeError, lambda x: x.split([1, 2])),
    ("split of 0-d",              RuntimeError, lambda x: x[0, 0].split(1)),
    ("chunk into nothing",        RuntimeError, lambda x: x.chunk(0)),
    ("unbind of 0-d",             IndexError,   lambda x: x[0, 0].unbind()),
    ("narrow too long",           RuntimeError, lambda x: x.narrow(0, 1, 2)),
    ("narrow from beyond",        IndexError,   lambda x: x.narrow(0, 3, 1)),
    ("select beyond",             IndexError,   lambda x: x.select(0, 2)),
    ("repeat of too few",         RuntimeError, lambda x: x.repeat(2)),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, attempt):
    with pytest.raises(kind) as caught:
        attempt(leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert len(str(caught.value)) > 20
