"""Managed networks: created by the deployment that first uses them, deleted when nothing uses them."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cpi.clouds.memory.resources import HeldVm
from cpi.contract.values import FoundLandingResource
from director.actions.create_landing_resource import CreateLandingResource
from director.actions.create_vm import CreateVm
from director.actions.delete_landing_resource import DeleteLandingResource
from director.app.landing import landing_zones
from director.app.use_cases import delete as deleting
from director.app.use_cases import down
from director.app.use_cases import plan as planning
from director.app.use_cases.deploy import DeployRequest
from director.app.use_cases.down import DownRequest
from director.errors import InputError, Problems
from director.model.documents import Source
from director.model.tasks.plan import Plan
from tests.support import worlds
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab

_MADE = "- {name: made, managed: true, subnets: [{name: a, netmask_bits: 24, azs: [z1]}]}"


@dataclass(slots=True)
class ManagedLab(Lab):
    """Its deployments are on a managed network; their packages are compiled on the landing zone's."""

    made: str = _MADE
    network: str = "made"

    def __post_init__(self) -> None:
        Lab.__post_init__(self)
        self.config(self.made)

    def config(self, made: str) -> None:
        """Write another network into the cloud config."""
        path = self.folder / "cloud-config.yml"
        lines = [line for line in path.read_text().splitlines() if not line.startswith("- {name: made")]
        path.write_text("\n".join([lines[0], lines[1], made, *lines[2:], ""]))

    def request(self, name: str = "app", *, instances: int = 2) -> DeployRequest:
        request = Lab.request(self, name, instances=instances)
        if name == "jumpbox":
            return request
        text = request.files.manifest.content.replace(b"[{name: default}]", f"[{{name: {self.network}}}]".encode())
        return replace(request, files=replace(request.files, manifest=Source(name=f"{name}.yml", content=text)))

    def plan(self) -> Plan:
        """What a deploy would do."""
        return planning.plan_deployment(self.session(), self.request()).plan

    def delete(self, name: str = "app", deaths: Deaths | None = None) -> None:
        """`delete-deployment`."""
        session = self.session(deaths)
        deleting.delete_deployment(session, name, caller=calling("delete"), is_forcing=False, confirm=_yes)

    def networks(self) -> list[FoundLandingResource]:
        """The managed networks that the cloud has."""
        landed = self.simulation.cloud.resources.landing.values()
        return [one for one in landed if one.name.startswith("managed.")]

    def vms(self) -> list[HeldVm]:
        """The VMs that the cloud has on them."""
        held = self.simulation.cloud.resources.vms.values()
        return [one for one in held if one.found.created.networks[0].name == "made"]


@pytest.fixture
def lab(tmp_path: Path) -> ManagedLab:
    return ManagedLab(Simulation(), tmp_path)


def test_its_first_deployment_plans_and_creates_it_before_its_vms(lab: ManagedLab) -> None:
    plan = lab.plan()
    (made,) = (one for one in plan.actions if isinstance(one.work, CreateLandingResource))
    assert (made.subject, made.stage) == ("network managed.made.a", "Creating managed networks")
    waiting = [one for one in plan.actions if isinstance(one.work, CreateVm) and made.id in one.after]
    assert {one.subject.partition("/")[0] for one in waiting} == {"web"}
    assert lab.networks() == [], "a plan creates nothing"
    lab.deploy()
    (network,) = lab.networks()
    assert network.outputs["cidr"] == "172.16.0.0/24", "the first free range beside the landing zone's own"
    assert {one.found.created.networks[0].ip for one in lab.vms()} == {"172.16.0.2", "172.16.0.3"}
    assert lab.deploy().report is None, "nothing differs"
    assert lab.networks() == [network]


def test_its_range_is_no_variable_and_no_part_of_the_recorded_landing_zone(lab: ManagedLab) -> None:
    lab.deploy()
    environment = landing_zones.create_environment(lab.session(), caller=calling("up"))
    assert [one.name for one in environment.landing] == ["landed"]
    assert not [name for name in environment.variables if "managed" in name]
    assert len(lab.networks()) == 1


def test_it_is_deleted_with_the_last_deployment_that_uses_it(lab: ManagedLab) -> None:
    lab.deploy()
    lab.deploy("other", instances=1)
    assert len(lab.networks()) == 1
    lab.delete("app")
    assert len(lab.networks()) == 1, "the other deployment is on it"
    lab.delete("other")
    assert lab.networks() == []


def test_a_deployment_that_leaves_it_deletes_it_after_its_vms(lab: ManagedLab) -> None:
    lab.deploy()
    lab.network = "default"
    plan = lab.plan()
    (gone,) = (one for one in plan.actions if isinstance(one.work, DeleteLandingResource))
    assert gone.reason == "nothing uses managed network 'made'"
    assert len([one for one in plan.actions if one.id in gone.after]) == 2
    lab.deploy()
    assert lab.networks() == []


def test_the_end_of_the_environment_takes_it_along(lab: ManagedLab) -> None:
    lab.deploy()
    report = down.take_down(lab.session(), DownRequest(caller=calling("down")), confirm=lambda _: None)
    assert (report.left, report.missing, report.is_forgotten) == ((), (), True)
    assert lab.networks() == []


def test_wherever_the_director_dies_it_is_created_once_and_deleted(tmp_path: Path) -> None:
    lab = ManagedLab(Simulation(), tmp_path)
    for at in range(3, 60, 4):
        for command in (lambda deaths: lab.deploy(deaths=deaths), lambda deaths: lab.delete(deaths=deaths)):
            try:
                command(Deaths(at))
            except Death:
                command(Deaths())
            except InputError as error:  # the deployment was deleted with the last write
                assert error.code == "deployment-missing"
        assert (lab.networks(), lab.vms()) == ([], []), f"after death {at}"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (_MADE.replace("name: a, ", ""), "managed-subnet-without-name"),
        (_MADE.replace("name: a", "name: a.b"), "managed-network-name"),
        (_MADE.replace("24", "31"), "netmask-bits-invalid"),
        (_MADE.replace("netmask_bits: 24, ", ""), "bad-range"),
        (_MADE.replace("}]", "}, {name: a, netmask_bits: 28, azs: [z1]}]"), "managed-subnet-twice"),
        (_MADE.replace("azs: [z1]", "azs: [z1], cloud_properties: {network: main}"), "managed-network-placed"),
        (
            _MADE.replace("azs: [z1]", "azs: [z1], cloud_properties: {route_table: ways}"),
            "managed-network-part-unknown",
        ),
        (
            _MADE.replace("azs: [z1]", "azs: [z1], cloud_properties: {nat_gateway: nat}"),
            "managed-network-part-unknown",
        ),
    ],
)
def test_what_is_wrong_with_one_is_reported_with_its_place(lab: ManagedLab, made: str, code: str) -> None:
    lab.config(made)
    with pytest.raises((InputError, Problems)) as caught:
        lab.plan()
    problems = caught.value.problems if isinstance(caught.value, Problems) else (caught.value,)
    assert [(one.code, one.where.partition(":")[0].rpartition("/")[2]) for one in problems] == [
        (code, "cloud-config.yml")
    ]


def test_a_range_that_exists_is_not_changed(lab: ManagedLab) -> None:
    lab.deploy()
    lab.config(_MADE.replace("netmask_bits: 24", "range: 172.16.0.0/25"))
    with pytest.raises(InputError, match="exists with the range") as caught:
        lab.plan()
    assert caught.value.code == "managed-network-changed"


def test_without_a_landing_zone_none_is_created(lab: ManagedLab) -> None:
    session = lab.session()
    bare = replace(session, file=session.file.model_copy(update={"networks": {}}))
    with pytest.raises(InputError, match="cannot be created") as caught:
        planning.plan_deployment(bare, lab.request())
    assert caught.value.code == "managed-network-unsupported"
    assert "no landing zone" in caught.value.why


def test_a_cloud_that_creates_networks_alone_needs_no_landing_zone(lab: ManagedLab) -> None:
    lab.config(_MADE.replace("netmask_bits: 24", "range: 172.16.0.0/24"))
    session = lab.session()
    clouds = {name: replace(cloud, has_landing_zone=False) for name, cloud in session.world.clouds.items()}
    bare = replace(
        session,
        world=worlds.with_clouds(session.world, clouds),
        file=session.file.model_copy(update={"networks": {}}),
    )
    plan = planning.plan_deployment(bare, lab.request()).plan
    assert [action.work.resource.name for action in plan.actions if isinstance(action.work, CreateLandingResource)] == [
        "managed.made.a"
    ]


def _yes(_plan: Plan) -> None:
    """The answer to each question."""
