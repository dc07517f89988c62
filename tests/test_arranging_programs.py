"""What moves, puts and searches inside compiled functions, their gradients, and vmap: the same as run eagerly, one example at a time."""

import numpy as np
import pytest
from under_test import near, numbers, torch

FIRST = np.random.default_rng(0).uniform(-1, 1, (3, 4))
SECOND = FIRST + 0.01  # no order or sign changes: the guards hold
i = torch.tensor


def turned(x):
    y = (x * 2).t_()
    return y.unsqueeze_(0) ** 2


def written(x):
    y = x * 1
    y.scatter_reduce_(0, i([[0, 0, 1, 1]]), x[1:2], "amax")
    y[:, 1] = x[:, 0] * 3
    return y.fill_diagonal_(1.0).unfold(0, 2, 1) ** 2


FUNCTIONS = {
    "roll": lambda x: x.roll((1, -1), (0, 1)) * x,
    "rot90": lambda x: x.rot90() ** 2,
    "repeat_interleave": lambda x: x.repeat_interleave(i([1, 2, 0]), dim=0) ** 2,
    "constant_pad_nd": lambda x: torch.constant_pad_nd(x, (1, 2), 3.0) ** 2,
    "block_diag": lambda x: torch.block_diag(x, x * 2) ** 2,
    "meshgrid": lambda x: torch.meshgrid(x[0], x[1], indexing="xy")[0] ** 2,
    "unfold": lambda x: x.unfold(1, 2, 1) ** 2,
    "index_put": lambda x: x.index_put((i([0, 0]),), x[1:], accumulate=True) ** 2,
    "index_copy": lambda x: x.index_copy(0, i([0]), x[1:2]) ** 2,
    "put": lambda x: x.put(i([0, 3]), x[0, :2]) ** 2,
    "masked_scatter": lambda x: x.masked_scatter(x > 0, x.flip(0)) ** 2,
    "slice_scatter": lambda x: torch.slice_scatter(x, x[:, :2], 1, 0, None, 2) ** 2,
    "product at an index": lambda x: x.scatter_reduce(0, i([[0, 0, 1, 1], [0, 0, 1, 1]]), x[1:], "prod") ** 2,
    "largest at a computed index": lambda x: x.scatter_reduce(0, x.argsort(0)[:2], x[1:], "amax") ** 2,
    "gather at a computed index": lambda x: x.gather(1, x.argsort(1)) ** 2,
    "as_strided": lambda x: x.as_strided((2, 2), (1, 2)) ** 2,
    "turned in place": turned,
    "written in place": written,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_gradients_of_programs(name):
    f = FUNCTIONS[name]
    for g in (f, torch.func.grad(lambda x: f(x).sum())):
        program = torch.compile(g)
        program(i(FIRST))
        for x in (SECOND, FIRST):
            near(program(i(x)), numbers(g(i(x))))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_examples_at_once(name):
    f = FUNCTIONS[name]
    batch = np.stack([FIRST, FIRST * 0.5 - 0.1])
    near(torch.func.vmap(f)(i(batch)), np.stack([numbers(f(i(x))) for x in batch]))
