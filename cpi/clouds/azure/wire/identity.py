"""Which Azure this is: subscription, tenant, region, resource group and endpoint.

Takes settings, gives a CloudIdentity. All of it is written in the settings: nothing is sent.
"""

from cpi.clouds.azure.wire import config, login_words, names
from cpi.contract.values import CloudIdentity


class AzureIdentity:
    """Implements Identity. Azure compares all but endpoints without regard to case, and so does this."""

    def __init__(self, settings: config.AzureConfig, places: names.ResourcePaths) -> None:
        self._settings = settings
        self._places = places

    def identify(self) -> CloudIdentity:
        subscription = self._places.subscription.lower()
        region = self._places.location.lower().replace(" ", "")
        return CloudIdentity(
            facts={
                "subscription": subscription,
                "tenant": self._settings.tenant_id.lower(),
                "region": region,
                "resource group": self._places.group.lower(),
                "endpoint": self._settings.where().resource_manager.rstrip("/").lower(),
            },
            title=f"subscription {subscription}, region {region}",
        )

    def describe_login(self) -> str:
        return login_words.describe_login(self._settings)
