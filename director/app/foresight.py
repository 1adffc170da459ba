"""A bundle looked through before its environment is there: nothing is made for the sake of a mistyped word.

Takes a Session and a bundle's deployments as files, gives nothing, or all their problems at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cpi.errors import ExplainedError
from cpi.values import OwnerKey, SshAccess, StemcellCid
from director.app import environment_files, reading
from director.app.reading import ManifestFiles
from director.app.session import Session
from director.errors import InputError, raise_all
from director.model.environment import Environment, StemcellThere
from director.model.secret_ref import SecretRef
from director.plan import errands as errand_plans


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """A deployment of the bundle: its files, and the errands that are to run after it."""

    files: ManifestFiles
    errands: tuple[str, ...]


def check_bundle(session: Session, intended: Iterable[Intended]) -> None:
    """Resolve every deployment in the environment as it is, or will be. Raises InputError and Problems."""
    environment = _foreseen(session)
    problems: list[ExplainedError] = []
    for each in intended:
        try:
            desired = reading.read_desired(session, environment, each.files)
        except InputError as error:
            problems.extend(getattr(error, "problems", (error,)))
            continue
        known = errand_plans.errand_names(desired)
        problems.extend(errand_plans.unknown_errand(desired, name) for name in each.errands if name not in known)
    raise_all({str(problem.where) + str(problem): problem for problem in problems}.values())


def _foreseen(session: Session) -> Environment:
    """What is not known yet has a stand-in: each public address one of those kept for documentation."""
    name = session.settings.environment
    environment = session.world.store.load_environment(name) or Environment(
        name=name,
        clouds=environment_files.cloud_choices(session.file),
        ssh=SshAccess(user="", public_key=""),
        ssh_key=SecretRef(name="/", path=()),
    )
    return replace(
        environment,
        variables={**_stand_ins(session.file.public_names), **environment.variables},
        stemcells=environment.stemcells or _offered(session),
    )


def _stand_ins(public_names: tuple[str, ...]) -> Mapping[str, str]:
    addresses = {name: f"192.0.2.{number}" for number, name in enumerate(public_names[:250], start=1)}
    return {f"{name}_public_{kind}": address for name, address in addresses.items() for kind in ("ip", "host")}


def _offered(session: Session) -> tuple[StemcellThere, ...]:
    owner = OwnerKey(environment=session.settings.environment, deployment="", action="")
    about = [(name, cloud.cloud.info()) for name, cloud in session.world.clouds.items()]
    return tuple(
        StemcellThere(
            cid=StemcellCid(""),
            owner=owner,
            os=each.default_os,
            version=each.default_version,
            architecture=each.architecture,
            cloud=name,
        )
        for name, each in about
    )
