"""Linear algebra under PyTorch's names (torch.linalg): what the modules of tape/functions hold, with `out=`.

Systems of equations stand in systems, decompositions in spectra, norms in matrix_norms, powers and tensors as matrices in linalg, there.
"""

from tape.errors import LinAlgError as LinAlgError
from tape.functions import combined as _combined
from tape.functions import linalg as _linalg
from tape.functions import matrix_norms as _norms
from tape.functions import spectra as _spectra
from tape.functions import systems as _systems
from tape.functions.linalg import diagonal as diagonal
from tape.functions.linalg import vander as vander
from tape.functions.matrices import VanishingGapWarning as VanishingGapWarning
from tape.functions.products import matmul as matmul
from tape.functions.spectra import matrix_exp as matrix_exp
from tape.out import takes_out as _takes_out

cholesky = _takes_out(_systems.cholesky)
cholesky_ex = _takes_out(_systems.cholesky_ex)
det = _takes_out(_systems.det)
inv = _takes_out(_systems.inv)
inv_ex = _takes_out(_systems.inv_ex)
ldl_factor = _takes_out(_systems.ldl_factor)
ldl_factor_ex = _takes_out(_systems.ldl_factor_ex)
ldl_solve = _takes_out(_systems.ldl_solve)
lu = _takes_out(_systems.lu)
lu_factor = _takes_out(_systems.lu_factor)
lu_factor_ex = _takes_out(_systems.lu_factor_ex)
lu_solve = _takes_out(_systems.lu_solve)
slogdet = _takes_out(_systems.slogdet)
solve = _takes_out(_systems.solve)
solve_ex = _takes_out(_systems.solve_ex)
solve_triangular = _takes_out(_systems.solve_triangular)

eig = _takes_out(_spectra.eig)
eigh = _takes_out(_spectra.eigh)
eigvals = _takes_out(_spectra.eigvals)
eigvalsh = _takes_out(_spectra.eigvalsh)
householder_product = _takes_out(_spectra.householder_product)
lstsq = _takes_out(_spectra.lstsq)
matrix_rank = _takes_out(_spectra.matrix_rank)
pinv = _takes_out(_spectra.pinv)
qr = _takes_out(_spectra.qr)
svd = _takes_out(_spectra.svd)
svdvals = _takes_out(_spectra.svdvals)

cond = _takes_out(_norms.cond)
matrix_norm = _takes_out(_norms.matrix_norm)
norm = _takes_out(_norms.norm)
vector_norm = _takes_out(_norms.vector_norm)

cross = _takes_out(_linalg.cross)
matrix_power = _takes_out(_linalg.matrix_power)
tensorinv = _takes_out(_linalg.tensorinv)
tensorsolve = _takes_out(_linalg.tensorsolve)
vecdot = _takes_out(_linalg.vecdot)

multi_dot = _takes_out(_combined.multi_dot)
__all__ = [
    "LinAlgError", "VanishingGapWarning", "cholesky", "cholesky_ex", "cond", "cross", "det", "diagonal", "eig", "eigh",
    "eigvals", "eigvalsh", "householder_product", "inv", "inv_ex", "ldl_factor", "ldl_factor_ex", "ldl_solve", "lstsq",
    "lu", "lu_factor", "lu_factor_ex", "lu_solve", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank",
    "multi_dot", "norm", "pinv", "qr", "slogdet", "solve", "solve_ex", "solve_triangular", "svd", "svdvals", "tensorinv",
    "tensorsolve", "vander", "vecdot", "vector_norm",
]  # fmt: skip
