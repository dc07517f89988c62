"""torch.nn.functional: activations, losses, layers and convolutions, re-exported from the modules that hold them.

`TOP` are those that PyTorch exports from its front as well. Imported by tape/nn and tape/__init__.
"""

from tape.nn.activations import celu as celu
from tape.nn.activations import celu_ as celu_
from tape.nn.activations import elu as elu
from tape.nn.activations import elu_ as elu_
from tape.nn.activations import gelu as gelu
from tape.nn.activations import glu as glu
from tape.nn.activations import hardshrink as hardshrink
from tape.nn.activations import hardsigmoid as hardsigmoid
from tape.nn.activations import hardswish as hardswish
from tape.nn.activations import hardtanh as hardtanh
from tape.nn.activations import hardtanh_ as hardtanh_
from tape.nn.activations import leaky_relu as leaky_relu
from tape.nn.activations import leaky_relu_ as leaky_relu_
from tape.nn.activations import log_softmax as log_softmax
from tape.nn.activations import logsigmoid as logsigmoid
from tape.nn.activations import mish as mish
from tape.nn.activations import prelu as prelu
from tape.nn.activations import relu as relu
from tape.nn.activations import relu6 as relu6
from tape.nn.activations import relu_ as relu_
from tape.nn.activations import selu as selu
from tape.nn.activations import selu_ as selu_
from tape.nn.activations import sigmoid as sigmoid
from tape.nn.activations import silu as silu
from tape.nn.activations import softmax as softmax
from tape.nn.activations import softmin as softmin
from tape.nn.activations import softplus as softplus
from tape.nn.activations import softshrink as softshrink
from tape.nn.activations import softsign as softsign
from tape.nn.activations import tanh as tanh
from tape.nn.activations import tanhshrink as tanhshrink
from tape.nn.activations import threshold as threshold
from tape.nn.activations import threshold_ as threshold_
from tape.nn.classification import cross_entropy as cross_entropy
from tape.nn.classification import nll_loss as nll_loss
from tape.nn.convolution import conv1d as conv1d
from tape.nn.convolution import conv2d as conv2d
from tape.nn.layers import cosine_similarity as cosine_similarity
from tape.nn.layers import dropout as dropout
from tape.nn.layers import layer_norm as layer_norm
from tape.nn.layers import linear as linear
from tape.nn.layers import normalize as normalize
from tape.nn.layers import one_hot as one_hot
from tape.nn.layers import pad as pad
from tape.nn.layers import pairwise_distance as pairwise_distance
from tape.nn.losses import binary_cross_entropy as binary_cross_entropy
from tape.nn.losses import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from tape.nn.losses import cosine_embedding_loss as cosine_embedding_loss
from tape.nn.losses import gaussian_nll_loss as gaussian_nll_loss
from tape.nn.losses import hinge_embedding_loss as hinge_embedding_loss
from tape.nn.losses import huber_loss as huber_loss
from tape.nn.losses import kl_div as kl_div
from tape.nn.losses import l1_loss as l1_loss
from tape.nn.losses import margin_ranking_loss as margin_ranking_loss
from tape.nn.losses import mse_loss as mse_loss
from tape.nn.losses import poisson_nll_loss as poisson_nll_loss
from tape.nn.losses import smooth_l1_loss as smooth_l1_loss
from tape.nn.losses import soft_margin_loss as soft_margin_loss

TOP = {
    "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits, "celu": celu, "celu_": celu_, "conv1d": conv1d,
    "conv2d": conv2d, "cosine_embedding_loss": cosine_embedding_loss, "cosine_similarity": cosine_similarity,
    "dropout": dropout, "hardshrink": hardshrink, "hinge_embedding_loss": hinge_embedding_loss, "kl_div": kl_div,
    "layer_norm": layer_norm, "margin_ranking_loss": margin_ranking_loss, "pairwise_distance": pairwise_distance,
    "poisson_nll_loss": poisson_nll_loss, "prelu": prelu, "selu": selu, "selu_": selu_, "threshold": threshold,
    "threshold_": threshold_,
}  # fmt: skip
__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu", "celu_", "conv1d", "conv2d",
    "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "dropout", "elu", "elu_", "gaussian_nll_loss", "gelu",
    "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hardtanh_", "hinge_embedding_loss", "huber_loss",
    "kl_div", "l1_loss", "layer_norm", "leaky_relu", "leaky_relu_", "linear", "log_softmax", "logsigmoid",
    "margin_ranking_loss", "mish", "mse_loss", "nll_loss", "normalize", "one_hot", "pad", "pairwise_distance",
    "poisson_nll_loss", "prelu", "relu", "relu6", "relu_", "selu", "selu_", "sigmoid", "silu", "smooth_l1_loss",
    "soft_margin_loss", "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
    "threshold_", "TOP",
]  # fmt: skip
