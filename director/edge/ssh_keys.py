"""SSH keys read and compared.

Takes OpenSSH or PEM text, gives paramiko's keys; a key's text never gets into a message.
"""

import io

import paramiko

from director.errors import InputError

_KINDS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def read_private_key(text: str, *, name: str) -> paramiko.PKey:
    """Read a private key without a passphrase. Raises InputError, code `ssh-key-unreadable`."""
    for kind in _KINDS:
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError, IndexError):
            continue  # of another kind, perhaps
    raise InputError(
        "ssh-key-unreadable",
        f"The secret {name} is no SSH private key that can be used.",
        why="It is none of Ed25519, ECDSA, RSA in OpenSSH or PEM form, or it has a passphrase.",
        fix="Generate it as a variable of type ssh.",
    )


def describe_key(key: paramiko.PKey) -> str:
    """One OpenSSH line without a comment."""
    return f"{key.get_name()} {key.get_base64()}"


def is_same_key(line: str, key: paramiko.PKey) -> bool:
    """Whether an OpenSSH line, whatever its comment, is this key."""
    return line.split()[:2] == describe_key(key).split()
