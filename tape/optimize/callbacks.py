"""Callbacks with the user's structure: SciPy finds out by its signature how one wants to be called, and so it does here.

`in_structure(parameters, callback)` gives the callback that SciPy calls. Invariant: vectors pass as SciPy made them; an
`intermediate_result` is a copy whose x has the structure; StopIteration, and what the callback returns, reach SciPy.
Imports parameters. Imported by scalar and vector.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tape.optimize.parameters import Parameters


def in_structure(parameters: Parameters, callback: Callable | None) -> Callable | None:
    """A callback for SciPy that hands the structure to the user's."""
    if callback is None or parameters.plain:
        return callback
    if set(inspect.signature(callback).parameters) == {"intermediate_result"}:

        def follow_result(intermediate_result: Any) -> Any:
            return callback(intermediate_result=_structured(parameters, intermediate_result))

        # the parameter's name is what SciPy looks at
        return follow_result

    def follow(x: Any, *more: Any) -> Any:
        return callback(parameters.unravel(x), *[_structured(parameters, part) if hasattr(part, "x") else part for part in more])

    return follow


def _structured(parameters: Parameters, result: Any) -> Any:
    copy = type(result)(result)
    copy.x = parameters.unravel(result.x)
    return copy


__all__ = ["in_structure"]
