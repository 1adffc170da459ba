"""VMs that a BOSH director creates through our CPI: the settings that their agent gets, and when."""

import json
from pathlib import Path

import pytest

from cpi import plugins
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import NotSupportedError
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    AgentConfig,
    JsonValue,
    OwnerKey,
    SshAccess,
    StemcellRequest,
    VmRequest,
)
from cpi.serve import server
from cpi.serve.served_plugin import ServedPlugin
from tests.unit.cpi import agents

AGENT = "3f1c9a5e-0000-4000-8000-000000000001"
KEY = "ssh-ed25519 AAAA key"
NETWORKS: dict[str, JsonValue] = {"main": {**agents.CARD, "cloud_properties": {"network": "main"}}}


class OneCloud:
    """A plugin that gives the same cloud at each call."""

    name = "memory"

    def __init__(self) -> None:
        self.cloud = MemoryCloud(Rules(networks={"main": "10.0.0.0/18"}))

    def connect(self, settings: ConnectSettings) -> ConnectedCloud:
        return connect_cloud(self.cloud)


def _create(
    folder: Path, context: dict[str, JsonValue], env: dict[str, JsonValue], *, agent: dict[str, JsonValue] | None = None
) -> tuple[str, list[VmRequest]]:
    """The error, and the cloud's calls."""
    plugin = OneCloud()
    owner = OwnerKey(environment="bosh", deployment=ENVIRONMENT_ITSELF, action="s")
    stemcell = plugin.cloud.create_stemcell(StemcellRequest(owner=owner, os="memory-linux", version="1.0"))
    config = folder / "cpi.json"
    config.write_text(json.dumps({"cloud": {"properties": {"memory": {}, "agent": agent or {}}}}))
    arguments: list[JsonValue] = [AGENT, stemcell, {}, NETWORKS, [], env]
    request = {"method": "create_vm", "arguments": arguments, "context": context, "api_version": 2}
    service = ServedPlugin(plugin="memory", config=str(config), find=lambda _: plugin)
    answer = json.loads(server.answer(service, json.dumps(request).encode()))
    error = answer["error"]["message"] if answer["error"] else ""
    return error, [held.request for held in plugin.cloud.resources.vms.values()]


def _stemcell(version: int) -> dict[str, JsonValue]:
    return {"director_uuid": "d", "request_id": "cpi-123456", "vm": {"stemcell": {"api_version": version}}}


def test_an_agent_is_told_what_the_cpis_file_and_the_director_say(tmp_path: Path) -> None:
    error, (request,) = _create(tmp_path, _stemcell(3), agents.ENV, agent=agents.PROPERTIES)
    assert error == ""
    assert request.agent == AgentConfig(networks=NETWORKS, properties=agents.PROPERTIES)
    assert (request.agent_id, request.env, request.ssh) == (AGENT, agents.ENV, SshAccess(user="vcap", public_key=""))
    assert agents.MBUS not in repr(request.agent)


def test_the_message_bus_may_come_from_the_director(tmp_path: Path) -> None:
    error, (request,) = _create(tmp_path, _stemcell(2), {"bosh": {"mbus": {"urls": ["nats://x:4222"]}}})
    assert (error, request.agent) == ("", AgentConfig(networks=NETWORKS, properties={}))


def test_an_agent_that_would_not_know_its_director_is_refused(tmp_path: Path) -> None:
    error, made = _create(tmp_path, _stemcell(3), agents.ENV)
    assert (error.partition(":")[0], made) == ("cpi-mbus-missing", [])


@pytest.mark.parametrize("context", [{}, _stemcell(1), {"vm": {}}, {"vm": {"stemcell": {"api_version": "3"}}}])
def test_without_an_agent_that_needs_no_registry_the_login_is_made(
    tmp_path: Path, context: dict[str, JsonValue]
) -> None:
    error, (request,) = _create(tmp_path, context, {"bosh": {"authorized_keys": [KEY]}}, agent=agents.PROPERTIES)
    assert (error, request.agent, request.ssh) == ("", None, SshAccess(user="vcap", public_key=KEY))


def test_the_local_cloud_has_no_agent_and_says_so(tmp_path: Path) -> None:
    local = plugins.find_plugin("local").connect(
        ConnectSettings(environment="t", state_dir=str(tmp_path), properties={})
    )
    _, (request,) = _create(tmp_path, _stemcell(3), agents.ENV, agent=agents.PROPERTIES)
    with pytest.raises(NotSupportedError, match="agent-not-supported"):
        local.cloud.create_vm(request)
