"""A VmRequest as the service takes it."""

import dataclasses

import pytest

from cpi.clouds.local.machines import vm_records
from cpi.contract.errors import CloudError
from cpi.contract.values import NetworkKind, NetworkSettings, OwnerKey, SshAccess, StemcellCid, VmRequest

_REQUEST = VmRequest(
    name="web-0",
    owner=OwnerKey(environment="e", deployment="d", action="a"),
    agent_id="agent",
    stemcell_cid=StemcellCid("stemcell-0123456789abcdef"),
    networks=(NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.9", prefix=24),),
    ssh=SshAccess(user="", public_key="ssh-ed25519 AAAA me"),
    tags={"k": "v"},
)


def test_a_network_means_the_clouds_network_of_its_name_unless_it_says_another() -> None:
    other = dataclasses.replace(_REQUEST.networks[0], cloud_properties={"network": "inner"})
    order = vm_records.write_vm(dataclasses.replace(_REQUEST, networks=(_REQUEST.networks[0], other)))

    assert [nic["network"] for nic in order["nics"]] == ["default", "inner"]


def test_a_login_without_user_is_vcap() -> None:
    assert vm_records.write_vm(_REQUEST)["ssh_user"] == "vcap"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "../x"}, "vm-name-invalid"),
        ({"name": "UPPER"}, "vm-name-invalid"),
        ({"ssh": SshAccess(user="a:b", public_key="k")}, "ssh-user-invalid"),
        ({"ssh": SshAccess(user="root", public_key="k\nk2")}, "ssh-key-invalid"),
        ({"stemcell_cid": StemcellCid("../../etc")}, "unknown-stemcell"),
        ({"disk_cids": ("../../etc",)}, "unknown-disk"),
        ({"cloud_properties": {"cpus": 1}}, "unknown-cloud-property"),
    ],
)
def test_what_could_not_be_a_file_or_a_line_is_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(CloudError) as refused:
        vm_records.write_vm(dataclasses.replace(_REQUEST, **changes))  # type: ignore[arg-type]

    assert refused.value.code == code
