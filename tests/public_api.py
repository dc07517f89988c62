"""A program over the public names, read by the type checker and run by test_public_api: what an editor and mypy know of tape.

Each `assert_type` is both a statement about the annotations and a line that runs. Imports tape; imported by test_public_api.
"""

from typing import Any, assert_type

import numpy as np

import tape as torch
from tape import Tensor


def tensors() -> Tensor:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert_type(x, Tensor)
    assert_type(x * x + 2.0 - 1.0 / x, Tensor)
    assert_type(x @ x, Tensor)
    assert_type(x > 1.0, Tensor)
    assert_type(x[0], Tensor)
    assert_type(x.sum(), Tensor)
    assert_type(x.reshape(4).exp().T, Tensor)
    assert_type(torch.maximum(x, torch.zeros(2, 2)), Tensor)
    assert_type(torch.logsumexp(x, 0), Tensor)
    assert_type(torch.multiply(x, torch.arctan(x)), Tensor)
    assert_type(x.requires_grad, bool)
    assert_type(x.grad, Tensor | None)
    assert_type(x.detach().numpy(), np.ndarray)
    assert_type(x.float().double().dtype, np.dtype)
    assert_type(x.numel(), int)
    assert_type(x.split(1), tuple[Tensor, ...])
    assert_type(x.detach().add_(1.0), Tensor)
    return x


def gradients(x: Tensor) -> None:
    loss = torch.sin(x).sum()
    loss.backward(retain_graph=True)
    torch.autograd.backward(loss, retain_graph=True)
    (g,) = torch.autograd.grad(loss, x, create_graph=True)
    assert_type(torch.autograd.gradcheck(torch.exp, (x,)), bool)
    with torch.no_grad():
        assert_type(x * 2.0, Tensor)
    with torch.enable_grad(), torch.set_grad_enabled(True):
        assert_type(torch.is_grad_enabled(), bool)
    handle = x.register_hook(lambda g: g)
    handle.remove()


@torch.no_grad()
def step(parameters: list[Tensor], rate: float) -> None:
    for p in parameters:
        if p.grad is not None:
            p.sub_(rate * p.grad)


def sight(x: Tensor) -> None:
    y = x.exp()
    assert_type(torch.show(y, print_it=False), str)
    assert_type(torch.verify(y), int)
    assert_type(torch.first_nan(y), str | None)
    with torch.debug(1) as counts:
        y.sum().backward()
    assert_type(counts["sweeps"], int)


def training(x: Tensor) -> Any:
    weight = torch.nn.Parameter(torch.ones(2, 2))
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9)
    optimizer.zero_grad()
    torch.linalg.solve(weight + 2 * torch.eye(2), x.detach()).sum().backward()
    optimizer.step()
    return weight.grad


def main() -> None:
    x = tensors()
    gradients(x)
    step([x], 0.1)
    sight(x)
    assert training(x) is not None


if __name__ == "__main__":
    main()
