"""The zipapp: named by its sources, the same bytes each time, and it runs with and without its byte code."""

import subprocess
import sys
from pathlib import Path

import pytest

from director.edge.agents import guest_bundle


def test_the_same_sources_give_the_same_bytes_and_name() -> None:
    folder = guest_bundle.guest_folder()
    plain = guest_bundle.build_guest(folder, with_byte_code=False)
    assert plain == guest_bundle.build_guest(folder, with_byte_code=False)
    assert plain.file_name == guest_bundle.build_guest(folder).file_name


def test_another_source_gives_another_name(tmp_path: Path) -> None:
    names = []
    for text in ("a = 1\n", "a = 2\n"):
        (tmp_path / "one.py").write_text(text)
        names.append(guest_bundle.build_guest(tmp_path).file_name)
    assert len(set(names)) == 2


@pytest.mark.parametrize("with_byte_code", [True, False])
def test_it_runs_as_one_file(tmp_path: Path, with_byte_code: bool) -> None:
    bundle = guest_bundle.build_guest(guest_bundle.guest_folder(), with_byte_code=with_byte_code)
    program = tmp_path / bundle.file_name
    program.write_bytes(bundle.content)
    done = subprocess.run(
        [sys.executable, "-I", "-S", program, "summary"],
        env={"COMPLEAT_GUEST_BASE": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"The supervisor is not running.\n", b"")


def test_an_unknown_subcommand_says_what_there_is(tmp_path: Path) -> None:
    bundle = guest_bundle.build_guest(guest_bundle.guest_folder())
    (tmp_path / "g.pyz").write_bytes(bundle.content)
    done = subprocess.run([sys.executable, tmp_path / "g.pyz", "dance"], capture_output=True, check=False)
    assert (done.returncode, done.stderr.startswith(b"bad-usage: Use: serve |")) == (1, True)
