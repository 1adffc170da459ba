"""Errors as they cross: BOSH's types, and ours.

Takes a refusal of a CPI, gives an error of cpi.contract.errors; and back. One table each way. Source: cloudfoundry/bosh
src/bosh-director/lib/clouds/errors.rb, external_cpi.rb.
"""

from collections.abc import Mapping

from cpi.contract.errors import (
    CloudError,
    DeniedError,
    ExplainedError,
    NoCapacityError,
    NotFoundError,
    NotSupportedError,
    Retry,
    TransientError,
)
from cpi.contract.protocol.envelope import CpiError

NOT_IMPLEMENTED = "Bosh::Clouds::NotImplemented"
VM_NOT_FOUND = "Bosh::Clouds::VMNotFound"
DISK_NOT_FOUND = "Bosh::Clouds::DiskNotFound"
STEMCELL_NOT_FOUND = "Bosh::Clouds::StemcellNotFound"
NETWORK_NOT_FOUND = "Bosh::Clouds::NetworkNotFound"
DISK_NOT_ATTACHED = "Bosh::Clouds::DiskNotAttached"
CLOUD_ERROR = "Bosh::Clouds::CloudError"
CREATION_FAILED = "Bosh::Clouds::VMCreationFailed"

_OUR_ERRORS: Mapping[str, tuple[str, type[CloudError]]] = {
    NOT_IMPLEMENTED: ("cpi-not-implemented", NotSupportedError),
    "Bosh::Clouds::NotSupported": ("cpi-not-supported", NotSupportedError),
    VM_NOT_FOUND: ("cpi-vm-not-found", NotFoundError),
    DISK_NOT_FOUND: ("cpi-disk-not-found", NotFoundError),
    STEMCELL_NOT_FOUND: ("cpi-stemcell-not-found", NotFoundError),
    NETWORK_NOT_FOUND: ("cpi-network-not-found", NotFoundError),
    DISK_NOT_ATTACHED: ("cpi-disk-not-attached", NotFoundError),
    "Bosh::Clouds::NoDiskSpace": ("cpi-no-disk-space", NoCapacityError),
}
"""A refusal's type to our code and class; any other is `cpi-refused`."""

_HINT = "The message is the CPI's own; its log has details."

_VM_METHODS = frozenset({"has_vm", "delete_vm", "reboot_vm", "set_vm_metadata", "get_disks"})
_SPACE_METHODS = frozenset({"create_disk", "resize_disk"})
_DISK_METHODS = frozenset({"has_disk", "delete_disk", "resize_disk", "set_disk_metadata", "snapshot_disk"})


def read_failure(refusal: CpiError, method: str) -> CloudError:
    """The error to raise. `ok_to_retry` is the CPI's word that the same call may be sent again."""
    code, kind = _OUR_ERRORS.get(_known_type(refusal), ("cpi-refused", CloudError))
    if kind is CloudError and refusal.ok_to_retry:
        code, kind = "cpi-refused-for-now", TransientError
    return kind(code, f"The CPI refused {method}: {refusal.message}", why=f"Error type: {refusal.type}.", fix=_HINT)


def is_not_implemented(refusal: CpiError) -> bool:
    """Whether the CPI lacks the method; older ones report it as text."""
    return _known_type(refusal) == NOT_IMPLEMENTED


def write_failure(error: ExplainedError, method: str) -> CpiError:
    """The error for a director.

    The method tells the kind of a missing resource: attach_disk's caller must look it up.
    """
    words = f"{error.code}: {error.what}"
    words += f" Why: {error.why}" if error.why else ""
    words += f" Fix: {error.fix}" if error.fix else ""
    return CpiError(type=_type_of(error, method), message=words, ok_to_retry=_is_safe(error))


def _known_type(refusal: CpiError) -> str:
    """Two older ways to say NotImplemented count, as they do for a director."""
    is_older = refusal.type == "InvalidCall" and refusal.message.startswith("Method is not known, got")
    is_oldest = refusal.type == CLOUD_ERROR and refusal.message.startswith("Invalid Method:")
    return NOT_IMPLEMENTED if is_older or is_oldest else refusal.type


def _type_of(error: ExplainedError, method: str) -> str:
    match error:
        case NotSupportedError() if method == "calculate_vm_cloud_properties":
            return CLOUD_ERROR  # a director would take the other for a method that is not there
        case NotSupportedError():
            return "Bosh::Clouds::NotSupported"
        case NotFoundError() if method in _VM_METHODS:
            return VM_NOT_FOUND
        case NotFoundError() if method in _DISK_METHODS:
            return DISK_NOT_FOUND
        case NotFoundError() if method == "create_vm" and error.code == "unknown-network":
            return "Bosh::Clouds::NetworkNotFound"
        case DeniedError():
            return CLOUD_ERROR
        case _ if method == "create_vm":
            return CREATION_FAILED
        case NoCapacityError() if method in _SPACE_METHODS:
            return "Bosh::Clouds::NoDiskSpace"
    return CLOUD_ERROR


def _is_safe(error: ExplainedError) -> bool:
    return isinstance(error, CloudError) and error.retry is Retry.SAFE
