"""Which clouds an environment was made on, compared with the clouds that its file means now.

Takes a Session, gives the environment as saved, or raises `environment-moved` before any other call to a cloud.
"""

from collections.abc import Callable, Iterator, Mapping

from cpi.contract.cloud import Identity
from cpi.contract.errors import CloudError, TransientError
from cpi.contract.values import CloudIdentity
from director.app.sessions.session import Session
from director.errors import InputError
from director.model import cloud_names
from director.model.environments.environment import Environment, Fingerprint
from director.model.report import CloudPlace
from director.model.tasks.events import Event, Happening
from director.observe import queries
from director.report import cloud_text

_LIMIT_S = 20.0
"""How long a cloud may take to say which account the login belongs to: one short call, repeated while it is busy."""
_SOON_S = 4.0
"""The same where the answer is only shown."""


def known_environment(session: Session) -> Environment:
    """The environment as saved, on the clouds that it was made on.

    Raises InputError: environment-missing, environment-moved; CloudError where a login does not work.
    """
    environment = session.environment()
    require_same_clouds(session, environment)
    return environment


def require_same_clouds(session: Session, environment: Environment) -> None:
    """Refuse other clouds than the environment's. Makes no call if the environment has no fingerprints.

    Raises InputError, code `environment-moved`; CloudError where a login does not work.
    """
    _refuse(session, environment, moves_of(session, environment))


def require_same_clouds_and_report(session: Session) -> None:
    """The same before a preflight, which is to report a login that does not work: what is not known is not compared."""
    saved = session.world.store.load_environment(session.settings.environment)
    if saved is not None and saved.fingerprints:
        now = {
            each.name: Fingerprint(cloud=each.name, plugin=each.plugin, facts=each.identity)
            for each in places_of(session)
        }
        _refuse(session, saved, tuple(_moves(saved.fingerprints, now)))


def moves_of(session: Session, environment: Environment) -> tuple[str, ...]:
    """What differs between where the environment was made and where its file leads now, a sentence for each cloud.

    Raises CloudError where a login does not work.
    """
    if not environment.fingerprints:
        return ()
    now = {each.cloud: each for each in fingerprints_of(session)}
    return tuple(_moves(environment.fingerprints, now))


def differences(made: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """What differs between two places of one cloud; what one side does not know differs in nothing."""
    return tuple(_differing(made, now))


def fingerprints_of(session: Session) -> tuple[Fingerprint, ...]:
    """Of every cloud, as its file and login are now. Raises CloudError where a login does not work."""
    identities = _identify(session)
    return tuple(
        Fingerprint(cloud=name, plugin=cloud.name, facts=identities[name].facts if name in identities else {})
        for name, cloud in session.world.clouds.items()
    )


def report_clouds(session: Session) -> tuple[CloudPlace, ...]:
    """Report the clouds that the command changes to the watcher, before any other output."""
    places = places_of(session)
    for line in cloud_text.place_lines(session.settings.environment, places):
        session.world.watcher.report(Event(at=session.world.clock.now(), happening=Happening.PLACE, text=line))
    return places


def places_of(session: Session) -> tuple[CloudPlace, ...]:
    """Every cloud as people are to read of it; one that does not answer soon is named by its plugin alone."""
    questions = {
        name: _ignoring_errors(cloud.identity)
        for name, cloud in session.world.clouds.items()
        if cloud.identity is not None
    }
    asked = queries.ask_within(session.world.runner, questions, limit_s=_SOON_S)
    known = {name: each.answers[-1] for name, each in asked.items() if each.answers}
    return tuple(_place(name, cloud.name, identity=known.get(name)) for name, cloud in session.world.clouds.items())


def _refuse(session: Session, environment: Environment, moves: tuple[str, ...]) -> None:
    if moves:
        raise InputError(
            "environment-moved",
            f"Environment '{environment.name}' was created on another cloud than its file and login select.",
            why=" ".join(moves),
            fix="Restore the file or the login and run the command again: no cloud was changed, all records are kept. "
            f"If the old cloud is gone for good, `compleat down --forget -e {environment.name}` drops the records.",
            where=session.written.where("clouds") if session.file.clouds else session.written.where("cloud"),
        )


def _identify(session: Session) -> Mapping[str, CloudIdentity]:
    clouds = session.world.clouds
    questions = {name: cloud.identity.identify for name, cloud in clouds.items() if cloud.identity is not None}
    found: dict[str, CloudIdentity] = {}
    for name, asked in queries.ask_within(session.world.runner, questions, limit_s=_LIMIT_S).items():
        if asked.error is not None:
            raise asked.error
        if not asked.answers:
            raise _silent(name or clouds[name].name)
        found[name] = asked.answers[-1]
    return found


def _silent(cloud: str) -> CloudError:
    return TransientError(
        "cloud-identity-silent",
        f"The cloud '{cloud}' did not report the account of the login.",
        why=f"No answer within {_LIMIT_S:.0f} s.",
        fix="Check the network, a proxy, and the cloud's status page; then run the same command again.",
    )


def _ignoring_errors(identity: Identity) -> Callable[[], CloudIdentity | None]:
    """Ask once; what does not work is reported by what needs it."""

    def ask() -> CloudIdentity | None:
        try:
            return identity.identify()
        except CloudError:
            return None

    return ask


def _place(name: str, plugin: str, *, identity: CloudIdentity | None) -> CloudPlace:
    if identity is None:
        return CloudPlace(name=name, plugin=plugin)
    return CloudPlace(name=name, plugin=plugin, title=identity.title, identity=identity.facts)


def _moves(made: tuple[Fingerprint, ...], now: Mapping[str, Fingerprint]) -> Iterator[str]:
    for old in made:
        subject = f"Cloud '{old.cloud}'" if cloud_names.shown_name(old.cloud) else "The cloud"
        new = now.get(old.cloud)
        if new is None:
            yield f"{subject} ({_words(old)}) is no longer in the file."
        elif differing := tuple(_differing(old, new)):
            yield f"{subject} differs: {'; '.join(differing)}."


def _differing(old: Fingerprint, new: Fingerprint) -> Iterator[str]:
    """Field by field, what it was and what it is now; what one side does not know differs in nothing."""
    if _kind(old) != _kind(new):
        yield f"created on {old.plugin} ({_facts(old)}), now {new.plugin} ({_facts(new)})"
        return
    for name, was in old.facts.items():
        now = new.facts.get(name, "")
        if was and now and was != now:
            yield f"{name} was {was}, is now {now}"


def _kind(fingerprint: Fingerprint) -> str:
    """The plugin's name; of a CPI executable without its path, which its facts have where it matters."""
    return fingerprint.plugin.partition(":")[0]


def _words(fingerprint: Fingerprint) -> str:
    return ", ".join((fingerprint.plugin, *_pairs(fingerprint)))


def _facts(fingerprint: Fingerprint) -> str:
    return ", ".join(_pairs(fingerprint)) or "place unknown"


def _pairs(fingerprint: Fingerprint) -> Iterator[str]:
    return (f"{name} {value}" for name, value in fingerprint.facts.items() if value)
