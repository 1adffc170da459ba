"""`compleat backup` and `compleat restore`: the home as one file, and back.

Takes flags, gives what is in the file.
"""

import click

from director.app.use_cases import restore as restoring
from director.app.use_cases.restore import RestoreRequest
from director.app.wiring import backups
from director.cli import options
from director.cli.terminal import backup_showing
from director.model.backups import HomeBackup


@click.command("backup", epilog="Example: `compleat backup compleat.tar`")
@click.argument("file")
@click.option("--without-key", is_flag=True, help="Leave the vault's key out: secrets in the file stay sealed.")
@click.option("--blobs", is_flag=True, help="Include caches: compiled packages and downloads.")
@options.of_environment
def backup(shell: options.Shell, /, *, file: str, without_key: bool, blobs: bool) -> None:
    """Write the state, secrets, environment files and uploaded releases of the home into FILE.

    Other commands may run meanwhile. A reader of FILE can read every secret, unless it has no key.
    """
    with backups.open_to_back_up(shell.settings) as opened:
        written = opened.write(file, made_at=shell.caller.at, has_key=not without_key, has_all_blobs=blobs)
    backup_showing.show_backup(shell.terminal, written)


@click.command("restore", epilog="Example: `compleat restore compleat.tar`")
@click.argument("file")
@click.option("--replace", is_flag=True, help="Replace the home's content, which is kept in a folder beside.")
@click.option("--key", metavar="FILE", help="The vault's key, for a backup that was written without it.")
@options.of_environment
def restore(shell: options.Shell, /, *, file: str, replace: bool, key: str | None) -> None:
    """Verify FILE, then put the home into the state that it has. Clouds are neither queried nor changed.

    The same command continues after an interruption.
    """

    def confirm(found: HomeBackup) -> None:
        shell.confirm(
            backup_showing.content_lines(found), f"Replace the content of {shell.settings.home} with this backup?"
        )

    request = RestoreRequest(path=file, at=shell.caller.at, key=key, is_replacing=replace)
    restored = restoring.restore(backups.open_to_restore(shell.settings), request, confirm)
    backup_showing.show_restored(shell.terminal, restored)
