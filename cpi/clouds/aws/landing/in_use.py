"""Why EC2 does not delete a part of a landing zone: a living VM uses it, or what is being deleted anyhow.

Takes EC2's refusal and what may use the part, gives the error to raise.
"""

from cpi.clouds.aws.machines.attachments import Attachments
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.recently_created import RecentlyCreated
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, TransientError
from cpi.contract.values import VmCid

_USED = ("DependencyViolation", "InvalidIPAddress.InUse", "AuthFailure")


def is_about_use(error: ConflictError) -> bool:
    """Whether EC2 refuses because something uses it."""
    return sdk.code_of(error) in _USED


def of_interfaces(api: Api, error: ConflictError, named: sdk.Filters) -> CloudError:
    """Of a part that the interfaces with these filters use."""
    held = list(api.list_all("DescribeNetworkInterfaces", "NetworkInterfaces", Filters=filters(named)))
    loose = sorted(str(one["NetworkInterfaceId"]) for one in held if one.get("Status") == "available")
    if loose:
        return _in_use(loose, error)
    return of_holders(api, error, {str(one.get("Attachment", {}).get("InstanceId", "")) for one in held})


def of_holders(api: Api, error: ConflictError, holders: set[str]) -> CloudError:
    """Of a part that these instances use; "" is none."""
    instances = Attachments(api, RecentlyCreated())
    return of_users([cid for cid in sorted(holders - {""}) if _is_alive(instances, cid)], error)


def of_users(users: list[str], error: ConflictError) -> CloudError:
    """Of a part that these use; with none, what used it is on its way out."""
    if users:
        return _in_use(users, error)
    return TransientError(
        "landing-still-in-use",
        "The resources that used it are being deleted.",
        why=error.why,
        fix="No action needed: compleat retries.",
    )


def _is_alive(instances: Attachments, cid: str) -> bool:
    try:
        instances.instance(VmCid(cid))
    except NotFoundError:
        return False
    return True


def _in_use(users: list[str], error: ConflictError) -> ConflictError:
    return ConflictError(
        "landing-in-use", f"{', '.join(users)} still uses it.", why=error.why, fix="Delete that first."
    )
