"""The blobstore of a release directory: config/final.yml, and the options of config/private.yml laid over it.

Takes documents, gives a BlobSource; what keeps it from being used is its `place`, reported where a blob is needed.
Source: cloudfoundry/bosh-cli releasedir/provider.go; bosh-s3cli and bosh-gcscli config/config.go. `https`, `pypi` and
`dav` are not among the providers of the CLI.
"""

from cpi.contract.value_classes import dataclass
from director.model.releases.object_stores import CredentialSource, DavStore, GcsBucket, ObjectStore, S3Bucket
from director.model.releases.release_files import BlobProvider
from director.releases.release_documents import ReleaseDocument

_KNOWN = "s3, gcs, local, dav, https and pypi"
_WRITING = (
    "multipart_upload",
    "server_side_encryption",
    "sse_kms_key_id",
    "storage_class",
    "download_concurrency",
    "download_part_size",
    "upload_concurrency",
    "upload_part_size",
)
"""Options of uploads, and of how fast the CLI downloads."""
_SOURCES = {
    "static": CredentialSource.STATIC,
    "none": CredentialSource.NONE,
    "env_or_profile": CredentialSource.ENVIRONMENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobSource:
    """Where objects without a prefix of their own come from: `store`, or a `place` as BlobProvider says."""

    provider: BlobProvider
    place: str = ""
    store: ObjectStore | None = None


class _UnusableError(Exception):
    """The options name no store; says why."""


class _Options:
    """Options of final.yml with those of private.yml over them, key by key."""

    def __init__(self, final: ReleaseDocument, private: ReleaseDocument) -> None:
        self._layers = (private.child("blobstore").child("options"), final.child("blobstore").child("options"))

    def word(self, key: str) -> str:
        return next((text for text in [layer.word(key) for layer in self._layers] if text), "")

    def flag(self, key: str, otherwise: bool) -> bool:
        return next((layer.flag(key) for layer in self._layers if layer.has(key)), otherwise)

    def needed(self, key: str) -> str:
        word = self.word(key)
        if not word:
            raise _UnusableError(f"`{key}` must be set under `blobstore.options`")
        return word

    def port(self) -> int:
        word = self.word("port") or "0"
        if not word.isdecimal() or int(word) > 65535:
            raise _UnusableError("`port` is not a port number")
        return int(word)

    def pass_over(self, *keys: str) -> None:
        for layer in self._layers:
            layer.pass_over(*keys)

    def names(self) -> None:
        for layer in self._layers:
            layer.names()


def read_blob_source(final: ReleaseDocument, private: ReleaseDocument) -> BlobSource:
    """Read the blobstore of final.yml; private.yml's options win, key by key, and its provider means nothing."""
    provider, options = final.child("blobstore").word("provider"), _Options(final, private)
    private.child("blobstore").pass_over("provider")
    try:
        return _read(provider, options)
    except _UnusableError as error:
        options.names()
        return BlobSource(provider=BlobProvider.NONE, place=f"{error}")


def _read(provider: str, options: _Options) -> BlobSource:
    match provider:
        case "pypi":
            return BlobSource(provider=BlobProvider.PYPI)
        case "local":
            return BlobSource(provider=BlobProvider.LOCAL, place=options.word("blobstore_path"))
        case "https":
            return BlobSource(provider=BlobProvider.HTTPS, place=options.word("url"))
        case "s3":
            return BlobSource(provider=BlobProvider.STORE, store=_read_s3(options))
        case "gcs":
            return BlobSource(provider=BlobProvider.STORE, store=_read_gcs(options))
        case "dav":
            return BlobSource(provider=BlobProvider.STORE, store=_read_dav(options))
        case "":
            raise _UnusableError("config/final.yml names no blobstore")
    raise _UnusableError(f"Blobs of provider '{provider}' cannot be fetched; {_KNOWN} can")


def _read_s3(options: _Options) -> S3Bucket:
    if options.word("assume_role_arn"):
        raise _UnusableError("Option `assume_role_arn` is not supported; assume the role in a profile (env_or_profile)")
    options.pass_over(*_WRITING)
    key, secret = options.word("access_key_id"), options.word("secret_access_key")
    is_path_style = options.flag("s3_force_path_style", otherwise=True)
    return S3Bucket(
        name=options.needed("bucket_name"),
        folder=options.word("folder_name").strip("/"),
        host=options.word("host").removeprefix("https://").removeprefix("http://").rstrip("/"),
        port=options.port(),
        region=options.word("region"),
        uses_tls=options.flag("use_ssl", otherwise=True),
        checks_certificate=options.flag("ssl_verify_peer", otherwise=True),
        is_host_style=options.flag("host_style", otherwise=not is_path_style),
        is_signed_v2=options.word("signature_version") in ("2", "s3"),
        credentials=_s3_credentials(options.word("credentials_source"), key=key, secret=secret),
        access_key_id=key,
        secret_access_key=secret,
    )


def _s3_credentials(word: str, *, key: str, secret: str) -> CredentialSource:
    if word and word not in _SOURCES:
        raise _UnusableError(f"`credentials_source` is '{word}'; expected static, none or env_or_profile")
    if bool(key) != bool(secret):
        raise _UnusableError("`access_key_id` and `secret_access_key` belong together; only one is set")
    if not word:
        return CredentialSource.STATIC if key else CredentialSource.NONE
    source = _SOURCES[word]
    if key and source is not CredentialSource.STATIC:
        raise _UnusableError(f"`credentials_source: {word}` and access keys exclude each other")
    if source is CredentialSource.STATIC and not key:
        raise _UnusableError("`credentials_source: static` needs `access_key_id` and `secret_access_key`")
    return source


def _read_gcs(options: _Options) -> GcsBucket:
    options.pass_over(*_WRITING)
    word, key = options.word("credentials_source"), options.word("json_key")
    sources = {"": CredentialSource.ENVIRONMENT, "none": CredentialSource.NONE, "static": CredentialSource.STATIC}
    if word not in sources:
        raise _UnusableError(f"`credentials_source` is '{word}'; expected static, none or nothing")
    if word == "static" and not key:
        raise _UnusableError("`credentials_source: static` needs `json_key`")
    return GcsBucket(
        name=options.needed("bucket_name"),
        credentials=sources[word],
        json_key=key if word == "static" else "",
        encryption_key=options.word("encryption_key"),
    )


def _read_dav(options: _Options) -> DavStore:
    return DavStore(
        endpoint=options.needed("endpoint").rstrip("/"), user=options.word("user"), password=options.word("password")
    )
