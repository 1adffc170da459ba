"""Stemcells packed as tarballs: light ones for the memory cloud, and ones with an image.

Takes folders and changes of stemcell.MF, gives paths.
"""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

NAME, VERSION, OS = "own-linux", "3.1", "own-linux"


def manifest_of(image: bytes = b"", **changes: Any) -> bytes:
    """stemcell.MF of a light stemcell for the memory cloud; a change to None leaves a key out."""
    written = {
        "name": NAME,
        "version": VERSION,
        "operating_system": OS,
        "sha1": hashlib.sha1(image).hexdigest(),
        "api_version": 3,
        "stemcell_formats": ["memory-light"],
        "cloud_properties": {"image": "default"},
        **changes,
    }
    return yaml.safe_dump({key: value for key, value in written.items() if value is not None}).encode()


def pack(path: Path, members: Mapping[str, bytes]) -> Path:
    """A tarball with these members, in their order."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def write_stemcell(folder: Path, image: bytes = b"", **changes: Any) -> Path:
    """A stemcell's tarball."""
    version = changes.get("version", VERSION)
    return pack(folder / f"own-{version}.tgz", {"stemcell.MF": manifest_of(image, **changes), "image": image})
