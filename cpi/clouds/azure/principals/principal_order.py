"""The validated request of `create-principal`.

Takes a call, gives an Order. Raises CloudError: tenant-missing, principal-file-not-named, secret-days-invalid; and what
settings raise.
"""

from collections.abc import Mapping

from cpi.clouds.azure.commands import GROUP_SCOPE
from cpi.clouds.azure.connect import places_of
from cpi.clouds.azure.principals import principals
from cpi.clouds.azure.wire import config, credential_kinds, credentials, names
from cpi.contract.commands import CommandCall
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass

READER = "Reader"
_MOST_DAYS = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`grants` are roles by name with their scopes, the asked one first."""

    settings: config.AzureConfig
    environment: str
    places: names.ResourcePaths
    name: str
    path: str
    days: int
    grants: tuple[tuple[str, str], ...]
    environment_tags: Mapping[str, str]

    @property
    def tags(self) -> tuple[str, ...]:
        """How the environment's application is recognized."""
        return principals.owner_tags(self.environment, self.settings.subscription_id)

    @property
    def unique_name(self) -> str:
        """The application's key."""
        return principals.unique_name(self.environment, self.settings.subscription_id)

    @property
    def is_of_group(self) -> bool:
        """Whether the role is to hold in the resource group alone."""
        return self.grants[0][1] == self.places.scope()


def read_order(call: CommandCall) -> Order:
    """Settings of the environment's file, and options."""
    settings = config.read_config(call.properties)
    credentials.need_tenant(settings)
    places = places_of(settings, call.environment)
    return Order(
        settings=settings,
        environment=call.environment,
        places=places,
        name=call.options["name"] or principals.application_name(call.environment),
        path=call.options["file"] or _path(settings),
        days=_days(call.options["days"]),
        grants=_grants(call, places),
        environment_tags=call.tags,
    )


def _grants(call: CommandCall, places: names.ResourcePaths) -> tuple[tuple[str, str], ...]:
    """Only readers of the subscription see quotas, sizes and images, so this role accompanies the group's."""
    role = call.options["role"]
    if call.options["scope"] == GROUP_SCOPE:
        return ((role, places.scope()), (READER, places.root()))
    return ((role, places.root()),)


def _path(settings: config.AzureConfig) -> str:
    chosen = settings.credentials
    if isinstance(chosen, credential_kinds.PrincipalFile):
        return chosen.path
    raise CloudError(
        "principal-file-not-named",
        "The environment's file has no path for the principal's file.",
        why=f"Its credentials are of kind '{chosen.kind}'.",
        fix="Set `credentials: {kind: file, path: ~/.compleat/azure-principal.json}` there, or use `--file`.",
    )


def _days(written: str) -> int:
    if written.isascii() and written.isdigit() and 0 < int(written) <= _MOST_DAYS:
        return int(written)
    raise CloudError(
        "secret-days-invalid",
        f"'{written}' is not a valid lifetime of a secret in days.",
        why=f"It must be a whole number from 1 to {_MOST_DAYS}.",
        fix="Correct `--days`.",
    )
