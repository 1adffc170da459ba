"""Backups on the terminal.

Takes values of director.model.backups, shows them.
"""

from cpi.contract.values import JsonValue
from director.cli.terminal.terminal import Terminal
from director.model import as_data
from director.model.backups import BACKUP_SCHEMA, HomeBackup, RestoredHome
from director.report import time_words


def show_backup(terminal: Terminal, backup: HomeBackup) -> None:
    """What was written."""
    if terminal.is_json:
        terminal.say_json({"schema": BACKUP_SCHEMA, **_document(backup)})
        return
    if backup.has_key:
        advice = "It has the vault's key: keep it where only you can read it."
    else:
        advice = "It has no key: keep vault.key elsewhere, or it cannot be restored."
    terminal.say([*content_lines(backup), advice])


def content_lines(backup: HomeBackup) -> list[str]:
    """When it was made, how large it is, and which environments it has."""
    size = f"{backup.file_count} files, {backup.size / (1 << 20):.1f} MiB"
    listed = [f"  {one.name}: {', '.join(one.deployments) or 'no deployments'}" for one in backup.environments]
    return [f"Backup {backup.path} of {time_words.utc_text(backup.made_at)}: {size}.", *listed]


def show_restored(terminal: Terminal, restored: RestoredHome) -> None:
    """What the home has now, and what to do next."""
    if terminal.is_json:
        document: dict[str, JsonValue] = {"schema": "compleat.restored/1", **_document(restored.backup)}
        terminal.say_json({**document, "former": restored.former})
        return
    lines = [*content_lines(restored.backup), "Restored."]
    if restored.former:
        lines += [f"The former content is in {restored.former}: delete it once it is not needed."]
    terminal.say(lines)


def _document(backup: HomeBackup) -> dict[str, JsonValue]:
    document = as_data.encode(backup)
    assert isinstance(document, dict)
    return {**document, "has_key": backup.has_key, "has_all_blobs": backup.has_all_blobs}
