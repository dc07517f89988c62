"""`vmap` over class labels: losses of classes and `one_hot` of each example, their gradients, and the same compiled."""

from functools import partial

import numpy as np
import pytest
from under_test import NAME, near, numbers, torch

F = torch.nn.functional
grad, vmap = torch.func.grad, torch.func.vmap
own = pytest.mark.skipif(NAME != "tape", reason="of tape's own")
RNG = np.random.default_rng(0)
ONE, MANY, PLACES = (torch.from_numpy(RNG.standard_normal(shape)) for shape in ((4, 3), (4, 5, 3), (4, 2, 3, 5)))
OF_ONE, OF_MANY = torch.tensor([0, 2, 1, 0]), torch.tensor([[0, 1, 2, 0, 1], [1, 1, 2, 0, 0], [2, 2, 2, 0, 2], [0, 1, 0, 0, 2]])
OF_PLACES = torch.from_numpy(RNG.integers(0, 3, (4, 2, 5)))
WEIGHT = torch.tensor([0.5, 2.0, 1.25], dtype=torch.float64)

LOSSES = {
    "cross entropy": F.cross_entropy, "summed": lambda x, y: F.cross_entropy(x, y, reduction="sum"), "each": lambda x, y: F.cross_entropy(x, y, reduction="none").sum(),
    "weighted": lambda x, y: F.cross_entropy(x, y, WEIGHT), "ignoring": lambda x, y: F.cross_entropy(x, y, ignore_index=1),
    "nll": lambda x, y: F.nll_loss(x, y), "nll of logarithms": lambda x, y: F.nll_loss(F.log_softmax(x, -1 if x.ndim < 3 else 1), y, WEIGHT, ignore_index=0),
    "module": lambda x, y: torch.nn.CrossEntropyLoss(WEIGHT, ignore_index=2)(x, y),
}  # fmt: skip
BEYOND = {  # where PyTorch refuses some of it
    "smooth": lambda x, y: F.cross_entropy(x, y, label_smoothing=0.2), "smooth, weighted": lambda x, y: F.cross_entropy(x, y, WEIGHT, ignore_index=1, label_smoothing=0.2),
    "smooth sums": lambda x, y: F.cross_entropy(x, y, WEIGHT, ignore_index=2, label_smoothing=0.2, reduction="sum"),
    "one_hot": lambda x, y: (F.one_hot(y, 3) * (x.exp() if x.ndim < 3 else x.exp().movedim(1, -1))).sum(),
}  # fmt: skip
LOSSES |= BEYOND if NAME == "tape" else {}
GIVEN = {"a label": (ONE, OF_ONE), "a batch": (MANY, OF_MANY), "places": (PLACES, OF_PLACES)}
losses = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
given = pytest.mark.parametrize(("x", "y"), GIVEN.values(), ids=GIVEN)


def looped(f, *xs):
    return torch.stack([f(*[x[k] for x in xs]) for k in range(len(xs[-1]))])


def compared(made, expected):
    near(made, numbers(expected), 1e-10, 1e-14)


@losses
@given
def test_losses_of_examples(loss, x, y):
    compared(vmap(loss)(x, y), looped(loss, x, y))
    compared(vmap(loss, chunk_size=3)(x, y), looped(loss, x, y))
    compared(vmap(lambda x: loss(x, y[0]))(x), looped(lambda x: loss(x, y[0]), x))
    compared(vmap(loss, (None, 0))(x[0], y), looped(lambda y: loss(x[0], y), y))
    compared(vmap(loss, (-1, 0))(x.movedim(0, -1), y), looped(loss, x, y))


@losses
@given
def test_derivatives_of_examples(loss, x, y):
    compared(vmap(grad(loss))(x, y), looped(grad(loss), x, y))
    compared(vmap(grad(loss), (None, 0))(x[0], y), looped(lambda y: grad(loss)(x[0], y), y))
    hessian, x, y = torch.func.hessian(loss), x[:2], y[:2]
    compared(vmap(hessian)(x, y), looped(hessian, x, y))


@losses
def test_nested(loss):
    compared(vmap(vmap(grad(loss)))(MANY, OF_MANY), torch.stack([looped(grad(loss), MANY[k], OF_MANY[k]) for k in range(4)]))
    compared(vmap(lambda x: vmap(lambda y: loss(x, y))(OF_MANY))(MANY), torch.stack([looped(partial(loss, x), OF_MANY) for x in MANY]))


def model(w, x, y):
    return F.cross_entropy((x @ w).unsqueeze(0), y.unsqueeze(0))


def test_gradients_of_shared_weights():
    x, y, w = torch.from_numpy(RNG.standard_normal((4, 5))), OF_ONE, torch.from_numpy(RNG.standard_normal((5, 3)))
    compared(vmap(grad(model), (None, 0, 0))(w, x, y), looped(lambda x, y: grad(model)(w, x, y), x, y))
    compared(grad(lambda w: vmap(model, (None, 0, 0))(w, x, y).sum())(w), looped(lambda x, y: grad(model)(w, x, y), x, y).sum(0))
    leaf = w.clone().requires_grad_()
    vmap(model, (None, 0, 0))(leaf, x, y).sum().backward()
    compared(leaf.grad, looped(lambda x, y: grad(model)(w, x, y), x, y).sum(0))


def test_every_label_ignored_by_one_example():
    y = torch.tensor([[0, 1], [2, 2]])
    found = vmap(lambda x, y: F.cross_entropy(x, y, ignore_index=2))(MANY[:2, :2], y)
    compared(found[0], F.cross_entropy(MANY[0, :2], y[0]))
    assert found[1].isnan().item()
    found = vmap(grad(lambda x, y: F.cross_entropy(x, y, ignore_index=2, reduction="sum")))(MANY[:2, :2], y)
    compared(found[1], torch.zeros(2, 3))


def test_weights_of_examples():
    w = torch.stack([WEIGHT, WEIGHT + 1, WEIGHT * WEIGHT, WEIGHT])
    for f in (lambda x, y, w: F.nll_loss(x, y, w, ignore_index=0), lambda x, y, w: F.cross_entropy(x, y, w, ignore_index=1)):
        compared(vmap(f)(MANY, OF_MANY, w), looped(f, MANY, OF_MANY, w))


@pytest.mark.differs("PyTorch raises: it writes smoothed losses into those of an input that examples share")
def test_label_smoothing_of_an_input_that_examples_share():
    compared(vmap(BEYOND["smooth"], (None, 0))(MANY[0], OF_MANY), looped(partial(BEYOND["smooth"], MANY[0]), OF_MANY))


def test_one_hot():
    assert vmap(lambda y: F.one_hot(y, 3))(OF_MANY).tolist() == F.one_hot(OF_MANY, 3).tolist()
    assert vmap(lambda y: F.one_hot(y, 4), 1, 1)(OF_MANY).tolist() == F.one_hot(OF_MANY.t(), 4).movedim(0, 1).tolist()
    with pytest.raises(RuntimeError):
        vmap(F.one_hot)(OF_ONE)  # how many classes there are may not depend on labels


# of tape's own


@own
def test_classes_that_do_not_exist():
    for y in ([0, 3, 1, 0], [0, -1, 1, 0]):
        with pytest.raises(IndexError, match=f"target {y[1]}; classes are 0 to 2"):
            vmap(F.nll_loss)(ONE, torch.tensor(y))
        with pytest.raises(RuntimeError, match=str(y[1])):
            vmap(lambda y: F.one_hot(y, 3))(torch.tensor(y))


@own
@losses
@given
def test_compiled(loss, x, y):
    mapped, rng = torch.compile(vmap(grad(loss))), np.random.default_rng(1)
    whole = torch.compile(loss)
    for _ in range(4):
        y = torch.from_numpy(rng.permutation(y.numpy().ravel()).reshape(y.shape))
        compared(mapped(x, y), looped(grad(loss), x, y))
        if y.ndim > 1:
            compared(whole(x[0], y[0]), loss(x[0], y[0]))


@own
def test_labels_are_arguments_of_a_program():
    compiled = {f: torch.compile(f) for f in (F.cross_entropy, lambda x, y: F.one_hot(y, 3), vmap(grad(model), (None, 0, 0)))}
    x, w = torch.from_numpy(RNG.standard_normal((4, 5))), torch.from_numpy(RNG.standard_normal((5, 3)))
    for y in ([0, 1, 2, 0], [1, 1, 1, 2], [2, 2, 2, 2]):
        y = torch.tensor(y)
        for f, program in compiled.items():
            given = (w, x, y) if f not in (*compiled,)[:2] else (ONE, y)
            compared(program(*given).double(), f(*given).double())
    for program in compiled.values():
        assert repr(program).endswith(": 1 programs>")
