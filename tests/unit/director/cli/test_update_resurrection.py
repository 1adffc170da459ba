"""`update-resurrection`: off is as it is, and on is refused."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from director.cli.command_table import LazyCommands
from director.errors import InputError


@pytest.mark.parametrize("word", ["on", "off"])
def test_the_switch_is_off_and_stays_off(word: str, tmp_path: Path) -> None:
    environment = {"COMPLEAT_HOME": str(tmp_path)}
    ran = CliRunner(env=environment).invoke(LazyCommands(name="compleat"), ["update-resurrection", word])
    if word == "on":
        assert isinstance(ran.exception, InputError) and ran.exception.code == "resurrection-unavailable"
    else:
        assert (ran.exit_code, "off" in ran.output) == (0, True)
