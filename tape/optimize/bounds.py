"""Bounds as the user may give them, as the vectors of lower and upper bounds that SciPy takes.

`pairs` reads `minimize`'s: SciPy's sequence of pairs or `Bounds`, or the structure of the parameters with a pair (low, high) for each
leaf; `sides` reads `least_squares`': (lower, upper), each a number, a vector or such a structure. None is no bound, and what a dict
leaves out has none. Invariant: where parameters are a vector, SciPy's own forms pass untouched, so that its checks and errors are the user's.
Imports parameters; scipy.optimize when called. Imported by scalar and vector.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.func.structures import Structure
from tape.optimize.parameters import Parameters, fitted


def pairs(parameters: Parameters, bounds: Any) -> Any:
    """What `scipy.optimize.minimize` takes for `bounds`. ValueError where they do not fit the parameters."""
    from scipy.optimize import Bounds

    if bounds is None or parameters.plain:
        return bounds
    if isinstance(bounds, Bounds):
        return _vectors(parameters, bounds)
    if _is_flat(parameters, bounds):
        return bounds
    low: list[np.ndarray] = []
    high: list[np.ndarray] = []

    def read(given: Any, shape: tuple, path: str) -> None:
        pair = (None, None) if given is None else given
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ValueError(f"{parameters.name}: bounds{path} is {given!r}; wanted None or a pair (low, high)")
        low.append(_side(parameters, pair[0], shape, path, -np.inf))
        high.append(_side(parameters, pair[1], shape, path, np.inf))

    _walk(parameters, parameters.structure, bounds, "", iter(parameters.shapes), read)
    return Bounds(np.concatenate(low), np.concatenate(high))


def sides(parameters: Parameters, bounds: Any) -> Any:
    """What `scipy.optimize.least_squares` takes for `bounds`."""
    from scipy.optimize import Bounds

    if parameters.plain:
        return bounds
    if isinstance(bounds, Bounds):
        return _vectors(parameters, bounds)
    if isinstance(bounds, (tuple, list)) and len(bounds) == 2:
        return _one_side(parameters, bounds[0], -np.inf), _one_side(parameters, bounds[1], np.inf)
    raise ValueError(f"{parameters.name}: bounds is {bounds!r}; wanted (lower, upper), each a number, a vector or of x0's structure")


def _vectors(parameters: Parameters, bounds: Any) -> Any:
    """Bounds whose sides may be structures of the parameters."""
    from scipy.optimize import Bounds

    keep = np.asarray(bounds.keep_feasible)
    keep = keep.reshape(-1) if keep.size == parameters.size else np.full(parameters.size, keep.any())
    return Bounds(_one_side(parameters, bounds.lb, -np.inf), _one_side(parameters, bounds.ub, np.inf), keep)


def _one_side(parameters: Parameters, given: Any, default: float) -> np.ndarray:
    """The vector of lower, or of upper bounds."""
    if isinstance(given, np.ndarray) and (given.size == 1 or given.dtype == object and all(each is given.flat[0] for each in given.flat)):
        given = given.flat[0]  # Bounds makes arrays of one object of whatever is no array, and repeats it beside a longer side
    if isinstance(given, (int, float, np.number)):
        return np.full(parameters.size, float(given))
    if isinstance(given, np.ndarray):
        return parameters.flat(given, "bounds")
    found: list[np.ndarray] = []
    _walk(
        parameters, parameters.structure, given, "", iter(parameters.shapes),
        lambda value, shape, path: found.append(_side(parameters, value, shape, path, default)),
    )  # fmt: skip
    return np.concatenate(found)


def _is_flat(parameters: Parameters, bounds: Any) -> bool:
    """Whether these are SciPy's own: a pair for each number of the vector."""
    kind = parameters.structure.kind
    if isinstance(bounds, np.ndarray):
        return True
    if not isinstance(bounds, (list, tuple)) or kind is not None and issubclass(kind, (list, tuple)):
        return False
    single = len(bounds) == 2 and all(side is None or isinstance(side, (np.ndarray, float, int, np.number)) for side in bounds)
    return kind is not None or not single


def _walk(parameters: Parameters, structure: Structure, given: Any, path: str, shapes: Any, read: Callable[[Any, tuple, str], None]) -> None:
    """Read what is given for every leaf under this part of the structure."""
    if structure.kind is None:
        read(given, next(shapes), path)
        return
    for step, name, child in _children(structure):
        _walk(parameters, child, _pick(parameters, structure, given, path, name), path + step, shapes, read)


def _side(parameters: Parameters, value: Any, shape: tuple, path: str, default: float) -> np.ndarray:
    return fitted(parameters.name, np.asarray(default if value is None else value, np.float64), shape, f"bounds{path}")


def _children(structure: Structure) -> list[tuple[str, Any, Structure]]:
    if not structure.names:
        return [(f"[{k}]", k, child) for k, child in enumerate(structure.children)]
    is_dict = issubclass(structure.kind, dict)  # type: ignore[arg-type]
    return [(f"[{n!r}]" if is_dict else f".{n}", n, child) for n, child in zip(structure.names, structure.children, strict=True)]


def _pick(parameters: Parameters, structure: Structure, given: Any, path: str, name: Any) -> Any:
    """What is given for one child; None where nothing is said about it."""
    if given is None:
        return None
    if isinstance(given, dict) and structure.names:
        unknown = set(given) - set(structure.names)
        if unknown:
            raise ValueError(f"{parameters.name}: bounds{path} has {sorted(map(str, unknown))}; the parameters there are {list(structure.names)}")
        return given.get(name)
    if structure.names:
        if type(given) is structure.kind and not isinstance(given, dict):
            return getattr(given, name)
    elif isinstance(given, (list, tuple)) and len(given) == len(structure.children):
        return given[name]
    raise ValueError(f"{parameters.name}: bounds{path} is a {type(given).__name__}; wanted the structure of the parameters: {structure}")


__all__ = ["pairs", "sides"]
