# What type checkers see of the package. Written by `python -m tape.stubs`; edit the functions, not this file.
# fmt: off
# ruff: noqa: E501, F401, I001

import builtins
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from tape.functions.typed import BFloat16Tensor as BFloat16Tensor
from tape.functions.typed import BoolTensor as BoolTensor
from tape.functions.typed import ByteTensor as ByteTensor
from tape.functions.typed import CharTensor as CharTensor
from tape.functions.typed import ComplexDoubleTensor as ComplexDoubleTensor
from tape.functions.typed import ComplexFloatTensor as ComplexFloatTensor
from tape.functions.typed import DoubleTensor as DoubleTensor
from tape.functions.typed import FloatTensor as FloatTensor
from tape.functions.random import Generator as Generator
from tape.functions.typed import HalfTensor as HalfTensor
from tape.functions.typed import IntTensor as IntTensor
from tape.functions.typed import LongTensor as LongTensor
from tape.functions.typed import ShortTensor as ShortTensor
from tape.size import Size as Size
from tape.tensor import Tensor as Tensor
from tape.generated.elementwise import abs as abs
from tape.generated.elementwise import abs as _abs
from tape.generated.elementwise import acos as acos
from tape.generated.elementwise import acosh as acosh
from tape.functions.elementwise import add as add
from tape.functions.combined import addbmm as addbmm
from tape.functions.affine import addcdiv as addcdiv
from tape.functions.affine import addcmul as addcmul
from tape.functions.combined import addmm as addmm
from tape.functions.combined import addmv as addmv
from tape.functions.combined import addr as addr
from tape.functions.shape import adjoint as adjoint
from tape.functions.extremes import all as all
from tape.functions.comparison import allclose as allclose
from tape.functions.extremes import amax as amax
from tape.functions.extremes import amin as amin
from tape.functions.extremes import aminmax as aminmax
from tape.functions.complex import angle as angle
from tape.functions.extremes import any as any
from tape.generated.elementwise import acos as _acos
from tape.generated.elementwise import acosh as _acosh
from tape.generated.elementwise import asin as _asin
from tape.generated.elementwise import asinh as _asinh
from tape.generated.elementwise import atan as _atan
from tape.generated.elementwise import atan2 as _atan2
from tape.generated.elementwise import atanh as _atanh
from tape.functions.extremes import argmax as argmax
from tape.functions.extremes import argmin as argmin
from tape.functions.searching import argwhere as argwhere
from tape.functions.strided import as_strided as as_strided
from tape.functions.scattering import as_strided_scatter as as_strided_scatter
from tape.functions.creation import as_tensor as as_tensor
from tape.functions.exchange import asarray as asarray
from tape.generated.elementwise import asin as asin
from tape.generated.elementwise import asinh as asinh
from tape.array_api.creation import astype as astype
from tape.generated.elementwise import atan as atan
from tape.generated.elementwise import atan2 as atan2
from tape.generated.elementwise import atanh as atanh
from tape.functions.splitting import atleast_1d as atleast_1d
from tape.functions.splitting import atleast_2d as atleast_2d
from tape.functions.splitting import atleast_3d as atleast_3d
from tape import autograd as autograd
from tape.functions.combined import baddbmm as baddbmm
from tape.functions.windows import bartlett_window as bartlett_window
from tape.functions.sampling import bernoulli as bernoulli
from tape.nn.losses import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from tape.functions.counting import bincount as bincount
from tape.functions.comparison import bitwise_and as bitwise_and
from tape.functions.comparison import bitwise_left_shift as bitwise_left_shift
from tape.functions.comparison import bitwise_not as bitwise_not
from tape.functions.comparison import bitwise_or as bitwise_or
from tape.functions.comparison import bitwise_right_shift as bitwise_right_shift
from tape.functions.comparison import bitwise_xor as bitwise_xor
from tape.functions.windows import blackman_window as blackman_window
from tape.functions.arranging import block_diag as block_diag
from tape.functions.products import bmm as bmm
from tape.array_api.arrays import broadcast_arrays as broadcast_arrays
from tape.functions.arranging import broadcast_shapes as broadcast_shapes
from tape.functions.shape import broadcast_tensors as broadcast_tensors
from tape.functions.searching import bucketize as bucketize
from tape.dtypes import can_cast as can_cast
from tape.functions.arranging import cartesian_prod as cartesian_prod
from tape.functions.joining import cat as cat
from tape.functions.combined import cdist as cdist
from tape.generated.elementwise import ceil as ceil
from tape.nn.activations import celu as celu
from tape.functions.combined import chain_matmul as chain_matmul
from tape.functions.choosing import clamp as clamp
from tape.functions.choosing import clamp_max as clamp_max
from tape.functions.choosing import clamp_min as clamp_min
from tape.functions.choosing import clamp as _clamp
from tape.functions.layout import clone as clone
from tape.functions.splitting import column_stack as column_stack
from tape.functions.arranging import combinations as combinations
from tape.compile import compile as compile
from tape.functions.complex import complex as complex
from tape.functions.joining import cat as _cat
from tape.functions.complex import conj as conj
from tape.functions.complex import conj as _conj
from tape.functions.arranging import constant_pad_nd as constant_pad_nd
from tape.functions.shape import contiguous as contiguous
from tape.nn.convolution import conv1d as conv1d
from tape.nn.convolution import conv2d as conv2d
from tape.generated.elementwise import copysign as copysign
from tape.functions.statistics import corrcoef as corrcoef
from tape.generated.elementwise import cos as cos
from tape.generated.elementwise import cosh as cosh
from tape.nn.losses import cosine_embedding_loss as cosine_embedding_loss
from tape.functions.statistics import cov as cov
from tape.functions.cumulative import cummax as cummax
from tape.functions.cumulative import cummin as cummin
from tape.functions.cumulative import cumprod as cumprod
from tape.functions.cumulative import cumsum as cumsum
from tape.array_api.arrays import cumulative_prod as cumulative_prod
from tape.array_api.arrays import cumulative_sum as cumulative_sum
from tape.debug import debug as debug
from tape.generated.elementwise import deg2rad as deg2rad
from tape.inplace import detach_ as detach_
from tape.functions.picking import diag as diag
from tape.functions.arranging import diag_embed as diag_embed
from tape.functions.arranging import diagflat as diagflat
from tape.functions.picking import diagonal as diagonal
from tape.functions.scattering import diagonal_scatter as diagonal_scatter
from tape.functions.differences import diff as diff
from tape.generated.elementwise import digamma as digamma
from tape.functions.vector_norms import dist as dist
from tape.functions.elementwise import div as div
from tape.functions.elementwise import div as _div
from tape.functions.products import dot as dot
from tape.nn.layers import dropout as dropout
from tape.functions.splitting import dsplit as dsplit
from tape.functions.splitting import dstack as dstack
from tape.functions.einsum import einsum as einsum
from tape.functions.creation import empty_like as empty_like
from tape.functions.creation import empty_strided as empty_strided
from tape.autograd.grad_mode import enable_grad as enable_grad
from tape.functions.comparison import eq as eq
from tape.functions.comparison import equal as equal
from tape.generated.elementwise import erf as erf
from tape.generated.elementwise import erfc as erfc
from tape.generated.elementwise import erfinv as erfinv
from tape.generated.elementwise import exp as exp
from tape.generated.elementwise import exp2 as exp2
from tape.functions.shape import expand as expand
from tape.functions.shape import expand_as as expand_as
from tape.array_api.arrays import expand_dims as expand_dims
from tape.generated.elementwise import expm1 as expm1
from tape.functions.scattering import fill as fill
from tape.inplace import fill_ as fill_
from tape.dtypes import finfo as finfo
from tape.nans import first_nan as first_nan
from tape.generated.elementwise import trunc as _trunc
from tape.functions.shape import flatten as flatten
from tape.functions.arranging import fliplr as fliplr
from tape.functions.arranging import flipud as flipud
from tape.functions.elementwise import float_power as float_power
from tape.generated.elementwise import floor as floor
from tape.generated.elementwise import floor_divide as floor_divide
from tape.functions.elementwise import fmax as fmax
from tape.functions.elementwise import fmin as fmin
from tape.generated.elementwise import fmod as fmod
from tape.generated.elementwise import frac as frac
from tape.functions.elementwise import frexp as frexp
from tape.functions.exchange import from_dlpack as from_dlpack
from tape.functions.creation import from_numpy as from_numpy
from tape.functions.exchange import frombuffer as frombuffer
from tape.functions.creation import full_like as full_like
from tape import func as func
from tape.functions.comparison import gcd as gcd
from tape.functions.comparison import ge as ge
from tape.functions.products import outer as _outer
from tape.dtypes import get_default_dtype as get_default_dtype
from tape.kinks import get_kink_rules as get_kink_rules
from tape.cores import get_num_threads as get_num_threads
from tape.printing import get_printoptions as get_printoptions
from tape.functions.random import get_rng_state as get_rng_state
from tape.functions.comparison import gt as _gt
from tape.functions.comparison import ge as _ge
from tape.functions.comparison import gt as gt
from tape.functions.windows import hamming_window as hamming_window
from tape.functions.windows import hann_window as hann_window
from tape.nn.activations import hardshrink as hardshrink
from tape.functions.elementwise import heaviside as heaviside
from tape.nn.losses import hinge_embedding_loss as hinge_embedding_loss
from tape.functions.counting import histc as histc
from tape.functions.counting import histogram as histogram
from tape.functions.counting import histogramdd as histogramdd
from tape.functions.splitting import hsplit as hsplit
from tape.functions.joining import hstack as hstack
from tape.functions.elementwise import hypot as hypot
from tape.generated.elementwise import i0 as i0
from tape.functions.elementwise import igamma as igamma
from tape.functions.elementwise import igammac as igammac
from tape.dtypes import iinfo as iinfo
from tape.functions.complex import imag as imag
from tape.functions.scattering import index_put as index_put
from tape.assignment import index_put_ as index_put_
from tape.autograd.grad_mode import inference_mode as inference_mode
from tape.functions.random import initial_seed as initial_seed
from tape.functions.products import inner as inner
from tape.autograd.anomaly_mode import is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled
from tape.autograd.anomaly_mode import is_anomaly_enabled as is_anomaly_enabled
from tape.dtypes import is_complex as is_complex
from tape.functions.complex import is_conj as is_conj
from tape.dtypes import is_floating_point as is_floating_point
from tape.autograd.grad_mode import is_grad_enabled as is_grad_enabled
from tape.autograd.grad_mode import is_inference_mode_enabled as is_inference_mode_enabled
from tape.functions.conversion import is_tensor as is_tensor
from tape.warned import is_warn_always_enabled as is_warn_always_enabled
from tape.functions.comparison import isclose as isclose
from tape.array_api.creation import isdtype as isdtype
from tape.functions.comparison import isfinite as isfinite
from tape.functions.searching import isin as isin
from tape.functions.comparison import isinf as isinf
from tape.functions.comparison import isnan as isnan
from tape.functions.comparison import isneginf as isneginf
from tape.functions.comparison import isposinf as isposinf
from tape.functions.comparison import isreal as isreal
from tape.functions.windows import kaiser_window as kaiser_window
from tape.kinks import kink_rules as kink_rules
from tape.nn.losses import kl_div as kl_div
from tape.functions.combined import kron as kron
from tape.functions.statistics import kthvalue as kthvalue
from tape.nn.layers import layer_norm as layer_norm
from tape.functions.comparison import lcm as lcm
from tape.functions.elementwise import ldexp as ldexp
from tape.functions.comparison import le as le
from tape.functions.affine import lerp as lerp
from tape.functions.comparison import lt as _lt
from tape.functions.comparison import le as _le
from tape.generated.elementwise import lgamma as lgamma
from tape import linalg as linalg
from tape.generated.elementwise import log as log
from tape.generated.elementwise import log10 as log10
from tape.generated.elementwise import log1p as log1p
from tape.generated.elementwise import log2 as log2
from tape.functions.reductions import log_softmax as log_softmax
from tape.functions.elementwise import logaddexp as logaddexp
from tape.generated.elementwise import logaddexp2 as logaddexp2
from tape.functions.cumulative import logcumsumexp as logcumsumexp
from tape.functions.systems import logdet as logdet
from tape.functions.comparison import logical_and as logical_and
from tape.functions.comparison import logical_not as logical_not
from tape.functions.comparison import logical_or as logical_or
from tape.functions.comparison import logical_xor as logical_xor
from tape.functions.elementwise import logit as logit
from tape.functions.ranges import logspace as logspace
from tape.functions.reductions import logsumexp as logsumexp
from tape.functions.comparison import lt as lt
from tape.functions.random import manual_seed as manual_seed
from tape.nn.losses import margin_ranking_loss as margin_ranking_loss
from tape import masked as masked
from tape.functions.choosing import masked_fill as masked_fill
from tape.functions.scattering import masked_scatter as masked_scatter
from tape.functions.picking import masked_select as masked_select
from tape.functions.products import matmul as matmul
from tape.functions.spectra import matrix_exp as matrix_exp
from tape.array_api.arrays import matrix_transpose as matrix_transpose
from tape.functions.extremes import max as max
from tape.generated.elementwise import maximum as maximum
from tape.functions.reductions import mean as mean
from tape.functions.statistics import median as median
from tape.functions.arranging import meshgrid as meshgrid
from tape.functions.extremes import min as min
from tape.generated.elementwise import minimum as minimum
from tape.functions.products import mm as mm
from tape.functions.statistics import mode as mode
from tape.functions.shape import movedim as _movedim
from tape.functions.shape import movedim as movedim
from tape.functions.sorting import msort as msort
from tape.functions.elementwise import mul as mul
from tape.functions.sampling import multinomial as multinomial
from tape.functions.elementwise import mul as _mul
from tape.functions.products import mv as mv
from tape.functions.elementwise import mvlgamma as mvlgamma
from tape.functions.elementwise import nan_to_num as nan_to_num
from tape.functions.reductions import nanmean as nanmean
from tape.functions.statistics import nanmedian as nanmedian
from tape.functions.statistics import nanquantile as nanquantile
from tape.functions.reductions import nansum as nansum
from tape.functions.comparison import ne as ne
from tape.generated.elementwise import neg as neg
from tape.generated.elementwise import neg as _neg
from tape.generated.elementwise import nextafter as nextafter
from tape import nn as nn
from tape.autograd.grad_mode import no_grad as no_grad
from tape.functions.searching import nonzero as nonzero
from tape.functions.searching import nonzero_static as nonzero_static
from tape.functions.vector_norms import norm as norm
from tape.functions.sampling import normal as normal
from tape.functions.comparison import ne as _ne
from tape.functions.conversion import numel as numel
from tape.functions.creation import ones_like as ones_like
from tape import optim as optim
from tape import optimize as optimize
from tape.functions.products import outer as outer
from tape.functions.shape import permute as permute
from tape.array_api.arrays import permute_dims as permute_dims
from tape.functions.spectra import pinv as _pinv
from tape.functions.sampling import poisson as poisson
from tape.nn.losses import poisson_nll_loss as poisson_nll_loss
from tape.functions.complex import polar as polar
from tape.generated.elementwise import polygamma as polygamma
from tape.functions.elementwise import positive as positive
from tape.functions.elementwise import pow as pow
from tape.nn.activations import prelu as prelu
from tape.functions.reductions import prod as prod
from tape.dtypes import promote_types as promote_types
from tape.functions.scattering import put as put
from tape.functions.statistics import quantile as quantile
from tape.generated.elementwise import rad2deg as rad2deg
from tape.functions.random import rand as rand
from tape.functions.random import rand_like as rand_like
from tape.functions.random import randint as randint
from tape.functions.sampling import randint_like as randint_like
from tape.functions.random import randn as randn
from tape.functions.random import randn_like as randn_like
from tape import random as random
from tape.functions.random import randperm as randperm
from tape.functions.shape import ravel as ravel
from tape.functions.complex import real as real
from tape.generated.elementwise import reciprocal as reciprocal
from tape.generated.elementwise import relu as relu
from tape.generated.elementwise import remainder as remainder
from tape.functions.complex import resolve_conj as resolve_conj
from tape.functions.complex import resolve_neg as resolve_neg
from tape.dtypes import result_type as result_type
from tape import return_types as return_types
from tape.functions.arranging import rot90 as rot90
from tape.functions.elementwise import round as round
from tape.functions.joining import vstack as _vstack
from tape.generated.elementwise import rsqrt as rsqrt
from tape.functions.elementwise import rsub as rsub
from tape.functions.choosing import safe_math as safe_math
from tape.functions.creation import scalar_tensor as scalar_tensor
from tape.functions.searching import searchsorted as searchsorted
from tape.functions.random import seed as seed
from tape.nn.activations import selu as selu
from tape.dtypes import set_default_dtype as set_default_dtype
from tape.functions.typed import set_default_tensor_type as set_default_tensor_type
from tape.autograd.grad_mode import set_grad_enabled as set_grad_enabled
from tape.kinks import set_kink_rules as set_kink_rules
from tape.cores import set_num_threads as set_num_threads
from tape.printing import set_printoptions as set_printoptions
from tape.functions.random import set_rng_state as set_rng_state
from tape.warned import set_warn_always as set_warn_always
from tape.functions.complex import sgn as sgn
from tape.show import show as show
from tape.generated.elementwise import sigmoid as sigmoid
from tape.generated.elementwise import sign as sign
from tape import signal as signal
from tape.functions.comparison import signbit as signbit
from tape.generated.elementwise import sin as sin
from tape.functions.elementwise import sinc as sinc
from tape.generated.elementwise import sinh as sinh
from tape.functions.reductions import softmax as softmax
from tape.functions.elementwise import softplus as softplus
from tape import special as special
from tape.generated.elementwise import sqrt as sqrt
from tape.generated.elementwise import square as square
from tape.functions.joining import stack as stack
from tape.functions.reductions import std as std
from tape.functions.reductions import std_mean as std_mean
from tape.functions.elementwise import sub as sub
from tape.functions.elementwise import sub as _sub
from tape.functions.reductions import sum as sum
from tape.functions.shape import transpose as _transpose
from tape.functions.shape import t as t
from tape.array_api.arrays import take_along_axis as take_along_axis
from tape.generated.elementwise import tan as tan
from tape.generated.elementwise import tanh as tanh
from tape.functions.creation import tensor as tensor
from tape import testing as testing
from tape.nn.activations import threshold as threshold
from tape.functions.joining import tile as tile
from tape.functions.differences import trace as trace
from tape.functions.shape import transpose as transpose
from tape.functions.arranging import tril_indices as tril_indices
from tape.functions.arranging import triu_indices as triu_indices
from tape.generated.elementwise import trunc as trunc
from tape.array_api.arrays import unique_all as unique_all
from tape.array_api.arrays import unique_counts as unique_counts
from tape.array_api.arrays import unique_inverse as unique_inverse
from tape.array_api.arrays import unique_values as unique_values
from tape.functions.searching import unravel_index as unravel_index
from tape.array_api.arrays import unstack as unstack
from tape import utils as utils
from tape.functions.reductions import var as var
from tape.functions.reductions import var_mean as var_mean
from tape.functions.products import vdot as vdot
from tape.array_api.arrays import vecdot as vecdot
from tape.verify import verify as verify
from tape.functions.complex import view_as_complex as view_as_complex
from tape.functions.complex import view_as_real as view_as_real
from tape.func.vmap import vmap as vmap
from tape.functions.splitting import vsplit as vsplit
from tape.functions.joining import vstack as vstack
from tape.functions.choosing import where as where
from tape.generated.elementwise import xlogy as xlogy
from tape.inplace import zero_ as zero_
from tape.functions.creation import zeros_like as zeros_like

absolute = _abs
arccos = _acos
arccosh = _acosh
arcsin = _asin
arcsinh = _asinh
arctan = _atan
arctan2 = _atan2
arctanh = _atanh
clip = _clamp
concat = _cat
concatenate = _cat
conj_physical = _conj
divide = _div
fix = _trunc
ger = _outer
greater = _gt
greater_equal = _ge
less = _lt
less_equal = _le
moveaxis = _movedim
multiply = _mul
negative = _neg
not_equal = _ne
pinverse = _pinv
row_stack = _vstack
subtract = _sub
swapaxes = _transpose
swapdims = _transpose
true_divide = _div

_bool: TypeAlias = builtins.bool
_float: TypeAlias = builtins.float
_int: TypeAlias = builtins.int
_complex: TypeAlias = builtins.complex
_type: TypeAlias = builtins.type

def arange(*given: Any, start: Any = ..., end: Any = ..., step: Any = ..., out: Tensor | None = ..., dtype: Any = ..., layout: Any = ..., device: Any = ..., pin_memory: _bool = ..., requires_grad: _bool = ..., stop: _float | None = ...) -> Tensor: ...
def argsort(input: Any, dim: _int = ..., descending: _bool = ..., stable: _bool = ..., *, axis: Any = ...) -> Tensor: ...
def broadcast_to(input: Any, *sizes: Any, size: Any = ..., shape: tuple[_int, ...] = ...) -> Tensor: ...
def chunk(input: Any, chunks: _int, dim: _int = ..., *, axis: Any = ...) -> tuple[Tensor, ...]: ...
def cosine_similarity(x1: Any, x2: Any, dim: _int = ..., eps: _float = ..., *, axis: Any = ...) -> Tensor: ...
def count_nonzero(input: Any, dim: Any = ..., *, axis: Any = ..., keepdims: _bool = ...) -> Tensor: ...
def cross(input: Any, other: Any, dim: _int | None = ..., *, out: Any = ..., axis: Any = ...) -> Tensor: ...
def cumulative_trapezoid(y: Any, x: Any = ..., *, dx: Any = ..., dim: _int = ..., axis: Any = ...) -> Tensor: ...
def empty(*given: Any, size: Any = ..., out: Tensor | None = ..., dtype: Any = ..., layout: Any = ..., device: Any = ..., pin_memory: _bool = ..., requires_grad: _bool = ..., memory_format: Any = ..., shape: Any = ...) -> Tensor: ...
def eye(n: _int, m: _int | None = ..., *, out: Tensor | None = ..., dtype: Any = ..., layout: Any = ..., device: Any = ..., pin_memory: _bool = ..., requires_grad: _bool = ..., k: _int = ...) -> Tensor: ...
def flip(input: Any, *sizes: Any, dims: Any = ..., axis: Any = ...) -> Tensor: ...
def full(size: Any, fill_value: Any, *, out: Tensor | None = ..., dtype: Any = ..., layout: Any = ..., device: Any = ..., pin_memory: _bool = ..., requires_grad: _bool = ..., shape: Any = ...) -> Tensor: ...
def gather(input: Any, dim: _int, index: Any, *, sparse_grad: _bool = ..., out: Any = ..., axis: Any = ...) -> Tensor: ...
def gradient(input: Any, *, spacing: Any = ..., dim: Any = ..., edge_order: _int = ..., axis: Any = ...) -> tuple[Tensor, ...]: ...
def index_add(input: Any, dim: _int, index: Any, source: Any, *, alpha: Any = ..., out: Any = ..., axis: Any = ...) -> Tensor: ...
def index_copy(input: Any, dim: _int, index: Any, source: Any, *, out: Any = ..., axis: Any = ...) -> Tensor: ...
def index_fill(input: Any, dim: _int, index: Any, value: Any, *, axis: Any = ...) -> Tensor: ...
def index_reduce(input: Any, dim: _int, index: Any, source: Any, reduce: str, *, include_self: _bool = ..., out: Any = ..., axis: Any = ...) -> Tensor: ...
def index_select(input: Any, dim: _int, index: Any, *, out: Any = ..., axis: Any = ...) -> Tensor: ...
def linspace(start: Any, end: Any, steps: _int, *, out: Tensor | None = ..., dtype: Any = ..., layout: Any = ..., device: Any = ..., pin_memory: _bool = ..., requires_grad: _bool = ..., num: _int = ..., endpoint: Any = ...) -> Tensor: ...
def narrow(input: Any, dim: _int, start: Any, length: _int, *, axis: Any = ...) -> Tensor: ...
def ones(*given: Any, size: Any = ..., out: Tensor | None = ..., dtype: Any = ..., layout: Any = ..., device: Any = ..., pin_memory: _bool = ..., requires_grad: _bool = ..., shape: Any = ...) -> Tensor: ...
def pairwise_distance(x1: Any, x2: Any, p: _float = ..., eps: _float = ..., keepdim: _bool = ..., *, keepdims: Any = ...) -> Tensor: ...
def renorm(input: Any, p: _float, dim: _int, maxnorm: _float, *, out: Any = ..., axis: Any = ...) -> Tensor: ...
def repeat(input: Any, *sizes: Any, repeats: Any = ..., axis: _int | None = ...) -> Tensor: ...
def repeat_interleave(input: Any, repeats: Any = ..., dim: _int | None = ..., *, output_size: _int | None = ..., axis: Any = ...) -> Tensor: ...
def reshape(input: Any, *sizes: Any, shape: Any = ..., copy: _bool | None = ...) -> Tensor: ...
def roll(input: Any, shifts: Any, dims: Any = ..., *, shift: Any = ..., axis: Any = ...) -> Tensor: ...
def scatter(input: Any, dim: _int, index: Any, src: Any = ..., *, value: Any = ..., reduce: str | None = ..., out: Any = ..., axis: Any = ...) -> Tensor: ...
def scatter_add(input: Any, dim: _int, index: Any, src: Any, *, out: Any = ..., axis: Any = ...) -> Tensor: ...
def scatter_reduce(input: Any, dim: _int, index: Any, src: Any, reduce: str, *, include_self: _bool = ..., out: Any = ..., axis: Any = ...) -> Tensor: ...
def select(input: Any, dim: _int, index: Any, *, axis: Any = ...) -> Tensor: ...
def select_scatter(input: Any, src: Any, dim: _int, index: _int, *, axis: Any = ...) -> Tensor: ...
def slice_scatter(input: Any, src: Any, dim: _int = ..., start: _int | None = ..., end: _int | None = ..., step: _int = ..., *, axis: Any = ...) -> Tensor: ...
def sort(input: Any, dim: _int = ..., descending: _bool = ..., stable: _bool | None = ..., *, out: Any = ..., axis: Any = ...) -> Any: ...
def split(tensor: Any, split_size_or_sections: Any, dim: _int = ..., *, split_size: Any = ..., axis: Any = ...) -> tuple[Tensor, ...]: ...
def split_with_sizes(input: Any, split_sizes: Sequence[_int], dim: _int = ..., *, axis: Any = ...) -> tuple[Tensor, ...]: ...
def squeeze(input: Any, dim: Any = ..., *, axis: Any = ...) -> Tensor: ...
def take(input: Any, index: Any, *, out: Any = ..., axis: _int | None = ...) -> Tensor: ...
def take_along_dim(input: Any, indices: Any, dim: _int | None = ..., *, out: Any = ..., axis: Any = ...) -> Tensor: ...
def tensor_split(input: Any, indices_or_sections: Any = ..., dim: _int = ..., *, indices: Any = ..., sections: Any = ..., axis: Any = ...) -> tuple[Tensor, ...]: ...
def tensordot(a: Any, b: Any, dims: _int | Sequence = ..., *, axes: Any = ...) -> Tensor: ...
def topk(input: Any, k: _int, dim: _int = ..., largest: _bool = ..., sorted: _bool = ..., *, out: Any = ..., axis: Any = ...) -> Any: ...
def trapezoid(y: Any, x: Any = ..., *, dx: Any = ..., dim: _int = ..., axis: Any = ...) -> Tensor: ...
def tril(input: Any, diagonal: _int = ..., *, out: Any = ..., k: _int = ...) -> Tensor: ...
def triu(input: Any, diagonal: _int = ..., *, out: Any = ..., k: _int = ...) -> Tensor: ...
def unbind(input: Any, dim: _int = ..., *, axis: Any = ...) -> tuple[Tensor, ...]: ...
def unflatten(input: Any, dim: _int, sizes: Sequence[_int], *, axis: Any = ...) -> Tensor: ...
def unique(input: Any, sorted: _bool = ..., return_inverse: _bool = ..., return_counts: _bool = ..., dim: _int | None = ..., *, axis: Any = ...) -> Any: ...
def unique_consecutive(input: Any, return_inverse: _bool = ..., return_counts: _bool = ..., dim: _int | None = ..., *, axis: Any = ...) -> Any: ...
def unsqueeze(input: Any, dim: _int, *, axis: Any = ...) -> Tensor: ...
def zeros(*given: Any, size: Any = ..., out: Tensor | None = ..., dtype: Any = ..., layout: Any = ..., device: Any = ..., pin_memory: _bool = ..., requires_grad: _bool = ..., shape: Any = ...) -> Tensor: ...

__version__: builtins.str
bfloat16: np.dtype[Any]
bool: np.dtype[Any]
cdouble: np.dtype[Any]
cfloat: np.dtype[Any]
channels_last: Any
channels_last_3d: Any
complex128: np.dtype[Any]
complex64: np.dtype[Any]
contiguous_format: Any
default_generator: Any
double: np.dtype[Any]
e: builtins.float
float: np.dtype[Any]
float16: np.dtype[Any]
float32: np.dtype[Any]
float64: np.dtype[Any]
half: np.dtype[Any]
inf: builtins.float
int: np.dtype[Any]
int16: np.dtype[Any]
int32: np.dtype[Any]
int64: np.dtype[Any]
int8: np.dtype[Any]
long: np.dtype[Any]
nan: builtins.float
newaxis: Any
pi: builtins.float
preserve_format: Any
short: np.dtype[Any]
strided: Any
uint16: np.dtype[Any]
uint32: np.dtype[Any]
uint64: np.dtype[Any]
uint8: np.dtype[Any]
