"""Changes of a storage account outside compleat: each is reported, and fixed if possible."""

import io
import logging
import os
import tempfile
import tracemalloc
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from ssl import create_default_context
from typing import BinaryIO

import pytest

from cpi.clouds.azure.landing.storage import AzureStorage
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.clouds.azure.wire.pipeline import Address
from cpi.contract.cloud import ConnectSettings, Storage
from cpi.contract.errors import CloudError, DeniedError, NotFoundError, NotSupportedError
from cpi.contract.values import ENVIRONMENT_ITSELF, LandingSpec, OwnerKey
from cpi.kit import tags
from cpi.kit.operation_clock import system_clock
from cpi.plugins import find_plugin
from tests.support.azure import azurite, storage
from tests.support.azure.answers import Reply, Request
from tests.support.azure.azurite import Azurite
from tests.support.azure.direct import make_transport
from tests.support.azure.faults import Faults, Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.tls import Certificates
from tests.support.azure.wire import Log
from tests.support.landings import land

OWNER = OwnerKey(environment="env", deployment=ENVIRONMENT_ITSELF, action="setup")
NAME = f"sha256/{'a' * 64}"
CONTENT = b"package " * 200
LARGE = 64 << 20
ACCOUNT = {
    "name": "compleatabc",
    "tags": tags.tags_of(OWNER),
    "properties": {"primaryEndpoints": {"blob": "https://compleatabc.blob.example/"}},
}
needs_azurite = pytest.mark.skipif(not azurite.PROGRAM, reason=azurite.REASON)


@pytest.fixture(name="azure")
def _azure(tmp_path: Path, certificates: Certificates) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        yield azure


def test_an_account_that_a_policy_made_keyless_is_told_and_ssh_is_the_way(azure: StandIn) -> None:
    azure.place.region.forbids_keys = True
    stored = _landed(azure)
    for refused in (_put_refused(stored), _sign_refused(stored)):
        assert (type(refused), refused.code) == (NotSupportedError, "storage-keys-forbidden")
        assert "SSH" in refused.fix
    assert [call.words for call in azure.log.calls() if "listKeys" in call.words] == []


def test_without_azurite_accounts_of_the_stand_in_are_keyless(azure: StandIn) -> None:
    azure.place.blobs = None
    assert _sign_refused(_landed(azure)).code == "storage-keys-forbidden"


@needs_azurite
def test_keys_that_may_not_be_listed_are_told_with_azures_words(azure: StandIn) -> None:
    stored = _landed(azure)
    azure.faults.rules.append(Rule(path="listKeys", times=2, status=403, code="AuthorizationFailed", message="No."))
    for refused in (_put_refused(stored), _sign_refused(stored)):
        assert (type(refused), refused.code) == (DeniedError, "not-authorized")
        assert "AuthorizationFailed: No." in refused.why
    stored.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))


@needs_azurite
def test_an_account_that_is_gone_is_told_also_to_whoever_had_its_key(azure: StandIn) -> None:
    stored = _landed(azure)
    stored.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    with azure.place.store.lock:
        azure.place.store.drop(azure.place.store.of_type(storage.ACCOUNT)[0].id)
    for refused in (_put_refused(stored), _sign_refused(stored)):
        assert (type(refused), refused.code) == (NotFoundError, "storage-missing")


@needs_azurite
def test_another_environments_account_in_the_same_group_is_not_taken(azure: StandIn) -> None:
    """Environments may share a resource group; each has an account of its own."""
    _landed(azure)
    settings = ConnectSettings(
        environment="other", state_dir="", properties=azure.settings(resource_group_name="compleat-env")
    )
    stored = find_plugin("azure").connect(settings).storage
    assert stored is not None
    assert _put_refused(stored).code == "storage-missing"


@needs_azurite
def test_a_container_that_is_gone_is_made_again(azure: StandIn) -> None:
    stored = _landed(azure)
    stored.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    _azurite_of(azure).drop_container("blobs")
    stored.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    assert _read(stored) == CONTENT
    made = [call.words.rpartition("/")[2] for call in azure.log.calls() if "/containers/" in call.words]
    assert made == ["blobs", "blobs"]


@needs_azurite
def test_a_key_that_was_changed_is_asked_for_anew_after_it_was_refused(azure: StandIn) -> None:
    stored = _landed(azure)
    other = storage.keys("other")
    azure.faults.rules.append(Rule(path="listKeys", status=200, body=other))
    refused = _put_refused(stored)
    assert "Azure answered 403" in refused.why
    assert other["keys"][0]["value"] not in f"{refused!r} {refused.what} {refused.why} {refused.fix}"
    stored.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    assert _read(stored) == CONTENT


def test_a_signature_that_azure_refuses_is_told_as_such() -> None:
    """Azurite calls it AuthorizationFailure, which Azure says of its firewalls; here is Azure's own answer."""
    refused = _put_refused(_storage_that_answers(403, "AuthenticationFailed"))
    assert (type(refused), refused.code) == (DeniedError, "storage-signature-refused")
    assert refused.why == "Azure answered 403 AuthenticationFailed:"


def test_a_network_that_is_closed_to_us_leaves_ssh() -> None:
    refused = _put_refused(_storage_that_answers(403, "AuthorizationFailure"))
    assert (type(refused), refused.code) == (NotSupportedError, "storage-closed")


@needs_azurite
def test_a_large_blob_passes_through_and_is_not_held(azure: StandIn) -> None:
    stored = _landed(azure)
    with tempfile.TemporaryFile() as stream:
        _fill(stream)
        tracemalloc.start()
        stored.put_blob(NAME, stream, size=LARGE)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < LARGE / 8
    signed = stored.sign_url(NAME, valid_s=60)
    head = urllib.request.Request(signed.url, method="HEAD")
    with urllib.request.urlopen(head, timeout=20, context=create_default_context(cadata=signed.ca)) as answer:
        assert answer.headers["Content-Length"] == str(LARGE)


@needs_azurite
def test_no_log_shows_a_signature_or_a_key(azure: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stored = _landed(azure)
    stored.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    signed = stored.sign_url(NAME, valid_s=60)
    key = storage.keys(azure.place.store.of_type(storage.ACCOUNT)[0].id)["keys"][0]["value"]
    shown = f"{caplog.text} {signed!r} {stored!r}"
    assert "sig=" not in shown
    assert key not in shown


def _landed(azure: StandIn) -> Storage:
    settings = ConnectSettings(environment="env", state_dir="", properties=azure.settings())
    connected = find_plugin("azure").connect(settings)
    land(connected, LandingSpec(networks={"main": "10.9.0.0/24"}, public_names=()), OWNER)
    assert connected.storage is not None
    return connected.storage


def _storage_that_answers(status: int, code: str) -> Storage:
    """An account whose blobs refuse everything; Azure itself is as it should be."""

    def answer(request: Request, rule: Rule | None) -> Reply:
        if request.path.endswith("/storageAccounts"):
            return Reply(status=200, body={"value": [ACCOUNT]})
        if request.path.endswith("/listKeys"):
            return Reply(status=200, body=storage.keys("id"))
        return Reply(status=status, headers={"x-ms-error-code": code})

    address = Address(url="https://arm.example", scope="")
    api = Api(address, None, clock=system_clock(), limit_s=1.0, transport=make_transport(answer, Faults(), Log()))
    return AzureStorage(api, ResourcePaths(subscription="s", group="g", location="l"), environment="env")


def _azurite_of(azure: StandIn) -> Azurite:
    assert azure.azurite is not None
    return next(iter(azure.azurite.held.values()))


def _put_refused(stored: Storage) -> CloudError:
    with pytest.raises(CloudError) as refused:
        stored.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    return refused.value


def _sign_refused(stored: Storage) -> CloudError:
    with pytest.raises(CloudError) as refused:
        stored.sign_url(NAME, valid_s=60)
    return refused.value


def _read(stored: Storage) -> bytes:
    signed = stored.sign_url(NAME, valid_s=60)
    with urllib.request.urlopen(signed.url, timeout=20, context=create_default_context(cadata=signed.ca)) as answer:
        content: bytes = answer.read()
    return content


def _fill(stream: BinaryIO) -> None:
    for _ in range(LARGE >> 20):
        stream.write(os.urandom(1 << 20))
    stream.seek(0)
