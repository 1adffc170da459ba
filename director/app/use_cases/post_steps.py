"""The steps of a bundle after its errands: commands on instances, each skipped where its check says that it is done.

Takes a Session and an index, gives a line of the report for each.
"""

import shlex
from collections.abc import Mapping

from cpi.contract.values import JsonValue
from director.app.checks import preflight
from director.app.sessions.session import Session
from director.app.use_cases import instance_access
from director.errors import ActionFailedError
from director.model.agents.agent_address import AgentTarget
from director.model.report import ReportLine
from director.model.written.bundle import Bundle, PostStep

_DONE, _NOTHING_TO_DO = "done", "nothing to do"


def run_steps(session: Session, bundle: Bundle) -> tuple[ReportLine, ...]:
    """Run them in order; the first that fails ends it.

    Raises ActionFailedError: post-step-failed, post-step-not-done; and what reaching an instance raises.
    """
    return tuple(_run(session, step) for step in bundle.post_steps)


def _run(session: Session, step: PostStep) -> ReportLine:
    target = _target(session, step)
    exports = _exports(session, step)
    remote = session.world.remote_access
    if remote.run_script(target, f"{exports}{step.unless}\n").exit_code == 0:
        return _line(session, step, _NOTHING_TO_DO)
    ended = remote.run_script(target, f"{exports}{step.command}\n")
    if ended.exit_code:
        raise ActionFailedError(
            "post-step-failed",
            f"Step '{step.name}' failed on {target.name} with exit code {ended.exit_code}.",
            why="Its last lines show why." if ended.output.strip() else "It printed nothing.",
            fix="Fix what it names, then run the same command: steps that are done are skipped.",
            output=ended.output,
        )
    ended = remote.run_script(target, f"{exports}{step.unless}\n")
    if ended.exit_code:
        raise ActionFailedError(
            "post-step-not-done",
            f"Step '{step.name}' ran on {target.name}, and its check says that it is not done.",
            why=f"`unless` still ends with exit code {ended.exit_code}.",
            fix="Correct `command` or `unless` in the bundle's index.",
            output=ended.output,
        )
    return _line(session, step, _DONE)


def _target(session: Session, step: PostStep) -> AgentTarget:
    records = session.deployment(step.deployment).instances
    first = min((each.index for each in records if each.group == step.instance_group), default=0)
    return instance_access.find_target(session, step.deployment, f"{step.instance_group}/{first}")


def _exports(session: Session, step: PostStep) -> str:
    values = {key: _secret(session, step, name) for key, name in step.env.items()}
    return "".join(f"export {key}={shlex.quote(value)}\n" for key, value in values.items())


def _secret(session: Session, step: PostStep, name: str) -> str:
    value: JsonValue = session.world.vault.get_secret(f"/{session.settings.environment}/{step.deployment}/{name}")
    if isinstance(value, Mapping):
        value = value.get("private_key") or value.get("password")
    return str(value)


def _line(session: Session, step: PostStep, words: str) -> ReportLine:
    preflight.report(session, kind="post-step", subject=step.name, text=f"Step '{step.name}': {words}.")
    return ReportLine(name=step.name, value=words)
