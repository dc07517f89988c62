"""The guard on state outside a program: what a function reads from globals, closures, attributes and arguments known by identity.

`Watch(fn)` is entered around the recording; its `snapshot()` is an Outside whose `unchanged()` says whether a replay would still
read the same. Imported by tape/compile/function.
"""

from tape.compile.outside.watch import Outside as Outside
from tape.compile.outside.watch import Watch as Watch

__all__ = ["Outside", "Watch"]
