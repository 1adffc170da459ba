"""Arguments of create_vm, and what `info` and `create_network` said.

Takes values of cpi.contract.values and the CPI's answers, gives JSON and values. Source: docs of the CPI API v2;
cloudfoundry/bosh-agent (env.bosh.authorized_keys).
"""

from collections.abc import Mapping

from cpi.clouds.external.config import ExternalConfig
from cpi.contract.errors import CloudError, LostReplyError
from cpi.contract.protocol import networks
from cpi.contract.value_classes import dataclass
from cpi.contract.values import CloudInfo, JsonValue, VmRequest
from cpi.kit import user_data

_HIGHEST = 2


def vm_arguments(request: VmRequest, *, boot_script: str) -> list[JsonValue]:
    """In the CPI's order. `boot_script` names the cloud property that takes the first boot's script, "" for none."""
    properties = dict(request.cloud_properties)
    if boot_script:
        script = user_data.boot_script(request.ssh, host_name=request.name)
        properties = _put(properties, boot_script.split("."), script)
    return [
        request.agent_id,
        request.stemcell_cid,
        properties,
        networks.write_networks(request.networks),
        list(request.disk_cids),
        _env(request),
    ]


def read_info(answer: JsonValue, config: ExternalConfig) -> CloudInfo:
    """The version to speak is the lower one of both sides. Raises CloudError, code `cpi-info-strange`."""
    if not isinstance(answer, Mapping):
        raise _strange("It is not an object.")
    version, formats = answer.get("api_version", 1), answer.get("stemcell_formats", [])
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _strange("'api_version' is not a number from 1 up.")
    if not isinstance(formats, list) or not all(isinstance(each, str) for each in formats):
        raise _strange("'stemcell_formats' is not a list of strings.")
    return CloudInfo(
        api_version=min(version, config.api_version, _HIGHEST),
        stemcell_formats=tuple(str(each) for each in formats),
        default_os=config.stemcell.os,
        default_version=config.stemcell.version,
        architecture=config.stemcell.architecture,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkAnswer:
    """A network that was created: its `range`, `gateway` and `reserved`, and the cloud properties of VMs on it."""

    cid: str
    addresses: Mapping[str, JsonValue]
    cloud_properties: Mapping[str, JsonValue]


def read_network(answer: JsonValue) -> NetworkAnswer:
    """What create_network gave. Raises LostReplyError, code `cpi-result-strange`."""
    parts = list(answer) if isinstance(answer, list | tuple) else []
    cid, *others = parts or [None]
    addresses, properties, *_ = (*others, None, None)
    if not isinstance(cid, str) or not cid:
        raise _strange_network("It is not a list that begins with a CID.")
    for one in (addresses, properties):
        if one is not None and not isinstance(one, Mapping):
            raise _strange_network("After the CID come two objects: the addresses, and cloud properties.")
    return NetworkAnswer(
        cid=cid,
        addresses=addresses if isinstance(addresses, Mapping) else {},
        cloud_properties=properties if isinstance(properties, Mapping) else {},
    )


def _strange_network(why: str) -> LostReplyError:
    return LostReplyError(
        "cpi-result-strange",
        "The CPI's answer to create_network is not valid; the call may have taken effect.",
        why=why,
        fix="Check the cloud for what it created; the CPI's log has details.",
    )


def _env(request: VmRequest) -> JsonValue:
    """The login goes where a bosh-agent looks for it, the tags where CPIs do."""
    bosh = request.env.get("bosh")
    own = dict(bosh) if isinstance(bosh, Mapping) else {}
    written = own.get("authorized_keys")
    keys = [key for key in written if isinstance(key, str)] if isinstance(written, list | tuple) else []
    own["authorized_keys"] = [request.ssh.public_key, *keys]
    if request.tags:
        own["tags"] = dict(request.tags)
    return {**request.env, "bosh": own}


def _put(properties: Mapping[str, JsonValue], path: list[str], value: str) -> dict[str, JsonValue]:
    below = properties.get(path[0])
    inner = below if isinstance(below, Mapping) else {}
    return {**properties, path[0]: _put(inner, path[1:], value) if path[1:] else value}


def _strange(why: str) -> CloudError:
    return CloudError(
        "cpi-info-strange",
        "The CPI's answer to info is not valid.",
        why=why,
        fix="Use a CPI that supports version 1 or 2 of BOSH's protocol.",
    )
