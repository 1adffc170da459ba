"""Images of stemcells that were downloaded to be checked, kept until the same process reads them again.

Takes unpacked stemcells, gives them again once. What killed processes left is removed when the next image is kept.
"""

import uuid
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from cpi.contract.value_classes import dataclass
from director.edge.machine import atomic_files, file_locks
from director.model.releases.stemcell_tarball import StemcellPlace, UnpackedStemcell


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptImage:
    """`held` has the file's lock, and its end."""

    unpacked: UnpackedStemcell
    path: Path
    held: ExitStack


class KeptImages:
    """`folder` holds the files, each of them locked by the process that keeps it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[StemcellPlace, _KeptImage] = {}

    def keep(self, place: StemcellPlace, unpacked: UnpackedStemcell) -> None:
        """Move the image away from its workspace. One that is kept of the place already goes."""
        self._forget(place)
        atomic_files.make_private(self._folder)
        atomic_files.remove_abandoned(self._folder)
        path = self._folder / f"{uuid.uuid4()}"
        with ExitStack() as held:
            held.callback(path.unlink, missing_ok=True)
            Path(unpacked.image_path).replace(path)
            path.touch()  # as old as its lock
            file_locks.wait(held.enter_context(path.open("rb")))
            self._kept[place] = _KeptImage(unpacked=unpacked, path=path, held=held.pop_all())

    def take(self, place: StemcellPlace, workspace: Path) -> UnpackedStemcell | None:
        """What is kept of the place, its image moved into the workspace; None without any."""
        kept = self._kept.pop(place, None)
        if kept is None:
            return None
        with kept.held:
            image = kept.path.replace(workspace / Path(kept.unpacked.image_path).name)
            return replace(kept.unpacked, image_path=str(image))

    def close(self) -> None:
        """Remove those that were not read again."""
        for place in tuple(self._kept):
            self._forget(place)

    def _forget(self, place: StemcellPlace) -> None:
        kept = self._kept.pop(place, None)
        if kept is not None:
            kept.held.close()
