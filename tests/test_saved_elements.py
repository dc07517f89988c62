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


def test_a_number_that_another_tier_rounds_otherwise_finds_its_program():
    """The first tier of one program may round the number that the guard of another holds exactly: it is asked all the same."""
    import math

    runs = [0]

    def f(x, q):
        runs[0] += 1
        return x * math.sin(float((q * x[:, None]).mean(1) @ x))

    rng = np.random.default_rng(0)
    compiled = torch.compile(f, native=False)
    points = [(rng.standard_normal(7), rng.standard_normal((7, 11))) for _ in range(3)]
    for x, q in points:
        compiled(x, q)
    for x, q in points:
        np.testing.assert_allclose(compiled(x, q), f(torch.tensor(x), torch.tensor(q)).numpy(), rtol=1e-13)
        runs[0] -= 1
    assert runs[0] == 3
