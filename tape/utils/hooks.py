"""torch.utils.hooks (PyTorch's name): the class of the handles that registering a hook returns. Re-exports only; imported by tape/utils."""

from tape.hooks import RemovableHandle as RemovableHandle
