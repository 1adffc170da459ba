"""Every shell block of the README and the tutorial does what the page says, typed in order by one reader."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import command_pages, shell_blocks, verb_texts
from tests.support.command import ROOT, Compleat
from tests.support.stemcell_tarballs import manifest_of, pack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # tens of commands each, as processes of their own

NOT_RUN = {
    "README.md": [
        "make test",
        "python3 -m venv .venv\n. .venv/bin/activate\npip install -e .\n",
        """\
pip install -e '.[aws]'
compleat init -e trial --cloud aws
compleat up -e trial
compleat watch -e trial
compleat down -e trial
""",
    ],
    "docs/tutorial.md": [],
}
"""What no test types: this test is itself part of `make test`, and `make up` installs the same way."""

NO_OCCASION = {
    "adopt",
    "attach-disk",
    "azure create-principal",
    "bundle apply",
    "bundle create",
    "bundle verify",
    "cancel-task",
    "cpi-config",
    "delete-disk",
    "delete-snapshot",
    "delete-snapshots",
    "delete-vm",
    "logs",
    "orphan-disk",
    "restore",
    "take-snapshot",
    "template deploy",
    "update-cpi-config",
    "watch",
}
"""Examples typed elsewhere or nowhere: Azure's are typed against a stand-in for Azure; signed bundles need
keys, and have tests of their own; disks, snapshots and VMs have names of their own each time, and the tests of
operations type them; a restore exchanges the home of the other examples, and `adopt` wants a lost state; the local
cloud has no task of unknown result; `logs -f` and `watch` do not end by themselves and have tests of their own; the
environment of the examples has one cloud, beside which a CPI config is refused."""

INSTALLED = 'make() { command make -o "$BIN/.installed" BIN="$BIN" "$@"; }\n'
"""The recipes of the Makefile as they are, but for the installation, which the tests run in already."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A reader's view of a checkout; files written there are the reader's own."""
    for folder in ("manifests", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "token.txt").write_text("a token\n")
    (tmp_path / "vars.yml").write_text("token: another\n")
    light: dict[str, Any] = {"stemcell_formats": ["compleat-host"], "cloud_properties": {"image": "host"}}
    named: dict[str, Any] = {"name": "my-debian", "version": "12.1", "operating_system": "my-debian"}
    pack(tmp_path / "my-debian.tgz", {"stemcell.MF": manifest_of(**named, **light), "image": b""})
    return tmp_path


@pytest.fixture
def reader(kept_home: Path) -> Iterator[Compleat]:
    """The environment that a reader gets who names none; packages that others compiled are there."""
    own = Compleat(home=kept_home, environment="local")
    yield own
    own.run("down", "-n").ended()


@pytest.mark.parametrize("page", NOT_RUN)
def test_a_page_does_what_it_says(page: str, checkout: Path, reader: Compleat) -> None:
    steps = shell_blocks.read_steps((ROOT / page).read_text())
    assert [step.command for step in steps if not step.is_run] == NOT_RUN[page]
    for step in (step for step in steps if step.is_run):
        done = _type(step.command, checkout, reader)
        assert done.returncode == 0, f"{page}: $ {step.command}\n{done.stdout}"
        assert shell_blocks.missing_lines(step, done.stdout) == (), f"{page}: $ {step.command}\n{done.stdout}"


def test_the_example_of_every_command_works_as_typed(checkout: Path, compleat: Compleat) -> None:
    """In an order in which each finds what it needs; `up` and `deploy` first, what takes away last. Each prints what
    tests/cases/verbs has, no more and no less."""
    examples = {name: command_pages.example(command) for name, command in command_pages.commands()}
    first = ["doctor", "up", "plan", "deploy"]
    last = ["recreate", "delete-deployment", "down"]
    between = [name for name in examples if name not in {*first, *last, *NO_OCCASION}]
    others = []
    for name in (*first, *between, *last):
        done = _type(f"export COMPLEAT_NON_INTERACTIVE=1; {examples[name]}", checkout, compleat)
        assert done.returncode == 0, f"$ {examples[name]}\n{done.stdout}"
        places = verb_texts.places_of(compleat.home, compleat.environment, checkout)
        printed = verb_texts.compared(examples[name], done.stdout, places)
        if name not in verb_texts.ELSEWHERE and printed != verb_texts.expected(name):
            others.append(printed)
    assert others == []


def test_logs_are_followed_until_ctrl_c(platform: Compleat) -> None:
    words = shlex.split(command_pages.example(dict(command_pages.commands())["logs"]))[1:]
    line = f"a line written at {time.time_ns()}"
    write = f"echo {shlex.quote(line)} >> /var/vcap/sys/log/console/followed.log"
    with platform.started(*words) as following:
        assert following.stdout is not None
        shown = following.stdout.readline()  # what was there before: it follows now
        platform.run("ssh", "-d", "platform", "console/0", "-c", write).ended()
        while shown and line not in shown:
            shown = following.stdout.readline()
        following.send_signal(signal.SIGINT)
        assert following.wait(timeout=10) == 0
    assert line in shown


def _type(command: str, where: Path, reader: Compleat) -> subprocess.CompletedProcess[str]:
    folder = Path(sys.executable).parent
    environment = {**os.environ, **reader.env(), "BIN": str(folder), "PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", "-c", INSTALLED + command],
        cwd=where,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=600,
        check=False,
    )
