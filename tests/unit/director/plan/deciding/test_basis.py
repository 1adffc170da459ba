"""What a plan was decided from, and what of it counts as moved."""

from collections.abc import Mapping
from dataclasses import replace

from cpi.contract.values import SshAccess
from director.model.agents.agent_state import AgentState, JobState, Process, Vitals
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import CloudChoice, Environment
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import DeploymentState
from director.model.ids import InstanceId
from director.model.secret_ref import SecretRef
from director.model.tasks.stored_plan import Basis
from director.plan.deciding import basis
from director.plan.deciding.basis import BasisPart, Move, Moved
from tests.support import wants

WEB = InstanceId("web-id")
ENVIRONMENT = Environment(
    name=wants.ENVIRONMENT,
    clouds=(CloudChoice(name=ONLY_CLOUD, plugin="memory", properties={"password": "hunter2"}),),
    ssh=SshAccess(user="vcap", public_key="ssh-ed25519 key"),
    ssh_key=SecretRef(name="/test/ssh"),
    storing=frozenset({ONLY_CLOUD}),
)
STATE = DeploymentState(environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
OBSERVED = Observed(state=STATE, seen_at=1.0, agents={WEB: AgentState(job_state=JobState.RUNNING)})


def test_what_changes_nothing_of_a_plan_has_not_moved() -> None:
    busy = AgentState(
        job_state=JobState.STARTING, processes=(Process(name="web", state="running"),), vitals=Vitals(load=(9.0,))
    )
    now = replace(OBSERVED, seen_at=99.0, state=replace(STATE, serial=7), agents={WEB: busy})
    assert basis.moved_parts(_basis(OBSERVED), _basis(now)) == ()


def test_each_thing_that_differs_is_named_once() -> None:
    unanswered = NoAnswer(code="vm-port-closed", why="refused")
    now = replace(OBSERVED, agents={WEB: unanswered}, secret_versions={"/test/app/password": 1})
    moved = basis.moved_parts(_basis(OBSERVED), _basis(now, configs={"cloud config": {"azs": ["z2"]}}))
    assert moved == (
        Moved(part=BasisPart.CONFIG, name="cloud config", move=Move.CHANGED),
        Moved(part=BasisPart.AGENT, name=WEB, move=Move.CHANGED),
        Moved(part=BasisPart.SECRET, name="/test/app/password", move=Move.ADDED),
    )


def test_a_basis_shows_no_value() -> None:
    assert "hunter2" not in str(_basis(OBSERVED))


def _basis(observed: Observed, *, configs: Mapping[str, object] | None = None) -> Basis:
    return basis.basis_of(ENVIRONMENT, wants.small(), observed, configs=configs or {"cloud config": {"azs": ["z1"]}})
