"""Module: parameters, buffers and modules as attributes, found again by name; what models are made of.

    parameters buffers modules children and their named_...   everything in a tree of modules, shared things once
    state_dict load_state_dict                                values by dotted name
    train eval apply to double float zero_grad requires_grad_ the whole tree at once
    register_forward_pre_hook register_forward_hook           called around `forward`
    register_full_backward_hook register_full_backward_pre_hook  called when a backward pass has the gradients of a call

Invariant: an attribute is in exactly one of _parameters, _buffers and _modules if it is a Parameter, registered Tensor or Module.
Imports parameter, hooks, gradients and state; imported by tape.nn.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tape.dtypes import as_dtype
from tape.hooks import RemovableHandle
from tape.inplace import detach
from tape.nn.modules.gradients import Surrounded
from tape.nn.modules.loading import load
from tape.nn.parameter import Parameter
from tape.tensor import Tensor


class Module:
    """A function with parameters: subclasses assign Parameters, Tensors and Modules in `__init__` and define `forward`.

    >>> class Line(tape.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = tape.nn.Parameter(tape.ones(1))
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> line = Line()
    >>> line(tape.tensor([2.0])).backward()
    >>> [(name, p.grad) for name, p in line.named_parameters()]
    [('slope', tensor([2.]))]
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]

    def __init__(self) -> None:
        own = vars(self)
        own.update(training=True, _parameters={}, _buffers={}, _non_persistent_buffers_set=set(), _modules={})
        own.update(_before={}, _after={}, _backward_hooks={}, _backward_pre_hooks={})

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What calling the module computes; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} has no forward; define it")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for hook, with_kwargs in list(self._before.values()):
            changed = hook(self, args, kwargs) if with_kwargs else hook(self, args)
            if changed is not None and with_kwargs:
                args, kwargs = changed
            elif changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        seen = None
        if self._backward_hooks or self._backward_pre_hooks:
            seen = Surrounded(self, list(self._backward_hooks.values()), list(self._backward_pre_hooks.values()))
            args = seen.before(args)
        output = self.forward(*args, **kwargs)
        for hook, with_kwargs in list(self._after.values()):
            changed = hook(self, args, kwargs, output) if with_kwargs else hook(self, args, output)
            output = output if changed is None else changed
        return output if seen is None else seen.after(output)

    # attributes

    def __setattr__(self, name: str, value: Any) -> None:
        own = vars(self)
        if isinstance(value, (Parameter, Module)):
            if "_parameters" not in own:
                kind = "parameters" if isinstance(value, Parameter) else "module"
                raise AttributeError(f"cannot assign {kind} before Module.__init__() was called; call super().__init__() first")
            place: dict[str, Any] = self._parameters if isinstance(value, Parameter) else self._modules
            if name not in place:  # else it keeps its position
                self._forget(name)
            place[name] = value
            return
        for home, kinds, what in (("_parameters", (), "parameter"), ("_modules", (), "module"), ("_buffers", (Tensor,), "buffer")):
            if name in own.get(home, ()):
                if value is not None and not isinstance(value, kinds):
                    raise TypeError(f"{name!r} is a {what} of {type(self).__name__} and was assigned a {type(value).__name__}; delete it first")
                own[home][name] = value
                return
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        for place in ("_parameters", "_buffers", "_modules"):
            found = vars(self).get(place, {})
            if name in found:
                return found[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        if not self._forget(name):
            object.__delattr__(self, name)

    def _forget(self, name: str) -> bool:
        """Drop an attribute of whatever kind; whether it was one of the registered."""
        own, found = vars(self), False
        own.pop(name, None)
        for place in (self._parameters, self._buffers, self._modules):
            if name in place:
                del place[name]
                found = True
        self._non_persistent_buffers_set.discard(name)
        return found

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._parameters, *self._buffers, *self._modules})

    def _free(self, name: str, what: str) -> None:
        if "_parameters" not in vars(self):
            raise AttributeError(f"cannot assign a {what} before Module.__init__() was called; call super().__init__() first")
        if not isinstance(name, str):
            raise TypeError(f"the name of a {what} is a {type(name).__name__}; wanted a string")
        if "." in name or not name:
            raise KeyError(f"{name!r} cannot name a {what}: names must not be empty nor hold a dot")
        known = (self._parameters, self._buffers, self._modules)
        if hasattr(self, name) and not any(name in place for place in known if place is vars(self)[f"_{what}s"]):
            raise KeyError(f"{type(self).__name__} has an attribute {name!r} already")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter, or None as a place for one. KeyError for a name that is taken or no name, TypeError for another value."""
        self._free(name, "parameter")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"parameter {name!r} is a {type(param).__name__}; wanted a Parameter or None")
        if param is not None and not param.is_leaf:
            raise ValueError(f"parameter {name!r} has history; only leaves can be parameters")
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a Tensor that is no parameter but belongs to the state (unless not persistent). Errors as for register_parameter."""
        self._free(name, "buffer")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"buffer {name!r} is a {type(tensor).__name__}; wanted a Tensor or None")
        self._buffers[name] = tensor
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module. Errors as for register_parameter."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"module {name!r} is a {type(module).__name__}; wanted a Module or None")
        self._free(name, "module")
        self._modules[name] = module

    register_module = add_module

    def get_submodule(self, target: str) -> Module:
        """The module at a dotted name, "" for this one. AttributeError where there is none."""
        found: Module = self
        for name in filter(None, target.split(".")):
            inner = found._modules.get(name)
            if inner is None:
                raise AttributeError(f"{type(found).__name__} has no module {name!r}")
            found = inner
        return found

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted name. AttributeError where there is none."""
        place, _, name = target.rpartition(".")
        found = self.get_submodule(place)._parameters.get(name)
        if found is None:
            raise AttributeError(f"{type(self).__name__} has no parameter {target!r}")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted name. AttributeError where there is none."""
        place, _, name = target.rpartition(".")
        found = self.get_submodule(place)._buffers.get(name)
        if found is None:
            raise AttributeError(f"{type(self).__name__} has no buffer {target!r}")
        return found

    # everything inside

    def named_modules(self, memo: set | None = None, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """This module and all inside, each with its dotted name; shared ones once."""
        memo = set() if memo is None else memo
        if remove_duplicate and self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def _named(self, place: str, prefix: str, recurse: bool, remove_duplicate: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]:
            for name, value in vars(module)[place].items():
                if value is not None and id(value) not in seen:
                    if remove_duplicate:
                        seen.add(id(value))
                    yield f"{path}.{name}" if path else name, value

    def named_parameters(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All parameters with their dotted names; shared ones once."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def named_buffers(self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True) -> Iterator[tuple[str, Tensor]]:
        """All buffers with their dotted names."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly inside, with their names."""
        seen: set[int] = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, to be given to an optimiser."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers."""
        return (t for _, t in self.named_buffers(recurse=recurse))

    def modules(self) -> Iterator[Module]:
        """This module and all inside."""
        return (module for _, module in self.named_modules())

    def children(self) -> Iterator[Module]:
        """The modules directly inside."""
        return (module for _, module in self.named_children())

    # the whole tree at once

    def state_dict(self, *, destination: dict | None = None, prefix: str = "", keep_vars: bool = False) -> dict[str, Any]:
        """All parameters and persistent buffers by dotted name, detached (unless keep_vars) but sharing memory."""
        found: dict[str, Any] = OrderedDict() if destination is None else destination
        lasting = {name: t for name, t in self._buffers.items() if name not in self._non_persistent_buffers_set}
        for name, t in [*self._parameters.items(), *lasting.items()]:
            if t is not None:
                found[prefix + name] = t if keep_vars else detach(t)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=found, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        return found

    def load_state_dict(self, state_dict: dict[str, Any], strict: bool = True, assign: bool = False) -> Keys:
        """Copy values from a `state_dict()`; which names were missing and which unexpected. assign: take the Tensors themselves.

        RuntimeError, naming all of them, where shapes differ, or names with strict; TypeError for no dict.
        """
        return Keys(*load(self, state_dict, strict, assign))

    def apply(self, fn: Callable[[Module], Any]) -> Any:
        """Call fn on every module, the innermost first; returns this module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self, mode: bool = True) -> Any:
        """Set `training` everywhere: Dropout and the like look at it. ValueError for another mode."""
        if not isinstance(mode, bool):
            raise ValueError(f"train() got {mode!r}; wanted True or False")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Any:
        """`train(False)`."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Whether gradients are wanted for all parameters."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Unset the gradients of all parameters; with set_to_none=False those that exist are zeroed."""
        for p in self.parameters():
            if set_to_none or p.grad is None:
                p.grad = None
            else:
                p.grad = p.grad.detach().zero_()

    def _apply(self, fn: Callable[[Tensor], Tensor]) -> Any:
        """Replace the values of parameters, their gradients and buffers; parameters stay the objects that they are."""
        for module in self.modules():
            for p in module._parameters.values():
                if p is not None:
                    gradient = p.grad
                    p.grad = None
                    p.data = fn(p.data)
                    p.grad = None if gradient is None else fn(gradient.detach())
            for name, t in module._buffers.items():
                if t is not None:
                    module._buffers[name] = fn(t)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Parameters and floating buffers in another dtype. A device is accepted where it is the CPU."""
        dtype = None
        for given in (*args, kwargs.get("dtype"), kwargs.get("device")):
            if isinstance(given, Tensor):
                dtype = given.dtype
            elif given is not None and not isinstance(given, bool) and str(given) != "cpu":
                dtype = as_dtype(given)
        if dtype is None:
            return self
        if dtype.kind not in "fcV":
            raise TypeError(f"to({dtype}) of a module; parameters are floating or complex")
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() or t.is_complex() else t)

    def double(self) -> Any:
        """Parameters and floating buffers in float64."""
        return self._apply(lambda t: t.double() if t.is_floating_point() else t)

    def float(self) -> Any:
        """Parameters and floating buffers in float32."""
        return self._apply(lambda t: t.float() if t.is_floating_point() else t)

    def type(self, dst_type: Any) -> Any:
        """Parameters and buffers in another dtype."""
        return self._apply(lambda t: t.to(dst_type))

    def cpu(self) -> Any:
        """The module itself: everything is there."""
        return self

    def register_forward_pre_hook(self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False) -> RemovableHandle:
        """Call hook(module, args) before `forward`; it may return other arguments. The handle removes it."""
        return _hooked(self._before, (hook, with_kwargs), prepend)

    def register_forward_hook(self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False) -> RemovableHandle:
        """Call hook(module, args, output) after `forward`; it may return another output. The handle removes it."""
        return _hooked(self._after, (hook, with_kwargs), prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_input, grad_output) when a backward pass has both: tuples, None for what is no Tensor or needs no gradient. It may
        return other gradients of the arguments."""
        return _hooked(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call hook(module, grad_output) when a backward pass has the gradients of the results; it may return others to go on with."""
        return _hooked(self._backward_pre_hooks, hook, prepend)

    # printing

    def extra_repr(self) -> str:
        """What stands in the parentheses."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        lines = [line for line in self.extra_repr().split("\n") if line]
        inner = [f"({name}): " + repr(module).replace("\n", "\n  ") for name, module in self._modules.items()]
        if not inner and len(lines) <= 1:
            return f"{self._get_name()}({''.join(lines)})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines + inner) + "\n)"


class Keys(NamedTuple):
    """What `load_state_dict` found."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def _hooked(hooks: dict[int, Any], entry: Any, first: bool) -> RemovableHandle:
    handle = RemovableHandle(hooks, entry)
    if first:
        items = list(hooks.items())
        hooks.clear()
        hooks.update([items[-1], *items[:-1]])
    return handle


__all__ = ["Module"]
