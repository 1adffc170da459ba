"""What is wrong with the definition of a variable, told while planning.

Takes a definition and the spec made of it, tells findings.
"""

from director.model import variable_options
from director.model.environments.desired import VariableSpec
from director.model.variable_options import OptionProblem
from director.resolve import findings
from director.resolve.findings import Findings
from director.resolve.request import ResolveRequest


def check_options(request: ResolveRequest, index: int, spec: VariableSpec, *, found: Findings) -> None:
    """Every option of the type, with its place in the manifest. Tells: bad-variable-option."""
    if not variable_options.is_known_type(spec.type):
        return
    for problem in variable_options.option_problems(spec.type, spec.options):
        found.report(
            "bad-variable-option",
            f"Variable '{request.manifest.document.variables[index].name}' {problem.what}.",
            why=problem.why,
            fix=_fix(problem),
            where=request.manifest.where("variables", index, *(("options", problem.option) if problem.option else ())),
        )


def _fix(problem: OptionProblem) -> str:
    if not problem.option:
        return "Name the CA in `ca`, or set `is_ca: true`, or `self_sign: true`."
    near = findings.nearest(problem.option, problem.known)
    if near:
        return f"Did you mean `{near}`?"
    verb = "Remove" if problem.what.endswith("does not support") else "Correct"
    return f"{verb} `{problem.option}`."
