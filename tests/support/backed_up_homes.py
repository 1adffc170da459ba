"""Homes with a state, secrets, files and uploaded releases, as commands leave them.

Takes folders, gives what a home holds as text that can be compared.
"""

import hashlib
import io
from contextlib import closing
from pathlib import Path

from cpi.contract.values import ENVIRONMENT_ITSELF, SshAccess
from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.state.lease_files import LeaseFiles
from director.edge.state.sql_releases import SqlReleases
from director.edge.state.sql_store import SqlStore
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName, Digest, EnvironmentName
from director.model.releases.uploaded_release import UploadedRelease
from director.model.secret_ref import SecretRef
from tests.support import homes
from tests.support.callers import calling

LAB = EnvironmentName("lab")
_ACCESS = SshAccess(user="me", public_key="key")


def fill(home: Path, number: int) -> None:
    """Write all that a home has, in the order in which commands write it: what is named before what names it."""
    with closing(homes.open_database(home)) as database:
        store = SqlStore(database, LeaseFiles(home / "leases"))
        secret = f"/lab/app-{number}/password"
        homes.open_vault(home).put_secret(secret, f"value {number}")
        ref = SecretRef(name=secret)
        with store.hold_lease(LAB, ENVIRONMENT_ITSELF, caller=calling("up")) as lease:
            store.save_environment(lease, Environment(name=LAB, clouds=(), ssh=_ACCESS, ssh_key=ref))
        with store.hold_lease(LAB, DeploymentName(f"app-{number}"), caller=calling("deploy")) as lease:
            state = DeploymentState(environment=LAB, deployment=lease.deployment, manifest=secret)
            store.save_deployment(lease, state)
        digest = BlobsDir(home / "blobs").put_blob(io.BytesIO(_tarball(number)))
        SqlReleases(database).save_release(_release(number, digest))


def empty(home: Path, number: int) -> None:
    """Delete it in the order in which commands delete it: what names before what is named."""
    with closing(homes.open_database(home)) as database:
        release = _release(number, Digest(f"sha256:{hashlib.sha256(_tarball(number)).hexdigest()}"))
        SqlReleases(database).delete_release(release)
        BlobsDir(home / "blobs").delete_blob(release.digest)
        store = SqlStore(database, LeaseFiles(home / "leases"))
        with store.hold_lease(LAB, DeploymentName(f"app-{number}"), caller=calling("delete")) as lease:
            store.delete_deployment(lease)
        homes.open_vault(home).forget_secrets(f"/lab/app-{number}/")


def content(home: Path) -> dict[str, str]:
    """Each deployment and the secret that it names, each uploaded release and its tarball, opened and read."""
    found: dict[str, str] = {}
    with closing(homes.open_database(home)) as database:
        store, vault, blobs = SqlStore(database, LeaseFiles(home / "leases")), homes.open_vault(home), home / "blobs"
        environment = store.load_environment(LAB)
        assert environment is not None
        found["environment"] = environment.ssh_key.name
        for state in store.list_deployments(LAB):
            found[str(state.deployment)] = str(vault.get_secret(state.manifest))
        for release in SqlReleases(database).list_releases():
            with BlobsDir(blobs).open_blob(release.digest) as stream:
                found[release.title] = stream.read().decode()
    return found


def _tarball(number: int) -> bytes:
    return f"tarball {number}".encode()


def _release(number: int, digest: Digest) -> UploadedRelease:
    return UploadedRelease(
        name="shop", version=str(number), digest=digest, outline=digest, size=len(_tarball(number)), content="x"
    )
