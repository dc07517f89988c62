"""Linear algebra under PyTorch's names (torch.linalg): re-exports of tape/functions/linalg and of products."""

from tape.errors import LinAlgError as LinAlgError
from tape.functions.linalg import cholesky as cholesky
from tape.functions.linalg import det as det
from tape.functions.linalg import eigh as eigh
from tape.functions.linalg import eigvalsh as eigvalsh
from tape.functions.linalg import inv as inv
from tape.functions.linalg import matrix_norm as matrix_norm
from tape.functions.linalg import matrix_power as matrix_power
from tape.functions.linalg import norm as norm
from tape.functions.linalg import slogdet as slogdet
from tape.functions.linalg import solve as solve
from tape.functions.linalg import solve_triangular as solve_triangular
from tape.functions.linalg import svdvals as svdvals
from tape.functions.linalg import vecdot as vecdot
from tape.functions.linalg import vector_norm as vector_norm
from tape.functions.products import matmul as matmul
