"""`plan` before the environment's first `up`: what a deploy will do after it."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cpi.clouds.memory.rules import Rules
from director.app.use_cases import plan as planning
from director.app.use_cases.plan import Planned
from director.errors import InputError
from director.model.environments.desired import Count
from director.model.tasks.events import Happening
from director.model.tasks.stored_plan import PlanOptions
from tests.support.simulation import Simulation
from tests.support.stored_plans import CLOUD_CONFIG, Lab
from tests.support.wants import CIDR, ENVIRONMENT


@dataclass(slots=True)
class Unbuilt(Lab):
    """The same before its first `up`."""

    def __post_init__(self) -> None:
        (self.folder / "cloud-config.yml").write_text(CLOUD_CONFIG)


def _actions(planned: Planned) -> list[tuple[str, str]]:
    return [(action.subject, action.work.kind) for action in planned.plan.actions]


def test_a_plan_before_up_has_the_actions_of_the_plan_after_it(tmp_path: Path) -> None:
    lab = Unbuilt(Simulation(), tmp_path)
    session = lab.session()
    before = planning.plan_deployment(session, lab.request())
    assert ("web/0", "create_vm") in _actions(before)
    assert _actions(before) == _actions(planning.plan_deployment(Lab(Simulation(), tmp_path).session(), lab.request()))
    assert session.world.store.list_environments() == ()
    assert lab.simulation.cloud.inventory().vms == ()


def test_it_says_that_the_environment_is_not_there_beside_the_other_remarks(tmp_path: Path) -> None:
    lab = Unbuilt(Simulation(), tmp_path)
    session = lab.session()
    request = lab.request()
    manifest = request.files.manifest
    ignored = replace(manifest, content=manifest.content + b"meta: {a: 1}\n")
    planning.plan_deployment(session, replace(request, files=replace(request.files, manifest=ignored)))
    reported = [event.text for event in lab.simulation.watcher.events if event.happening is Happening.REMARK]
    assert any(f"Environment '{ENVIRONMENT}' does not exist yet" in text for text in reported)
    assert any("unknown key 'meta'" in text for text in reported), "the remarks of a later plan are there, too"


def test_the_options_beside_the_manifest_take_effect_before_up(tmp_path: Path) -> None:
    lab = Unbuilt(Simulation(), tmp_path)
    plain, wide = lab.request(), replace(lab.request(), options=PlanOptions(max_in_flight=Count(number=2)))
    gates = [planning.plan_deployment(lab.session(), request).plan.gates for request in (plain, wide)]
    assert gates[0] != gates[1]
    with pytest.raises(InputError) as caught:
        skipped = replace(plain, options=PlanOptions(skip_drain=frozenset({"wbe"})))
        planning.plan_deployment(lab.session(), skipped)
    assert caught.value.code == "unknown-group"


def test_a_plan_is_stored_only_of_an_environment_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        Unbuilt(Simulation(), tmp_path).store()
    assert caught.value.code == "environment-missing"


def test_what_a_plan_leaves_of_quotas_is_known_before_up_and_after(tmp_path: Path) -> None:
    rules = Rules(networks={"main": CIDR}, max_vms=50, max_disks=-1)
    for lab in (Unbuilt(Simulation(rules=rules), tmp_path), Lab(Simulation(rules=rules), tmp_path)):
        planned = planning.plan_deployment(lab.session(), lab.request())
        vms = sum(kind == "create_vm" for _, kind in _actions(planned))
        (needs,) = planned.overview.quotas.values()
        (quota,) = (need for need in needs if need.name == "vms")
        assert quota.limit - quota.needed == 50 - quota.used - vms
        assert "disks" not in {need.name for need in needs}
        codes = {event.kind for event in lab.simulation.watcher.events if event.happening is Happening.REMARK}
        assert "quota-left" not in codes
