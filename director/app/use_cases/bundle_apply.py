"""The use case `bundle apply`: a signed bundle verified and unpacked, and a session that takes all releases from it.

Takes a Session and the SignedBundles port, gives what `up` needs.
"""

from dataclasses import replace

from director.app.sessions.session import Session
from director.model.releases.bundle_file import FOLDER, MIRROR
from director.ports.signed_bundles import SignedBundles


def unpack_bundle(session: Session, bundles: SignedBundles, path: str, *, key: str) -> tuple[Session, str]:
    """The session, and the folder of the bundle. Nothing else is a source of releases there: nothing is downloaded.

    Raises what SignedBundles.unpack raises.
    """
    _, folder = bundles.unpack(path, key=key)
    file = session.file.model_copy(update={"release_sources": (f"{folder}/{MIRROR}",)})
    return replace(session, file=file), f"{folder}/{FOLDER}"
