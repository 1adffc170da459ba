"""An environment in a simulated cloud that was never built, with templates in it.

Takes a folder, gives what commands about a template say and do.
"""

from dataclasses import dataclass, field
from pathlib import Path

from director.app.sessions.session import Session
from director.app.templates.template_request import GivenText
from director.app.use_cases import template_plan, up
from director.app.use_cases.template_plan import PlannedTemplate
from director.app.use_cases.up import UpRequest
from director.model.agents.agent_address import AgentTarget
from director.model.report import UpReport
from director.model.tasks.plan import Plan
from director.ports.login_checks import LoginCheck
from tests.support import worlds
from tests.support.arm_resources import Tree, request_of
from tests.support.callers import calling
from tests.support.sessions import session_of
from tests.support.simulation import Simulation

_CLOUD_CONFIG = """\
azs: [{name: z1}]
networks:
- name: default
  type: manual
  subnets: [{range: 10.0.0.0/24, gateway: 10.0.0.1, dns: [10.0.0.2], azs: [z1], cloud_properties: {network: main}}]
- {name: public, type: vip}
vm_types: [{name: default, cloud_properties: {instance_type: small}}]
compilation: {workers: 1, network: default, az: z1, vm_type: default}
"""
_FILE = """\
name: test
cloud: memory
cloud_config: {folder}/cloud-config.yml
public_names: [jumpbox]
networks: {{landed: 172.20.0.0/16}}
"""


class _AllWork:
    """Every login works."""

    def try_login(self, login: LoginCheck) -> str:
        return ""

    def is_key_accepted(self, target: AgentTarget) -> bool:
        return True

    def run_command(self, target: AgentTarget, command: str) -> str:
        return ""


@dataclass(slots=True)
class TemplateLab:
    """An environment that was never built, and a template in it."""

    folder: Path
    simulation: Simulation = field(default_factory=Simulation)

    def __post_init__(self) -> None:
        (self.folder / "cloud-config.yml").write_text(_CLOUD_CONFIG)

    def session(self) -> Session:
        """The session of another command."""
        world = worlds.with_trials(self.simulation.process(), _AllWork())
        return session_of(self.simulation, self.folder, world=world, file=_FILE.format(folder=self.folder))

    def up(self, tree: Tree, **given: str) -> UpReport:
        request = UpRequest(
            bundle="", caller=calling("up t.json"), values={}, template=request_of(tree, texts=_texts(given))
        )
        return up.bring_up(self.session(), request, agree, agree=lambda _: None)

    def plan(self, tree: Tree, **given: str) -> PlannedTemplate:
        return template_plan.plan_template(
            self.session(), request_of(tree, texts=_texts(given)), caller=calling("plan")
        )

    def what_if(self, tree: Tree, **given: str) -> dict[str, str]:
        request = request_of(tree, texts=_texts(given))
        table = template_plan.explain_changes(self.session(), request, caller=calling("what-if"))
        return {str(row["name"]): str(row["change"]) for row in table.rows}

    def vms(self) -> list[str]:
        """The deployments of the cloud's VMs."""
        return sorted(str(vm.owner.deployment) for vm in self.simulation.cloud.inventory().vms)


def _texts(given: dict[str, str]) -> tuple[GivenText, ...]:
    return tuple(GivenText(name=name, text=text, is_argument=False) for name, text in given.items())


def agree(_plan: Plan) -> None:
    """Answer each question with yes."""
