"""Secrets out of what an external CPI says: what we gave it under a name that tells, and any key in PEM form.

Takes a request's own values and text, gives text. It hides too much rather than too little.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.values import JsonValue

_TELLING = re.compile(r"secret|password|passwd|token|credential|private|key|cert|auth|mbus|json", re.IGNORECASE)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_SHORTEST = 3
_HIDDEN = "<redacted>"


def redact(text: str, given: Sequence[JsonValue]) -> str:
    """Give the text without the secrets among the given values; also as JSON and line by line writes them."""
    for secret in sorted(set(_forms(given)), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return _PEM.sub(_HIDDEN, text)


def _forms(given: Sequence[JsonValue]) -> Iterator[str]:
    for secret in _secrets(list(given), is_secret=False):
        for form in (secret, secret.replace("\n", "\\n"), *secret.splitlines()):
            if len(form.strip()) >= _SHORTEST:
                yield form.strip()


def _secrets(value: JsonValue, *, is_secret: bool) -> Iterator[str]:
    match value:
        case str():
            if is_secret:
                yield value
        case Mapping():
            for name, below in value.items():
                yield from _secrets(below, is_secret=is_secret or _TELLING.search(name) is not None)
        case Sequence():
            for below in value:
                yield from _secrets(below, is_secret=is_secret)
