"""Where a VM finds a disk, as attach_disk answers it.

Takes the answer, gives a path or id as text, and back. Source: cloudfoundry/bosh-agent settings (the forms of a disk
hint); the link by LUN is made by the udev rules that images for Azure carry.
"""

import re
from collections.abc import Mapping

from cpi.contract.errors import NotSupportedError
from cpi.contract.values import JsonValue

_BY_LUN = re.compile(r"/dev/disk/azure/scsi1/lun(\d+)")
_AZURE_DATA_DISKS = "{f8b3781b-1e82-4818-a1c3-63d806ec15bb}"
"""The controller of a VM's data disks, as Azure's own CPI names it."""


def write_hint(hint: str) -> JsonValue:
    """The form for a bosh-agent: a LUN of Azure by number and controller, others unchanged."""
    by_lun = _BY_LUN.fullmatch(hint)
    return {"lun": by_lun[1], "host_device_id": _AZURE_DATA_DISKS} if by_lun else hint


def read_hint(answer: JsonValue) -> str:
    """Give the hint. Raises NotSupportedError, code `disk-hint-unknown`, for a form that the guest does not support."""
    if isinstance(answer, str) and answer:
        return answer
    if isinstance(answer, Mapping):
        for name in ("path", "volume_id", "id"):
            if isinstance(found := answer.get(name), str) and found:
                return found
        if "lun" in answer and "iscsi_settings" not in answer:
            return f"/dev/disk/azure/scsi1/lun{answer['lun']}"
    raise NotSupportedError(
        "disk-hint-unknown",
        "The CPI attached a disk and returned no known device hint.",
        why="Expected a path or an id, or an object with path, volume_id, id, or lun; version 1 has none.",
        fix="Use a CPI that supports version 2.",
    )
