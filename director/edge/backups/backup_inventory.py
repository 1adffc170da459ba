"""What is in a backup's file, as the text that is sealed.

Takes files, gives text; reads it back from unchecked bytes.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from enum import Enum

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from director.edge.machine import tar_members
from director.edge.state.sqlite_schema import REVISION
from director.errors import InputError
from director.model.backups import BACKUP_SCHEMA

INVENTORY, SEAL = "backup.json", "backup.seal"
STATE, KEY = "state.db", "vault.key"
FOLDERS = ("vault", "environments", "cloud-configs", "parameters", "bundles", "blobs", "releases")
"""What may be below the home: anything else in a file was not written by compleat."""

MOST_INVENTORY_BYTES = 64 << 20
MOST_SEAL_BYTES = 128
_MOST_FILES = 250_000
_LONGEST_PATH = 230
_PURPOSE = b"compleat backup 1"
_KINDS = re.compile(r"^compleat\.backup/\d+$")
_SHOWN = 80
_KEY_BYTES = 32


class InventoryFile(BaseModel):
    """A file of the home: its path there, and its content's size and SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    path: str
    size: int = Field(ge=0, le=tar_members.MOST_MEMBER_BYTES)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    executable: bool = False

    @property
    def mode(self) -> int:
        """Its permissions: those of packages in unpacked bundles matter, all others are private."""
        is_package = self.path.startswith("bundles/")
        return (0o755 if self.executable else 0o644) if is_package else 0o600

    def header(self) -> bytes:
        """Its header in the archive."""
        return tar_members.header(self.path, self.size, mode=self.mode)


class InventoryEnvironment(BaseModel):
    """An environment of the state, and the names of its deployments."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    deployments: tuple[str, ...] = ()


class KeyPlace(Enum):
    """Where the vault's key is that sealed the backup; NONE: the home had none yet."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    NONE = "none"


class Inventory(BaseModel):
    """All that is known before the first file is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = BACKUP_SCHEMA
    revision: str = Field(pattern=r"^\d{4}$")
    made_at: float
    key: KeyPlace
    has_all_blobs: bool
    environments: tuple[InventoryEnvironment, ...] = ()
    files: tuple[InventoryFile, ...] = Field(max_length=_MOST_FILES)

    def text(self) -> bytes:
        """As it is in the archive. Raises InputError: backup-too-large, backup-path-unfit."""
        check_files(self.files)
        return self.model_dump_json().encode() + b"\n"


def read_inventory(content: bytes, path: str) -> Inventory:
    """The inventory. Raises InputError: backup-damaged, backup-version, backup-path-unfit."""
    _check_version(content, path)
    try:
        read = Inventory.model_validate_json(content)
    except ValidationError as error:
        raise damaged(path, f"Its inventory is not one of the format {BACKUP_SCHEMA}") from error
    if read.revision > REVISION:
        raise _newer(path, f"Its state has the schema {read.revision}; this version knows {REVISION}")
    check_files(read.files)
    sizes = {file.path: file.size for file in read.files if file.path in (STATE, KEY)}
    if STATE not in sizes or sizes.get(KEY, 0) != (_KEY_BYTES if read.key is KeyPlace.INSIDE else 0):
        raise damaged(path, "Its inventory contradicts its list of files")
    return read


def seal_of(key: bytes, inventory: bytes) -> bytes:
    """What a holder of the vault's key alone can compute."""
    own = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(key)
    return hmac.new(own, inventory, hashlib.sha256).hexdigest().encode() + b"\n"


def check_files(files: Sequence[InventoryFile]) -> None:
    """Check that the files can be written one beside the other below a home, and nowhere else."""
    paths = [one.path for one in files]
    known = set(paths)
    if len(known) < len(paths):
        raise _unfit_path(next(path for path in paths if paths.count(path) > 1))
    if len(paths) > _MOST_FILES:
        raise too_large(f"It would hold {len(paths)} files; {_MOST_FILES} are allowed")
    for one in files:
        parts = one.path.split("/")
        above = {"/".join(parts[:end]) for end in range(1, len(parts))}
        if not _is_fit(one.path, parts) or above & known:
            raise _unfit_path(one.path)


def is_fit(path: str) -> bool:
    """Whether a file of that path can be in a backup."""
    return _is_fit(path, path.split("/"))


def _is_fit(path: str, parts: Sequence[str]) -> bool:
    is_plain = path.isprintable() and "\\" not in path and len(path.encode()) <= _LONGEST_PATH
    is_inside = path in (STATE, KEY) or (parts[0] in FOLDERS and len(parts) > 1)
    if not is_plain or not is_inside or {"", ".", ".."} & set(parts):
        return False
    try:
        tar_members.header(path, 0)
    except ValueError:
        return False
    return True


def _check_version(content: bytes, path: str) -> None:
    try:
        tree = json.loads(content)
        form = tree.get("format") if isinstance(tree, dict) else None
    except (ValueError, RecursionError):
        form = None
    if not isinstance(form, str) or not _KINDS.match(form):
        raise damaged(path, f"Its inventory is not one of the format {BACKUP_SCHEMA}")
    if form != BACKUP_SCHEMA:
        raise _newer(path, f"Its format is {form}; this version knows {BACKUP_SCHEMA}")


def damaged(path: str, why: str) -> InputError:
    """What to say of a file that is no backup, or no longer the one that was written."""
    return InputError(
        "backup-damaged",
        f"{path} is damaged, or is not a backup.",
        why=f"{why}. Nothing was changed.",
        fix="Name a file that `compleat backup` wrote, or copy it again and compare its SHA-256 with the original's.",
    )


def _newer(path: str, why: str) -> InputError:
    return InputError(
        "backup-version",
        f"The backup {path} was written by a newer version of compleat.",
        why=f"{why}. Nothing was changed.",
        fix="Restore it with that version.",
    )


def too_large(why: str) -> InputError:
    """What to say of a home that does not fit into one file."""
    return InputError(
        "backup-too-large",
        "The home is too large for one backup.",
        why=f"{why}.",
        fix="Leave --blobs out; move what is not compleat's out of the home.",
    )


def _unfit_path(path: str) -> InputError:
    return InputError(
        "backup-path-unfit",
        f"{path[:_SHOWN]!a} is not a path for a file of a backup.",
        why=f"A path is {STATE}, {KEY}, or one below {', '.join(FOLDERS)}, without '..', once, and of at most "
        f"{_LONGEST_PATH} printable bytes.",
        fix="Rename the file. A backup from somebody else that has such a path is not to be trusted.",
    )
