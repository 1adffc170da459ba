"""director.releases.release_stores."""

import pytest

from director.model.releases.object_stores import CredentialSource, DavStore, GcsBucket, ObjectStore, S3Bucket
from director.model.releases.release_files import BlobProvider
from director.releases import release_documents, release_stores
from director.releases.release_documents import ReleaseDocument, ReleaseFindings


def _read(text: str, findings: ReleaseFindings | None = None) -> ReleaseDocument:
    return release_documents.read_release_document(text.encode(), "rel/config/x.yml", findings or ReleaseFindings())


def _source(provider: str, options: str, private: str = "{}") -> release_stores.BlobSource:
    final = _read(f"blobstore: {{provider: {provider}, options: {options}}}")
    return release_stores.read_blob_source(final, _read(f"blobstore: {{options: {private}}}"))


@pytest.mark.parametrize(
    ("provider", "options", "private", "wanted"),
    [
        ("s3", "{bucket_name: b}", "{}", S3Bucket(name="b")),
        (
            "s3",
            "{bucket_name: b, folder_name: /f/, region: eu-west-1}",
            "{}",
            S3Bucket(name="b", folder="f", region="eu-west-1"),
        ),
        (
            "s3",
            "{bucket_name: b, host: s3.x, port: 9000, use_ssl: false, ssl_verify_peer: false, host_style: true}",
            "{}",
            S3Bucket(name="b", host="s3.x", port=9000, uses_tls=False, checks_certificate=False, is_host_style=True),
        ),
        ("s3", "{bucket_name: b, s3_force_path_style: false}", "{}", S3Bucket(name="b", is_host_style=True)),
        (
            "s3",
            "{bucket_name: b, host: 'https://h/', signature_version: '2'}",
            "{}",
            S3Bucket(name="b", host="h", is_signed_v2=True),
        ),
        (
            "s3",
            "{bucket_name: b, access_key_id: public}",
            "{access_key_id: id, secret_access_key: secret}",
            S3Bucket(name="b", credentials=CredentialSource.STATIC, access_key_id="id", secret_access_key="secret"),
        ),
        (
            "s3",
            "{bucket_name: b}",
            "{credentials_source: env_or_profile}",
            S3Bucket(name="b", credentials=CredentialSource.ENVIRONMENT),
        ),
        ("gcs", "{bucket_name: b}", "{}", GcsBucket(name="b")),
        (
            "gcs",
            "{bucket_name: b, credentials_source: none}",
            "{json_key: unused}",
            GcsBucket(name="b", credentials=CredentialSource.NONE),
        ),
        (
            "gcs",
            "{bucket_name: b, encryption_key: a2V5}",
            "{credentials_source: static, json_key: '{}'}",
            GcsBucket(name="b", credentials=CredentialSource.STATIC, json_key="{}", encryption_key="a2V5"),
        ),
        (
            "dav",
            "{endpoint: 'https://d/x/', user: u}",
            "{password: p}",
            DavStore(endpoint="https://d/x", user="u", password="p"),
        ),
    ],
)
def test_a_store_is_read_with_private_options_over_the_public_ones(
    provider: str, options: str, private: str, wanted: ObjectStore
) -> None:
    source = _source(provider, options, private)
    assert (source.provider, source.store) == (BlobProvider.STORE, wanted)


@pytest.mark.parametrize(
    ("provider", "options", "why"),
    [
        ("s3", "{}", "`bucket_name` must be set"),
        ("gcs", "{}", "`bucket_name` must be set"),
        ("dav", "{}", "`endpoint` must be set"),
        ("s3", "{bucket_name: b, access_key_id: x}", "only one is set"),
        ("s3", "{bucket_name: b, credentials_source: static}", "needs `access_key_id`"),
        ("s3", "{bucket_name: b, credentials_source: odd}", "'odd'; expected static"),
        ("s3", "{bucket_name: b, credentials_source: none, access_key_id: x, secret_access_key: z}", "exclude"),
        ("s3", "{bucket_name: b, port: many}", "not a port"),
        ("s3", "{bucket_name: b, assume_role_arn: x}", "assume_role_arn"),
        ("gcs", "{bucket_name: b, credentials_source: static}", "needs `json_key`"),
        ("azure-storage", "{container_name: c}", "'azure-storage' cannot be fetched"),
        ("''", "{}", "names no blobstore"),
    ],
)
def test_options_that_name_no_store_are_a_reason_why_nothing_is_fetched(provider: str, options: str, why: str) -> None:
    source = _source(provider, options)
    assert (source.provider, source.store) == (BlobProvider.NONE, None)
    assert why in source.place


def test_no_secret_shows_in_a_store() -> None:
    stores = (
        S3Bucket(name="b", secret_access_key="hush"),
        GcsBucket(name="b", json_key="hush", encryption_key="hush"),
        DavStore(endpoint="https://d", password="hush"),
    )
    assert "hush" not in repr(stores)


def test_an_option_that_the_cli_ignores_is_a_remark_and_one_of_uploads_is_none() -> None:
    findings = ReleaseFindings()
    text = "blobstore: {provider: s3, options: {bucket_name: b, endpoint: 's3.x', server_side_encryption: AES256}}"
    release_stores.read_blob_source(_read(text, findings), _read(""))
    assert [key.key for key in findings.unused_keys()] == ["endpoint"]
