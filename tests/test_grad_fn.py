"""grad_fn: class names of rows as PyTorch gives them, what they print, and how they hang together."""

import pytest
from under_test import leaf, name, plain, torch


class Things:
    """Leaves that the expressions of the table use."""

    def __init__(self):
        self.x = leaf([1.0, 2.0, 3.0])
        self.z = leaf([0.5, 2.5, 1.5])
        self.m = leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        self.s = leaf([[2.0, 1.0], [1.0, 3.0]])
        self.index = torch.tensor([0, 2])
        self.mask = torch.tensor([True, False, True])


# fmt: off
NAMES = [
    ("x + z",                     "Add0",          lambda t: t.x + t.z),
    ("1 + x",                     "Add0",          lambda t: 1 + t.x),
    ("x - z",                     "Sub0",          lambda t: t.x - t.z),
    ("1 - x",                     "Rsub1",         lambda t: 1 - t.x),
    ("x * z",                     "Mul0",          lambda t: t.x * t.z),
    ("x / z",                     "Div0",          lambda t: t.x / t.z),
    ("1 / x",                     "Mul0",          lambda t: 1 / t.x),
    ("-x",                        "Neg0",          lambda t: -t.x),
    ("abs(x)",                    "Abs0",          lambda t: abs(t.x)),
    ("x ** 2",                    "Pow0",          lambda t: t.x ** 2),
    ("x ** z",                    "Pow1",          lambda t: t.x ** t.z),
    ("2 ** x",                    "Pow2",          lambda t: 2 ** t.x),
    ("x % 2",                     "Remainder0",    lambda t: t.x % 2),
    ("m @ s",                     "Mm0",           lambda t: t.s @ t.m),
    ("x @ z",                     "Dot0",          lambda t: t.x @ t.z),
    ("dot(x, z)",                 "Dot0",          lambda t: torch.dot(t.x, t.z)),
    ("m @ x",                     "Mv0",           lambda t: t.m @ t.x),
    ("sum",                       "Sum0",          lambda t: t.m.sum()),
    ("sum along an axis",         "Sum1",          lambda t: t.m.sum(0)),
    ("mean",                      "Mean0",         lambda t: t.m.mean()),
    ("mean along an axis",        "Mean1",         lambda t: t.m.mean(0)),
    ("prod",                      "Prod0",         lambda t: t.x.prod()),
    ("max",                       "Max1",          lambda t: t.x.max()),
    ("max along an axis",         "Max0",          lambda t: t.m.max(0)[0]),
    ("amax",                      "Amax0",         lambda t: t.m.amax(0)),
    ("amin",                      "Amin0",         lambda t: t.m.amin(0)),
    ("maximum",                   "Maximum0",      lambda t: torch.maximum(t.x, t.z)),
    ("minimum",                   "Minimum0",      lambda t: torch.minimum(t.x, t.z)),
    ("norm",                      "LinalgVectorNorm0", lambda t: t.x.norm()),
    ("var",                       "Var0",          lambda t: t.x.var()),
    ("std",                       "Std0",          lambda t: t.x.std()),
    ("logsumexp",                 "Logsumexp0",    lambda t: t.x.logsumexp(0)),
    ("softmax",                   "Softmax0",      lambda t: t.x.softmax(0)),
    ("log_softmax",               "LogSoftmax0",   lambda t: t.x.log_softmax(0)),
    ("cumsum",                    "Cumsum0",       lambda t: t.x.cumsum(0)),
    ("exp",                       "Exp0",          lambda t: t.x.exp()),
    ("log",                       "Log0",          lambda t: torch.log(t.x)),
    ("sin",                       "Sin0",          lambda t: t.x.sin()),
    ("sqrt",                      "Sqrt0",         lambda t: t.x.sqrt()),
    ("sigmoid",                   "Sigmoid0",      lambda t: t.x.sigmoid()),
    ("tanh",                      "Tanh0",         lambda t: t.x.tanh()),
    ("relu",                      "Relu0",         lambda t: t.x.relu()),
    ("erf",                       "Erf0",          lambda t: t.x.erf()),
    ("clamp",                     "Clamp1",        lambda t: t.x.clamp(1.5, 2.5)),
    ("where",                     "Where0",        lambda t: torch.where(t.mask, t.x, t.z)),
    ("floor",                     "Floor0",        lambda t: t.x.floor()),
    ("round",                     "Round0",        lambda t: t.x.round()),
    ("sign",                      "Sign0",         lambda t: t.x.sign()),
    ("x[0]",                      "Select0",       lambda t: t.x[0]),
    ("x[1:]",                     "Slice0",        lambda t: t.x[1:]),
    ("x[index]",                  "Index0",        lambda t: t.x[t.index]),
    ("x[mask]",                   "Index0",        lambda t: t.x[t.mask]),
    ("x[None]",                   "Unsqueeze0",    lambda t: t.x[None]),
    ("view",                      "View0",         lambda t: t.m.view(6)),
    ("reshape",                   "View0",         lambda t: t.m.reshape(3, 2)),
    ("t()",                       "T0",            lambda t: t.m.t()),
    (".T",                        "Permute0",      lambda t: t.m.T),
    ("transpose",                 "Transpose0",    lambda t: t.m.transpose(0, 1)),
    ("permute",                   "Permute0",      lambda t: t.m.permute(1, 0)),
    ("expand",                    "Expand0",       lambda t: t.x.expand(2, 3)),
    ("squeeze(0)",                "Squeeze1",      lambda t: t.x[None].squeeze(0)),
    ("unsqueeze",                 "Unsqueeze0",    lambda t: t.x.unsqueeze(0)),
    ("cat",                       "Cat0",          lambda t: torch.cat([t.x, t.z])),
    ("stack",                     "Stack0",        lambda t: torch.stack([t.x, t.z])),
    ("gather",                    "Gather0",       lambda t: t.x.gather(0, t.index)),
    ("clone",                     "Clone0",        lambda t: t.x.clone()),
    ("float",                     "ToCopy0",       lambda t: t.x.float()),
    ("inv",                       "LinalgInvEx0",  lambda t: torch.linalg.inv(t.s)),
    ("solve",                     "LinalgSolveEx0", lambda t: torch.linalg.solve(t.s, t.m)),
]
# fmt: on


@pytest.mark.parametrize("row, make", [case[1:] for case in NAMES], ids=[case[0] for case in NAMES])
def test_class_names(row, make):
    y = make(Things())
    expected = f"{row[:-1]}Backward{row[-1]}"
    assert name(y) == expected
    assert y.grad_fn.name() == expected
    assert plain(repr(y.grad_fn)) == f"<{expected} object at 0x>"
    assert f"grad_fn=<{expected}>" in repr(y)
    assert y.requires_grad and not y.is_leaf


# fmt: off
WITHOUT = [
    ("comparison", lambda t: t.x > t.z),
    ("equality",   lambda t: t.x == t.z),
    ("argmax",     lambda t: t.x.argmax()),
    ("long",       lambda t: t.x.long()),
    ("detach",     lambda t: t.x.detach()),
    ("to the same dtype", lambda t: t.x.to(torch.float64)),
    ("zeros_like", lambda t: torch.zeros_like(t.x)),
]
# fmt: on


@pytest.mark.parametrize("make", [case[1] for case in WITHOUT], ids=[case[0] for case in WITHOUT])
def test_no_row(make):
    assert make(Things()).grad_fn is None


def test_next_functions_lead_to_the_leaves():
    x, w = leaf([1.0, 2.0]), leaf(3.0)
    h = x * w
    y = h.exp() + 1
    (inner, number), (constant, zero) = y.grad_fn.next_functions
    assert type(inner).__name__ == "ExpBackward0" and number == 0
    assert constant is None and zero == 0
    ((product, _),) = inner.next_functions
    assert product is h.grad_fn or product == h.grad_fn
    leaves = [row.variable for row, _ in product.next_functions]
    assert leaves[0] is x and leaves[1] is w


def test_next_functions_have_none_for_constants():
    x = leaf([1.0, 2.0])
    c = torch.tensor([3.0, 4.0])
    assert [row is None for row, _ in (x * c).grad_fn.next_functions] == [False, True]
    assert [row is None for row, _ in (c - x).grad_fn.next_functions] == [True, False]


def test_rows_have_several_outputs():
    m = leaf([[1.0, 2.0], [3.0, 4.0]])
    first, second = m.unbind()
    assert (first.output_nr, second.output_nr) == (0, 1)
    assert name(first) == "UnbindBackward0"
    (first * second).sum().backward()
    assert m.grad.tolist() == [[3.0, 4.0], [1.0, 2.0]]


def test_rows_of_a_derivative_have_names_too():
    x = leaf([1.0, 2.0])
    (gx,) = torch.autograd.grad((x**2).sum(), x, create_graph=True)
    assert name(gx) == "MulBackward0"


def test_rows_are_nodes():
    x = leaf(1.0)
    assert isinstance((x * 2).grad_fn, torch.autograd.graph.Node)
    assert isinstance((x * 2).grad_fn.next_functions[0][0], torch.autograd.graph.Node)


def test_rows_can_be_walked_to_any_depth():
    x = leaf(1.0)
    y = x
    for _ in range(2000):
        y = y + 1
    row, depth = y.grad_fn, 0
    while type(row).__name__ != "AccumulateGrad":
        row, depth = row.next_functions[0][0], depth + 1
    assert depth == 2000 and row.variable is x
