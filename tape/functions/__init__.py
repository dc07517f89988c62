"""All functions of Tensors, by family. `PUBLIC` maps the names that `tape` exports to them; each module lists its own in `__all__`.

A family may use the families above it in this list, the generated elementwise functions come first.
"""

from __future__ import annotations

from typing import Any

from tape.functions import complex, elementwise, shape, reductions, indexing, products, combined, einsum, linalg, creation, random, comparison, conversion  # isort: skip
from tape.functions import (
    arranging,
    counting,
    differences,
    exchange,
    ranges,
    sampling,
    scatter_reducing,
    scattering,
    searching,
    splitting,
    statistics,
    strided,
    typed,
    windows,
)

PUBLIC: dict[str, Any] = {
    **elementwise.PUBLIC,
    **{
        name: getattr(module, name)
        for module in (
            complex, shape, reductions, indexing, products, combined, einsum, creation, random, comparison, conversion, statistics, counting, differences, sampling, windows,
            arranging, splitting, strided, scattering, scatter_reducing, searching, ranges, exchange, typed,
        )
        for name in module.__all__
        if name != "METHODS"
    },
    **linalg.PUBLIC,
}  # fmt: skip
