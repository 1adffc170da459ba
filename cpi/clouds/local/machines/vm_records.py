"""A VmRequest as the record the service takes. Pure.

Takes a request, gives a JSON-shaped mapping. Raises CloudError, code unknown-cloud-property.
"""

import re

from cpi.clouds.local.inside.records.orders import CardOrder, VmOrder
from cpi.clouds.local.inside.system import names
from cpi.clouds.local.machines import finder
from cpi.clouds.local.wire import config, interfaces
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import NetworkKind, NetworkSettings, VmRequest
from cpi.kit import foreign_cids, judge

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


def write_vm(request: VmRequest) -> VmOrder:
    """The order for one VM; `ssh.user` "" means vcap."""
    where = f"VM '{request.name}'"
    config.read_properties(config.VmProperties, request.cloud_properties, where=where)
    judge.require(interfaces.findings([request]))
    user = request.ssh.user or "vcap"
    _check_words(request.name, user, request.ssh.public_key)
    foreign_cids.require_own(request.stemcell_cid, what="stemcell", cloud="local")
    if not names.is_cid(request.stemcell_cid):
        raise judge.unknown_stemcell(request.stemcell_cid, cloud="The local cloud")
    for disk in request.disk_cids:
        foreign_cids.require_own(disk, what="disk", cloud="local")
        if not names.is_cid(disk):
            raise NotFoundError("unknown-disk", f"The local cloud has no disk {disk}.")
    return {
        "name": request.name,
        "owner": finder.write_owner(request.owner),
        "agent_id": request.agent_id,
        "stemcell": request.stemcell_cid,
        "nics": [_write_network(network, where) for network in request.networks],
        "ssh_user": user,
        "ssh_key": request.ssh.public_key,
        "cloud_properties": request.cloud_properties,
        "env": request.env,
        "tags": dict(request.tags),
        "disks": list(request.disk_cids),
    }


def _write_network(network: NetworkSettings, where: str) -> CardOrder:
    place = f"network '{network.name}' of {where}"
    properties = config.read_properties(config.NetworkProperties, network.cloud_properties, where=place)
    return {
        "name": network.name,
        "kind": network.kind.value,
        "network": properties.network or network.name,
        "ip": network.ip or "",
        "prefix": network.prefix,
        "gateway": network.gateway,
        "dns": list(network.dns),
        "defaults": list(network.defaults),
        "cloud_properties": network.cloud_properties,
        "nic_group": network.nic_group if network.kind is not NetworkKind.VIP else "",
    }


def _check_words(name: str, user: str, key: str) -> None:
    judge.require_host_name(name)
    if not _USER.fullmatch(user):
        raise CloudError("ssh-user-invalid", f"'{user}' is not a valid user name.", fix="Use a-z, 0-9, '_' and '-'.")
    if "\n" in key.strip():
        raise CloudError("ssh-key-invalid", "An SSH public key is one line.")
