"""From settings to a connected cloud; the client is built once.

Takes checked settings and a clock, gives a ConnectedCloud. Nothing is sent.
"""

from collections.abc import Mapping

from cpi.azure import config, environment_tags, names
from cpi.azure.api import Address, Api, Credential
from cpi.azure.cloud import AzureCloud
from cpi.azure.credentials import Prompt, make_credential
from cpi.azure.found import AzureFinder
from cpi.azure.identity import AzureIdentity
from cpi.azure.landing import AzureLanding
from cpi.azure.power import AzureConsole, AzurePower
from cpi.azure.preflight import AzurePreflight
from cpi.azure.prices import AzurePricing
from cpi.azure.storage import AzureStorage
from cpi.azure.uploads import Uploads
from cpi.azure.waiting import Clock
from cpi.cloud import ConnectedCloud, ConnectSettings


def connect_cloud(connecting: ConnectSettings, *, clock: Clock, prompt: Prompt) -> ConnectedCloud:
    """Azure and what it can do beside CPI v2."""
    settings = config.read_config(connecting.properties)
    credential = make_credential(settings, prompt)
    api = connect_api(settings, credential, clock, tags=connecting.tags)
    return join_rooms(api, settings, environment=connecting.environment, prompt=prompt)


def connect_api(settings: config.AzureConfig, credential: Credential, clock: Clock, *, tags: Mapping[str, str]) -> Api:
    """The resource manager, for whoever has the credential; `tags` are the environment's own."""
    where = settings.where()
    checked = environment_tags.read_tags(tags, has_account=settings.has_storage_account)
    address = Address(url=where.resource_manager, scope=scope_of(settings), ca_file=where.ca_file, tags=checked)
    return Api(address, credential, clock=clock, limit_s=settings.operation_timeout_s)


def join_rooms(api: Api, settings: config.AzureConfig, *, environment: str, prompt: Prompt) -> ConnectedCloud:
    """All abilities over one client."""
    where, clock = settings.where(), api.clock
    places = places_of(settings, environment)
    list_of_prices = Address(url=where.prices, scope="", ca_file=where.ca_file)
    prices = Api(list_of_prices, None, clock=clock, limit_s=10.0) if where.prices else None
    uploads = Uploads(api, settings, places, tell=prompt)
    finder = AzureFinder(api, places, uploads)
    landing = AzureLanding(api, settings, places, environment=environment)
    return ConnectedCloud(
        name="azure",
        cloud=AzureCloud(api, settings, places, environment=environment, uploads=uploads),
        finder=finder,
        landing=landing,
        preflight=AzurePreflight(api, settings, places, landing=landing),
        power=AzurePower(api, places, environment=environment),
        console=AzureConsole(api, places),
        pricing=AzurePricing(prices, settings),
        storage=AzureStorage(api, places, environment=environment) if settings.has_storage_account else None,
        identity=AzureIdentity(settings, places),
    )


def places_of(settings: config.AzureConfig, environment: str) -> names.Places:
    """Where the environment's resources are."""
    return names.Places(
        subscription=settings.subscription_id,
        group=settings.resource_group_name or names.group_name(environment),
        location=settings.location,
    )


def scope_of(settings: config.AzureConfig) -> str:
    """What a token for the resource manager is for."""
    where = settings.where()
    return where.scope or f"{where.resource_manager.rstrip('/')}/.default"
