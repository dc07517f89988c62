"""The house: who may import whom, how long files are, which names are banned, what is generated, and that examples run.

FLOORS is the order of all modules, the lowest first. A module imports only from floors below its own, anywhere in its text;
UPWARD lists the exceptions, all inside functions, each with its reason. A failing test names file and line.
"""

import ast
import doctest
import importlib
import re
from functools import cache
from pathlib import Path

import pytest

from compiled_ops import generate as kernel_text
from compiled_ops import seal
from tape import generate as function_text

HOUSE = Path(__file__).parents[1]

FLOORS = """
compiled_ops compiled_ops.generated compiled_ops.layout compiled_ops.rows compiled_ops.seal compiled_ops.special
compiled_ops.formula compiled_ops.memory compiled_ops.table.elementwise compiled_ops.table.structure
compiled_ops.reduce compiled_ops.scans compiled_ops.suspect compiled_ops.table compiled_ops.vectormath compiled_ops.visit
compiled_ops.execute compiled_ops.families compiled_ops.polynomials compiled_ops.remainders compiled_ops.scipy_functions
compiled_ops.generate compiled_ops.generated.forward compiled_ops.generated.reverse compiled_ops.kernels
compiled_ops.loops compiled_ops.products
compiled_ops.shaped
compiled_ops.block_loops compiled_ops.blocks compiled_ops.inner compiled_ops.interpret
tape.adjoints tape.cores tape.dtypes tape.errors tape.formats tape.generate tape.generated tape.kinks tape.native tape.size tape.spec tape.state tape.warned
tape.traced
tape.elements tape.func.batched_draws tape.func.batched_keys
tape.func.batched_functions
tape.places tape.autograd.events tape.autograd.grad_mode tape.autograd.tools tape.return_types tape.columns tape.plans tape.printing tape.sums tape.values
tape.asked
tape.outputs tape.compile.opcodes
tape.compile.program
tape.compile.constants
tape.compile.passes.columns tape.compile.passes.keys
tape.compile.passes.draft
tape.compile.passes.algebra tape.compile.passes.common tape.compile.passes.dead tape.compile.passes.expands tape.compile.passes.fold
tape.compile.passes.assemble tape.compile.passes.origins tape.compile.passes.reductions tape.compile.passes.scatters tape.compile.passes.strong
tape.compile.passes.relaxed tape.compile.passes.views
tape.compile.passes.pipeline
tape.compile.passes
tape.compile.show
tape.compile.scalars
tape.compile.background
tape.compile.native tape.compile.native.mkl tape.compile.native.shelf tape.compile.native.threads
tape.compile.native.llvm tape.compile.native.rolled
tape.compile.native.primitives tape.compile.native.slots
tape.compile.native.places tape.compile.native.scalar_text tape.compile.native.vectors
tape.compile.native.cells tape.compile.native.products tape.compile.native.reductions
tape.compile.native.known tape.compile.native.steps
tape.compile.native.kinds tape.compile.native.nest tape.compile.native.quotients
tape.compile.native.access tape.compile.native.halves tape.compile.native.schedule
tape.compile.native.walk
tape.compile.native.loops
tape.compile.native.pieces
tape.compile.native.plan
tape.compile.native.entry
tape.compile.native.emit
tape.compile.native.measuring
tape.compile.native.build
tape.compile.blocked.places tape.compile.blocked.regions tape.compile.blocked.runs tape.compile.blocked.writing
tape.compile.blocked.schedule
tape.compile.blocked.groups tape.compile.blocked.memory
tape.compile.blocked
tape.tensor
tape.func.structures tape.hooks tape.saving tape.show tape.verify tape.testing
tape.attributes
tape.record
tape.autograd.anomaly_mode tape.out tape.reach tape.single tape.views
tape.generated.elementwise
tape.functions.complex
tape.functions.lapack tape.versions tape.functions.arguments tape.functions.comparison tape.functions.creation tape.functions.keys tape.functions.products tape.functions.results
tape.functions.searching tape.functions.exchange tape.functions.ranges tape.functions.typed
tape.functions.choosing tape.functions.affine
tape.functions.basic tape.functions.conversion tape.functions.einsum tape.functions.elementwise tape.functions.layout tape.functions.random
tape.functions.joining tape.functions.special tape.functions.matrices tape.functions.picking
tape.functions.arranging tape.functions.scatter_reducing tape.functions.splitting tape.functions.strided
tape.functions.scattering
tape.functions.extremes tape.functions.fourier tape.functions.shape tape.functions.cumulative tape.functions.vector_norms tape.functions.counting tape.functions.sampling tape.functions.windows
tape.functions.reductions tape.functions.sorting
tape.functions.combined tape.functions.systems
tape.functions.spectra
tape.functions.matrix_norms tape.random tape.signal.windows
tape.functions.indexing tape.functions.linalg tape.functions.statistics tape.functions.differences
tape.fft tape.functions tape.inplace tape.linalg tape.special
tape.assignment
tape.compile.outside.bytecode tape.compile.outside.errstate tape.compile.outside.sameness tape.compile.outside.sources
tape.compile.outside.check tape.compile.outside.settings tape.compile.outside.things
tape.compile.outside.snapshot tape.compile.outside.words
tape.compile.outside.watch
tape.compile.outside
tape.func.border
tape.func.batching
tape.adjoints.quick
tape.adjoints.complex tape.adjoints.cumulative tape.adjoints.examples tape.adjoints.fourier tape.adjoints.indexing tape.adjoints.inplace tape.adjoints.onwards tape.adjoints.products tape.adjoints.programs tape.adjoints.reductions tape.adjoints.shape tape.adjoints.sheltered tape.adjoints.special tape.adjoints.systems
tape.adjoints.spectra
tape.func.vmap
tape.func.functions
tape.chunks tape.rules
tape.rerecord
tape.nans tape.replay
tape.compile.arguments tape.compile.calls tape.compile.numbers tape.compile.pullbacks
tape.compile.given tape.compile.recording tape.compile.variant
tape.compile.lifting tape.compile.signature tape.compile.verdict
tape.compile.home tape.compile.running
tape.compile.dispatch tape.compile.function
tape.compile.differentiable tape.compile.source_calls
tape.compile.source
tape.compile.seeing
tape.compile
tape.autograd.short
tape.autograd.calls tape.autograd.variable
tape.autograd.named
tape.autograd.saved
tape.autograd.engine
tape.autograd.forward tape.autograd.forward_ad tape.autograd.graph tape.autograd.profiler
tape.autograd.again
tape.autograd.applied
tape.autograd.function
tape.autograd.functional tape.autograd.jacobians
tape.autograd.gradcheck
tape.autograd
tape.nonfinite
tape.debug
tape.protocols.names
tape.protocols.mathematics tape.protocols.picking tape.protocols.reducing tape.protocols.shaping tape.protocols.ufuncs
tape.protocols
tape.array_api.beside tape.array_api.creation tape.array_api.elementwise tape.array_api.fft
tape.array_api.arrays
tape.array_api.linalg
tape.array_api
tape.turned
tape.methods tape.nn.activations tape.nn.convolution tape.nn.layers tape.nn.parameter tape.optim.optimizer tape.optim.searching
tape.optim.adam tape.optim.adaptive tape.optim.lbfgs tape.optim.schedules tape.optim.sgd
tape.optim.cycles
tape.optim.lr_scheduler
tape.optim
tape.nn.losses
tape.nn.classification
tape.nn.functional tape.nn.init tape.nn.utils
tape.nn.modules.gradients tape.nn.modules.loading
tape.nn.modules.module
tape.nn.modules.activation tape.nn.modules.containers tape.nn.modules.linear
tape.nn.modules.loss
tape.nn.modules
tape.func.levels
tape.func.arguments
tape.func.pullbacks
tape.func.gradients
tape.func.linear tape.func.models tape.func.products tape.func.steps tape.utils.checkpoint tape.utils.hooks
tape.func.jacobians
tape.func tape.masked tape.nn tape.signal tape.utils
tape.optimize.parameters tape.optimize.progress
tape.optimize.bounds tape.optimize.callbacks tape.optimize.programs
tape.optimize.constraints
tape.optimize.scalar
tape.optimize.vector
tape.optimize
tape
tape.demo tape.demo.data
tape.demo.model
tape.demo.fit tape.demo.picture
tape.demo.report
tape.__main__ tape.stubs
"""

FRONT = "grad stands in the package's own front, which re-exports this module"
UPWARD = {
    ("tape.tensor", "tape.autograd.graph"): "grad_fn is made when somebody asks for it",
    ("tape.tensor", "tape.functions.typed"): "only the old constructor, Tensor(...) with arguments, needs it",
    ("tape.tensor", "tape.record"): "the label of a row, for printing only",
    ("tape.tensor", "tape.views"): "the memory of a view that was a float is a part of its base's",
    ("tape.tensor", "tape.versions"): "memory that NumPy is given may be written unseen, which versions keep watch on",
    ("tape.out", "tape.inplace"): "only when something is written to out=",
    ("tape.record", "tape.autograd.forward"): "tangents are pushed in a dual level only",
    ("tape.functions.sampling", "tape.inplace"): "samples are written in place",
    ("tape.functions.vector_norms", "tape.functions.spectra"): "the nuclear norm is a sum of singular values",
    ("tape.functions.elementwise", "tape.functions.indexing"): "where and indexing are built on elementwise functions",
    ("tape.func.batching", "tape.adjoints.examples"): "a product of examples with a matrix from outside is recorded outside",
    ("tape.rerecord", "tape.autograd.calls"): "the hooks of a user's Function see all of its outputs and inputs",
    ("tape.autograd.applied", "tape.autograd"): FRONT,
    ("tape.autograd.forward", "tape.autograd"): FRONT,
    ("tape.compile.differentiable", "tape.autograd"): FRONT,
    ("tape.adjoints.programs", "tape.compile.differentiable"): "a program's derivative is recorded when somebody asks for it",
    ("tape.compile.function", "tape.compile.differentiable"): "where arguments require grad only",
    ("tape.compile.function", "tape.compile.seeing"): "text, when somebody asks for it",
    ("tape.compile.recording", "tape.compile.dispatch"): "what NumPy hands over is recorded with the recording's own methods",
    ("tape.autograd.functional", "tape.autograd"): FRONT,
    ("tape.autograd.jacobians", "tape.autograd"): FRONT,
    ("tape.autograd.gradcheck", "tape.autograd"): FRONT,
}

FLOOR = {name: level for level, floor in enumerate(FLOORS.strip().splitlines()) for name in floor.split()}
OUTSIDE = {"numpy", "numba", "llvmlite", "scipy", "ml_dtypes", "opt_einsum", "matplotlib", "tqdm"}
TEXT = re.compile(r"generated/\w+\.py$|compiled_ops/table/\w+\.py$")  # generated files and tables
LONGEST = 400

BANNED = {"node", "nodes", "util", "utils", "helper", "helpers", "manager", "impl"}
BANNED_IN = {"Node": "tape/autograd/graph.py", "node": "tape/autograd/graph.py", "utils": "tape/nn/utils.py"}  # names that are PyTorch's
NUMBERED = re.compile(r"[A-Za-z]{2,}_?\d+$")
NUMBERS_BELONG = re.compile(  # what is called so everywhere: functions, formats, PyTorch's parameters
    r"(log2|log10|exp2|expm1|atan2|arctan2|log1p|[iu]?int\d+|b?float\d+|complex\d+|INT\d+|FLOAT\d+|COMPLEX\d+|BFLOAT16|UINT8|LN2|LN10|dim\d|input\d|tensor\d|mat\d|vec\d|batch\d|axis\d|rot90|fft2|relu6)$"
)


def files(*folders):
    return [path for folder in folders for path in sorted((HOUSE / folder).rglob("*.py"))]


def short(path):
    return path.relative_to(HOUSE).as_posix()


def module(path):
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in files("compiled_ops", "tape")}


@cache
def tree(path):
    return ast.parse(path.read_text(), short(path))


def imports(path):
    """(module, line, whether inside a function) of every import, of a submodule where the name is one."""
    inside = {
        id(inner)
        for outer in ast.walk(tree(path))
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for inner in ast.walk(outer)
    }
    for statement in ast.walk(tree(path)):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield alias.name, statement.lineno, id(statement) in inside
        elif isinstance(statement, ast.ImportFrom):
            base = statement.module or ""
            if statement.level:
                package = module(path).split(".") if path.name == "__init__.py" else module(path).split(".")[:-1]
                base = ".".join([*package[: len(package) - statement.level + 1], *filter(None, [statement.module])])
            for alias in statement.names:
                full = f"{base}.{alias.name}"
                yield full if full in MODULES else base, statement.lineno, id(statement) in inside


def test_every_module_has_a_floor():
    assert sorted(set(MODULES) - set(FLOOR)) == [], "add these modules to FLOORS, as low as their imports allow"
    assert sorted(set(FLOOR) - set(MODULES)) == [], "these modules of FLOORS are gone"
    assert len(FLOOR) == len(FLOORS.split()), "a module stands on two floors"


def test_imports_run_downwards():
    wrong, used = [], set()
    for name, path in MODULES.items():
        for target, line, lazy in imports(path):
            if target not in FLOOR or target == name or name not in FLOOR or FLOOR[target] < FLOOR[name]:
                continue
            if lazy and (name, target) in UPWARD:
                used.add((name, target))
            else:
                how = "inside a function, without a reason in UPWARD" if lazy else "at module level"
                wrong.append(f"{short(path)}:{line} imports {target} from a floor that is not below its own, {how}")
    assert not wrong, "\n".join(wrong)
    assert used == set(UPWARD), f"no longer needed in UPWARD: {sorted(set(UPWARD) - used)}"


def test_the_ground_floor_never_imports_tape():
    wrong = [
        f"{short(path)}:{line} imports {target}"
        for path in files("compiled_ops")
        for target, line, _ in imports(path)
        if target.split(".")[0] == "tape"
    ]
    assert not wrong, "\n".join(wrong)


def test_only_declared_packages_are_imported():
    import sys

    known = OUTSIDE | {"tape", "compiled_ops"} | set(sys.stdlib_module_names)
    wrong = [
        f"{short(path)}:{line} imports {target}"
        for path in files("compiled_ops", "tape")
        for target, line, _ in imports(path)
        if target.split(".")[0] not in known
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", [p for p in files("compiled_ops", "tape", "tests", "bench") if not TEXT.search(short(p))], ids=short)
def test_files_are_short(path):
    length = len(path.read_text().splitlines())
    assert length <= LONGEST, f"{short(path)} has {length} lines, {LONGEST} at most: give one of its subjects a file"


@pytest.mark.parametrize("path", [p for p in files("compiled_ops", "tape", "tests", "bench") if p.read_text().strip()], ids=short)
def test_files_say_what_they_hold(path):
    text = ast.get_docstring(tree(path))
    assert text, f"{short(path)}:1 has no docstring"
    assert len(text.splitlines()) <= 15, f"{short(path)}:1 needs {len(text.splitlines())} lines to say what it holds; 15 at most"


def defined(path):
    """(name, line) of everything that a file gives a name to."""
    yield path.stem, 1
    for part in ast.walk(tree(path)):
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield part.name, part.lineno
        elif isinstance(part, ast.arg):
            yield part.arg, part.lineno
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id, part.lineno


def words(name):
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)}


@pytest.mark.parametrize("path", files("compiled_ops", "tape"), ids=short)
def test_banned_names(path):
    wrong = []
    for name, line in defined(path):
        if words(name) & BANNED and BANNED_IN.get(name) != short(path):
            wrong.append(f"{short(path)}:{line} {name}: one of {sorted(BANNED)}")
        if NUMBERED.search(name) and not NUMBERS_BELONG.search(name) and not TEXT.search(short(path)):
            wrong.append(f"{short(path)}:{line} {name}: a number instead of a name")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", sorted(kernel_text.texts()))
def test_kernels_are_generated_from_the_table(name):
    committed = (HOUSE / "compiled_ops" / "generated" / name).read_text()
    assert committed == kernel_text.texts()[name], f"{name} is not what the table gives: run python -m compiled_ops.generate"


def test_recording_functions_are_generated_from_the_table():
    assert function_text.TARGET.read_text() == function_text.text(), "run python -m tape.generate"


def test_compiled_halves_of_the_sweep_bear_the_hash_of_what_is_compiled_into_them():
    assert seal.stale() == [], "run python -m compiled_ops.seal"


def test_every_file_that_compiles_words_of_memory_in_is_sealed():
    unsealed = [
        f"{short(path)}:{statement.lineno}"
        for path in sorted((HOUSE / "compiled_ops").glob("*.py"))
        for statement in tree(path).body
        if isinstance(statement, ast.ImportFrom) and statement.module == "compiled_ops.memory"
        if {alias.name for alias in statement.names} - {"i8", "internal", "kernel", "types"} and path.name not in seal.SEALED
    ]
    assert unsealed == [], "add these files to compiled_ops.seal.SEALED"


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"compiled_ops.generated.forward", "compiled_ops.generated.reverse"}))
def test_examples_in_docstrings(name):
    import tape

    before = tape.get_default_dtype()
    tape.set_default_dtype(tape.float64)
    try:
        failed, _ = doctest.testmod(importlib.import_module(name), extraglobs={"tape": tape}, optionflags=doctest.ELLIPSIS)
    finally:
        tape.set_default_dtype(before)
    assert not failed, f"{failed} examples of {name} fail; see the output above"
