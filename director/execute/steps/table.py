"""Which step does which kind of work: the file here that is named as the kind's own.

Takes a context, makes its call.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import Never, cast

from cpi.contract.value_classes import dataclass
from director.actions import kinds
from director.execute.steps.context import StepContext
from director.model.tasks.entries import Failure
from director.model.tasks.work import Result
from director.ports.runner import Answer

_PACKAGE = __name__.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Step:
    """`do` makes the call; `find` looks for its effect, None if it cannot be determined."""

    do: Callable[[StepContext, Never], Answer]
    find: Callable[[StepContext, Never], Result | Failure | None] | None = None


def _step(kind: str) -> Step:
    module = importlib.import_module(f"{_PACKAGE}.{kind}")
    return Step(module.do, getattr(module, "find", None))


STEPS: Mapping[str, Step] = {kind: _step(kind) for kind in kinds.BY_NAME}


def do_step(context: StepContext) -> Answer:
    """Make the call of the context's action."""
    work = context.call.action.work
    return STEPS[work.kind].do(context, cast(Never, work))


def find_effect(context: StepContext) -> Result | Failure | None:
    """Ask for the effect of the context's action; None: it had none, or doing it again is harmless.

    A Failure says what there is of it where it got half its way.
    """
    work = context.call.action.work
    find = STEPS[work.kind].find
    return find(context, cast(Never, work)) if find else None
