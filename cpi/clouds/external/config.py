"""What a user may write for an external CPI.

Takes the properties of an environment's cloud, gives frozen models.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import JsonValue

from cpi.contract import values
from cpi.kit import properties


class Stemcell(properties.PropertiesModel):
    """The image that VMs run: a CPI cannot be asked which it has."""

    os: str
    version: str
    architecture: str = "x86_64"
    cloud_properties: Mapping[str, JsonValue] = {}
    """As in the `stemcell.MF` of the stemcell; for a light one they name the image."""
    formats: tuple[str, ...] = ()
    """`stemcell_formats` of `stemcell.MF`, to be compared with those that the CPI takes; none is not judged."""
    image: str = ""
    """Path of the tarball's `image` file; "" for a light stemcell, for which the CPI gets an empty file."""


class ExternalConfig(properties.PropertiesModel):
    """The settings of one executable."""

    stemcell: Stemcell
    context: Mapping[str, JsonValue] = {}
    """The properties of BOSH's cpi-config: sent in the context of every call."""
    api_version: Literal[1, 2] = 2
    """The highest version to speak; the CPI's own may be lower."""
    timeout_s: float = 3600.0
    """How long one call may take; an hour, for images are uploaded in one call."""
    boot_script: str = ""
    """The VM cloud property (dotted: "metadata.startup-script") that takes a script for the first boot; "" for none."""
    director_uuid: str = ""
    """The value sent to the CPI; "" for one derived from the environment's name."""


def read_config(written: Mapping[str, values.JsonValue]) -> ExternalConfig:
    """The settings. Raises CloudError, code cloud-config-invalid."""
    return properties.read_settings(ExternalConfig, written, cloud="the external CPI")
