"""Function transforms, torch.func's: functions in, functions of the same arguments out, nested to any order.

    grad value_and_grad grad_and_value      gradients of functions that return a scalar
    vjp jvp hvp                             products with Jacobian and Hessian
    jacrev jacfwd hessian                   the matrices
    vmap                                    a function of one example for many
    linearize linear_transpose              linear maps of functions
    functional_call stack_module_state      modules as functions of their parameters
    checkpoint checkpoint_steps             less memory for more time

Arguments and results are nested tuples, lists, dicts and dataclasses of Tensors, arrays and numbers (tape.func.structures).
Invariant: no `.grad` is written and no argument changed. Re-exports only; imported by tape/__init__.
"""

from tape.func.gradients import grad as grad
from tape.func.gradients import grad_and_value as grad_and_value
from tape.func.gradients import value_and_grad as value_and_grad
from tape.func.jacobians import hessian as hessian
from tape.func.jacobians import jacfwd as jacfwd
from tape.func.jacobians import jacrev as jacrev
from tape.func.linear import linear_transpose as linear_transpose
from tape.func.linear import linearize as linearize
from tape.func.models import functional_call as functional_call
from tape.func.models import stack_module_state as stack_module_state
from tape.func.products import hvp as hvp
from tape.func.products import jvp as jvp
from tape.func.products import vjp as vjp
from tape.func.steps import checkpoint_steps as checkpoint_steps
from tape.func.vmap import vmap as vmap
from tape.utils.checkpoint import checkpoint as checkpoint

__all__ = [
    "checkpoint", "checkpoint_steps", "functional_call", "grad", "grad_and_value", "hessian", "hvp", "jacfwd", "jacrev", "jvp", "linear_transpose",
    "linearize", "stack_module_state", "value_and_grad", "vjp", "vmap",
]  # fmt: skip
