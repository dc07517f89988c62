"""no_grad, enable_grad, set_grad_enabled, inference_mode: contexts, decorators, generators, threads."""

import threading

import pytest
from under_test import leaf, near, same, torch

MODES = [torch.no_grad, torch.inference_mode]
OFF = pytest.mark.parametrize("mode", MODES, ids=["no_grad", "inference_mode"])


@OFF
def test_operations_are_not_recorded(mode):
    x = leaf([1.0, 2.0])
    with mode():
        y = x * 2
        assert not y.requires_grad and y.grad_fn is None and y.is_leaf
    assert (x * 2).requires_grad
    same(y, [2.0, 4.0])


@OFF
def test_decorators_with_parentheses(mode):
    @mode()
    def double(x, *, factor=2):
        "Doubles."
        return x * factor

    x = leaf(3.0)
    assert not double(x).requires_grad
    assert double(x, factor=5).item() == 15.0
    assert double.__name__ == "double" and double.__doc__ == "Doubles."


@OFF
def test_decorators_without_parentheses(mode):
    @mode
    def double(x):
        return x * 2

    assert not double(leaf(3.0)).requires_grad
    assert torch.is_grad_enabled()


def test_enable_grad_as_a_decorator():
    @torch.enable_grad()
    def double(x):
        return x * 2

    @torch.enable_grad
    def triple(x):
        return x * 3

    with torch.no_grad():
        assert double(leaf(3.0)).requires_grad and triple(leaf(3.0)).requires_grad
        assert not torch.is_grad_enabled()


def test_set_grad_enabled_as_a_decorator():
    @torch.set_grad_enabled(False)
    def double(x):
        return x * 2

    assert torch.is_grad_enabled()
    assert not double(leaf(3.0)).requires_grad


def test_modes_decorate_methods():
    class Model:
        def __init__(self):
            self.w = leaf(3.0)

        @torch.no_grad()
        def predict(self, x):
            return self.w * x

    assert Model().predict(2.0).item() == 6.0
    assert not Model().predict(2.0).requires_grad


def test_decorating_a_class_warns():
    with pytest.warns(FutureWarning):

        @torch.no_grad()
        class Model:
            def __init__(self):
                self.recorded = torch.is_grad_enabled()

    assert Model().recorded is False and torch.is_grad_enabled()


def test_modes_nest():
    seen = []
    with torch.no_grad():
        with torch.enable_grad():
            with torch.no_grad():
                seen.append(torch.is_grad_enabled())
            seen.append(torch.is_grad_enabled())
        seen.append(torch.is_grad_enabled())
    seen.append(torch.is_grad_enabled())
    assert seen == [False, True, False, True]


def test_one_object_can_be_entered_again():
    off = torch.no_grad()
    with off:
        assert not torch.is_grad_enabled()
    with off:
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_set_grad_enabled_acts_at_once():
    x = leaf(1.0)
    torch.set_grad_enabled(False)
    try:
        assert not (x * 2).requires_grad
    finally:
        torch.set_grad_enabled(True)
    assert (x * 2).requires_grad


@pytest.mark.parametrize("mode", [True, False])
def test_set_grad_enabled_as_a_context(mode):
    x = leaf(1.0)
    with torch.set_grad_enabled(mode):
        assert (x * 2).requires_grad is mode
    assert torch.is_grad_enabled()


@OFF
def test_exceptions_restore_the_mode(mode):
    @mode()
    def fail():
        raise KeyError

    with pytest.raises(KeyError), mode():
        raise KeyError
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
    with pytest.raises(KeyError):
        fail()
    assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()


@OFF
def test_generators_keep_the_mode_to_themselves(mode):
    @mode()
    def products(x):
        received = yield x * 1
        while True:
            received = yield x * received

    x = leaf(2.0)
    running = products(x)
    assert not next(running).requires_grad
    assert torch.is_grad_enabled() and (x * 2).requires_grad
    y = running.send(5.0)
    assert not y.requires_grad and y.item() == 10.0
    with torch.no_grad():
        assert not torch.is_grad_enabled()
    running.close()
    assert torch.is_grad_enabled()


def test_exceptions_thrown_into_generators():
    @torch.no_grad()
    def patient():
        try:
            yield 1
        except KeyError:
            yield torch.is_grad_enabled()

    running = patient()
    next(running)
    assert running.throw(KeyError()) is False
    assert torch.is_grad_enabled()


def test_threads_start_with_grad_enabled():
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_a_thread_keeps_its_mode_to_itself():
    entered, leave = threading.Event(), threading.Event()

    def work():
        with torch.no_grad():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert entered.wait(10)
    try:
        assert torch.is_grad_enabled() and (leaf(1.0) * 2).requires_grad
    finally:
        leave.set()
        thread.join()


def test_creation_obeys_requires_grad_under_no_grad():
    with torch.no_grad():
        x = torch.ones(2, requires_grad=True)
        y = torch.zeros(2).requires_grad_()
    assert x.requires_grad and y.requires_grad


def test_like_functions_do_not_inherit_requires_grad():
    x = leaf([1.0, 2.0])
    for made in (torch.zeros_like(x), torch.ones_like(x), x.new_zeros(2), torch.full_like(x, 3.0)):
        assert not made.requires_grad
    assert torch.zeros_like(x, requires_grad=True).requires_grad


# Inference mode.


def test_inference_tensors():
    with torch.inference_mode():
        x = torch.ones(2)
        assert torch.is_inference_mode_enabled() and not torch.is_grad_enabled()
    assert x.is_inference() and torch.is_inference(x)
    assert not torch.is_inference_mode_enabled()
    assert not torch.ones(2).is_inference()


def test_enable_grad_does_not_record_inside_inference_mode():
    x = leaf(1.0)
    with torch.inference_mode(), torch.enable_grad():
        y = x * 2
    assert not y.requires_grad and y.is_inference()


def test_inference_mode_can_be_left_inside():
    x = leaf(1.0)
    with torch.inference_mode():
        with torch.inference_mode(False):
            y = x * 2
        assert torch.is_inference_mode_enabled()
    assert y.requires_grad and not y.is_inference()
    with torch.inference_mode(mode=False):
        assert (x * 2).requires_grad


def test_inference_tensors_can_be_written_inside():
    with torch.inference_mode():
        x = torch.ones(2)
        x += 1
        x[0] = 5.0
    same(x, [5.0, 2.0])


def test_inference_tensors_as_constants_that_need_not_be_saved():
    with torch.inference_mode():
        c = torch.ones(2)
    x = leaf([1.0, 2.0])
    (x + c).sum().backward()
    same(x.grad, [1.0, 1.0])


def test_a_clone_of_an_inference_tensor_is_ordinary():
    with torch.inference_mode():
        c = torch.full((2,), 3.0)
    x = leaf([1.0, 2.0])
    (x * c.clone()).sum().backward()
    same(x.grad, [3.0, 3.0])


def constant():
    with torch.inference_mode():
        return torch.ones(2)


REFUSED = {
    "saved": lambda c: leaf([1.0, 2.0]) * c,
    "written": lambda c: c.add_(1),
    "element": lambda c: c.__setitem__(0, 3.0),
    "requires_grad": lambda c: c.requires_grad_(),
    "version": lambda c: c._version,
}


@pytest.mark.parametrize("use", REFUSED)
def test_what_inference_tensors_refuse(use):
    c = constant()
    with pytest.raises(RuntimeError):
        REFUSED[use](c)
    assert not c.requires_grad and c.is_inference()


@pytest.mark.differs("an in-place operation that raises has written nothing")
@pytest.mark.parametrize("use", ["written", "element"])
def test_refused_inference_tensors_are_unchanged(use):
    c = constant()
    with pytest.raises(RuntimeError):
        REFUSED[use](c)
    same(c, [1.0, 1.0])


def test_ordinary_tensors_written_in_inference_mode_stay_ordinary():
    x = torch.ones(2)
    with torch.inference_mode():
        x.mul_(3)
        view = x[:1]
    assert not x.is_inference() and not view.is_inference()
    w = leaf([1.0, 2.0])
    (w * x).sum().backward()
    near(w.grad, [3.0, 3.0])
