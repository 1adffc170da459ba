"""What every ReleaseRecords promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from director.model.ids import Digest
from director.model.releases.uploaded_release import UploadedRelease
from director.ports.release_records import ReleaseRecords
from tests.contract.state_store.stores import STORES

SHOP = UploadedRelease(
    name="shop",
    version="1.2",
    digest=Digest(f"sha256:{'a' * 64}"),
    outline=Digest(f"sha256:{'b' * 64}"),
    size=12,
    content="c1",
    commit_hash="abc1234",
    has_uncommitted_changes=True,
    origin="/here/shop",
    uploaded_at=3.5,
)
COMPILED = replace(SHOP, compiled_for="ubuntu-jammy/1.200", content="c2")


@pytest.fixture(params=STORES)
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ReleaseRecords]:
    opened = STORES[request.param](tmp_path)
    yield opened.releases
    opened.close()


def test_what_was_saved_is_listed_whole_and_in_order(records: ReleaseRecords) -> None:
    assert records.list_releases() == ()
    others = [replace(SHOP, name="bank"), replace(SHOP, version="1.10")]
    for release in (COMPILED, SHOP, *others):
        records.save_release(release)
    assert records.list_releases() == (others[0], others[1], SHOP, COMPILED)


def test_one_of_the_same_name_version_and_stemcell_is_replaced(records: ReleaseRecords) -> None:
    for release in (SHOP, COMPILED, replace(SHOP, content="c3")):
        records.save_release(release)
    assert [release.content for release in records.list_releases()] == ["c3", "c2"]


def test_a_deleted_one_is_gone_and_no_other(records: ReleaseRecords) -> None:
    for release in (SHOP, COMPILED):
        records.save_release(release)
    records.delete_release(SHOP)
    records.delete_release(SHOP)
    assert records.list_releases() == (COMPILED,)
