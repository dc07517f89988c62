"""x[key]: values, derivatives, views, names and errors as PyTorch has them."""

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, name, numbers, same, torch

grad = torch.autograd.grad


def t(m, values):
    return m.tensor(values)


# fmt: off
# key of a (2, 3, 4) tensor, given the module
KEYS = [
    ("1",                    lambda m: 1),
    ("-1",                   lambda m: -1),
    ("1, 2",                 lambda m: (1, 2)),
    ("1, 2, 3",              lambda m: (1, 2, 3)),
    ("-1, -2, -3",           lambda m: (-1, -2, -3)),
    ("1:",                   lambda m: slice(1, None)),
    (":",                    lambda m: slice(None)),
    ("::2",                  lambda m: slice(None, None, 2)),
    (":, 1",                 lambda m: (slice(None), 1)),
    (":, 0:2",               lambda m: (slice(None), slice(0, 2))),
    (":, :",                 lambda m: (slice(None), slice(None))),
    (":, 1::2, -3:-1",       lambda m: (slice(None), slice(1, None, 2), slice(-3, -1))),
    ("0, :, 1",              lambda m: (0, slice(None), 1)),
    ("...",                  lambda m: Ellipsis),
    ("()",                   lambda m: ()),
    ("..., 0",               lambda m: (Ellipsis, 0)),
    ("0, ..., 1:3",          lambda m: (0, Ellipsis, slice(1, 3))),
    ("0, ...",               lambda m: (0, Ellipsis)),
    ("None",                 lambda m: None),
    ("0, None",              lambda m: (0, None)),
    ("None, 1, ..., None",   lambda m: (None, 1, Ellipsis, None)),
    ("5:",                   lambda m: slice(5, None)),
    ("1:1",                  lambda m: slice(1, 1)),
    ("tensor(1)",            lambda m: t(m, 1)),
    ("tensor(1), 2",         lambda m: (t(m, 1), 2)),
    ("tensor(0):tensor(1)",  lambda m: slice(t(m, 0), t(m, 1))),
    ("np.int64(1)",          lambda m: np.int64(1)),
    ("[1, 0, 1]",            lambda m: [1, 0, 1]),
    ("[1],",                 lambda m: ([1],)),
    ("[]",                   lambda m: []),
    ("range",                lambda m: range(2)),
    ("tensor([1, 1])",       lambda m: t(m, [1, 1])),
    ("tensor([[0], [-1]])",  lambda m: t(m, [[0], [-1]])),
    (":, [2, 0, 2]",         lambda m: (slice(None), [2, 0, 2])),
    ("..., [3, 3]",          lambda m: (Ellipsis, t(m, [3, 3]))),
    ("[0, 1], [1, 2]",       lambda m: ([0, 1], [1, 2])),
    ("[[0], [1]], [1, 2]",   lambda m: (t(m, [[0], [1]]), t(m, [1, 2]))),
    ("[0, 1], :, [1, 2]",    lambda m: (t(m, [0, 1]), slice(None), t(m, [1, 2]))),
    (":, [0, 1], [1, 2]",    lambda m: (slice(None), t(m, [0, 1]), t(m, [1, 2]))),
    ("0, [1, 2]",            lambda m: (0, t(m, [1, 2]))),
    ("0, :, [1, 2]",         lambda m: (0, slice(None), t(m, [1, 2]))),
    ("[1, 0], :, 2",         lambda m: (t(m, [1, 0]), slice(None), 2)),
    (":, [1, 2], 0",         lambda m: (slice(None), t(m, [1, 2]), 0)),
    ("None, [0, 1], 1:",     lambda m: (None, t(m, [0, 1]), slice(1, None))),
    ("0, None, :, [1, 2]",   lambda m: (0, None, slice(None), t(m, [1, 2]))),
    ("mask 2",               lambda m: t(m, [True, False])),
    ("[True, False]",        lambda m: [True, False]),
    ("mask 2x3",             lambda m: t(m, [[True, False, True], [False, False, True]])),
    (":, mask 3",            lambda m: (slice(None), t(m, [True, False, True]))),
    ("0, mask 3x4",          lambda m: (0, t(m, np.arange(12).reshape(3, 4) % 5 == 0))),
    ("mask 2x3, [0, 1, 2]",  lambda m: (t(m, [[True, False, True], [False, False, True]]), t(m, [0, 1, 2]))),
    ("mask of nothing",      lambda m: t(m, np.zeros((2, 3, 4), bool))),
    ("True",                 lambda m: True),
    ("False",                lambda m: False),
    ("True, 0",              lambda m: (True, 0)),
]
# name, function of (module, inputs...), shapes of the inputs
TABLE = [
    *[(f"x[{text}]", lambda m, x, key=key: x[key(m)], [(2, 3, 4)]) for text, key in KEYS],
    ("x[None] of one",       lambda m, x: x[None],                                          [()]),
    ("x[...] of one",        lambda m, x: x[...],                                           [()]),
    ("x[2] of a vector",     lambda m, x: x[2] * x[0],                                      [(3,)]),
    ("rows in a loop",       lambda m, x: sum(x[i] * x[i, 0] for i in range(3)),            [(3, 2)]),
    ("a view of a view",     lambda m, x: x.t()[1:][0] * x[0, 0],                           [(2, 3)]),
]
# fmt: on


CASES = []
for case, f, shapes in TABLE:
    several = f.__code__.co_argcount - len(f.__defaults__ or ()) > 2
    CASES += [pytest.param(f, s, id=f"{case}-{s}") for s in ([shapes] if several else [[shape] for shape in shapes])]
cases = pytest.mark.parametrize("f, shapes", CASES)


@cases
def test_derivatives(f, shapes):
    inputs = arrays(*shapes, seed=2)
    first(f, inputs)
    second(f, inputs)


@cases
def test_forward_mode(f, shapes):
    forward(f, arrays(*shapes, seed=2))


@pytest.mark.oracle
@cases
def test_against_pytorch(f, shapes):
    theirs = pytest.importorskip("torch")
    inputs = arrays(*shapes, seed=2)
    oracle(f, inputs)
    row = type(f(theirs, *(theirs.tensor(x, requires_grad=True) for x in inputs)).grad_fn).__name__
    assert name(f(torch, *map(leaf, inputs))) == row.removesuffix("_copy")


@cases
def test_the_plain_replay_agrees(f, shapes):
    inputs = arrays(*shapes, seed=2)
    found = []
    for graph in (False, True):
        xs = [leaf(x) for x in inputs]
        y = f(torch, *xs)
        found.append(grad((y * y).sum(), xs, create_graph=graph, allow_unused=True, materialize_grads=True))
    for mine, other in zip(*found, strict=True):
        same(mine, numbers(other))


@pytest.mark.parametrize("key", [key for text, key in KEYS if not text.startswith(("0, :, [", "0, None"))], ids=lambda key: "")
def test_values_are_those_of_numpy(key):
    x = np.arange(24.0).reshape(2, 3, 4)
    given = key(torch)
    plain = tuple(numbers(k) if hasattr(k, "detach") else k for k in given) if isinstance(given, tuple) else given
    plain = numbers(plain) if hasattr(plain, "detach") else plain
    if isinstance(plain, list):
        plain = np.array(plain, dtype=None if plain else int)
    if isinstance(plain, slice):
        plain = slice(*(None if s is None else int(s) for s in (plain.start, plain.stop, plain.step)))
    try:
        expected = x[plain]
    except IndexError:
        pytest.skip("NumPy refuses this key")
    for _ in range(3):  # the second time a plan is found
        same(torch.tensor(x)[given], expected)
        same(torch.tensor(np.array(x.transpose(2, 0, 1), order="C")).permute(1, 2, 0)[given], expected)


def test_ints_apply_before_index_tensors():
    x = torch.tensor(np.arange(24.0).reshape(2, 3, 4))
    i = torch.tensor([1, 2])
    same(x[0, :, i], numbers(x)[0][:, [1, 2]])
    y = torch.zeros(2, 3, 4)
    y[0, :, i] = x[0, :, i]
    same(y.sum(), numbers(x)[0][:, [1, 2]].sum())


def test_views_share_memory_and_history():
    x = leaf(np.arange(6.0).reshape(2, 3))
    y = x * 1
    row, element, column = y[1], y[1, 2], y[:, 2]
    y.mul_(2)
    same(row, [6.0, 8.0, 10.0])
    assert element.item() == 10.0
    same(column, [4.0, 10.0])
    row[2] = 1.0
    assert element.item() == 1.0
    same(y[1, 2], 1.0)
    column.sum().backward()
    same(x.grad, [[0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    z = torch.zeros(3, 3)
    z.diagonal().copy_(torch.ones(3))
    same(z, np.eye(3))
    assert y[1:]._is_view() and not y[[1]]._is_view()


def test_plans_do_not_confuse_keys():
    x = torch.tensor(np.arange(12.0).reshape(3, 4))
    for _ in range(2):
        same(x[1], [4.0, 5.0, 6.0, 7.0])
        same(x[True], np.arange(12.0).reshape(1, 3, 4))
        same(x[1:2], [[4.0, 5.0, 6.0, 7.0]])
        same(x[1, 2], 6.0)
        same(x[1:2, None], [[[4.0, 5.0, 6.0, 7.0]]])
        same(x[True, 1], [[4.0, 5.0, 6.0, 7.0]])
        same(x[(slice(0, 2), 3)], [3.0, 7.0])


def test_a_long_loop_over_elements_is_linear_and_right():
    n = 3000
    x = leaf(np.arange(float(n)))
    total = x[0] * 0
    for i in range(n):
        total = total + x[i] * (i + 1)
    total.backward()
    same(x.grad, np.arange(1.0, n + 1))


def test_many_plans():
    x = leaf(np.arange(20_000.0))
    y = x * 1
    sum((y[i] for i in range(0, 20_000, 2)), start=torch.tensor(0.0)).backward()
    same(x.grad, np.arange(20_000) % 2 == 0)


def test_iteration():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    a, b = x
    assert name(a) == "UnbindBackward0"
    (a * b).sum().backward()
    same(x.grad, [[3.0, 4.0], [1.0, 2.0]])
    assert [v.item() for v in torch.tensor([1.0, 2.0])] == [1.0, 2.0]


def test_duplicates_add_up():
    x = leaf([1.0, 2.0, 3.0])
    x[[0, 0, 2]].backward(torch.tensor([1.0, 10.0, 100.0]))
    same(x.grad, [11.0, 0.0, 100.0])
    m = leaf(np.zeros((3, 2)))
    m[torch.tensor([1, 1, 1])].backward(torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    same(m.grad, [[0.0, 0.0], [9.0, 12.0], [0.0, 0.0]])


def test_integers_and_booleans_are_indexed_too():
    i, b = torch.tensor([[1, 2], [3, 4]]), torch.tensor([True, False])
    assert i[1].tolist() == [3, 4] and i[1, 0].item() == 3 and i[:, 1].tolist() == [2, 4] and i[i > 2].tolist() == [3, 4]
    assert b[0].item() is True and b[1:].dtype == torch.bool and i[0].dtype == torch.int64


# fmt: off
ERRORS = [
    ("index out of range",       IndexError,   lambda x: x[2]),
    ("negative out of range",    IndexError,   lambda x: x[-3]),
    ("second out of range",      IndexError,   lambda x: x[:, 3]),
    ("out of range after ...",   IndexError,   lambda x: x[..., 3]),
    ("too many",                 IndexError,   lambda x: x[0, 0, 0]),
    ("of a 0-d tensor",          IndexError,   lambda x: x[0, 0][0]),
    ("a mask too many",          IndexError,   lambda x: x[x > 0, 0]),
    ("negative step",            ValueError,   lambda x: x[::-1]),
    ("step zero",                ValueError,   lambda x: x[:, ::0]),
    ("a float",                  IndexError,   lambda x: x[1.5]),
    ("a string",                 TypeError,    lambda x: x["a"]),
    ("a slice of floats",        TypeError,    lambda x: x[0.5:1.5]),
    ("index tensor of floats",   IndexError,   lambda x: x[torch.tensor([0.0])]),
    ("index tensor out of range", IndexError,  lambda x: x[torch.tensor([0, 2])]),
    ("mask of another shape",    IndexError,   lambda x: x[torch.tensor([True, False, True])]),
    ("shapes of index tensors",  IndexError,   lambda x: x[[0, 1], [0, 1, 2]]),
    ("iterating a 0-d tensor",   TypeError,    lambda x: list(x[0, 0])),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, attempt):
    with pytest.raises(kind) as caught:
        attempt(leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert len(str(caught.value)) > 20


def test_a_consumed_index_is_refused():
    x = leaf([1.0, 2.0])
    y = (x * 1)[torch.tensor([0, 0])].sum()
    y.backward()
    with pytest.raises(RuntimeError):
        y.backward()
