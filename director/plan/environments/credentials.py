"""The plan that puts the file of logins on a jumpbox.

Takes the jumpbox's record and the file's text, gives a Plan of one action.
"""

from director.actions.put_file import PutFile
from director.model.environments.state import DeploymentState
from director.model.ids import RunId
from director.model.secret_ref import SecretText
from director.model.tasks.plan import Plan
from director.plan.action_factory import ActionFactory, Description


def plan_credentials(state: DeploymentState, run: RunId, *, path: str, content: SecretText, user: str) -> Plan:
    """Write the file to `path` in the user's home on the first instance; only the user may read it."""
    record = state.instances[0]
    home = "/root" if user == "root" else f"/home/{user}"
    work = PutFile(instance=record.id, path=f"{home}/{path}", content=content, mode=0o600, owner=user)
    about = Description(
        subject=record.name, reason="the logins, for users who connect by SSH", stage="Writing credentials"
    )
    factory = ActionFactory(run=run, environment=state.environment, deployment=state.deployment)
    return Plan(
        run=run, environment=state.environment, deployment=state.deployment, actions=(factory.new_action(work, about),)
    )
