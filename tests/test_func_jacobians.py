"""tape.func's matrices: jacrev, jacfwd and hessian against what is known, their shapes, structures and options."""

import typing

import numpy as np
import pytest
from under_test import leaf, near, numbers, same, torch

func = torch.func
EITHER = pytest.mark.parametrize("jacobian", [func.jacrev, func.jacfwd], ids=["jacrev", "jacfwd"])


class Pair(typing.NamedTuple):
    a: typing.Any
    b: typing.Any


def vector(*values):
    return torch.tensor(values, dtype=torch.float64)


@EITHER
def test_a_vector_of_a_vector(jacobian):
    near(jacobian(lambda x: x**3)(vector(1.0, 2.0)), [[3.0, 0.0], [0.0, 12.0]])
    matrix = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=torch.float64)
    near(jacobian(lambda x: matrix @ x)(vector(1.0, 2.0)), matrix.numpy())


@EITHER
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3)])
@pytest.mark.parametrize("out", [(), (1,), (2,), (2, 2)])
def test_shapes(jacobian, shape, out):
    x = torch.linspace(0.5, 1.5, int(np.prod(shape, dtype=int)), dtype=torch.float64).reshape(shape)
    found = jacobian(lambda x: (x * x).sum() * torch.ones(out, dtype=torch.float64))(x)
    near(found, np.broadcast_to(2 * x.numpy(), out + shape))
    assert not found.requires_grad


@EITHER
@pytest.mark.skipif(torch.__name__ == "torch", reason="PyTorch fails for most of these")
@pytest.mark.parametrize(("shape", "out"), [((0,), ()), ((2, 0), (3,)), ((), (0,)), ((3,), (0, 2)), ((0,), (0,))])
def test_shapes_without_elements(jacobian, shape, out):
    x = torch.ones(shape, dtype=torch.float64)
    near(jacobian(lambda x: (x * x).sum() * torch.ones(out, dtype=torch.float64))(x), np.zeros(out + shape))


@EITHER
def test_argnums(jacobian):
    a, b = vector(2.0, 3.0), vector(5.0, 7.0)
    near(jacobian(lambda a, b: a * b, argnums=1)(a, b), [[2.0, 0.0], [0.0, 3.0]])
    both = jacobian(lambda a, b: a * b, argnums=(1, 0))(a, b)
    assert isinstance(both, tuple) and len(both) == 2
    near(both[0], [[2.0, 0.0], [0.0, 3.0]])
    (only,) = jacobian(lambda a, b: a * b, argnums=(0,))(a, b)
    near(only, [[5.0, 0.0], [0.0, 7.0]])


@pytest.mark.differs("PyTorch's jacfwd gives zeros for a negative position")
def test_argnums_from_the_end():
    a, b = vector(2.0, 3.0), vector(5.0, 7.0)
    near(func.jacfwd(lambda a, b: a * b, argnums=-2)(a, b), [[5.0, 0.0], [0.0, 7.0]])
    near(func.jacrev(lambda a, b: a * b, argnums=-1)(a, b), [[2.0, 0.0], [0.0, 3.0]])


@EITHER
def test_structures_of_arguments_are_inside_those_of_outputs(jacobian):
    def f(p, c):
        return {"x": p.a * p.b[0] * c, "y": (p.a.sum(),)}

    p = Pair(vector(2.0, 3.0), [vector(5.0, 7.0)])
    found = jacobian(f, argnums=(0, 1))(p, torch.tensor(2.0, dtype=torch.float64))
    in_p, in_c = found["x"]
    assert type(in_p) is Pair and isinstance(in_p.b, list)
    near(in_p.a, [[10.0, 0.0], [0.0, 14.0]])
    near(in_p.b[0], [[4.0, 0.0], [0.0, 6.0]])
    near(in_c, [10.0, 21.0])
    ((in_p, in_c),) = found["y"]
    near(in_p.a, [1.0, 1.0])
    same(in_p.b[0], [0.0, 0.0])
    same(in_c, 0.0)


@EITHER
def test_outputs_that_do_not_depend_on_the_arguments(jacobian):
    one, other = jacobian(lambda x: (torch.ones(2, 3), x))(vector(1.0, 2.0))
    same(one, np.zeros((2, 3, 2)))
    same(other, np.eye(2))


@EITHER
def test_auxiliary_values(jacobian):
    calls = []

    def f(x):
        calls.append(1)
        return x * x, {"x": x + 1}

    found, aux = jacobian(f, has_aux=True)(vector(1.0, 2.0))
    near(found, [[2.0, 0.0], [0.0, 4.0]])
    near(aux["x"], [2.0, 3.0])
    assert not aux["x"].requires_grad


@EITHER
def test_dtypes(jacobian):
    x = vector(1.0, 2.0).float()
    assert jacobian(lambda x: x * x)(x).dtype == torch.float32
    wide = jacobian(lambda x: x.double() ** 2)(x)
    near(wide, [[2.0, 0.0], [0.0, 4.0]])
    assert wide.dtype == (torch.float64 if jacobian is func.jacfwd else torch.float32)


@EITHER
@pytest.mark.differs("PyTorch's take no keyword arguments")
def test_keyword_arguments_and_history(jacobian):
    w = leaf([3.0, 4.0])
    found = jacobian(lambda x, *, k: x * x * k)(vector(1.0, 2.0), k=w)
    near(found, [[6.0, 0.0], [0.0, 16.0]])
    found.sum().backward()
    near(w.grad, [2.0, 4.0])


@EITHER
def test_modes(jacobian):
    x = leaf([1.0, 2.0])
    with torch.no_grad():
        found = jacobian(lambda x: x**3)(x)
    near(found, [[3.0, 0.0], [0.0, 12.0]])
    assert not found.requires_grad and x.grad is None
    with torch.inference_mode():
        found = jacobian(lambda x: x**3)(vector(1.0, 2.0))
    near(found, [[3.0, 0.0], [0.0, 12.0]])
    found = jacobian(lambda x: x**3)(x)
    assert found.requires_grad
    found.sum().backward()
    near(x.grad, [6.0, 12.0])


@pytest.mark.parametrize("size", [None, 1, 2, 100])
def test_chunks(size):
    near(func.jacrev(lambda x: x**3, chunk_size=size)(vector(1.0, 2.0, 3.0)), np.diag([3.0, 12.0, 27.0]))


@pytest.mark.parametrize("size", [0, -1])
def test_chunks_have_a_size(size):
    with pytest.raises(ValueError, match="chunk_size"):
        func.jacrev(lambda x: x, chunk_size=size)(vector(1.0))


def test_randomness_has_three_values():
    near(func.jacfwd(lambda x: x * x, randomness="different")(vector(1.0)), [[2.0]])
    with pytest.raises(RuntimeError):
        func.jacfwd(lambda x: x * x, randomness="some")(vector(1.0))


def test_integer_outputs():
    with pytest.raises(RuntimeError):
        func.jacrev(lambda x: x.long())(vector(1.0, 2.0))
    found = func.jacfwd(lambda x: x.long())(vector(1.0, 2.0))
    assert found.dtype == torch.int64
    same(found, np.zeros((2, 2)))


def test_hessian():
    near(func.hessian(lambda x: (x**3).sum())(vector(1.0, 2.0)), [[6.0, 0.0], [0.0, 12.0]])
    near(func.hessian(lambda x: x[0] ** 2 * x[1])(vector(2.0, 3.0)), [[6.0, 4.0], [4.0, 0.0]])
    near(func.hessian(torch.sin)(torch.tensor(0.5)), -np.sin(0.5))
    same(func.hessian(lambda x: x.sum())(vector(1.0, 2.0)), np.zeros((2, 2)))


def test_hessian_of_a_vector():
    found = func.hessian(lambda x: torch.stack([x[0] * x[1], x[1] ** 3]))(vector(2.0, 3.0))
    near(found, [[[0.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 18.0]]])


def test_hessian_of_structures():
    def f(p):
        return (p["a"] ** 2 * p["b"][0]).sum()

    p = {"a": vector(2.0, 3.0), "b": [vector(5.0, 7.0)]}
    found = func.hessian(f)(p)
    near(found["a"]["a"], [[10.0, 0.0], [0.0, 14.0]])
    near(found["a"]["b"][0], [[4.0, 0.0], [0.0, 6.0]])
    near(found["b"][0]["a"], [[4.0, 0.0], [0.0, 6.0]])
    same(found["b"][0]["b"][0], np.zeros((2, 2)))


def test_hessian_of_several_arguments():
    ((aa, ab), (ba, bb)) = func.hessian(lambda a, b: (a**2 * b).sum(), argnums=(0, 1))(vector(2.0), vector(3.0, 5.0))
    near(aa, [[16.0]])
    near(ab, [[4.0, 4.0]])
    near(ba, [[4.0], [4.0]])
    same(bb, np.zeros((2, 2)))


def test_hessian_and_modes():
    x = leaf([1.0, 2.0])
    with torch.no_grad():
        assert not func.hessian(lambda x: (x**3).sum())(x).requires_grad
    found = func.hessian(lambda x: (x**3).sum())(x)
    found.sum().backward()
    near(x.grad, [6.0, 6.0])


def test_all_ways_to_a_hessian_agree():
    def f(x):
        return (torch.sin(x).outer(x * x)).logsumexp(1).prod() + torch.where(x > 0, x**3, -x).sum()

    x = vector(0.3, -0.7, 1.1)
    expected = func.hessian(f)(x).numpy()
    np.testing.assert_allclose(expected, expected.T, rtol=1e-10, atol=1e-12)
    for outer in (func.jacrev, func.jacfwd):
        for inner in (func.jacrev, func.jacfwd, func.grad):
            near(outer(inner(f))(x), expected, rtol=1e-9, atol=1e-11)
    near(
        torch.autograd.functional.hessian(f, x) if torch.__name__ == "torch" else outer(func.grad(f))(x),
        expected,
        rtol=1e-9,
        atol=1e-11,
    )
    step, gradient = 1e-6, func.grad(f)
    columns = [(gradient(x + step * e) - gradient(x - step * e)) / (2 * step) for e in torch.eye(3, dtype=torch.float64)]
    near(torch.stack(columns, 1), expected, rtol=1e-6, atol=1e-7)


# where the order of modes matters


def partly_constant(x):
    with torch.no_grad():
        c = x.sin()
    return (c * x**2).sum()


def hooked(x):
    y = x.sin()
    y.register_hook(lambda g: g * 3)
    return (y * x.sum()).sum()


def test_forward_over_reverse_of_constants_and_hooks():
    a, x = vector(0.4, -0.3), np.array([0.4, -0.3])
    near(func.jacfwd(func.jacrev(partly_constant))(a), np.diag(2 * np.sin(x) + 2 * x * np.cos(x)))
    once = np.cos(x)[None, :] + 3 * np.cos(x)[:, None] - 3 * np.diag(np.sin(x)) * x.sum()
    near(func.jacfwd(func.jacrev(hooked))(a), once)


@pytest.mark.differs("PyTorch's Hessian is forward over reverse: what is computed under no_grad() has tangents")
def test_the_hessian_takes_what_no_grad_computes_for_constant():
    near(func.hessian(partly_constant)(vector(0.4, -0.3)), np.diag(2 * np.sin([0.4, -0.3])))


@pytest.mark.differs("in PyTorch only the sweep of the transform around the function runs hooks that it sets; here outer sweeps do too, as a double backward does")
def test_hooks_run_in_the_outer_sweeps_of_a_hessian():
    x = torch.tensor([0.4, -0.3], requires_grad=True)
    (g,) = torch.autograd.grad(hooked(x), x, create_graph=True)
    double = torch.stack([torch.autograd.grad(each, x, retain_graph=True)[0] for each in g])
    near(func.hessian(hooked)(x.detach()), numbers(double))
    near(func.jacrev(func.jacrev(hooked))(x.detach()), numbers(double))
