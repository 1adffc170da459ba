"""A package of a release directory: its spec, and the files that its globs choose.

Takes the listings of src/ and blobs/ and the pins, gives a PackageDraft. Source: cloudfoundry/bosh-cli
release/pkg/dir_reader.go.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.releases.release_files import BlobPin, ListedFile, PackageDraft, PackagePart, ReleaseTree
from director.releases import (
    final_builds,
    fingerprints,
    globs,
    release_documents,
    release_names,
    release_submodules,
)
from director.releases.fingerprints import FingerprintedFile
from director.releases.release_documents import ReleaseDocument, ReleaseFindings
from director.releases.release_stores import BlobSource

SCRIPTS = ("packaging", "pre_packaging")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageLookup:
    """What every package of a release directory is made from."""

    tree: ReleaseTree
    pins: Mapping[str, BlobPin]
    source: BlobSource
    is_compressed: bool
    findings: ReleaseFindings
    submodules: tuple[str, ...] = ()
    """Git submodules without a file."""
    missed: set[str] = field(default_factory=set)
    """Those in which packages look for files."""

    def candidates(self) -> Mapping[str, PackagePart]:
        """Every file that a glob can choose; src/ comes before blobs/, and blobs/ before what is only pinned."""
        pinned = {path: self._pinned(pin) for path, pin in self.pins.items()}
        blobs = {path: self._part("blobs", path, file) for path, file in self.tree.blobs.items()}
        sources = {path: self._part("src", path, file) for path, file in self.tree.sources.items()}
        return {**pinned, **blobs, **sources}

    def _part(self, root: str, path: str, file: ListedFile) -> PackagePart:
        return PackagePart(
            path=path,
            file=f"{root}/{path}",
            permissions=file.permissions,
            link=file.link,
            digest="" if file.link is None else fingerprints.digest_of_link(file.link),
            pin=self.pins.get(path) if root == "blobs" else None,
        )

    def _pinned(self, pin: BlobPin) -> PackagePart:
        digest = str(pin.digest) if pin.digest.algorithm == "sha256" else ""
        return PackagePart(path=pin.path, file=f"blobs/{pin.path}", digest=digest, pin=pin, is_missing=True)


def read_package(shelf: PackageLookup, folder: str, candidates: Mapping[str, PackagePart]) -> PackageDraft:
    """Read the package in packages/`folder`.

    Adds to the problems: package-spec-missing, package-nameless, package-packaging-missing, package-files-missing,
    package-glob-broken, package-script-in-files, vendored-build-missing, and those of the YAML.
    """
    texts = shelf.tree.texts
    where = f"{shelf.tree.origin}/packages/{folder}"
    if f"packages/{folder}/spec.lock" in texts:
        return _read_vendored(shelf, folder, f"{where}/spec.lock")
    if f"packages/{folder}/spec" not in texts:
        shelf.findings.problems.append(_spec_missing(where))
        return PackageDraft(name=folder)
    content = texts[f"packages/{folder}/spec"].content
    spec = release_documents.read_release_document(content, f"{where}/spec", shelf.findings)
    if not spec.word("name") and not spec.is_broken:
        spec.refuse("package-nameless", f"Package '{folder}' has no name.", fix=f"Write `name: {folder}`.")
    release_names.check_name(spec, "name", "name of a package")
    chosen = _chosen(shelf, spec, candidates)
    return PackageDraft(
        name=spec.word("name") or folder,
        parts=(*_scripts(shelf, folder, spec), *chosen),
        dependencies=spec.words("dependencies"),
        is_compressed=shelf.is_compressed and not spec.flag("no_compression"),
    )


def package_fingerprint(package: PackageDraft) -> str:
    """The fingerprint of a package whose parts' digests are all known."""
    if package.fingerprint:
        return package.fingerprint
    return fingerprints.fingerprint_of((_piece(part) for part in package.parts), package.dependencies)


def _piece(part: PackagePart) -> FingerprintedFile:
    mode = fingerprints.mode_word(part.permissions, is_link=part.link is not None)
    return FingerprintedFile(path=part.path, digest=part.digest, mode="" if part.path in SCRIPTS else mode)


def _scripts(shelf: PackageLookup, folder: str, spec: ReleaseDocument) -> tuple[PackagePart, ...]:
    found = []
    for name in SCRIPTS:
        file = f"packages/{folder}/{name}"
        text = shelf.tree.texts.get(file)
        if text:
            digest = fingerprints.digest_of(text.content)
            found.append(PackagePart(path=name, file=file, permissions=text.permissions, digest=digest))
    if not any(part.path == "packaging" for part in found):
        spec.refuse(
            "package-packaging-missing",
            f"Package '{folder}' has no file 'packaging'.",
            why="That script builds the package.",
            fix=f"Add packages/{folder}/packaging.",
        )
    return tuple(found)


def _chosen(
    shelf: PackageLookup, spec: ReleaseDocument, candidates: Mapping[str, PackagePart]
) -> tuple[PackagePart, ...]:
    chosen: set[str] = set()
    for index, glob in enumerate(spec.words("files")):
        matches = _matches(glob, candidates, spec=spec, at=("files", index))
        missed = release_submodules.reached_by(glob, shelf.submodules) if matches == set() else frozenset()
        shelf.missed.update(missed)
        if matches == set() and not missed:
            _refuse_glob(spec, index, glob)
        chosen |= matches or set()
    for index, glob in enumerate(spec.words("excluded_files")):
        chosen -= _matches(glob, candidates, spec=spec, at=("excluded_files", index)) or set()
    for name in chosen & set(SCRIPTS):
        spec.refuse(
            "package-script-in-files",
            f"File '{name}' matches a pattern under 'files'.",
            why="This name is reserved for the package's script.",
            fix="Rename the file, or exclude it.",
            at=("files",),
        )
    return tuple(candidates[path] for path in sorted(chosen))


def _matches(glob: str, paths: Iterable[str], *, spec: ReleaseDocument, at: tuple[str, int]) -> set[str] | None:
    """None when the glob cannot be read."""
    try:
        pattern: re.Pattern[str] = globs.read_glob(glob)
    except globs.BadGlobError as error:
        spec.refuse(
            "package-glob-broken",
            f"'{glob}' is not a valid glob.",
            why=f"{error}.",
            fix="Close the bracket, or escape it with '\\'.",
            at=at,
        )
        return None
    return {path for path in paths if pattern.match(path)}


def _refuse_glob(spec: ReleaseDocument, index: int, glob: str) -> None:
    spec.refuse(
        "package-files-missing",
        f"No file matches '{glob}'.",
        why="Neither src/ nor blobs/ nor config/blobs.yml has one.",
        fix="Correct the glob, or add the file.",
        at=("files", index),
    )


def _read_vendored(shelf: PackageLookup, folder: str, where: str) -> PackageDraft:
    texts = shelf.tree.texts
    lock = release_documents.read_release_document(texts[f"packages/{folder}/spec.lock"].content, where, shelf.findings)
    release_names.check_name(lock, "name", "name of a package")
    release_names.check_name(lock, "fingerprint", "fingerprint of a package")
    name = lock.word("name") or folder
    return PackageDraft(
        name=name,
        dependencies=lock.words("dependencies"),
        fingerprint=lock.word("fingerprint"),
        vendored=_final_build(shelf, lock, name),
    )


def _final_build(shelf: PackageLookup, lock: ReleaseDocument, name: str) -> BlobPin | None:
    path = final_builds.index_path("packages", name)
    version = lock.word("fingerprint")
    problems = len(shelf.findings.problems)
    pin = final_builds.find_build(shelf.tree, path, version=version, source=shelf.source, findings=shelf.findings)
    if pin is None and len(shelf.findings.problems) == problems:
        lock.refuse(
            "vendored-build-missing",
            f"Package '{name}' is vendored, but its build is not listed.",
            why=f"{path} has no build whose version is the fingerprint in spec.lock.",
            fix="Vendor the package again, and commit .final_builds.",
        )
    return pin


def _spec_missing(where: str) -> InputError:
    return InputError(
        "package-spec-missing",
        f"{where} has no file 'spec'.",
        why="Each package needs a spec file.",
        fix="Add it, or remove the directory.",
        where=where,
    )
