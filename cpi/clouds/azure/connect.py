"""From settings to a connected cloud; the client is built once.

Takes checked settings and a clock, gives a ConnectedCloud. Nothing is sent, unless the settings name no location.
"""

from collections.abc import Mapping

from cpi.clouds.azure.cloud import AzureCloud
from cpi.clouds.azure.images.stock_images import AzureStockImages
from cpi.clouds.azure.images.uploads import Uploads
from cpi.clouds.azure.landing.landing_zone import AzureLanding
from cpi.clouds.azure.landing.native_templates import AzureNativeTemplates
from cpi.clouds.azure.landing.storage import AzureStorage
from cpi.clouds.azure.long_running import AzureLongRunning
from cpi.clouds.azure.machines.finder import AzureFinder
from cpi.clouds.azure.machines.power import AzureConsole, AzurePower
from cpi.clouds.azure.preflight import unused_settings
from cpi.clouds.azure.preflight.checks import AzurePreflight
from cpi.clouds.azure.prices.hourly_prices import AzurePricing
from cpi.clouds.azure.roles.end_clock import AzureEndClock
from cpi.clouds.azure.wire import config, names, resource_tags
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.credentials import make_credential
from cpi.clouds.azure.wire.identity import AzureIdentity
from cpi.clouds.azure.wire.pipeline import Address, Credential
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import NotFoundError
from cpi.contract.progress import Progress
from cpi.kit import waiting
from cpi.kit.operation_clock import OperationClock


def connect_cloud(connecting: ConnectSettings, *, clock: OperationClock) -> ConnectedCloud:
    """Azure and what it can do beside CPI v2."""
    settings = config.read_config(connecting.properties)
    credential = make_credential(settings, connecting.progress.prompt)
    api = connect_api(settings, credential, clock, tags=connecting.tags)
    if not settings.location:
        settings = settings.model_copy(update={"location": _location_of_group(api, settings)})
    return connect_abilities(api, settings, environment=connecting.environment, progress=connecting.progress)


def connect_api(
    settings: config.AzureConfig, credential: Credential, clock: OperationClock, *, tags: Mapping[str, str]
) -> Api:
    """A client of the resource manager with the credential; `tags` are the environment's own."""
    where = settings.where()
    checked = resource_tags.read_tags(tags, has_account=settings.has_storage_account)
    address = Address(url=where.resource_manager, scope=scope_of(settings), ca_file=where.ca_file, tags=checked)
    return Api(address, credential, clock=clock, limit_s=settings.operation_timeout_s)


def connect_abilities(
    api: Api, settings: config.AzureConfig, *, environment: str, progress: Progress
) -> ConnectedCloud:
    """All abilities over one client."""
    where, clock = settings.where(), api.clock
    places = places_of(settings, environment)
    list_of_prices = Address(url=where.prices, scope="", ca_file=where.ca_file)
    prices = Api(list_of_prices, None, clock=clock, limit_s=10.0) if where.prices else None
    uploads = Uploads(api, settings, places, report=progress.report)
    finder = AzureFinder(api, places, uploads)
    landing = AzureLanding(api, settings, places, environment=environment)
    cloud = AzureCloud(api, settings, places, environment=environment, uploads=uploads)
    power = AzurePower(api, places, environment=environment)
    calls = AzureLongRunning(api, cloud, landing, power=power, uploads=uploads)
    patience = waiting.Patience(look=calls.look, clock=clock)
    parts = waiting.WaitingLanding(calls, landing, patience)
    return ConnectedCloud(
        name="azure",
        cloud=waiting.WaitingCloud(calls, cloud, patience),
        long_running=calls,
        finder=finder,
        stock=AzureStockImages(settings),
        landing=parts,
        preflight=AzurePreflight(api, settings, places, landing=landing),
        power=waiting.WaitingPower(calls, patience),
        console=AzureConsole(api, places),
        pricing=AzurePricing(prices, settings),
        storage=AzureStorage(api, places, environment=environment) if settings.has_storage_account else None,
        identity=AzureIdentity(settings, places),
        native_templates=AzureNativeTemplates(landing.zone, parts.create_landing_resource),
        end_clock=AzureEndClock(api, settings, places=places, environment=environment, patience=patience),
        setting_remarks=tuple(unused_settings.of_settings(settings)),
    )


def _location_of_group(api: Api, settings: config.AzureConfig) -> str:
    """Raises NotFoundError, code unknown-resource-group."""
    group = api.get(
        names.ResourcePaths(
            subscription=settings.subscription_id, group=settings.resource_group_name, location=""
        ).scope()
    )
    if group is None:
        raise NotFoundError(
            "unknown-resource-group",
            f"Resource group '{settings.resource_group_name}' does not exist.",
            why="The settings name no location, so that of the resource group is used.",
            fix="Correct resource_group_name, or set location.",
        )
    return str(group["location"])


def places_of(settings: config.AzureConfig, environment: str) -> names.ResourcePaths:
    """Where the environment's resources are."""
    return names.ResourcePaths(
        subscription=settings.subscription_id,
        group=settings.resource_group_name or names.group_name(environment),
        location=settings.location,
    )


def scope_of(settings: config.AzureConfig) -> str:
    """What a token for the resource manager is for."""
    where = settings.where()
    return where.scope or f"{where.resource_manager.rstrip('/')}/.default"
