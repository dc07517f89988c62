"""Value and gradient of the measured programs as an expert would write them by hand for Numba: loops, the
adjoint derived on paper, intermediates kept where recomputing costs more.

Each function takes the parameters and the constants of the program of its name, C-contiguous float64 arrays,
and returns the value and the gradient (a tuple of gradients where there are several parameters).
Invariant: bench.contest.check holds every one of them against the contenders before it is timed. `SUMS` lets
LLVM reorder sums and fuse products into them, so that loops vectorise; NaN, inf and signed zeros keep their
meaning. Imports numpy, numba and SciPy's LAPACK only; imported by compiled_programs.
"""

import math

import numpy as np
from numba import njit
from scipy.linalg.lapack import dpotrf, dpotri

SUMS = {"reassoc", "contract"}
compiled = njit(fastmath=SUMS, error_model="numpy", cache=True)


@compiled
def rosenbrock(x):
    """One pass; the residual of the pair before is carried along."""
    n = x.size
    g = np.empty(n)
    total = before = 0.0
    for i in range(n - 1):
        r = x[i + 1] - x[i] * x[i]
        s = 1.0 - x[i]
        total += 100.0 * r * r + s * s
        g[i] = 200.0 * before - 400.0 * x[i] * r - 2.0 * s
        before = r
    g[n - 1] = 200.0 * before
    return total, g


@compiled
def rosenbrock_hvp(x, v):
    """The Hessian, which has three diagonals, times a vector."""
    n = x.size
    out = np.zeros(n)
    for i in range(n - 1):
        out[i] += (1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0) * v[i] - 400.0 * x[i] * v[i + 1]
        out[i + 1] += 200.0 * v[i + 1] - 400.0 * x[i] * v[i]
    return out


@compiled
def waves(x):
    """exp and sin of a long vector."""
    g = np.empty(x.size)
    total = 0.0
    for i in range(x.size):
        e = math.exp(-x[i] * x[i])
        s = math.sin(3.0 * x[i])
        total += e * s
        g[i] = e * (3.0 * math.cos(3.0 * x[i]) - 2.0 * x[i] * s)
    return total, g


@compiled
def lotka_volterra(p, observed, h, every):
    """Classical Runge-Kutta, every state stored; going back, the stages of a step are computed again."""
    count = observed.shape[0]
    a, b, c, d = p[0], p[1], p[2], p[3]
    states = np.empty((count * every + 1, 2))
    u, v = p[4], p[5]
    states[0, 0], states[0, 1] = u, v
    total = 0.0
    half, sixth = 0.5 * h, h / 6.0
    for k in range(count * every):
        p1, q1 = u * (a - b * v), v * (d * u - c)
        u2, v2 = u + half * p1, v + half * q1
        p2, q2 = u2 * (a - b * v2), v2 * (d * u2 - c)
        u3, v3 = u + half * p2, v + half * q2
        p3, q3 = u3 * (a - b * v3), v3 * (d * u3 - c)
        u4, v4 = u + h * p3, v + h * q3
        p4, q4 = u4 * (a - b * v4), v4 * (d * u4 - c)
        u += sixth * (p1 + 2.0 * (p2 + p3) + p4)
        v += sixth * (q1 + 2.0 * (q2 + q3) + q4)
        states[k + 1, 0], states[k + 1, 1] = u, v
    gu = gv = ga = gb = gc = gd = 0.0
    for k in range(count * every - 1, -1, -1):
        if (k + 1) % every == 0:
            u, v = states[k + 1, 0], states[k + 1, 1]
            r = math.log(u) - observed[(k + 1) // every - 1, 0]
            s = math.log(v) - observed[(k + 1) // every - 1, 1]
            total += r * r + s * s
            gu += 2.0 * r / u
            gv += 2.0 * s / v
        u, v = states[k, 0], states[k, 1]
        e1, f1 = a - b * v, d * u - c
        u2, v2 = u + half * u * e1, v + half * v * f1
        e2, f2 = a - b * v2, d * u2 - c
        u3, v3 = u + half * u2 * e2, v + half * v2 * f2
        e3, f3 = a - b * v3, d * u3 - c
        u4, v4 = u + h * u3 * e3, v + h * v3 * f3
        e4, f4 = a - b * v4, d * u4 - c
        # each stage: cotangents s, t of its two slopes, then of its state
        s, t = sixth * gu, sixth * gv
        su, tv = s * u4, t * v4
        ga, gb, gc, gd = ga + su, gb - su * v4, gc - tv, gd + tv * u4
        x, y = s * e4 + tv * d, t * f4 - su * b
        gx, gy = gu + x, gv + y
        s, t = 2.0 * sixth * gu + h * x, 2.0 * sixth * gv + h * y
        su, tv = s * u3, t * v3
        ga, gb, gc, gd = ga + su, gb - su * v3, gc - tv, gd + tv * u3
        x, y = s * e3 + tv * d, t * f3 - su * b
        gx, gy = gx + x, gy + y
        s, t = 2.0 * sixth * gu + half * x, 2.0 * sixth * gv + half * y
        su, tv = s * u2, t * v2
        ga, gb, gc, gd = ga + su, gb - su * v2, gc - tv, gd + tv * u2
        x, y = s * e2 + tv * d, t * f2 - su * b
        gx, gy = gx + x, gy + y
        s, t = sixth * gu + half * x, sixth * gv + half * y
        su, tv = s * u, t * v
        ga, gb, gc, gd = ga + su, gb - su * v, gc - tv, gd + tv * u
        gu, gv = gx + s * e1 + tv * d, gy + t * f1 - su * b
    return total, np.array([ga, gb, gc, gd, gu, gv])


@compiled
def heat_step(u, w, rate):
    """w = one step of the heat equation from u, inside the edge."""
    n, m = u.shape
    for i in range(1, n - 1):
        up, row, down, out = u[i - 1], u[i], u[i + 1], w[i]
        for j in range(1, m - 1):
            out[j] = row[j] + rate * (up[j] + down[j] + row[j - 1] + row[j + 1] - 4.0 * row[j])


@compiled
def stencil(field, target, rate, steps):
    """The operator is symmetric inside, so the adjoint runs the same loop on a field whose edge is held at
    zero, and adds up what flows into the edge."""
    n, m = field.shape
    u, w = field.copy(), field.copy()
    for _ in range(steps):
        heat_step(u, w, rate)
        u, w = w, u
    g = np.empty((n, m))
    total = 0.0
    for i in range(n):
        for j in range(m):
            r = u[i, j] - target[i, j]
            total += r * r
            g[i, j] = u[i, j] = 2.0 * r
    for i in range(n):
        u[i, 0] = u[i, m - 1] = w[i, 0] = w[i, m - 1] = 0.0
    for j in range(m):
        u[0, j] = u[n - 1, j] = w[0, j] = w[n - 1, j] = 0.0
    for _ in range(steps):
        for i in range(1, n - 1):
            g[i, 0] += rate * u[i, 1]
            g[i, m - 1] += rate * u[i, m - 2]
        for j in range(1, m - 1):
            g[0, j] += rate * u[1, j]
            g[n - 1, j] += rate * u[n - 2, j]
        heat_step(u, w, rate)
        u, w = w, u
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            g[i, j] = u[i, j]
    return total, g


@compiled
def nbody(x, mass, soft):
    """Every pair once; coordinates in three rows, so that the inner loop is vectorised."""
    n = x.shape[0]
    p, g, out = np.empty((3, n)), np.zeros((3, n)), np.empty((n, 3))
    total = 0.0
    for i in range(n):
        p[0, i], p[1, i], p[2, i] = x[i, 0], x[i, 1], x[i, 2]
        total -= 0.5 * mass[i] * mass[i] / math.sqrt(soft)
    px, py, pz, gx, gy, gz = p[0], p[1], p[2], g[0], g[1], g[2]
    for i in range(n):
        a, b, c, m = px[i], py[i], pz[i], mass[i]
        sx = sy = sz = energy = 0.0
        for j in range(i):
            dx, dy, dz = a - px[j], b - py[j], c - pz[j]
            inverse = 1.0 / (dx * dx + dy * dy + dz * dz + soft)
            pair = m * mass[j] * math.sqrt(inverse)
            energy += pair
            pull = pair * inverse
            sx, sy, sz = sx + pull * dx, sy + pull * dy, sz + pull * dz
            gx[j] -= pull * dx
            gy[j] -= pull * dy
            gz[j] -= pull * dz
        total -= energy
        gx[i] += sx
        gy[i] += sy
        gz[i] += sz
    for i in range(n):
        out[i, 0], out[i, 1], out[i, 2] = gx[i], gy[i], gz[i]
    return total, out


@compiled
def mixture(a, mean, s, points):
    """One pass over the points; components lie innermost, 25 in a row, so that loops over them are vectorised."""
    n, k = points.shape
    m = a.size
    scale, centre, offset, v = np.empty((k, m)), np.empty((k, m)), np.empty(m), np.empty(m)
    away = np.empty((k, m))
    ga, first, second = np.zeros(m), np.zeros((k, m)), np.zeros((k, m))
    top = a.max()
    rest = 0.0
    for i in range(m):
        rest += math.exp(a[i] - top)
    for i in range(m):
        offset[i] = a[i] - top - math.log(rest)
        for d in range(k):
            offset[i] -= s[i, d]
            scale[d, i] = math.exp(-s[i, d])
            centre[d, i] = mean[i, d]
    total = -0.5 * n * k * math.log(2.0 * math.pi)
    for i in range(n):
        for j in range(m):
            v[j] = offset[j]
        for d in range(k):
            x = points[i, d]
            for j in range(m):
                u = (x - centre[d, j]) * scale[d, j]
                away[d, j] = u
                v[j] -= 0.5 * u * u
        highest = v[0]
        for j in range(m):
            highest = max(highest, v[j])
        weight = 0.0
        for j in range(m):
            v[j] = math.exp(v[j] - highest)
            weight += v[j]
        total += math.log(weight) + highest
        for j in range(m):
            v[j] /= weight
            ga[j] += v[j]
        for d in range(k):
            for j in range(m):
                pull = v[j] * away[d, j]
                first[d, j] += pull
                second[d, j] += pull * away[d, j]
    gmean, gs = np.empty((m, k)), np.empty((m, k))
    for j in range(m):
        for d in range(k):
            gmean[j, d] = first[d, j] * scale[d, j]
            gs[j, d] = second[d, j] - ga[j]
        ga[j] -= n * math.exp(a[j] - top) / rest
    return total, (ga, gmean, gs)


@compiled
def mlp(first, first_bias, second, second_bias, images, labels):
    """BLAS for the products; bias, tanh, soft maximum and their adjoints in loops over what it returns."""
    n = labels.size
    hidden = np.dot(images, first)
    for i in range(n):
        for j in range(first_bias.size):
            hidden[i, j] = math.tanh(hidden[i, j] + first_bias[j])
    scores = np.dot(hidden, second)
    total = 0.0
    for i in range(n):
        row = scores[i]
        top = -np.inf
        for j in range(row.size):
            row[j] += second_bias[j]
            top = max(top, row[j])
        hit, weight = row[labels[i]], 0.0
        for j in range(row.size):
            row[j] = math.exp(row[j] - top)
            weight += row[j]
        total += math.log(weight) + top - hit
        for j in range(row.size):
            row[j] /= weight * n
        row[labels[i]] -= 1.0 / n
    back = np.dot(scores, second.T)
    first_sum, second_sum = np.zeros(first_bias.size), np.zeros(second_bias.size)
    for i in range(n):
        for j in range(first_bias.size):
            back[i, j] *= 1.0 - hidden[i, j] * hidden[i, j]
            first_sum[j] += back[i, j]
        for j in range(second_bias.size):
            second_sum[j] += scores[i, j]
    return total / n, (np.dot(images.T, back), first_sum, np.dot(hidden.T, scores), second_sum)


@compiled
def logistic(w, b, features, labels):
    """One pass over the observations, which are read from memory once."""
    n, k = features.shape
    g = np.zeros(k)
    total = bias = 0.0
    for i in range(n):
        row = features[i]
        z = b[()]
        for j in range(k):
            z += row[j] * w[j]
        e = math.exp(-abs(z))
        total += max(z, 0.0) + math.log1p(e) - labels[i] * z
        r = ((1.0 if z >= 0.0 else e) / (1.0 + e) - labels[i]) / n
        bias += r
        for j in range(k):
            g[j] += r * row[j]
    return total / n, (g, np.array(bias))


@compiled
def covariance(scales, squares):
    """The lower triangle of exp(2 a - squares / (2 l^2)) plus noise on the diagonal."""
    n = squares.shape[0]
    width, height, noise = -0.5 * math.exp(-2.0 * scales[0]), 2.0 * scales[1], math.exp(2.0 * scales[2])
    lower = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            lower[i, j] = math.exp(height + width * squares[i, j])
        lower[i, i] += noise
    return lower


@compiled
def traces(scales, squares, inverse, solved):
    """Half the trace of (inverse - solved solved^T) dK for each of the three scales."""
    n = squares.shape[0]
    width, height, noise = math.exp(-2.0 * scales[0]), 2.0 * scales[1], math.exp(2.0 * scales[2])
    length = amplitude = diagonal = 0.0
    for i in range(n):
        for j in range(i):
            k = math.exp(height - 0.5 * width * squares[i, j]) * (inverse[i, j] - solved[i] * solved[j])
            amplitude += k
            length += k * squares[i, j]
        diagonal += inverse[i, i] - solved[i] * solved[i]
    own = math.exp(height) * diagonal
    return np.array([length * width, 2.0 * amplitude + own, noise * diagonal])


def gaussian_process(scales, squares, y):
    """LAPACK's Cholesky factor and inverse; the kernel and the traces in loops over a triangle."""
    factor, _ = dpotrf(covariance(scales, squares).T, lower=0, overwrite_a=1)
    logs = np.log(factor.diagonal()).sum()
    inverse = dpotri(factor, lower=0, overwrite_c=1)[0].T
    solved = symmetric_product(inverse, y)
    value = 0.5 * (y @ solved) + logs + 0.5 * y.size * math.log(2.0 * math.pi)
    return value, traces(scales, squares, inverse, solved)


@compiled
def symmetric_product(lower, y):
    """A symmetric matrix, of which the lower triangle is given, times a vector."""
    out = np.zeros(y.size)
    for i in range(y.size):
        total = lower[i, i] * y[i]
        for j in range(i):
            total += lower[i, j] * y[j]
            out[j] += lower[i, j] * y[i]
        out[i] += total
    return out
