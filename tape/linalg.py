"""Linear algebra under PyTorch's names (torch.linalg): re-exports of what tape/functions/linalg lists."""

from tape.errors import LinAlgError as LinAlgError
from tape.functions.linalg import LINALG as _LINALG

globals().update(_LINALG)
__all__ = ["LinAlgError", *_LINALG]
