"""The optimiser of programs: passes that give a program fewer and cheaper rows."""

from tape.compile.passes.pipeline import PASSES as PASSES
from tape.compile.passes.pipeline import Saved as Saved
from tape.compile.passes.pipeline import optimise as optimise
