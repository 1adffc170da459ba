"""Plan cases: a folder of tests/cases/plan each, told in a few words, with the plan expected.

`case.json` holds "deploys", a list of deployments one after the other: groups with instances, azs, disk_mib, packages,
scripts, properties, size, canaries, max_in_flight, lifecycle; packages with what they need; variables; wishes.
"storing" are clouds with object storage.
The last one's plan is compared with `expected.txt`, line by line: "kind/subject [gate] <- what it waits for".
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from director.model.environments.desired import Desired, DiskSpec, Group, Lifecycle, VariableSpec
from director.model.secret_ref import SecretRef
from director.plan import front
from director.plan.request import InstanceRequest
from tests.unit.director.plan import scenes

CASES = Path(__file__).parents[3] / "cases" / "plan"
Written = Mapping[str, Any]


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name)
def test_the_last_deploy_of_a_case_is_planned_as_expected(folder: Path) -> None:
    case: Written = json.loads((folder / "case.json").read_text())
    observed = scenes.nothing()
    lines: list[str] = []
    for number, deploy in enumerate(case["deploys"], start=1):
        instance_requests = {
            name: InstanceRequest(instance_request) for name, instance_request in deploy.get("wishes", {}).items()
        }
        request = scenes.asked(f"run-{number}", instance_requests)
        storing = frozenset(case.get("storing", ()))
        request = replace(request, can_resize_disks=case.get("resize", False), storing=storing)
        plan = front.make_plan(_desired(deploy), observed, request)
        lines = scenes.reported(plan)
        observed = scenes.after(plan, observed)
    assert lines == (folder / "expected.txt").read_text().splitlines()


def _desired(deploy: Written) -> Desired:
    groups = [_group(name, fields) for name, fields in deploy["groups"].items()]
    packages = [scenes.need(name, *needs) for name, needs in deploy.get("packages", {}).items()]
    variables = tuple(VariableSpec(name=name, type="password") for name in deploy.get("variables", ()))
    return replace(scenes.deployment(*groups, packages=packages), variables=variables)


def _group(name: str, fields: Written) -> Group:
    secret = fields.get("secret")
    properties = {"secret": SecretRef(name=secret)} if secret else fields.get("properties", {})
    return replace(
        scenes.group(name, fields.get("instances", 1)),
        jobs=(scenes.job(name, scripts=fields.get("scripts", ()), properties=properties),),
        azs=tuple(fields.get("azs", ())),
        disk=DiskSpec(size_mib=fields["disk_mib"]) if "disk_mib" in fields else None,
        packages=tuple(f"key-{package}" for package in fields.get("packages", ())),
        cloud_properties={"size": fields.get("size", "small")},
        lifecycle=Lifecycle(fields.get("lifecycle", "service")),
        tags=fields.get("tags", {}),
        update=scenes.policy(fields.get("canaries", 1), fields.get("max_in_flight", 2)),
    )
