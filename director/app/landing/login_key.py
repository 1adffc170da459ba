"""The environment's SSH key: restored from the key file in the home where the vault has lost it.

Takes a Session; after it the vault has the key, or nothing was done.
"""

from director.app.checks import preflight
from director.app.sessions.session import Session
from director.errors import InputError, StateError


def require_login_key(session: Session) -> None:
    """Have the vault know the key of an environment that was begun. Raises StateError, code `ssh-key-lost`."""
    environment = session.world.store.load_environment(session.settings.environment)
    if environment is None:
        return
    vault, name = session.world.vault, environment.ssh_key.name
    if vault.secret_versions([name]):
        return
    path = session.path("ssh_key")
    key = _read(session, path)
    if not key or not vault.restore_ssh_key(name, private_key=key, public_key=environment.ssh.public_key):
        raise _lost(name, path, is_read=bool(key))
    text = f"The vault had lost this secret; compleat restored it from {path}."
    preflight.report(session, kind="ssh-key-restored", subject=name, text=text)


def _read(session: Session, path: str) -> str:
    """The file's text; "" where there is none that can be read."""
    try:
        return session.files.read_source(path).content.decode(errors="replace")
    except InputError:
        return ""


def _lost(name: str, path: str, *, is_read: bool) -> StateError:
    of_file = "is not the key that the VMs accept" if is_read else "is missing or cannot be read"
    return StateError(
        "ssh-key-lost",
        f"The SSH key of the environment is lost: the vault has no secret '{name}'.",
        why=f"Its copy cannot restore it either: {path} {of_file}.",
        fix="Put the vault's file or that copy back from a backup, and run the command again. Without one, move "
        "state.db away and run `compleat up`: it generates another key, recreates the VMs and keeps the disks.",
    )
