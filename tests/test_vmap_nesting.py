"""`vmap` with every other transform inside and outside, tensors from outside, user Functions, random numbers, and what is left behind."""

import gc

import numpy as np
import pytest

import tape
from tape.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap
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


def assigned(x):
    y = tape.zeros(3)
    for k in range(3):
        y[k] = x[k] * x[k - 1]
    return y


# nesting


def scalar(x):
    return (x @ W).tanh().prod()


def vector(x):
    return tape.exp(x * 0.3) @ W


OF_EXAMPLES = {
    "grad": grad(scalar), "hessian": hessian(scalar), "jacfwd of grad": jacfwd(grad(scalar)), "jacrev": jacrev(vector), "jacfwd": jacfwd(vector),
    "vjp": lambda x: vjp(vector, x)[1](W[0])[0], "jvp": lambda x: jvp(vector, (x,), (x * 2,))[1], "jvp of jvp": lambda x: jvp(
        lambda y: jvp(vector, (y,), (y,))[1], (x,), (x,))[1], "vmap": lambda x: vmap(lambda z: scalar(x * z))(Z), "grad of vmap": grad(
        lambda x: vmap(lambda z: scalar(x * z))(Z).sum()), "vmap of grad": lambda x: vmap(lambda z: grad(scalar)(x * z))(Z),
    "autograd.grad": lambda x: tape.autograd.grad(scalar(y := x.clone().requires_grad_()), y)[0],
    "compile": tape.compile(scalar),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_EXAMPLES)
def test_what_examples_do(name):
    f = OF_EXAMPLES[name]
    same(vmap(f)(X), looped(f, X))
    same(grad(lambda x: (vmap(f)(x) ** 2).sum())(X), grad(lambda x: (looped(f, x) ** 2).sum())(X))
    same(jvp(vmap(f), (X,), (X,))[1], jvp(lambda x: looped(f, x), (X,), (X,))[1])


@pytest.mark.parametrize("transform", [jacrev, jacfwd, hessian])
def test_matrices_of_mapped_functions(transform):
    same(transform(vmap(scalar))(X), transform(lambda x: looped(scalar, x))(X))


@pytest.mark.parametrize("make", [lambda f: f, lambda f: grad(lambda x: (f(x) ** 2).sum())], ids=["value", "gradient"])
@pytest.mark.parametrize("f", [scalar, grad(scalar), assigned, lambda x: vmap(lambda z: scalar(x * z))(Z)])
def test_compiled(f, make):
    compiled = tape.compile(make(vmap(f)))
    for factor in (1.0, 1.0, 0.5):
        same(compiled(X * factor), make(lambda x: looped(f, x))(X * factor))
    assert "1 programs" in compiled.explain()


def test_tensors_taken_from_outside_get_the_sum():
    def both(mapped):
        w, v = W.clone().requires_grad_(), tape.tensor(0.5, requires_grad=True)
        inner = tape.ones(2) * v  # with a history of its own
        y = mapped(lambda x: grad(lambda t: ((t @ w).sin() * inner).sum() * v)(x), X)
        z = mapped(lambda x: mapped(lambda u: ((x * u) @ w).sum() * v, Z), X)
        ((y**2).sum() + (z**2).sum()).backward()
        return w.grad, v.grad

    for a, b in zip(both(lambda f, x: vmap(f)(x)), both(looped), strict=True):
        same(a, b)


def test_tangents_of_tensors_taken_from_outside():
    def pushed(mapped):
        return jvp(lambda w: mapped(lambda x: grad(lambda t: (t @ w).tanh().sum())(x), X), (W,), (W * 2,))[1]

    same(pushed(lambda f, x: vmap(f)(x)), pushed(looped))


def test_gradients_in_batches():
    x = X[0].clone().requires_grad_()
    y = vector(x) * x.sum()
    weights = tape.from_numpy(RNG.standard_normal((5, 2)))
    (found,) = tape.autograd.grad(y, x, weights, is_grads_batched=True, create_graph=True)
    rows = tape.stack([tape.autograd.grad(y, x, w, create_graph=True)[0] for w in weights])
    same(found, rows)
    same(*[tape.autograd.grad((g**2).sum(), x, retain_graph=True)[0] for g in (found, rows)])
    unused = tape.ones(2, requires_grad=True)
    assert tape.autograd.grad(y, [x, unused], weights, is_grads_batched=True, allow_unused=True, retain_graph=True)[1] is None
    with pytest.raises(RuntimeError):
        tape.autograd.grad(y, x, weights[0, 0], is_grads_batched=True)


def test_per_sample_gradients_of_parameters():
    parameters = {"w": W.clone(), "b": tape.zeros(2)}

    def loss(p, x, y):
        return ((x @ p["w"] + p["b"]).tanh() - y).square().sum()

    targets = tape.from_numpy(RNG.standard_normal((4, 2)))
    found = vmap(grad(loss), (None, 0, 0))(parameters, X, targets)
    for name, g in found.items():
        same(g, tape.stack([grad(loss)(parameters, X[k], targets[k])[name] for k in range(4)]))
    summed = grad(lambda p: vmap(loss, (None, 0, 0))(p, X, targets).sum())(parameters)
    same(summed["w"], found["w"].sum(0))


# user Functions


class Doubled(tape.autograd.Function):
    """Two outputs, and code that serves for batches."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x * x, x.sum()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])

    @staticmethod
    def backward(ctx, g, h):
        return 2 * ctx.saved_tensors[0] * g + h


class Scaled(tape.autograd.Function):
    """A rule for batches of its own."""

    seen: list = []

    @staticmethod
    def forward(x, factor):
        return x * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        x, factor = ctx.saved_tensors
        return g * factor, g * x

    @staticmethod
    def vmap(info, in_dims, x, factor):
        Scaled.seen.append((info.batch_size, info.randomness, in_dims))
        factor = factor if in_dims[1] is not None else factor.expand(*x.shape)
        return Scaled.apply(x.movedim(in_dims[0], 0), factor), 0


def test_functions_of_the_user():
    def f(x):
        y, s = Doubled.apply(x)
        return y * s

    same(vmap(f)(X), looped(f, X))
    same(vmap(grad(lambda x: f(x).sum()))(X), looped(grad(lambda x: f(x).sum()), X))
    Scaled.seen.clear()
    same(vmap(Scaled.apply, (0, None))(X, Z[0]), X * Z[0])
    assert Scaled.seen == [(4, "error", (0, None))]
    same(vmap(grad(lambda x: Scaled.apply(x, x * 2).sum()))(X), X * 4)
    z = Z[0].clone().requires_grad_()
    vmap(lambda x: Scaled.apply(x, z * 2))(X).sum().backward()
    same(z.grad, X.sum(0) * 2)


def test_functions_that_do_not_say_how():
    class Plain(tape.autograd.Function):
        @staticmethod
        def forward(x):
            return x * 2

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

    class Old(tape.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    class Both(Scaled):
        generate_vmap_rule = True

    for function, given in ((Plain, (X,)), (Old, (X,)), (Both, (X, X))):
        with pytest.raises(RuntimeError, match="vmap|ctx"):
            vmap(function.apply)(*given)


# random numbers

DRAWS = {
    "rand": lambda x: tape.rand(3) + x, "randn": lambda x: tape.randn(3), "rand_like": tape.rand_like, "randint": lambda x: tape.randint(0, 10**6, (3,)),
    "randperm": lambda x: tape.randperm(20), "bernoulli": lambda x: tape.bernoulli(tape.full((60,), 0.5)), "normal": lambda x: tape.normal(x, 1.0) - x,
    "multinomial": lambda x: tape.multinomial(tape.ones(50), 20), "of chances": lambda x: tape.bernoulli(x * 0 + tape.rand(40).reshape(40, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWS)
def test_random_numbers(name):
    with pytest.raises(RuntimeError, match="randomness"):
        vmap(DRAWS[name])(tape.zeros(4, 3))
    for mode, number in (("same", 1), ("different", 4)):
        made = vmap(DRAWS[name], randomness=mode)(tape.zeros(4, 3))
        assert len({row.tobytes() for row in made.numpy()}) == number


def test_random_numbers_of_nested_maps():
    made = vmap(lambda x: vmap(lambda y: tape.rand(2), randomness="different")(tape.zeros(3, 1)) + x, randomness="same")(tape.zeros(4, 1))
    assert len({made[k].numpy().tobytes() for k in range(4)}) == 1
    assert len({made[0, k].numpy().tobytes() for k in range(3)}) == 3


def test_a_seed_gives_the_same_numbers_again():
    tape.manual_seed(3)
    first = vmap(DRAWS["rand"], randomness="different")(X)
    tape.manual_seed(3)
    same(vmap(DRAWS["rand"], randomness="different")(X), first)


# what is left behind


def test_errors_leave_everything_as_it_was():
    def fails(x):
        raise KeyError("in the function")

    with pytest.raises(KeyError):
        vmap(lambda x: vmap(fails)(x))(tape.ones(2, 3, 4))
    x = X.clone().requires_grad_()
    (x * 2).sum().backward()
    same(x.grad, tape.full((4, 3), 2.0))
    assert tape.rand(2).shape == (2,)


def test_no_tensor_is_kept():
    gc.collect()
    gc.disable()
    try:
        before = sum(isinstance(each, Tensor) for each in gc.get_objects())
        for _ in range(3):
            w = W.clone().requires_grad_()
            vmap(grad(lambda x, w=w: (x @ w).tanh().sum()))(X).sum().backward()
            del w
        after = sum(isinstance(each, Tensor) for each in gc.get_objects())
    finally:
        gc.enable()
    assert after <= before + 3


@pytest.mark.parametrize("size", [None, 1, 3, 100])
def test_jacobians_in_chunks(size):
    x = tape.from_numpy(RNG.standard_normal(30))

    def f(x):
        return {"a": (x * x.sum()).tanh(), "b": (x[:2], tape.ones(2))}

    for transform in (jacrev, jacfwd):
        found, expected = transform(f, chunk_size=size)(x), jacrev(f, chunk_size=1)(x)
        same(found["a"], expected["a"])
        same(found["b"][0], expected["b"][0])
        same(found["b"][1], tape.zeros(2, 30))


def test_jacfwd_says_what_random_numbers_are():
    def f(x):
        return x * tape.rand(3)

    with pytest.raises(RuntimeError, match="randomness"):
        jacfwd(f)(X[0])
    found = jacfwd(f, randomness="same")(X[0])
    assert tape.equal(found, tape.diag(found.diagonal()))
