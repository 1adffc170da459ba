"""Texts of a fixed form in written documents: the pattern of each form, and the words that an error has for it.

Takes nothing, gives patterns for `Field(pattern=...)`, each a key of WORDS.
"""

from collections.abc import Mapping
from types import MappingProxyType

from director.model import spans_of_time

BUNDLE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
BUNDLE_FILE = r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$"
STEMCELL_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+~-]{0,199}$"
SSH_KEY = r"^(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+( [ -~]*)?$"
DOMAIN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$"
END = spans_of_time.WRITTEN

WORDS: Mapping[str, str] = MappingProxyType(
    {
        BUNDLE_NAME: "letters, digits, `.`, `_` and `-`, with a letter or digit first",
        BUNDLE_FILE: "a relative path of letters, digits, `.`, `_` and `-`, with no `.` or `-` first in a part",
        STEMCELL_NAME: "at most 200 letters, digits, `.`, `_`, `+`, `~` and `-`, with a letter or digit first",
        SSH_KEY: "an OpenSSH public key, such as `ssh-ed25519 AAAA... name`",
        DOMAIN: "a DNS name in lower case, such as `example.org`, without a dot at its end",
        END: "a span such as `90min`, `8h` or `2d`, or a moment such as `2030-01-31T18:00:00Z`",
    }
)
"""What a text of that form is, after "must be"."""
