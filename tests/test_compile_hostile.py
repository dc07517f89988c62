"""Attacks on `tape.compile` by hand: what random programs would not try. A compiled function gives what the function gives, or runs it.

CASES are functions of one vector; each is called at points that differ in signs and values, and compared with the function itself, call
by call, in the class of its exception too. Those in KEPT must have become programs: an attack that is merely refused would prove little.
"""

import copy
import math
import pickle
import struct
import threading

import numpy as np
import pytest
from under_test import torch

import tape
from tape.func.structures import flatten

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")

POINTS = [(1.0, 2.0), (1.0, 2.0), (3.0, -1.0), (-3.0, 5.0), (3.0, -1.0), (1.0, 2.0)]
CASES, KEPT = {}, set()


def case(f):
    CASES[f.__name__] = f
    return f


def kept(f):
    KEPT.add(f.__name__)
    return case(f)


def plainly(result):
    return [np.array(x.detach().numpy()) if isinstance(x, tape.Tensor) else np.asarray(x) for x in flatten(result)[0]]


def outcome(f, *args):
    try:
        return plainly(f(*args))
    except Exception as problem:
        return type(problem)


def reasons(compiled):
    return [reason for signature in compiled.signatures.values() for reason in signature.eager]


def same(f, calls, between=None, **options):
    """The compiled function, after it was compared with the function at all calls."""
    compiled = tape.compile(f, native=False, **options)
    for number, args in enumerate(calls):
        found = []
        for g, make in ((f, lambda a: torch.tensor(a) if isinstance(a, (np.ndarray, float)) else a), (compiled, lambda a: a)):
            if between is not None:
                between(number)
            found.append(outcome(g, *[make(a.copy() if isinstance(a, np.ndarray) else a) for a in args]))
        eager, replayed = found
        if isinstance(eager, type) or isinstance(replayed, type):
            assert eager is replayed, (number, args, reasons(compiled))
            continue
        assert len(eager) == len(replayed)
        for a, b in zip(eager, replayed, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-14, err_msg=f"call {number} {args}: {reasons(compiled)}")
            assert a.shape == b.shape and (a.dtype == b.dtype or not a.ndim)
    return compiled


# values that leave by unusual ways


@kept
def formatted(x):
    return x * 2 if f"{x[0]:.0f}" == "1" and "1." in repr(x) and str(int(x[1])) == "2" else x * 3


@kept
def in_a_set(x):
    return x * len({x[0].item(), x[1].item(), 1.0})


@kept
def sorted_tensors(x):
    return torch.stack(sorted([x[0], x[1], x[0] * x[1]], key=lambda t: -t))


@kept
def contained(x):
    return x * 2 if x[0] in [torch.tensor(1.0), 2.0] and 1.0 in x else x


@kept
def packed(x):
    return struct.unpack("d", struct.pack("d", x[0]))[0] * x


@kept
def pickled(x):
    return pickle.loads(pickle.dumps(x)) * copy.deepcopy(x)


@kept
def list_of_tensors_to_numpy(x):
    return np.array([x[0], x[1]]).sum() * x


@kept
def numpy_and_back(x):
    return torch.from_numpy(x.numpy()) * 2


@case
def seen_as_bytes(x):
    return memoryview(x.numpy())[0] * x


@kept
def into_an_array(x):
    a = np.zeros(2)
    a[:] = x
    a[0] = x[1] * 2
    return torch.tensor(a)


@case
def threaded(x):
    out = []

    def work():
        out.extend([x * 2, float(x.sum()), x.exp()])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return out[0] * out[1] + out[2]


# NumPy code that writes


@case
def written_through_asarray(x):
    y = x * 2
    np.asarray(y)[0] = 5
    return y


@case
def filled(x):
    y = x * 2
    y.numpy().fill(3)
    return y


@case
def sorted_in_place(x):
    y = x * 2
    y.numpy().sort()
    return y


@case
def reshaped_in_place(x):
    a = (x * 2).numpy()
    a.shape = (2, 1)
    return torch.tensor(a)


@case
def flat_element(x):
    y = torch.outer(x, x)
    y.numpy().flat[1] = 7
    return y


@case
def out_is_a_tensor(x):
    y = x * 2
    np.cumsum(y.numpy(), out=y.numpy())
    np.clip(y.numpy(), 0, 1, out=y.numpy())
    return y


@case
def out_is_an_array(x):
    a, b, c = np.zeros(2), np.zeros(2), np.zeros((2, 2))
    np.cumsum(x.numpy(), out=a)
    np.clip(x.numpy(), 0, 1, b)
    np.outer(x.numpy(), x.numpy(), out=c)
    return torch.tensor(a) + torch.tensor(b) + torch.tensor(c)


@kept
def ufunc_at(x):
    y = x * 2
    np.multiply.at(y.numpy(), [0, 0], x[1].numpy())
    return y


# constants that change while the function runs


@kept
def constant_written_after_use(x):
    w = np.ones(2)
    y = x * w
    w += 1
    return y + x * w * 10


@kept
def constant_tensor_written_after_use(x):
    w = torch.ones(2)
    y = x * w
    w += 1
    w.numpy()[0] = 7
    return y + x * w * 10


@kept
def finite_differences(x):
    h, y = np.zeros(2), 0
    for k in range(2):
        h[:] = 0
        h[k] = 0.1
        y = y + ((x + h) ** 2).sum() * (k + 1)
    return y


@kept
def constant_of_a_call(x):
    w = np.array([1.0, 2.0])
    y = torch.tensor(np.convolve(x.numpy(), w))
    w[0] = 100.0
    return y + w[0] * x[0]


@case
def array_known_before_a_traced_write(x):
    a = torch.zeros(2)
    n = a.numpy()
    a[:] = x
    return torch.tensor(n) * 1


@case
def array_under_from_numpy(x):
    n = np.zeros(2)
    torch.from_numpy(n)[0].add_(x[0])
    return x * n[0]


@case
def detached_before_a_traced_write(x):
    y = torch.zeros(2)
    z = y.detach()
    y[:] = x
    return z


@kept
def buffer_used_before_a_traced_write(x):
    y = torch.zeros(2)
    z = y.view(2, 1)
    w = x * y + z.exp() * x
    y[0] += x[0]
    z += x.view(2, 1)
    return y + w + z


# views


@kept
def views_of_a_number(x):
    y = x.sum() * 1
    a = y.view(1, 1)
    b = a[0]
    c = b[0]
    c += 1
    d = a.expand(2, 1)
    y *= 2
    b *= 3
    return y, a, b, c, d


@kept
def aliases_of_an_element(x):
    y = (x * 2)[0]
    z = y.detach()
    z += 1
    w = y.view(1)
    w *= 4
    return y, z, w


@kept
def views_of_views(x):
    m = torch.outer(x, x)
    r, u, w = m.T.reshape(-1), m.reshape(4), m[1]
    r *= 0
    u += 1
    q = w[0]
    q *= 5
    u[3] = q
    z = m[:, 1]
    z -= 1
    return m, r, u, w, q, z


@case
def overlapping_operand(x):
    y = torch.arange(6.0) * x[0]
    y[1:] += y[:-1]
    return y


# errors that depend on values


@case
def factor_or_not(x):
    try:
        return torch.linalg.cholesky(torch.outer(x, x) + x[0] * torch.eye(2))
    except RuntimeError:
        return torch.eye(2) * x[1]


@case
def numpy_factor_or_not(x):
    try:
        return torch.tensor(np.linalg.cholesky((torch.outer(x, x) + x[0] * torch.eye(2)).numpy()))
    except np.linalg.LinAlgError:
        return torch.eye(2) * x[1]


@kept
def logarithm_or_not(x):
    try:
        return x * math.log(x[0])
    except ValueError:
        return x * 0


@case
def asserted(x):
    assert x[0] < 2
    return x * 2


@pytest.mark.parametrize("turned", [0, 3], ids=["", "from a negative point"])
@pytest.mark.parametrize("name", CASES)
def test_a_compiled_function_gives_what_the_function_gives(name, turned):
    compiled = same(CASES[name], [(np.array(p),) for p in POINTS[turned:] + POINTS[:turned]])
    if name in KEPT:
        assert not reasons(compiled), reasons(compiled)
        assert all(signature.variants for signature in compiled.signatures.values())
