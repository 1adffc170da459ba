"""Every kind of work has its step."""

from typing import get_args

from director.execute.resume import Doubt, doubt_of
from director.execute.steps.table import STEPS
from director.model.work import Work

KINDS = {kind.__dataclass_fields__["kind"].default for kind in get_args(Work)}


def test_every_kind_of_work_has_a_step_and_no_step_is_without_work() -> None:
    assert set(STEPS) == KINDS


def test_what_is_to_be_looked_for_can_be_found() -> None:
    assert {kind for kind in KINDS if doubt_of(kind) is Doubt.LOOK} == {kind for kind in KINDS if STEPS[kind].find}
