"""Every primitive, declared once. Importing this package fills and checks the registry of `compiled_ops.rows`."""

from compiled_ops import rows
from compiled_ops.table.elementwise import ELEMENTWISE
from compiled_ops.table.structure import STRUCTURE

rows.declare(ELEMENTWISE)
rows.declare(STRUCTURE)
rows.check()
