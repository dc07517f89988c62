"""`vmap`: arguments and results, what it refuses, writes in place, and indices."""

import dataclasses
from typing import NamedTuple

import numpy as np
import pytest

import tape
from tape.func import grad, hessian, jvp, vmap
from tape.tensor import Tensor

RNG = np.random.default_rng(0)
X, Z, W = (tape.from_numpy(RNG.standard_normal(shape)) for shape in ((4, 3), (5, 3), (3, 2)))


def looped(f, *xs):
    """What vmap over dimension 0 means."""
    rows = [f(*[x[k] for x in xs]) for k in range(len(xs[0]))]
    return tape.stack(rows)


def same(a, b):
    assert a.shape == b.shape
    np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-10, atol=1e-12)


# arguments and results


def test_dimensions():
    same(vmap(tape.sum)(X), X.sum(1))
    same(vmap(tape.sum, 1)(X), X.sum(0))
    same(vmap(tape.sum, -1)(X), X.sum(0))
    same(vmap(lambda x: x * 2, 0, 1)(X), X.t() * 2)
    same(vmap(lambda x: x * 2, 0, -1)(X), X.t() * 2)
    same(vmap(tape.mul, (0, None))(X, X[0]), X * X[0])
    same(vmap(tape.mul, (None, 1))(X[:, 0], X), (X[:, :1] * X).t())
    same(vmap(lambda x, factor: x * factor, (0, None))(X, 3.0), X * 3)
    same(vmap(lambda x, y=None: x + y.sum())(X, y=X), X + X.sum())  # keyword arguments are not mapped


class Pair(NamedTuple):
    a: Tensor
    b: Tensor


@dataclasses.dataclass
class Model:
    weight: Tensor
    name: str = dataclasses.field(default="m", metadata={"static": True})


def test_nested_arguments_and_results():
    given = {"p": (X, [X, 1.5]), "m": Model(X[0])}

    def f(d):
        x, (y, c) = d["p"]
        return {"sum": x + y * c, "pair": Pair((x * d["m"].weight).sum(), tape.ones(2)), "model": Model(x)}

    made = vmap(f, ({"p": (0, [0, None]), "m": Model(None)},), {"sum": 1, "pair": 0, "model": Model(1)})(given)
    same(made["sum"], (X * 2.5).t())
    same(made["pair"].a, (X * X[0]).sum(1))
    same(made["pair"].b, tape.ones(4, 2))
    assert type(made["pair"]) is Pair and made["model"].name == "m"
    same(made["model"].weight, X.t())
    first, second = vmap(lambda x: (x, x.sum()), out_dims=(1, 0))(X)
    same(first, X.t())
    same(second, X.sum(1))


def test_results_that_do_not_depend_on_the_argument():
    y = tape.ones(3, requires_grad=True)
    made = vmap(lambda x: y * 2)(X)
    same(made, tape.full((4, 3), 2.0))
    made.sum().backward()
    same(y.grad, tape.full((3,), 8.0))
    assert vmap(lambda x: tape.ones(2), out_dims=None)(X).shape == (2,)
    assert vmap(lambda x: y)(X).shape == (4, 3)


def test_no_examples():
    assert vmap(lambda x: (x @ W).tanh().sort()[0])(tape.ones(0, 3)).shape == (0, 2)
    assert vmap(grad(lambda x: x.prod()))(tape.ones(0, 3)).shape == (0, 3)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 9])
def test_chunks(size):
    def f(x, y):
        return (x * y).sum(), x.outer(y)

    for a, b in zip(vmap(f, (0, 1), (0, 2), chunk_size=size)(X, X.t()), vmap(f, (0, 1), (0, 2))(X, X.t()), strict=True):
        same(a, b)


def test_dtypes_stay():
    for dtype in (tape.float32, tape.float16, tape.bfloat16, tape.int64, tape.bool, tape.complex128):
        x = tape.ones(2, 3, dtype=dtype)
        assert vmap(lambda t: t.reshape(3)[1:])(x).dtype == dtype
    assert vmap(lambda x: x.sum())(tape.ones(2, 3, dtype=tape.int32)).dtype == tape.int64
    assert vmap(lambda x: x > 0)(X).dtype == tape.bool
    assert vmap(lambda x: x.argmax())(X).tolist() == X.argmax(1).tolist()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: vmap(tape.add)(tape.ones(2), tape.ones(3)), ValueError),
        (lambda: vmap(tape.add, None)(X, X), ValueError),
        (lambda: vmap(tape.add, (None, None))(X, X), ValueError),
        (lambda: vmap(tape.sum, 2)(X), ValueError),
        (lambda: vmap(tape.sum, -3)(X), ValueError),
        (lambda: vmap(tape.sum)(tape.tensor(1.0)), ValueError),
        (lambda: vmap(tape.add)(X, 2.0), ValueError),
        (lambda: vmap(tape.add, (0,))(X, X), ValueError),
        (lambda: vmap(tape.add, [0, 0])(X, X), ValueError),
        (lambda: vmap(tape.sum, "0")(X), ValueError),
        (lambda: vmap(tape.sum, (0.0,))(X), ValueError),
        (lambda: vmap(lambda: X)(), ValueError),
        (lambda: vmap(lambda d: d["a"], ({"a": 0},))({"a": X, "b": X}), ValueError),
        (lambda: vmap(lambda x: 1.0)(X), ValueError),
        (lambda: vmap(lambda x: None)(X), ValueError),
        (lambda: vmap(lambda x: (x, "text"))(X), ValueError),
        (lambda: vmap(tape.sum, 0, None)(X), ValueError),
        (lambda: vmap(tape.sum, 0, (0, 1))(X), ValueError),
        (lambda: vmap(tape.sum, 0, 1)(X), IndexError),
        (lambda: vmap(tape.sum, randomness="some")(X), RuntimeError),
        (lambda: vmap(tape.sum, chunk_size=0)(X), ValueError),
    ],
)
def test_arguments_that_do_not_fit(call, error):
    with pytest.raises(error, match="vmap"):
        call()


# values that cannot leave

LEAVE = {
    "bool": lambda x: x if x.sum() > 0 else -x, "item": lambda x: x * x.sum().item(), "float": lambda x: x * float(x[0]), "int": lambda x: x * int(x[0]),
    "tolist": lambda x: x * x.tolist()[0], "numpy": lambda x: tape.tensor(x.numpy()), "asarray": lambda x: tape.tensor(np.asarray(x)),
    "nonzero": lambda x: x.nonzero(), "mask": lambda x: x[x > 0], "masked_select": lambda x: tape.masked_select(x, x > 0),
    "allclose": lambda x: x if tape.allclose(x, x) else -x, "equal": lambda x: x if tape.equal(x, x) else -x, "range": lambda x: tape.arange(int(x[0])),
    "contains": lambda x: x if 1.0 in x else -x,
}  # fmt: skip


@pytest.mark.parametrize("name", LEAVE)
def test_values_cannot_leave(name):
    with pytest.raises(RuntimeError, match="inside vmap"):
        vmap(LEAVE[name])(X)
    vmap(tape.sum)(X)  # and everything is as it was


def test_values_that_all_share_may_leave():
    same(vmap(lambda x: x * W.sum().item() if W.sum() < 100 else x)(X), X * W.sum())
    same(vmap(lambda x: x * float(tape.ones(2).sum()) * len(x) * x.shape[0])(X), X * 18)


def test_a_tensor_inside_prints_its_examples():
    seen = []
    vmap(lambda x: (seen.append(repr(x)), x)[1])(X)
    assert "inside vmap over 4 examples" in seen[0]


# writes


def assigned(x):
    y = tape.zeros(3)
    for k in range(3):
        y[k] = x[k] * x[k - 1]
    return y


def viewed(x):
    y = x.clone()
    part = y[1:]
    part.mul_(x[:2])
    y += x
    y.view(3, 1)[0, 0] = x.sum()
    y.index_put_((tape.tensor([0, 0, 2]),), x, accumulate=True)
    return y * part.sum()


def scattered(x):
    y = tape.zeros(2, 3)
    y[1] = x
    y.t()[0].add_(x[1])
    flat = y.flatten()
    flat[tape.tensor([0, 2])] = x[:2]
    return flat + y.reshape(-1)


@pytest.mark.parametrize("f", [assigned, viewed, scattered])
def test_writes_in_place(f):
    def square(x):
        return (f(x) ** 2).sum()

    same(vmap(f)(X), looped(f, X))
    same(vmap(grad(square))(X), looped(grad(square), X))
    same(vmap(hessian(square))(X), looped(hessian(square), X))
    same(grad(lambda x: (vmap(f)(x) ** 2).sum())(X), looped(grad(square), X))
    same(jvp(vmap(f), (X,), (X,))[1], looped(lambda x: jvp(f, (x,), (x,))[1], X))
    nested = vmap(lambda x: vmap(lambda z: f(x * z) + f(x))(Z))(X)
    same(nested, looped(lambda x: looped(lambda z: f(x * z) + f(x), Z), X))


def test_writes_to_arguments_reach_them():
    x = X.clone()
    vmap(lambda t: t.mul_(2))(x)
    same(x, X * 2)


def test_writes_to_tensors_from_outside_are_refused():
    total = tape.zeros(3)
    with pytest.raises(RuntimeError, match="from outside"):
        vmap(lambda x: total.add_(x))(X)
    same(total, tape.zeros(3))
    with pytest.raises(RuntimeError, match="from outside"):
        vmap(lambda x: (total.__setitem__(0, x[0]), x)[1])(X)
    same(total, tape.zeros(3))


# indices


@pytest.mark.parametrize(
    "f",
    [
        lambda x, i: x[i], lambda x, i: x[i, :, i], lambda x, i: x[:, i], lambda x, i: x[..., i, None], lambda x, i: x[0, :, i], lambda x, i: x[i][:, 1],
        lambda x, i: x[tape.tensor([1, 0])], lambda x, i: x[:, tape.tensor([1, 0]), 1:], lambda x, i: x[tape.tensor([1, 0]), :, tape.tensor([0, 1])],
        lambda x, i: x[i[0]], lambda x, i: x[tape.tensor([True, False])], lambda x, i: x.gather(0, i.reshape(2, 1, 1).expand(2, 2, 3)),
        lambda x, i: Z[i], lambda x, i: x.index_select(1, i), lambda x, i: x.take_along_dim(i.reshape(1, 2, 1), 1), lambda x, i: x[:, None, i, 0],
    ],
)  # fmt: skip
def test_indices(f):
    x = tape.from_numpy(RNG.standard_normal((4, 2, 2, 3)))
    i = tape.tensor([[0, 1], [1, 1], [1, 0], [0, 0]])
    same(vmap(f)(x, i), looped(f, x, i))
    same(vmap(f, (None, 0))(x[0], i), looped(lambda k: f(x[0], k), i))
    same(vmap(f, (0, None))(x, i[0]), looped(lambda t: f(t, i[0]), x))
    same(vmap(grad(lambda t, k: (f(t, k) ** 2).sum()))(x, i), looped(grad(lambda t, k: (f(t, k) ** 2).sum()), x, i))
    same(grad(lambda t: (vmap(f)(t, i) ** 2).sum())(x), grad(lambda t: (looped(f, t, i) ** 2).sum())(x))
