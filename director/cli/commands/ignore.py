"""`compleat ignore` and `unignore`: an instance that no deploy touches.

Takes flags, gives one line.
"""

import click

from director.app.use_cases import ignoring
from director.cli import opening, options


def _command(name: str, about: str, *, is_ignored: bool) -> click.Command:
    def run(shell: options.Shell, instance: str) -> None:
        deployment = shell.needed_deployment()
        with opening.task(shell) as session:
            found = ignoring.ignore_instance(
                session, deployment, instance=instance, is_ignored=is_ignored, caller=shell.caller
            )
        if shell.terminal.is_json:
            shell.terminal.say_json({"schema": "compleat.ignored/1", "instance": found, "ignored": is_ignored})
        else:
            shell.terminal.say(
                [f"{found} of deployment '{deployment}' is {'' if is_ignored else 'no longer '}ignored."]
            )

    decorated = click.argument("instance")(options.shared(run))
    return click.command(name, help=about, epilog=f"Example: `compleat {name} -d hello hello/0`")(decorated)


ignore = _command(
    "ignore",
    "Leave INSTANCE (group/index) as it is in every later deploy, start, stop, restart, recreate and errand, and "
    "refuse to delete it, until `unignore`.",
    is_ignored=True,
)
unignore = _command("unignore", "Include INSTANCE (group/index) in deploys again.", is_ignored=False)
