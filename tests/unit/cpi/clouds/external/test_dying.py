"""A CPI that dies or answers garbage: who, to what call, how it ended, its last words, and where the others are."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpi.clouds.external import last_output
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError, LostReplyError
from cpi.contract.values import DiskRequest, Finding, JsonValue, OwnerKey, PreflightRequest
from cpi.plugins import find_plugin

STEMCELL: dict[str, JsonValue] = {"os": "ubuntu", "version": "1"}
ABOUT = '{"result": {"api_version": 2, "stemcell_formats": ["x-tar"]}, "error": null, "log": ""}'
INFO = f"""read request
case "$request" in *'"info"'*) echo '{ABOUT}'; exit 0;; esac
"""


class Executable:
    def __init__(self, folder: Path) -> None:
        self.path, self.log = folder / "cpi", folder / "state" / "cpi.log"
        self._closing: list[ConnectedCloud] = []

    def connect(self, script: str, **stemcell: JsonValue) -> ConnectedCloud:
        self.path.write_text(f"#!/bin/sh\n{script}\n")
        self.path.chmod(0o755)
        connected = find_plugin(f"exec:{self.path}").connect(
            ConnectSettings(
                environment="env",
                state_dir=str(self.log.parent),
                properties={"stemcell": {**STEMCELL, **stemcell}, "context": {"password": "very-secret"}},
            )
        )
        self._closing.append(connected)
        return connected

    def findings(self, script: str, **stemcell: JsonValue) -> list[Finding]:
        preflight = self.connect(script, **stemcell).preflight
        assert preflight is not None
        return list(preflight.preflight(PreflightRequest()))

    def close(self) -> None:
        for one in self._closing:
            one.close()


@pytest.fixture
def executable(tmp_path: Path) -> Iterator[Executable]:
    made = Executable(tmp_path)
    yield made
    made.close()


def test_the_folders_of_its_log_are_this_users_alone_whatever_the_umask(executable: Executable, tmp_path: Path) -> None:
    executable.log = tmp_path / "environments" / "env" / "clouds" / "far" / "cpi.log"
    before = os.umask(0)
    try:
        executable.findings("echo said >&2; exit 7")
    finally:
        os.umask(before)
    made = [executable.log, *executable.log.parents[:4]]
    assert [path.stat().st_mode & 0o777 for path in made] == [0o600] + [0o700] * 4


def test_preflight_tells_a_cpi_that_dies_with_all_that_is_known(executable: Executable) -> None:
    (found,) = executable.findings(
        r"cat >/dev/null; printf 'a\nb\n\033[31mboom: very-secret\033[0m has no region\n' >&2; exit 7"
    )
    assert (found.code, found.is_fatal) == ("cpi-response-invalid", True)
    assert found.what == f"{executable.path} gave no valid answer to info under BOSH's CPI protocol."
    assert "It ended with exit code 7." in found.why
    assert found.why.endswith("Its standard error ends with: a / b / boom: <redacted> has no region")
    assert str(executable.log) in found.fix
    assert "version 1 or 2" not in found.fix


@pytest.mark.parametrize(
    ("script", "ended"), [("exit 1", "exit code 1"), ("echo hello", "exit code 0"), ("kill -9 $$", "signal 9")]
)
def test_preflight_tells_a_cpi_that_says_nothing_of_use(executable: Executable, script: str, ended: str) -> None:
    (found,) = executable.findings(f"cat >/dev/null; {script}")
    assert found.code == "cpi-response-invalid"
    assert ended in found.why
    assert found.why.endswith("It wrote nothing to standard error.")


def test_a_change_whose_cpi_dies_stays_in_doubt_with_the_same_facts(executable: Executable) -> None:
    cloud = executable.connect(f"{INFO}echo 'no disk today' >&2; exit 3").cloud
    with pytest.raises(LostReplyError) as caught:
        cloud.create_disk(DiskRequest(owner=OwnerKey(environment="e", deployment="d", action="a"), size_mib=1))
    assert caught.value.what.startswith(
        f"create_disk may have taken effect: {executable.path} gave no valid answer to create_disk"
    )
    assert "exit code 3. Its standard error ends with: no disk today" in caught.value.why


def test_a_refusal_names_the_log_and_is_clean(executable: Executable) -> None:
    error = r'{"type": "X", "message": "no\u001b]0;title\u0007 way\u009b", "ok_to_retry": false}'
    answer = f'{{"result": null, "error": {error}, "log": ""}}'
    with pytest.raises(CloudError) as caught:
        executable.connect(f"cat >/dev/null; cat <<'END'\n{answer}\nEND").cloud.info()
    assert caught.value.what == "The CPI refused info: no way"
    assert str(executable.log) in caught.value.fix


def test_an_image_that_is_not_there_is_told(executable: Executable, tmp_path: Path) -> None:
    missing = str(tmp_path / "image")
    (found,) = executable.findings(INFO, image=missing)
    assert (found.code, missing in found.what) == ("stemcell-image-missing", True)
    Path(missing).touch()
    assert executable.findings(INFO, image=missing) == []


def test_a_format_that_the_cpi_does_not_take_is_told(executable: Executable, tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.touch()
    (found,) = executable.findings(INFO, image=str(image), formats=["y-light", "z-raw"])
    assert (found.code, found.is_fatal) == ("stemcell-format-not-taken", True)
    assert found.what == "The CPI does not support stemcells of the format y-light, z-raw."
    assert found.why == "It supports x-tar."
    assert executable.findings(INFO, image=str(image), formats=["y-light", "x-tar"]) == []


def test_a_light_stemcell_for_a_cpi_without_light_formats_is_a_remark(executable: Executable) -> None:
    (found,) = executable.findings(INFO)
    assert (found.code, found.is_fatal) == ("light-stemcell-doubtful", False)


def test_last_words_are_bounded_and_in_one_line() -> None:
    assert last_output.last_lines("") == ""
    assert last_output.last_lines("x" * 1_000_000) == "x" * 300 + " ..."
    assert last_output.last_lines("one\n\n two\r\nthree\nfour \n") == "two / three / four"
    assert last_output.last_lines("\x1b[2Jhi\x00\u202e\x1b]0;t\x07!") == "hi!"
    assert len(last_output.message("y" * 10_000)) == 4004
