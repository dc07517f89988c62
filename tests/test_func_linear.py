"""tape.func: linearize, linear_transpose, functional_call, stack_module_state."""

import numpy as np
import pytest
from under_test import NAME, leaf, near, numbers, same, torch

func, nn = torch.func, torch.nn
own = pytest.mark.skipif(NAME != "tape", reason="of tape's own")


def f(x, y):
    return x.sin() * y + x.sum(), (y * y).sum()


def test_linearize_gives_the_product_with_the_jacobian():
    x, y = torch.tensor([0.3, 1.2]), torch.tensor([2.0, -1.0])
    output, derivative = func.linearize(f, x, y)
    for seed in range(3):
        draw = np.random.default_rng(seed)
        tangents = tuple(torch.tensor(draw.standard_normal(2)) for _ in range(2))
        expected, pushed = func.jvp(f, (x, y), tangents)
        for a, b in zip(output, expected, strict=True):
            near(a, numbers(b))
        for a, b in zip(derivative(*tangents), pushed, strict=True):
            near(a, numbers(b), rtol=1e-10)


@pytest.mark.differs("PyTorch traces the function a second time")
def test_linearize_runs_the_function_once():
    runs = []

    def counted(x):
        runs.append(1)
        return x**3

    _, derivative = func.linearize(counted, torch.tensor([1.0, 2.0]))
    for _ in range(3):
        near(derivative(torch.tensor([1.0, 1.0])), [3.0, 12.0])
    assert len(runs) == 1


@own
def test_the_derivative_of_a_linearised_function_is_differentiable():
    x, t = leaf([0.3, 1.2]), leaf([1.0, 2.0])
    _, derivative = func.linearize(lambda x: x.sin(), x)
    gx, gt = torch.autograd.grad(derivative(t).sum(), (x, t))
    near(gx, -np.sin(numbers(x)) * numbers(t))
    near(gt, np.cos(numbers(x)))


@own
def test_structures_in_linearize():
    _, derivative = func.linearize(lambda p: {"y": p["a"] * p["b"]}, {"a": torch.tensor(2.0), "b": torch.tensor(3.0)})
    same(derivative({"a": torch.tensor(1.0), "b": torch.tensor(10.0)})["y"], 23.0)
    with pytest.raises(RuntimeError):
        derivative({"a": torch.tensor([1.0]), "b": torch.tensor(10.0)})


# fmt: off
MAPS = [
    ("sums",       lambda x: x.cumsum(0),                               (4,)),
    ("products",   lambda x: torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]) @ x, (2,)),
    ("layout",     lambda x: torch.cat([x.T * 2, x[:1].reshape(3, 1)], 1), (2, 3)),
    ("indexing",   lambda x: x[torch.tensor([0, 0, 2])] * torch.tensor([1.0, 2.0, 3.0]), (3,)),
]
# fmt: on


@own
@pytest.mark.parametrize("linear, shape", [row[1:] for row in MAPS], ids=[row[0] for row in MAPS])
def test_transposes_turn_inner_products_around(linear, shape):
    draw = np.random.default_rng(0)
    x = torch.tensor(draw.standard_normal(shape))
    y = torch.tensor(draw.standard_normal(tuple(linear(x).shape)))
    back = func.linear_transpose(linear, torch.zeros(*shape))(y)
    assert back.shape == x.shape
    assert (linear(x) * y).sum().item() == pytest.approx((x * back).sum().item(), rel=1e-12)


@own
def test_transposes_of_several_arguments_and_complex_maps():
    back = func.linear_transpose(lambda a, b: a * 2 + b.sum(), torch.zeros(2), torch.zeros(3))(torch.tensor([1.0, 10.0]))
    same(back[0], [2.0, 20.0])
    same(back[1], [11.0, 11.0, 11.0])
    z = func.linear_transpose(lambda z: z * (1 + 2j), torch.zeros(1, dtype=torch.complex128))(torch.ones(1, dtype=torch.complex128))
    assert z.tolist() == [1 + 2j]


@own
@pytest.mark.parametrize("function", [lambda x: x * x, lambda x: x + 1, lambda x: x.abs(), lambda x: x.sin()])
def test_what_is_not_linear_has_no_transpose(function):
    with pytest.raises(RuntimeError):
        func.linear_transpose(function, torch.zeros(3))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 1)
        self.register_buffer("shift", torch.zeros(1))

    def forward(self, x, scale=1.0):
        return self.layer(x) * scale + self.shift


def test_a_module_is_called_with_other_values():
    model, x = Model(), torch.tensor([3.0, 4.0])
    before = numbers(model(x))
    values = {"layer.weight": torch.ones(1, 2), "layer.bias": torch.zeros(1), "shift": torch.ones(1)}
    same(func.functional_call(model, values, x), [8.0])
    same(func.functional_call(model, values, (x,), {"scale": 2.0}), [15.0])
    same(func.functional_call(model, ({"layer.weight": torch.ones(1, 2), "layer.bias": torch.zeros(1)}, {"shift": torch.ones(1)}), x), [8.0])
    same(model(x), before)
    with pytest.raises((TypeError, RuntimeError)):
        func.functional_call(model, values, (x, 1, 2, 3))
    same(model(x), before)


def test_gradients_of_models_by_their_parameters():
    model, x = Model(), torch.tensor([[3.0, 4.0], [1.0, 2.0]])
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    found = func.grad(lambda p: (func.functional_call(model, p, (x,)) ** 2).sum())(parameters)
    (model(x) ** 2).sum().backward()
    for name, p in model.named_parameters():
        near(found[name], numbers(p.grad), rtol=1e-10)


def test_shared_parameters_are_given_once():
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False))
    model[1].weight = model[0].weight
    same(func.functional_call(model, {"0.weight": torch.tensor([[3.0]])}, torch.ones(1)), [9.0])
    with pytest.raises(ValueError):
        func.functional_call(model, {"0.weight": torch.ones(1, 1), "1.weight": torch.zeros(1, 1)}, torch.ones(1))


def test_functional_call_refuses():
    model, x = Model(), torch.ones(2)
    with pytest.raises(RuntimeError):
        func.functional_call(model, {"layer.weight": torch.ones(1, 2)}, x, strict=True)
    with pytest.raises(ValueError):
        func.functional_call(model, ({"shift": torch.ones(1)}, {"shift": torch.ones(1)}), x)
    with pytest.raises(ValueError):
        func.functional_call(model, (1,), x)


def test_states_of_several_models_are_stacked():
    models = [Model() for _ in range(4)]
    parameters, buffers = func.stack_module_state(models)
    assert parameters["layer.weight"].shape == (4, 1, 2) and buffers["shift"].shape == (4, 1)
    assert parameters["layer.weight"].is_leaf and parameters["layer.weight"].requires_grad
    x = torch.tensor([3.0, 4.0])
    outputs = func.vmap(lambda p, b: func.functional_call(models[0], (p, b), (x,)))(parameters, buffers)
    for i, model in enumerate(models):
        near(outputs[i], numbers(model(x)), rtol=1e-10)
    with pytest.raises(RuntimeError):
        func.stack_module_state([])
    with pytest.raises(RuntimeError):
        func.stack_module_state([Model(), nn.Linear(1, 1)])
