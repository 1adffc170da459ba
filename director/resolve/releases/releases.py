"""The releases a manifest names, as what to ask for.

Takes a written manifest, gives ReleaseReference values.
"""

from director.model.documents import WrittenDocument
from director.model.releases.release import ReleaseReference
from director.model.written.manifest import Manifest


def release_references(manifest: WrittenDocument[Manifest], base: str) -> tuple[ReleaseReference, ...]:
    """One for each release in the manifest's order; relative paths are meant from the folder `base`."""
    written = manifest.document
    single = [(("release",), written.release)] if written.release else []
    listed = [(("releases", index), use) for index, use in enumerate(written.releases)]
    return tuple(
        ReleaseReference(
            name=use.name,
            version=use.version,
            url=use.url or "",
            digest=use.sha1 or "",
            base=base,
            where=manifest.where(*path),
        )
        for path, use in [*single, *listed]
    )
