"""A cloud's preflight finding, as an error for users.

Takes a finding, gives an exception. Apart from the other errors, which load nothing of clouds.
"""

from cpi.contract.values import Finding, QuotaNeed
from director.errors import InputError
from director.model import cloud_names


class RefusedError(InputError):
    """A cloud would refuse the plan, according to preflight; nothing was created. The rest as in CloudFinding."""

    def __init__(
        self, finding: Finding, request: str = "", *, cloud: str | None = None, plugin: str = "", where: str = ""
    ) -> None:
        super().__init__(finding.code, finding.what, why=finding.why, fix=finding.fix, where=where)
        if cloud_names.shown_name(cloud):
            self.while_(f"asking cloud '{cloud}'")
        self.quota: QuotaNeed | None = finding.quota
        self.request = request
        self.cloud = cloud_names.shown_name(cloud) or plugin
