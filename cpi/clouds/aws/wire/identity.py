"""Which AWS this is: account, region and endpoint.

Takes an Api and settings, gives a CloudIdentity. The account is asked of STS once.
"""

import threading

from cpi.clouds.aws.wire import login_words
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.values import CloudIdentity

_PUBLIC = "AWS's own"


class AwsIdentity:
    """Implements Identity. The login does not change while it lives, so one answer serves."""

    def __init__(self, api: Api, config: AwsConfig) -> None:
        self._api = api
        self._config = config
        self._lock = threading.Lock()
        self._account = ""

    def identify(self) -> CloudIdentity:
        """Raises the errors of signing in."""
        with self._lock:
            self._account = self._account or self._api.identity().account
        region = self._config.region
        endpoint = self._config.endpoint_url.rstrip("/").lower() or _PUBLIC
        return CloudIdentity(
            facts={"account": self._account, "region": region, "endpoint": endpoint},
            title=f"account {self._account}, region {region}",
        )

    def describe_login(self) -> str:
        return login_words.describe_login(self._config, self._api.login_method())
