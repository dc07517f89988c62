"""What takes, puts, chooses and sorts by index or mask: values, derivatives, names and errors as PyTorch has them."""

from math import nan

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, name, near, numbers, same, torch

grad = torch.autograd.grad


def t(m, values):
    return m.tensor(values)


I23 = [[0, 1, 1, 0], [1, 1, 0, 0]]
# fmt: off
# name, function of (module, inputs...), shapes of the inputs
TABLE = [
    ("gather(0)",            lambda m, x: x.gather(0, t(m, [[1, 0, 1], [1, 1, 0]])),        [(2, 3)]),
    ("gather(1), smaller",   lambda m, x: m.gather(x, 1, t(m, [[2, 2, 0, 1]])),             [(2, 3)]),
    ("gather of a vector",   lambda m, x: x.gather(0, t(m, [1, 1, 2])),                     [(3,)]),
    ("gather of one",        lambda m, x: x.gather(0, t(m, 0)),                             [()]),
    ("scatter_add",          lambda m, x, s: x.scatter_add(0, t(m, I23), s),                [(2, 4), (2, 4)]),
    ("scatter_add, smaller", lambda m, x, s: x.scatter_add(1, t(m, [[3, 3]]), s),           [(2, 4), (1, 2)]),
    ("scatter",              lambda m, x, s: x.scatter(0, t(m, [[1, 0, 1]]), s),            [(2, 3), (1, 3)]),
    ("scatter a value",      lambda m, x: x.scatter(1, t(m, [[0], [2]]), 5.0),              [(2, 3)]),
    ("scatter value=",       lambda m, x: m.scatter(x, 1, t(m, [[0], [2]]), value=5.0),     [(2, 3)]),
    ("take",                 lambda m, x: x.take(t(m, [[0, 5], [-1, 0]])),                  [(2, 3)]),
    ("take_along_dim",       lambda m, x: m.take_along_dim(x, t(m, [[2], [-1]]), 1),        [(2, 3)]),
    ("take_along_dim, broadcast", lambda m, x: x.take_along_dim(t(m, [[1]]), dim=0),        [(2, 3)]),
    ("take_along_dim flat",  lambda m, x: x.take_along_dim(t(m, [5, 0, 0])),                [(2, 3)]),
    ("index_select",         lambda m, x: x.index_select(1, t(m, [2, 0, 2])),               [(2, 3)]),
    ("index_select, one",    lambda m, x: m.index_select(x, 0, t(m, 1)),                    [(2, 3)]),
    ("index_add",            lambda m, x, s: x.index_add(0, t(m, [1, 1]), s),               [(3, 2), (2, 2)]),
    ("index_add, alpha",     lambda m, x, s: m.index_add(x, 1, t(m, [0]), s, alpha=3),      [(3, 2), (3, 1)]),
    ("diagonal",             lambda m, x: x.diagonal(),                                     [(2, 3), (3, 2)]),
    ("diagonal(1, ...)",     lambda m, x: x.diagonal(1, -1, 0),                             [(3, 2, 3)]),
    ("diagonal of nothing",  lambda m, x: x.diagonal(5),                                    [(2, 3)]),
    ("diag of a matrix",     lambda m, x: m.diag(x, -1) * 1,                                [(3, 3)]),
    ("diag of a vector",     lambda m, x: x.diag(1),                                        [(3,)]),
    ("tril",                 lambda m, x: x.tril(),                                         [(2, 3), (2, 3, 3)]),
    ("triu(1)",              lambda m, x: m.triu(x, 1),                                     [(3, 3)]),
    ("where",                lambda m, x, y: m.where(x > 0, x, y),                          [(2, 3), (2, 3)]),
    ("where, broadcast",     lambda m, x, y: m.where(t(m, [[True], [False]]), x, y),        [(2, 3), (3,)]),
    ("where, number",        lambda m, x: m.where(x > 0, x, 0.5),                           [(2, 3), ()]),
    ("where, number first",  lambda m, x: m.where(x > 0, 2, x),                             [(3,)]),
    ("where, method",        lambda m, x: x.where(x > 0, 0.0),                              [(3,)]),
    ("masked_fill",          lambda m, x: x.masked_fill(x > 0, 2.0),                        [(2, 3)]),
    ("masked_fill, tensor",  lambda m, x, v: x.masked_fill(t(m, [True, False, True]), v),   [(2, 3), ()]),
    ("masked_select",        lambda m, x: x.masked_select(x > 0),                           [(2, 3)]),
    ("masked_select, broadcast", lambda m, x: x.masked_select(t(m, [[True], [False]])),     [(3,)]),
    ("clamp",                lambda m, x: x.clamp(-0.3, 0.4),                               [(2, 3), ()]),
    ("clamp min",            lambda m, x: m.clamp(x, min=0.1),                              [(5,)]),
    ("clamp max",            lambda m, x: x.clamp(max=0.1),                                 [(5,)]),
    ("clamp_min",            lambda m, x: x.clamp_min(0.0),                                 [(5,)]),
    ("clamp_max",            lambda m, x: x.clamp_max(0.0),                                 [(5,)]),
    ("clamp by tensors",     lambda m, x, a, b: x.clamp(a, b + 1),                          [(2, 3), (2, 3), (3,)]),
    ("clamp by one tensor",  lambda m, x, a: x.clamp(max=a),                                [(2, 3), ()]),
    ("clamp_min, tensor",    lambda m, x, a: x.clamp_min(a),                                [(4,), (4,)]),
    ("clamp_max, tensor",    lambda m, x, a: x.clamp_max(a),                                [(4,), (4,)]),
    ("sort",                 lambda m, x: x.sort()[0],                                      [(5,), (3, 4)]),
    ("sort(0), descending",  lambda m, x: m.sort(x, 0, descending=True).values,             [(4, 2)]),
    ("msort",                lambda m, x: x.msort(),                                        [(4, 2)]),
    ("topk",                 lambda m, x: x.topk(2).values,                                 [(5,), (2, 4)]),
    ("topk, smallest",       lambda m, x: m.topk(x, 2, dim=0, largest=False)[0],            [(4, 2)]),
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


@pytest.mark.differs("what was overwritten again has no gradient")
def test_of_duplicate_replacements_the_last_has_the_gradient():
    s = leaf([1.0, 2.0])
    y = torch.zeros(3).scatter(0, torch.tensor([1, 1]), s)
    same(y, [0.0, 2.0, 0.0])
    y.sum().backward()
    same(s.grad, [0.0, 1.0])


@pytest.mark.differs("src may be larger than the index also in a backward pass")
def test_scatter_add_of_more_than_the_index_names():
    x, s = leaf(np.zeros((2, 4))), leaf(np.arange(8.0).reshape(2, 4))
    y = x.scatter_add(1, torch.tensor([[3, 3]]), s)
    same(y, [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    y.sum().backward()
    same(s.grad, [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])


def test_integers_have_values_too():
    i = torch.tensor([[1, 2], [3, 4]])
    assert torch.arange(4, dtype=torch.int32).gather(0, torch.tensor([3])).dtype == torch.int32
    assert torch.tensor([3, 1]).sort().values.tolist() == [1, 3]
    assert i.masked_fill(i > 2, 9).tolist() == [[1, 2], [9, 9]] and i.clamp(2, 3).tolist() == [[2, 2], [3, 3]]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_dtypes_are_kept(dtype):
    dtype = getattr(torch, dtype)
    x = leaf([[1.0, 5.0], [3.0, 2.0]], dtype=dtype)
    for y in (x[0], x[0, 1], x[:, 1:], x[x > 1], x.gather(0, torch.tensor([[1, 0]])), x.clamp(1.5, 2.5), x.tril(), x.diagonal(),
              torch.where(x > 1, x, 0.0), x.masked_fill(x > 1, 0.0), x.sort().values, x.index_select(0, torch.tensor([1, 1]))):  # fmt: skip
        assert y.dtype == dtype
        (g,) = grad(y.sum(), x)
        assert g.dtype == dtype and g.shape == (2, 2)


def test_promotion():
    c = torch.tensor([True, False])
    x = leaf([1.0, 2.0], dtype=torch.float32)
    assert torch.where(c, x, 0.5).dtype == torch.float32
    assert torch.where(c, 1, 0).dtype == torch.int64 and torch.where(c, 1, 0.5).dtype == torch.float64
    assert torch.where(c, x, torch.tensor(1.0)).dtype == torch.float32
    y = torch.where(c, x, torch.tensor([3.0, 4.0]))
    assert y.dtype == torch.float64
    y.sum().backward()
    assert x.grad.dtype == torch.float32 and x.grad.tolist() == [1.0, 0.0]
    assert torch.tensor([1, 2]).clamp(0.5).dtype == torch.float64
    assert torch.tensor([True]).clamp(0, 1).dtype == torch.int64


# fmt: off
KINKS = [
    ("clamp at bounds",         lambda x: x.clamp(0.0, 1.0),                             [-1.0, 0.0, 1.0, 2.0, nan], [0.0, 1.0, 1.0, 0.0, 0.0]),
    ("clamp, bounds crossed",   lambda x: x.clamp(1.0, 0.0),                             [0.5, 0.0, 1.0],            [0.0, 0.0, 0.0]),
    ("clamp_min at its bound",  lambda x: x.clamp_min(0.0),                              [0.0, -1.0],                [1.0, 0.0]),
    ("clamp by equal tensors",  lambda x: x.clamp(torch.tensor(0.0), torch.tensor(1.0)), [0.0, 1.0, 2.0, -1.0],      [1.0, 1.0, 0.0, 0.0]),
    ("sort of NaN",             lambda x: x.sort().values[:2],                           [nan, 2.0, 1.0],            [0.0, 1.0, 1.0]),
    ("topk of ties",            lambda x: x.topk(1).values,                              [1.0, 2.0, 2.0],            [0.0, 1.0, 0.0]),
]
# fmt: on


@pytest.mark.parametrize("f, values, expected", [row[1:] for row in KINKS], ids=[row[0] for row in KINKS])
def test_kinks(f, values, expected):
    for graph in (False, True):
        x = leaf(values)
        near(grad(f(x).sum(), x, create_graph=graph)[0], expected)


def test_sorting():
    x = torch.tensor([2.0, nan, 1.0, 2.0])
    values, indices = x.sort(stable=True)
    assert values.tolist()[:3] == [1.0, 2.0, 2.0] and indices.tolist() == [2, 0, 3, 1]
    assert x.sort(descending=True, stable=True).indices.tolist() == [1, 0, 3, 2]
    assert x.argsort(stable=True).tolist() == [2, 0, 3, 1] and x.topk(1).indices.tolist() == [1]
    assert repr(torch.tensor([2.0, 1.0]).sort()).startswith("torch.return_types.sort(\nvalues=tensor([1., 2.])")
    assert torch.tensor(2.0).sort().indices.item() == 0 and torch.tensor(2.0).topk(1).values.item() == 2.0


def test_where_and_nonzero():
    x = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
    assert x.nonzero().tolist() == [[0, 1], [1, 0]]
    rows, columns = torch.where(x > 0)
    assert rows.tolist() == [0, 1] and columns.tolist() == [1, 0]
    assert x.nonzero(as_tuple=True)[0].dtype == torch.int64
    assert torch.tensor(2.0).nonzero().shape == (1, 0)


# fmt: off
ERRORS = [
    ("gather out of range",      RuntimeError, lambda x: x.gather(0, torch.tensor([[2]]))),
    ("gather negative",          RuntimeError, lambda x: x.gather(0, torch.tensor([[-1]]))),
    ("gather, other dimensions", RuntimeError, lambda x: x.gather(0, torch.tensor([0]))),
    ("gather, larger",           RuntimeError, lambda x: x.gather(0, torch.tensor([[0, 0, 0, 0]]))),
    ("gather, dim",              IndexError,   lambda x: x.gather(2, torch.tensor([[0]]))),
    ("gather by floats",         RuntimeError, lambda x: x.gather(0, torch.tensor([[0.0]]))),
    ("scatter_add, larger",      RuntimeError, lambda x: x.scatter_add(0, torch.tensor([[0, 1]]), x[:1, :1])),
    ("scatter_add out of range", RuntimeError, lambda x: x.scatter_add(0, torch.tensor([[0, 7]]), x)),
    ("scatter, other dtype",     RuntimeError, lambda x: x.scatter(0, torch.tensor([[0, 1]]), x.long())),
    ("take out of range",        IndexError,   lambda x: x.take(torch.tensor([6]))),
    ("take by floats",           RuntimeError, lambda x: x.take(torch.tensor([0.0]))),
    ("take_along_dim",           RuntimeError, lambda x: x.take_along_dim(torch.tensor([0]), 0)),
    ("index_select out of range", IndexError,  lambda x: x.index_select(0, torch.tensor([2]))),
    ("index_select by a matrix", IndexError,   lambda x: x.index_select(0, torch.tensor([[0]]))),
    ("index_add, other size",    RuntimeError, lambda x: x.index_add(0, torch.tensor([0]), x)),
    ("diagonal, one dim",        RuntimeError, lambda x: x.diagonal(0, 1, 1)),
    ("diagonal of a vector",     IndexError,   lambda x: x[0].diagonal()),
    ("diag of 3-d",              RuntimeError, lambda x: x[None].diag()),
    ("tril of a vector",         RuntimeError, lambda x: x[0].tril()),
    ("where by integers",        RuntimeError, lambda x: torch.where(x.long(), x, x)),
    ("where, shapes",            RuntimeError, lambda x: torch.where(x > 0, x, torch.ones(2))),
    ("masked_fill by integers",  RuntimeError, lambda x: x.masked_fill(x.long(), 1.0)),
    ("masked_fill with many",    RuntimeError, lambda x: x.masked_fill(x > 0, x)),
    ("masked_select by integers", RuntimeError, lambda x: x.masked_select(x.long())),
    ("clamp without bounds",     RuntimeError, lambda x: x.clamp()),
    ("topk of too many",         RuntimeError, lambda x: x.topk(4)),
    ("sort out of range",        IndexError,   lambda x: x.sort(2)),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, attempt):
    with pytest.raises(kind) as caught:
        attempt(leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert len(str(caught.value)) > 20
