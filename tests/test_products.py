"""Products: matmul in all ranks and what is made of it, einsum, tensordot; values, derivatives, labels and errors."""

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, name, near, numbers, torch

# fmt: off
RANKS = [  # shapes of the operands of matmul
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((1, 1), (1, 1)), ((2, 2, 3), (3, 4)), ((2, 2, 3), (3,)),
    ((2, 3), (2, 3, 4)), ((3,), (2, 3, 4)), ((2, 2, 3), (2, 3, 4)), ((1, 2, 3), (2, 3, 4)), ((2, 2, 3), (1, 3, 2)),
    ((2, 1, 2, 3), (3, 3, 2)), ((3, 2, 1, 2), (2, 2, 2)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0, 2, 3), (3, 2)), ((0,), (0,)),
]
CASES = [  # name, function, shapes, the same in NumPy
    ("mm",          lambda m, a, b: m.mm(a, b),                       [(2, 3), (3, 4)],       np.matmul),
    ("mv",          lambda m, a, b: m.mv(a, b),                       [(2, 3), (3,)],         np.matmul),
    ("bmm",         lambda m, a, b: m.bmm(a, b),                      [(2, 2, 3), (2, 3, 4)], np.matmul),
    ("dot",         lambda m, a, b: m.dot(a, b),                      [(3,), (3,)],           np.dot),
    ("vdot",        lambda m, a, b: m.vdot(a, b),                     [(3,), (3,)],           np.vdot),
    ("inner",       lambda m, a, b: m.inner(a, b),                    [(2, 3), (4, 3)],       np.inner),
    ("inner 1-d",   lambda m, a, b: m.inner(a, b),                    [(3,), (3,)],           np.inner),
    ("inner 3-d",   lambda m, a, b: m.inner(a, b),                    [(3,), (2, 2, 3)],      np.inner),
    ("outer",       lambda m, a, b: m.outer(a, b),                    [(3,), (2,)],           np.outer),
    ("outer twice", lambda m, a, b: m.outer(m.outer(a, b) @ b, m.sin(b)), [(3,), (2,)],       lambda a, b: np.outer(np.outer(a, b) @ b, np.sin(b))),
    ("self",        lambda m, a: a @ a,                               [(3, 3)],               lambda a: a @ a),
    ("gram",        lambda m, a: a.T @ a,                             [(3, 2)],               lambda a: a.T @ a),
    ("square",      lambda m, a: a @ a,                               [(3,)],                 lambda a: a @ a),
    ("strided",     lambda m, a, b: a[::2] @ b[:, ::2],               [(4, 3), (3, 4)],       lambda a, b: a[::2] @ b[:, ::2]),
    ("chain",       lambda m, a, b, c: m.tanh(a @ b) @ c,             [(2, 3), (3, 4), (4,)], lambda a, b, c: np.tanh(a @ b) @ c),
    ("addmm",       lambda m, a, b, c: m.addmm(a, b, c, beta=0.5, alpha=2), [(4,), (2, 3), (3, 4)], lambda a, b, c: 0.5 * a + 2 * (b @ c)),
    ("addmv",       lambda m, a, b, c: m.addmv(a, b, c),              [(2,), (2, 3), (3,)],   lambda a, b, c: a + b @ c),
    ("baddbmm",     lambda m, a, b, c: m.baddbmm(a, b, c, alpha=3),   [(2, 2, 2), (2, 2, 3), (2, 3, 2)], lambda a, b, c: a + 3 * (b @ c)),
    ("tensordot 2", lambda m, a, b: m.tensordot(a, b),                [(2, 3, 4), (3, 4, 2)], np.tensordot),
    ("tensordot 1", lambda m, a, b: m.tensordot(a, b, 1),             [(2, 3), (3, 2, 2)],    lambda a, b: np.tensordot(a, b, 1)),
    ("tensordot 0", lambda m, a, b: m.tensordot(a, b, 0),             [(2,), (3, 2)],         lambda a, b: np.tensordot(a, b, 0)),
    ("tensordot lists", lambda m, a, b: m.tensordot(a, b, ([0, 2], [1, 0])), [(2, 3, 4), (4, 2, 2)], lambda a, b: np.tensordot(a, b, ([0, 2], [1, 0]))),
    ("tensordot all", lambda m, a, b: m.tensordot(a, b, ([0, 1], [1, 0])), [(2, 3), (3, 2)],  lambda a, b: np.tensordot(a, b, ([0, 1], [1, 0]))),
]
EINSUM = [
    ("i,i->", (3,), (3,)), ("i,i", (3,), (3,)), ("i,j->ij", (2,), (3,)), ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)),
    ("ij,kj->ki", (2, 3), (4, 3)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)), ("bij,bjk->kib", (2, 2, 3), (2, 3, 2)), ("ii", (3, 3)), ("ii->i", (3, 3)),
    ("ij->ji", (2, 3)), ("ji", (2, 3)), ("ij->", (2, 3)), ("ij->j", (2, 3)), ("iij->j", (2, 2, 3)), ("ii,i->i", (3, 3), (3,)), ("iijj", (2, 2, 3, 3)),
    ("...ij,...jk->...ik", (2, 2, 3), (3, 2)), ("...i,...i->...", (2, 3), (2, 3)), ("...", (2, 3)), ("i...->...", (2, 3)), ("i...->i", (2, 3)),
    ("...ii->...i", (2, 3, 3)), ("i...j,j->i...", (2, 2, 3), (3,)), ("ij...,jk...->ik...", (2, 3, 1), (3, 2, 4)), ("ij,ij->ij", (2, 3), (2, 3)),
    ("ij,ij->i", (2, 3), (2, 3)), ("ij,i->j", (2, 3), (2,)), ("i,ij,j->", (2,), (2, 3), (3,)), ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)),
    ("ab,bc,cd,de->ae", (2, 2), (2, 3), (3, 2), (2, 2)), ("i,j,k->kji", (2,), (3,), (2,)), ("ij,jk->k", (2, 3), (3, 4)), ("a b , b c -> c a", (2, 3), (3, 2)),
    ("ij,kl->", (2, 2), (3, 2)), ("abc,bd,cd->ad", (2, 3, 2), (3, 2), (2, 2)), (",ij->ij", (), (2, 3)), ("Ba,aB", (2, 3), (3, 2)), ("bA", (2, 3)), ("ij,ij,ij->j", (2, 3), (2, 3), (2, 3)),
]
LABELS = [
    ("MmBackward0", lambda x, v: x @ x), ("MvBackward0", lambda x, v: x @ v), ("DotBackward0", lambda x, v: v @ v), ("BmmBackward0", lambda x, v: torch.bmm(x[None], x[None])),
    ("UnsafeViewBackward0", lambda x, v: x[None] @ x), ("MulBackward0", lambda x, v: torch.outer(v, v)), ("PermuteBackward0", lambda x, v: torch.einsum("ij->ji", x)),
]
ERRORS = [
    ("sizes",          RuntimeError, lambda: torch.ones(3, 4) @ torch.ones(3, 4)),
    ("vector",         RuntimeError, lambda: torch.ones(3, 4) @ torch.ones(3)),
    ("batches",        RuntimeError, lambda: torch.ones(2, 3, 4) @ torch.ones(3, 4, 2)),
    ("0-d",            RuntimeError, lambda: torch.ones(3, 4) @ torch.tensor(1.0)),
    ("dtypes",         RuntimeError, lambda: torch.ones(3, 3) @ torch.ones(3, 3, dtype=torch.float32)),
    ("integers",       RuntimeError, lambda: torch.ones(3, 3) @ torch.ones(3, 3, dtype=torch.int64)),
    ("mm of a vector", RuntimeError, lambda: torch.mm(torch.ones(3, 3), torch.ones(3))),
    ("mv sizes",       RuntimeError, lambda: torch.mv(torch.ones(3, 3), torch.ones(4))),
    ("bmm of matrices", RuntimeError, lambda: torch.bmm(torch.ones(3, 3), torch.ones(3, 3))),
    ("bmm batches",    RuntimeError, lambda: torch.bmm(torch.ones(1, 3, 3), torch.ones(2, 3, 3))),
    ("dot sizes",      RuntimeError, lambda: torch.dot(torch.ones(3), torch.ones(4))),
    ("dot of matrices", RuntimeError, lambda: torch.dot(torch.ones(3, 3), torch.ones(3, 3))),
    ("a string",       TypeError,    lambda: torch.ones(3) @ "a"),
    ("outer",          RuntimeError, lambda: torch.outer(torch.ones(3, 3), torch.ones(3))),
    ("too few",        RuntimeError, lambda: torch.einsum("ij,jk->ik", torch.ones(2, 2))),
    ("unknown result", RuntimeError, lambda: torch.einsum("ij->iz", torch.ones(2, 2))),
    ("subscripts",     RuntimeError, lambda: torch.einsum("ijk", torch.ones(2, 2))),
    ("einsum sizes",   RuntimeError, lambda: torch.einsum("ij,jk", torch.ones(2, 3), torch.ones(4, 4))),
    ("repeated result", RuntimeError, lambda: torch.einsum("ii->ii", torch.ones(2, 2))),
    ("bad letter",     RuntimeError, lambda: torch.einsum("i1", torch.ones(2, 2))),
    ("repeated sizes", RuntimeError, lambda: torch.einsum("ii", torch.ones(2, 3))),
    ("tensordot sizes", RuntimeError, lambda: torch.tensordot(torch.ones(3, 3), torch.ones(4, 3), 1)),
    ("tensordot lists", RuntimeError, lambda: torch.tensordot(torch.ones(3, 3), torch.ones(4, 3), ([0], [0, 1]))),
]
# fmt: on
TABLE = [(f"{a}@{b}", lambda m, a, b: a @ b, [a, b], np.matmul) for a, b in RANKS] + CASES
TABLE += [
    (text, lambda m, *t, text=text: m.einsum(text, *t), shapes, lambda *v, text=text: np.einsum(text.replace(" ", ""), *v))
    for text, *shapes in EINSUM
    if text not in ("...", "i...->i", "ij...,jk...->ik...")
]
TABLE += [
    ("...", lambda m, a: m.einsum("...", a), [(2, 3)], lambda a: a),
    ("i...->i", lambda m, a: m.einsum("i...->i", a), [(2, 3)], lambda a: a.sum(1)),
    ("ij...,jk...->ik...", lambda m, a, b: m.einsum("ij...,jk...->ik...", a, b), [(2, 3, 1), (3, 2, 4)],
     lambda a, b: np.einsum("ijz,jkw->ikw", a, b)),
]  # fmt: skip
each = pytest.mark.parametrize("f, shapes, reference", [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])


@each
def test_values(f, shapes, reference):
    inputs = arrays(*shapes)
    near(f(torch, *map(torch.tensor, inputs)), reference(*inputs), rtol=1e-12, atol=1e-14)


@each
def test_first_derivatives(f, shapes, reference):
    first(f, arrays(*shapes))


@each
def test_second_derivatives(f, shapes, reference):
    second(f, arrays(*shapes))


@each
def test_pushforwards(f, shapes, reference):
    forward(f, arrays(*shapes))


@pytest.mark.oracle
@each
def test_against_the_oracle(f, shapes, reference):
    oracle(f, arrays(*shapes))


@pytest.mark.parametrize("expected, f", LABELS, ids=[row[0] for row in LABELS])
def test_labels(expected, f):
    assert name(f(leaf([[1.0, 2.0], [3.0, 4.0]]), leaf([1.0, 2.0]))) == expected


@pytest.mark.parametrize("kind, f", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, f):
    with pytest.raises(kind):
        f()


@pytest.mark.differs("the message says which sizes must agree")
def test_a_message_says_what_was_given_and_wanted():
    with pytest.raises(RuntimeError, match=r"matmul got \(3, 4\) and \(3, 4\); the last dimension of the first \(4\) must equal"):
        torch.ones(3, 4) @ torch.ones(3, 4)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "int64", "complex128"])
def test_products_keep_the_dtype(dtype):
    dtype = getattr(torch, dtype)
    a, b = torch.ones(2, 3).to(dtype), torch.ones(3, 2).to(dtype)
    for found in (a @ b, torch.einsum("ij,jk->ik", a, b), torch.tensordot(a, b, 1)):
        assert found.dtype == dtype and found.to(torch.float64).tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_gradients_in_half_precision():
    a = torch.ones(2, 3, dtype=torch.float16, requires_grad=True)
    (a @ torch.ones(3, 2, dtype=torch.float16)).sum().backward()
    assert a.grad.dtype == torch.float16 and numbers(a.grad).tolist() == [[2.0] * 3] * 2


def test_vdot_conjugates_its_first_operand():
    assert torch.vdot(torch.tensor([1j, 2.0]), torch.tensor([1j, 1.0])).item() == 3


def test_einsum_takes_lists_of_subscripts_instead_of_an_equation():
    a, b = map(torch.tensor, arrays((2, 3), (3, 4)))
    expected = numbers(a) @ numbers(b)
    near(torch.einsum(a, [0, 1], b, [1, 2], [0, 2]), expected)
    near(torch.einsum(a, [0, 1], b, [1, 2]), expected)
    near(torch.einsum(a, [..., 1], b, [1, 2], [..., 2]), expected)
    near(torch.einsum("ij,jk", [a, b]), expected)


def test_einsum_broadcasts_dimensions_of_size_one():
    a, b = leaf([[1.0, 2.0, 3.0]]), leaf([[2.0], [3.0]])
    found = torch.einsum("ij,ij->ij", a, b)
    near(found, [[2.0, 4.0, 6.0], [3.0, 6.0, 9.0]])
    found.sum().backward()
    near(a.grad, [[5.0, 5.0, 5.0]])
    near(b.grad, [[6.0], [6.0]])


def test_one_operand_needs_a_gradient():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    other = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    near(torch.autograd.grad((x @ other).sum(), x)[0], [[1.0, 5.0], [1.0, 5.0]])
    near(torch.autograd.grad((other @ x).sum(), x)[0], [[2.0, 2.0], [4.0, 4.0]])


def test_products_of_many_batches_do_not_expand_the_weight():
    x = torch.tensor(np.ones((50, 4, 3)))
    w = leaf(np.ones((3, 2)))
    (x @ w).sum().backward()
    near(w.grad, np.full((3, 2), 200.0))


def test_numpy_arrays_are_operands():
    x = leaf([1.0, 2.0])
    near(torch.matmul(x, torch.tensor(np.array([3.0, 4.0]))), 11.0)


@pytest.mark.differs("arrays count as constants")
def test_numpy_arrays_are_operands_as_they_are():
    x = leaf([1.0, 2.0])
    y = x @ np.array([3.0, 4.0]) + np.array([[1.0, 0.0]]) @ x
    y.sum().backward()
    near(x.grad, [4.0, 4.0])
