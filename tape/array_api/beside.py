"""The standard in the namespace `tape` itself, as far as PyTorch leaves room: names that PyTorch lacks, keywords that its functions lack.

`extend(namespace, standard, home)` adds to a namespace the standard's functions and constants that it has under no name, and makes
its functions take further keywords. `axis` and `keepdims` mean `dim` and `keepdim`, as in PyTorch; any other keyword of the
standard alone (`flip(x, axis=0)` beside `flip(x, dims=[0])`, `eye(2, k=1)`) makes the call the standard's. Invariant: a call that PyTorch accepts
means what it means there. Used by tape/__init__.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, signature, unwrap
from types import FunctionType
from typing import Any

NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def _keywords(function: Callable) -> list[str]:
    """The parameters that may be given by name, read from the code: `signature` takes twenty times as long, and there are 700 functions."""
    code = unwrap(function).__code__  # type: ignore[attr-defined]
    return list(code.co_varnames[code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount])


def _taking(own: Callable, standard: Callable | None, home: str) -> Callable:
    """`own`, called with PyTorch's arguments or NumPy's names for them; with keywords that only `standard` has, that function."""
    known = _keywords(own)
    renamed = {other: name for other, name in NUMPY_NAMES.items() if name in known and other not in known}
    further = set() if standard is None else set(_keywords(standard)).difference(known, renamed)
    if not renamed and not further:
        return own

    @wraps(own)
    def function(*args: Any, **options: Any) -> Any:
        if options:
            if standard is not None and not further.isdisjoint(options):
                return standard(*args, **options)
            for other in renamed.keys() & options.keys():
                if renamed[other] in options:
                    raise TypeError(f"{own.__name__}: {other} and {renamed[other]} are one argument; give it once")
                options[renamed[other]] = options.pop(other)
        return own(*args, **options)

    given = signature(own)
    if not any(p.kind == Parameter.VAR_KEYWORD for p in given.parameters.values()):
        named = {other: Parameter(other, Parameter.KEYWORD_ONLY, default=None) for other in renamed}
        for name, p in signature(standard).parameters.items() if standard is not None else ():
            if name in further:
                named[name] = p.replace(kind=Parameter.KEYWORD_ONLY, default=None if p.default is Parameter.empty else p.default)
        parameters = [*given.parameters.values(), *(p for name, p in named.items() if name not in given.parameters)]
        function.__signature__ = Signature(parameters, return_annotation=given.return_annotation)  # type: ignore[attr-defined]
    function.__module__, function.__qualname__ = home, own.__name__
    return function


def extend(namespace: dict[str, Any], standard: Any, home: str) -> None:
    """Give the namespace of the module `home` the standard's names and keywords."""
    public = {name: getattr(standard, name) for name in standard.__all__ if name not in ("fft", "linalg")}
    for name in namespace.get("__all__", [n for n in namespace if not n.startswith("_")]):
        value = namespace[name]
        if callable(value) and isinstance(unwrap(value), FunctionType) and value.__module__.startswith("tape"):
            namespace[name] = _taking(value, public.get(name), home)
    namespace.update({name: value for name, value in public.items() if name not in namespace})


__all__ = ["extend"]
