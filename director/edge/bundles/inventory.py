"""What is in a bundle's file, as the text that is signed.

Takes files, gives text and headers; reads them back from unchecked bytes.
"""

import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from director.edge.machine import tar_members
from director.errors import InputError
from director.model.releases.bundle_file import FOLDER, MIRROR, BundledFile

INVENTORY, SIGNATURE = "bundle.json", "bundle.sig"
MOST_INVENTORY_BYTES = 16 << 20
MOST_SIGNATURE_BYTES = 1 << 12
_MOST_FILES = 100_000
_LONGEST_PATH = 200
_FORMAT = "compleat.bundle-file/1"
_SHOWN = 80


class _WrittenFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    path: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    executable: bool = False


class _WrittenInventory(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    format: str = Field(pattern=f"^{_FORMAT}$")
    name: str
    files: tuple[_WrittenFile, ...] = Field(max_length=_MOST_FILES)


def write_inventory(name: str, files: Sequence[BundledFile]) -> bytes:
    """The same files give the same bytes. Raises InputError: bundle-path-unfit, bundle-too-large."""
    check_files(files)
    listed = [
        {"path": one.path, "size": one.size, "sha256": one.digest, "executable": one.is_executable} for one in files
    ]
    tree = {"format": _FORMAT, "name": name, "files": listed}
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


def read_inventory(content: bytes) -> tuple[str, tuple[BundledFile, ...]]:
    """Name and files. Raises InputError: bundle-file-damaged, bundle-path-unfit, bundle-too-large."""
    try:
        written = _WrittenInventory.model_validate_json(content)
    except ValidationError as error:
        raise damaged(f"Its inventory is not one of the format {_FORMAT}") from error
    files = tuple(
        BundledFile(path=one.path, size=one.size, digest=one.sha256, is_executable=one.executable)
        for one in written.files
    )
    check_files(files)
    return written.name, files


def check_files(files: Sequence[BundledFile]) -> None:
    """Check that the files can be unpacked one beside the other and nowhere else."""
    paths = [one.path for one in files]
    if paths != sorted(set(paths)):
        raise damaged("Its inventory is not sorted, or has a path twice")
    if len(files) > _MOST_FILES:
        raise _too_large(f"{len(files)} files; {_MOST_FILES} are allowed")
    known = set(paths)
    for one in files:
        parts = one.path.split("/")
        above = {"/".join(parts[:end]) for end in range(1, len(parts))}
        if not _is_fit(one.path, parts) or above & known:
            raise _unfit_path(one.path)
        if one.size > tar_members.MOST_MEMBER_BYTES:
            raise _too_large(f"'{one.path}' has {one.size} bytes; {tar_members.MOST_MEMBER_BYTES} are allowed")


def header(path: str, size: int, *, is_executable: bool = False) -> bytes:
    """The header of a file of a bundle."""
    return tar_members.header(path, size, mode=0o755 if is_executable else 0o644)


def _is_fit(path: str, parts: Sequence[str]) -> bool:
    is_plain = path.isprintable() and "\\" not in path and len(path.encode()) <= _LONGEST_PATH
    is_inside = parts[0] in (FOLDER, MIRROR) and len(parts) > 1 and not {"", ".", ".."} & set(parts)
    try:
        header(path, 0)
    except ValueError:
        return False
    return is_plain and is_inside


def damaged(why: str) -> InputError:
    """What to say of a file that is no bundle, or no longer the one that was written."""
    return InputError(
        "bundle-file-damaged",
        "The bundle's file is damaged, or is not one that compleat wrote.",
        why=f"{why}.",
        fix="Copy or download it again, and compare its SHA-256 with that of the original.",
    )


def _unfit_path(path: str) -> InputError:
    return InputError(
        "bundle-path-unfit",
        f"{path[:_SHOWN]!a} is not a path for a file of a bundle.",
        why=f"A path leads below {FOLDER}/ or {MIRROR}/ without '..', has at most {_LONGEST_PATH} bytes that are all "
        "printable, and no other file in the place of its folders.",
        fix="Rename the file; a bundle from somebody else that has such a path is not to be trusted.",
    )


def _too_large(why: str) -> InputError:
    return InputError(
        "bundle-too-large",
        "The bundle is too large for one file.",
        why=f"{why}.",
        fix="Split the bundle into several.",
    )
