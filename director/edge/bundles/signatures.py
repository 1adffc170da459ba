"""Ed25519 signatures with keys as ssh-keygen makes them.

Takes files of keys, gives signatures, or says whether one is right.
"""

import base64
import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from director.edge.machine import regular_files
from director.errors import InputError

_MOST_BYTES = 1 << 16
_PURPOSE = b"compleat bundle 1\n"
"""Signed with the content, so that a signature means nothing elsewhere."""
_MADE_BY = "ssh-keygen -t ed25519 -N '' -f bundle-key"


def load_private(path: str) -> Ed25519PrivateKey:
    """The key to sign with, in OpenSSH's format or PEM. Raises InputError, code `bundle-key-unfit`."""
    data = _read(path)
    try:
        read = serialization.load_ssh_private_key if b"OPENSSH" in data else serialization.load_pem_private_key
        key = read(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unfit(path, "It is not a private key in OpenSSH's format or PEM, or it has a passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unfit(path, "It is a key of another kind than Ed25519")
    return key


def load_public(path: str) -> Ed25519PublicKey:
    """The key to verify with: OpenSSH's line or PEM. Raises InputError, code `bundle-key-unfit`."""
    data = _read(path)
    try:
        is_pem = data.startswith(b"-----")
        key = serialization.load_pem_public_key(data) if is_pem else serialization.load_ssh_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unfit(path, "It is not a public key in OpenSSH's format or PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _unfit(path, "It is a key of another kind than Ed25519")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """What ssh-keygen -l shows."""
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def sign(key: Ed25519PrivateKey, content: bytes) -> bytes:
    """The signature; the same each time."""
    return key.sign(_PURPOSE + content)


def is_signed(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    """Whether the key's owner signed this content."""
    try:
        key.verify(signature, _PURPOSE + content)
    except InvalidSignature:
        return False
    return True


def _read(path: str) -> bytes:
    try:
        with regular_files.open_file(Path(path)) as stream:
            return stream.read(_MOST_BYTES)
    except OSError as error:
        raise _unfit(path, f"System error: {error.strerror}") from error


def _unfit(path: str, why: str) -> InputError:
    return InputError(
        "bundle-key-unfit",
        f"The key {path} cannot be used for bundles.",
        why=f"{why}.",
        fix=f"Name an Ed25519 key: `{_MADE_BY}` writes one to bundle-key and its public part to bundle-key.pub.",
    )
