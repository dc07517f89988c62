"""The names of what compiled sweeps and Python share: scalars of the head, columns, buffers, statuses, kinds, object offsets.

State lies in a block of int64 per sweep: `head` (scalars, then the address of every column), `columns` (one entry a visited row)
and `buffers` (one entry a gradient buffer). The offsets in CPython and NumPy objects hold for 64-bit builds with the GIL;
tape/replay proves them in the running interpreter before anything relies on them. Only numbers: importing this costs nothing.
"""

import sys

# head
CURRENT, STAGE, COUNT, NEEDED, BUFFER_COUNT, FREE_COUNT, BUMP, END, SPECIALS, WIDES, KERNELS, SPECS, KINDS, TILES = range(14)
NONE, FLOAT_TYPE, ARRAY_TYPE, DTYPES, OWNER_NOW, SPENT = range(14, 20)  # DTYPES: address of three dtype addresses
PLANS, PLAN_MASK, SOUGHT = range(20, 23)  # the table of plans, its size less one, the second word of the plan that is missing
HEAD = 24 + 25
# columns, one entry a visited row; BITS and ROW_SLOT are scratch of `visit`, indexed by row of the tape
POS, OP, A, B, XP, YP, WIDE, ALIAS, LEAD, FLAG, BUFFER, UNIFORM, SPEC, RESULT, SPECIAL, WIDE_A, WIDE_B, ROW_SLOT, BITS, SPECIAL_ROW = range(20)
COLUMNS = 20
# buffers, one entry each; FREED lists those that may be taken again. They are numbered on from the columns.
ADDRESS, BYTES, REFS, OWNER, FREED = range(20, 25)
CELLS = 24  # behind its scalars, the head holds the address of every column
# statuses of `execute`
DONE, PYTHON, KERNEL, MEMORY, PLAN = range(5)
# FLAG: Python comes before the rule; nothing leads on from here
IN_PYTHON, STRUCK = 1, 2
# how a row runs, by opcode
BY_PYTHON, UNARY, BINARY, PASS, TOTAL, AVERAGE, SPREAD, REGION, MASKED, WRITTEN, PRODUCT, TURN, LOGSUMEXP, SOFTMAX, LOG_SOFTMAX, NOTHING, WIDE_ROW = range(17)
PASS_ON = 1  # in the place of a kernel's address: the rule is `g` itself
OFFSET_SHIFT = 24  # REGION and WRITTEN rows hold spec | offset << OFFSET_SHIFT in x
# KERNELS is indexed by 4*opcode + 2*operand + dtype code; what belongs to no row stands where no opcode is
COPY, SUM, GATHER, PREPARE = 16, 20, 24, 25
FOLD, STRETCH, TURNED, POWERS, SHARES, LOG_SHARES, GEMM = range(0, 14, 2)  # kernels of compiled_ops/shaped, each for two dtypes
RESULTS = 1 << 40  # a buffer whose OWNER is -RESULTS - k is the result of entry k
TILE = 1024  # elements: three operands of 8 kB stay in L1
ROW = 7
SEVENTH = 7905747460161236407  # inverse of 7 modulo 2**64: a position times this is its row, without a division
OPCODES = 512  # KINDS holds the kind of each opcode, then which of x and y are values
SPEC_WIDTH = 4  # SPECS: size, bytes, dtype code, zero-dimensional

# offsets in CPython (64 bit) and NumPy objects
LIST_ITEMS, TYPE, FLOAT_VALUE, INT_SIZE, INT_DIGITS = 24, 8, 16, 16, 24
ARRAY_DATA, ARRAY_NDIM, ARRAY_DIMS, ARRAY_STRIDES, ARRAY_DTYPE, ARRAY_FLAGS = 16, 24, 32, 40, 56, 64
TAGGED_INTS = sys.version_info >= (3, 12)  # size and sign share one tagged word
CONTIGUOUS_ALIGNED = 0x0101
TUPLE_SIZE, TUPLE_ITEMS = 16, 32 if sys.version_info >= (3, 14) else 24  # a hash stands between them from 3.14 on
