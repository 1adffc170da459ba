"""Revisions of a deployment: the manifests of its successful deploys, read from the journal.

Takes RevisionRecords, gives tables and manifests. A revision has the number of the task that
first deployed it.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from cpi.contract.value_classes import dataclass
from director.app.sessions import deployments
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.records import History
from director.app.sessions.session import Session
from director.errors import InputError
from director.model.documents import Source
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName, EnvironmentName
from director.model.report import Table
from director.model.tasks.entries import Run
from director.model.tasks.task import TaskState
from director.ports.journal import Journal
from director.ports.state_store import StateStore
from director.ports.tasks import Tasks
from director.report import revision_rows
from director.report.revision_rows import Revision
from director.text.manifest_differences import text_differences

_RUNS_AT_MOST = 10_000
_NAMED_AT_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRecords:
    """Where the revisions of a deployment are found."""

    environment: EnvironmentName
    deployment: str
    store: StateStore
    journal: Journal
    tasks: Tasks

    def state(self) -> DeploymentState | None:
        """The deployment as recorded; None where it is deleted or was never deployed."""
        return next((one for one in self._states() if one.deployment == self.deployment), None)

    def required_state(self) -> DeploymentState:
        """The same. Raises InputError, code `deployment-missing`."""
        return deployments.require_deployment(self.environment, self._states(), self.deployment)

    def _states(self) -> Sequence[DeploymentState]:
        return self.store.list_deployments(self.environment)


def records_of_history(history: History, deployment: str) -> RevisionRecords:
    """For commands that only look. Raises InputError, code `environment-missing`."""
    history.require_history()
    return RevisionRecords(
        environment=history.settings.environment,
        deployment=deployment,
        store=history.store,
        journal=history.journal,
        tasks=history.tasks,
    )


def records_of_session(session: Session, deployment: str) -> RevisionRecords:
    """For commands that plan or deploy."""
    return RevisionRecords(
        environment=session.settings.environment,
        deployment=deployment,
        store=session.world.store,
        journal=session.world.journal,
        tasks=session.world.tasks,
    )


def list_revisions(records: RevisionRecords, *, limit: int) -> Table:
    """The newest first, each with what it changed in the manifest. Raises InputError, code `deployment-missing`."""
    found = list(islice(_revisions(records), limit + 1))
    state = records.state() if found else records.required_state()
    deployed = state.manifest if state else None
    current = next((one for one in found if one.manifest == deployed), None)
    older = [*found[1:], None]
    rows = [
        revision_rows.revision_row(
            one,
            is_current=one is current,
            differences=None if before is None else text_differences(before.manifest, one.manifest),
        )
        for one, before in zip(found, older, strict=False)
    ]
    return Table(
        name="revisions",
        columns=("revision", "deployed_at", "user", "state", "changes"),
        rows=tuple(rows[:limit]),
        empty=f"Deployment '{records.deployment}' has never been deployed completely.",
    )


def revision_manifest(records: RevisionRecords, number: int) -> str:
    """The manifest that task `number` deployed, as YAML; secrets are placeholders.

    Raises InputError: revision-missing, deployment-missing.
    """
    for run in reversed(records.journal.runs_of_task(number)):
        if run.deployment == records.deployment and run.state is TaskState.DONE:
            manifest = _manifest(records, run)
            if manifest is not None:
                return manifest
    known = [str(one.number) for one in islice(_revisions(records), _NAMED_AT_MOST + 1)]
    if not known:
        records.required_state()
    more = ", and older ones" if len(known) > _NAMED_AT_MOST else ""
    raise InputError(
        "revision-missing",
        f"Deployment '{records.deployment}' has no revision {number}.",
        why=f"Its revisions: {', '.join(known[:_NAMED_AT_MOST]) or 'none'}{more}.",
        fix=f"`compleat history -d {records.deployment}` lists them.",
    )


def revision_files(records: RevisionRecords, number: int) -> ManifestFiles:
    """The manifest of a revision, to plan or deploy it again. Raises as `revision_manifest`."""
    text = revision_manifest(records, number)
    name = f"revision {number} of deployment {records.deployment}"
    return ManifestFiles(manifest=Source(name=name, content=text.encode()), is_saved=True)


def deployed_manifest(records: RevisionRecords) -> str:
    """The manifest of the last successful deploy. Raises InputError: deployment-missing, deployment-unfinished."""
    return deployments.require_manifest(records.required_state())


def _revisions(records: RevisionRecords) -> Iterator[Revision]:
    """The newest first. Of successive deploys of the same manifest (`restart` is one, too) only the oldest counts."""
    named = DeploymentName(records.deployment)
    runs = records.journal.list_runs(records.environment, deployment=named, limit=_RUNS_AT_MOST)
    newer: Revision | None = None
    for run in runs:
        manifest = _manifest(records, run) if run.state is TaskState.DONE else None
        if manifest is None:
            continue
        if newer is not None and newer.manifest != manifest:
            yield newer
        newer = _revision(records, run, manifest)
    if newer is not None:
        yield newer


def _revision(records: RevisionRecords, run: Run, manifest: str) -> Revision:
    task = records.tasks.load_task(records.environment, run.task)
    return Revision(
        number=run.task, at=run.ended_at or run.started_at, manifest=manifest, caller=task.caller if task else None
    )


def _manifest(records: RevisionRecords, run: Run) -> str | None:
    whole = records.journal.load_run(records.environment, run.number)
    return whole.plan.manifest if whole else None
