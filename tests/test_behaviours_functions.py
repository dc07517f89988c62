"""User Functions: what is marked, saved and returned, in backward and forward mode, as PyTorch 2.13 does it."""

import gc
import warnings
import weakref

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)
forward_ad = torch.autograd.forward_ad

with warnings.catch_warnings(), forward_ad.dual_level():  # PyTorch loads its rules at first use, with warnings of its own
    warnings.simplefilter("ignore")
    forward_ad.make_dual(torch.ones(1), torch.ones(1)).mul_(2)


def function(forward, backward=None, jvp=None):
    """A Function of these methods."""
    methods = {"forward": forward, "backward": backward, "jvp": jvp}
    return type("Own", (torch.autograd.Function,), {name: staticmethod(method) for name, method in methods.items() if method is not None})


def outcome(run):
    """What a call gives, or the class of what it raises."""
    try:
        return run()
    except Exception as error:
        return "RuntimeError" if isinstance(error, RuntimeError) else type(error).__name__


def tangent(t):
    return forward_ad.unpack_dual(t).tangent


def doubled_in_place(ctx, x):
    ctx.mark_dirty(x)
    return x.mul_(2)


@case("tensor([3.], grad_fn=<OwnBackward>)", "UserWarning")
def dirty_tensor_that_is_no_input():
    def forward(ctx, x):
        y = 3 * x
        ctx.mark_dirty(y)
        return y

    y = function(forward, lambda ctx, g: 3 * g).apply(leaf([1.0]) * 1)
    y.sum().backward()
    return y


@case("!! RuntimeError")
def dirty_view_of_an_intermediate():
    def forward(ctx, x):
        y = x.clone().view_as(x)
        ctx.mark_dirty(y)
        return y

    return function(forward, lambda ctx, g: g).apply(leaf([1.0]) * 1)


@case("(None, None, None)")
def marks_are_forgotten():
    Own = function(doubled_in_place, lambda ctx, g: g)
    y = Own.apply(leaf([1.0]) * 1)
    return y.grad_fn.dirty_tensors, y.grad_fn.non_differentiable, y.grad_fn.to_save


@case("True")
def a_dirty_saved_view_is_not_kept_alive():
    def forward(ctx, x):
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        return x

    def scope():
        x = leaf(1.0).clone().view(1)
        function(forward, lambda ctx, g: g).apply(x)
        return weakref.ref(x)

    gone = scope()
    gc.collect()
    return gone() is None


@case("[(True, True, [2.0]), (True, True, [2.0])]")
def tangent_modified_in_place():
    Own = function(doubled_in_place, None, lambda ctx, s: s.mul_(2))
    found = []
    for x in (torch.tensor([1.0]), leaf([1.0]).clone()):
        with forward_ad.dual_level():
            s = torch.ones(1)
            dual = forward_ad.make_dual(x, s)
            y = Own.apply(dual)
            found.append((y is dual, tangent(y) is s, s.tolist()))
    return found


@case("['RuntimeError', 'RuntimeError']")
def tangent_not_modified_in_place():
    found = []
    for jvp in (lambda ctx, s: s, lambda ctx, s: 2 * s):
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(torch.tensor([1.0]), torch.ones(1))
            found.append(outcome(lambda: function(doubled_in_place, None, jvp).apply(dual)))  # noqa: B023
    return found


@case(
    "{'view': True, ('view', 'of a view'): [1.0, 1.0], 'copy': 'RuntimeError', ('copy', 'of a view'): 'RuntimeError', 'view of a copy': 'RuntimeError', ('view of a copy', 'of a view'): 'RuntimeError', 'view of a view': True, ('view of a view', 'of a view'): [1.0, 1.0]}"
)
def tangents_of_views():
    rules = {
        "view": lambda s: s[:2], "copy": lambda s: s[:2].clone(), "view of a copy": lambda s: s.clone()[:2], "view of a view": lambda s: s[:][:2],
    }  # fmt: skip
    found = {}
    for name, rule in rules.items():
        with forward_ad.dual_level():
            s = torch.ones(3)
            dual = forward_ad.make_dual(torch.ones(3), s)
            Own = function(lambda ctx, x: x[:2], None, lambda ctx, s: rule(s))  # noqa: B023
            found[name] = outcome(lambda: tangent(Own.apply(dual))._base is s)  # noqa: B023
            viewed = dual.view(3)
            found[name, "of a view"] = outcome(lambda: tangent(Own.apply(viewed)).tolist())  # noqa: B023
    return found


@case("{'view': True, 'itself': 'RuntimeError', 'other': 'RuntimeError'}")
def tangents_of_inputs_returned():
    found = {}
    for name, rule in {"view": lambda s: s.view_as(s), "itself": lambda s: s, "other": lambda s: s * 2}.items():
        with forward_ad.dual_level():
            s = torch.ones(3)
            dual = forward_ad.make_dual(torch.ones(3), s)
            Own = function(lambda ctx, x: x, None, lambda ctx, s: rule(s))  # noqa: B023
            found[name] = outcome(lambda: tangent(Own.apply(dual))._base is s)  # noqa: B023
    return found


@case("([[tensor([1., 1.]), None, None], 'RuntimeError', 'RuntimeError'], [None, None, None])")
def tangents_of_what_has_none():
    def forward(ctx, x, k):
        silent = x.clone()
        ctx.mark_non_differentiable(silent)
        return x.clone(), silent, k.clone()

    seen = []

    def rule(*pushed):
        def jvp(ctx, s, t):
            seen.append(t)
            return pushed[0], pushed[1], pushed[2]

        return jvp

    s, k = torch.ones(2), torch.tensor([1, 2])
    found = []
    for pushed in ((s.clone(), None, None), (s.clone(), s.clone(), None), (s.clone(), None, s.clone())):
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(torch.ones(2), s)
            found.append(outcome(lambda: [tangent(y) for y in function(forward, None, rule(*pushed)).apply(dual, k)]))  # noqa: B023
    return found, seen


@case("[0, 1]")
def saved_for_one_mode():
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    seen = []

    def jvp(ctx, s):
        seen.append(len(ctx.saved_tensors))
        return s

    def backward(ctx, g):
        seen.append(len(ctx.saved_tensors))
        return g

    with forward_ad.dual_level():
        y = function(forward, backward, jvp).apply(forward_ad.make_dual(leaf([3.0]), torch.ones(1)))
        y.sum().backward()
    return seen


@case("(tensor([5.], grad_fn=<AddBackward0>), tensor([5.]), tensor([3.]))")
def saved_for_both_modes():
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        ctx.save_for_forward(w, x, x)
        return x * w

    def jvp(ctx, s, t):
        w, x, _ = ctx.saved_tensors
        return w * s + x * t

    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * w, g * x

    x, w = leaf([3.0]), leaf([5.0])
    with forward_ad.dual_level():
        y = function(forward, backward, jvp).apply(forward_ad.make_dual(x, torch.ones(1)), w)
        pushed = tangent(y)
        y.sum().backward()
    return pushed, x.grad, w.grad


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
