"""Compiled packages of the home, and packages in the clouds' object storage, that nothing uses.

Takes a Session, gives values. Compiled packages are for all environments of the home; a cloud's storage is for one.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from cpi.contract.value_classes import dataclass
from director.app.sessions import applicable_plans
from director.app.sessions.session import Session
from director.model.documents import Source
from director.model.ids import EnvironmentName, storage_name
from director.model.releases.release import CompiledPackage
from director.model.releases.uploaded_release import UploadedRelease
from director.model.secret_ref import Property
from director.model.tasks.plan import Plan
from director.model.tasks.task import TaskState
from director.plan.acting.package_storage import StoredPackage
from director.plan.deciding import used_packages
from director.resolve.releases import uploaded
from director.text.yaml import reader

_RUNS_AT_MOST = 10_000
_PACKAGE_NAME = re.compile(r"sha256/[0-9a-f]{64}")
"""What a package is called in a storage; what is called otherwise was put there by someone else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedPackages:
    """`compiled` are on this machine, `stored` in the storage of the environment's clouds."""

    compiled: tuple[CompiledPackage, ...] = ()
    stored: tuple[StoredPackage, ...] = ()


def find_unused(session: Session, releases: Sequence[UploadedRelease]) -> UnusedPackages:
    """What no deployment, revision, stored plan and open run uses, where `releases` are all that are uploaded."""
    world, own = session.world, session.settings.environment
    uploads = {(release.name, release.version) for release in releases}
    used = {name: _used_keys(session, name, uploads) for name in world.store.list_environments()}
    everywhere = frozenset[str]().union(*used.values())
    known = world.blobs.list_compiled()
    needed = {storage_name(package.digest) for package in known if package.key in used.get(own, ())}
    return UnusedPackages(
        compiled=tuple(package for package in known if package.key not in everywhere),
        stored=tuple(one for one in _stored(session) if one.name not in needed),
    )


def _used_keys(session: Session, environment: EnvironmentName, uploads: Collection[tuple[str, str]]) -> frozenset[str]:
    world = session.world
    plans = [run.plan for run in world.journal.open_runs(environment)]
    plans += [
        stored.plan
        for stored in applicable_plans.list_applicable(world.plans, world.journal, now=world.clock.now())
        if stored.plan.environment == environment
    ]
    states = world.store.list_deployments(environment)
    revisions = _revisions(session, environment)
    return frozenset[str]().union(
        *map(used_packages.of_deployment, states),
        *map(used_packages.of_plan, plans),
        *(
            used_packages.of_revision(plan, uploaded.named_references(_tree(plan), ""), uploaded=uploads)
            for plan in revisions
        ),
    )


def _revisions(session: Session, environment: EnvironmentName) -> Iterator[Plan]:
    """The plans of all deploys that ended well: `deploy --revision` takes the manifest of any of them."""
    journal = session.world.journal
    for run in journal.list_runs(environment, limit=_RUNS_AT_MOST):
        whole = journal.load_run(environment, run.number) if run.state is TaskState.DONE else None
        if whole and whole.plan.manifest:
            yield whole.plan


def _tree(plan: Plan) -> Property:
    source = Source(name=f"deployment {plan.deployment}", content=(plan.manifest or "").encode())
    return reader.read_document(source).tree


def _stored(session: Session) -> Iterator[StoredPackage]:
    for cloud, connected in session.world.clouds.items():
        listed = connected.storage.list_blobs() if connected.storage is not None else {}
        for name, size in listed.items():
            if _PACKAGE_NAME.fullmatch(name):
                yield StoredPackage(cloud=cloud, name=name, size=size)
