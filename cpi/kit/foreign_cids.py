"""CIDs that another CPI gave: never taken for something that does not exist.

Takes a CID and what it is of, gives the refusal that every cloud words alike.
Source: cloudfoundry/bosh-azure-cpi-release models/instance_id.rb, models/disk_id.rb @eb3489e;
bosh-openstack-cpi-release, bosh-vsphere-cpi-release and bosh-google-cpi-release name VMs, disks and images by UUIDs.
"""

import re

from cpi.contract.errors import CloudError

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AWS = re.compile(r"((lt|snap)-[0-9a-f]{8,40}:)?(i|vol|snap|ami)-[0-9a-f]{8,40}( light)?")
_AZURE = re.compile(r"\w+:[^;]*(;\w+:[^;]*)+|bosh-(light-)?(stemcell|data|disk-data|snapshot)-UUID.*|UUID")
_OPENSTACK = re.compile(r"(UUID:)?UUID( light)?")
_OTHERS = re.compile(r"(vm|disk|sc|stemcell|snapshot)-UUID(\..*)?|https://www\.googleapis\.com/.*")
_LOCAL = re.compile(r"(vm|disk|stemcell|snapshot)-[0-9a-f]{16}")
"""How the CPIs of clouds write CIDs, with the word UUID for each UUID."""


def refuse(cid: str, *, what: str, why: str) -> CloudError:
    """Of what this plugin cannot look at; `what` is "VM", "disk", "stemcell"."""
    return CloudError(
        "foreign-cid",
        f"'{cid}' is not a {what} CID of this plugin.",
        why=why,
        fix=f"Manage that {what} with the CPI that created it, or recreate it with this one.",
    )


def require_own(cid: str, *, what: str, cloud: str) -> None:
    """Raises CloudError, code foreign-cid, where it is written as another cloud's; what is written as none's passes."""
    makers = _makers_of(cid)
    if makers and cloud not in makers:
        raise refuse(cid, what=what, why=f"It has the form of CIDs of the {' or '.join(makers)} CPI.")


def _makers_of(cid: str) -> list[str]:
    """The clouds whose CPIs write CIDs so."""
    plain = _UUID.sub("UUID", cid)
    found = {
        "AWS": _AWS.fullmatch(plain),
        "Azure": _AZURE.fullmatch(plain),
        "OpenStack": _OPENSTACK.fullmatch(plain),
        "vSphere or Google": _OTHERS.fullmatch(plain),
        "local": _LOCAL.fullmatch(plain),
    }
    return [name for name, match in found.items() if match]
