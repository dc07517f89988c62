"""What functions with several results return (torch.return_types): tuples whose items have names too, printed as PyTorch prints them.

`tape.return_types.max` is the class of what `max` along a dimension returns, with the fields `values` and `indices`, and so on for each
name in FIELDS. Invariant: such a result is a tuple; it unpacks, compares and nests as one. Knows no Tensors; functions import it.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

PICKED = ("values", "indices")
FIELDS = {
    **dict.fromkeys(("max", "min", "sort", "topk", "kthvalue", "median", "nanmedian", "mode", "cummax", "cummin"), PICKED),
    "aminmax": ("min", "max"),
    "frexp": ("mantissa", "exponent"),
    "histogram": ("hist", "bin_edges"),
    "histogramdd": ("hist", "bin_edges"),
}


class Named(tuple):
    """A tuple whose items are named by `fields`, of the function `name`."""

    __slots__ = ()
    name = ""
    fields: tuple[str, ...] = ()

    @classmethod
    def _make(cls, items: Any) -> Named:
        return cls(items)

    def __repr__(self) -> str:
        items = ",\n".join(f"{field}={item!r}" for field, item in zip(self.fields, self, strict=True))
        return f"torch.return_types.{self.name}(\n{items})"


def kind(name: str, fields: tuple[str, ...]) -> type[Named]:
    """A class of results for the function `name`, whose items have these names."""
    parts: dict[str, Any] = {field: property(itemgetter(place), doc=f"Item {place}.") for place, field in enumerate(fields)}
    return type(name, (Named,), {"__slots__": (), "__module__": __name__, "name": name, "fields": fields, **parts})


KINDS = {name: kind(name, fields) for name, fields in FIELDS.items()}
globals().update(KINDS)
