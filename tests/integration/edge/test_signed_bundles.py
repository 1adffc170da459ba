"""Bundles as one signed file: the same bytes each time, and nothing but those bytes is unpacked."""

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from director.edge.bundles.bundle_archives import LocalBundles
from director.edge.machine.tar_members import header, padding
from director.errors import InputError
from director.model.releases.bundle_file import BundleMember

FILES = {
    "bundle/index.yml": b"name: shop\n",
    "bundle/release/src/run me.sh": b"#!/bin/sh\n",
    "releases/redis-4.0.tgz": bytes(range(256)) * 20,
}
PRIVATE = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test").digest())
Archive = list[tuple[str, bytes]]


@pytest.fixture
def bundles(tmp_path: Path) -> LocalBundles:
    """With two pairs of keys beside it: "key" and "other"."""
    _write_keys(tmp_path / "key", PRIVATE)
    _write_keys(tmp_path / "other", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    return LocalBundles(tmp_path / "home")


def _write_keys(path: Path, key: Ed25519PrivateKey) -> None:
    kind, plain = serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, plain))
    public = serialization.PublicFormat.OpenSSH
    path.with_suffix(".pub").write_bytes(key.public_key().public_bytes(serialization.Encoding.OpenSSH, public))


def members(files: Mapping[str, bytes]) -> list[BundleMember]:
    return [
        BundleMember(path=path, open=partial(io.BytesIO, content), is_executable=path.endswith(".sh"))
        for path, content in files.items()
    ]


def write(bundles: LocalBundles, folder: Path, files: Mapping[str, bytes] = FILES) -> Path:
    path = folder / "shop.bundle"
    bundles.write(str(path), "shop", members(files), key=str(folder / "key"))
    return path


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        call()
    return caught.value.code


def refusal(bundles: LocalBundles, folder: Path, data: bytes) -> str:
    """The code with which these bytes are refused, by both ways, with nothing left in the home."""
    path = folder / "tampered.bundle"
    path.write_bytes(data)
    key = str(folder / "key.pub")
    verified = code_of(lambda: bundles.verify(str(path), key=key))
    assert code_of(lambda: bundles.unpack(str(path), key=key)) == verified
    assert list((folder / "home").iterdir()) == []
    return verified


def packed(inventory: Mapping[str, Any] | bytes, contents: Archive, key: Ed25519PrivateKey = PRIVATE) -> bytes:
    """A bundle of any inventory, well signed, with any members."""
    text = inventory if isinstance(inventory, bytes) else json.dumps(inventory).encode()
    signature = base64.b64encode(key.sign(b"compleat bundle 1\n" + text))
    whole = [("bundle.json", text), ("bundle.sig", signature), *contents]
    return b"".join(header(name, len(data)) + data + padding(len(data)) for name, data in whole) + bytes(1024)


def listed(*contents: tuple[str, bytes], **changes: object) -> dict[str, Any]:
    files = [
        {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "executable": False}
        for path, data in contents
    ]
    return {"format": "compleat.bundle-file/1", "name": "shop", "files": files, **changes}


def test_the_same_members_in_any_order_give_the_same_bytes_and_come_back(bundles: LocalBundles, tmp_path: Path) -> None:
    first = write(bundles, tmp_path).read_bytes()
    assert write(bundles, tmp_path, dict(reversed(FILES.items()))).read_bytes() == first
    bundle, folder = bundles.unpack(str(tmp_path / "shop.bundle"), key=str(tmp_path / "key.pub"))
    found = {str(path.relative_to(folder)): path for path in Path(folder).rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == FILES
    assert {name: path.stat().st_mode & 0o777 for name, path in found.items()} == {
        name: 0o755 if name.endswith(".sh") else 0o644 for name in FILES
    }
    assert (bundle.name, bundle.size, Path(folder).stat().st_mode & 0o777) == ("shop", len(first), 0o700)
    with tarfile.open(tmp_path / "shop.bundle") as archive:  # as anyone reads it
        assert archive.getnames() == ["bundle.json", "bundle.sig", *FILES]


def test_applied_again_it_takes_the_place_of_what_was_changed(bundles: LocalBundles, tmp_path: Path) -> None:
    path, key = str(write(bundles, tmp_path)), str(tmp_path / "key.pub")
    _, folder = bundles.unpack(path, key=key)
    Path(folder, "bundle/index.yml").write_text("changed")
    assert bundles.unpack(path, key=key)[1] == folder
    assert Path(folder, "bundle/index.yml").read_bytes() == FILES["bundle/index.yml"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == [Path(folder).name]


def test_each_changed_byte_is_refused(bundles: LocalBundles, tmp_path: Path) -> None:
    """One of each kind of place: every header field, contents, padding, the end; and every length."""
    whole = write(bundles, tmp_path).read_bytes()
    (tmp_path / "home").mkdir()
    places = {*range(0, len(whole), 97), *range(512), *range(len(whole) - 1100, len(whole), 50)}
    codes = {at: refusal(bundles, tmp_path, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]) for at in places}
    assert set(codes.values()) == {"bundle-file-damaged", "bundle-signature-wrong"}
    for cut in (0, 1, 511, 512, 600, len(whole) // 2, len(whole) - 1):
        assert refusal(bundles, tmp_path, whole[:cut]) in ("bundle-file-damaged", "bundle-signature-wrong")
    assert refusal(bundles, tmp_path, whole + b"\0") == "bundle-file-damaged"
    assert refusal(bundles, tmp_path, whole + whole) == "bundle-file-damaged"


def test_another_key_is_refused(bundles: LocalBundles, tmp_path: Path) -> None:
    path = str(write(bundles, tmp_path))
    assert code_of(lambda: bundles.verify(path, key=str(tmp_path / "other.pub"))) == "bundle-signature-wrong"
    inventory = listed(("bundle/index.yml", b"x"))
    (tmp_path / "home").mkdir()
    stranger = packed(inventory, [("bundle/index.yml", b"x")], key=Ed25519PrivateKey.generate())
    assert refusal(bundles, tmp_path, stranger) == "bundle-signature-wrong"


@pytest.mark.parametrize(
    "path",
    [
        "../x", "/etc/x", "bundle/../../x", "bundle/./x", "bundle//x", "bundle/", "bundle", "x", "other/x",
        "bundle/a\\b", "bundle/a\nb", "bundle/a\0b", "bundle/" + "x" * 200, "bundle/\u202ex",
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_refused_whoever_signed_it(
    path: str, bundles: LocalBundles, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    assert refusal(bundles, tmp_path, packed(listed((path, b"x")), [])) == "bundle-path-unfit"
    assert code_of(lambda: write(bundles, tmp_path, {path: b"x"})) == "bundle-path-unfit"


@pytest.mark.parametrize(
    ("inventory", "code"),
    [
        (listed(("bundle/a", b"x"), ("bundle/a/b", b"x")), "bundle-path-unfit"),
        (listed(("bundle/b", b"x"), ("bundle/a", b"x")), "bundle-file-damaged"),
        (listed(("bundle/a", b"x"), ("bundle/a", b"x")), "bundle-file-damaged"),
        (listed(format="compleat.bundle-file/2"), "bundle-file-damaged"),
        (listed(more=1), "bundle-file-damaged"),
        ({**listed(), "files": [{"path": "bundle/a", "size": 1 << 40, "sha256": "0" * 64}]}, "bundle-too-large"),
        ({**listed(), "files": [{"path": "bundle/a", "size": -1, "sha256": "0" * 64}]}, "bundle-file-damaged"),
        (b"[" * 100_000, "bundle-file-damaged"),
        (b"\xff", "bundle-file-damaged"),
    ],
)
def test_an_inventory_that_makes_no_sense_is_refused(
    inventory: Mapping[str, Any] | bytes, code: str, bundles: LocalBundles, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    assert refusal(bundles, tmp_path, packed(inventory, [])) == code


def test_an_inventory_without_end_is_not_read(bundles: LocalBundles, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    assert refusal(bundles, tmp_path, header("bundle.json", 7 << 30)) == "bundle-file-damaged"


def test_a_link_in_the_place_of_a_file_is_refused(bundles: LocalBundles, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    whole = packed(listed(("bundle/a", b"")), [("bundle/a", b"")])
    link = tarfile.TarInfo("bundle/a")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    changed = whole.replace(header("bundle/a", 0), link.tobuf(tarfile.USTAR_FORMAT))
    assert (changed != whole, refusal(bundles, tmp_path, changed)) == (True, "bundle-file-damaged")


def test_keys_of_other_kinds_are_refused(bundles: LocalBundles, tmp_path: Path) -> None:
    rsa = generate_private_key(65537, 2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    locked = serialization.BestAvailableEncryption(b"x")
    contents = {
        "rsa": rsa.private_bytes(pem, serialization.PrivateFormat.OpenSSH, plain),
        "locked": PRIVATE.private_bytes(pem, serialization.PrivateFormat.OpenSSH, locked),
        "text": b"key",
        "empty": b"",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        path = str(tmp_path / name)
        assert code_of(lambda path=path: bundles.write("x", "shop", [], key=path)) == "bundle-key-unfit"  # type: ignore[misc]
        assert code_of(lambda path=path: bundles.verify("x", key=path)) == "bundle-key-unfit"  # type: ignore[misc]
    none, key = str(tmp_path / "none"), str(tmp_path / "key.pub")
    assert code_of(lambda: bundles.verify(none, key=key)) == "bundle-file-missing"
