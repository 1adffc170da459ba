"""The state of the jumpboxes in front of silent agents.

Takes a world, an environment and names of clouds, gives the state of each cloud's jumpbox. If this machine keeps a
connection open (the local cloud's edge), a silent one is reopened and queried once more.
"""

import contextlib
from collections.abc import Collection, Mapping
from functools import partial

from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from director.errors import AgentError, UnreachableError
from director.model.environments.environment import SSH_PORT, Environment, Jumpbox
from director.model.environments.observed import JUMPBOX_SILENT, NoAnswer
from director.observe import queries
from director.ports.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpboxStatus:
    """`silence` is None if the jumpbox answers; `is_reopened` if it did so only after its port was reopened."""

    no_answer: NoAnswer | None = None
    is_reopened: bool = False


def query_jumpboxes(world: World, environment: Environment, clouds: Collection[str]) -> Mapping[str, JumpboxStatus]:
    """The jumpbox of each of these clouds that has one; a shared jumpbox is queried once."""
    leading = {cloud: jumpbox for cloud in clouds if (jumpbox := environment.jumpbox_for(cloud)) is not None}
    asked = {jumpbox.cloud: jumpbox for jumpbox in leading.values()}
    questions = {f"jumpbox/{name}": partial(_query, world, environment, jumpbox) for name, jumpbox in asked.items()}
    answers = queries.ask_all(world.runner, questions)
    return {cloud: answers[f"jumpbox/{jumpbox.cloud}"] for cloud, jumpbox in leading.items()}


def _query(world: World, environment: Environment, jumpbox: Jumpbox) -> JumpboxStatus:
    if _no_answer_of(world, environment, jumpbox) is None:
        return JumpboxStatus()
    landing = world.clouds[jumpbox.cloud].landing
    if landing is not None:
        with contextlib.suppress(CloudError):
            landing.endpoint_of(jumpbox.address, SSH_PORT)
    no_answer = _no_answer_of(world, environment, jumpbox)
    return JumpboxStatus(no_answer=no_answer, is_reopened=no_answer is None)


def _no_answer_of(world: World, environment: Environment, jumpbox: Jumpbox) -> NoAnswer | None:
    """None also for an agent that answers wrongly: the VMs behind it are reachable all the same."""
    try:
        world.agent.connect(environment.jumpbox_target(jumpbox))
    except UnreachableError as error:
        return NoAnswer(code=JUMPBOX_SILENT, why=f"{error.code}: {error.what} {error.why}".strip())
    except AgentError:
        return None
    return None
