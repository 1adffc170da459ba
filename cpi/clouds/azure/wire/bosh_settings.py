"""Settings of BOSH's Azure CPI that are accepted and have no effect, each with the reason that preflight reports. Pure.

Takes nothing, gives a model for others to extend. Source: cloudfoundry/bosh-azure-cpi-release, job azure_cpi's spec.
"""

from collections.abc import Mapping

from cpi.kit import properties

_MANAGED = "All disks are managed disks."
_LOGIN = "VMs get their login with each request; `compleat cpi` reads it from the CPI's file."
_LOG = "Its calls and errors are reported by other means."
_UPLOAD = "Uploads, and what becomes of VMs that fail, follow rules of their own."
WHY: Mapping[str, str] = {
    "storage_account_name": _MANAGED,
    "use_managed_disks": _MANAGED,
    "use_default_account_for_cleaning": _MANAGED,
    "ssh_user": _LOGIN,
    "ssh_public_key": _LOGIN,
    "debug_mode": _LOG,
    "enable_telemetry": _LOG,
    "isv_tracking_guid": _LOG,
    "enable_vm_boot_diagnostics": "Boot diagnostics are always on.",
    "parallel_upload_thread_num": _UPLOAD,
    "keep_failed_vms": _UPLOAD,
    "config_disk": "The first boot's data are the VM's custom data.",
    "compute_gallery_name": "Images that are sent are images of the resource group.",
    "compute_gallery_replicas": "Images that are sent are images of the resource group.",
    "azure_stack": "`endpoints` names the servers of an Azure Stack.",
}


class BoshSettings(properties.PropertiesModel):
    """All of `WHY`."""

    storage_account_name: object = None
    use_managed_disks: object = None
    use_default_account_for_cleaning: object = None
    ssh_user: object = None
    ssh_public_key: object = None
    debug_mode: object = None
    enable_telemetry: object = None
    isv_tracking_guid: object = None
    enable_vm_boot_diagnostics: object = None
    parallel_upload_thread_num: object = None
    keep_failed_vms: object = None
    config_disk: object = None
    compute_gallery_name: object = None
    compute_gallery_replicas: object = None
    azure_stack: object = None
