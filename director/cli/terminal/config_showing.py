"""Configs on the terminal, as words or as JSON.

Takes report values, shows them.
"""

from collections.abc import Sequence

from director.app.use_cases.stored_configs import ShownConfig
from director.app.use_cases.update_config import UpdatedConfig
from director.cli.terminal.terminal import Terminal
from director.model.configs import ConfigType, DiffLine, StoredConfig
from director.report import config_rows


def show_config(terminal: Terminal, shown: ShownConfig, *, type_: ConfigType | None) -> None:
    """The document alone, so that it can be stored again; as JSON with its version."""
    text = shown.source.content.decode(errors="replace")
    if not terminal.is_json:
        terminal.say_raw(text.encode() if text.endswith("\n") else f"{text}\n".encode())
        return
    row = (
        config_rows.config_row(shown.stored, is_current=True)
        if shown.stored
        else config_rows.file_row(type_ or ConfigType.CLOUD, shown.name, shown.source.name)
    )
    terminal.say_json({"schema": "compleat.config/1", "config": {**row, "content": text}})


def show_update(terminal: Terminal, updated: UpdatedConfig) -> None:
    """What was stored, and remarks on it."""
    config = updated.config
    if terminal.is_json:
        terminal.say_json(
            {
                "schema": "compleat.stored-config/1",
                "stored": updated.is_new,
                "config": dict(config_rows.config_row(config, is_current=True)),
                "diff": config_rows.diff_rows(updated.diff),
                "remarks": config_rows.remark_rows(updated.remarks),
            }
        )
        return
    places = (f" ({each.where})" if each.where else "" for each in updated.remarks)
    terminal.note(f"remark: {each.text}{place}" for each, place in zip(updated.remarks, places, strict=True))
    if updated.is_new:
        terminal.say([f"The {config.title} is stored as version {config.number}."])
    else:
        terminal.say([f"The {config.title} has this content already (version {config.number}); nothing to do."])


def show_diff(terminal: Terminal, lines: Sequence[DiffLine]) -> None:
    """Lines that came and went."""
    if terminal.is_json:
        terminal.say_json({"schema": "compleat.diff/1", "diff": config_rows.diff_rows(lines)})
    else:
        terminal.say([str(line) for line in lines] or ["No differences."])


def show_deleted(terminal: Terminal, found: Sequence[StoredConfig]) -> None:
    """What is gone."""
    if terminal.is_json:
        rows = [dict(config_rows.config_row(each, is_current=False)) for each in found]
        terminal.say_json({"schema": "compleat.deleted-configs/1", "deleted": rows})
    else:
        words = [f"Version {each.number} of the {each.title} deleted." for each in found]
        terminal.say(words or ["No configs to delete."])
