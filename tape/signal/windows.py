"""Window functions under PyTorch's names (torch.signal.windows): re-exports of tape/functions/windows."""

from tape.functions.windows import bartlett as bartlett
from tape.functions.windows import blackman as blackman
from tape.functions.windows import cosine as cosine
from tape.functions.windows import exponential as exponential
from tape.functions.windows import gaussian as gaussian
from tape.functions.windows import general_cosine as general_cosine
from tape.functions.windows import general_hamming as general_hamming
from tape.functions.windows import hamming as hamming
from tape.functions.windows import hann as hann
from tape.functions.windows import kaiser as kaiser
from tape.functions.windows import nuttall as nuttall

__all__ = [
    "bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine", "general_hamming", "hamming", "hann", "kaiser", "nuttall",
]  # fmt: skip
