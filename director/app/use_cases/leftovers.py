"""The use case `leftovers`: what clouds still have of this home's environments and no state knows.

Takes a LeftoversHome, gives what each place listed. Deletes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.app.landing import known_resources, recorded_resources
from director.app.sessions import environment_files, fingerprints, used_places
from director.app.sessions.leftovers_home import LeftoversHome
from director.app.sessions.session import Session
from director.errors import StateError
from director.model.environments.environment import CloudChoice, Environment
from director.model.environments.observed import CloudInventory
from director.model.ids import EnvironmentName
from director.model.leftovers import Leftover, PlaceLeftovers, UsedPlace
from director.observe import queries
from director.report import leftover_text

_LOCAL = EnvironmentName("local")
_DELETING = {"disk": "delete-disk", "snapshot": "delete-snapshot"}
_LIMIT_S = 60.0
"""How long the listings of one environment may take: one list call for each kind, page by page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """What one cloud answered."""

    place: UsedPlace
    inventory: CloudInventory


def find_leftovers(home: LeftoversHome, only: EnvironmentName | None) -> tuple[PlaceLeftovers, ...]:
    """Each place of each environment, as its file has it now first; of one environment if `only` names it.

    Raises InputError, code `environment-file-missing`, for one that has no file and never was anywhere.
    """
    names = (only,) if only is not None else _names(home)
    if only is not None and not _former_places(home, only):
        environment_files.require_written(home.files, replace(home.settings, environment=only))
    return tuple(found for name in names for found in _of_environment(home, name))


def _names(home: LeftoversHome) -> Sequence[EnvironmentName]:
    """Environments that are there, that were, and that have a file."""
    folder = f"{home.settings.home}/environments"
    files = (name.removesuffix(".yml") for name in home.files.list_folder(folder) if name.endswith(".yml"))
    written = {EnvironmentName(name) for name in files if _is_environment(home, EnvironmentName(name))}
    return sorted({_LOCAL, *written, *home.store.list_environments(), *home.configs.list_environments()})


def _is_environment(home: LeftoversHome, name: EnvironmentName) -> bool:
    """Whether the file is an environment's: cloud configs and CPI configs may be beside it."""
    try:
        read = environment_files.read_written(home.files, replace(home.settings, environment=name))
    except ExplainedError:
        return False
    return read.file.name == name


def _of_environment(home: LeftoversHome, name: EnvironmentName) -> Iterator[PlaceLeftovers]:
    before = _former_places(home, name)
    try:
        with home.open_present(name) as session:
            present = list(_of_present(session))
            choices = environment_files.cloud_choices(session.file)
    except ExplainedError as error:
        present, choices = [], ()
        if not before or error.code != "environment-file-missing":
            yield PlaceLeftovers(place=UsedPlace(environment=name, cloud="", plugin=""), error=error)
    yield from present
    listed = [each.place.fingerprint for each in present]
    for place in before:
        if not any(used_places.is_same_place(place.fingerprint, one) for one in listed):
            yield _of_former(home, place, choices)


def _former_places(home: LeftoversHome, name: EnvironmentName) -> Sequence[UsedPlace]:
    """Those that were recorded, and where the environment is by its saved state: once it was not recorded."""
    recorded = used_places.list_places(home.configs, name)
    environment = home.store.load_environment(name)
    saved = used_places.saved_places(environment) if environment else ()
    new = [one for one in saved if not any(used_places.is_same_place(one.fingerprint, r.fingerprint) for r in recorded)]
    return (*recorded, *new)


def _of_present(session: Session) -> Iterator[PlaceLeftovers]:
    environment = session.world.store.load_environment(session.settings.environment)
    for name, answer in _list_all(session).items():
        try:
            listed = answer.result() if answer.answers or answer.error else _raise_silent()
        except ExplainedError as error:
            choice = next(one for one in environment_files.cloud_choices(session.file) if one.name == name)
            place = UsedPlace(environment=session.settings.environment, cloud=name, plugin=choice.plugin)
            yield PlaceLeftovers(place=place, error=error)
            continue
        yield _of_place(session, listed, environment if _is_here(environment, listed.place) else None)


def _of_former(home: LeftoversHome, place: UsedPlace, choices: Sequence[CloudChoice]) -> PlaceLeftovers:
    """Nothing of a place where the environment is not any more is known."""
    try:
        with home.open_place(place) as session:
            answer = _list_all(session)[place.cloud]
            listed = answer.result() if answer.answers or answer.error else _raise_silent()
            _require_place(place, listed.place)
            environment = home.store.load_environment(place.environment)
            is_here = _is_here(environment, place)
            found = _of_place(session, replace(listed, place=place), environment if is_here else None)
    except ExplainedError as error:
        return PlaceLeftovers(place=place, error=error)
    if is_here:
        return found
    fix = leftover_text.fix_elsewhere(place, choices, is_built=environment is not None)
    return replace(found, left=tuple(replace(one, deleted_by=fix) for one in found.left))


def _list_all(session: Session) -> Mapping[str, queries.Query[_Listed]]:
    """Every cloud of the session at once."""
    asked = {name: partial(_list, session, name) for name in session.world.clouds}
    return queries.ask_within(session.world.runner, asked, limit_s=_LIMIT_S)


def _list(session: Session, name: str) -> _Listed:
    cloud = session.world.clouds[name]
    if cloud.finder is None:
        raise StateError(
            "place-not-listable",
            f"The cloud '{cloud.name}' cannot list what carries an owner key.",
            why="It is a CPI executable: BOSH's CPI has no call for that. The records alone say what is there.",
            fix="Compare the records (`compleat vms`, `compleat disks`) with the cloud's own console.",
        )
    identity = cloud.identity.identify() if cloud.identity else None
    choice = next(one for one in environment_files.cloud_choices(session.file) if one.name == name)
    place = UsedPlace(
        environment=session.settings.environment,
        cloud=name,
        plugin=choice.plugin,
        title=identity.title if identity else "",
        facts=identity.facts if identity else {},
    )
    return _Listed(place=place, inventory=recorded_resources.take_inventory(session, name))


def _of_place(session: Session, listed: _Listed, environment: Environment | None) -> PlaceLeftovers:
    """`environment` is the one that is at this place, None if none is."""
    is_known = known_resources.known_to(session, environment) if environment else known_resources.nothing_known
    left = known_resources.left_over(listed.inventory, is_known)
    states = {str(state.deployment) for state in session.world.store.list_deployments(session.settings.environment)}
    return PlaceLeftovers(
        place=listed.place,
        at=session.world.clock.now(),
        known=known_resources.count(listed.inventory) - len(left),
        left=tuple(
            replace(one, deleted_by=_deleted_by(session, one, states if environment else set())) for one in left
        ),
    )


def _deleted_by(session: Session, one: Leftover, deployments: set[str]) -> str:
    name = session.settings.environment
    if deployments and one.kind in _DELETING:
        return f"`compleat {_DELETING[one.kind]} {one.cid} -e {name}`"
    if one.kind == "vm" and one.deployment in deployments:
        return f"`compleat deploy -e {name}` of deployment '{one.deployment}'"
    return f"`compleat down -e {name}`{', with everything else of the environment' if deployments else ''}"


def _is_here(environment: Environment | None, place: UsedPlace) -> bool:
    """Whether the saved environment is at that place. One without fingerprints is where its file leads."""
    if environment is None:
        return False
    made = [one for one in environment.fingerprints if one.cloud == place.cloud]
    return not made or used_places.is_same_place(made[0], place.fingerprint)


def _require_place(place: UsedPlace, reached: UsedPlace) -> None:
    """Raise StateError where the same settings lead to another place now, as another login does."""
    differing = fingerprints.differences(place.fingerprint, reached.fingerprint)
    if differing:
        raise StateError(
            "place-not-reached",
            f"The login of environment '{place.environment}' no longer leads to where it was created.",
            why=f"{'; '.join(differing)}.",
            fix="Sign in as before and run the same command again. `compleat configs --type place -e "
            f"{place.environment}` lists the places; `compleat delete-config` forgets one that is gone for good.",
        )


def _raise_silent() -> _Listed:
    raise StateError(
        "place-silent",
        "The cloud did not list its resources in time.",
        why=f"No answer within {_LIMIT_S:.0f} s.",
        fix="Check the network, a proxy, and the cloud's status page; then run the same command again.",
    )
