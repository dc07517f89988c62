"""Operations with several outputs have one Node for all of them, and a number for each; composed ones go by one name: as in PyTorch 2.13."""

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


@case(
    "['Addmm', 'Addmv', 'Baddbmm', 'Addbmm', 'Addr', 'Addcmul', 'Addcdiv', 'Lerp', 'LinalgCross', 'Cdist', 'NanToNum', 'Renorm', 'CholeskySolve', "
    "'LinalgHouseholderProduct', 'Vdot']"
)
def names_of_composed_operations():
    x, v, b = matrix(), leaf([1.0, 2.0, 3.0]), torch.ones(2, 3, 3)
    made = [
        torch.addmm(v, x, x), torch.addmv(v, x, v), torch.baddbmm(x, b, b), torch.addbmm(x, b, b), torch.addr(x, v, v), torch.addcmul(x, x, x),
        torch.addcdiv(x, x, x), torch.lerp(x, x * 2, 0.3), torch.linalg.cross(x, x * 2), torch.cdist(x, x * 2), torch.nan_to_num(x),
        torch.renorm(x, 2, 0, 1.0), torch.cholesky_solve(x, torch.eye(3)), torch.linalg.householder_product(x, v), torch.vdot(v, v),
    ]  # fmt: skip
    return [t.grad_fn.name().removesuffix("Backward0") for t in made]


@case(
    "['MseLoss', 'SmoothL1Loss', 'HuberLoss', 'BinaryCrossEntropy', 'BinaryCrossEntropyWithLogits', 'SoftMarginLoss', 'NllLoss', 'NllLoss', "
    "'NativeLayerNorm', 'Addmm', 'Mm', 'Convolution', 'Gelu', 'Celu', 'Elu', 'Glu', 'Hardtanh', 'Threshold']"
)
def names_of_layers():
    f, x, y, k = torch.nn.functional, matrix(), torch.ones(3, 3), torch.tensor([0, 1, 2])
    made = [
        f.mse_loss(x, y), f.smooth_l1_loss(x, y, reduction="none"), f.huber_loss(x, y), f.binary_cross_entropy(x.sigmoid(), y),
        f.binary_cross_entropy_with_logits(x, y, reduction="sum"), f.soft_margin_loss(x, y), f.nll_loss(x, k), f.cross_entropy(x, k),
        f.layer_norm(x, (3,)), f.linear(x, y, y[0]), f.linear(x, y), f.conv1d(x[None], torch.ones(1, 3, 2)), f.gelu(x), f.celu(x), f.selu(x),
        f.glu(x[:, :2]), f.hardtanh(x), f.threshold(x, 1.0, 0.0),
    ]  # fmt: skip
    return [t.grad_fn.name().removesuffix("Backward0") for t in made]


@case("([('AccumulateGrad', 0), ('SinBackward0', 0), (None, 0)], [('LogSoftmaxBackward0', 0)], [('AccumulateGrad', 0), ('AccumulateGrad', 0), ('TBackward0', 0)])")
def behind_composed_operations():
    x, w, b = matrix(), leaf([[1.0, 2.0, 3.0]]), leaf([1.0])

    def behind(t):
        return [(n and n.name().rpartition(":")[2], k) for n, k in t.grad_fn.next_functions]

    f = torch.nn.functional
    return behind(torch.addmm(x, x.sin(), torch.ones(3, 3))), behind(f.cross_entropy(x, torch.tensor([0, 1, 2]))), behind(f.linear(x, w, b))


@case("[[True], [True], [True], [True, False], [True, False], [True, False], [True, False], [False, True]]")
def inputs_shown():
    x, k, one = leaf([1.0, 2.0]), torch.tensor([0]), torch.ones(1)
    made = [
        3**x, x.clamp(0, 1), x.scatter(0, k, 1.0), x.index_add(0, k, one), x.index_copy(0, k, one), x.scatter(0, k, one),
        x.masked_scatter(torch.tensor([True, False]), torch.ones(2)), torch.ones(2) - x,
    ]  # fmt: skip
    return [[n is not None for n, _ in t.grad_fn.next_functions] for t in made]


@case("!! RuntimeError")
def a_strict_product_with_an_unused_input():
    x, y, v = torch.ones(2), torch.ones(2), (torch.ones(2), torch.ones(2))
    return torch.autograd.functional.jvp(lambda x, y: (x**2).sum(), (x, y), v, strict=True)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])


@pytest.mark.parametrize("dual_out", (False, True))
def test_nothing_dual_is_written_to_out(dual_out):
    forward_ad, plain = torch.autograd.forward_ad, torch.ones(2)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(torch.ones(2), torch.ones(2))
        with pytest.raises(NotImplementedError):
            torch.add(plain if dual_out else dual, plain, out=dual if dual_out else plain)
