"""What can be known of an external CPI before it makes anything: whether it answers, and whether it takes the image.

Takes a preflight request, gives findings. Of the protocol's calls `info` alone is made, which changes nothing.
"""

from collections.abc import Iterator
from pathlib import Path

from cpi.clouds.external.cloud import ExternalCloud
from cpi.clouds.external.config import Stemcell
from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import Finding, PreflightRequest, QuotaNeed


class ExternalPreflight:
    """Implements Preflight."""

    def __init__(self, cloud: ExternalCloud, stemcell: Stemcell) -> None:
        self._cloud = cloud
        self._stemcell = stemcell

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        found = list(self._image())
        try:
            taken = self._cloud.info().stemcell_formats
        except CloudError as error:
            return (*found, Finding.of(error))
        return (*found, *self._formats(taken))

    def request_quota(self, need: QuotaNeed) -> str:
        raise NotSupportedError(
            "quota-not-asked-for",
            "An external CPI cannot request a larger quota.",
            why="BOSH's protocol has no call for it.",
            fix="Request it from the cloud itself.",
        )

    def _image(self) -> Iterator[Finding]:
        path = self._stemcell.image
        if path and not Path(path).is_file():
            yield Finding(
                code="stemcell-image-missing",
                what=f"The stemcell's image '{path}' does not exist.",
                why="properties.stemcell.image is the path of a file, which the CPI reads.",
                fix="Correct the path in the environment's file, or omit `image` for a light stemcell.",
            )

    def _formats(self, taken: tuple[str, ...]) -> Iterator[Finding]:
        """A CPI that names none takes any."""
        own = self._stemcell.formats
        if taken and own and not set(taken) & set(own):
            yield Finding(
                code="stemcell-format-not-taken",
                what=f"The CPI does not support stemcells of the format {', '.join(own)}.",
                why=f"It supports {', '.join(taken)}.",
                fix="Use the stemcell built for this CPI.",
            )
        elif taken and not self._stemcell.image and not any("light" in one for one in taken):
            yield Finding(
                code="light-stemcell-doubtful",
                what="The CPI may not support the light stemcell.",
                why=f"It supports {', '.join(taken)}, none of them light, and without `image` it gets an empty file.",
                fix="Set properties.stemcell.image if the stemcell has an image.",
                is_fatal=False,
            )
