"""Grad modes, inference mode, anomaly mode, copies and conversions, as PyTorch 2.13 does it."""

import copy
import threading

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


def inference_tensor():
    with torch.inference_mode():
        return torch.ones(2)


@case("[True, False, True, False, ('thread', True), True, True, True]")
def modes():
    r = [torch.is_grad_enabled()]
    with torch.no_grad():
        r.append(torch.is_grad_enabled())
        with torch.enable_grad():
            r.append(torch.is_grad_enabled())
        r.append(torch.is_grad_enabled())
        t = threading.Thread(target=lambda: r.append(("thread", torch.is_grad_enabled())))
        t.start()
        t.join()
        with torch.set_grad_enabled(True):
            r.append(torch.is_grad_enabled())
        torch.set_grad_enabled(True)
        r.append(torch.is_grad_enabled())
    r.append(torch.is_grad_enabled())
    return r


@case("(False, False, False, (True, False), True, True, 'a')")
def deco():
    @torch.no_grad()
    def a():
        return torch.is_grad_enabled()

    @torch.no_grad
    def b():
        return torch.is_grad_enabled()

    @torch.set_grad_enabled(False)
    def c():
        return torch.is_grad_enabled()

    @torch.inference_mode()
    def d():
        return (torch.is_inference_mode_enabled(), torch.is_grad_enabled())

    @torch.enable_grad()
    def e():
        return torch.is_grad_enabled()

    with torch.no_grad():
        ee = e()
    return (a(), b(), c(), d(), ee, torch.is_grad_enabled(), a.__name__)


@case("(False, True, (5, False), True)")
def gen():
    @torch.no_grad()
    def g():
        r = yield torch.is_grad_enabled()
        yield (r, torch.is_grad_enabled())

    i = g()
    a = next(i)
    b = torch.is_grad_enabled()
    c = i.send(5)
    return (a, b, c, torch.is_grad_enabled())


@case("('caught', False)")
def gen_throw():
    @torch.no_grad()
    def g():
        try:
            yield 1
        except ValueError:
            yield ("caught", torch.is_grad_enabled())
        finally:
            pass

    i = g()
    next(i)
    return i.throw(ValueError)


@case("(True, True, False)")
def factory():
    with torch.no_grad():
        a = torch.ones(2, requires_grad=True)
        b = a * 2
        return (a.requires_grad, a.is_leaf, b.requires_grad)


@case("[True, True, False, False, True, True, False, (True, True), (True, False), True, True, (True, False, True)]")
def inference():
    with torch.inference_mode():
        a = torch.ones(2)
        r = [
            a.is_inference(),
            torch.is_inference(a),
            a.requires_grad,
            a._is_view(),
            a.view(2).is_inference(),
            torch.is_inference_mode_enabled(),
            torch.is_grad_enabled(),
        ]
        with torch.enable_grad():
            r.append((torch.is_grad_enabled(), (a * 2).is_inference()))
        with torch.inference_mode(False):
            r.append((torch.is_grad_enabled(), torch.ones(1).is_inference()))
        r.append(torch.ones(1, requires_grad=True).requires_grad)
        r.append(torch.ones(1, requires_grad=True).is_inference())
        n = leaf([1.0])
        r.append((n.requires_grad, (n * 2).requires_grad, (n * 2).is_inference()))
    return r


@case("!! RuntimeError")
def inf_save():
    return inference_tensor() * leaf([1.0, 2.0])


@case("True")
def inf_add():
    return (inference_tensor() + leaf([1.0, 2.0])).requires_grad


@case("!! RuntimeError")
def inf_inplace():
    return inference_tensor().add_(1)


@case("!! RuntimeError")
def inf_rg():
    return inference_tensor().requires_grad_()


@case("!! RuntimeError")
def inf_ver():
    return inference_tensor()._version


@case("True")
def inf_clone():
    return (inference_tensor().clone() * leaf([1.0, 2.0])).requires_grad


@case("!! RuntimeError")
def inf_setitem():
    return inference_tensor().__setitem__(0, 1.0)


@case("False")
def inf_op():
    return (inference_tensor() * 2).is_inference()


@case("!! RuntimeError")
def inf_backward():
    return inference_tensor().sum().backward()


@case("True")
def inf_detach():
    return inference_tensor().detach().is_inference()


@case("tensor([2., 2.])")
def inf_copy_into():
    return torch.ones(2).add_(inference_tensor())


@case("(False, tensor([3., 3.]), 2)")
def normal_in_inf():
    a = torch.ones(2)
    with torch.inference_mode():
        v = a.view(2)
        a.add_(1)
        v.add_(1)
    return (v.is_inference(), a, a._version)


@case("!! RuntimeError")
def normal_view_in_inf_written():
    a = leaf([1.0, 2.0]) * 1
    with torch.inference_mode():
        v = a[0:1]
    v.mul_(2)
    return v.requires_grad


@case("!! RuntimeError")
def inf_inplace_nograd():
    i = inference_tensor()
    with torch.no_grad():
        i.add_(1)


@case("False")
def is_inference_fn():
    return torch.is_inference(torch.ones(1))


@case("(False, True)")
def anom():
    return (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())


@case("((True, True, True, False), False)", "UserWarning")
def anom2():
    with torch.autograd.detect_anomaly():
        r = (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
    with torch.autograd.set_detect_anomaly(True, False):
        r += (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
    return (r, torch.is_anomaly_enabled())


@case("!! RuntimeError", "UserWarning")
def anom_nan():
    x = leaf([0.0])
    with torch.autograd.detect_anomaly():
        (x / x).sum().backward()


@case("tensor([nan])", "UserWarning")
def anom_nan_off():
    x = leaf([0.0])
    with torch.autograd.detect_anomaly(check_nan=False):
        (x / x).sum().backward()
        return x.grad


@case("tensor([-inf])", "UserWarning")
def anom_inf():
    x = leaf([0.0])
    with torch.autograd.detect_anomaly():
        (1 / x).sum().backward()
        return x.grad


@case("(True, tensor([2., 2.]), False, True)")
def deepcopy():
    x = leaf([1.0, 2.0])
    (x * 2).sum().backward()
    y = copy.deepcopy(x)
    return (y.requires_grad, y.grad, y.grad is x.grad, y.is_leaf)


@case("!! RuntimeError")
def deepcopy_nonleaf():
    return copy.deepcopy(leaf([1.0]) * 2)


@case("!! TypeError")
def len0():
    return len(torch.tensor(1.0))


@case("!! TypeError")
def iter0():
    return list(torch.tensor(1.0))


@case("!! RuntimeError")
def of_bool():
    return bool(torch.ones(2))


@case("!! RuntimeError")
def bool0():
    return bool(torch.ones(0))


@case("!! ValueError")
def of_float():
    return float(torch.ones(2))


@case("!! RuntimeError")
def of_item():
    return torch.ones(2).item()


@case("!! RuntimeError")
def of_np():
    return leaf([1.0]).numpy()


@case("(True, True, False, True)")
def of_to():
    return (lambda x: (x.to(torch.float64) is x, x.contiguous() is x, x.clone() is x, x.double() is x))(leaf([1.0]))


@case("(False, False)")
def zeros_like():
    return (torch.zeros_like(leaf([1.0])).requires_grad, leaf([1.0]).new_zeros(2).requires_grad)


@case("(1, tensor([2., 4.]))")
def threads():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    er = []

    def w():
        try:
            y.backward()
        except RuntimeError:
            er.append(1)

    ts = [threading.Thread(target=w) for _ in range(2)]
    [t.start() for t in ts]
    [t.join() for t in ts]
    return (len(er), x.grad)


@case("tensor([1.])")
def deep():
    x = leaf([1.0])
    y = x
    for _ in range(100000):
        y = y + 1
    y.sum().backward()
    return x.grad


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
