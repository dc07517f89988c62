"""Writes in place that are refused, and those that are not: data and version say which, as PyTorch 2.13 does it."""

import pytest
from behaviours import (
    check,
    collector,
    constant_view_without_grad,
    doubled_in_inference,
    leaf,
    made_in_inference,
    refused,
    view_without_grad,
)
from under_test import torch

CASES = {}
case = collector(CASES)


@case("('RuntimeError', True, True)")
def refused_leaf():
    return refused(lambda x: x, lambda t: t.mul_(2))


@case("('RuntimeError', True, True)")
def refused_leaf_set():
    return refused(lambda x: x, lambda t: t.__setitem__(0, 1.0))


@case("('RuntimeError', True, True)")
def refused_view_leaf():
    return refused(lambda x: x[1:], lambda t: t.mul_(2))


@case("('RuntimeError', True, True)")
def refused_view_leaf_set():
    return refused(lambda x: x.view(3), lambda t: t.__setitem__(0, 2.0))


@case("('done', False, False)")
def refused_detach():
    return refused(lambda x: x.detach(), lambda t: t.mul_(2))


@case("('done', False, False)")
def refused_data():
    return refused(lambda x: x.data, lambda t: t.mul_(2))


@case("('RuntimeError', True, True)")
def refused_unbind():
    return refused(lambda x: (x * 1).unbind()[0], lambda t: t.mul_(2))


@case("('RuntimeError', True, True)")
def refused_split():
    return refused(lambda x: (x * 1).split(1)[0], lambda t: t.mul_(2))


@case("('RuntimeError', True, True)")
def refused_chunk():
    return refused(lambda x: (x * 1).chunk(2)[0], lambda t: t.mul_(2))


@case("('done', False, False)")
def refused_unbind_nograd_data():
    return refused(lambda x: (x * 1).detach().unbind()[0], lambda t: t.mul_(2))


@case("('RuntimeError', True, True)")
def refused_nograd_view():
    return refused(view_without_grad, lambda t: t.mul_(2))


@case("('done', False, False)")
def refused_nograd_view_of_const():
    return refused(constant_view_without_grad, lambda t: t.mul_(2))


@case("('RuntimeError', True, True)")
def refused_nograd_view_of_const_by_rg():
    return refused(constant_view_without_grad, lambda t: t.mul_(leaf([1.0, 2.0])))


@case("('RuntimeError', True, True)")
def refused_expand():
    return refused(lambda x: (x * 1).expand(2, 3), lambda t: t.mul_(2))


@case("('RuntimeError', True, True)")
def refused_expand_c():
    return refused(lambda x: torch.ones(1).expand(3), lambda t: t.mul_(2))


@case("('done', False, False)")
def refused_expand_fill():
    return refused(lambda x: torch.ones(1).expand(3), lambda t: t.fill_(2))


@case("('done', False, False)")
def refused_expand_zero():
    return refused(lambda x: torch.ones(1).expand(3), lambda t: t.zero_())


@case("('done', False, False)")
def refused_expand_set():
    return refused(lambda x: torch.ones(1).expand(3), lambda t: t.__setitem__(0, 2.0))


@case("('RuntimeError', True, True)")
def refused_expand_setall():
    return refused(lambda x: torch.ones(1).expand(3), lambda t: t.__setitem__(slice(None), 2.0))


@case("('RuntimeError', True, True)")
def refused_expand_copy():
    return refused(lambda x: torch.ones(1).expand(3), lambda t: t.copy_(torch.ones(3)))


@case("('RuntimeError', True, True)")
def refused_grow():
    return refused(lambda x: (x * 1)[:1], lambda t: t.add_(torch.ones(3)))


@case("('RuntimeError', True, True)")
def refused_int():
    return refused(lambda x: torch.tensor([1, 2, 3]), lambda t: t.add_(1.5))


@case("('RuntimeError', True, True)")
def refused_int_div():
    return refused(lambda x: torch.tensor([1, 2, 3]), lambda t: t.div_(2))


@case("('RuntimeError', True, True)")
def refused_bool():
    return refused(lambda x: torch.tensor([True]), lambda t: t.add_(1))


@case("('RuntimeError', True, True)")
def refused_overlap():
    return refused(lambda x: torch.arange(4.0), lambda t: t[1:].add_(t[:-1]))


@case("('RuntimeError', True, True)")
def refused_overlap_copy():
    return refused(lambda x: torch.arange(4.0), lambda t: t[1:].copy_(t[:-1]))


@case("('done', False, False)")
def refused_self():
    return refused(lambda x: torch.arange(4.0), lambda t: t.add_(t))


@case("('done', False, False)")
def refused_float64_to_float32():
    return refused(lambda x: torch.ones(3, dtype=torch.float32), lambda t: t.add_(torch.ones(3)))


@case("('RuntimeError', True, True)")
def refused_set_shape():
    return refused(lambda x: x * 1, lambda t: t.__setitem__(slice(0, 2), torch.ones(3)))


@case("('TypeError', True, True)")
def refused_set_str():
    return refused(lambda x: x * 1, lambda t: t.__setitem__(0, "a"))


@case("('IndexError', True, True)")
def refused_oob():
    return refused(lambda x: x * 1, lambda t: t.__setitem__(7, 1.0))


@case("('done', False, True)")
def refused_infer_in():
    return refused(made_in_inference, doubled_in_inference)


@case("('done', False, False)")
def refused_normal_in_infer():
    return refused(lambda x: torch.ones(3), doubled_in_inference)


@case("('done', False, False)")
def refused_nonleaf_in_infer():
    return refused(lambda x: x * 1, doubled_in_inference)


@case("('done', False, False)")
def refused_leaf_in_infer():
    return refused(lambda x: x, doubled_in_inference)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
