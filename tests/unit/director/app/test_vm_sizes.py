"""`vm_resources`: each cloud on which such VMs are placed is asked once for each size, and its choice is used."""

from dataclasses import replace
from pathlib import Path

from cpi.contract.errors import CloudError
from director.actions.create_vm import CreateVm
from director.app.sessions import vm_sizes
from director.errors import InputError
from director.model.environments.desired import Az
from director.model.environments.vm_sizes import SizeRefusal, SizeThere, VmSize
from director.model.written.cloud_config import CloudConfig
from director.model.written.manifest import Manifest
from director.plan import front
from director.resolve.front import resolve_desired
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.unit.director.plan import scenes
from tests.unit.director.resolve.case_files import CASES, read_request

_SMALL = {"cpu": 1, "ram": 512, "ephemeral_disk_size": 1024}
_HUGE = {"cpu": 1000, "ram": 512, "ephemeral_disk_size": 1024}
_UPDATE = {"canaries": 1, "max_in_flight": 1, "canary_watch_time": 1, "update_watch_time": 1}


def _manifest(*resources: dict[str, int]) -> Manifest:
    groups = [
        {
            "name": f"g{number}",
            "instances": 1,
            "jobs": [],
            "stemcell": "s",
            "networks": [{"name": "n"}],
            "azs": ["z1"],
            "vm_resources": each,
        }
        for number, each in enumerate(resources)
    ]
    stemcells = [{"alias": "s", "os": "linux", "version": "latest"}]
    return Manifest.model_validate({"name": "d", "stemcells": stemcells, "update": _UPDATE, "instance_groups": groups})


def _config(resources: dict[str, int]) -> CloudConfig:
    compilation = {"workers": 1, "network": "n", "vm_resources": resources}
    return CloudConfig.model_validate({"networks": [{"name": "n"}], "compilation": compilation})


def test_each_size_is_asked_once_and_a_refusal_is_an_answer(tmp_path: Path) -> None:
    session = session_of(Simulation(), tmp_path)
    answers = vm_sizes.ask_clouds(session, _manifest(_SMALL, _SMALL, _HUGE), _config(_SMALL))
    assert [(type(one), one.size.cpu, one.cloud) for one in answers] == [
        (SizeThere, 1, "only"),
        (SizeRefusal, 1000, "only"),
    ]
    assert isinstance(answers[0], SizeThere)
    assert answers[0].cloud_properties["instance_type"]


def test_a_refusal_of_the_cloud_is_an_error_at_the_place_of_the_resources() -> None:
    request = read_request(CASES / "whole")
    manifest = request.manifest.document
    size = VmSize(cpu=1, ram_mib=512, ephemeral_disk_mib=1024)
    wanted = manifest.instance_groups[0].model_copy(
        update={"vm_type": None, "vm_resources": _manifest(_SMALL).instance_groups[0].vm_resources}
    )
    document = manifest.model_copy(update={"instance_groups": (wanted, *manifest.instance_groups[1:])})
    error = CloudError("no-such-size", "No type is so large.", fix="Request less.")
    asked = replace(request, manifest=replace(request.manifest, document=document))
    try:
        resolve_desired(replace(asked, sizes=(SizeRefusal(size=size, error=error),)))
    except InputError as problem:
        assert (problem.code, problem.fix) == ("vm-size-missing", "Request less.")
        assert "No type is so large." in problem.why
    else:
        raise AssertionError("nothing was refused")
    found = SizeThere(size=size, cloud_properties={"instance_type": "c1"})
    groups = resolve_desired(replace(asked, sizes=(found,))).groups
    assert groups[0].sized_properties == {"only": {"instance_type": "c1"}}


def test_a_vm_has_what_the_cloud_of_its_az_chose_over_all_other_properties() -> None:
    group = replace(
        scenes.group("web", 2),
        azs=("z1", "z2"),
        cloud_properties={"size": "x", "other": 1},
        sized_properties={"a": {"size": "a"}, "b": {"size": "b"}},
    )
    desired = replace(scenes.deployment(group), azs=(Az(name="z1", cloud="a"), Az(name="z2", cloud="b")))
    there = tuple(replace(scenes.FOUND_STEMCELL, cloud=cloud) for cloud in ("a", "b"))
    plan = front.make_plan(desired, scenes.nothing(), replace(scenes.asked(), stemcells=there))
    made = [action.work for action in plan.actions if isinstance(action.work, CreateVm)]
    assert [(work.cloud, dict(work.request.cloud_properties)) for work in made] == [
        ("a", {"size": "a", "other": 1}),
        ("b", {"size": "b", "other": 1}),
    ]
