"""The use case `delete-deployment`: instances stopped in order, VMs deleted, disks kept as orphans or deleted.

Takes a Session and a name, gives how the run ended.
"""

from dataclasses import replace

from director.app.sessions import fingerprints
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.tasks import running
from director.app.use_cases import deploy as deploying
from director.app.use_cases.deploy import Confirm, DeployRequest
from director.model.documents import Source
from director.model.report import RunReport
from director.model.tasks.caller import Caller
from director.observe import front as observing
from director.plan import front as planning


def delete_deployment(
    session: Session, name: str, *, caller: Caller, is_forcing: bool, confirm: Confirm
) -> RunReport | None:
    """Delete it; None when it had nothing. Its disks stay as orphans until `down`. Absent is an InputError."""
    environment = fingerprints.known_environment(session)
    session.deployment(name)
    files = ManifestFiles(manifest=Source(name="", content=b""))
    asked = deploying.plan_request(environment, DeployRequest(files=files, caller=caller))
    with running.hold_deployment(session, environment, name, caller=caller) as held:
        observed = observing.observe_world(session.world, environment, desired=None, state=held.state)
        plan = planning.make_teardown_plan(observed, replace(asked, is_forcing=is_forcing))
        confirm(plan)
        report = None if plan.is_empty else running.report_run(running.run_plan(session, held, plan))
        session.world.store.delete_deployment(held.lease)
    session.world.vault.forget_secrets(f"/{environment.name}/{name}/")
    return report
