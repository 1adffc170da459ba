"""Which OpenStack this is: project, region and the address of Keystone.

Takes an Api, gives a CloudIdentity. The project is asked of Keystone once, with the token that every call needs.
"""

import re
import threading

from cpi.clouds.openstack.wire import login_words
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.values import CloudIdentity


class OpenStackIdentity:
    """Implements Identity. The login does not change while it lives, so one answer serves."""

    def __init__(self, api: Api, config: OpenStackConfig) -> None:
        self._api = api
        self._config = config
        self._lock = threading.Lock()
        self._project = ""

    def identify(self) -> CloudIdentity:
        """Raises the errors of signing in."""
        with self._lock:
            self._project = self._project or self._api.project()
        endpoint, region = self._api.keystone()
        title = f"project {self._project}" + (f", region {region}" if region else "")
        facts = {"project": self._project, "region": region, "endpoint": _plain(endpoint)}
        return CloudIdentity(facts=facts, title=title)

    def describe_login(self) -> str:
        return login_words.describe_login(self._config)


def _plain(endpoint: str) -> str:
    """Without the version: both ways of writing the address mean one Keystone."""
    return re.sub(r"/v[23](\.0)?$", "", endpoint.rstrip("/").lower())
