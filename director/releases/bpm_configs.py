"""bpm.yml read as bpm reads it: unknown keys are ignored, a word is the scalar as it is written, the rest must fit.

Takes a job's name and the rendered file, gives a BpmConfig.
Source: cloudfoundry/bpm-release src/bpm/config/job_config.go, bpm_config.go, limits.go @2d75618f.
"""

import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.errors import InputError
from director.model.bpm import BpmConfig
from director.model.documents import Remark, Source
from director.model.secret_ref import Property
from director.text.yaml import reader

Result = TypeVar("Result")
_ROOT = "/var/vcap"
_BYTES = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(B|[KMGT](?:I?B)?)\s*", re.IGNORECASE)
_POWERS = {"B": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_VOLUME_FLAGS = ("writable", "allow_executions", "mount_only", "shared")
_SIGNALS = ("TERM", "INT")
_KEY_TWICE = "yaml-duplicate-key"
"""yaml.v3 refuses what yaml.v2, with which BOSH reads manifests, takes."""


def read_bpm_config(job: str, content: bytes) -> BpmConfig:
    """Read the file of the job of that name. Every problem is listed, in bpm's own terms."""
    source = Source(name="bpm.yml", content=content)
    try:
        document = reader.read_document(source)
    except InputError as error:
        return BpmConfig(problems=(f"{error.what} {error.why}".strip(),))
    findings = _Findings(job=job, problems=[_twice(one) for one in document.remarks if one.code == _KEY_TWICE])
    top = _Piece(document.tree, reader.read_texts(source), "", findings=findings)
    processes = [_process(piece) for piece in top.pieces("processes")]
    top.note_ignored()
    if findings.problems:
        return BpmConfig(problems=tuple(findings.problems), ignored_keys=tuple(findings.ignored))
    digest = hashlib.sha256(content).hexdigest()
    return BpmConfig(content={"digest": digest, "processes": processes}, ignored_keys=tuple(findings.ignored))


def _twice(remark: Remark) -> str:
    return remark.text.removesuffix(": the last one counts.")


@dataclass(slots=True)
class _Findings:
    job: str
    problems: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


class _Piece:
    """A map below `path`, also as text; what has the wrong type is a problem and read as empty."""

    def __init__(self, tree: Property, texts: Property, path: str, *, findings: _Findings) -> None:
        self.findings = findings
        self._texts = texts if isinstance(texts, Mapping) else {}
        self._path = path
        self._asked: list[str] = []
        self._map: Mapping[str, Property] = {}
        if isinstance(tree, Mapping):
            self._map = {str(key): value for key, value in tree.items()}
        elif tree is not None:
            self.refuse(f"'{path or 'bpm.yml'}' is not a map")

    def refuse(self, text: str) -> None:
        self.findings.problems.append(text)

    def place(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def has(self, key: str) -> bool:
        return self._map.get(key) is not None

    def word(self, key: str) -> str:
        self._ask(key)
        return self._word(self._texts.get(key), self.place(key))

    def flag(self, key: str) -> bool:
        value = self._ask(key)
        if not isinstance(value, bool | None):
            self.refuse(f"'{self.place(key)}' is not true or false")
        return value is True

    def number(self, key: str, *, lowest: int = 0) -> int | None:
        value = self._ask(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
            self.refuse(f"'{self.place(key)}' is not a whole number")
            return None
        return value

    def words(self, key: str) -> list[JsonValue]:
        return [self._word(text, f"{self.place(key)}[{index}]") for index, (_, text) in enumerate(self._list(key))]

    def word_map(self, key: str) -> dict[str, JsonValue]:
        if self._ask(key) is None:
            return {}
        texts = self._texts.get(key)
        if not isinstance(texts, Mapping):
            self.refuse(f"'{self.place(key)}' is not a map")
            return {}
        return {str(name): self._word(each, f"{self.place(key)}.{name}") for name, each in texts.items()}

    def piece(self, key: str) -> "_Piece":
        return _Piece(self._ask(key), self._texts.get(key), self.place(key), findings=self.findings)

    def pieces(self, key: str) -> "list[_Piece]":
        return [
            _Piece(value, text, f"{self.place(key)}[{index}]", findings=self.findings)
            for index, (value, text) in enumerate(self._list(key))
        ]

    def note_ignored(self) -> None:
        self.findings.ignored.extend(self.place(key) for key in self._map if key not in self._asked)

    def _ask(self, key: str) -> Property:
        self._asked.append(key)
        return self._map.get(key)

    def _list(self, key: str) -> Sequence[tuple[Property, Property]]:
        """Each member with the same as text."""
        value, texts = self._ask(key), self._texts.get(key)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence) or not isinstance(texts, Sequence):
            self.refuse(f"'{self.place(key)}' is not a list")
            return ()
        return tuple(zip(value, texts, strict=True))

    def _word(self, text: Property, place: str) -> str:
        if text is None or isinstance(text, str):
            return text or ""
        self.refuse(f"'{place}' is not a string")
        return ""


def _process(piece: _Piece) -> dict[str, JsonValue]:
    read: dict[str, JsonValue] = {
        "name": _needed(piece, "name"),
        "executable": _needed(piece, "executable"),
        "args": piece.words("args"),
        "env": piece.word_map("env"),
        "workdir": piece.word("workdir"),
        "pre_start": _pre_start(piece),
        "capabilities": piece.words("capabilities"),
        "limits": _inner(piece, "limits", _limits),
        "ephemeral_disk": piece.flag("ephemeral_disk"),
        "persistent_disk": piece.flag("persistent_disk"),
        "additional_volumes": [_checked_volume(each) for each in piece.pieces("additional_volumes")],
        "unsafe": _inner(piece, "unsafe", _unsafe),
        "shutdown_signal": piece.word("shutdown_signal") or "TERM",
    }
    if read["shutdown_signal"] not in _SIGNALS:
        piece.refuse(f"'{piece.place('shutdown_signal')}' is neither TERM nor INT")
    piece.note_ignored()
    return read


def _needed(piece: _Piece, key: str) -> str:
    word = piece.word(key)
    if not word:
        piece.refuse(f"'{piece.place(key)}' is missing")
    return word


def _inner(piece: _Piece, key: str, read: Callable[[_Piece], Result]) -> Result:
    inner = piece.piece(key)
    found = read(inner)
    inner.note_ignored()
    return found


def _pre_start(piece: _Piece) -> str:
    hooks = piece.piece("hooks")
    script = hooks.word("pre_start")
    if piece.has("hooks") and not script:
        hooks.refuse(f"'{piece.place('hooks')}' has no pre_start")
    hooks.note_ignored()
    return script


def _limits(piece: _Piece) -> dict[str, JsonValue]:
    return {
        "memory": _memory(piece),
        "open_files": piece.number("open_files"),
        "processes": _processes(piece),
        "core_file_size": piece.number("core_file_size"),
    }


def _processes(piece: _Piece) -> int | None:
    """Less than none is no limit, as runc has it."""
    number = piece.number("processes", lowest=-1)
    return None if number == -1 else number


def _memory(piece: _Piece) -> int | None:
    text = piece.word("memory")
    match = _BYTES.fullmatch(text)
    if text and not match:
        piece.refuse(f"'{piece.place('memory')}' is not a size with a unit such as 512M")
    return int(float(match[1]) * 1024 ** _POWERS[match[2][0].upper()]) if match else None


def _unsafe(piece: _Piece) -> dict[str, JsonValue]:
    return {
        "privileged": piece.flag("privileged"),
        "unrestricted_volumes": [_volume(each) for each in piece.pieces("unrestricted_volumes")],
        "host_pid_namespace": piece.flag("host_pid_namespace"),
    }


def _volume(piece: _Piece) -> dict[str, JsonValue]:
    read: dict[str, JsonValue] = {"path": _needed(piece, "path"), **{name: piece.flag(name) for name in _VOLUME_FLAGS}}
    piece.note_ignored()
    return read


def _checked_volume(piece: _Piece) -> dict[str, JsonValue]:
    read = _volume(piece)
    path = str(read["path"])
    if path and posixpath.normpath(path) != path:
        piece.refuse(f"'{piece.place('path')}' is not a canonical path: {path}")
    elif path and not path.startswith(f"{_ROOT}/"):
        piece.refuse(f"'{piece.place('path')}' is not below {_ROOT}: {path}")
    elif path in {f"{_ROOT}/{kind}/{piece.findings.job}" for kind in ("data", "store")}:
        disk = "ephemeral_disk" if "/data/" in path else "persistent_disk"
        piece.refuse(f"'{piece.place('path')}' is the job's own directory; set {disk} instead")
    return read
