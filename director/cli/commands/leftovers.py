"""`compleat leftovers`: resources in clouds that no state knows, wherever this home's environments ever were.

Takes flags, gives a list; the exit code is 1 when something is left, or when a place could not be listed.
"""

from collections.abc import Sequence

import click
from click.core import ParameterSource

from director.app.use_cases import leftovers
from director.app.wiring import leftovers_homes
from director.cli import options
from director.cli.terminal import showing, watching
from director.errors import StateError
from director.model.leftovers import PlaceLeftovers


@click.command("leftovers", epilog="Example: `compleat leftovers`")
@options.of_environment
def command(shell: options.Shell) -> None:
    """List what carries an environment's owner key and no state knows, in each place where it ever was.

    All environments of the home; with -e, one. Deletes nothing.
    """
    source = click.get_current_context().get_parameter_source("environment")
    only = None if source is ParameterSource.DEFAULT else shell.settings.environment
    with leftovers_homes.open_leftovers_home(shell.settings, watching.Prompts(shell.terminal)) as home:
        found = leftovers.find_leftovers(home, only)
    showing.show_leftovers(shell.terminal, found)
    left, unlisted = sum(len(each.left) for each in found), [each for each in found if each.error]
    if left:
        showing.fail_after_report(shell.terminal, _left(left, found))
    if unlisted:
        showing.fail_after_report(shell.terminal, _unlisted(unlisted, found))


def _left(count: int, found: Sequence[PlaceLeftovers]) -> StateError:
    places = sum(1 for each in found if each.left)
    return StateError(
        "leftovers-found",
        f"{count} resource{'' if count == 1 else 's'} left that no state knows, in {places} of {len(found)} places.",
        why="The list above names them: they carry the owner key of an environment of this home's.",
        fix="The list names what deletes each. If another home has an environment of that name, it may be its own.",
    )


def _unlisted(unlisted: Sequence[PlaceLeftovers], found: Sequence[PlaceLeftovers]) -> StateError:
    names = ", ".join(dict.fromkeys(f"'{each.place.environment}'" for each in unlisted))
    return StateError(
        "places-not-listed",
        f"Whether something is left is not known everywhere: places not listed: {len(unlisted)} of {len(found)}.",
        why=f"The list above has the reason of each. Environments: {names}.",
        fix="Correct what it names and run the same command again, or name one environment with -e.",
    )
