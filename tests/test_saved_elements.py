"""Values that rows saved and that were written over since: elements are kept as they were, arrays are refused, in forward mode as well."""

import numpy as np
import pytest

import tape as torch
from tape.func import grad, hvp, jvp, vmap


def product(x):
    m = x * x
    m += m[1] * m[0]
    return (m * m).sum()


def of_a_view(x):
    m = x * x
    v = m[1:]
    v += v[1] * v[0]
    return (m * m).sum()


def largest(x):
    m = torch.outer(x, x)
    row = m[1]
    row += torch.maximum(row[0], torch.maximum(row[1], row[2]))
    return (m * torch.linspace(0.5, 1.5, 9).reshape(3, 3)).sum()


def one_element(x):
    m = torch.sin(x)
    s = torch.exp(m[2])
    m *= 2.0
    return (m * s).sum()


X, V = np.array([-1.0, -2.0, -1.5]), np.array([0.5, 0.25, 0.5])
WAYS = {
    "hvp": lambda f: lambda x, v: hvp(f, (x,), (v,))[0],
    "reverse over reverse": lambda f: lambda x, v: grad(lambda x: (grad(f)(x) * v).sum())(x),
    "gradient of a directional derivative": lambda f: lambda x, v: grad(lambda x: jvp(f, (x,), (v,))[1])(x),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("f", [product, of_a_view, largest, one_element])
def test_elements_are_kept_as_they_were(f, way):
    """Against central differences of the gradient, eagerly and compiled, also at values that were not recorded."""
    both = way(f)
    compiled = torch.compile(both)
    for x in (X, X[::-1].copy(), X * 0.5):
        step = 1e-5
        slopes = [grad(f)(torch.tensor(x + sign * step * V)).numpy() for sign in (1, -1)]
        wanted = (slopes[0] - slopes[1]) / (2 * step)
        np.testing.assert_allclose(both(torch.tensor(x), torch.tensor(V)).numpy(), wanted, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(compiled(x, V), wanted, rtol=1e-6, atol=1e-8)
    assert "eager" not in compiled.explain().splitlines()[1]


def overwritten(x):
    m = x * x
    p = m * m
    m += 1.0
    return p.sum()


@pytest.mark.parametrize(
    "call",
    [
        lambda x, v: grad(overwritten)(x),
        lambda x, v: hvp(overwritten, (x,), (v,)),
        lambda x, v: jvp(grad(overwritten), (x,), (v,)),
        lambda x, v: vmap(grad(overwritten))(x[None]),
        lambda x, v: torch.compile(lambda x, v: hvp(overwritten, (x,), (v,)))(x, v),
    ],
    ids=["grad", "hvp", "jvp of grad", "vmap of grad", "compiled"],
)
def test_arrays_that_were_written_over_are_refused(call):
    with pytest.raises(torch.errors.OverwrittenError, match="shape \\(3,\\) that has since been modified in place"):
        call(torch.tensor(X), torch.tensor(V))


@pytest.mark.parametrize("way", [lambda f: f, torch.compile], ids=["eager", "compiled"])
def test_a_number_that_nobody_used_contributes_nothing(way):
    """Note [strong zero] for rows that are no elementwise ones: the variance of one number is NaN, and so is its derivative."""
    f = way(lambda x: ((x * 0.5).var(correction=1), x * 1.5))
    for _ in range(2):
        x = torch.tensor([0.5], requires_grad=True)
        variance, other = f(x)
        assert torch.autograd.grad(variance * 0.0 + other.sum(), x)[0].tolist() == [1.5]
        variance, other = f(x)
        assert torch.autograd.grad(other.sum(), x, create_graph=True)[0].tolist() == [1.5]
        variance, other = f(x)
        assert np.isnan(torch.autograd.grad(variance + other.sum(), x)[0].numpy()).all()
