"""Shapes changed in place: the same Tensor over the same memory, with its history, and views of it that stay what they were."""

import numpy as np
import pytest
from under_test import leaf, near, same, torch


@pytest.mark.parametrize(
    "change, shape",
    [
        (lambda x: x.t_(), (3, 2)), (lambda x: x.transpose_(0, 1), (3, 2)), (lambda x: x.swapaxes_(0, 1), (3, 2)),
        (lambda x: x.unsqueeze_(1), (2, 1, 3)), (lambda x: x.as_strided_((2, 2), (1, 1)), (2, 2)), (lambda x: x.squeeze_(), (2, 3)),
    ],
    ids=["t_", "transpose_", "swapaxes_", "unsqueeze_", "as_strided_", "squeeze_"],
)  # fmt: skip
def test_a_tensor_takes_the_shape_and_keeps_its_memory(change, shape):
    x = torch.tensor(np.arange(6.0).reshape(2, 3))
    memory = x.data_ptr()
    assert change(x) is x
    assert x.shape == shape and x.data_ptr() == memory and x._version == 1 and not x._is_view()
    w = leaf(np.arange(6.0).reshape(2, 3))
    y = w * 2
    change(y)
    (y * y).sum().backward()
    wanted = torch.zeros(2, 3)
    wanted.view(-1).index_add_(0, torch.arange(6), w.detach().view(-1) * 8)
    if "as_strided" not in str(shape) and shape != (2, 2):
        near(w.grad, wanted.numpy())
    else:
        near(w.grad, [[0.0, 16.0, 16.0], [0.0, 0.0, 0.0]])


def test_views_made_before_stay():
    x = leaf(np.ones((2, 3)))
    y = x * 1
    row = y[0]
    y.t_()
    y.mul_(3)
    same(row, [3.0, 3.0, 3.0])
    row.sum().backward()
    same(x.grad, [[3.0, 3.0, 3.0], [0.0, 0.0, 0.0]])
    z = torch.zeros(2, 3)
    part = z[1]
    part.unsqueeze_(0)
    part[0, 1] = 5.0
    same(z, [[0.0, 0.0, 0.0], [0.0, 5.0, 0.0]])
    assert part._base is z


def test_a_leaf_that_requires_grad_keeps_its_shape():
    x = leaf(np.ones((2, 3)))
    for change in (x.t_, x.squeeze_, lambda: x.unsqueeze_(0), lambda: x.transpose_(0, 1)):
        with pytest.raises(RuntimeError, match="leaf"):
            change()
    assert x.shape == (2, 3)
    with torch.no_grad():
        assert x.t_().shape == (3, 2) and x.is_leaf


def test_a_diagonal_filled_in_place():
    x = torch.zeros(3, 3)
    assert x.fill_diagonal_(2.0) is x
    same(x, np.eye(3) * 2)
    tall = np.zeros((5, 2))
    np.fill_diagonal(tall, 1.0, wrap=True)
    same(torch.zeros(5, 2).fill_diagonal_(1.0, wrap=True), tall)
    w = leaf(np.ones((2, 2)))
    (w * 3).fill_diagonal_(0.0).sum().backward()
    same(w.grad, [[0.0, 3.0], [3.0, 0.0]])
