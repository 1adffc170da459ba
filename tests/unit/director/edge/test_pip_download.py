"""director.edge.downloads.pip_download: the calls of pip, and the interpreter that runs it."""

import pytest

from director.edge.downloads import pip_download
from director.errors import InputError
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.release_files import BlobPin, BlobProvider

ANY = "tiny_thing-1.0-py3-none-any.whl"
ARM = "tiny_thing-1.0-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"


def pin_of(file: str, sha256: str, object_id: str = "") -> BlobPin:
    name, version = file.split("-")[:2]
    return BlobPin(
        path=f"blobs/{file}",
        provider=BlobProvider.PYPI,
        place="",
        object_id=object_id or f"pypi:{name}/{version}/{file}",
        size=0,
        digest=SingleDigest(algorithm="sha256", value=sha256),
        where="rel/config/blobs.yml:3:1",
    )


def test_one_call_has_one_machine_and_no_project_twice() -> None:
    newer = ANY.replace("1.0", "2.0")
    any_, arm, again = (pip_download.read_pip_file(pin_of(name, "a" * 64)) for name in (ANY, ARM, newer))
    assert pip_download.group_files([any_, arm, again]) == [[any_], [arm], [again]]


@pytest.mark.parametrize(
    ("file", "flags"),
    [
        (ANY, ("--only-binary=:all:",)),
        ("a-1-py2.py3-none-any.whl", ("--only-binary=:all:",)),
        ("a-1.tar.gz", ("--no-binary=:all:",)),
        (
            ARM,
            (
                "--only-binary=:all:",
                "--implementation=cp",
                "--python-version=3.9",
                "--abi=cp39",
                "--platform=manylinux_2_17_aarch64",
                "--platform=manylinux2014_aarch64",
            ),
        ),
        (
            "a-1-7-cp311-abi3-manylinux_2_28_x86_64.whl",
            (
                "--only-binary=:all:",
                "--implementation=cp",
                "--python-version=3.11",
                "--abi=abi3",
                "--platform=manylinux_2_28_x86_64",
            ),
        ),
    ],
)
def test_flags_follow_from_the_file_name(file: str, flags: tuple[str, ...]) -> None:
    assert pip_download.read_pip_file(pin_of(file, "a" * 64, f"pypi:a/1/{file}")).flags() == flags


@pytest.mark.parametrize(
    "object_id",
    [
        "pypi:a/1",
        "pypi:--index-url=x/1/f",
        "pypi:a/1/../f",
        "pypi:a/1/b/c",
        "pypi:a/1 --x/f",
        "pypi:a/1/x.whl",
        "a/1/f\n",
    ],
)
def test_an_object_id_is_nothing_but_project_version_and_file(object_id: str) -> None:
    with pytest.raises(InputError) as caught:
        pip_download.read_pip_file(pin_of(ANY, "a" * 64, object_id))
    assert caught.value.code == "blob-object-id-broken"
