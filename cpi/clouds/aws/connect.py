"""AWS with all its abilities.

Takes settings, gives a connected cloud; its rooms share one Api.
"""

from collections.abc import Mapping

from cpi.clouds.aws.cloud import AwsCloud
from cpi.clouds.aws.images.stock_images import AwsStockImages
from cpi.clouds.aws.images.uploads import Uploads
from cpi.clouds.aws.landing.buckets import Bucket
from cpi.clouds.aws.landing.dns_records import Records
from cpi.clouds.aws.landing.landing_zone import AwsLanding
from cpi.clouds.aws.long_running import AwsLongRunning
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.preflight import unused_settings
from cpi.clouds.aws.preflight.checks import AwsPreflight
from cpi.clouds.aws.prices.hourly_prices import AwsPricing
from cpi.clouds.aws.wire import resource_tags
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.clouds.aws.wire.identity import AwsIdentity
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.progress import NO_PROGRESS, Progress
from cpi.kit import waiting
from cpi.kit.operation_clock import system_clock


def connect_cloud(
    config: AwsConfig,
    environment: str,
    *,
    api: Api | None = None,
    tags: Mapping[str, str] | None = None,
    progress: Progress = NO_PROGRESS,
) -> ConnectedCloud:
    """Give the cloud and what it can do beside CPI v2; `api` is one that is there already, for the same settings.

    `tags` are the environment's. Raises CloudError: tag-not-allowed, tag-too-long, too-many-tags.
    """
    resource_tags.check_environments_tags(tags or {})
    api = api or Api(config, tags=tags)
    places, bucket = Lookups(api, config, environment), Bucket(api, environment, is_wanted=config.bucket)
    records = Records(api, config, environment)
    uploads = Uploads(api, config, progress.report)
    cloud = AwsCloud(api, config, places, uploads=uploads)
    landing = AwsLanding(api, places, bucket=bucket, records=records, forget=places.forget)
    calls = AwsLongRunning(cloud, landing, uploads)
    patience = waiting.Patience(look=calls.look, clock=system_clock())
    return ConnectedCloud(
        name="aws",
        cloud=waiting.WaitingCloud(calls, cloud, patience),
        long_running=calls,
        finder=cloud,
        stock=AwsStockImages(config),
        landing=landing,
        preflight=AwsPreflight(api, config, places=places, bucket=bucket, records=records),
        power=cloud,
        console=cloud,
        pricing=AwsPricing(api, config),
        storage=bucket,
        identity=AwsIdentity(api, config),
        setting_remarks=tuple(unused_settings.of_settings(config)),
    )
