"""Linked templates by https://, each downloaded once by a command.

Takes addresses, gives their bytes. HTTPS alone, also where it redirects; bounded in size, number and time. A digest
after `#sha256=` is checked.
"""

import hashlib
from typing import BinaryIO

from director.edge.downloads import downloads
from director.edge.downloads.downloads import DownloadError, DownloadSettings
from director.errors import InputError
from director.model.documents import Source

SETTINGS = DownloadSettings(timeout_s=20.0, retry_delays_s=(1.0,))
MOST_BYTES = 4 << 20  # as Azure Resource Manager has it
MOST_TEMPLATES = 100
_DIGEST = "#sha256="


class LinkedTemplates:
    """The templates that one command reads."""

    def __init__(self, settings: DownloadSettings = SETTINGS) -> None:
        self._settings = settings
        self._known: dict[str, Source] = {}

    def read_template(self, address: str) -> Source:
        """The template at the address; its name is the address without what may be secret.

        Raises InputError: template-link-unavailable, digest-mismatch.
        """
        url, _, expected = address.partition(_DIGEST)
        source = self._known.get(url) or self._download(url)
        self._known[url] = source
        got = hashlib.sha256(source.content).hexdigest()
        if expected not in ("", got):
            raise InputError(
                "digest-mismatch",
                f"The linked template {source.name} does not match its digest.",
                why=f"Expected sha256:{expected}, got sha256:{got}.",
                fix="Correct the digest after `#sha256=`, if you trust the template; otherwise ask its author.",
            )
        return source

    def _download(self, url: str) -> Source:
        shown = downloads.shown(url)
        if len(self._known) >= MOST_TEMPLATES:
            raise _unavailable(shown, f"More than {MOST_TEMPLATES} templates are linked by https://")
        try:
            content = downloads.download(url, self._settings, _read)
        except DownloadError as error:
            raise _unavailable(shown, f"{error}") from error
        if len(content) > MOST_BYTES:
            raise _unavailable(shown, f"It has more than {MOST_BYTES >> 20} MiB")
        return Source(name=shown, content=content)


def _read(stream: BinaryIO) -> bytes:
    return stream.read(MOST_BYTES + 1)


def _unavailable(shown: str, why: str) -> InputError:
    return InputError(
        "template-link-unavailable",
        f"The linked template {shown} could not be downloaded.",
        why=f"{why}.",
        fix="Check the address and the network; or write the template beside this one, and link it by relativePath.",
    )
