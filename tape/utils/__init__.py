"""torch.utils (PyTorch's name): `checkpoint`. Re-exports only; imported by tape/__init__."""

from tape.utils import checkpoint as checkpoint
