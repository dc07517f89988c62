"""All functions of Tensors, by family. `PUBLIC` maps the names that `tape` exports to them; each module lists its own in `__all__`.

A family may use the families above it in this list, the generated elementwise functions come first.
"""

from __future__ import annotations

from typing import Any

from tape.functions import complex, elementwise, shape, reductions, indexing, products, einsum, linalg, creation, random, comparison, conversion  # isort: skip

PUBLIC: dict[str, Any] = {
    **elementwise.PUBLIC,
    **{
        name: getattr(module, name)
        for module in (complex, shape, reductions, indexing, products, einsum, creation, random, comparison, conversion)
        for name in module.__all__
        if name != "METHODS"
    },
    "det": linalg.det, "logdet": linalg.logdet, "slogdet": linalg.slogdet, "inverse": linalg.inverse,
    "cholesky_solve": linalg.cholesky_solve, "matrix_power": linalg.matrix_power, "cholesky": linalg.cholesky,
}  # fmt: skip
