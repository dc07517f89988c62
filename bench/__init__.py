"""Measurements beside the peers: torch eager, jax.jit, HIPS autograd and plain NumPy, all in one process, one
thread each.

`python -m bench.figures` prints the table of all figures with their targets; `pytest bench` gives
pytest-benchmark's. Invariant: importing this package, which happens before any peer is imported, limits every
library to one thread. Imported by nothing outside bench.
"""

import os

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
}
os.environ.update(ONE_THREAD)
