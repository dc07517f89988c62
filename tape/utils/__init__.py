"""torch.utils (PyTorch's name): `checkpoint`, `hooks`. Re-exports only; imported by tape/__init__."""

from tape.utils import checkpoint as checkpoint
from tape.utils import hooks as hooks
