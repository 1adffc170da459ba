"""The guest as one file: a zipapp, named by the digest of its sources.

Takes the package folder `director/guest`, gives bytes; `director/monit` beside it is shipped too. Byte code for this
Python rides along, for a VM that runs the same version starts the guest in a quarter of the time; any other Python
reads the sources.
"""

import hashlib
import importlib.util
import io
import marshal
import zipfile
from dataclasses import field
from pathlib import Path

from cpi.contract.value_classes import dataclass

_SHEBANG = b"#!/usr/bin/env python3\n"
_DATE = (1980, 1, 1, 0, 0, 0)
_UNCHECKED_HASH = (1).to_bytes(4, "little")
_MAIN = "__main__.py"
_SHARED = "monit"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestBundle:
    """`version` is the beginning of the sources' SHA-256; `content` is the whole file."""

    content: bytes = field(repr=False)
    version: str

    @property
    def file_name(self) -> str:
        return f"compleat-guest-{self.version}.pyz"


def build_guest(folder: Path, *, with_byte_code: bool = True) -> GuestBundle:
    """Pack every module that runs on a VM. Without byte code the same sources give the same bytes, on any Python."""
    sources = {"director/__init__.py": ""}
    for path in guest_sources(folder):
        name = path.name if path.name == _MAIN else f"director/{path.relative_to(folder.parent)}"
        sources[name] = path.read_text(encoding="utf-8")
    content = io.BytesIO()
    content.write(_SHEBANG)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in sources.items():
            _write(archive, name, text.encode())
            if with_byte_code and name != _MAIN:
                _write(archive, name + "c", _byte_code(name, text))
    return GuestBundle(content=content.getvalue(), version=_digest(sources)[:20])


def guest_sources(folder: Path) -> list[Path]:
    """The modules that run on a VM."""
    return [path for room in (folder, folder.parent / _SHARED) for path in sorted(room.rglob("*.py"))]


def guest_folder() -> Path:
    """The directory of the guest's sources in this installation."""
    return Path(__file__).resolve().parents[2] / "guest"


def _byte_code(name: str, text: str) -> bytes:
    """A .pyc that is never compared with a source's date: magic, flags, eight bytes unused, code."""
    code = compile(text, name, "exec", dont_inherit=True, optimize=2)
    return importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + bytes(8) + marshal.dumps(code)


def _digest(sources: dict[str, str]) -> str:
    digest = hashlib.sha256()
    for name, text in sources.items():
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
