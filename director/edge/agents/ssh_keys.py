"""SSH keys read and compared.

Takes OpenSSH or PEM text, gives paramiko's keys; a key's text never gets into a message.
"""

import functools
import io

import paramiko

from director.errors import InputError

_KINDS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def read_private_key(text: str, *, name: str) -> paramiko.PKey:
    """Read a private key without a passphrase. Raises InputError, code `ssh-key-unreadable`."""
    if (key := _parse(text)) is not None:
        return key
    raise InputError(
        "ssh-key-unreadable",
        f"The secret {name} is not a usable SSH private key.",
        why="Expected an Ed25519, ECDSA or RSA key in OpenSSH or PEM format, without a passphrase.",
        fix="Generate it as a variable of type ssh.",
    )


@functools.lru_cache(maxsize=16)  # an RSA key is checked when it is read, which takes 0.1 s; each VM wants the same one
def _parse(text: str) -> paramiko.PKey | None:
    for kind in _KINDS:
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError, IndexError):
            continue  # of another kind, perhaps
    return None


def describe_key(key: paramiko.PKey) -> str:
    """One OpenSSH line without a comment."""
    return f"{key.get_name()} {key.get_base64()}"


def is_same_key(line: str, key: paramiko.PKey) -> bool:
    """Whether an OpenSSH line, whatever its comment, is this key."""
    return line.split()[:2] == describe_key(key).split()
