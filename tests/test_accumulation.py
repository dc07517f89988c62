"""What a sweep leaves behind: `.grad`, who shares memory with it, sums in a fixed order, threads."""

import itertools
import threading

import pytest
from under_test import leaf, name, near, numbers, same, torch

grad = torch.autograd.grad
pytestmark = pytest.mark.filterwarnings("ignore:Using backward.. with create_graph=True")


# Accumulating into `.grad`.


def test_later_gradients_are_added_in_place():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first
    same(first, [5.0, 7.0])
    assert x.grad.grad_fn is None and not x.grad.requires_grad


def test_a_gradient_set_beforehand_is_added_to():
    x, start = leaf([1.0, 2.0]), torch.tensor([10.0, 20.0])
    x.grad = start
    (x * x).sum().backward()
    assert x.grad is start
    same(start, [12.0, 24.0])


@pytest.mark.parametrize("delete", [True, False])
def test_a_gradient_can_be_unset(delete):
    x = leaf(2.0)
    (x * x).backward()
    if delete:
        del x.grad
    else:
        x.grad = None
    assert x.grad is None
    (x * 3).backward()
    same(x.grad, 3.0)


def test_create_graph_accumulates_out_of_place():
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    first = x.grad
    assert name(first) == "CopyBackwards" and first.requires_grad
    (x**3).backward(create_graph=True)
    assert x.grad is not first and name(x.grad) == "AddBackward0"
    near(first, 12.0)
    near(x.grad, 24.0)
    near(grad(x.grad, x)[0], 24.0)


def test_plain_backward_after_create_graph_adds_in_place():
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    first = x.grad
    (x * 5).backward()
    assert x.grad is first and name(first) == "CopyBackwards"
    near(first, 17.0)


def test_the_gradient_has_the_dtype_of_the_leaf():
    x = leaf([1.0, 2.0], dtype=torch.float32)
    (x.double() * 3).sum().backward()
    assert x.grad.dtype == torch.float32
    same(x.grad, [3.0, 3.0])
    (gx,) = grad((x.double() * 3).sum(), x)
    assert gx.dtype == torch.float32
    x = leaf([1.0, 2.0], dtype=torch.float64)
    (x.float() * 3).sum().backward()
    assert x.grad.dtype == torch.float64


# Who shares memory with a gradient.


def test_grad_does_not_share_memory_with_the_gradient_given():
    x, v = leaf([1.0, 2.0]), torch.tensor([3.0, 4.0])
    (x + 1).backward(v)
    v.zero_()
    same(x.grad, [3.0, 4.0])
    x.grad.fill_(7.0)
    same(v, [0.0, 0.0])


def test_grads_of_two_leaves_do_not_share_memory():
    x, z = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x + z).sum().backward()
    x.grad.fill_(9.0)
    same(z.grad, [1.0, 1.0])


def test_grad_of_a_sum_can_be_written():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    x.sum().backward()
    x.grad[0, 0] = 5.0
    same(x.grad, [[5.0, 1.0], [1.0, 1.0]])


def test_grad_of_a_transposed_leaf_has_its_layout():
    x = leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    (x.t() * torch.tensor([[1.0, 2.0]])).sum().backward()
    same(x.grad, [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    assert x.grad.is_contiguous()


def test_saved_values_survive_writing_to_grad():
    x = leaf([1.0, 2.0])
    y = x * x
    y.backward(torch.ones(2), retain_graph=True)
    x.grad.zero_()
    y.backward(torch.ones(2))
    same(x.grad, [2.0, 4.0])


# A backward that fails.


class Refused(Exception):
    pass


def refuse(gradient):
    raise Refused


def test_a_failing_backward_leaves_grad_as_it_was():
    x = leaf(2.0)
    (x * 3).backward()
    before = x.grad
    h = x * x
    h.register_hook(refuse)
    with pytest.raises(Refused):
        (h * 5).backward()
    assert x.grad is before
    same(before, 3.0)
    (x * 4).backward()
    same(x.grad, 7.0)


def test_a_consumed_row_is_found_before_anything_is_written():
    x = leaf(2.0)
    h = x * x
    h.backward()
    x.grad = None
    with pytest.raises(RuntimeError):
        (h * 5).backward()
    assert x.grad is None


@pytest.mark.differs("leaves accumulate when the whole sweep has succeeded, not one by one")
def test_a_failing_backward_leaves_all_leaves_as_they_were():
    x, w = leaf(2.0), leaf(3.0)
    h = w * 2
    h.register_hook(refuse)
    y = h * 1
    later = x * 4
    with pytest.raises(Refused):
        (y + later).backward()
    assert x.grad is None and w.grad is None


@pytest.mark.differs("a consumed row is found before any leaf accumulates")
def test_a_consumed_row_leaves_all_leaves_as_they_were():
    x, w = leaf(2.0), leaf(3.0)
    h = w * w
    h.backward()
    w.grad = None
    with pytest.raises(RuntimeError):
        (h + x * 4).backward()
    assert x.grad is None and w.grad is None


# Sums of several gradients: in reverse order of the operations, to the last bit.


@pytest.mark.parametrize("shape", [(), (3,)], ids=["scalar", "array"])
@pytest.mark.parametrize("through", [False, True], ids=["leaf", "non_leaf"])
@pytest.mark.parametrize("terms", list(itertools.permutations([1e16, 1.0, -1e16])))
def test_gradients_are_summed_in_reverse_order(terms, through, shape):
    x = torch.ones(shape, requires_grad=True)
    h = x * 1 if through else x
    a, b, c = (h * term for term in terms)
    (a + b + c).sum().backward()
    expected = (terms[2] + terms[1]) + terms[0]
    same(x.grad, expected * torch.ones(shape).numpy())


def test_long_sums_of_gradients_are_reproducible():
    values = [((-1) ** k) * 10.0 ** (k % 17) / 3 for k in range(60)]
    x = leaf(1.0)
    total = torch.tensor(0.0)
    for value in values:
        total = total + x * value
    total.backward()
    expected = 0.0
    for value in reversed(values):
        expected += value
    same(x.grad, expected)


# Threads.


def run_together(*targets):
    """Run the functions in threads of their own at one time; the exception each raised, None for success."""
    outcomes = [None] * len(targets)
    start = threading.Barrier(len(targets))

    def run(position, target):
        start.wait()
        try:
            target()
        except Exception as error:
            outcomes[position] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(targets)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_threads_with_tapes_of_their_own():
    results = {}

    def work(key):
        x = leaf([float(key), 1.0])
        y = x
        for _ in range(50):
            y = y * 1.0 + x
        results[key] = numbers(grad(y.sum(), x)[0])

    outcomes = run_together(*(lambda key=key: work(key) for key in range(6)))
    assert outcomes == [None] * 6
    for key in range(6):
        assert results[key].tolist() == [51.0, 51.0]


def test_threads_accumulate_into_one_leaf():
    x = leaf(1.0)

    def work():
        for _ in range(25):
            (x * 2).backward()

    assert run_together(*[work] * 4) == [None] * 4
    same(x.grad, 200.0)


def test_two_threads_sweep_one_tape_with_retain_graph():
    x = leaf([1.0, 2.0])
    y = (x.exp() * x).sin().sum()
    (expected,) = grad(y, x, retain_graph=True)
    results = []

    def work():
        for _ in range(20):
            results.append(numbers(grad(y, x, retain_graph=True)[0]))

    assert run_together(work, work, work) == [None] * 3
    for result in results:
        assert result.tolist() == expected.tolist()


def test_two_threads_without_retain_graph_one_is_refused():
    x = leaf(1.0)
    y = x * 2
    for _ in range(200):
        y = y * 1.0
    outcomes = run_together(y.backward, y.backward)
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == 1 and isinstance(refused[0], RuntimeError)
    same(x.grad, 2.0)


def test_a_tape_recorded_in_one_thread_is_swept_in_another():
    x = leaf(3.0)
    made = []
    assert run_together(lambda: made.append(x * x)) == [None]
    made[0].backward()
    same(x.grad, 6.0)
    y = x * x * x
    assert run_together(lambda: y.backward()) == [None]
    near(x.grad, 33.0)


def test_swapping_halves():
    x = leaf([1.0, 2.0, 3.0, 4.0])
    y = x * 1
    kept = y[:2].clone()
    y[:2] = y[2:]
    y[2:] = kept
    same(y, [3.0, 4.0, 1.0, 2.0])
    (y * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    same(x.grad, [3.0, 4.0, 1.0, 2.0])
