"""The home directory, from the process's environment."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import Compleat

_ASK = "from director.cli.home import find_home; print(find_home())"


def _asked(cwd: Path, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", _ASK],
        env={**environment, "PYTHONPATH": ":".join(sys.path)},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip(), done.stderr.strip().splitlines()[-1] if done.stderr else ""


@pytest.mark.parametrize(
    ("environment", "home"),
    [
        ({"HOME": "/users/me"}, "/users/me/.compleat"),
        ({"HOME": "/users/me", "COMPLEAT_HOME": ""}, "/users/me/.compleat"),
        ({"HOME": "/users/me", "COMPLEAT_HOME": "~/lit"}, "/users/me/lit"),
        ({"HOME": "/users/me", "COMPLEAT_HOME": "/srv/two words"}, "/srv/two words"),
    ],
)
def test_the_home_is_the_named_one_or_the_users(environment: dict[str, str], home: str, tmp_path: Path) -> None:
    assert _asked(tmp_path, **environment) == (0, home, "")


@pytest.mark.parametrize("named", ["rel/home", "~nobody-of-this-name/x"])
def test_a_relative_home_is_refused_and_nothing_is_made(named: str, tmp_path: Path) -> None:
    code, _, words = _asked(tmp_path, HOME="/users/me", COMPLEAT_HOME=named)
    assert (code, f"home-relative: COMPLEAT_HOME is not an absolute path: '{named}'." in words) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_home_without_environments_has_no_tasks(tmp_path: Path) -> None:
    """Typed as users of the bosh CLI do: the number and the name behind an equals sign."""
    (tmp_path / "home").mkdir(mode=0o700)
    compleat = Compleat(home=tmp_path / "home", environment="local")
    assert compleat.run("-e=lab", "tasks", "-r=1").ended().out == "No tasks yet.\n"
