"""Code of three introductory notes on autograd, one test a snippet: it prints what PyTorch prints.

Addresses are taken out of the text; where a note goes on from an earlier block, a function builds that block.
The other two notes are in test_seeds_tensors.
"""

import inspect

import pytest
from under_test import plain, torch

pytestmark = [
    pytest.mark.default_dtype("float32"),
    pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True"),
]


@pytest.fixture
def printed(capsys):
    """Call it for the text printed since the last call."""
    return lambda: plain(capsys.readouterr().out)


# The first note: core attributes and interfaces, backward() in detail.


def test_a_leaf_is_made_with_requires_grad():
    x = torch.ones(3, requires_grad=True)
    assert x.requires_grad and x.is_leaf and x.grad is None
    assert not torch.ones(3).requires_grad


def test_grad_fn_of_an_addition(printed):
    x = torch.ones(2, requires_grad=True)
    y = x + 2
    print(y.grad_fn)
    assert printed() == "<AddBackward0 object at 0x>\n"


def test_gradient_of_a_polynomial(printed):
    x = torch.tensor(2.0, requires_grad=True)
    y = x**2 + 3 * x
    y.backward()
    print(x.grad)
    assert printed() == "tensor(7.)\n"


def test_second_derivative_by_grad(printed):
    x = torch.tensor(2.0, requires_grad=True)
    y = x**3
    grad1 = torch.autograd.grad(y, x, create_graph=True)[0]
    grad2 = torch.autograd.grad(grad1, x)[0]
    print(grad1, grad2)
    assert printed() == "tensor(12., grad_fn=<MulBackward0>) tensor(12.)\n"


def line():
    w = torch.tensor(4.0, requires_grad=True)
    b = torch.tensor(5.0, requires_grad=True)
    return lambda x: w * x + b


def test_model_under_no_grad(printed):
    model, x = line(), torch.tensor([1.0, 2.0])
    with torch.no_grad():
        y = model(x)
    print(y, y.requires_grad, y.grad_fn)
    assert printed() == "tensor([ 9., 13.]) False None\n"


def test_model_under_inference_mode(printed):
    model, x = line(), torch.tensor([1.0, 2.0])
    with torch.inference_mode():
        y = model(x)
    print(y, y.requires_grad, y.is_inference())
    assert printed() == "tensor([ 9., 13.]) False True\n"


def test_gradient_of_some_inputs_by_grad(printed):
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(3.0, requires_grad=True)
    c = a * b
    grad_a = torch.autograd.grad(c, a)[0]
    print(grad_a)
    assert printed() == "tensor(3.)\n"
    assert a.grad is None and b.grad is None


def test_outputs_of_several_elements_need_a_gradient(printed):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = line()(x)
    with pytest.raises(RuntimeError):
        y.backward()
    y.backward(torch.ones_like(y))
    print(x.grad)
    assert printed() == "tensor([4., 4.])\n"


def test_a_leaf_is_not_changed_in_place_but_replaced(printed):
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError):
        x += 1
    x = x + 1
    print(x)
    assert printed() == "tensor([2., 2.], grad_fn=<AddBackward0>)\n"


@pytest.mark.parametrize("dtype", ["int64", "bool"])
def test_integers_and_booleans_take_no_gradient(dtype):
    with pytest.raises(RuntimeError):
        torch.ones(2, dtype=getattr(torch, dtype), requires_grad=True)


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
def test_anomaly_detection_is_switched_on_and_off(printed):
    torch.autograd.set_detect_anomaly(True)
    try:
        x = torch.tensor(2.0, requires_grad=True)
        (x**2).backward()
        print(x.grad, torch.is_anomaly_enabled())
    finally:
        torch.autograd.set_detect_anomaly(False)
    assert printed() == "tensor(4.) True\n"


def test_signature_of_backward():
    parameters = inspect.signature(torch.autograd.backward).parameters
    assert list(parameters) == [
        "tensors", "grad_tensors", "retain_graph", "create_graph", "grad_variables", "inputs",
    ]  # fmt: skip
    defaults = [parameter.default for parameter in parameters.values()]
    assert defaults == [inspect.Parameter.empty, None, None, False, None, None]


def test_backward_of_a_scalar_loss(printed):
    x = torch.ones(2, 2, requires_grad=True)
    y = (x * 3).sum()
    torch.autograd.backward(y)
    print(x.grad)
    assert printed() == "tensor([[3., 3.],\n        [3., 3.]])\n"


def test_backward_as_a_method_is_the_same(printed):
    x = torch.ones(2, 2, requires_grad=True)
    y = (x * 3).sum()
    y.backward()
    print(x.grad)
    assert printed() == "tensor([[3., 3.],\n        [3., 3.]])\n"
    with pytest.raises(RuntimeError):
        y.backward()


def test_backward_with_grad_tensors(printed):
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x * 2
    grad_outputs = torch.ones_like(y)
    torch.autograd.backward(y, grad_tensors=grad_outputs)
    print(x.grad)
    assert printed() == "tensor([[2., 2.],\n        [2., 2.]])\n"


def test_backward_of_two_losses_with_weights(printed):
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y1 = (x**2).sum()
    y2 = (x**3).sum()
    torch.autograd.backward([y1, y2], grad_tensors=[torch.tensor(1.0), torch.tensor(0.1)])
    print(x.grad)
    assert printed() == "tensor([2.3000, 5.2000, 8.7000])\n"


def test_second_derivative_by_backward_accumulates(printed):
    x = torch.tensor(2.0, requires_grad=True)
    y = x**3
    torch.autograd.backward(y, create_graph=True)
    dy_dx = x.grad
    print(dy_dx)
    dy_dx.backward()
    print(x.grad)
    x.grad.zero_()
    assert x.grad.item() == 0.0
    assert printed() == "tensor(12., grad_fn=<CopyBackwards>)\ntensor(24., grad_fn=<CopyBackwards>)\n"


def test_backward_for_some_inputs(printed):
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(3.0, requires_grad=True)
    c = a * b
    torch.autograd.backward(c, inputs=[a])
    print(a.grad)
    print(b.grad)
    assert printed() == "tensor(3.)\nNone\n"


# The second note: attributes, detaching, repeated backward, a line fitted to one point.


def test_a_leaf_prints_with_requires_grad(printed):
    x = torch.ones(2, 2, requires_grad=True)
    print(x)
    assert printed() == "tensor([[1., 1.],\n        [1., 1.]], requires_grad=True)\n"


def test_requires_grad_is_set_afterwards(printed):
    a = torch.randn(2, 2)
    before = a.requires_grad
    assert a.requires_grad_(True) is a
    print(before, a.requires_grad, a.shape == (2, 2), a.is_leaf)
    assert printed() == "False True True True\n"


def regression():
    x = torch.tensor([2.0, 3.0])
    w = torch.tensor([0.5, 0.1], requires_grad=True)
    b = torch.tensor(0.1, requires_grad=True)
    return x, w, b


def test_flags_of_data_and_parameters(printed):
    x, w, b = regression()
    print(f"x.requires_grad: {x.requires_grad}")
    print(f"w.requires_grad: {w.requires_grad}")
    print(f"b.requires_grad: {b.requires_grad}")
    assert printed() == "x.requires_grad: False\nw.requires_grad: True\nb.requires_grad: True\n"


def test_mean_of_squares_prints_and_differentiates(printed):
    x = torch.ones(2, 2, requires_grad=True)
    y = x + 2
    z = y * y * 3
    out = z.mean()
    print(out)
    out.backward()
    print(x.grad)
    assert printed() == (
        "tensor(27., grad_fn=<MeanBackward0>)\ntensor([[4.5000, 4.5000],\n        [4.5000, 4.5000]])\n"
    )


@pytest.mark.parametrize("keyword", [True, False])
def test_vector_jacobian_product(printed, keyword):
    x = torch.randn(3, requires_grad=True)
    y = x * 2
    v = torch.tensor([0.1, 1.0, 0.001], dtype=torch.float)
    y.backward(gradient=v) if keyword else y.backward(v)
    print(x.grad)
    assert printed() == "tensor([0.2000, 2.0000, 0.0020])\n"


def test_no_grad_block(printed):
    x = torch.ones(1, requires_grad=True)
    print(x.requires_grad)
    with torch.no_grad():
        y = x * 2
    print(y.requires_grad)
    assert printed() == "True\nFalse\n"
    with pytest.raises(RuntimeError):
        y.backward()


def test_no_grad_as_a_decorator(printed):
    @torch.no_grad
    def double(x):
        return x * 2

    print(double(torch.ones(1, requires_grad=True)))
    assert printed() == "tensor([2.])\n"


def test_detach_cuts_one_path(printed):
    x = torch.ones(1, requires_grad=True)
    y = x * 2
    z = y.detach()
    print(z.requires_grad)
    out = y * 3
    out.backward()
    print(x.grad)
    x.grad.zero_()
    out_detached = z * 3
    out_detached.requires_grad_(True)
    print(out_detached.grad_fn, x.grad)
    assert printed() == "False\ntensor([6.])\nNone tensor([0.])\n"


def test_grad_fn_of_leaves_and_of_a_dot_product(printed):
    x, w, b = regression()
    print(f"w.grad_fn: {w.grad_fn}")
    print(f"b.grad_fn: {b.grad_fn}")
    y = torch.dot(w, x) + b
    print(f"y.requires_grad: {y.requires_grad}")
    print(f"y.grad_fn: {y.grad_fn}")
    print(y.grad_fn.next_functions)
    assert printed() == (
        "w.grad_fn: None\nb.grad_fn: None\ny.requires_grad: True\ny.grad_fn: <AddBackward0 object at 0x>\n"
        "((<DotBackward0 object at 0x>, 0), (<AccumulateGrad object at 0x>, 0))\n"
    )


def test_retain_graph_and_accumulation(printed):
    x = torch.tensor([2.0], requires_grad=True)
    y1 = x * 2
    y2 = x * 3
    y1.backward(retain_graph=True)
    print(x.grad)
    y2.backward()
    print(x.grad)
    assert printed() == "tensor([2.])\ntensor([5.])\n"


def test_create_graph_prints_tuples_of_gradients(printed):
    x = torch.tensor([2.0], requires_grad=True)
    y = x**3
    grad_x = torch.autograd.grad(y, x, create_graph=True)
    print(grad_x)
    grad_grad_x = torch.autograd.grad(grad_x[0], x)
    print(grad_grad_x)
    assert printed() == "(tensor([12.], grad_fn=<MulBackward0>),)\n(tensor([12.]),)\n"


def point():
    x = torch.tensor(3.0)
    w = torch.tensor(4.0, requires_grad=True)
    b = torch.tensor(5.0, requires_grad=True)
    return x, w, b, torch.tensor(18.0)


def test_line_through_a_point(printed):
    x, w, b, y_true = point()
    y_pred = w * x + b
    print(f"y_pred:{y_pred}")
    print(f"y_pred.grad_fn:{y_pred.grad_fn}")
    print(f"y_pred.requires_grad:{y_pred.requires_grad}")
    loss = (y_pred - y_true) ** 2
    print(f"loss:{loss}")
    print(f"loss.grad_fn:{loss.grad_fn}")
    print(f"w.grad:{w.grad}")
    print(f"b.grad:{b.grad}")
    loss.backward()
    print(f"w.grad:{w.grad}")
    print(f"b.grad:{b.grad}")
    assert printed() == (
        "y_pred:17.0\ny_pred.grad_fn:<AddBackward0 object at 0x>\ny_pred.requires_grad:True\n"
        "loss:1.0\nloss.grad_fn:<PowBackward0 object at 0x>\n"
        "w.grad:None\nb.grad:None\nw.grad:-6.0\nb.grad:-2.0\n"
    )


@pytest.mark.parametrize("by_hand", [False, True])
def test_gradients_are_zeroed_between_epochs(printed, by_hand):
    x, w, b, y_true = point()
    optimizer = torch.optim.SGD([w, b], lr=0.01)
    for i in range(2):
        if not by_hand:
            optimizer.zero_grad()
        elif w.grad is not None:
            w.grad.zero_()
            b.grad.zero_()
        y_pred = w * x + b
        loss = (y_pred - y_true) ** 2
        loss.backward()
        print(f"Epoch {i + 1}: w.grad={w.grad}, b.grad={b.grad}")
    assert printed() == "Epoch 1: w.grad=-6.0, b.grad=-2.0\nEpoch 2: w.grad=-6.0, b.grad=-2.0\n"


# The third note: cubes and squares.


def test_cubes_minus_squares(printed):
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    b = torch.tensor([6.0, 4.0], requires_grad=True)
    Q = 3 * a**3 - b**2
    print(Q)
    external_grad = torch.tensor([1.0, 1.0])
    Q.backward(gradient=external_grad)
    print(a.grad)
    print(b.grad)
    assert printed() == (
        "tensor([-12.,  65.], grad_fn=<SubBackward0>)\ntensor([36., 81.])\ntensor([-12.,  -8.])\n"
    )
