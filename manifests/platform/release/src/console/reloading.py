"""Another certificate and other settings while the console runs, at SIGHUP.

Takes what serves and the settings file, changes what new handshakes and requests meet; open connections stay.
"""

import logging
import os
import signal
import ssl
from collections.abc import Callable
from pathlib import Path

from console import settings
from console.settings import Settings


class Certificate:
    """What new handshakes show: the context that was loaded last."""

    def __init__(self, listening: ssl.SSLContext) -> None:
        self._shown = listening
        listening.sni_callback = self._choose  # called for clients without a server name, too

    def load(self, certificate: str, private_key: str) -> None:
        """Show this one from the next handshake on. A context of its own: the former one may have another type of key."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, private_key)
        self._shown = context

    def _choose(self, handshake: ssl.SSLObject, _name: str | None, _listening: ssl.SSLContext) -> None:
        handshake.context = self._shown


def reload_at_hangup(
    path: Path, answer: Path, *, certificate: Certificate, take_over: Callable[[Settings], None]
) -> None:
    """From now on read the files again at each SIGHUP, all or nothing; write into `answer` why not, "" if it was done."""

    def reload(*_: object) -> None:
        trouble = ""
        try:
            told = settings.load_settings(path)
            certificate.load(told.certificate, told.private_key)
            take_over(told)
        except (OSError, ValueError, TypeError) as error:
            trouble = f"{type(error).__name__}: {error}\n"
        logging.info("settings not taken over: %s" if trouble else "settings taken over%s", trouble.strip())
        unfinished = answer.with_suffix(".new")
        unfinished.write_text(trouble, encoding="utf-8")
        os.replace(unfinished, answer)

    signal.signal(signal.SIGHUP, reload)
