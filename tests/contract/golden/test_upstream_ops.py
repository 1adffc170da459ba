"""The ops files of bosh-deployment and cf-deployment: each is read, and applied where it applies by itself."""

from pathlib import Path

import pytest

from director.errors import InputError
from director.model.documents import Document, Source
from director.model.written.manifest import Manifest
from director.text import validate
from director.text.ops import operations, patch
from director.text.yaml import reader, writer

UPSTREAM = Path(__file__).parents[4] / "shared" / "golden" / "interpolate" / "upstream"
CF = UPSTREAM / "cf-deployment"
CF_OPS = sorted(CF.glob("operations/*.yml"))


def _read(path: Path) -> Document:
    return reader.read_document(Source(name=path.name, content=path.read_bytes()))


def test_the_upstream_files_are_there() -> None:
    if not CF.is_dir():
        pytest.skip(f"no golden data: {CF} does not exist")
    assert len(CF_OPS) > 20


@pytest.mark.parametrize("path", CF_OPS, ids=[path.name for path in CF_OPS])
def test_an_ops_file_gives_a_valid_manifest_or_names_the_file_it_comes_after(path: Path) -> None:
    try:
        changed = patch.apply_operations(_read(CF / "cf-deployment.yml"), operations.read_operations(_read(path)))
    except InputError as error:
        assert (error.code, error.where.split(":")[0]) == ("ops-path-missing", path.name)
        return
    assert validate.check_document(changed, Manifest).problems == ()
    text = writer.write_yaml(changed.tree)
    again = reader.read_document(Source(name="again", content=text.encode()))
    assert patch.is_same(again.tree, changed.tree)


def test_most_ops_files_apply_by_themselves() -> None:
    if not CF.is_dir():
        pytest.skip(f"no golden data: {CF} does not exist")
    assert sum(_applies(path) for path in CF_OPS) > 0.8 * len(CF_OPS)


def _applies(path: Path) -> bool:
    try:
        patch.apply_operations(_read(CF / "cf-deployment.yml"), operations.read_operations(_read(path)))
    except InputError:
        return False
    return True
