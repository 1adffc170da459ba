"""The use case `delete-deployment`: instances stopped in order, VMs deleted, disks kept as orphans or deleted.

Takes a Session and a name, gives how the run ended.
"""

from dataclasses import replace

from director.app.sessions import fingerprints, planned, template_records
from director.app.sessions.planned import Subject
from director.app.sessions.session import Session
from director.app.tasks import running
from director.app.use_cases.deploy import Confirm
from director.model.ids import DeploymentName
from director.model.report import RunReport
from director.model.tasks.caller import Caller
from director.plan import front as planning


def is_already_deleted(session: Session, name: str) -> bool:
    """Whether it was there and is no more, so that a command that was killed at its end ends well when typed again."""
    environment, deployment = session.settings.environment, DeploymentName(name)
    if session.world.store.load_deployment(environment, deployment) is not None:
        return False
    return bool(session.world.journal.list_runs(environment, deployment=deployment, limit=1))


def delete_deployment(
    session: Session, name: str, *, caller: Caller, is_forcing: bool, confirm: Confirm
) -> RunReport | None:
    """Delete it; None when it had nothing. Its disks stay as orphans until `down`. Absent is an InputError."""
    environment = fingerprints.known_environment(session)
    session.deployment(name)
    request = replace(planned.plain_request(environment), is_forcing=is_forcing)
    with running.hold_deployment(session, environment, DeploymentName(name), caller=caller) as held:
        plan = planned.observe_and_plan(
            session,
            environment,
            Subject(state=held.state),
            planner=lambda observed: planning.make_teardown_plan(observed, request),
        ).plan
        confirm(plan)
        report = None if plan.is_empty else running.report_run(running.run_plan(session, held, plan))
        # Its record last: the next command finds it after a kill, and deletes the rest.
        session.world.vault.forget_secrets(f"/{environment.name}/{name}/")
        template_records.forget_records(session.world.configs, environment.name, name)
        session.world.store.delete_deployment(held.lease)
    return report
