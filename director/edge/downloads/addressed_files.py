"""Files by their address: https://, and those of object stores: s3://, gs://, swift://, and Azure's own addresses.

Takes an address, gives the file as a stream; a store is asked without credentials first, then with those that its own
tools find on this machine. They are sent to that store alone.
"""

import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, TypeVar

from cpi.contract.value_classes import dataclass
from director.edge.downloads import downloads, object_requests
from director.edge.downloads.downloads import DownloadError, DownloadSettings, TemporaryDownloadError
from director.edge.downloads.object_requests import ObjectRequest, UnsignableError
from director.edge.downloads.partial_downloads import PartialDownloads, WantedFile
from director.model.releases.object_stores import CredentialSource, GcsBucket, S3Bucket

Result = TypeVar("Result")

SCHEMES = ("https://", "http://", "s3://", "gs://", "swift://")
_AZURE_HOST = ".blob.core."


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressedFiles:
    """`environment` has the credentials and places of object stores, under the names of their own tools."""

    partials: PartialDownloads
    settings: DownloadSettings
    environment: Mapping[str, str]

    def download(self, wanted: WantedFile, take: Callable[[BinaryIO], Result]) -> Result:
        """Give the file to `take`, by the first request that is answered. Raises DownloadError, and what `take` raises.

        Without TLS only a file whose digest is known is downloaded.
        """
        failures: list[str] = []
        for make in requests_of(wanted.url, self.environment):
            try:
                request = make()
                return self.partials.download(
                    replace(wanted, url=request.url), self._settings_of(request, wanted), take
                )
            except TemporaryDownloadError:
                raise  # another request would meet it, too
            except (DownloadError, UnsignableError) as error:
                failures.append(f"{error}")
        raise DownloadError("; ".join(dict.fromkeys(failures)))

    def _settings_of(self, request: ObjectRequest, wanted: WantedFile) -> DownloadSettings:
        allows_http = request.allows_http and wanted.is_checked
        return replace(self.settings, headers=request.headers, allows_http=allows_http)


def requests_of(url: str, environment: Mapping[str, str]) -> Iterator[Callable[[], ObjectRequest]]:
    """What makes the requests to try, one after another; each may raise UnsignableError."""
    """What makes the requests to try, one after another; each may raise UnsignableError. Raises DownloadError."""
    parts = downloads.split_url(url)
    name, key = parts.netloc, urllib.parse.unquote(parts.path.lstrip("/"))
    match parts.scheme:
        case "s3":
            for source in (CredentialSource.NONE, CredentialSource.ENVIRONMENT):
                bucket = _s3_bucket(name, source, environment)
                yield from object_requests.object_requests(bucket, key, environment)
        case "gs":
            yield from object_requests.object_requests(GcsBucket(name=name), key, environment)
        case "swift":
            yield lambda: _swift_request(f"{name}/{key}", environment)
        case _:
            yield lambda: ObjectRequest(url=url)
            token = _azure_token(parts, environment)
            if token:
                yield lambda: ObjectRequest(url=f"{url}?{token}")


def _s3_bucket(name: str, source: CredentialSource, environment: Mapping[str, str]) -> S3Bucket:
    """By the variables of the AWS CLI; a server of one's own has the bucket's name in the path."""
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or ""
    place = downloads.split_url(endpoint)
    return S3Bucket(
        name=name,
        host=place.hostname or "",
        port=place.port or 0,
        region=environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "",
        uses_tls=place.scheme != "http",
        is_host_style=not endpoint and "." not in name,
        credentials=source,
    )


def _swift_request(path: str, environment: Mapping[str, str]) -> ObjectRequest:
    """By the variables that `swift auth` prints; a container that anyone may read needs no token."""
    place, token = environment.get("OS_STORAGE_URL", ""), environment.get("OS_AUTH_TOKEN", "")
    if not place:
        raise UnsignableError("OS_STORAGE_URL is not set: `swift auth` prints it, with OS_AUTH_TOKEN")
    headers = {"X-Auth-Token": token} if token else {}
    url = f"{place.rstrip('/')}/{urllib.parse.quote(path)}"
    return ObjectRequest(url=url, headers=headers, allows_http=place.startswith("http://"))


def _azure_token(parts: urllib.parse.SplitResult, environment: Mapping[str, str]) -> str:
    """The shared access signature for a private blob, where it is for the account of the address."""
    token = environment.get("AZURE_STORAGE_SAS_TOKEN", "").removeprefix("?")
    account, found, _ = (parts.hostname or "").partition(_AZURE_HOST)
    is_meant = found and parts.scheme == "https" and account == environment.get("AZURE_STORAGE_ACCOUNT", "")
    return token if is_meant and not parts.query else ""
