"""Special functions under the names of torch.special, and a few more under those of scipy.special (jv, yv, iv, kv, beta, betaln, betainc, ...).

This module only re-exports. All of them are differentiable to every order, but for orders and degrees, and the first argument of gammainc,
gammaincc and zeta.
"""

from tape.functions import reductions as _reductions
from tape.functions import special as _special

globals().update(_special.PUBLIC)
logsumexp, softmax, log_softmax = _reductions.logsumexp, _reductions.softmax, _reductions.log_softmax
__all__ = sorted([*_special.PUBLIC, "log_softmax", "logsumexp", "softmax"])
