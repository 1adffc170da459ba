"""Final versions of a release directory, and the tarballs of them: made of the builds in the release's blobstore.

Takes directories, gives versions and streams.
"""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from cpi.contract.value_classes import dataclass
from director.edge.releases import release_directory, tarball_members
from director.edge.releases.fetch import Fetcher
from director.errors import InputError
from director.model.releases.packed_release import FinalRelease, FinalVersion
from director.model.releases.release_files import ReleaseTree, TextFile
from director.ports.blobstore import Blobstore


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalReading:
    """The pure functions that say what files of final versions mean."""

    read_final: Callable[[ReleaseTree, str, TextFile], FinalRelease]
    listed_versions: Callable[[ReleaseTree, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalVersions:
    blobstore: Blobstore
    fetcher: Fetcher
    reading: FinalReading

    def list_finals(self, directory: Path) -> tuple[FinalVersion, ...]:
        """The final versions that a release directory lists."""
        tree = release_directory.read_tree(directory)
        indices = [path for path in tree.texts if path.startswith("releases/")]
        return tuple(
            FinalVersion(name=name, version=version, path=f"{directory}/releases/{name}/{name}-{version}.yml")
            for path in indices
            for name in [path.split("/")[1]]
            for version in self.reading.listed_versions(tree, path)
        )

    def open_tarball(self, path: Path, where: str) -> BinaryIO:
        """The tarball of a final version, by the path of its manifest; its builds are fetched.

        Raises InputError: final-release-misplaced, and what reading and fetching raise.
        """
        if len(path.parents) < 3 or path.parents[1].name != "releases":
            raise _misplaced(path, where)
        root = path.parents[2]
        text = release_directory.read_text(path, where)
        tree = release_directory.read_tree(root, where)
        final = self.reading.read_final(tree, str(path.relative_to(root)), text)
        fetched = self.fetcher.fetch_pins(final.pins.values(), root)
        by_digest = {str(pin.digest): fetched[pin.path] for pin in final.pins.values() if pin.path in fetched}
        blobs = {member: by_digest[str(pin.digest)] for member, pin in final.pins.items()}
        return tarball_members.joined(self.blobstore, {tarball_members.MANIFEST: final.manifest}, blobs)


def _misplaced(path: Path, where: str) -> InputError:
    return InputError(
        "final-release-misplaced",
        f"'{path}' is not the manifest of a final release.",
        why="A final release is described by releases/NAME/NAME-VERSION.yml of its release directory.",
        fix="Name that file, a release directory, or a tarball.",
        where=where,
    )
