"""The programs that are measured, each written once per style of interface.

`in_torch(torch, params, constants)` is the text that both torch and tape run; `in_numpy(lib, params,
constants)` is what jax and HIPS autograd run (`lib` is one of bench.peers' namespaces); `by_hand(params,
constants)` is NumPy with a gradient written by hand. `PROGRAMS[name](smoke)` makes the program with its data.
Everything is float64, every program gives one number. Invariant: all three forms of a program compute the
same value and gradient; bench.contest.check asserts it before anything is timed. Imports numpy only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Program:
    """One program: what is differentiated (`params`), what is not (`constants`), and the program in three
    styles."""

    name: str
    params: Arrays
    constants: Arrays
    in_torch: Callable[[Any, Any, Any], Any]
    in_numpy: Callable[[Any, Any, Any], Any]
    by_hand: Callable[[Any, Any], tuple[float, Arrays]]


def chain(smoke: bool = False, fan_in: bool = False) -> Program:
    """`z = z*y + y` on 8 elements, 1,000 times; with `fan_in` y is differentiated too, to which 2,000
    operations contribute."""
    length = 20 if smoke else 1000
    x, y = np.linspace(-1.0, 1.0, 8), np.linspace(0.2, 0.9, 8)

    def in_torch(torch, params, constants):
        z, y = params + constants
        for _ in range(length):
            z = z * y + y
        return z.sum()

    def in_numpy(lib, params, constants):
        x, y = params + constants
        return lib.np.sum(lib.repeat(lambda z, y: z * y + y, length, x, y))

    def by_hand(params, constants):
        z, y = params + constants
        seen = []
        for _ in range(length):
            seen.append(z)
            z = z * y + y
        g, gy = np.ones_like(z), np.zeros_like(y)
        for value in reversed(seen):
            if fan_in:
                gy += g * value + g
            g = g * y
        return z.sum(), (g, gy) if fan_in else (g,)

    params, constants = ((x, y), ()) if fan_in else ((x,), (y,))
    return Program("chain", params, constants, in_torch, in_numpy, by_hand)


def scalar_loop(smoke: bool = False) -> Program:
    """`z = sin(z)*x + y` on single numbers, 1,000 times: 3,000 operations. By hand: floats and `math`."""
    length = 10 if smoke else 1000
    x, y = np.array(0.9), np.array(0.3)

    def in_torch(torch, params, constants):
        x, y = params
        z = x
        for _ in range(length):
            z = torch.sin(z) * x + y
        return z

    def in_numpy(lib, params, constants):
        x, y = params
        return lib.repeat(lambda z, xy: lib.np.sin(z) * xy[0] + xy[1], length, x, (x, y))

    def by_hand(params, constants):
        x, y = float(params[0]), float(params[1])
        z, seen = x, []
        for _ in range(length):
            seen.append(z)
            z = math.sin(z) * x + y
        g, gx, gy = 1.0, 0.0, 0.0
        for value in reversed(seen):
            gy += g
            gx += g * math.sin(value)
            g *= x * math.cos(value)
        return z, (np.array(gx + g), np.array(gy))

    return Program("scalar_loop", (x, y), (), in_torch, in_numpy, by_hand)


def rosenbrock(n: int) -> Program:
    """Rosenbrock's function of n variables, vectorised with slices."""
    x = np.random.default_rng(1).uniform(-1.5, 1.5, n)

    def in_torch(torch, params, constants):
        (x,) = params
        return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()

    def in_numpy(lib, params, constants):
        (x,) = params
        return lib.np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    def by_hand(params, constants):
        (x,) = params
        head, r = x[:-1], x[1:] - x[:-1] ** 2
        g = np.zeros_like(x)
        g[1:] = 200.0 * r
        g[:-1] -= 400.0 * head * r + 2.0 * (1.0 - head)
        return 100.0 * (r @ r) + ((1.0 - head) ** 2).sum(), (g,)

    return Program("rosenbrock", (x,), (), in_torch, in_numpy, by_hand)


def logistic(smoke: bool = False) -> Program:
    """Logistic regression, 100,000 observations of 50 features: mean of softplus(z) - y*z."""
    n, k = (200, 5) if smoke else (100_000, 50)
    rng = np.random.default_rng(2)
    features = rng.standard_normal((n, k))
    labels = (rng.random(n) < 0.5).astype(float)
    w, b = 0.1 * rng.standard_normal(k), np.array(0.1)

    def in_torch(torch, params, constants):
        (w, b), (features, labels) = params, constants
        z = features @ w + b
        return (torch.nn.functional.softplus(z) - labels * z).mean()

    def in_numpy(lib, params, constants):
        (w, b), (features, labels) = params, constants
        z = features @ w + b
        return lib.np.mean(lib.np.logaddexp(z, 0.0) - labels * z)

    def by_hand(params, constants):
        (w, b), (features, labels) = params, constants
        z = features @ w + b
        e = np.exp(-np.abs(z))
        g = (np.where(z >= 0, 1.0, e) / (1.0 + e) - labels) / len(z)
        return (np.maximum(z, 0.0) + np.log1p(e) - labels * z).mean(), (g @ features, g.sum())

    return Program("logistic", (w, b), (features, labels), in_torch, in_numpy, by_hand)


def mlp(smoke: bool = False) -> Program:
    """A network 784-128-10 with tanh and cross entropy on a batch of 64."""
    n, inside, hidden, classes = (8, 20, 6, 4) if smoke else (64, 784, 128, 10)
    rng = np.random.default_rng(3)
    params = (
        rng.standard_normal((inside, hidden)) / np.sqrt(inside),
        np.zeros(hidden),
        rng.standard_normal((hidden, classes)) / np.sqrt(hidden),
        np.zeros(classes),
    )
    images, labels = rng.random((n, inside)), rng.integers(0, classes, n)

    def in_torch(torch, params, constants):
        (w1, b1, w2, b2), (images, labels) = params, constants
        scores = torch.tanh(images @ w1 + b1) @ w2 + b2
        hit = scores.gather(1, labels.unsqueeze(1)).squeeze(1)
        return (torch.logsumexp(scores, 1) - hit).mean()

    def in_numpy(lib, params, constants):
        (w1, b1, w2, b2), (images, labels) = params, constants
        scores = lib.np.tanh(images @ w1 + b1) @ w2 + b2
        hit = scores[np.arange(n), labels]
        return lib.np.mean(lib.logsumexp(scores, 1) - hit)

    def by_hand(params, constants):
        (w1, b1, w2, b2), (images, labels) = params, constants
        h = np.tanh(images @ w1 + b1)
        scores = h @ w2 + b2
        scores -= scores.max(1, keepdims=True)
        e = np.exp(scores)
        total = e.sum(1)
        loss = (np.log(total) - scores[np.arange(n), labels]).mean()
        g = e / total[:, None]
        g[np.arange(n), labels] -= 1.0
        g /= n
        gh = (g @ w2.T) * (1.0 - h * h)
        return loss, (images.T @ gh, gh.sum(0), h.T @ g, g.sum(0))

    return Program("mlp", params, (images, labels), in_torch, in_numpy, by_hand)


def nbody(smoke: bool = False) -> Program:
    """Gravitational energy of 200 bodies, over all pairs by broadcasting; `eye` keeps the diagonal finite."""
    n = 6 if smoke else 200
    rng = np.random.default_rng(4)
    x, mass = rng.standard_normal((n, 3)), rng.random(n) + 0.5
    eye = np.eye(n)
    pairs = -0.5 * np.outer(mass, mass) * (1.0 - eye)

    def in_torch(torch, params, constants):
        (x,), (eye, pairs) = params, constants
        d = x[:, None, :] - x[None, :, :]
        return (pairs * torch.rsqrt((d * d).sum(2) + eye)).sum()

    def in_numpy(lib, params, constants):
        (x,), (eye, pairs) = params, constants
        d = x[:, None, :] - x[None, :, :]
        return lib.np.sum(pairs * (lib.np.sum(d * d, 2) + eye) ** -0.5)

    def by_hand(params, constants):
        (x,), (eye, pairs) = params, constants
        d = x[:, None, :] - x[None, :, :]
        r = (d * d).sum(2) + eye
        inverse = 1.0 / np.sqrt(r)
        energy = pairs * inverse
        g = (energy / r)[:, :, None] * d
        return energy.sum(), (g.sum(0) - g.sum(1),)

    return Program("nbody", (x,), (eye, pairs), in_torch, in_numpy, by_hand)


def mixture(smoke: bool = False) -> Program:
    """Log likelihood of 1,000 points in 10 dimensions under 25 Gaussians with diagonal covariances."""
    n, k, m = (12, 3, 2) if smoke else (1000, 10, 25)
    rng = np.random.default_rng(5)
    points = rng.standard_normal((n, k))
    params = rng.standard_normal(m), rng.standard_normal((m, k)), 0.2 * rng.standard_normal((m, k))
    shift = 0.5 * k * math.log(2 * math.pi)

    def in_torch(torch, params, constants):
        (a, mean, s), (points,) = params, constants
        u = (points[:, None, :] - mean) * torch.exp(-s)
        weight = a - torch.logsumexp(a, 0) - s.sum(1)
        return torch.logsumexp(weight - 0.5 * (u * u).sum(2), 1).sum() - n * shift

    def in_numpy(lib, params, constants):
        (a, mean, s), (points,) = params, constants
        u = (points[:, None, :] - mean) * lib.np.exp(-s)
        weight = a - lib.logsumexp(a, 0) - lib.np.sum(s, 1)
        return lib.np.sum(lib.logsumexp(weight - 0.5 * lib.np.sum(u * u, 2), 1)) - n * shift

    def by_hand(params, constants):
        (a, mean, s), (points,) = params, constants
        scale = np.exp(-s)
        u = (points[:, None, :] - mean) * scale
        pa = np.exp(a - a.max())
        weight = a - a.max() - np.log(pa.sum()) - s.sum(1)
        v = weight - 0.5 * (u * u).sum(2)
        top = v.max(1, keepdims=True)
        e = np.exp(v - top)
        total = e.sum(1, keepdims=True)
        value = (np.log(total) + top).sum() - n * shift
        g = e / total
        gsum = g.sum(0)
        gu = g[:, :, None] * u
        gs = (gu * u).sum(0) - gsum[:, None]
        return value, (gsum - n * pa / pa.sum(), gu.sum(0) * scale, gs)

    return Program("mixture", params, (points,), in_torch, in_numpy, by_hand)


PROGRAMS: dict[str, Callable[[bool], Program]] = {
    "chain": chain,
    "chain_fan_in": lambda smoke=False: chain(smoke, fan_in=True),
    "scalar_loop": scalar_loop,
    "rosenbrock_1e3": lambda smoke=False: rosenbrock(10 if smoke else 1000),
    "rosenbrock_1e6": lambda smoke=False: rosenbrock(100 if smoke else 1_000_000),
    "logistic": logistic,
    "mlp": mlp,
    "nbody": nbody,
    "mixture": mixture,
}
