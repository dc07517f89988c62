"""Code of the fourth and fifth introductory note, one test a snippet: it prints what PyTorch prints."""

import pytest
from under_test import plain, torch

pytestmark = pytest.mark.default_dtype("float32")


@pytest.fixture
def printed(capsys):
    """Call it for the text printed since the last call."""
    return lambda: plain(capsys.readouterr().out)


def test_a_leaf_and_a_sum_print(printed):
    x = torch.ones(2, 2, requires_grad=True)
    print(x)
    print(x.grad_fn)
    y = x + 2
    print(y)
    print(y.grad_fn)
    print(x.is_leaf, y.is_leaf)
    assert printed() == (
        "tensor([[1., 1.],\n        [1., 1.]], requires_grad=True)\nNone\n"
        "tensor([[3., 3.],\n        [3., 3.]], grad_fn=<AddBackward0>)\n<AddBackward0 object at 0x>\n"
        "True False\n"
    )


def test_products_and_their_mean_print(printed):
    y = torch.ones(2, 2, requires_grad=True) + 2
    z = y * y * 3
    out = z.mean()
    print(z)
    print(out)
    assert printed() == (
        "tensor([[27., 27.],\n        [27., 27.]], grad_fn=<MulBackward0>)\n"
        "tensor(27., grad_fn=<MeanBackward0>)\n"
    )


def test_requires_grad_from_here_on(printed):
    a = torch.randn(2, 2)
    a = (a * 3) / (a - 1)
    print(a.requires_grad)
    a.requires_grad_(True)
    print(a.requires_grad)
    b = (a * a).sum()
    print(b.grad_fn)
    assert printed() == "False\nTrue\n<SumBackward0 object at 0x>\n"


def test_backward_through_a_new_name_for_x_does_not_reach_it(printed):
    """The note makes x anew but goes on with the old y: the new x gets no gradient."""
    old = torch.ones(2, 2, requires_grad=True)
    y = old + 2
    x = torch.ones(2, 2, requires_grad=True)
    z = y * y * 3
    out = z.mean()
    out.backward()
    print(x.grad)
    print(old.grad)
    assert printed() == "None\ntensor([[4.5000, 4.5000],\n        [4.5000, 4.5000]])\n"


def test_gradients_accumulate_until_zeroed(printed):
    x = torch.ones(2, 2, requires_grad=True)
    y = x + 2
    (y * y * 3).mean().backward(torch.tensor(1.0))
    print(x.grad)
    out2 = x.sum()
    out2.backward()
    print(x.grad)
    out3 = x.sum()
    x.grad.data.zero_()
    out3.backward()
    print(x.grad)
    assert printed() == (
        "tensor([[4.5000, 4.5000],\n        [4.5000, 4.5000]])\n"
        "tensor([[5.5000, 5.5000],\n        [5.5000, 5.5000]])\n"
        "tensor([[1., 1.],\n        [1., 1.]])\n"
    )


def test_weights_for_an_output_of_two_rows(printed):
    x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = 2 * x
    z = y.view(2, 2)
    print(z)
    v = torch.tensor([[1.0, 0.1], [0.01, 0.001]], dtype=torch.float)
    z.backward(v)
    print(x.grad)
    assert printed() == (
        "tensor([[2., 4.],\n        [6., 8.]], grad_fn=<ViewBackward0>)\n"
        "tensor([2.0000, 0.2000, 0.0200, 0.0020])\n"
    )


def test_a_part_under_no_grad_is_a_constant(printed):
    x = torch.tensor(1.0, requires_grad=True)
    y1 = x**2
    with torch.no_grad():
        y2 = x**3
    y3 = y1 + y2
    print(x.requires_grad)
    print(y1, y1.requires_grad)
    print(y2, y2.requires_grad)
    print(y3, y3.requires_grad)
    y3.backward()
    print(x.grad)
    assert printed() == (
        "True\ntensor(1., grad_fn=<PowBackward0>) True\ntensor(1.) False\n"
        "tensor(2., grad_fn=<AddBackward0>) True\ntensor(2.)\n"
    )
    with pytest.raises(RuntimeError):
        y2.backward()


def test_data_is_written_beside_the_tape(printed):
    x = torch.ones(1, requires_grad=True)
    print(x.data)
    print(x.data.requires_grad)
    y = 2 * x
    x.data *= 100
    y.backward()
    print(x)
    print(x.grad)
    assert printed() == "tensor([1.])\nFalse\ntensor([100.], requires_grad=True)\ntensor([2.])\n"


def test_attributes_of_a_row(printed):
    x = torch.ones(2, requires_grad=True)
    y = x * 3
    row = y.grad_fn
    print(row.name(), row.metadata, row.next_functions)
    seen = []
    row.register_hook(lambda grad_inputs, grad_outputs: seen.append("hook"))
    row.register_prehook(lambda grad_outputs: seen.append("prehook"))
    y.sum().backward()
    print(seen)
    assert printed() == (
        "MulBackward0 {} ((<AccumulateGrad object at 0x>, 0), (None, 0))\n['prehook', 'hook']\n"
    )


def test_increment_version():
    x = torch.ones(2)
    torch.autograd.graph.increment_version(x)
    torch.autograd.graph.increment_version([x, x])
    assert x._version == 3
