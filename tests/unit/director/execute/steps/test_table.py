"""Every kind of action has its step."""

import pkgutil

from director.actions import kinds
from director.execute import steps
from director.execute.steps.table import STEPS
from director.model.tasks.work import Doubt

_SHARED = {
    "compiled_packages",
    "context",
    "dns_publication",
    "long_running",
    "owned_resources",
    "stored_blobs",
    "table",
    "vm_reachability",
}


def test_every_kind_of_action_has_a_step_and_no_step_is_without_a_kind() -> None:
    assert {module.name for module in pkgutil.iter_modules(steps.__path__)} - _SHARED == set(kinds.BY_NAME)


def test_what_is_to_be_looked_for_can_be_found() -> None:
    looked_for = {name for name, kind in kinds.BY_NAME.items() if kind.facts.doubt is Doubt.LOOK}
    assert looked_for == {name for name, step in STEPS.items() if step.find}
