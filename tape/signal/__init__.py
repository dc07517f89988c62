"""Signal processing under PyTorch's names (torch.signal): `windows`."""

from tape.signal import windows as windows
