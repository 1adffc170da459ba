"""CIDs that another CPI gave: never taken for something that does not exist.

Takes a CID and what it is of, gives the refusal that every cloud words alike.
"""

from cpi.errors import CloudError


def refuse(cid: str, *, what: str, why: str) -> CloudError:
    """Of what this plugin cannot look at; `what` is "VM", "disk", "stemcell"."""
    return CloudError(
        "foreign-cid",
        f"'{cid}' is no CID that this plugin gives a {what}.",
        why=why,
        fix=f"Manage that {what} with the CPI that made it, or recreate it with this one.",
    )
