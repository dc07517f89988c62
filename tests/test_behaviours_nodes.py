"""Nodes as users hold them: called, hooked, asked for what they keep; gradient edges; what a backward pass lends to user code, as PyTorch 2.13."""

import contextlib
import io
import warnings
import weakref

import pytest
from behaviours import CLASSES, check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


def tried(function, *arguments, **options):
    """What a call returns, or the name of the class that it raises."""
    try:
        return function(*arguments, **options)
    except Exception as error:
        return next(name for name in CLASSES if name in {each.__name__ for each in type(error).__mro__})


def lists(gradients):
    return [None if g is None else g.tolist() for g in gradients]


class Both(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2, x * 3

    @staticmethod
    def backward(ctx, a, b):
        return a * 2 + b * 3


@case("['TypeError', 'TypeError', 'TypeError', 'TypeError', (None, None), 'TypeError', (tensor([2., 2.]), None), tensor([1., 1.])]")
def a_node_called():
    x = leaf([1.0, 1.0])
    y, f, g = x * 2, Both.apply(x)[0], torch.ones(2)
    return [
        tried(f.grad_fn, g, g), tried(y.grad_fn), tried(y.grad_fn, g, g), tried(y.grad_fn, 3.0), y.grad_fn(None), tried(f.grad_fn, g),
        y.grad_fn(g), x.sum().grad_fn(torch.ones(())),
    ]  # fmt: skip


@case("([1.0, 2.0], [2.0, 4.0])")
def an_accumulator_called():
    x = leaf([1.0, 1.0])
    accumulator = (x * 2).grad_fn.next_functions[0][0]
    accumulator(torch.tensor([1.0, 2.0]))
    first = x.grad.tolist()
    accumulator(torch.tensor([1.0, 2.0]))
    return first, x.grad.tolist()


@case("({'a': 1}, {'a': 2}, True, True)")
def metadata_lives_with_the_operation():
    x = leaf([1.0])
    y = x.exp()
    y.grad_fn.metadata["a"] = 1
    y.grad_fn.next_functions[0][0].metadata["a"] = 2
    kept = type("Kept", (), {})()
    y.grad_fn.metadata["kept"] = kept
    reference = weakref.ref(kept)
    del kept
    found = dict(y.grad_fn.metadata)
    return {"a": found.pop("a")}, dict(y.grad_fn.next_functions[0][0].metadata), reference() is not None, found["kept"] is reference()


@case("([None, [1.0, 1.0]], [[3.0, 3.0]], [None, [1.0, 1.0]])")
def hooks_see_what_came_before_zeros_are_filled_in():
    seen = []
    a, b = Both.apply(leaf([1.0, 1.0]))
    a.grad_fn.register_prehook(lambda gradients: seen.append(lists(gradients)))
    a.grad_fn.register_hook(lambda found, gradients: seen.extend([lists(found), lists(gradients)]))
    b.sum().backward()
    return tuple(seen)


@case("!! RuntimeError")
def a_hook_cannot_fill_in_for_none():
    a, b = Both.apply(leaf([1.0, 1.0]))
    a.grad_fn.register_prehook(lambda gradients: (torch.ones(2), gradients[1]))
    b.sum().backward()


@case("('RuntimeError', [2.0, 2.0])")
def a_hook_after_accumulation_returns_nothing():
    x = leaf([1.0, 1.0])
    x.register_post_accumulate_grad_hook(lambda t: t.grad)
    return tried((x * 2).sum().backward), x.grad.tolist()


@case("(['base'], tensor([1.]), [True, True])")
def hooks_of_a_view_that_is_written_do_not_run():
    seen = []
    base = leaf([1.0]).clone()
    view = base[:]
    base.register_hook(lambda g: seen.append("base"))
    view.register_hook(lambda g: seen.append("view"))
    view.grad_fn.register_hook(lambda found, g: seen.append("slice"))
    view.mul_(2)
    view.sum().backward()
    other = leaf([1.0]).clone()
    view = other[:]
    view.retain_grad()
    retains = [view.retains_grad]
    other.mul_(2)
    view.sum().backward()
    return seen, view.grad, [*retains, view.retains_grad]


@case("('RuntimeError', True, [2.0, 1.0])")
def a_function_that_writes_a_view_returns_one_output():
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x.mul_(2))
            return x, x.clone()

        @staticmethod
        def backward(ctx, a, b):
            return a * 2 + b * 2

    base = leaf([1.0, 1.0]).clone()
    refused = tried(Doubled.apply, base[:1])
    with torch.no_grad():
        base = leaf([1.0, 1.0]).clone()
        Doubled.apply(base[:1])
    return refused, Doubled.apply(torch.ones(2)[:1])[0].grad_fn is None, base.tolist()


@case("(None, [2.0])")
def none_for_outputs_without_gradient_on_request():
    seen = []

    class Pair(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            a, b = x * 2, x * 3
            ctx.mark_non_differentiable(b)
            ctx._materialize_non_diff_grads = False
            return a, b

        @staticmethod
        def backward(ctx, a, b):
            seen.append(b)
            return a * 2

    x = leaf([1.0])
    Pair.apply(x)[0].sum().backward()
    return seen[0], x.grad.tolist()


@case("('torch::autograd::CopyBackwards', [None, 'MulBackward0'], (tensor([2., 2.]),))")
def a_gradient_with_history_is_a_copy():
    x, g = leaf([1.0, 1.0]), leaf([1.0, 1.0])
    with warnings.catch_warnings(record=True):
        (x * 2).backward(g, create_graph=True)
    row = x.grad.grad_fn
    return row.name(), [None if each is None else each.name() for each, _ in row.next_functions], torch.autograd.grad(x.grad.sum(), g)


@case("('RuntimeError', (None,), True)")
def zeros_need_a_tensor_not_an_edge():
    x, y = leaf([1.0]).clone(), leaf([1.0]).clone()
    edge = torch.autograd.graph.GradientEdge(y.grad_fn, 0)
    out = (x * 2).sum()
    refused = tried(torch.autograd.grad, out, (x, edge), retain_graph=True, materialize_grads=True)
    unused = torch.autograd.grad(out, (edge,), retain_graph=True, allow_unused=True)
    return refused, unused, torch.autograd.grad(out, (torch.autograd.graph.GradientEdge(x.grad_fn, 0),), materialize_grads=True)[0].tolist() == [2.0]


@case("(['pre', [3.0, 0.0], 'post', [9.0]], [3.0], None, True, ['pre', 'post', [None, None]], ['pre', 'post', [None]])")
def a_pass_that_ends_at_a_result_runs_its_operation():
    seen = []

    class Told(Both):
        @staticmethod
        def backward(ctx, a, b):
            seen.append([a.item(), b.item()])
            return a * 3 + b * 3

    def hooked(y):
        seen.clear()
        y.grad_fn.register_prehook(lambda gradients: seen.append("pre"))
        y.grad_fn.register_hook(lambda found, gradients: seen.extend(["post", lists(found)]))
        (y * 3).sum().backward(inputs=[y])
        return [[each[0][0]] if each == [[9.0]] else each for each in seen]

    x = leaf([1.0])
    y = Told.apply(x)[0]
    first = hooked(y)
    return first, y.grad.tolist(), x.grad, y.retains_grad, hooked(x * 2), hooked(x.clone()[:1])


@case("['CopyBackwards', 'CopySlices', 'AddBackward0', 'CloneBackward0', 'torch::autograd::NotImplemented', 'torch::autograd::Error']")
def names_where_a_cast_is_implied():
    x = leaf([1.0], dtype=torch.float32)
    source = x.clone()

    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            return g * 2

    copied, written, added = (torch.zeros(1, dtype=torch.float64) for _ in range(3))
    copied.copy_(source)
    written[0] = source[0]
    added.add_(source)
    (g,) = torch.autograd.grad(Once.apply(x), x, leaf([1.0], dtype=torch.float32), create_graph=True)
    behind = copied.grad_fn.next_functions[1][0].name()
    return [type(t.grad_fn).__name__ for t in (copied, written, added)] + [behind, torch.floor_divide(x, x).grad_fn.name(), g.grad_fn.name()]


@case("['RuntimeError', 3, True, True, True]")
def anomalies_in_what_a_backward_recorded():
    class Inner(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * float("nan")

    class Outer(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return Inner.apply(g)

    x = leaf([1.0])
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with torch.autograd.detect_anomaly():
            g = leaf([1.0])
            (first,) = torch.autograd.grad(Outer.apply(x), x, g, create_graph=True)
            outcome = tried(first.sum().backward)
    texts = [str(each.message) for each in seen]
    return [outcome, len(texts), "InnerBackward" in texts[1], "Inner.apply" in texts[1], "Outer.apply" in texts[2]]


@case("('RuntimeError', 0, True)")
def anomalies_are_told_where_warnings_raise():
    x = leaf([1.0, 2.0])
    with warnings.catch_warnings(record=True) as seen, contextlib.redirect_stderr(io.StringIO()) as printed:
        warnings.simplefilter("ignore")
        with torch.autograd.detect_anomaly():
            warnings.simplefilter("error")
            y = x + 1
            z = y**2
            y += 1
            outcome = tried(z.sum().backward)
    return outcome, len(seen), "PowBackward0" in printed.getvalue()


@case("(False, [1, 1, 0], 'RuntimeError')")
def warnings_on_every_occasion():
    before, counts = torch.is_warn_always_enabled(), []
    torch.set_warn_always(True)
    try:
        x = leaf([1.0])
        for call in (lambda: (x * x).backward(create_graph=True), lambda: (x * x).backward(create_graph=True), lambda: torch.autograd.grad(x * x, x, create_graph=True)):
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                call()
            counts.append(len(seen))
    finally:
        torch.set_warn_always(False)
    return before, counts, tried(torch.set_warn_always, 1)


@case("('CloneBackward0', 'torch::autograd::CopyBackwards')")
def how_gradients_with_history_are_kept():
    x = leaf([1.0])
    y = x * 2
    y.retain_grad()
    with warnings.catch_warnings(record=True):
        (y * y).sum().backward(create_graph=True)
    return y.grad.grad_fn.name(), x.grad.grad_fn.name()


@case("['NotImplementedError', 'NotImplementedError']")
def derivatives_that_nobody_wrote():
    x = leaf([0.5])
    with warnings.catch_warnings(record=True), torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(torch.tensor([0.5]), torch.ones(1))
        forward = tried(torch.igamma, dual, dual)
    return [tried(torch.igamma(x, torch.tensor([0.5])).sum().backward), forward]


@case("(True, [1.0])")
def hooks_on_saved_values_that_user_code_enters_or_leaves_in_a_pass_end_with_it():
    packed = []

    def unpack(t):
        outer.__exit__()
        return t

    outer = torch.autograd.graph.saved_tensors_hooks(lambda t: packed.append(1) or t, unpack)
    outer.__enter__()
    leaf([1.0]).exp().sum().backward()
    before = len(packed)
    x = leaf([0.0])
    x.exp().sum()
    outside = len(packed) > before  # the pass left the hooks as they were
    outer.__exit__()
    count = len(packed)
    x.exp().sum().backward()
    assert len(packed) == count
    return outside, x.grad.tolist()


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
