"""The object stores that a release's config/final.yml can name.

Takes nothing, gives frozen values; no secret shows in one's repr.
"""

from dataclasses import field
from enum import Enum

from cpi.contract.value_classes import dataclass


class CredentialSource(Enum):
    """Where credentials come from. ENVIRONMENT: where the store's own tools look for them on this machine."""

    NONE = "none"
    STATIC = "static"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Bucket:
    """A bucket of S3, or of a server that speaks its protocol: then `host` is its name.

    `port` is 0 for the default one. `folder` comes before each object's id. `is_signed_v2` is for old servers.
    """

    name: str
    folder: str = ""
    host: str = ""
    port: int = 0
    region: str = ""
    uses_tls: bool = True
    checks_certificate: bool = True
    is_host_style: bool = False
    is_signed_v2: bool = False
    credentials: CredentialSource = CredentialSource.NONE
    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GcsBucket:
    """A bucket of Google Cloud Storage. `json_key` is a service account's key file as text.

    `encryption_key` is the base64 text of a key that the customer holds, "" where Google holds it.
    """

    name: str
    credentials: CredentialSource = CredentialSource.ENVIRONMENT
    json_key: str = field(default="", repr=False)
    encryption_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DavStore:
    """A WebDAV server laid out as BOSH's own blobstore is: two digits of the id's SHA-1, then the id."""

    endpoint: str
    user: str = ""
    password: str = field(default="", repr=False)


ObjectStore = S3Bucket | GcsBucket | DavStore
