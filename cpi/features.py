"""What a cloud may be able to do beyond BOSH's CPI v2, as an enum."""

from enum import Enum


class Feature(Enum):
    FIND = "find"  # find our own resources by owner key
    LANDING = "landing"  # landing-zone resources
    PREFLIGHT = "preflight"  # say beforehand what would fail
    PRICE = "price"
    POWER = "power"  # stop and start a VM without deleting it
    CONSOLE = "console"  # read a VM's console log
    STORAGE = "storage"  # blobs in object storage, which VMs read by signed URLs
    IDENTITY = "identity"  # which account, region and endpoint this is
