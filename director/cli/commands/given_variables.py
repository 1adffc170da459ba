"""`compleat set-var`, `delete-var`, `import-vars` and `export-vars`: variables of a deployment by hand.

Takes flags, gives one line. Values come from a prompt, standard input or files, never from the command line.
"""

from collections.abc import Mapping

import click

from cpi.contract.values import JsonValue
from director.app.use_cases import given_variables, show
from director.app.use_cases.given_variables import GivenVariables
from director.app.wiring import vaults
from director.cli import change, opening, options
from director.cli.options import Shell


@click.command("set-var", epilog="Example: `compleat set-var -d hello token --var-file token.txt`")
@click.argument("name")
@click.option("--var-file", metavar="PATH", help="Read the value from a file; - is standard input.")
@options.shared
def set_var(shell: Shell, name: str, var_file: str | None) -> None:
    """Set the variable NAME to a text, which a prompt reads without --var-file.

    The next deploy updates the instances that use it. A line break at the end does not count.
    """
    deployment = shell.needed_deployment()
    if var_file is None:
        fix = "Add --var-file PATH, or --var-file - for standard input."
        text = shell.terminal.ask((), f"Value of {name}: ", is_hidden=True, fix=fix)
    else:
        text = change.home_files(shell).read_source(var_file).content.decode(errors="replace")
    _set(shell, deployment, {name: text.removesuffix("\n").removesuffix("\r")})


@click.command("import-vars", epilog="Example: `compleat import-vars -d hello vars.yml`")
@click.argument("file")
@options.shared
def import_vars(shell: Shell, file: str) -> None:
    """Set the variables of FILE, a variables store as `bosh --vars-store` writes it: all of them or none."""
    deployment = shell.needed_deployment()
    _set(shell, deployment, given_variables.read_store(change.home_files(shell).read_source(file)))


@click.command("export-vars", epilog="Example: `compleat export-vars -d hello vars.yml`")
@click.argument("file")
@options.shared
def export_vars(shell: Shell, file: str) -> None:
    """Write the variables of a deployment into FILE, a variables store that only this user may read."""
    deployment = shell.needed_deployment()
    with vaults.open_secret_history(shell.settings) as history:
        values = show.secret_values(history, deployment)
    change.home_files(shell).write_private(file, given_variables.write_store(values))
    _say(shell, deployment, sorted(values), what=f"written to {file}")


@click.command("delete-var", epilog="Example: `compleat delete-var -d hello token -n`")
@click.argument("name")
@options.shared
def delete_var(shell: Shell, name: str) -> None:
    """Delete the value of the variable NAME. One that the deployed manifest declares is not deleted while it is in use:
    `deploy --regenerate NAME` replaces it.
    """
    deployment = shell.needed_deployment()
    with opening.task(shell) as session:
        given_variables.delete_variable(session, deployment, name, caller=shell.caller, confirm=shell.confirm)
    _say(shell, deployment, [name], what="deleted")


def _set(shell: Shell, deployment: str, values: Mapping[str, JsonValue]) -> None:
    with opening.task(shell) as session:
        given = GivenVariables(deployment=deployment, values=values, caller=shell.caller)
        changed = given_variables.set_variables(session, given)
    _say(shell, deployment, list(changed), what="set")


def _say(shell: Shell, deployment: str, names: list[str], *, what: str) -> None:
    """One line; the next deploy is named where it has something to do."""
    if shell.terminal.is_json:
        document = {"schema": "compleat.given-variables/1", "deployment": deployment, "variables": names, "done": what}
        shell.terminal.say_json(document)
        return
    listed = ", ".join(names) if names else "none"
    shell.terminal.say([f"Variables of deployment '{deployment}' {what}: {listed}."])
