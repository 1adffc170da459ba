"""What to say of a release of a manifest that is nowhere.

Takes the reference and the home's records, gives an error.
"""

from collections.abc import Sequence

from director.errors import InputError
from director.model.releases import release_versions
from director.model.releases.release import ReleaseReference
from director.model.releases.uploaded_release import UploadedRelease
from director.text import nearest

_UPLOAD = (
    "Upload it with `compleat upload-release`, or give it a `url`: a release directory (with `version: create`), "
    "a tarball, or https://."
)


def release_missing(reference: ReleaseReference, records: Sequence[UploadedRelease]) -> InputError:
    """Name the versions that were uploaded, or the nearest name."""
    versions = {record.version for record in records if record.name == reference.name}
    if versions:
        ordered = sorted(versions, key=release_versions.version_key)
        return InputError(
            "release-missing",
            f"Release '{reference.name}/{reference.version}' not found.",
            why=f"It has no url. Uploaded versions: {', '.join(ordered)}.",
            fix=f"Write `version: {ordered[-1]}` or `version: latest`, or upload the version that is meant.",
            where=reference.where,
        )
    names = sorted({record.name for record in records})
    near = nearest.nearest_word(reference.name, names)
    return InputError(
        "release-missing",
        f"Release '{reference.name}' not found.",
        why=f"It has no url, and none of that name was uploaded. Uploaded: {', '.join(names) or 'none'}.",
        fix=f"Did you mean '{near}'? {_UPLOAD}" if near else _UPLOAD,
        where=reference.where,
    )
