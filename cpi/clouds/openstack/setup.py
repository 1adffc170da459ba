"""What OpenStack and this machine know before an environment is written: logins, images, flavors.

Takes a SetupCall, gives suggestions. Nothing is created.
"""

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from openstack.exceptions import ConfigException

from cpi.clouds.openstack.machines import vms
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import read_config
from cpi.clouds.openstack.wire.credentials import read_clouds
from cpi.contract.errors import NotSupportedError
from cpi.contract.setup import AnswerChoice, SetupCall, Suggest, Suggestions

_USUAL = ("debian-12", "debian", "ubuntu")
"""Names of images that serve, the best first."""
_MOST_IMAGES = 40
_NEEDED: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "small": {"default": (1, 2048), "small": (1, 2048), "large": (4, 8192), "compilation": (2, 4096)},
    "medium": {"default": (2, 4096), "small": (1, 2048), "large": (4, 8192), "compilation": (2, 4096)},
    "large": {"default": (4, 8192), "small": (2, 4096), "large": (8, 16384), "compilation": (4, 8192)},
}
"""By size and VM type, CPUs and MiB: what m1.small, m1.medium, m1.large and m1.xlarge have where they exist."""
_DISK_MIB = 5 * 1024


def suggest_login(call: SetupCall) -> Suggestions:
    """The entries of clouds.yaml; "" is the OS_* variables."""
    try:
        clouds = read_clouds()
        # Where there is no file, the SDK names a cloud "defaults", which is no login.
        names = sorted(clouds.get_cloud_names()) if clouds.config_filename else []
    except ConfigException as error:
        return Suggestions(note=f"clouds.yaml could not be read: {str(error).splitlines()[0]}")
    has_variables = bool(os.environ.get("OS_AUTH_URL"))
    choices = [AnswerChoice(value=name) for name in names]
    if has_variables:
        choices.append(AnswerChoice(value="", label=f"the OS_* variables: {os.environ['OS_AUTH_URL']}"))
    if not choices:
        return Suggestions(
            note="No clouds.yaml and no OS_AUTH_URL were found; the dashboard has both under API access."
        )
    chosen = os.environ.get("OS_CLOUD", "")
    default = chosen if chosen in names else "" if has_variables else choices[0].value
    return Suggestions(choices=tuple(choices), default=default)


def suggest_image(call: SetupCall) -> Suggestions:
    """The images that the project sees; the default is one of Debian or Ubuntu. Raises CloudError."""
    listed = [one for one in _api(call).list_all("image", "/images", "images") if one.get("status") == "active"]
    names = sorted({str(one["name"]) for one in listed if one.get("name") and one.get("disk_format")})
    fitting = [name for usual in _USUAL for name in names if name.lower().startswith(usual)]
    default = fitting[0] if fitting else None
    return Suggestions(choices=tuple(AnswerChoice(value=name) for name in names[:_MOST_IMAGES]), default=default)


def suggest_flavors(call: SetupCall) -> Suggestions:
    """The smallest flavors with what each VM type needs, where the usual names are not there. Raises CloudError."""
    flavors = tuple(_api(call).list_all("compute", "/flavors/detail", "flavors"))
    names = {str(one["name"]) for one in flavors}
    if {"m1.small", "m1.medium", "m1.large", "m1.xlarge"} <= names:
        return Suggestions(default={})
    needed = _NEEDED[str(call.hints.get("size") or "small")]
    return Suggestions(default={name: _smallest(flavors, *need) for name, need in needed.items()})


def _smallest(flavors: Sequence[Mapping[str, Any]], cpu: int, ram_mib: int) -> str:
    """Raises NotSupportedError, code no-such-size."""
    try:
        return vms.smallest_flavor(flavors, cpu=cpu, ram_mib=ram_mib, disk_mib=_DISK_MIB)
    except NotSupportedError:  # flavors without a disk, of a cloud that boots from volumes
        return vms.smallest_flavor(flavors, cpu=cpu, ram_mib=ram_mib, disk_mib=0)


def _api(call: SetupCall) -> Api:
    known = {name: value for name, value in call.properties.items() if name not in {"image", "public_sources"}}
    return Api(read_config(known))


SOURCES: Mapping[str, Suggest] = MappingProxyType(
    {"login": suggest_login, "image": suggest_image, "flavors": suggest_flavors}
)
