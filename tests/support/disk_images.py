"""Small disks in every format that clouds tell apart, and archives of them.

Takes folders, gives paths. No disk boots; each has the marks that its readers go by, and bytes that differ throughout.
"""

import io
import struct
import tarfile
from pathlib import Path
from random import Random

_MIB = 1 << 20
MIB = 3
"""The size of the disks; the second MiB is zeros."""


def raw_bytes(seed: int = 1) -> bytes:
    """A disk with a boot sector."""
    random = Random(seed)
    sector = random.randbytes(510) + b"\x55\xaa"
    return sector + random.randbytes(_MIB - 512) + bytes(_MIB) + random.randbytes((MIB - 2) * _MIB)


def write_raw(folder: Path, *, seed: int = 1) -> Path:
    """A raw disk."""
    return _write(folder / "disk.raw", raw_bytes(seed))


def write_vhd(folder: Path, *, seed: int = 1) -> Path:
    """A VHD of fixed size."""
    disk = raw_bytes(seed)
    return _write(folder / "disk.vhd", disk + _footer(len(disk)))


def write_qcow2(folder: Path) -> Path:
    """The beginning of a QCOW2 image."""
    return _write(folder / "disk.qcow2", b"QFI\xfb" + struct.pack(">I", 3) + bytes(64 << 10))


def pack(path: Path, *, name: str) -> Path:
    """The archive that BOSH's CPIs get as `image`: one disk in it."""
    return _pack(path.parent / "image", {name: path.read_bytes()})


def pack_whole(image: Path, manifest: str) -> Path:
    """A whole stemcell's archive."""
    return _pack(image.parent / "stemcell.tgz", {"stemcell.MF": manifest.encode(), "image": image.read_bytes()})


def _pack(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _footer(size: int) -> bytes:
    """Cookie, features, version, no header, time, creator, sizes, geometry, fixed; the rest is not read here."""
    start = struct.pack(">8sIIQI4sI4sQQI", b"conectix", 2, 0x10000, 2**64 - 1, 0, b"test", 0, b"Wi2k", size, size, 0)
    return (start + struct.pack(">I", 2)).ljust(512, b"\0")
