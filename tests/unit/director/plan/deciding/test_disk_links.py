"""Links to disks with names, as templates see them: the disk's name, no instance, no address."""

from dataclasses import replace

import pytest

from director.actions.apply import Apply
from director.model.environments.desired import DiskSpec, Link, LinkSource
from director.plan import front
from director.render.properties import Links, MissingError
from tests.unit.director.plan import scenes


def test_a_link_to_a_disk_has_its_name_alone_and_the_spec_no_size_of_a_store() -> None:
    source = LinkSource(group="db", alias="fast", is_disk=True)
    link = Link(name="data", type="disk", source=source, properties={"name": "fast"})
    job = replace(scenes.job("db"), links=(link,))
    group = replace(scenes.group("db"), jobs=(job,), named_disks={"fast": DiskSpec(size_mib=1)})
    plan = front.make_plan(scenes.deployment(group), scenes.nothing(), scenes.asked())
    (spec,) = [action.work.spec for action in plan.actions if isinstance(action.work, Apply)]
    assert "persistent_disk" not in spec.spec
    assert spec.links["db"]["data"] == {
        "instances": [],
        "networks": [],
        "properties": {"name": "fast"},
        "address": "",
        "deployment_name": "dep",
    }
    seen = Links(by_name=dict(spec.links["db"]), dns=spec.dns).link("data")  # type: ignore[arg-type]
    assert seen.p("name") == "fast"
    with pytest.raises(MissingError):
        seen.address()


def test_without_disks_the_spec_says_so() -> None:
    plan = front.make_plan(scenes.deployment(scenes.group("db")), scenes.nothing(), scenes.asked())
    (spec,) = [action.work.spec for action in plan.actions if isinstance(action.work, Apply)]
    assert spec.spec["persistent_disk"] == 0
