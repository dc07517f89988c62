"""Optimisers: trajectories equal to PyTorch's, parameter groups, state, closures, refusals."""

import importlib

import numpy as np
import pytest
from under_test import leaf, near, same, torch

# fmt: off
OPTIMIZERS = [
    ("SGD",      [{}, dict(lr=0.003, momentum=0.9, dampening=0.3, weight_decay=0.1), dict(lr=0.002, momentum=0.9, nesterov=True),
                  dict(lr=1e-5, maximize=True)]),
    ("Adam",     [{}, dict(lr=0.1, betas=(0.8, 0.99), weight_decay=0.1), dict(lr=0.1, amsgrad=True), dict(lr=0.1, maximize=True),
                  dict(lr=0.1, weight_decay=0.1, decoupled_weight_decay=True)]),
    ("AdamW",    [{}, dict(lr=0.1, weight_decay=0.2), dict(lr=0.1, amsgrad=True)]),
    ("Adamax",   [{}, dict(lr=0.1, weight_decay=0.1)]),
    ("NAdam",    [{}, dict(lr=0.1, weight_decay=0.1), dict(lr=0.1, weight_decay=0.1, decoupled_weight_decay=True)]),
    ("RAdam",    [{}, dict(lr=0.003, weight_decay=0.1), dict(lr=0.003, weight_decay=0.1, decoupled_weight_decay=True)]),
    ("Adagrad",  [{}, dict(lr=0.5, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.3), dict(lr=0.1, maximize=True)]),
    ("Adadelta", [{}, dict(lr=2.0, rho=0.8, weight_decay=0.1)]),
    ("RMSprop",  [{}, dict(lr=0.05, momentum=0.9, centered=True), dict(lr=0.05, weight_decay=0.1, alpha=0.9), dict(lr=0.05, centered=True)]),
    ("Rprop",    [{}, dict(lr=0.1, etas=(0.4, 1.3), step_sizes=(1e-3, 1.0))]),
    ("LBFGS",    [{}, dict(lr=0.5, max_iter=7, history_size=3), dict(line_search_fn="strong_wolfe"),
                  dict(line_search_fn="strong_wolfe", max_iter=4, history_size=2)]),
]
# fmt: on
CASES = [(name, options) for name, several in OPTIMIZERS for options in several]


def rosenbrock(x, y):
    return ((1 - x) ** 2).sum() + 10 * ((y - x * x) ** 2).sum() + (x * y).sin().sum()


def trajectory(module, name, options, steps=15):
    """The parameters after each step of two leaves, one of them 0-d."""
    x = module.tensor([-0.6, 0.4, 1.7], dtype=module.float64, requires_grad=True)
    y = module.tensor(0.3, dtype=module.float64, requires_grad=True)
    optimizer = getattr(module.optim, name)([x, y], **options)

    def closure():
        optimizer.zero_grad()
        value = rosenbrock(x, y)
        value.backward()
        return value

    seen = []
    for _ in range(steps):
        loss = optimizer.step(closure)
        seen.append([*x.tolist(), y.item(), loss.item()])
    return np.array(seen), optimizer


@pytest.mark.oracle
@pytest.mark.parametrize("name, options", CASES)
def test_trajectories_are_those_of_pytorch(name, options):
    reference = importlib.import_module("torch")
    default = reference.get_default_dtype()
    reference.set_default_dtype(reference.float64)  # of what it counts with
    try:
        expected, theirs = trajectory(reference, name, options)
    finally:
        reference.set_default_dtype(default)
    found, ours = trajectory(torch, name, options)
    np.testing.assert_allclose(found, expected, rtol=1e-9 if name == "LBFGS" else 1e-12, atol=1e-12)
    mine, other = ours.state_dict(), theirs.state_dict()
    assert mine["param_groups"] == other["param_groups"]
    assert mine["state"].keys() == other["state"].keys()
    for number, kept in other["state"].items():
        assert mine["state"][number].keys() >= kept.keys() - {"al"}
        for key, value in kept.items():
            if isinstance(value, reference.Tensor) and name != "LBFGS":
                np.testing.assert_allclose(mine["state"][number][key].numpy(), value.numpy(), rtol=1e-11, atol=1e-13)
    assert repr(ours) == repr(theirs)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["Adam", "RMSprop", "Adagrad", "SGD"])
def test_complex_parameters_are_pairs_of_real_ones(name):
    reference = importlib.import_module("torch")

    def run(module):
        z = module.tensor([1 + 2j, -0.5j], dtype=module.complex128, requires_grad=True)
        optimizer = getattr(module.optim, name)([z], lr=0.05)
        for _ in range(5):
            optimizer.zero_grad()
            ((z - (2 + 1j)).abs() ** 2).sum().backward()
            optimizer.step()
        return np.array(z.detach().numpy())

    np.testing.assert_allclose(run(torch), run(reference), rtol=1e-12)


@pytest.mark.parametrize("name", [row[0] for row in OPTIMIZERS if row[0] != "LBFGS"])
def test_every_optimiser_goes_downhill_and_can_be_resumed(name):
    def run(stop):
        x = leaf([2.0, -1.5])
        optimizer = getattr(torch.optim, name)([x], lr=0.02)
        losses = []
        for step in range(6):
            if step == stop:
                state = optimizer.state_dict()
                optimizer = getattr(torch.optim, name)([x], lr=99.0)
                optimizer.load_state_dict(state)
            optimizer.zero_grad()
            loss = (x**2).sum() + x[0]
            loss.backward()
            losses.append(loss.item())
            optimizer.step()
        return losses, x.tolist()

    losses, whole = run(None)
    assert losses == sorted(losses, reverse=True) and losses[-1] < losses[0]
    assert run(3) == (losses, whole)


def test_lbfgs_with_line_search_solves_rosenbrocks_valley():
    x = leaf([-1.2, 1.0])
    optimizer = torch.optim.LBFGS([x], max_iter=100, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        value = (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        value.backward()
        return value

    first = optimizer.step(closure)
    near(first, 24.2, rtol=1e-12)
    near(x, [1.0, 1.0], rtol=1e-3)


def test_single_precision_stays_single():
    x = leaf([1.0, 2.0], dtype=torch.float32)
    for name in ("Adam", "RMSprop", "SGD", "NAdam"):
        optimizer = getattr(torch.optim, name)([x], lr=0.1)
        (x * x).sum().backward()
        optimizer.step()
        assert x.dtype == torch.float32
        assert all(value.dtype == torch.float32 for key, value in optimizer.state[x].items() if key not in ("step", "mu_product"))


def test_named_parameters_keep_their_names():
    x, y = leaf([1.0]), leaf([2.0])
    optimizer = torch.optim.SGD([("x", x), ("y", y)], lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["x", "y"]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["x", "y"]
    (x + y).sum().backward()
    optimizer.step()
    near(x, [0.9])


def test_groups_are_added_later():
    x, y = leaf([1.0]), leaf([1.0])
    optimizer = torch.optim.Adam([x], lr=0.1)
    optimizer.add_param_group({"params": y, "lr": 0.5})
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]
    assert optimizer.param_groups[1]["betas"] == (0.9, 0.999)
    (x + y).sum().backward()
    optimizer.step()
    near(x, [0.9], rtol=1e-7)
    near(y, [0.5], rtol=1e-7)


def test_hooks_run_around_a_step():
    x, seen = leaf([1.0]), []
    optimizer = torch.optim.SGD([x], lr=0.1)
    before = optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append("before"))
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append("after"))
    optimizer.step()
    before.remove()
    optimizer.step()
    assert seen == ["before", "after", "after"]


def test_an_optimiser_of_ones_own():
    class Sign(torch.optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        def step(self, closure=None):
            with torch.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        if p.grad is not None:
                            self.state[p]["seen"] = self.state[p].get("seen", 0) + 1
                            p.add_(p.grad.sign(), alpha=-group["lr"])

    x = leaf([1.0, -1.0])
    optimizer = Sign([x])
    (x * x).sum().backward()
    optimizer.step()
    near(x, [0.9, -0.9])
    assert optimizer.state_dict()["state"] == {0: {"seen": 1}}


# fmt: off
REFUSED = [
    ("negative rate",       ValueError,   lambda x: torch.optim.Adam([x], lr=-1.0)),
    ("beta of one",         ValueError,   lambda x: torch.optim.Adam([x], betas=(1.0, 0.9))),
    ("negative eps",        ValueError,   lambda x: torch.optim.AdamW([x], eps=-1.0)),
    ("negative decay",      ValueError,   lambda x: torch.optim.Adagrad([x], weight_decay=-1.0)),
    ("negative alpha",      ValueError,   lambda x: torch.optim.RMSprop([x], alpha=-1.0)),
    ("growing etas",        ValueError,   lambda x: torch.optim.Rprop([x], etas=(1.5, 1.2))),
    ("groups for LBFGS",    ValueError,   lambda x: torch.optim.LBFGS([{"params": [x]}, {"params": [leaf(1.0)]}])),
    ("another line search", RuntimeError, lambda x: torch.optim.LBFGS([x], line_search_fn="weak").step(lambda: backward(x))),
    ("state of others",     ValueError,   lambda x: torch.optim.SGD([x]).load_state_dict(torch.optim.SGD([x, leaf(1.0)]).state_dict())),
    ("a set",               TypeError,    lambda x: torch.optim.SGD([{"params": {x}}])),
    ("a group as a list",   TypeError,    lambda x: torch.optim.SGD([x]).add_param_group([leaf(1.0)])),
]
# fmt: on


def backward(x):
    loss = (x**2).sum()
    loss.backward()
    return loss


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(kind, attempt):
    with pytest.raises(kind):
        attempt(leaf([1.0]))


def test_a_parameter_given_twice_warns():
    x = leaf([1.0])
    with pytest.warns(UserWarning):
        torch.optim.SGD([x, x], lr=0.1)


def test_zero_grad_of_every_group():
    x, y = leaf([1.0]), leaf([1.0])
    optimizer = torch.optim.Adam([{"params": [x]}, {"params": [y]}])
    (x * y).sum().backward()
    optimizer.zero_grad(set_to_none=False)
    same(x.grad, [0.0])
    optimizer.zero_grad()
    assert x.grad is None and y.grad is None
