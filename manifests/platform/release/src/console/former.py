"""Whether the page refuses secrets that were replaced: each is tried as its user would.

Takes the settings and former values as OLD_*, gives an exit code: 0 all refused, 1 one accepted, 2 not known.
"""

import http.client
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping

from console import app
from console.sessions import Sessions
from console.settings import Settings

_TIMEOUT_S = 10


def refuse(told: Settings, environment: Mapping[str, str]) -> int:
    """Try each former value that is given, and say which of them is accepted."""
    given = {name: environment[name] for name in _TRIALS if environment.get(name)}
    try:
        accepted = [name for name, value in given.items() if _TRIALS[name](told, value)]
    except (OSError, http.client.HTTPException) as error:
        print(f"The console does not answer: {error}")
        return 2
    for name in accepted:
        print(f"The console accepts the former {name.removeprefix('OLD_').lower()}.")
    return 1 if accepted else 0


def _accepts_password(told: Settings, password: str) -> bool:
    login = b64encode(f"{told.admin_user}:{password}".encode()).decode()
    return _status(told, {"authorization": f"Basic {login}"}) == 200


def _accepts_session(told: Settings, key: str) -> bool:
    sessions = Sessions([key], lifetime_s=60, now=time.time)
    return _status(told, {"cookie": f"{app.COOKIE}={sessions.token(sessions.start('admin'))}"}) == 200


def _shows_certificate(told: Settings, certificate: str) -> bool:
    return ssl.get_server_certificate(("127.0.0.1", told.port), timeout=_TIMEOUT_S).split() == certificate.split()


def _is_signed_by(told: Settings, ca: str) -> bool:
    context = ssl.create_default_context(cadata=ca)
    context.check_hostname = False  # whose certificate it is does not matter, but who signed it
    try:
        _status(told, {}, context)
    except ssl.SSLCertVerificationError:
        return False
    return True


def _status(told: Settings, headers: Mapping[str, str], context: ssl.SSLContext | None = None) -> int:
    """Of the services as JSON; without a context the certificate is not looked at."""
    connection = http.client.HTTPSConnection(
        "127.0.0.1", told.port, timeout=_TIMEOUT_S, context=context or ssl._create_unverified_context()
    )
    try:
        connection.request("GET", "/api/services", headers=dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()


_TRIALS: Mapping[str, Callable[[Settings, str], bool]] = {
    "OLD_ADMIN_PASSWORD": _accepts_password,
    "OLD_SESSION_KEY": _accepts_session,
    "OLD_TLS_CERTIFICATE": _shows_certificate,
    "OLD_TLS_CA": _is_signed_by,
}
