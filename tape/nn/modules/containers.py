"""Modules and parameters in a row or by key: Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict.

Invariant: what is put in is registered, so that `parameters()` and `state_dict()` find it; positions are names "0", "1", ...
Imports module; imported by tape.nn.modules.
"""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from tape.nn.modules.module import Module
from tape.nn.parameter import Parameter
from tape.tensor import Tensor


class _Row(Module):
    """Modules by position."""

    def _fill(self, modules: Iterable[Module]) -> None:
        modules = list(modules)
        self._modules.clear()
        for i, module in enumerate(modules):
            self.add_module(str(i), module)

    def _position(self, index: Any) -> int:
        position = operator.index(index)
        if not -len(self) <= position < len(self):
            raise IndexError(f"position {position} of a {type(self).__name__} of {len(self)} modules")
        return position % len(self)

    def _name(self, index: Any) -> str:
        return list(self._modules)[self._position(index)]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(*self._some(index))
        return self._modules[self._name(index)]

    def _some(self, index: slice) -> tuple:
        return (OrderedDict(list(self._modules.items())[index]),)

    def __setitem__(self, index: Any, module: Module) -> None:
        setattr(self, self._name(index), module)

    def __delitem__(self, index: Any) -> None:
        modules = list(self._modules.values())
        del modules[index]
        self._fill(modules)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def append(self, module: Module) -> Any:
        """Add a module at the end; returns this one."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Add modules at the end; returns this one."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Add a module before a position; returns this one."""
        modules = list(self._modules.values())
        modules.insert(index, module)
        self._fill(modules)  # type: ignore[arg-type]
        return self

    def pop(self, index: int = -1) -> Module:
        """Take the module at a position out."""
        found = self[index]
        del self[index]
        return found


class Sequential(_Row):
    """Modules one after the other: given as arguments, or as a dict with names.

    >>> model = tape.nn.Sequential(tape.nn.Linear(2, 3), tape.nn.Tanh())
    >>> model(tape.ones(4, 2)).shape
    torch.Size([4, 3])
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], (OrderedDict, dict)):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self._fill(args)

    def forward(self, input: Any) -> Any:
        """What the last module makes of what the others make of the input."""
        for module in self:
            input = module(input)
        return input

    def __add__(self, other: Sequential) -> Sequential:
        return Sequential(*self, *other)


class ModuleList(_Row):
    """A list of modules; it has no `forward` of its own."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self._fill(modules or ())

    def _some(self, index: slice) -> tuple:
        return (list(self._modules.values())[index],)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, other: Iterable[Module]) -> ModuleList:
        return self.extend(other)

    def __repr__(self) -> str:
        lines, place = [], 0
        for text, same in groupby(map(repr, self)):
            count = len(list(same))
            name = f"({place}): " if count == 1 else f"({place}-{place + count - 1}): {count} x "
            lines.append(name + text.replace("\n", "\n  "))
            place += count
        return f"{type(self).__name__}(" + ("\n  " + "\n  ".join(lines) + "\n)" if lines else ")")


class ModuleDict(Module):
    """Modules by key."""

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        self.update(modules or {})

    def update(self, modules: Any) -> None:
        """Add modules: a dict, or pairs of key and module."""
        for name, module in modules.items() if isinstance(modules, (Mapping, ModuleDict)) else modules:
            self[name] = module

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def keys(self) -> Any:
        """The keys."""
        return self._modules.keys()

    def values(self) -> Any:
        """The modules."""
        return self._modules.values()

    def items(self) -> Any:
        """Keys and modules."""
        return self._modules.items()

    def pop(self, key: str) -> Module:
        """Take a module out."""
        return self._modules.pop(key)  # type: ignore[return-value]

    def clear(self) -> None:
        """Take all out."""
        self._modules.clear()


class ParameterDict(Module):
    """Parameters by key; Tensors that are put in become Parameters."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self.update(parameters or {})

    def update(self, parameters: Any) -> None:
        """Add parameters: a dict, or pairs of key and Tensor."""
        for key, value in parameters.items() if isinstance(parameters, (Mapping, ParameterDict)) else parameters:
            self[key] = value

    def __getitem__(self, key: Any) -> Any:
        return self._parameters[str(key)]

    def __setitem__(self, key: Any, value: Tensor) -> None:
        if not isinstance(value, Tensor):
            raise TypeError(f"{type(self).__name__}[{key!r}] was given a {type(value).__name__}; wanted a Tensor")
        self.register_parameter(str(key), value if isinstance(value, Parameter) else Parameter(value))

    def __delitem__(self, key: Any) -> None:
        del self._parameters[str(key)]

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters)

    def __contains__(self, key: Any) -> bool:
        return key in self._parameters

    def keys(self) -> Any:
        """The keys."""
        return self._parameters.keys()

    def values(self) -> Any:
        """The parameters."""
        return self._parameters.values()

    def items(self) -> Any:
        """Keys and parameters."""
        return self._parameters.items()

    def extra_repr(self) -> str:
        """Dtype and shape of each."""
        return "\n".join(f"({key}): Parameter containing: [torch.{p.dtype} of size {_size(p)}]" for key, p in self._parameters.items() if p is not None)

    def __repr__(self) -> str:
        lines = self.extra_repr()
        return f"{type(self).__name__}(\n    " + lines.replace("\n", "\n    ") + "\n)" if lines else f"{type(self).__name__}()"


class ParameterList(ParameterDict):
    """Parameters by position; Tensors that are put in become Parameters."""

    def __init__(self, values: Iterable[Tensor] | None = None) -> None:
        super().__init__()
        self.extend(values or ())

    def append(self, value: Tensor) -> ParameterList:
        """Add a parameter at the end; returns this list."""
        super().__setitem__(len(self), value)
        return self

    def extend(self, values: Iterable[Tensor]) -> ParameterList:
        """Add parameters at the end; returns this list."""
        for value in values:
            self.append(value)
        return self

    def __getitem__(self, index: Any) -> Any:
        values = list(self._parameters.values())
        return ParameterList(values[index]) if isinstance(index, slice) else values[index]  # type: ignore[arg-type]

    def __setitem__(self, index: Any, value: Tensor) -> None:
        super().__setitem__(range(len(self))[index], value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())


def _size(p: Tensor) -> str:
    return "x".join(map(str, p.shape))


__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]
