"""tape: PyTorch's autograd on NumPy-sized data, over a flat tape that compiled kernels replay in reverse.

`import tape as torch` runs ordinary autograd code. This module only re-exports; see README.md for what is supported.
"""

import warnings as _warnings

# Results are inf or nan where NumPy would warn as well: as in PyTorch, an operation on Tensors says nothing about it.
_warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tape\.")

from tape import array_api as _array_api  # noqa: E402
from tape import autograd as autograd  # noqa: E402
from tape import dtypes as dtypes  # noqa: E402
from tape import fft as fft  # noqa: E402
from tape import func as func  # noqa: E402
from tape import linalg as linalg  # noqa: E402
from tape import masked as masked  # noqa: E402
from tape import methods as _methods  # noqa: E402
from tape import nn as nn  # noqa: E402
from tape import optim as optim  # noqa: E402
from tape import optimize as optimize  # noqa: E402
from tape import random as random  # noqa: E402
from tape import return_types as return_types  # noqa: E402
from tape import signal as signal  # noqa: E402
from tape import special as special  # noqa: E402
from tape import testing as testing  # noqa: E402
from tape import utils as utils  # noqa: E402
from tape.adjoints import complex as _complex  # noqa: E402,F401  (imported to register their rules)
from tape.adjoints import cumulative as _cumulative  # noqa: E402,F401
from tape.adjoints import examples as _examples  # noqa: E402,F401
from tape.adjoints import fourier as _fourier  # noqa: E402,F401
from tape.adjoints import indexing as _indexing  # noqa: E402,F401
from tape.adjoints import inplace as _inplace  # noqa: E402,F401
from tape.adjoints import products as _products  # noqa: E402,F401
from tape.adjoints import programs as _programs  # noqa: E402,F401
from tape.adjoints import reductions as _reductions  # noqa: E402,F401
from tape.adjoints import shape as _shape  # noqa: E402,F401
from tape.adjoints import special as _special_rules  # noqa: E402,F401
from tape.adjoints import spectra as _spectra  # noqa: E402,F401
from tape.adjoints import systems as _systems  # noqa: E402,F401
from tape.array_api import beside as _beside  # noqa: E402
from tape.autograd.anomaly_mode import is_anomaly_check_nan_enabled as is_anomaly_check_nan_enabled  # noqa: E402
from tape.autograd.anomaly_mode import is_anomaly_enabled as is_anomaly_enabled  # noqa: E402
from tape.autograd.grad_mode import enable_grad as enable_grad  # noqa: E402
from tape.autograd.grad_mode import inference_mode as inference_mode  # noqa: E402
from tape.autograd.grad_mode import is_grad_enabled as is_grad_enabled  # noqa: E402
from tape.autograd.grad_mode import is_inference_mode_enabled as is_inference_mode_enabled  # noqa: E402
from tape.autograd.grad_mode import no_grad as no_grad  # noqa: E402
from tape.autograd.grad_mode import set_grad_enabled as set_grad_enabled  # noqa: E402
from tape.compile import compile as compile  # noqa: E402
from tape.cores import get_num_threads as get_num_threads  # noqa: E402
from tape.cores import set_num_threads as set_num_threads  # noqa: E402
from tape.debug import debug as debug  # noqa: E402
from tape.dtypes import NAMES as _NAMES  # noqa: E402
from tape.dtypes import can_cast as can_cast  # noqa: E402
from tape.dtypes import finfo as finfo  # noqa: E402
from tape.dtypes import get_default_dtype as get_default_dtype  # noqa: E402
from tape.dtypes import iinfo as iinfo  # noqa: E402
from tape.dtypes import promote_types as promote_types  # noqa: E402
from tape.dtypes import result_type as result_type  # noqa: E402
from tape.dtypes import set_default_dtype as set_default_dtype  # noqa: E402
from tape.formats import channels_last as channels_last  # noqa: E402
from tape.formats import channels_last_3d as channels_last_3d  # noqa: E402
from tape.formats import contiguous_format as contiguous_format  # noqa: E402
from tape.formats import preserve_format as preserve_format  # noqa: E402
from tape.formats import strided as strided  # noqa: E402
from tape.func import vmap as vmap  # noqa: E402
from tape.functions import PUBLIC as _PUBLIC  # noqa: E402
from tape.kinks import get_kink_rules as get_kink_rules  # noqa: E402
from tape.kinks import kink_rules as kink_rules  # noqa: E402
from tape.kinks import set_kink_rules as set_kink_rules  # noqa: E402
from tape.nans import first_nan as first_nan  # noqa: E402
from tape.nn.functional import TOP as _TOP  # noqa: E402
from tape.places import learn_inside as _learn_inside  # noqa: E402
from tape.printing import get_printoptions as get_printoptions  # noqa: E402
from tape.printing import set_printoptions as set_printoptions  # noqa: E402
from tape.show import show as show  # noqa: E402
from tape.tensor import Size as Size  # noqa: E402
from tape.tensor import Tensor as Tensor  # noqa: E402
from tape.verify import verify as verify  # noqa: E402
from tape.warned import is_warn_always_enabled as is_warn_always_enabled  # noqa: E402
from tape.warned import set_warn_always as set_warn_always  # noqa: E402

__version__ = "0.1.0"
globals().update(_NAMES)
globals().update(_PUBLIC)
globals().update(_TOP)
is_inference = Tensor.is_inference
_methods.install()
globals().update(_methods.functions())
_beside.extend(globals(), _array_api, "tape")
_beside.extend(vars(linalg), _array_api.linalg, "tape.linalg")
_beside.extend(vars(fft), _array_api.fft, "tape.fft")
_learn_inside()
