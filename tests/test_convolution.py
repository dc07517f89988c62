"""Convolutions and padding: values against SciPy and NumPy, derivatives of two orders and pushforwards, strides, groups, errors."""

import numpy as np
import pytest
import scipy.signal
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, near, numbers, torch

F = torch.nn.functional


def of(m):
    return m.nn.functional


# fmt: off
CASES = [  # name, function, shapes
    ("conv1d",          lambda m, x, w, b: of(m).conv1d(x, w, b),                                        [(2, 3, 6), (4, 3, 2), (4,)]),
    ("conv1d single",   lambda m, x, w: of(m).conv1d(x, w, padding=1),                                   [(3, 5), (2, 3, 3)]),
    ("conv1d strided",  lambda m, x, w: of(m).conv1d(x, w, stride=2, padding=(2,), dilation=2),          [(1, 2, 7), (3, 2, 3)]),
    ("conv1d groups",   lambda m, x, w: of(m).conv1d(x, w, groups=2),                                    [(2, 4, 4), (6, 2, 2)]),
    ("conv1d same",     lambda m, x, w: of(m).conv1d(x, w, padding="same", dilation=3),                  [(1, 2, 6), (2, 2, 2)]),
    ("conv2d",          lambda m, x, w, b: of(m).conv2d(x, w, b),                                        [(2, 2, 4, 5), (3, 2, 2, 3), (3,)]),
    ("conv2d strided",  lambda m, x, w: of(m).conv2d(x, w, stride=(2, 1), padding=(0, 1), dilation=(1, 2)), [(1, 2, 5, 5), (2, 2, 2, 3)]),
    ("conv2d depth",    lambda m, x, w: of(m).conv2d(x, w, groups=3, padding="same"),                    [(1, 3, 3, 4), (3, 1, 2, 2)]),
    ("conv2d points",   lambda m, x, w: of(m).conv2d(x, w, padding="valid"),                             [(2, 3, 2, 2), (4, 3, 1, 1)]),
    ("pad constant",    lambda m, x: of(m).pad(x, (1, -1, 0, 2), value=0.5),                             [(2, 3, 3)]),
    ("pad reflect",     lambda m, x: of(m).pad(x, (2, 1, 1, 1), mode="reflect"),                         [(1, 3, 3)]),
    ("pad replicate",   lambda m, x: of(m).pad(x, (3, 1), mode="replicate"),                             [(2, 3)]),
    ("pad circular",    lambda m, x: of(m).pad(x, (1, 2, -1, 1), mode="circular"),                       [(1, 3, 3)]),
]
ERRORS = [
    ("channels",   lambda: F.conv1d(torch.ones(1, 3, 4), torch.ones(2, 2, 2))),
    ("groups",     lambda: F.conv1d(torch.ones(1, 4, 4), torch.ones(3, 2, 2), groups=2)),
    ("too short",  lambda: F.conv1d(torch.ones(1, 1, 2), torch.ones(1, 1, 3))),
    ("ranks",      lambda: F.conv2d(torch.ones(2, 3), torch.ones(1, 1, 2, 2))),
    ("same",       lambda: F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), stride=2, padding="same")),
    ("stride",     lambda: F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), stride=0)),
    ("bias",       lambda: F.conv1d(torch.ones(1, 1, 4), torch.ones(2, 1, 2), torch.ones(3))),
    ("dtypes",     lambda: F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2, dtype=torch.float32))),
    ("reflect",    lambda: F.pad(torch.ones(1, 3), (3, 0), mode="reflect")),
    ("mode",       lambda: F.pad(torch.ones(1, 3), (1, 0), mode="mirror")),
    ("dimensions", lambda: F.pad(torch.ones(3), (1, 0), mode="replicate")),
]
# fmt: on
each = pytest.mark.parametrize("f, shapes", [row[1:] for row in CASES], ids=[row[0] for row in CASES])


@each
def test_first_derivatives(f, shapes):
    first(f, arrays(*shapes))


@pytest.mark.slow
@each
def test_second_derivatives(f, shapes):
    second(f, arrays(*shapes), rtol=1e-4)


@each
def test_pushforwards(f, shapes):
    forward(f, arrays(*shapes))


@pytest.mark.oracle
@each
def test_against_the_oracle(f, shapes):
    oracle(f, arrays(*shapes))


def test_values_are_correlations():
    x, w = arrays((2, 5, 6), (3, 2, 2, 3))
    expected = [sum(scipy.signal.correlate2d(x[c], w[o, c], "valid") for c in range(2)) for o in range(3)]
    near(F.conv2d(torch.tensor(x), torch.tensor(w)), expected, rtol=1e-12)


@pytest.mark.parametrize("mode, theirs", [("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")])
def test_padding_is_numpys(mode, theirs):
    x = arrays((1, 4, 5))[0]
    near(F.pad(torch.tensor(x), (2, 3, 1, 2), mode=mode), np.pad(x, ((0, 0), (1, 2), (2, 3)), theirs))


def test_complex_convolutions():
    rng = np.random.default_rng(0)
    x, w = (rng.normal(size=s) + 1j * rng.normal(size=s) for s in ((1, 1, 6), (1, 1, 3)))
    found = numbers(F.conv1d(torch.tensor(x), torch.tensor(w)))
    np.testing.assert_allclose(found, np.correlate(x[0, 0], w[0, 0].conj(), "valid")[None, None], rtol=1e-12)


@pytest.mark.parametrize("f", [row[1] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(f):
    with pytest.raises((RuntimeError, NotImplementedError)):
        f()


@pytest.mark.skipif(torch.__name__ != "tape", reason="programs are tape's")
def test_inside_programs():
    x, w = arrays((1, 2, 5, 5), (3, 2, 3, 3))
    gradient = torch.func.grad(lambda a, b: (F.conv2d(F.pad(a, (1, 1, 1, 1), mode="reflect"), b, stride=2) ** 2).sum(), argnums=(0, 1))
    compiled = torch.compile(gradient)
    for scale in (1.0, 2.0, 0.5):
        given = torch.tensor(scale * x), torch.tensor(w)
        for mine, theirs in zip(compiled(*given), gradient(*given), strict=True):
            near(mine, numbers(theirs), rtol=1e-10)


def test_a_filter_is_learnt():
    rng = np.random.default_rng(1)
    signal, wanted = torch.tensor(rng.normal(size=(1, 1, 200))), torch.tensor([[[0.5, -1.0, 2.0]]])
    target, w = F.conv1d(signal, wanted), leaf([[[0.0, 0.0, 0.0]]])
    for _ in range(60):
        (g,) = torch.autograd.grad(F.mse_loss(F.conv1d(signal, w), target), w)
        with torch.no_grad():
            w -= 0.3 * g
    near(w.detach(), numbers(wanted), atol=1e-6)
