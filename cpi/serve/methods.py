"""CPI v2's methods on one of our clouds: arguments read, the cloud called, the result written.

Takes a method's name and JSON arguments, gives a JSON result. Source: docs of the CPI API v2.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TypeVar

from cpi.contract.cloud import ConnectedCloud, Landing
from cpi.contract.errors import CloudError, LostReplyError, NotSupportedError
from cpi.contract.progress import Progress
from cpi.contract.protocol import hints, networks
from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    AgentConfig,
    DiskCid,
    DiskRequest,
    JsonValue,
    OwnerKey,
    SnapshotCid,
    SshAccess,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)
from cpi.kit.tag_limits import TOO_MANY
from cpi.serve import created_networks, network_checks, retries
from cpi.serve.retries import Sleep

_WHOLE = re.compile(r"\d{1,15}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 63
_MOST_BREAKS = 5
"""An upload has thousands of calls, and a director does not ask for it again: so many lost answers are gone over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A cloud with all that one call needs beside its arguments; `version` 1 has no networks and no disk hints.

    `agent` are the properties of a bosh-agent; None if the stemcell's agent does not read them.
    """

    connected: ConnectedCloud
    owner: OwnerKey
    user: str
    public_key: str
    version: int
    sleep: Sleep
    log: Progress
    agent: Mapping[str, JsonValue] | None = field(default=None, repr=False)


_T = TypeVar("_T")
Arguments = Sequence[JsonValue]
Method = Callable[[Served, Arguments], JsonValue]


def call_method(served: Served, name: str, arguments: Arguments) -> JsonValue:
    """Do it, waiting for what is "not yet". Raises CloudError `cpi-arguments-wrong`, and what the cloud raises."""
    least, most, method = METHODS[name]
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise _wrong(f"{name} takes {wanted} arguments, and got {len(arguments)}.")
    return retries.wait_while_safe(lambda: method(served, arguments), served.sleep)


def _create_stemcell(served: Served, arguments: Arguments) -> JsonValue:
    """A light stemcell's image is an empty file; its origin is in the stemcell's own cloud properties."""
    properties, about = _mapping(arguments, 1), served.connected.cloud.info()
    request = StemcellRequest(
        owner=served.owner,
        os=str(properties.get("os_distro") or properties.get("os") or about.default_os),
        version=str(properties.get("version") or about.default_version),
        cloud_properties={name: value for name, value in properties.items() if name not in _DESCRIBING},
        image_path=_image(_text(arguments, 0), properties),
        tags=_tags(_mapping(arguments, 2).get("tags")) if len(arguments) > 2 else {},
    )
    return _again_if_lost(lambda: served.connected.cloud.create_stemcell(request), times=_MOST_BREAKS)


def _delete_stemcell(served: Served, arguments: Arguments) -> JsonValue:
    served.connected.cloud.delete_stemcell(StemcellCid(_text(arguments, 0)))
    return None


def _create_vm(served: Served, arguments: Arguments) -> JsonValue:
    agent_id, env = _text(arguments, 0), _mapping(arguments, 5) if len(arguments) > 5 else {}
    bosh = env.get("bosh")
    bosh = bosh if isinstance(bosh, Mapping) else {}
    asked = networks.read_networks(arguments[3])
    network_checks.require_supported(served.connected.name, _mapping(arguments, 3), asked)
    request = VmRequest(
        name=_host_name(agent_id),
        owner=served.owner,
        agent_id=agent_id,
        stemcell_cid=StemcellCid(_text(arguments, 1)),
        cloud_properties=_mapping(arguments, 2),
        networks=asked,
        disk_cids=tuple(DiskCid(cid) for cid in _texts(arguments, 4)) if len(arguments) > 4 else (),
        ssh=_login(served, bosh),
        env=env,
        tags=_tags(bosh.get("tags")),
        agent=_agent(served, _mapping(arguments, 3), bosh),
    )
    created: VmCreated = _again_if_lost(lambda: served.connected.cloud.create_vm(request))
    return created.cid if served.version < 2 else [created.cid, networks.write_networks(created.networks)]


def _delete_vm(served: Served, arguments: Arguments) -> JsonValue:
    served.connected.cloud.delete_vm(VmCid(_text(arguments, 0)))
    return None


def _has_vm(served: Served, arguments: Arguments) -> JsonValue:
    return served.connected.cloud.has_vm(VmCid(_text(arguments, 0)))


def _reboot_vm(served: Served, arguments: Arguments) -> JsonValue:
    served.connected.cloud.reboot_vm(VmCid(_text(arguments, 0)))
    return None


def _set_vm_metadata(served: Served, arguments: Arguments) -> JsonValue:
    cid, tags = VmCid(_text(arguments, 0)), _tags(_mapping(arguments, 1))
    _put_tags(served, lambda: served.connected.cloud.set_vm_metadata(cid, tags))
    return None


def _create_disk(served: Served, arguments: Arguments) -> JsonValue:
    near = arguments[2] if len(arguments) > 2 else None
    request = DiskRequest(
        owner=served.owner,
        size_mib=_number(arguments, 0),
        cloud_properties=_mapping(arguments, 1),
        vm_cid=VmCid(near) if isinstance(near, str) and near else None,
    )
    return _again_if_lost(lambda: served.connected.cloud.create_disk(request))


def _delete_disk(served: Served, arguments: Arguments) -> JsonValue:
    served.connected.cloud.delete_disk(DiskCid(_text(arguments, 0)))
    return None


def _has_disk(served: Served, arguments: Arguments) -> JsonValue:
    return served.connected.cloud.has_disk(DiskCid(_text(arguments, 0)))


def _attach_disk(served: Served, arguments: Arguments) -> JsonValue:
    hint = served.connected.cloud.attach_disk(VmCid(_text(arguments, 0)), DiskCid(_text(arguments, 1)))
    return None if served.version < 2 else hints.write_hint(hint)


def _detach_disk(served: Served, arguments: Arguments) -> JsonValue:
    served.connected.cloud.detach_disk(VmCid(_text(arguments, 0)), DiskCid(_text(arguments, 1)))
    return None


def _resize_disk(served: Served, arguments: Arguments) -> JsonValue:
    served.connected.cloud.resize_disk(DiskCid(_text(arguments, 0)), _number(arguments, 1))
    return None


def _set_disk_metadata(served: Served, arguments: Arguments) -> JsonValue:
    cid, tags = DiskCid(_text(arguments, 0)), _tags(_mapping(arguments, 1))
    _put_tags(served, lambda: served.connected.cloud.set_disk_metadata(cid, tags))
    return None


def _get_disks(served: Served, arguments: Arguments) -> JsonValue:
    return list(served.connected.cloud.get_disks(VmCid(_text(arguments, 0))))


def _snapshot_disk(served: Served, arguments: Arguments) -> JsonValue:
    cid, tags = DiskCid(_text(arguments, 0)), _tags(arguments[1] if len(arguments) > 1 else None)
    return _again_if_lost(lambda: served.connected.cloud.snapshot_disk(cid, served.owner, tags))


def _delete_snapshot(served: Served, arguments: Arguments) -> JsonValue:
    served.connected.cloud.delete_snapshot(SnapshotCid(_text(arguments, 0)))
    return None


def _create_network(served: Served, arguments: Arguments) -> JsonValue:
    asked, landing = _mapping(arguments, 0), _landing(served)
    return _again_if_lost(lambda: created_networks.create_network(landing, asked, served.owner))


def _delete_network(served: Served, arguments: Arguments) -> JsonValue:
    created_networks.delete_network(_landing(served), _text(arguments, 0), served.owner.environment)
    return None


def _calculate(served: Served, arguments: Arguments) -> JsonValue:
    wanted = _mapping(arguments, 0)
    numbers = [_quantity(wanted, name) for name in ("cpu", "ram", "ephemeral_disk_size")]
    return dict(served.connected.cloud.calculate_vm_cloud_properties(numbers[0], numbers[1], numbers[2]))


METHODS: Mapping[str, tuple[int, int, Method]] = {
    "create_stemcell": (2, 3, _create_stemcell),
    "delete_stemcell": (1, 1, _delete_stemcell),
    "create_vm": (4, 6, _create_vm),
    "delete_vm": (1, 1, _delete_vm),
    "has_vm": (1, 1, _has_vm),
    "reboot_vm": (1, 1, _reboot_vm),
    "set_vm_metadata": (2, 2, _set_vm_metadata),
    "create_disk": (2, 3, _create_disk),
    "delete_disk": (1, 1, _delete_disk),
    "has_disk": (1, 1, _has_disk),
    "attach_disk": (2, 2, _attach_disk),
    "detach_disk": (2, 2, _detach_disk),
    "resize_disk": (2, 2, _resize_disk),
    "set_disk_metadata": (2, 2, _set_disk_metadata),
    "get_disks": (1, 1, _get_disks),
    "snapshot_disk": (1, 2, _snapshot_disk),
    "delete_snapshot": (1, 1, _delete_snapshot),
    "create_network": (1, 1, _create_network),
    "delete_network": (1, 1, _delete_network),
    "calculate_vm_cloud_properties": (1, 1, _calculate),
}
"""Name to the least and the most arguments, and the method. What is not here is not implemented."""

_DESCRIBING = frozenset(
    {
        "name",
        "version",
        "os",
        "os_type",
        "os_distro",
        "infrastructure",
        "hypervisor",
        "disk",
        "disk_format",
        "container_format",
        "auto_disk_config",
        "root_device_name",
        "virtualization_type",
        "stemcell_formats",
    }
)
"""Cloud properties of a stemcell that no plugin needs."""


def _again_if_lost(create: Callable[[], _T], *, times: int = 1) -> _T:
    """A create whose answer is lost is sent again: with the same owner key it gives the same thing once."""
    for _ in range(times):
        try:
            return create()
        except LostReplyError:
            continue
    return create()


def _put_tags(served: Served, put: Callable[[], None]) -> None:
    """Excess tags are reported only in the log, as by BOSH's CPIs: a director continues without them."""
    try:
        put()
    except CloudError as error:
        if error.code != TOO_MANY:
            raise
        served.log.report(f"{error.code}: {error.what}")


def _landing(served: Served) -> Landing:
    if served.connected.landing is None:
        raise NotSupportedError(
            "cpi-network-refused",
            "This cloud creates no networks.",
            why=f"Plugin '{served.connected.name}' has no landing zone.",
            fix="Name an existing network in the subnets' cloud_properties and remove `managed`.",
        )
    return served.connected.landing


def _agent(served: Served, sent: Mapping[str, JsonValue], bosh: Mapping[str, JsonValue]) -> AgentConfig | None:
    """The settings of the VM's agent; None without one. Raises CloudError, code `cpi-mbus-missing`."""
    if served.agent is None:
        return None
    mbus = bosh.get("mbus")
    if not served.agent.get("mbus") and not (isinstance(mbus, Mapping) and mbus.get("urls")):
        raise CloudError(
            "cpi-mbus-missing",
            "The VM's agent has no address of its director.",
            why="Neither agent.mbus in the CPI's file nor bosh.mbus.urls in the VM's env is set.",
            fix="Write the message bus into the CPI's file: agent.mbus, such as nats://10.0.0.6:4222.",
        )
    return AgentConfig(networks=sent, properties=served.agent)


def _login(served: Served, bosh: Mapping[str, JsonValue]) -> SshAccess:
    keys = bosh.get("authorized_keys")
    sent = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    if not (sent or served.public_key) and served.agent is None:
        raise CloudError(
            "cpi-login-missing",
            "The VM has no login key.",
            why="Neither env.bosh.authorized_keys of the VM nor login.public_key in the CPI's file is set.",
            fix="Set one OpenSSH public key in either.",
        )
    return SshAccess(user=served.user, public_key=(sent[0] if sent else served.public_key).strip())


def _host_name(agent_id: str) -> str:
    words = _NOT_IN_NAMES.sub("-", agent_id.lower()).strip("-")
    return f"vm-{words}"[:_LONGEST_NAME].strip("-")


def _image(path: str, properties: Mapping[str, JsonValue]) -> str:
    """The image's path, "" for a light stemcell: its file is empty, and its properties say which image is meant."""
    is_named = any(name in properties for name in ("ami", "image", "image_id"))
    return "" if is_named or not Path(path).is_file() or not Path(path).stat().st_size else path


def _tags(written: JsonValue) -> dict[str, str]:
    """Cast as by BOSH: text unchanged, other values as JSON, null left out."""
    answer = written.items() if isinstance(written, Mapping) else ()
    return {name: each if isinstance(each, str) else json.dumps(each) for name, each in answer if each is not None}


def _text(arguments: Arguments, index: int) -> str:
    value = arguments[index]
    if not isinstance(value, str):
        raise _wrong(f"Argument {index + 1} is not a string.")
    return value


def _texts(arguments: Arguments, index: int) -> list[str]:
    value = arguments[index]
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(each, str) for each in value):
        raise _wrong(f"Argument {index + 1} is not an array of strings.")
    return [str(each) for each in value]


def _number(arguments: Arguments, index: int) -> int:
    value = arguments[index]
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(f"Argument {index + 1} is not a whole number.")
    return value


def _quantity(wanted: Mapping[str, JsonValue], name: str) -> int:
    """A number, or its text: manifests quote them, and BOSH's CPIs read both."""
    value = wanted.get(name)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _wrong(f"'{name}' is not a whole number.")
    return int(value)


def _mapping(arguments: Arguments, index: int) -> Mapping[str, JsonValue]:
    value = arguments[index]
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _wrong(f"Argument {index + 1} is not an object.")
    return value


def _wrong(why: str) -> CloudError:
    return CloudError(
        "cpi-arguments-wrong",
        "The arguments of the call do not match its method.",
        why=why,
        fix="Send the arguments of version 2 of BOSH's CPI API.",
    )
