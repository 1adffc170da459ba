"""What is asked of clouds before anything is made, and what becomes of their answers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.memory.calls import Conditions
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.faults import CloudCall
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import ExplainedError
from cpi.contract.values import Finding, PreflightRequest, QuotaNeed
from director.app.checks import preflight
from director.app.checks.preflight import Asking, QuotaOptions
from director.app.landing import jumpboxes
from director.app.sessions.session import Session
from director.app.use_cases import bundle_preview, doctor
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.errors import InputError, Problems
from director.model.cloud_names import ONLY_CLOUD
from director.model.ids import RunId
from director.model.refused import RefusedError
from director.model.tasks.events import Happening
from director.model.tasks.plan import Plan
from director.plan.deciding import preflight_requests
from director.report import as_json, error_text
from tests.support.callers import calling
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.support.wants import DEPLOYMENT, ENVIRONMENT

NEED = QuotaNeed(name="vms", region="memory", unit="VMs", used=0, limit=0, needed=1)


class Granting:
    """A preflight that refuses for a quota until it was asked so often."""

    def __init__(self, refusals: int) -> None:
        self.left = refusals

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        self.left -= 1
        return () if self.left < 0 else (Finding(code="quota-exceeded", what="Few.", why="", fix="", quota=NEED),)

    def request_quota(self, need: QuotaNeed) -> str:
        return "request-1"


def slow_cloud(simulation: Simulation, seconds: Callable[[CloudCall], float]) -> ConnectedCloud:
    return connect_cloud(MemoryCloud(Rules(), Conditions(latency_s=seconds, spend=simulation.time.spend)))


def with_clouds(simulation: Simulation, home: Path, **clouds: ConnectedCloud) -> Session:
    return session_of(simulation, home, world=replace(simulation.process(), clouds=clouds))


def jumpbox(session: Session) -> tuple[RequestedDeployment, ...]:
    preview = bundle_preview.preview_environment(session)
    return (RequestedDeployment(files=jumpboxes.manifest_files(session, preview, {})),)


def test_everything_that_up_would_make_is_asked_about(tmp_path: Path) -> None:
    simulation = Simulation(rules=Rules())
    simulation.cloud.resources.stemcells.clear()
    session = session_of(simulation, tmp_path)
    preview = bundle_preview.preview_bundle(session, jumpbox(session))
    (request,) = preflight_requests.preflight_requests_of(preview.steps, unknown=preview.unknown).values()
    assert [one.name for one in request.landing] == ["default", "jumpbox", "console"]
    assert [one.os for one in request.stemcells] == ["memory-linux"]
    assert [[network.ip for network in vm.networks] for vm in request.vms] == [["10.0.0.10", None]]
    assert request.vms[0].stemcell_cid == ""


def test_clouds_are_asked_beside_each_other_and_a_silent_one_is_a_finding(tmp_path: Path) -> None:
    simulation = Simulation()
    clouds = {name: slow_cloud(simulation, lambda _: 6.0) for name in ("a", "b", "c")}
    clouds["z"] = slow_cloud(simulation, lambda _: 3600.0)
    session = with_clouds(simulation, tmp_path, **clouds)
    began = simulation.time.now()
    found = preflight.ask_clouds(session, preflight.account_requests(session))
    assert [(each.cloud, each.finding.code) for each in found] == [("z", "cloud-silent")]
    assert simulation.time.now() - began <= session.file.preflight_limit_s + 0.1


def test_a_cloud_that_is_known_to_be_slow_is_given_more_time(tmp_path: Path) -> None:
    simulation = Simulation()
    session = with_clouds(simulation, tmp_path, **{ONLY_CLOUD: slow_cloud(simulation, lambda _: 20.0)})
    assert [each.finding.code for each in preflight.ask_clouds(session, preflight.account_requests(session))] == [
        "cloud-silent"
    ]
    patient = replace(session, file=session.file.model_copy(update={"preflight_limit_s": 60.0}))
    assert preflight.ask_clouds(patient, preflight.account_requests(patient)) == ()


class Breaking:
    """A preflight with a mistake in it."""

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        raise ValueError("a mistake")

    def request_quota(self, need: QuotaNeed) -> str:
        raise ValueError("a mistake")


def test_a_preflight_that_breaks_is_no_silence_and_costs_no_time(tmp_path: Path) -> None:
    simulation = Simulation()
    broken = replace(slow_cloud(simulation, lambda _: 0.1), preflight=Breaking())
    session = with_clouds(simulation, tmp_path, a=broken, z=slow_cloud(simulation, lambda _: 3600.0))
    began = simulation.time.now()
    with pytest.raises(ValueError, match="a mistake"):
        preflight.ask_clouds(session, preflight.account_requests(session))
    assert simulation.time.now() - began < 1


def test_looking_and_asking_share_the_time(tmp_path: Path) -> None:
    simulation = Simulation()
    session = with_clouds(simulation, tmp_path, **{ONLY_CLOUD: slow_cloud(simulation, _slow_but_for_info)})
    began = simulation.time.now()
    examined = doctor.examine(session, jumpbox(session), caller=calling("doctor"))
    assert [each.finding.code for each in examined.findings] == ["cloud-silent"]
    assert simulation.time.now() - began <= session.file.preflight_limit_s + 0.1


def test_doctor_reports_each_damaged_file_of_the_vault(tmp_path: Path) -> None:
    simulation = Simulation()
    session = session_of(simulation, tmp_path)
    simulation.vault.damaged.append("/home/vault/0a.json")
    (finding,) = doctor.examine(session, caller=calling("doctor")).findings
    assert (finding.finding.code, finding.finding.is_fatal) == ("secret-file-damaged", True)
    assert "/home/vault/0a.json" in finding.finding.what


def _slow_but_for_info(call: CloudCall) -> float:
    return 0.0 if call.method == "info" else 3600.0


def test_findings_of_all_clouds_are_refused_together_and_nothing_is_made(tmp_path: Path) -> None:
    simulation = Simulation()
    few = {name: MemoryCloud(Rules(max_vms=0, max_public_addresses=0)) for name in (ONLY_CLOUD, "b")}
    session = with_clouds(simulation, tmp_path, **{name: connect_cloud(cloud) for name, cloud in few.items()})
    preview = bundle_preview.preview_bundle(session, jumpbox(session))
    with pytest.raises(Problems) as raised:
        asking = Asking(requests=preflight_requests.preflight_requests_of(preview.steps))
        preflight.require_preflight(session, asking, caller=calling("compleat up"))
    assert isinstance(raised.value, InputError)
    assert len(raised.value.problems) >= 3
    assert [cloud.inventory() for cloud in few.values()] == [MemoryCloud().inventory()] * 2
    assert session.world.store.list_environments() == ()


def test_a_request_is_filed_and_told_with_its_need(tmp_path: Path) -> None:
    simulation = Simulation()
    cloud = replace(slow_cloud(simulation, lambda _: 0.1), preflight=Granting(1))
    session = with_clouds(simulation, tmp_path, a=cloud)
    quota_options = QuotaOptions(is_requesting=True)
    with pytest.raises(RefusedError) as raised:
        preflight.require_preflight(
            session, Asking(requests=preflight.account_requests(session)), quota_options, caller=calling("up")
        )
    assert error_text.error_lines(raised.value)[-1] == "  request: filed as request-1"
    reported: Any = as_json.error_json(raised.value)
    (problem,) = reported["errors"]
    assert (problem["quota"]["needed"], problem["request"]) == (1, "filed as request-1")


def test_waiting_goes_on_by_itself_when_the_quota_is_granted(tmp_path: Path) -> None:
    simulation = Simulation()
    cloud = replace(slow_cloud(simulation, lambda _: 0.1), preflight=Granting(3))
    session = with_clouds(simulation, tmp_path, a=cloud)
    began = simulation.time.now()
    preflight.require_preflight(
        session, Asking(requests=preflight.account_requests(session)), QuotaOptions(wait_s=3600), caller=calling("up")
    )
    assert 5 + 10 + 20 <= simulation.time.now() - began < 60
    assert [event.happening for event in simulation.watcher.events] == [Happening.WAITING] * 3


def test_waiting_ends_in_time_and_refuses(tmp_path: Path) -> None:
    simulation = Simulation()
    session = with_clouds(
        simulation, tmp_path, a=replace(slow_cloud(simulation, lambda _: 0.1), preflight=Granting(10**6))
    )
    began = simulation.time.now()
    with pytest.raises(RefusedError):
        preflight.require_preflight(
            session,
            Asking(requests=preflight.account_requests(session)),
            QuotaOptions(wait_s=600),
            caller=calling("up"),
        )
    assert simulation.time.now() - began < 600 + session.file.preflight_limit_s


def test_an_interrupted_wait_says_so(tmp_path: Path) -> None:
    simulation = Simulation()
    session = with_clouds(
        simulation, tmp_path, a=replace(slow_cloud(simulation, lambda _: 0.1), preflight=Granting(10**6))
    )
    simulation.time.interrupt_at = simulation.time.now() + 30
    with pytest.raises(ExplainedError) as raised:
        preflight.require_preflight(
            session,
            Asking(requests=preflight.account_requests(session)),
            QuotaOptions(wait_s=600),
            caller=calling("up"),
        )
    assert raised.value.code == "interrupted"


def test_where_nothing_would_be_made_no_cloud_is_asked(tmp_path: Path) -> None:
    simulation = Simulation()
    session = session_of(simulation, tmp_path)
    nothing = Plan(run=RunId("r1"), environment=ENVIRONMENT, deployment=DEPLOYMENT)
    before = len(simulation.cloud.gate.log)
    preflight.require_preflight(
        session,
        Asking(requests=preflight_requests.preflight_requests_of([preflight_requests.DeploymentStep(plan=nothing)])),
        caller=calling("deploy"),
    )
    assert simulation.cloud.gate.log[before:] == ()


def test_doctor_prices_what_would_last(tmp_path: Path) -> None:
    simulation = Simulation(rules=Rules())
    session = session_of(simulation, tmp_path)
    examined = doctor.examine(session, jumpbox(session), caller=calling("doctor"))
    assert examined.findings == ()
    assert {(price.what, price.amount) for price in examined.bill.prices[ONLY_CLOUD]} == {
        ("VM of type small (invented price)", "0.0100"),
        ("public address (invented price)", "0.0100"),
    }
