"""Attributes of Tensors that few programs read: the dtype of gradients, hooks as they are stored, devices, and names kept for old code.

`PROPERTIES` is attached to Tensor by tape/methods. Invariant: `grad_dtype` is set on leaves only, before they have a gradient.
Imports hooks, tensor; imported by methods.
"""

from __future__ import annotations

import warnings
from typing import Any

from tape.columns import Tape
from tape.dtypes import as_dtype
from tape.hooks import existing, hooks_of
from tape.tensor import Tensor


def grad_dtype(self: Tensor) -> Any:
    """The dtype of `.grad`: the leaf's own unless it was set, None where gradients keep the dtype they come in. RuntimeError for a non-leaf."""
    if type(self._t) is Tape:
        raise RuntimeError("grad_dtype of a non-leaf; only leaves accumulate gradients")
    return getattr(self, "_grad_dtype", self._s.dtype)


def set_grad_dtype(self: Tensor, dtype: Any) -> None:
    if type(self._t) is Tape:
        raise RuntimeError("grad_dtype was set on a non-leaf; only leaves accumulate gradients")
    try:
        wanted = None if dtype is None else as_dtype(dtype)
    except (TypeError, ValueError):
        raise RuntimeError(f"grad_dtype was set to {dtype!r}; it takes a dtype or None") from None
    if wanted is not None and self._grad is not None and self._grad.dtype != wanted:
        raise RuntimeError(f"grad_dtype was set to {wanted}, but the leaf has a gradient of {self._grad.dtype}; reset .grad to None first")
    self._grad_dtype = wanted


def backward_hooks(self: Tensor) -> Any:
    """The hooks on this Tensor's gradient, by number; None where it never had any hooks."""
    hooks = self._t.hooks.get(self._r) if type(self._t) is Tape else existing(self)
    return None if hooks is None else hooks.tensor


def set_backward_hooks(self: Tensor, hooks: Any) -> None:
    """Store hooks as a dict; None takes them all away."""
    hooks_of(self).tensor = {} if hooks is None else hooks


def kept_whole(name: str) -> Any:
    """The deleter of an attribute that a Tensor cannot be without."""

    def deleter(self: Tensor) -> None:
        raise RuntimeError(f"{name} was deleted; a tensor cannot be without it")

    return deleter


def names(self: Tensor) -> list[str]:
    """What `dir` shows: attributes that are not set on this Tensor are left out."""
    return [name for name in object.__dir__(self) if name not in _SLOTS or hasattr(self, name)]


def post_accumulate_grad_hooks(self: Tensor) -> Any:
    """The hooks that run when `.grad` has been accumulated, by number; None where it never had one."""
    hooks = None if type(self._t) is Tape else existing(self)
    return hooks.after if hooks is not None and hooks.after else None


def volatile(self: Tensor) -> bool:
    """Always False, with a UserWarning: what it once meant is `no_grad`."""
    warnings.warn("volatile means nothing any more; use no_grad()", UserWarning, stacklevel=2)
    return False


def is_same_size(self: Tensor, other: Tensor) -> bool:
    """Whether another Tensor has the same shape."""
    return self._s.shape == other._s.shape


def is_nonzero(self: Tensor) -> bool:
    """Whether the one element is not zero. RuntimeError for several or none."""
    return bool(self)


def unmoved(self: Tensor, device: Any = None) -> Tensor:
    """The Tensor itself: memory of the CPU is neither pinned nor shared between processes here."""
    return self


_SLOTS = frozenset(Tensor.__slots__)
ELSEWHERE = "is_cuda is_ipu is_maia is_meta is_mkldnn is_mps is_mtia is_nested is_quantized is_sparse is_sparse_csr is_vulkan is_xla is_xpu".split()
PROPERTIES = {
    **{name: property(lambda self: False, doc="False: Tensors lie densely in the memory of the CPU.") for name in ELSEWHERE},
    "is_cpu": property(lambda self: True, doc="True: there is one device."),
    "is_same_size": is_same_size,
    "is_nonzero": is_nonzero,
    "pin_memory": unmoved,
    "share_memory_": unmoved,
    "grad_dtype": property(grad_dtype, set_grad_dtype),
    "_grad": property(lambda self: getattr(self, "_gradient", None), Tensor.grad.fset, Tensor.grad.fdel, "`.grad`, without a warning for non-leaves."),
    "_grad_fn": property(lambda self: self.grad_fn, None, kept_whole("_grad_fn"), "`grad_fn`."),
    "requires_grad": Tensor.requires_grad.deleter(kept_whole("requires_grad")),
    "__dir__": names,
    "name": property(lambda self: None, doc="Always None: Tensors have no names."),
    "volatile": property(volatile),
    "_backward_hooks": property(backward_hooks, set_backward_hooks, kept_whole("_backward_hooks")),
    "_post_accumulate_grad_hooks": property(post_accumulate_grad_hooks),
}
