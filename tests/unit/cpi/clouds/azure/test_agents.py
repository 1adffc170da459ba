"""The settings of a bosh-agent on Azure."""

import base64
import json
from dataclasses import replace

import pytest

from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.machines import vms
from cpi.contract.errors import CloudError
from cpi.contract.values import NetworkKind, NetworkSettings, SshAccess, VmRequest
from tests.unit.cpi import agents
from tests.unit.cpi.clouds.azure import requests

IMAGE = stemcells.read_image("Debian:debian-12:12-gen2:1.2")
CARD = NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.10", prefix=18, dns=("10.0.0.2",))


def _custom_data(request: VmRequest) -> str:
    body = vms.render_vm(
        request, requests.settings(), vms.AzureVmParts(nic_ids=["nic"], image=IMAGE), places=requests.PLACES
    )
    return base64.b64decode(body["properties"]["osProfile"]["customData"]).decode()


def test_a_bosh_agent_reads_its_settings_in_the_custom_data() -> None:
    assert json.loads(_custom_data(agents.with_agent(replace(requests.vm(), networks=(CARD,))))) == {
        **agents.settings({"system": "/dev/sda"}),
        "server": {"name": "web-0"},
        "dns": {"nameserver": ["10.0.0.2"]},
    }


def test_azure_makes_no_vm_without_a_key_and_says_so() -> None:
    request = agents.with_agent(replace(requests.vm(), ssh=SshAccess(user="vcap", public_key="")))
    with pytest.raises(CloudError, match="login-missing"):
        _custom_data(request)
