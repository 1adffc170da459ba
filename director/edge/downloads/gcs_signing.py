"""URLs of objects of Google Cloud Storage, signed for an hour with a service account's key.

Takes a key file's text and a URL, gives a URL whose query holds the signature.
Source: Google Cloud Storage, "V4 signing process with your own program" (GOOG4-RSA-SHA256).
"""

import hashlib
import json
import time
import urllib.parse
from collections.abc import Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from director.edge.downloads.object_requests import UnsignableError

_LIFETIME_S = 3600
_ALGORITHM = "GOOG4-RSA-SHA256"


def signed_url(json_key: str, url: str, headers: Mapping[str, str]) -> str:
    """Sign a GET of the URL that is sent with these headers. Raises UnsignableError."""
    email, key = _read_key(json_key)
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{now[:8]}/auto/storage/goog4_request"
    parts = urllib.parse.urlsplit(url)
    signed = {"host": parts.netloc, **headers}
    query = urllib.parse.urlencode(
        sorted(
            {
                "X-Goog-Algorithm": _ALGORITHM,
                "X-Goog-Credential": f"{email}/{scope}",
                "X-Goog-Date": now,
                "X-Goog-Expires": str(_LIFETIME_S),
                "X-Goog-SignedHeaders": ";".join(sorted(signed)),
            }.items()
        ),
        quote_via=urllib.parse.quote,
        safe="",
    )
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = f"GET\n{parts.path}\n{query}\n{lines}\n{';'.join(sorted(signed))}\nUNSIGNED-PAYLOAD"
    text = f"{_ALGORITHM}\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
    return f"{url}?{query}&X-Goog-Signature={signature}"


def _read_key(text: str) -> tuple[str, rsa.RSAPrivateKey]:
    try:
        written = json.loads(text)
        key = serialization.load_pem_private_key(written["private_key"].encode(), password=None)
        email = str(written["client_email"])
    except (ValueError, KeyError, TypeError, AttributeError, UnsupportedAlgorithm) as error:
        raise UnsignableError("`json_key` is not the key file of a service account") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UnsignableError("`json_key` holds a key that is not an RSA key")
    return email, key
