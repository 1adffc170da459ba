"""Names derived from other names: CIDs from owner keys, links and MACs from CIDs.

Takes names, gives the same short names for ever; no state, so nothing can be forgotten.
"""

import hashlib
import re

from cpi.clouds.local.inside.records.records import OwnerRecord

_CID = re.compile(r"(vm|disk|stemcell|snapshot)-[0-9a-f]{16}")


def cid_of(kind: str, owner: OwnerRecord) -> str:
    """The CID of what one planned action makes: asked twice, it is the same thing."""
    return f"{kind}-{_digest(owner['environment'], owner['deployment'], owner['action'])[:16]}"


def is_cid(text: str) -> bool:
    """Whether a CID has this plugin's form (and so is safe as a file name)."""
    return _CID.fullmatch(text) is not None


def bridge_of(network: str) -> str:
    """The bridge that an earlier version made for a network; interface names end at 15 characters."""
    return f"br-{_digest(network)[:10]}"


def link_of(cid: str, number: int) -> str:
    """The router's link to a VM's network number `number`."""
    return f"v{number}-{_digest(cid, str(number))[:10]}"


def mac_of(*parts: str) -> str:
    """A locally administered MAC."""
    digest = _digest("mac", *parts)
    return "02:" + ":".join(digest[at : at + 2] for at in range(0, 10, 2))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
