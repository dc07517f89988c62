"""Products that are combined with something: chains, Kronecker and vector products, distances; complex and integer operands, out=."""

import numpy as np
import pytest
import scipy.spatial
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, near, numbers, torch

# fmt: off
CASES = [  # name, function, shapes, the same in NumPy
    ("addbmm",      lambda m, a, b, c: m.addbmm(a, b, c, beta=0.5, alpha=2), [(2, 4), (3, 2, 3), (3, 3, 4)], lambda a, b, c: 0.5 * a + 2 * (b @ c).sum(0)),
    ("addr",        lambda m, a, b, c: m.addr(a, b, c, beta=2, alpha=0.5), [(3,), (2,), (3,)],   lambda a, b, c: 2 * a + 0.5 * np.outer(b, c)),
    ("kron",        lambda m, a, b: m.kron(a, b),                  [(2, 3), (3, 2)],            np.kron),
    ("kron ranks",  lambda m, a, b: m.kron(a, b),                  [(2,), (2, 1, 2)],           np.kron),
    ("cross",       lambda m, a, b: m.cross(a, b, dim=1),          [(2, 3), (2, 3)],            np.cross),
    ("linalg.cross", lambda m, a, b: m.linalg.cross(a, b),         [(2, 3), (1, 3)],            np.cross),
    ("cdist",       lambda m, a, b: m.cdist(a, b),                 [(2, 3, 2), (2, 4, 2)],      lambda a, b: np.stack([scipy.spatial.distance.cdist(x, y) for x, y in zip(a, b, strict=True)])),
    ("cdist 1",     lambda m, a, b: m.cdist(a, b, p=1.0),          [(3, 2), (4, 2)],            lambda a, b: scipy.spatial.distance.cdist(a, b, "cityblock")),
    ("cdist 3",     lambda m, a, b: m.cdist(a, b, p=3.0),          [(3, 2), (4, 2)],            lambda a, b: scipy.spatial.distance.cdist(a, b, "minkowski", p=3)),
    ("cdist inf",   lambda m, a, b: m.cdist(a, b, p=float("inf")), [(3, 2), (4, 2)],            lambda a, b: scipy.spatial.distance.cdist(a, b, "chebyshev")),
    ("multi_dot",   lambda m, a, b, c, d: m.linalg.multi_dot([a, b, c, d]), [(2, 5), (5, 1), (1, 4), (4,)], lambda *x: np.linalg.multi_dot(x)),
    ("vecdot",      lambda m, a, b: m.linalg.vecdot(a, b, dim=0),  [(2, 3), (2, 1)],            lambda a, b: (a * b).sum(0)),
    ("matrix_power", lambda m, a: m.linalg.matrix_power(a, 5),     [(2, 3, 3)],                 lambda a: np.linalg.matrix_power(a, 5)),
    ("tensordot of ones", lambda m, a, b: m.tensordot(a, b, dims=((0, 1), (2, 0))), [(1, 1, 2), (2, 1, 3)], lambda a, b: np.tensordot(a, b.sum((0, 2), keepdims=True), ((0, 1), (2, 0)))),
]
ERRORS = [
    ("cross extents", lambda: torch.cross(torch.ones(2, 2), torch.ones(2, 2))),
    ("cross ranks",   lambda: torch.linalg.cross(torch.ones(3), torch.ones(2, 3))),
    ("cdist ranks",   lambda: torch.cdist(torch.ones(3), torch.ones(2, 3))),
    ("cdist p",       lambda: torch.cdist(torch.ones(2, 3), torch.ones(2, 3), p=-1.0)),
    ("addmm shapes",  lambda: torch.addmm(torch.ones(5), torch.ones(2, 3), torch.ones(3, 4))),
    ("addbmm ranks",  lambda: torch.addbmm(torch.ones(2), torch.ones(2, 3), torch.ones(3, 4))),
    ("addr ranks",    lambda: torch.addr(torch.ones(2), torch.ones(2, 3), torch.ones(3))),
    ("chain of 3-d",  lambda: torch.linalg.multi_dot([torch.ones(2, 2, 2), torch.ones(2, 2)])),
]
# fmt: on
each = pytest.mark.parametrize("f, shapes, reference", [row[1:] for row in CASES], ids=[row[0] for row in CASES])


@each
def test_values(f, shapes, reference):
    inputs = arrays(*shapes)
    near(f(torch, *map(torch.tensor, inputs)), reference(*inputs), rtol=1e-12, atol=1e-15)


@each
def test_first_derivatives(f, shapes, reference):
    first(f, arrays(*shapes))


@pytest.mark.slow
@each
def test_second_derivatives(f, shapes, reference):
    second(f, arrays(*shapes), rtol=1e-4)


@each
def test_pushforwards(f, shapes, reference):
    forward(f, arrays(*shapes))


@pytest.mark.oracle
@pytest.mark.parametrize("f, shapes, reference", [row[1:] for row in CASES if row[0] != "cdist inf"], ids=[row[0] for row in CASES if row[0] != "cdist inf"])
def test_against_the_oracle(f, shapes, reference):
    if shapes and any(row[0].startswith("cdist") and row[1] is f for row in CASES):
        pytest.skip("PyTorch has no second derivative of cdist")
    oracle(f, arrays(*shapes))


@pytest.mark.parametrize("f", [row[1] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(f):
    with pytest.raises(RuntimeError):
        f()


def test_the_gradient_of_a_distance_of_zero_is_zero():
    x = leaf([[1.0, 2.0], [4.0, 6.0]])
    d = torch.cdist(x, x.detach())
    near(d, [[0.0, 5.0], [5.0, 0.0]])
    d.sum().backward()
    near(x.grad, [[-0.6, -0.8], [0.6, 0.8]])


def test_integers_and_truth_values():
    a = torch.tensor([[1, 2], [3, 4]])
    assert (a @ a).tolist() == [[7, 10], [15, 22]] and torch.einsum("ij,jk->ik", a, a).dtype == torch.int64
    assert torch.addmm(a, a, a, alpha=2).tolist() == [[15, 22], [33, 48]]
    assert torch.kron(a, torch.tensor([[1, 0]])).tolist() == [[1, 0, 2, 0], [3, 0, 4, 0]]
    assert torch.linalg.matrix_power(a, 3).tolist() == [[37, 54], [81, 118]]


def test_complex_products_have_conjugate_gradients():
    rng = np.random.default_rng(0)
    a, b = (rng.normal(size=s) + 1j * rng.normal(size=s) for s in ((2, 3), (3, 2)))
    x, y = (torch.tensor(v, requires_grad=True) for v in (a, b))
    z = x @ y
    (z.abs() ** 2).sum().backward()
    near(torch.view_as_real(x.grad), np.stack([(g := 2 * a @ b @ b.conj().T).real, g.imag], -1), rtol=1e-12)
    near(torch.view_as_real(y.grad), np.stack([(g := 2 * a.conj().T @ a @ b).real, g.imag], -1), rtol=1e-12)


@pytest.mark.parametrize("name", ["matmul", "mm", "kron", "inner"])
def test_results_are_written_to_out(name):
    a, b = map(torch.tensor, arrays((3, 3), (3, 3)))
    out = torch.empty(0)
    assert getattr(torch, name)(a, b, out=out) is out
    near(out, numbers(getattr(torch, name)(a, b)))
    with pytest.raises(RuntimeError):
        getattr(torch, name)(a.requires_grad_(), b, out=out)


def test_decompositions_are_written_to_out():
    a = torch.tensor(arrays((3, 3))[0])
    w, v = torch.empty(0), torch.empty(0)
    found = torch.linalg.eigh(a @ a.mT, out=(w, v))
    assert found[0] is w and tuple(v.shape) == (3, 3)
    near(torch.linalg.inv(a, out=w), np.linalg.inv(numbers(a)), rtol=1e-10)


def test_beta_zero_does_not_look_at_the_input():
    assert torch.addmm(torch.full((2, 2), float("nan")), torch.eye(2), torch.eye(2), beta=0).tolist() == [[1.0, 0.0], [0.0, 1.0]]
