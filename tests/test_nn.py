"""nn.Parameter, and activations and losses: values against NumPy formulas, derivatives of two orders, PyTorch's figures, errors."""

import copy
import pickle

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from scipy.special import erf, expit, log_expit, log_softmax, softmax
from under_test import leaf, name, near, numbers, torch

CLASSES = np.array([0, 2, 1, 2])
WEIGHT = np.array([1.0, 2.0, 0.5])


def picked(a, weight=None):
    """Cross entropy terms for CLASSES."""
    terms = -log_softmax(a, -1)[np.arange(4), CLASSES]
    return terms if weight is None else terms * weight[CLASSES]


def probabilities(m, a):
    return (m.tanh(a) + 1) / 2


def chances(a):
    return (np.tanh(a) + 1) / 2


def entropy(p, t):
    return -(t * np.log(p) + (1 - t) * np.log1p(-p))


# fmt: off
def F(m):
    return m.nn.functional


def classes(m):
    return m.tensor(CLASSES)


S, N, T = [(2, 3)], [(4, 3)], [(2, 3), (2, 3)]
CASES = [  # name, function, shapes, the same in NumPy
    ("relu",          lambda m, a: F(m).relu(a),                     S, lambda a: np.maximum(a, 0)),
    ("sigmoid",       lambda m, a: F(m).sigmoid(a),                  S, expit),
    ("tanh",          lambda m, a: F(m).tanh(a),                     S, np.tanh),
    ("softplus",      lambda m, a: F(m).softplus(a),                 S, lambda a: np.log1p(np.exp(a))),
    ("softplus beta", lambda m, a: F(m).softplus(a, beta=2.0),       S, lambda a: np.log1p(np.exp(2 * a)) / 2),
    ("softplus threshold", lambda m, a: F(m).softplus(a, 1.0, 0.25), S, lambda a: np.where(a > 0.25, a, np.log1p(np.exp(a)))),
    ("softmax",       lambda m, a: F(m).softmax(a, dim=1),           S, lambda a: softmax(a, 1)),
    ("softmin",       lambda m, a: F(m).softmin(a, dim=0),           S, lambda a: softmax(-a, 0)),
    ("log_softmax",   lambda m, a: F(m).log_softmax(a, dim=-1),      S, lambda a: log_softmax(a, -1)),
    ("logsigmoid",    lambda m, a: F(m).logsigmoid(a),               S, log_expit),
    ("silu",          lambda m, a: F(m).silu(a),                     S, lambda a: a * expit(a)),
    ("gelu",          lambda m, a: F(m).gelu(a),                     S, lambda a: a * 0.5 * (1 + erf(a / np.sqrt(2)))),
    ("gelu tanh",     lambda m, a: F(m).gelu(a, approximate="tanh"), S, lambda a: a * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3)))),
    ("leaky_relu",    lambda m, a: F(m).leaky_relu(a, 0.2),          S, lambda a: np.where(a > 0, a, 0.2 * a)),
    ("elu",           lambda m, a: F(m).elu(a, 1.5),                 S, lambda a: np.where(a > 0, a, 1.5 * np.expm1(a))),
    ("linear",        lambda m, a, w, b: F(m).linear(a, w, b),       [(4, 3), (2, 3), (2,)], lambda a, w, b: a @ w.T + b),
    ("linear batch",  lambda m, a, w: F(m).linear(a, w),             [(2, 4, 3), (2, 3)], lambda a, w: a @ w.T),
    ("linear vectors", lambda m, a, w: F(m).linear(a, w),            [(3,), (3,)],       np.dot),
    ("mse",           lambda m, a, b: F(m).mse_loss(a, b),           T, lambda a, b: ((a - b) ** 2).mean()),
    ("mse sum",       lambda m, a, b: F(m).mse_loss(a, b, reduction="sum"), T, lambda a, b: ((a - b) ** 2).sum()),
    ("mse none",      lambda m, a, b: F(m).mse_loss(a, b, reduction="none"), T, lambda a, b: (a - b) ** 2),
    ("l1",            lambda m, a, b: F(m).l1_loss(a, b),            T, lambda a, b: abs(a - b).mean()),
    ("bce",           lambda m, a, b: F(m).binary_cross_entropy(probabilities(m, a), probabilities(m, b)), T, lambda a, b: entropy(chances(a), chances(b)).mean()),
    ("bce logits",    lambda m, a, b: F(m).binary_cross_entropy_with_logits(a, probabilities(m, b)), T, lambda a, b: entropy(expit(a), chances(b)).mean()),
    ("bce logits weighted", lambda m, a: F(m).binary_cross_entropy_with_logits(a, m.ones(2, 3), m.tensor(WEIGHT), pos_weight=m.tensor(WEIGHT), reduction="sum"),
                                                                     S, lambda a: (-WEIGHT**2 * log_expit(a)).sum()),
    ("nll",           lambda m, a: F(m).nll_loss(F(m).log_softmax(a, 1), classes(m)), N, lambda a: picked(a).mean()),
    ("nll sum",       lambda m, a: F(m).nll_loss(F(m).log_softmax(a, 1), classes(m), reduction="sum"), N, lambda a: picked(a).sum()),
    ("nll of one",    lambda m, a: F(m).nll_loss(a, m.tensor(1)),    [(3,)], lambda a: -a[1]),
    ("cross entropy", lambda m, a: F(m).cross_entropy(a, classes(m)), N, lambda a: picked(a).mean()),
    ("cross entropy none", lambda m, a: F(m).cross_entropy(a, classes(m), reduction="none"), N, picked),
    ("cross entropy weighted", lambda m, a: F(m).cross_entropy(a, classes(m), m.tensor(WEIGHT)), N, lambda a: picked(a, WEIGHT).sum() / WEIGHT[CLASSES].sum()),
    ("cross entropy ignoring", lambda m, a: F(m).cross_entropy(a, classes(m), ignore_index=2), N, lambda a: picked(a)[[0, 2]].mean()),
    ("cross entropy smooth", lambda m, a: F(m).cross_entropy(a, classes(m), label_smoothing=0.3), N, lambda a: (0.7 * picked(a) - 0.1 * log_softmax(a, 1).sum(1)).mean()),
    ("cross entropy smooth weighted", lambda m, a: F(m).cross_entropy(a, classes(m), m.tensor(WEIGHT), label_smoothing=0.3), N,
                                      lambda a: (0.7 * picked(a, WEIGHT) - 0.1 * (log_softmax(a, 1) * WEIGHT).sum(1)).sum() / WEIGHT[CLASSES].sum()),
    ("cross entropy of chances", lambda m, a, b: F(m).cross_entropy(a, F(m).softmax(b, 1)), [(4, 3), (4, 3)], lambda a, b: -(log_softmax(a, 1) * softmax(b, 1)).sum(1).mean()),
    ("cross entropy of pictures", lambda m, a: F(m).cross_entropy(a, m.tensor([[0, 1], [2, 0]])), [(2, 3, 2)],
                                  lambda a: -log_softmax(a, 1)[[[0, 0], [1, 1]], [[0, 1], [2, 0]], [[0, 1], [0, 1]]].mean()),
]
KINKS = [  # function, where, the gradient there
    ("relu",       lambda a: F(torch).relu(a),            [0.0, -1.0, 1.0], [0.0, 0.0, 1.0]),
    ("leaky_relu", lambda a: F(torch).leaky_relu(a, 0.2), [0.0, -1.0, 1.0], [0.2, 0.2, 1.0]),
    ("elu",        lambda a: F(torch).elu(a, 2.0),        [0.0, 800.0],     [2.0, 1.0]),
    ("softplus",   lambda a: F(torch).softplus(a),        [800.0, -800.0],  [1.0, 0.0]),
    ("logsigmoid", lambda a: F(torch).logsigmoid(a),      [800.0, -800.0],  [0.0, 1.0]),
    ("silu",       lambda a: F(torch).silu(a),            [800.0, -800.0],  [1.0, 0.0]),
    ("bce logits", lambda a: F(torch).binary_cross_entropy_with_logits(a, torch.tensor([0.0, 1.0]), reduction="sum"), [800.0, -800.0], [1.0, -1.0]),
]
ERRORS = [
    ("reduction",          ValueError,   lambda: F(torch).mse_loss(torch.ones(2), torch.ones(2), reduction="foo")),
    ("sizes",              RuntimeError, lambda: F(torch).linear(torch.ones(4), torch.ones(2, 3))),
    ("number of targets",  ValueError,   lambda: F(torch).nll_loss(torch.ones(3, 3), torch.tensor([0, 1]))),
    ("class too large",    IndexError,   lambda: F(torch).nll_loss(torch.ones(3, 3), torch.tensor([0, 1, 5]))),
    ("outside [0, 1]",     RuntimeError, lambda: F(torch).binary_cross_entropy(torch.tensor([2.0]), torch.tensor([1.0]))),
    ("shapes of logits",   ValueError,   lambda: F(torch).binary_cross_entropy_with_logits(torch.ones(2), torch.ones(3))),
    ("no Tensor",          (TypeError, AttributeError), lambda: torch.nn.Parameter([1.0])),
    ("integer parameter",  RuntimeError, lambda: torch.nn.Parameter(torch.ones(2, dtype=torch.int64))),
]
# fmt: on
each = pytest.mark.parametrize("f, shapes, reference", [row[1:] for row in CASES], ids=[row[0] for row in CASES])


@each
def test_values(f, shapes, reference):
    inputs = arrays(*shapes)
    near(f(torch, *map(torch.tensor, inputs)), reference(*inputs), rtol=1e-12, atol=1e-15)


@each
def test_first_derivatives(f, shapes, reference):
    first(f, arrays(*shapes))


@each
def test_second_derivatives(f, shapes, reference):
    second(f, arrays(*shapes))


@each
def test_pushforwards(f, shapes, reference):
    forward(f, arrays(*shapes))


@pytest.mark.oracle
@each
def test_against_the_oracle(f, shapes, reference):
    oracle(f, arrays(*shapes))


@pytest.mark.parametrize("f, at, expected", [row[1:] for row in KINKS], ids=[row[0] for row in KINKS])
def test_gradients_at_kinks_and_far_out(f, at, expected):
    x = leaf(at)
    y = f(x)
    assert np.isfinite(numbers(y)).all()
    y.sum().backward()
    near(x.grad, expected)


def test_binary_cross_entropy_of_certain_probabilities():
    y = F(torch).binary_cross_entropy(torch.tensor([0.0, 1.0, 0.0]), torch.tensor([0.0, 1.0, 1.0]), reduction="none")
    near(y, [0.0, 0.0, 100.0])


def test_targets_that_broadcast_warn():
    with pytest.warns(UserWarning):
        near(F(torch).mse_loss(torch.zeros(2, 3), torch.ones(3)), 1.0)


@pytest.mark.parametrize("kind, f", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, f):
    with pytest.raises(kind):
        f()


# Parameter


@pytest.mark.default_dtype("float32")
def test_parameters_print_as_such():
    assert repr(torch.nn.Parameter(torch.ones(2))) == "Parameter containing:\ntensor([1., 1.], requires_grad=True)"
    assert repr(torch.nn.Parameter(torch.ones(2), requires_grad=False)) == "Parameter containing:\ntensor([1., 1.])"


def test_parameters_are_leaves():
    p = torch.nn.Parameter(torch.ones(2))
    assert isinstance(p, torch.Tensor) and p.is_leaf and p.requires_grad and torch.nn.Parameter().numel() == 0
    y = p * 2
    assert type(y) is torch.Tensor and name(y) == "MulBackward0"
    y.sum().backward()
    near(p.grad, [2.0, 2.0])


def test_parameters_share_memory_and_cut_history():
    x = leaf([1.0, 2.0])
    p = torch.nn.Parameter(x * 2)
    assert p.is_leaf
    values = torch.zeros(2)
    p = torch.nn.Parameter(values)
    with torch.no_grad():
        p.add_(1.0)
    near(values, [1.0, 1.0])


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))], ids=["deepcopy", "pickle"])
@pytest.mark.parametrize("requires_grad", [True, False])
def test_parameters_copy_and_pickle(twin, requires_grad):
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0]), requires_grad)
    q = twin(p)
    assert type(q) is torch.nn.Parameter and q is not p and q.requires_grad == requires_grad
    near(q, [1.0, 2.0])
    with torch.no_grad():
        q.add_(1.0)
    near(p, [1.0, 2.0])


def test_a_classifier_learns():
    """Two layers, cross entropy and SGD separate three clusters."""
    rng = np.random.default_rng(0)
    centres = np.array([[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]])
    targets = np.repeat(np.arange(3), 20)
    points = torch.tensor(centres[targets] + 0.3 * rng.normal(size=(60, 2)))
    weights = [torch.nn.Parameter(torch.tensor(0.5 * rng.normal(size=shape))) for shape in ((8, 2), (8,), (3, 8), (3,))]
    optimizer = torch.optim.SGD(weights, lr=0.5, momentum=0.5)

    def scores():
        hidden = F(torch).relu(F(torch).linear(points, *weights[:2]))
        return F(torch).linear(hidden, *weights[2:])

    for _ in range(40):
        optimizer.zero_grad()
        F(torch).cross_entropy(scores(), torch.tensor(targets)).backward()
        optimizer.step()
    assert (numbers(scores()).argmax(1) == targets).all()
