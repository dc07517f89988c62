"""optim.SGD step by step against figures of PyTorch 2.13, and nn.Parameter."""

import pytest
from under_test import leaf, near, plain, same, torch

# fmt: off
STEPS = [  # after four steps on x0^2 / 2 + x0 + 2 x1^2 + x1 from (1, -2)
    ("plain",        dict(lr=0.1),                                  (0.3122, -0.4768)),
    ("momentum",     dict(lr=0.1, momentum=0.9),                    (-0.5464, 1.1675)),
    ("dampening",    dict(lr=0.1, momentum=0.9, dampening=0.5),     (-0.137575, 0.9386)),
    ("nesterov",     dict(lr=0.1, momentum=0.9, nesterov=True),     (-0.81222418, 0.36267752)),
    ("decay",        dict(lr=0.1, weight_decay=0.2),                (0.26610816, -0.43748112)),
    ("maximize",     dict(lr=0.1, maximize=True),                   (1.9282, -6.9728)),
    ("all",          dict(lr=0.1, momentum=0.8, weight_decay=0.2, nesterov=True),
                                                                    (-0.656245110784, 0.200942137088)),
    ("maximize all", dict(lr=0.1, momentum=0.9, weight_decay=0.1, maximize=True),
                                                                    (2.96625281, -12.55434052)),
]
# fmt: on


def loss(x):
    return (x**2 * torch.tensor([0.5, 2.0]) + x).sum()


@pytest.mark.parametrize("options, expected", [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
@pytest.mark.parametrize("split", [False, True], ids=["one", "two"])
def test_four_steps(options, expected, split):
    """One parameter of two elements, or two of one."""
    parameters = [leaf([1.0]), leaf([-2.0])] if split else [leaf([1.0, -2.0])]
    optimizer = torch.optim.SGD(parameters, **options)
    for _ in range(4):
        optimizer.zero_grad()
        loss(torch.cat(parameters)).backward()
        optimizer.step()
    near(torch.cat(parameters), expected, rtol=1e-11)


def test_a_step_writes_in_place():
    x = leaf([1.0, -2.0])
    seen_by_views = x.detach()
    optimizer = torch.optim.SGD([x], lr=0.1)
    loss(x).backward()
    optimizer.step()
    assert x.is_leaf and x.requires_grad and x._version == 1
    near(seen_by_views, [0.8, -1.3])
    same(x, seen_by_views.tolist())


def test_a_step_keeps_the_gradient():
    x = leaf([1.0, -2.0])
    optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9, weight_decay=0.5)
    loss(x).backward()
    optimizer.step()
    same(x.grad, [2.0, -7.0])


def test_zero_grad_unsets_or_zeroes():
    x = leaf([1.0, -2.0])
    optimizer = torch.optim.SGD([x], lr=0.1)
    loss(x).backward()
    gradient = x.grad
    optimizer.zero_grad(set_to_none=False)
    assert x.grad is gradient
    same(gradient, [0.0, 0.0])
    optimizer.zero_grad()
    assert x.grad is None
    optimizer.zero_grad(set_to_none=False)
    assert x.grad is None


def test_parameters_without_gradient_are_left_alone():
    x, other = leaf([1.0]), leaf([5.0])
    optimizer = torch.optim.SGD([x, other], lr=0.1, weight_decay=1.0)
    (x * 2).sum().backward()
    optimizer.step()
    near(x, [0.7])
    same(other, [5.0])
    assert other._version == 0


def test_groups_have_options_of_their_own():
    a, b = leaf([1.0]), leaf([1.0])
    optimizer = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.5}], lr=0.1)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5]
    (a + b).sum().backward()
    optimizer.step()
    near(a, [0.9])
    near(b, [0.5])
    optimizer.param_groups[0]["lr"] = 0.2
    optimizer.step()
    near(a, [0.7])


def test_a_closure_is_evaluated_with_grad_enabled():
    x = leaf([1.0, -2.0])
    optimizer = torch.optim.SGD([x], lr=0.1)

    def closure():
        optimizer.zero_grad()
        value = loss(x)
        value.backward()
        return value

    assert optimizer.step(closure).item() == 7.5
    with torch.no_grad():
        optimizer.step(closure)
    assert closure().item() < 2.0


def test_state_is_saved_and_loaded():
    def run(stop):
        x = leaf([1.0, -2.0])
        optimizer = torch.optim.SGD([x], lr=0.1, momentum=0.9)
        for step in range(4):
            if step == stop:
                state = optimizer.state_dict()
                optimizer = torch.optim.SGD([x], lr=99.0)
                optimizer.load_state_dict(state)
            optimizer.zero_grad()
            loss(x).backward()
            optimizer.step()
        return x.tolist()

    assert run(2) == run(None)


def test_a_generator_of_parameters():
    x = leaf([1.0])
    optimizer = torch.optim.SGD((p for p in [x]), lr=0.1)
    (x * 1).sum().backward()
    optimizer.step()
    near(x, [0.9])


# fmt: off
REFUSED = [
    ("a non-leaf",               ValueError, lambda x: torch.optim.SGD([x * 2], lr=0.1)),
    ("no parameters",            ValueError, lambda x: torch.optim.SGD([], lr=0.1)),
    ("negative learning rate",   ValueError, lambda x: torch.optim.SGD([x], lr=-1.0)),
    ("negative momentum",        ValueError, lambda x: torch.optim.SGD([x], lr=0.1, momentum=-1.0)),
    ("negative decay",           ValueError, lambda x: torch.optim.SGD([x], lr=0.1, weight_decay=-1.0)),
    ("nesterov alone",           ValueError, lambda x: torch.optim.SGD([x], lr=0.1, nesterov=True)),
    ("a Tensor, not a list",     TypeError,  lambda x: torch.optim.SGD(x, lr=0.1)),
    ("a list of numbers",        TypeError,  lambda x: torch.optim.SGD([1.0], lr=0.1)),
    ("one parameter in two groups", ValueError,
                                 lambda x: torch.optim.SGD([{"params": [x]}, {"params": [x]}], lr=0.1)),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(kind, attempt):
    with pytest.raises(kind):
        attempt(leaf([1.0]))


# nn.Parameter.


def test_a_parameter_is_a_leaf_that_requires_grad():
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    assert isinstance(p, torch.Tensor) and isinstance(p, torch.nn.Parameter)
    assert p.requires_grad and p.is_leaf
    assert not torch.nn.Parameter(torch.ones(1), requires_grad=False).requires_grad


def test_a_parameter_shares_the_memory_of_its_data():
    data = torch.tensor([1.0, 2.0])
    p = torch.nn.Parameter(data)
    data[0] = 7.0
    same(p, [7.0, 2.0])
    assert not data.requires_grad


def test_what_is_made_of_parameters_are_tensors():
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    for made in (p * 2, p.detach(), p.clone(), p.data, p[0]):
        assert not isinstance(made, torch.nn.Parameter)


def test_a_parameter_of_a_non_leaf_is_a_new_leaf():
    h = leaf([1.0, 2.0]) * 3
    p = torch.nn.Parameter(h)
    assert p.is_leaf and p.grad_fn is None
    (p * 2).sum().backward()
    same(p.grad, [2.0, 2.0])


def test_a_parameter_prints_as_one():
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    assert plain(repr(p)) == "Parameter containing:\ntensor([1., 2.], requires_grad=True)"


def test_parameters_are_trained():
    p = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = torch.optim.SGD([p], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        loss(p).backward()
        optimizer.step()
    near(p, [-1.0, -0.25], rtol=1e-8)
