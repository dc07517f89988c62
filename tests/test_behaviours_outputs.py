"""Operations with several outputs have one Node for all of them, and a number for each, as in PyTorch 2.13."""

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)
grad = torch.autograd.grad
edge = torch.autograd.graph.get_gradient_edge


def described(outputs):
    """Name, whether the Node is one, numbers, and what is behind it."""
    made = [t for t in outputs if t.grad_fn is not None]
    nodes = [t.grad_fn for t in made]
    return nodes[0].name(), all(n is nodes[0] for n in nodes), [t.output_nr for t in made], [(n.name().rpartition(":")[2], k) for n, k in nodes[0].next_functions]


def matrix():
    return leaf([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])


@case(
    "[('UnbindBackward0', True, [0, 1, 2], [('AccumulateGrad', 0)]), ('SplitBackward0', True, [0, 1], [('AccumulateGrad', 0)]), "
    "('SplitWithSizesBackward0', True, [0, 1, 2], [('AccumulateGrad', 0)]), ('UnbindBackward0', True, [0, 1, 2], [('AccumulateGrad', 0)])]"
)
def parts():
    x = matrix()
    return [described(f(x)) for f in (lambda x: x.unbind(), lambda x: x.split(2), lambda x: x.split([0, 1, 2], 1), tuple)]


@case("(False, ['SliceBackward0', 'SliceBackward0'], [0, 0])")
def views_of_their_own():
    a, b = matrix().tensor_split(2)
    return a.grad_fn is b.grad_fn, [a.grad_fn.name(), b.grad_fn.name()], [a.output_nr, b.output_nr]


@case(
    "[('LinalgSvdBackward0', True, [0, 1, 2], [('AccumulateGrad', 0)]), ('LinalgEighBackward0', True, [0, 1], [('AccumulateGrad', 0)]), "
    "('LinalgEigBackward0', True, [0, 1], [('AccumulateGrad', 0)]), ('LinalgQrBackward0', True, [0, 1], [('AccumulateGrad', 0)]), "
    "('LinalgSlogdetBackward0', True, [0, 1], [('AccumulateGrad', 0)])]"
)
def decompositions():
    x = matrix()
    return [described(getattr(torch.linalg, f)(x)) for f in ("svd", "eigh", "eig", "qr", "slogdet")]


@case(
    "[('VarMeanBackward0', True, [0, 1], [('AccumulateGrad', 0)]), ('StdMeanBackward0', True, [0, 1], [('AccumulateGrad', 0)]), "
    "('AminmaxBackward0', True, [0, 1], [('AccumulateGrad', 0)])]"
)
def reductions():
    x = matrix()
    return [described(f(x)) for f in (torch.var_mean, lambda x: torch.std_mean(x, 1), torch.aminmax)]


@case("([('UnbindBackward0', 1), ('UnbindBackward0', 0)], [('LinalgSvdBackward0', 1)])")
def behind_others():
    a, b, _ = matrix().unbind()
    S = torch.linalg.svd(matrix())[1]
    return [(n.name(), k) for n, k in (b * a).grad_fn.next_functions], [(n.name(), k) for n, k in S.exp().grad_fn.next_functions]


@case("(tensor(3.), tensor(1.), tensor(3.), tensor([0., 1.]))")
def edges_of_outputs():
    x = leaf([1.0, 2.0])
    a, b = x.unbind()
    found = grad(a + 3 * b, [edge(b), edge(a), torch.autograd.graph.GradientEdge(a.grad_fn, 1)], retain_graph=True)
    torch.autograd.backward(torch.autograd.graph.GradientEdge(a.grad_fn, 1))
    return *found, x.grad


@case("(0, 'AsStridedBackward0', 2, 'UnbindBackward0')")
def an_output_written():
    y = matrix() * 1
    a = y[0]
    last = y.unbind()[2]
    before = last.output_nr, last.grad_fn.name()
    y.mul_(2)
    return a.output_nr, a.grad_fn.name(), *before


@case("['hook', tensor([[0., 0., 0.],\n        [1., 1., 1.],\n        [0., 0., 0.]])]")
def a_hook_on_the_node():
    seen = []
    x = matrix()
    a, b, _ = x.unbind()
    a.grad_fn.register_hook(lambda inputs, outputs: seen.append("hook"))
    b.sum().backward()
    return [*seen, x.grad]


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
