"""Requests for objects of an object store: addresses as the BOSH CLI makes them, signed where credentials are.

Takes a store and an object's id, gives the requests to try in turn. Signing is loaded only where something is signed.
Source: bosh-s3cli config/config.go, bosh-gcscli client/client.go, bosh-davcli client/client.go.
"""

import base64
import hashlib
import importlib
import json
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import assert_never

from cpi.contract.value_classes import dataclass
from director.model.releases.object_stores import CredentialSource, DavStore, GcsBucket, ObjectStore, S3Bucket

_GCS = "https://storage.googleapis.com"
_DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRequest:
    """A GET. `headers` go to the first host alone, never to where it redirects."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    allows_http: bool = False
    checks_certificate: bool = True


class UnsignableError(Exception):
    """The request cannot be made; says why, without credentials."""


def object_requests(
    store: ObjectStore, object_id: str, environment: Mapping[str, str]
) -> tuple[Callable[[], ObjectRequest], ...]:
    """What makes the requests to try, one after another until one is answered; each may raise UnsignableError."""
    match store:
        case S3Bucket():
            return (lambda: _s3_request(store, object_id),)
        case GcsBucket():
            return _gcs_requests(store, object_id, environment)
        case DavStore():
            return (lambda: _dav_request(store, object_id),)
        case _:
            assert_never(store)


def shown_store(store: ObjectStore) -> str:
    """What to call the store."""
    match store:
        case S3Bucket():
            return f"s3://{store.name}{'/' if store.folder else ''}{store.folder}"
        case GcsBucket():
            return f"gs://{store.name}"
        case DavStore():
            return store.endpoint.rpartition("@")[2]
        case _:
            assert_never(store)


def s3_region(bucket: S3Bucket) -> str:
    """The region that requests are signed for."""
    return bucket.region or _DEFAULT_REGION


def _s3_request(bucket: S3Bucket, object_id: str) -> ObjectRequest:
    key = urllib.parse.quote(f"{bucket.folder}/{object_id}" if bucket.folder else object_id)
    place, scheme = _s3_host(bucket), "https" if bucket.uses_tls else "http"
    url = (
        f"{scheme}://{bucket.name}.{place}/{key}" if bucket.is_host_style else f"{scheme}://{place}/{bucket.name}/{key}"
    )
    if bucket.credentials is not CredentialSource.NONE:
        # Only this needs botocore, which comes with the extra `aws`.
        url = _signing("director.edge.downloads.s3_signing", "S3 requests are signed by botocore").signed_url(
            bucket, url
        )
    return ObjectRequest(url=url, allows_http=not bucket.uses_tls, checks_certificate=bucket.checks_certificate)


def _s3_host(bucket: S3Bucket) -> str:
    region = s3_region(bucket)
    host = bucket.host or f"s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    default = 443 if bucket.uses_tls else 80
    return f"{host}:{bucket.port}" if bucket.port not in (0, default) else host


def _gcs_requests(
    bucket: GcsBucket, object_id: str, environment: Mapping[str, str]
) -> tuple[Callable[[], ObjectRequest], ...]:
    """Without credentials first, as the CLI does."""
    emulator = environment.get("STORAGE_EMULATOR_HOST", "")  # as Google's own libraries take it
    server = (emulator if "://" in emulator else f"http://{emulator}") if emulator else _GCS
    url = f"{server.rstrip('/')}/{bucket.name}/{urllib.parse.quote(object_id, safe='')}"
    headers = _gcs_key_headers(bucket)
    plain = ObjectRequest(url=url, headers=headers, allows_http=bool(emulator))
    key = _gcs_json_key(bucket, environment)
    if not key:
        return (lambda: plain,)

    def signed() -> ObjectRequest:
        signing = _signing("director.edge.downloads.gcs_signing", "requests to Google are signed by cryptography")
        return ObjectRequest(url=signing.signed_url(key, url, headers), headers=headers, allows_http=bool(emulator))

    return (lambda: plain), signed


def _gcs_key_headers(bucket: GcsBucket) -> dict[str, str]:
    if not bucket.encryption_key:
        return {}
    digest = hashlib.sha256(base64.b64decode(bucket.encryption_key)).digest()
    return {
        "x-goog-encryption-algorithm": "AES256",
        "x-goog-encryption-key": bucket.encryption_key,
        "x-goog-encryption-key-sha256": base64.b64encode(digest).decode(),
    }


def _gcs_json_key(bucket: GcsBucket, environment: Mapping[str, str]) -> str:
    """A service account's key: the release's own, or the machine's application default."""
    if bucket.credentials is CredentialSource.STATIC:
        return bucket.json_key
    path = environment.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    if bucket.credentials is CredentialSource.NONE or not path:
        return ""
    try:
        text = Path(path).read_text(encoding="utf-8")
        return text if json.loads(text).get("type") == "service_account" else ""
    except (OSError, ValueError, AttributeError):
        return ""


def _dav_request(store: DavStore, object_id: str) -> ObjectRequest:
    prefix = hashlib.sha1(object_id.encode(), usedforsecurity=False).hexdigest()[:2]
    login = base64.b64encode(f"{store.user}:{store.password}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"} if store.user else {}
    return ObjectRequest(url=f"{store.endpoint}/{prefix}/{urllib.parse.quote(object_id)}", headers=headers)


class _Signing:
    """The module that signs for one kind of store."""

    def __init__(self, name: str, why: str) -> None:
        try:
            self._module = importlib.import_module(name)
        except ImportError as error:
            raise UnsignableError(f"{why}, which is not installed: pip install 'compleat[aws]'") from error

    def signed_url(self, *parts: object) -> str:
        url: str = self._module.signed_url(*parts)
        return url


def _signing(name: str, why: str) -> _Signing:
    return _Signing(name, why)
