"""Every setting of a CPI executable has an effect, is refused with an error, or is a remark."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.external.config import ExternalConfig
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import OwnerKey, PreflightRequest, SshAccess, StemcellCid, StemcellRequest, VmRequest
from cpi.plugins import find_plugin
from tests.support import key_walk
from tests.support.key_walk import ABSENT, Acts, Document, Saying, Says, ShownBy

_OWNER = OwnerKey(environment="env", deployment="app", action="a1")
_PROGRAM = """#!/bin/sh
asked=$(cat)
printf '%s\\n' "$asked" >> "$(dirname "$0")/calls"
case "$asked" in
  *'"info"'*) echo '{"result": {"api_version": 2, "stemcell_formats": ["a-light"]}, "error": null, "log": ""}' ;;
  *) echo '{"result": "cid", "error": null, "log": ""}' ;;
esac
"""
SETTINGS: Mapping[str, Saying] = {
    "stemcell.os": Acts("one", "other"),
    "stemcell.version": Acts("1", "2"),
    "stemcell.architecture": Acts("x86_64", "arm64"),
    "stemcell.cloud_properties": Acts({"image": 1}, {"image": 2}),
    "stemcell.formats": Says(["a-raw"], "stemcell-format-not-taken"),
    "stemcell.image": Acts(ABSENT, "/image"),
    "context": Acts({"host": "one"}, {"host": "other"}),
    "api_version": Acts(1, 2),
    "timeout_s": ShownBy(
        "tests/integration/external/test_external.py::test_a_run_that_takes_too_long_is_ended_with_what_it_started"
    ),
    "boot_script": Acts("metadata.one", "metadata.other"),
    "director_uuid": Acts("one", "other"),
}
BASE: Mapping[str, Any] = {"stemcell": {"os": "ubuntu", "version": "1"}}


def _connected(folder: Path, document: Document) -> ConnectedCloud:
    path = folder / "cpi"
    path.write_text(_PROGRAM)
    path.chmod(0o755)
    settings = ConnectSettings(environment="env", state_dir=str(folder / "state"), properties=document)
    return find_plugin(f"exec:{path}").connect(settings)


def _outcome(document: Document) -> object:
    """What the executable is asked, and what it is taken for."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cloud = _connected(folder, document).cloud
        cloud.create_stemcell(StemcellRequest(owner=_OWNER, os="ubuntu", version="1"))
        ssh = SshAccess(user="root", public_key="ssh-ed25519 AAAA key")
        cloud.create_vm(
            VmRequest(name="web-0", owner=_OWNER, agent_id="a", stemcell_cid=StemcellCid("s"), networks=(), ssh=ssh)
        )
        asked = (folder / "calls").read_text().replace(name, "FOLDER")
        return cloud.info(), [_without_request_id(json.loads(line)) for line in asked.splitlines()]


def _without_request_id(call: dict[str, Any]) -> dict[str, Any]:
    return {**call, "context": {key: value for key, value in call["context"].items() if "request_id" not in key}}


def _codes(document: Document) -> set[str]:
    with tempfile.TemporaryDirectory() as name:
        try:
            preflight = _connected(Path(name), document).preflight
        except CloudError as error:
            return {error.code}
        assert preflight is not None
        return {finding.code for finding in preflight.preflight(PreflightRequest())}


def test_no_setting_is_silent() -> None:
    assert key_walk.silent_keys(ExternalConfig, SETTINGS) == []


@pytest.mark.parametrize("path", SETTINGS)
def test_what_is_said_of_a_setting_is_so(path: str) -> None:
    assert key_walk.wrong_with(path, SETTINGS[path], BASE, outcome=_outcome, codes_of=_codes) == ""


def test_the_same_settings_come_to_the_same() -> None:
    assert _outcome(BASE) == _outcome(BASE)
