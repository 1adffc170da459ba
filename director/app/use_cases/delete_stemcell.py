"""The use case `delete-stemcell`: an uploaded stemcell deleted from its clouds, and the proof of it.

Takes a Session and a name, gives what was deleted. Source: cloudfoundry/bosh
src/bosh-director/lib/bosh/director/jobs/helpers/stemcell_deleter.rb @96f9135.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.app.landing import recorded_resources, uploaded_stemcells
from director.app.sessions import fingerprints
from director.app.sessions.session import Session, new_run_id
from director.app.tasks import running
from director.errors import InputError, StateError
from director.model.environments.environment import Environment
from director.model.environments.uploaded_stemcell import UploadedStemcell
from director.model.tasks.caller import Caller
from director.plan import front as planning
from director.plan.request import EnvironmentRequest
from director.text import nearest

Confirm = Callable[[Sequence[UploadedStemcell]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StemcellDeletion:
    """`is_forced` also deletes what stored plans alone use."""

    name: str
    version: str
    caller: Caller
    is_forced: bool = False


def delete_stemcell(session: Session, request: StemcellDeletion, confirm: Confirm) -> tuple[UploadedStemcell, ...]:
    """Delete it from every cloud that has it. Nothing else of the environment changes meanwhile.

    Raises InputError: environment-missing, stemcell-not-uploaded, stemcell-in-use, stemcell-planned; LockedError;
    StateError: stemcell-left, state-older.
    """
    environment = fingerprints.known_environment(session)
    recorded_resources.require_newest(session, environment)
    found = find_stemcells(environment, request.name, request.version)
    _require_unused(session, environment, found, request=request)
    confirm(found)
    with running.hold_environment(session, environment, caller=request.caller) as held:
        now = uploaded_stemcells.observe_uploads(session, session.environment())
        named = tuple(one for one in now.uploaded if (one.name, one.version) == (request.name, request.version))
        there = tuple(uploaded_stemcells.with_parts(session, now, named))
        _require_unused(session, now, there, request=request)
        if there:
            asked = EnvironmentRequest(run=new_run_id(), environment=now.name)
            running.run_plan(session, held.own, planning.make_stemcell_deletion_plan(asked, there))
            _require_gone(session, now, there)
        kept = replace(now, uploaded=tuple(one for one in now.uploaded if one not in named))
        session.world.store.save_environment(held.own.lease, uploaded_stemcells.observe_uploads(session, kept))
        session.world.store.delete_deployment(held.own.lease)
    return found


def find_stemcells(environment: Environment, name: str, version: str) -> tuple[UploadedStemcell, ...]:
    """The records of that name and version. Raises InputError, code `stemcell-not-uploaded`."""
    found = tuple(one for one in environment.uploaded if (one.name, one.version) == (name, version))
    if not found:
        titles = tuple(dict.fromkeys(one.title for one in environment.uploaded))
        near = nearest.nearest_word(f"{name}/{version}", titles)
        raise InputError(
            "stemcell-not-uploaded",
            f"Stemcell '{name}/{version}' was not uploaded.",
            why=f"Uploaded: {', '.join(titles) or 'none'}. Stock images and default stemcells are deleted by `down`.",
            fix=f"Did you mean '{near}'?" if near else "`compleat stemcells` lists them.",
        )
    return found


def _require_unused(
    session: Session, environment: Environment, found: Sequence[UploadedStemcell], *, request: StemcellDeletion
) -> None:
    users = uploaded_stemcells.list_users(session, environment, found)
    title = f"{request.name}/{request.version}"
    if users:
        raise InputError(
            "stemcell-in-use",
            f"Stemcell '{title}' is in use.",
            why=f"Used by: {', '.join(users)}.",
            fix="Delete these deployments, or deploy them with another stemcell, then delete it.",
        )
    plans = uploaded_stemcells.list_planned(session, found)
    if plans and not request.is_forced:
        raise InputError(
            "stemcell-planned",
            f"Stemcell '{title}' is in a plan that was stored to be applied later.",
            why=f"Used by: {', '.join(plans)}.",
            fix="Apply the plan first, or delete the stemcell with --force: the plan is refused from then on.",
        )


def _require_gone(session: Session, environment: Environment, deleted: Sequence[UploadedStemcell]) -> None:
    """The clouds' own word, after the deletion."""
    for one in deleted:
        found = uploaded_stemcells.found_on(session, environment, one.cloud)
        if any(each.cid == one.cid for each in found):
            raise StateError(
                "stemcell-left",
                f"Stemcell '{one.title}' was deleted, and the cloud still lists it.",
                why=f"It lists {one.cid}.",
                fix="Run the same command again.",
            )
