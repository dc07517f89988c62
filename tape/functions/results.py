"""Results for functions that name `out` in their own signature: `stored` gives a result, or writes it into `out` by tape/out's rules;
sums and products are computed in the dtype of `out` where none is asked for (`wanted_of`).

Imported by functions; imports tape/out.
"""

from __future__ import annotations

from typing import Any

from tape.out import written
from tape.tensor import Tensor


def stored(name: str, out: Any, made: Any) -> Any:
    """`made` where `out` is None; else `out`, a Tensor or as many as there are results, with the values written into it."""
    return made if out is None else written(name, out, made)


def wanted_of(dtype: Any, out: Any) -> Any:
    """The dtype asked for, else that of `out`, else None."""
    return out._s.dtype if dtype is None and isinstance(out, Tensor) else dtype
