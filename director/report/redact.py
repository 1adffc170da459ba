"""Secrets out of any text: hides too much rather than too little.

Takes texts and secret values, gives texts. It sees whole values and their single lines; it cannot see a secret that
was cut, encoded or reversed before it came here.
"""

import re
from collections.abc import Iterable, Mapping

from cpi.contract.values import JsonValue

_SHORTEST = 6
"""A shorter value would blot out half of every text; such a value is no secret worth the name."""
HIDDEN = "<redacted>"


class Redactor:
    """One pattern of all known secrets, longest first."""

    def __init__(self, secrets: Iterable[JsonValue]) -> None:
        texts = {text for secret in secrets for text in _texts(secret) if len(text) >= _SHORTEST}
        ordered = sorted(texts, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(text) for text in ordered)) if ordered else None

    def redact(self, text: str) -> str:
        """The text with every known secret hidden."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


def _texts(secret: JsonValue) -> Iterable[str]:
    if isinstance(secret, str):
        yield secret
        yield from (line.strip() for line in secret.splitlines() if not line.startswith("-----"))
    elif isinstance(secret, Mapping):
        for name, value in secret.items():
            if name not in {"username", "public_key", "certificate", "ca", "public_key_fingerprint"}:
                yield from _texts(value)
    elif isinstance(secret, list | tuple):
        for item in secret:
            yield from _texts(item)
