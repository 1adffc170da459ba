"""The clock of the environment's end that the jumpbox holds: checked, put into its manifest, set and taken away.

Takes a Session and ends, gives operations on the jumpbox's manifest. The jumpbox gets the cloud's login once it is
there; the end itself is at the cloud, so that it is changed without the jumpbox.
"""

from collections.abc import Mapping

from cpi.contract.cloud import EndClock
from cpi.contract.errors import ExplainedError
from director.app.sessions.session import Session
from director.errors import InputError
from director.model.environments.environment import JUMPBOX, Environment, EnvironmentEnd
from director.model.ids import DeploymentName
from director.model.secret_ref import Property
from director.report import time_words

_RELEASE = "jumpbox"


def is_on_jumpbox(end: EnvironmentEnd | None) -> bool:
    """Whether an end, or an environment that may get one again, has its clock on the jumpbox."""
    return end is not None and end.clock == "jumpbox"


def require_clock(session: Session, end: EnvironmentEnd | None) -> None:
    """Refuse an end that the jumpbox cannot bring about, before anything is created.

    Raises InputError, code end-clock-unavailable, and what the cloud raises.
    """
    if is_on_jumpbox(end):
        clock = _clock(session)
        clock.job_properties()
        clock.require_rights()


def describe_job(session: Session, end: EnvironmentEnd | None) -> list[Mapping[str, Property]]:
    """The operations that put the clock into the manifest of one jumpbox; none where it has none."""
    if not is_on_jumpbox(end):
        return []
    clock = _clock(session)
    release: Mapping[str, Property] = {"name": _RELEASE, "version": "create", "url": "file://release"}
    job: Mapping[str, Property] = {"name": clock.job, "release": _RELEASE, "properties": clock.job_properties()}
    return [
        {"type": "replace", "path": "/releases/-", "value": release},
        {"type": "replace", "path": f"/instance_groups/name={JUMPBOX}/jobs/-", "value": job},
    ]


def change_end(session: Session, former: EnvironmentEnd | None, end: EnvironmentEnd | None) -> None:
    """Tell the cloud of a new end, before it is recorded: the jumpbox never acts earlier than what was recorded."""
    if not is_on_jumpbox(former):
        return
    if end is not None and is_on_jumpbox(end) and end.at is not None:
        _clock(session).set_end(end.at)
    else:
        _clock(session).revoke()


def arm(session: Session, environment: Environment) -> None:
    """Set the end and give the jumpbox its login, where its clock holds one. Twice is once."""
    end = environment.end
    if end is None or end.at is None or not is_on_jumpbox(end):
        return
    clock = _clock(session)
    clock.set_end(end.at)
    state = session.world.store.load_deployment(environment.name, DeploymentName(JUMPBOX))
    for record in state.instances if state else ():
        if record.vm is not None:
            clock.give_login(record.vm.cid)


def try_clock(session: Session, environment: Environment) -> str:
    """What is wrong with the jumpbox's clock, by its own check; "" for nothing, or where it holds none."""
    end = environment.end
    if end is None or end.at is None or not is_on_jumpbox(end):
        return ""
    target = environment.jumpbox_target(environment.jumpboxes[0])
    try:
        printed = session.world.login_checks.run_command(target, f"/var/vcap/jobs/{_clock(session).job}/bin/check")
    except ExplainedError as error:
        return f"{error.what} {error.why}".strip()
    moment = time_words.utc_text(end.at)
    return "" if moment in printed else f"the clock on the jumpbox has another end: {printed.strip()}"


def has_ended(session: Session, environment: Environment) -> bool:
    """Whether the jumpbox's clock was to end the environment by now."""
    end = environment.end
    return is_on_jumpbox(end) and end is not None and end.at is not None and session.world.clock.now() >= end.at


def _clock(session: Session) -> EndClock:
    """That of the environment's one cloud. Raises InputError, code end-clock-unavailable."""
    if session.file.jumpbox.access == "none":
        raise _unavailable("The environment has no jumpbox: its file says `jumpbox: none`.")
    names = list(session.world.clouds)
    if len(names) > 1:
        raise _unavailable(f"The environment is on {len(names)} clouds, and a jumpbox has a login to one.")
    connected = session.world.clouds[names[0]]
    if connected.end_clock is None:
        raise _unavailable(
            f"On cloud '{connected.name}' an environment is not deleted as a whole: a jumpbox that deletes itself "
            "would leave its own network and address."
        )
    return connected.end_clock


def _unavailable(why: str) -> InputError:
    return InputError(
        "end-clock-unavailable",
        "The jumpbox cannot hold the clock of the environment's end.",
        why=why,
        fix="Leave the clock out, as option and in the environment's file: a timer of this machine ends it.",
    )
