"""What the report prints, typed as it stands into a shell, with the system's own ssh and homes on awkward paths."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncssh
import pytest

from director.model.report import ReportLine, UpReport
from director.report import ending, ssh_config
from director.report.ssh_config import SshHost
from tests.support.command import ROOT
from tests.support.ssh_server import SshServer

AWKWARD = [
    "plain",
    "two words",
    "it's",
    'say "hi"',
    "cash $HOME",
    "100%",
    "%d%%h",
    "back\\slash",
    "#not; a & comment",
    "~tilde",
]
KEY = asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    running = SshServer(folder=tmp_path_factory.mktemp("vm"), accepted=[KEY.export_public_key()]).start()
    yield running
    running.stop()


@pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no ssh on this machine")
@pytest.mark.parametrize("name", AWKWARD)
def test_the_printed_ssh_line_works_whatever_the_home_is_called(server: SshServer, name: str, tmp_path: Path) -> None:
    home = tmp_path / name
    home.mkdir()
    key, known_hosts, config = home / "ssh_key", home / "known_hosts", home / "ssh_config"
    key.write_bytes(KEY.export_private_key())
    key.chmod(0o600)
    known_hosts.write_text(f"[127.0.0.1]:{server.port} {server.host_key.export_public_key().decode()}")
    host = SshHost(
        name="jumpbox", host="127.0.0.1", port=server.port, user="root", key=str(key), known_hosts=str(known_hosts)
    )
    config.write_text(ssh_config.describe_host(host))
    done = _type(f"ssh -F {shlex.quote(str(config))} jumpbox 'echo hello'", cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "hello\n"), done.stderr


@pytest.mark.parametrize("name", AWKWARD)
def test_a_printed_path_is_one_word_of_a_shell(name: str, tmp_path: Path) -> None:
    line = ReportLine(name="ca_file", value=str(tmp_path / name), is_path=True)
    printed = ending.up_lines(UpReport(environment="e", lines=(line,), took_s=1.0))[1].partition("ca file  ")[2]
    (tmp_path / name).write_text("the certificate")
    assert _type(f"cat {printed}", cwd=ROOT).stdout == "the certificate"


@pytest.mark.parametrize("has_path", [True, False], ids=["on the path", "not on the path"])
@pytest.mark.parametrize("name", ["plain", "it's two"])
def test_the_printed_program_is_found_and_finds_its_home(has_path: bool, name: str, tmp_path: Path) -> None:
    script = tmp_path / name / "bin" / "compleat"
    script.parent.mkdir(parents=True)
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m director.cli.main "$@"\n')
    script.chmod(0o755)
    path = f"{script.parent}:/usr/bin:/bin" if has_path else "/usr/bin:/bin"
    home = tmp_path / name / "home"
    code = "import sys; from director.cli import program; sys.argv[0] = sys.argv[1]; print(program.find_program())"
    environment = {"COMPLEAT_HOME": str(home), "PATH": path}
    shown = _type(f"{sys.executable} -c {shlex.quote(code)} bin/compleat", cwd=tmp_path / name, **environment).stdout
    assert shown == f"COMPLEAT_HOME={shlex.quote(str(home))} {'compleat' if has_path else 'bin/compleat'}\n"
    typed = _type(f"{shown.strip()} instances", cwd=tmp_path / name, PATH=path)
    # The program is there and looks into that home, which has no environment yet.
    reported = (
        typed.returncode,
        "environment-missing: Environment 'local' does not exist." in typed.stderr,
        home.is_dir(),
    )
    assert reported == (3, True, True), typed.stderr


def _type(line: str, *, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    own: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        ["sh", "-c", line], cwd=cwd, env=own, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
