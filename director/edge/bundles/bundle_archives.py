"""The SignedBundles port: a tar archive whose first members are its inventory and the signature of that.

Takes paths, gives verified bundles. Everything in the archive follows from the inventory, headers too, so it is
compared byte for byte, and nothing is unpacked by what an unsigned byte says.
"""

import base64
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from director.edge.bundles import inventory, signatures
from director.edge.bundles.inventory import INVENTORY, SIGNATURE
from director.edge.machine import atomic_files, regular_files, tar_members
from director.errors import InputError
from director.model.releases.bundle_file import BundledFile, BundleMember, SignedBundle

_CHUNK_BYTES = 1 << 20


class LocalBundles:
    """Implements SignedBundles; `home` is where bundles are unpacked."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def write(self, path: str, name: str, members: Iterable[BundleMember], *, key: str) -> SignedBundle:
        private = signatures.load_private(key)
        ordered = sorted(members, key=lambda member: member.path)
        files = [_measure(member) for member in ordered]
        text = inventory.write_inventory(name, files)
        signature = base64.b64encode(signatures.sign(private, text)) + b"\n"
        target = Path(path).absolute()

        def fill(out: BinaryIO) -> Path:
            for title, content in ((INVENTORY, text), (SIGNATURE, signature)):
                out.write(inventory.header(title, len(content)) + content + tar_members.padding(len(content)))
            for member, file in zip(ordered, files, strict=True):
                out.write(inventory.header(file.path, file.size, is_executable=file.is_executable))
                with member.open() as stream:
                    _copy(stream, file, out)
                out.write(tar_members.padding(file.size))
            out.write(tar_members.END)
            return target

        atomic_files.write_atomically(target.parent, fill)
        return SignedBundle(
            name=name,
            files=tuple(files),
            digest=hashlib.sha256(text).hexdigest(),
            key=signatures.fingerprint(private.public_key()),
            size=_whole_size(text, signature, files),
        )

    def verify(self, path: str, *, key: str) -> SignedBundle:
        return _read(path, key, lambda stream, file: _copy(stream, file, None))

    def unpack(self, path: str, *, key: str) -> tuple[SignedBundle, str]:
        atomic_files.make_private(self._home)
        with tempfile.TemporaryDirectory(dir=self._home, prefix=".unpacking-") as folder:
            root = Path(folder) / "whole"
            bundle = _read(path, key, lambda stream, file: _unpack(stream, file, root))
            target = self._home / bundle.digest[:32]
            if target.exists():
                target.rename(Path(folder) / "old")
            root.rename(target)
        return bundle, str(target)


def _measure(member: BundleMember) -> BundledFile:
    hashed, size = hashlib.sha256(), 0
    with member.open() as stream:
        while data := stream.read(_CHUNK_BYTES):
            hashed.update(data)
            size += len(data)
    return BundledFile(path=member.path, size=size, digest=hashed.hexdigest(), is_executable=member.is_executable)


def _read(path: str, key: str, take: Callable[[BinaryIO, BundledFile], None]) -> SignedBundle:
    public = signatures.load_public(key)
    try:
        with regular_files.open_file(Path(path)) as stream:
            text = _read_member(stream, INVENTORY, inventory.MOST_INVENTORY_BYTES)
            signature = _read_member(stream, SIGNATURE, inventory.MOST_SIGNATURE_BYTES)
            if not signatures.is_signed(public, _decoded(signature), text):
                raise _wrong_signature(path, signatures.fingerprint(public))
            name, files = inventory.read_inventory(text)
            size = os.fstat(stream.fileno()).st_size
            if size != _whole_size(text, signature, files):
                wanted = _whole_size(text, signature, files)
                raise inventory.damaged(f"It has {size} bytes, and its inventory lists what takes {wanted}")
            for file in files:
                tar_members.expect(
                    stream, inventory.header(file.path, file.size, is_executable=file.is_executable), file.path
                )
                take(stream, file)
                tar_members.expect(stream, tar_members.padding(file.size), file.path)
            tar_members.expect(stream, tar_members.END, "its end")
    except tar_members.UnlistedBytesError as error:
        raise inventory.damaged(str(error)) from error
    except OSError as error:
        raise InputError(
            "bundle-file-missing",
            f"The bundle's file {path} cannot be read.",
            why=f"System error: {error.strerror}.",
            fix="Name a file that `compleat bundle create` wrote.",
        ) from error
    digest = hashlib.sha256(text).hexdigest()
    return SignedBundle(name=name, files=files, digest=digest, key=signatures.fingerprint(public), size=size)


def _read_member(stream: BinaryIO, name: str, limit: int) -> bytes:
    content = tar_members.read_first(stream, name, limit)
    if content is None:
        raise inventory.damaged(f"It does not begin with {INVENTORY} and {SIGNATURE}")
    return content


def _copy(stream: BinaryIO, file: BundledFile, out: BinaryIO | None) -> None:
    """The file's content, no byte more; refused at its end if it is another."""
    digest = tar_members.copy_content(stream, file.size, out)
    if digest != file.digest:
        raise inventory.damaged(f"'{file.path}' has the SHA-256 {digest}, and {file.digest} was signed")


def _unpack(stream: BinaryIO, file: BundledFile, root: Path) -> None:
    place = root / file.path
    atomic_files.make_private(place.parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(place, flags, 0o600), "wb") as out:
        _copy(stream, file, out)
        # Packages keep these permissions; the folder above is private.
        os.fchmod(out.fileno(), 0o755 if file.is_executable else 0o644)


def _decoded(signature: bytes) -> bytes:
    try:
        return base64.b64decode(signature, validate=False)
    except ValueError:
        return b""


def _whole_size(text: bytes, signature: bytes, files: Sequence[BundledFile]) -> int:
    return tar_members.whole_size([len(text), len(signature), *(file.size for file in files)])


def _wrong_signature(path: str, key: str) -> InputError:
    return InputError(
        "bundle-signature-wrong",
        f"The bundle {path} was not signed by this key, or was changed since.",
        why=f"Its signature does not fit its inventory and the key {key}.",
        fix="Name the public key of the author of the bundle. If it is that one, do not use the file.",
    )
