"""The mark that spreads VMs over a file system is the one that chattr gives."""

import subprocess
import tempfile
from pathlib import Path

from cpi.clouds.local.inside.system.spreading import spread_children


def test_mark_is_that_of_chattr() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        own, by_hand = Path(place, "ours"), Path(place, "by-hand")
        own.mkdir()
        by_hand.mkdir()
        can_mark = subprocess.run(["chattr", "+T", str(by_hand)], capture_output=True).returncode == 0
        spread_children(str(own))
        spread_children(str(own))
        assert _flags(own) == _flags(by_hand)
        assert ("T" in _flags(own)) == can_mark


def _flags(directory: Path) -> str:
    """What lsattr says; nothing where the file system has no flags."""
    answer = subprocess.run(["lsattr", "-d", str(directory)], capture_output=True, text=True)
    return answer.stdout.split(" ", 1)[0]
