"""Losses as modules: `MSELoss()(input, target)` is `functional.mse_loss(input, target)`. Each is a row of a table.

Options that are Tensors (weights of classes) are buffers of the module. Imports activation's reading of arguments and functional; imported
by tape.nn.modules.
"""

from __future__ import annotations

from typing import Any

from tape.nn import functional
from tape.nn.modules.activation import bound
from tape.nn.modules.module import Module
from tape.tensor import Tensor

OLD = {"size_average": None, "reduce": None}
REDUCED = {**OLD, "reduction": "mean"}
# fmt: off
TABLE: list[tuple[str, str, dict[str, Any]]] = [
    ("MSELoss",             "mse_loss",                         REDUCED),
    ("L1Loss",              "l1_loss",                          REDUCED),
    ("SmoothL1Loss",        "smooth_l1_loss",                   {**REDUCED, "beta": 1.0}),
    ("HuberLoss",           "huber_loss",                       {"reduction": "mean", "delta": 1.0}),
    ("BCELoss",             "binary_cross_entropy",             {"weight": None, **REDUCED}),
    ("BCEWithLogitsLoss",   "binary_cross_entropy_with_logits", {"weight": None, **REDUCED, "pos_weight": None}),
    ("NLLLoss",             "nll_loss",                         {"weight": None, "size_average": None, "ignore_index": -100, "reduce": None,
                                                                 "reduction": "mean"}),
    ("CrossEntropyLoss",    "cross_entropy",                    {"weight": None, "size_average": None, "ignore_index": -100, "reduce": None,
                                                                 "reduction": "mean", "label_smoothing": 0.0}),
    ("KLDivLoss",           "kl_div",                           {**REDUCED, "log_target": False}),
    ("GaussianNLLLoss",     "gaussian_nll_loss",                {"full": False, "eps": 1e-6, "reduction": "mean"}),
    ("PoissonNLLLoss",      "poisson_nll_loss",                 {"log_input": True, "full": False, "size_average": None, "eps": 1e-8,
                                                                 "reduce": None, "reduction": "mean"}),
    ("HingeEmbeddingLoss",  "hinge_embedding_loss",             {"margin": 1.0, **REDUCED}),
    ("MarginRankingLoss",   "margin_ranking_loss",              {"margin": 0.0, **REDUCED}),
    ("SoftMarginLoss",      "soft_margin_loss",                 REDUCED),
    ("CosineEmbeddingLoss", "cosine_embedding_loss",            {"margin": 0.0, **REDUCED}),
    ("CosineSimilarity",    "cosine_similarity",                {"dim": 1, "eps": 1e-8}),
    ("PairwiseDistance",    "pairwise_distance",                {"p": 2.0, "eps": 1e-6, "keepdim": False}),
]
# fmt: on


class Loss(Module):
    """What the modules of the table share."""

    function: str
    options: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        for name, value in bound(type(self).__name__, self.options, args, kwargs).items():
            if name in ("weight", "pos_weight"):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def forward(self, *inputs: Any) -> Tensor:
        """The function of the inputs, with the module's options."""
        return getattr(functional, self.function)(*inputs, **{name: getattr(self, name) for name in self.options})


def _made(name: str, function: str, options: dict[str, Any]) -> type[Loss]:
    shown = ", ".join(f"{key}={value!r}" for key, value in options.items() if key not in OLD)
    text = f"`nn.functional.{function}` as a module: {name}({shown})."
    return type(name, (Loss,), {"function": function, "options": options, "__doc__": text, "__module__": __name__})


LOSSES: dict[str, type[Loss]] = {row[0]: _made(*row) for row in TABLE}
globals().update(LOSSES)  # where pickle looks for them

__all__ = ["LOSSES"]
