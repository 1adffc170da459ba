"""A release that was uploaded: the record of it, and what tells its content from another's.

Takes nothing, gives frozen values.
"""

import hashlib
import json

from cpi.contract.value_classes import dataclass
from director.model.ids import Digest
from director.model.releases.release import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedRelease:
    """`digest` is the tarball's, in the blobstore, `outline` that of its release.MF and jobs alone.

    `content` is that of content_of.

    `compiled_for` is the stemcell ("ubuntu-jammy/1.200") whose compiled packages it has, "" for sources. Name, version
    and that together are its identity. `origin` is where it came from, without credentials.
    """

    name: str
    version: str
    digest: Digest
    outline: Digest
    size: int
    content: str
    compiled_for: str = ""
    commit_hash: str = ""
    has_uncommitted_changes: bool = False
    origin: str = ""
    uploaded_at: float = 0.0

    @property
    def identity(self) -> tuple[str, str, str]:
        """What no two records share."""
        return self.name, self.version, self.compiled_for

    @property
    def title(self) -> str:
        """The release as commands name it."""
        return f"{self.name}/{self.version}"


def content_of(release: Release) -> str:
    """A digest of what the release consists of: the same jobs and packages give the same, however they are packed."""
    jobs = sorted((job.name, job.fingerprint) for job in release.jobs)
    packages = sorted((package.name, package.fingerprint, package.compiled_for) for package in release.packages)
    return hashlib.sha256(json.dumps([jobs, packages]).encode()).hexdigest()


def stemcell_of(release: Release) -> str:
    """The stemcell for which the release's packages are compiled, "" for one with sources."""
    return ", ".join(sorted({package.compiled_for for package in release.packages if package.compiled_for}))
