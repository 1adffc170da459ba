"""Our clouds as CPI executables: envelopes, owner keys, settings, and what `info` may cost."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.contract.errors import CloudError
from cpi.contract.progress import NO_PROGRESS
from cpi.contract.protocol.envelope import Request
from cpi.contract.values import JsonValue
from cpi.serve import formats, owners, server, settings
from cpi.serve.server import ServedPlugin

AGENT = "3f1c9a5e-0000-4000-8000-000000000001"
HEAVY = ("boto3", "botocore", "azure", "openstack", "keystoneauth1", "pydantic", "paramiko", "asyncssh", "sqlalchemy")


def _ask(plugin: str, method: str, *arguments: JsonValue, **context: JsonValue) -> dict[str, JsonValue]:
    request = {"method": method, "arguments": list(arguments), "context": context, "api_version": 2}
    answer: dict[str, JsonValue] = json.loads(server.answer(ServedPlugin(plugin=plugin), json.dumps(request).encode()))
    assert answer.keys() == {"result", "error", "log"}
    return answer


def test_info_names_version_and_formats() -> None:
    assert _ask("memory", "info")["result"] == {"stemcell_formats": ["memory-light"], "api_version": 2}


def test_the_table_of_formats_is_what_the_cloud_itself_says() -> None:
    assert MemoryCloud().info().stemcell_formats == formats.FORMATS["memory"]


@pytest.mark.parametrize("plugin", sorted(formats.FORMATS))
def test_info_imports_no_sdk(plugin: str) -> None:
    asked = 'server.answer(server.ServedPlugin(plugin=sys.argv[1]), b\'{"method": "info"}\')'
    code = f"import sys; import director.cli.commands.cpi; from cpi.serve import server; out = {asked}; "
    code += f"print([name for name in {HEAVY!r} if name in sys.modules], b'api_version' in out)"
    ran = subprocess.run([sys.executable, "-c", code, plugin], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[] True"


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("no_such_thing", "NotImplemented"),
        ("update_disk", "NotImplemented"),
    ],
)
def test_what_there_is_not_is_not_implemented(method: str, kind: str) -> None:
    error = _ask("memory", method)["error"]
    assert isinstance(error, dict)
    assert error["type"] == f"Bosh::Clouds::{kind}"


def test_missing_things_are_named_by_their_kind() -> None:
    for method, arguments, kind in (
        ("reboot_vm", ["v"], "VMNotFound"),
        ("resize_disk", ["d", 5], "DiskNotFound"),
        ("attach_disk", ["v", "d"], "VMNotFound"),
        ("create_vm", [AGENT, "s", {}, {}, [], {"bosh": {"authorized_keys": ["k"]}}], "VMCreationFailed"),
    ):
        error = _ask("memory", method, *arguments)["error"]
        assert isinstance(error, dict)
        assert (error["type"], error["ok_to_retry"]) == (f"Bosh::Clouds::{kind}", False)


def test_wrong_arguments_and_no_request_are_answered_too() -> None:
    for answer in (_ask("memory", "has_vm"), _ask("memory", "has_vm", 5), _ask("nonesuch", "has_vm", "v")):
        assert answer["error"]
    assert json.loads(server.answer(ServedPlugin(plugin="memory"), b"hello"))["error"]["message"].startswith(
        "cpi-request"
    )


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"type": "dynamic"}, "Its type is dynamic."),
        ({"netmask_bits": 24}, "It has no range."),
        ({"range": "10.7.0.1/24"}, "Its range is not valid: 10.7.0.1/24 has host bits set."),
    ],
)
def test_a_network_without_a_range_is_refused(asked: JsonValue, why: str) -> None:
    error = _ask("memory", "create_network", asked)["error"]
    assert isinstance(error, dict)
    assert f"cpi-network-refused: This network cannot be created. Why: {why}" in str(error["message"])


def test_a_vm_without_any_key_is_refused() -> None:
    error = _ask("memory", "create_vm", AGENT, "s", {}, {}, [], {})["error"]
    assert isinstance(error, dict)
    assert "cpi-login-missing" in str(error["message"])


def test_a_broken_plugin_is_an_answer_without_values(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: str) -> None:
        raise ZeroDivisionError("secret")

    service = ServedPlugin(plugin="memory", find=broken)
    answer = json.loads(server.answer(service, b'{"method": "has_vm", "arguments": ["v"]}'))
    assert answer["error"]["type"] == "Bosh::Clouds::CpiError"
    assert "secret" not in answer["error"]["message"]
    assert "ZeroDivisionError" in capsys.readouterr().err


def _request(method: str, request_id: str, *arguments: JsonValue) -> Request:
    return Request(
        method=method, arguments=arguments, context={"director_uuid": "uuid", "request_id": request_id}, api_version=2
    )


def test_a_vm_belongs_to_its_agent_id_whatever_the_request_is_called() -> None:
    first = owners.derive_owner(_request("create_vm", "cpi-123456", AGENT), "bosh")
    again = owners.derive_owner(_request("create_vm", "cpi-654321", AGENT), "bosh")
    assert first == again
    assert (first.environment, first.deployment, first.action) == ("bosh", "uuid", AGENT)


def test_two_disks_are_two_although_a_director_draws_one_request_id_twice() -> None:
    request = _request("create_disk", "cpi-123456", 1024, {}, "vm")
    assert owners.derive_owner(request, "bosh") != owners.derive_owner(request, "bosh")
    unnamed = _request("create_disk", "", 1024, {}, "vm")
    assert owners.derive_owner(unnamed, "bosh") != owners.derive_owner(unnamed, "bosh")


def test_a_request_id_that_never_comes_again_names_its_disk() -> None:
    request = _request("create_disk", "cpi-0b0e2a4c-6d1f-4a55-9a51-0123456789ab", 1024, {}, None)
    assert owners.derive_owner(request, "bosh") == owners.derive_owner(request, "bosh")


def test_our_own_director_hands_its_owner_key_over() -> None:
    owner = owners.derive_owner(_request("create_disk", "cpi-prod/app/r1/create_disk/web", 1, {}, None), "bosh")
    assert (owner.environment, owner.deployment, owner.action) == ("prod", "app", "r1/create_disk/web")


def test_settings_are_ours_or_a_cpi_jsons_and_the_context_wins(tmp_path: Path) -> None:
    path = tmp_path / "cpi.json"
    path.write_text(json.dumps({"cloud": {"plugin": "aws", "properties": {"aws": {"region": "a", "zone": "b"}}}}))
    chosen = settings.load_settings(str(path), "aws").connect_settings({"region": "c"}, NO_PROGRESS)
    assert chosen.properties == {"region": "c", "zone": "b"}
    path.write_text(json.dumps({"environment": "prod", "login": {"user": "admin", "public_key": "k"}}))
    own = settings.load_settings(str(path), "aws")
    assert (own.environment, own.user, own.public_key) == ("prod", "admin", "k")


@pytest.mark.parametrize("text", ["", "[]", '{"region": "a"}', '{"login": []}', '{"cloud": {"properties": 3}}'])
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cpi.json"
    path.write_text(text)
    with pytest.raises(CloudError, match="cpi-config-invalid"):
        settings.load_settings(str(path), "aws")


@pytest.mark.parametrize("plugin", ["aws", "azure", "openstack"])
def test_the_table_names_formats_of_every_plugin_there_is(plugin: str) -> None:
    if importlib.util.find_spec(f"cpi.clouds.{plugin}.plugin") is not None:
        assert plugin in formats.FORMATS
