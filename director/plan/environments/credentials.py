"""Plans that put files of logins on jumpboxes: what a person reads there, and whose keys may log in.

Takes the jumpboxes' records and a file's text, gives a Plan of an action for each file.
"""

from collections.abc import Sequence

from director.actions.put_file import PutFile
from director.model.environments.state import DeploymentState
from director.model.ids import RunId
from director.model.secret_ref import SecretText
from director.model.tasks.plan import Plan
from director.plan.action_factory import ActionFactory, Description


def plan_credentials(state: DeploymentState, run: RunId, *, path: str, content: SecretText, user: str) -> Plan:
    """Write the file to `path` in the user's home on the first instance; only the user may read it."""
    record = state.instances[0]
    work = PutFile(instance=record.id, path=f"{_home(user)}/{path}", content=content, mode=0o600, owner=user)
    about = Description(
        subject=record.name, reason="the logins, for users who connect by SSH", stage="Writing credentials"
    )
    factory = ActionFactory(run=run, environment=state.environment, deployment=state.deployment)
    return Plan(
        run=run, environment=state.environment, deployment=state.deployment, actions=(factory.new_action(work, about),)
    )


def plan_ssh_keys(state: DeploymentState, run: RunId, *, keys: Sequence[str], user: str) -> Plan:
    """Write the keys that may log in beside the environment's own, on every instance; none takes all away.

    SSH servers read this file after authorized_keys, which is the environment's.
    """
    path, text = f"{_home(user)}/.ssh/authorized_keys2", "".join(f"{key.strip()}\n" for key in keys)
    factory = ActionFactory(run=run, environment=state.environment, deployment=state.deployment)
    actions = tuple(
        factory.new_action(
            PutFile(instance=record.id, path=path, content=SecretText(parts=(text,)), mode=0o600, owner=user),
            Description(subject=record.name, reason="the keys of `ssh_keys`", stage="Writing SSH keys"),
        )
        for record in state.instances
    )
    return Plan(run=run, environment=state.environment, deployment=state.deployment, actions=actions)


def _home(user: str) -> str:
    return "/root" if user == "root" else f"/home/{user}"
