"""Final versions of releases in git repositories, as tarballs in the blobstore.

Takes references to git+https:// and the like, gives digests.
"""

from pathlib import Path

from director.edge.machine.exclusive_work import ExclusiveWork
from director.edge.releases.fetch import Refusals
from director.edge.releases.final_versions import FinalVersions
from director.edge.releases.git_program import GitProgram
from director.errors import InputError
from director.model.ids import Digest
from director.model.releases.packed_release import FinalVersion
from director.model.releases.release import ReleaseReference

SCHEME = "git+"


class GitReleases:
    """`home` holds workspaces for clones."""

    def __init__(self, home: Path, finals: FinalVersions, git: GitProgram) -> None:
        self._exclusive = ExclusiveWork(home)
        self._finals = finals
        self._git = git

    def store_final(self, reference: ReleaseReference, refusals: Refusals) -> Digest:
        """Put the tarball of the reference's version into the blobstore.

        Raises InputError: final-release-missing, digest-mismatch, and what cloning, reading and fetching raise.
        """
        url = reference.url.removeprefix(SCHEME)
        with self._exclusive.working_on(f"clone {url} {reference.version}") as workspace:
            try:
                self._git.clone(url, workspace)
            except InputError as error:
                raise InputError.of(error, where=reference.where) from error
            final = self._find(workspace, reference)
            with self._finals.open_tarball(Path(final.path), reference.where) as stream:
                return refusals.put(self._finals.blobstore, stream)

    def _find(self, folder: Path, reference: ReleaseReference) -> FinalVersion:
        listed = self._finals.list_finals(folder)
        for final in listed:
            if (final.name, final.version) == (reference.name, reference.version):
                return final
        raise InputError(
            "final-release-missing",
            f"The repository has no final version {reference.version} of release '{reference.name}'.",
            why=f"It lists: {', '.join(f'{final.name}/{final.version}' for final in listed) or 'none'}.",
            fix="Correct name or version, or the branch, tag or commit after @ in the url.",
            where=reference.where,
        )
