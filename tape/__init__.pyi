# What type checkers see of the package. Written by `python -m tape.stubs`; edit the functions, not this file.
# fmt: off
# ruff: noqa: E501, F401, I001

import builtins
from typing import Any

import numpy as np

from tape.functions.random import Generator as Generator
from tape.tensor import Size as Size
from tape.tensor import Tensor as Tensor
from tape.generated.elementwise import abs as abs
from tape.generated.elementwise import abs as _abs
from tape.generated.elementwise import acos as acos
from tape.generated.elementwise import acosh as acosh
from tape.functions.elementwise import add as add
from tape.functions.elementwise import addcdiv as addcdiv
from tape.functions.elementwise import addcmul as addcmul
from tape.functions.products import addmm as addmm
from tape.functions.products import addmv as addmv
from tape.functions.extremes import all as all
from tape.functions.comparison import allclose as allclose
from tape.functions.extremes import amax as amax
from tape.functions.extremes import amin as amin
from tape.functions.extremes import any as any
from tape.functions.creation import arange as arange
from tape.generated.elementwise import acos as _acos
from tape.generated.elementwise import acosh as _acosh
from tape.generated.elementwise import asin as _asin
from tape.generated.elementwise import asinh as _asinh
from tape.generated.elementwise import atan as _atan
from tape.generated.elementwise import atan2 as _atan2
from tape.generated.elementwise import atanh as _atanh
from tape.functions.extremes import argmax as argmax
from tape.functions.extremes import argmin as argmin
from tape.functions.sorting import argsort as argsort
from tape.functions.creation import as_tensor as as_tensor
from tape.generated.elementwise import asin as asin
from tape.generated.elementwise import asinh as asinh
from tape.generated.elementwise import atan as atan
from tape.generated.elementwise import atan2 as atan2
from tape.generated.elementwise import atanh as atanh
from tape import autograd as autograd
from tape.functions.products import baddbmm as baddbmm
from tape.functions.comparison import bitwise_and as bitwise_and
from tape.functions.comparison import bitwise_left_shift as bitwise_left_shift
from tape.functions.comparison import bitwise_not as bitwise_not
from tape.functions.comparison import bitwise_or as bitwise_or
from tape.functions.comparison import bitwise_right_shift as bitwise_right_shift
from tape.functions.comparison import bitwise_xor as bitwise_xor
from tape.functions.products import bmm as bmm
from tape.functions.shape import broadcast_tensors as broadcast_tensors
from tape.functions.shape import broadcast_to as broadcast_to
from tape.dtypes import can_cast as can_cast
from tape.functions.joining import cat as cat
from tape.generated.elementwise import ceil as ceil
from tape.functions.linalg import cholesky as cholesky
from tape.functions.linalg import cholesky_solve as cholesky_solve
from tape.functions.joining import chunk as chunk
from tape.functions.choosing import clamp as clamp
from tape.functions.choosing import clamp_max as clamp_max
from tape.functions.choosing import clamp_min as clamp_min
from tape.functions.choosing import clamp as _clamp
from tape.functions.layout import clone as clone
from tape.compile import compile as compile
from tape.functions.shape import contiguous as contiguous
from tape.generated.elementwise import copysign as copysign
from tape.generated.elementwise import cos as cos
from tape.generated.elementwise import cosh as cosh
from tape.functions.extremes import count_nonzero as count_nonzero
from tape.functions.reductions import cumsum as cumsum
from tape.debug import debug as debug
from tape.functions.linalg import det as det
from tape.functions.picking import diag as diag
from tape.functions.picking import diagonal as diagonal
from tape.generated.elementwise import digamma as digamma
from tape.functions.elementwise import div as div
from tape.functions.elementwise import div as _div
from tape.functions.products import dot as dot
from tape.functions.einsum import einsum as einsum
from tape.functions.creation import empty as empty
from tape.functions.creation import empty_like as empty_like
from tape.autograd.grad_mode import enable_grad as enable_grad
from tape.functions.comparison import eq as eq
from tape.functions.comparison import equal as equal
from tape.generated.elementwise import erf as erf
from tape.generated.elementwise import erfc as erfc
from tape.generated.elementwise import exp as exp
from tape.generated.elementwise import exp2 as exp2
from tape.functions.shape import expand as expand
from tape.functions.shape import expand_as as expand_as
from tape.generated.elementwise import sigmoid as _sigmoid
from tape.generated.elementwise import expm1 as expm1
from tape.functions.creation import eye as eye
from tape.dtypes import finfo as finfo
from tape.nans import first_nan as first_nan
from tape.generated.elementwise import trunc as _trunc
from tape.functions.shape import flatten as flatten
from tape.functions.joining import flip as flip
from tape.generated.elementwise import floor as floor
from tape.generated.elementwise import floor_divide as floor_divide
from tape.generated.elementwise import fmax as fmax
from tape.generated.elementwise import fmin as fmin
from tape.generated.elementwise import fmod as fmod
from tape.functions.elementwise import frac as frac
from tape.functions.creation import from_numpy as from_numpy
from tape.functions.creation import full as full
from tape.functions.creation import full_like as full_like
from tape import func as func
from tape.functions.picking import gather as gather
from tape.functions.comparison import ge as ge
from tape.dtypes import get_default_dtype as get_default_dtype
from tape.cores import get_num_threads as get_num_threads
from tape.printing import get_printoptions as get_printoptions
from tape.functions.random import get_rng_state as get_rng_state
from tape.functions.comparison import gt as gt
from tape.functions.joining import hstack as hstack
from tape.generated.elementwise import hypot as hypot
from tape.dtypes import iinfo as iinfo
from tape.functions.picking import index_add as index_add
from tape.functions.picking import index_select as index_select
from tape.autograd.grad_mode import inference_mode as inference_mode
from tape.functions.random import initial_seed as initial_seed
from tape.functions.products import inner as inner
from tape.functions.linalg import inv as _inv
from tape.autograd.anomaly_mode import is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled
from tape.autograd.anomaly_mode import is_anomaly_enabled as is_anomaly_enabled
from tape.dtypes import is_complex as is_complex
from tape.dtypes import is_floating_point as is_floating_point
from tape.autograd.grad_mode import is_grad_enabled as is_grad_enabled
from tape.autograd.grad_mode import is_inference_mode_enabled as is_inference_mode_enabled
from tape.functions.conversion import is_tensor as is_tensor
from tape.functions.comparison import isclose as isclose
from tape.functions.comparison import isfinite as isfinite
from tape.functions.comparison import isinf as isinf
from tape.functions.comparison import isnan as isnan
from tape.functions.comparison import le as le
from tape.functions.elementwise import lerp as lerp
from tape.generated.elementwise import lgamma as lgamma
from tape import linalg as linalg
from tape.functions.creation import linspace as linspace
from tape.generated.elementwise import log as log
from tape.generated.elementwise import log10 as log10
from tape.generated.elementwise import log1p as log1p
from tape.generated.elementwise import log2 as log2
from tape.functions.reductions import log_softmax as log_softmax
from tape.generated.elementwise import logaddexp as logaddexp
from tape.functions.linalg import logdet as logdet
from tape.functions.comparison import logical_and as logical_and
from tape.functions.comparison import logical_not as logical_not
from tape.functions.comparison import logical_or as logical_or
from tape.functions.comparison import logical_xor as logical_xor
from tape.functions.creation import logspace as logspace
from tape.functions.reductions import logsumexp as logsumexp
from tape.functions.comparison import lt as lt
from tape.functions.random import manual_seed as manual_seed
from tape.functions.choosing import masked_fill as masked_fill
from tape.functions.picking import masked_select as masked_select
from tape.functions.products import matmul as matmul
from tape.functions.linalg import matrix_power as matrix_power
from tape.functions.extremes import max as max
from tape.generated.elementwise import maximum as maximum
from tape.functions.reductions import mean as mean
from tape.functions.extremes import min as min
from tape.generated.elementwise import minimum as minimum
from tape.functions.products import mm as mm
from tape.functions.shape import movedim as _movedim
from tape.functions.shape import movedim as movedim
from tape.functions.sorting import msort as msort
from tape.functions.elementwise import mul as mul
from tape.functions.elementwise import mul as _mul
from tape.functions.products import mv as mv
from tape.functions.reductions import nansum as nansum
from tape.functions.joining import narrow as narrow
from tape.functions.comparison import ne as ne
from tape.generated.elementwise import neg as neg
from tape.generated.elementwise import neg as _neg
from tape import nn as nn
from tape.autograd.grad_mode import no_grad as no_grad
from tape.functions.choosing import nonzero as nonzero
from tape.functions.reductions import norm as norm
from tape.functions.conversion import numel as numel
from tape.functions.creation import ones as ones
from tape.functions.creation import ones_like as ones_like
from tape import optim as optim
from tape import optimize as optimize
from tape.functions.products import outer as outer
from tape.functions.shape import permute as permute
from tape.generated.elementwise import polygamma as polygamma
from tape.functions.elementwise import pow as pow
from tape.functions.reductions import prod as prod
from tape.dtypes import promote_types as promote_types
from tape.functions.random import rand as rand
from tape.functions.random import rand_like as rand_like
from tape.functions.random import randint as randint
from tape.functions.random import randn as randn
from tape.functions.random import randn_like as randn_like
from tape.functions.random import randperm as randperm
from tape.functions.shape import ravel as ravel
from tape.generated.elementwise import reciprocal as reciprocal
from tape.generated.elementwise import relu as relu
from tape.generated.elementwise import remainder as remainder
from tape.functions.joining import repeat as repeat
from tape.functions.shape import reshape as reshape
from tape.dtypes import result_type as result_type
from tape.functions.elementwise import round as round
from tape.generated.elementwise import rsqrt as rsqrt
from tape.functions.elementwise import rsub as rsub
from tape.functions.picking import scatter as scatter
from tape.functions.picking import scatter_add as scatter_add
from tape.functions.random import seed as seed
from tape.functions.joining import select as select
from tape.dtypes import set_default_dtype as set_default_dtype
from tape.autograd.grad_mode import set_grad_enabled as set_grad_enabled
from tape.cores import set_num_threads as set_num_threads
from tape.printing import set_printoptions as set_printoptions
from tape.functions.random import set_rng_state as set_rng_state
from tape.generated.elementwise import sign as _sign
from tape.show import show as show
from tape.generated.elementwise import sigmoid as sigmoid
from tape.generated.elementwise import sign as sign
from tape.generated.elementwise import sin as sin
from tape.generated.elementwise import sinh as sinh
from tape.functions.linalg import slogdet as slogdet
from tape.functions.reductions import softmax as softmax
from tape.functions.elementwise import softplus as softplus
from tape.functions.sorting import sort as sort
from tape.functions.joining import split as split
from tape.generated.elementwise import sqrt as sqrt
from tape.generated.elementwise import square as square
from tape.functions.shape import squeeze as squeeze
from tape.functions.joining import stack as stack
from tape.functions.reductions import std as std
from tape.functions.elementwise import sub as sub
from tape.functions.elementwise import sub as _sub
from tape.functions.reductions import sum as sum
from tape.functions.shape import transpose as _transpose
from tape.functions.shape import t as t
from tape.functions.picking import take as take
from tape.functions.picking import take_along_dim as take_along_dim
from tape.generated.elementwise import tan as tan
from tape.generated.elementwise import tanh as tanh
from tape.functions.creation import tensor as tensor
from tape.functions.products import tensordot as tensordot
from tape.functions.joining import tile as tile
from tape.functions.sorting import topk as topk
from tape.functions.shape import transpose as transpose
from tape.functions.picking import tril as tril
from tape.functions.picking import triu as triu
from tape.generated.elementwise import trunc as trunc
from tape.functions.joining import unbind as unbind
from tape.functions.shape import unflatten as unflatten
from tape.functions.shape import unsqueeze as unsqueeze
from tape.functions.reductions import var as var
from tape.functions.products import vdot as vdot
from tape.verify import verify as verify
from tape.functions.joining import vstack as vstack
from tape.functions.choosing import where as where
from tape.generated.elementwise import xlogy as xlogy
from tape.functions.creation import zeros as zeros
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
divide = _div
expit = _sigmoid
fix = _trunc
inverse = _inv
moveaxis = _movedim
multiply = _mul
negative = _neg
sgn = _sign
subtract = _sub
swapaxes = _transpose
swapdims = _transpose
true_divide = _div

__version__: builtins.str
bfloat16: np.dtype[Any]
bool: np.dtype[Any]
cdouble: np.dtype[Any]
cfloat: np.dtype[Any]
complex128: np.dtype[Any]
complex64: np.dtype[Any]
default_generator: Any
double: np.dtype[Any]
float: np.dtype[Any]
float16: np.dtype[Any]
float32: np.dtype[Any]
float64: np.dtype[Any]
half: np.dtype[Any]
int: np.dtype[Any]
int16: np.dtype[Any]
int32: np.dtype[Any]
int64: np.dtype[Any]
int8: np.dtype[Any]
long: np.dtype[Any]
short: np.dtype[Any]
uint16: np.dtype[Any]
uint32: np.dtype[Any]
uint64: np.dtype[Any]
uint8: np.dtype[Any]
