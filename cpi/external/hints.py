"""Where a VM finds a disk, of what a CPI's attach_disk answered.

Takes the answer, gives a path or id as text. Source: cloudfoundry/bosh-agent settings (the forms of a disk hint);
the link by LUN is made by the udev rules that images for Azure carry.
"""

from collections.abc import Mapping

from cpi.errors import NotSupportedError
from cpi.values import JsonValue


def read_hint(answer: JsonValue) -> str:
    """Give the hint. Raises NotSupportedError, code `disk-hint-unknown`, for a form no VM of ours could follow."""
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
        "The CPI attached a disk and did not say where the VM finds it, in a way that is known here.",
        why="It is a path or an id, or an object with path, volume_id, id, or lun; version 1 of the protocol has none.",
        fix="Use a CPI that speaks version 2.",
    )
