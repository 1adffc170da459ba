"""AWS with all its abilities.

Takes settings, gives a connected cloud; its rooms share one Api.
"""

from collections.abc import Mapping

from cpi.aws import labels
from cpi.aws.api import Api
from cpi.aws.buckets import Bucket
from cpi.aws.cloud import AwsCloud
from cpi.aws.config import AwsConfig
from cpi.aws.identity import AwsIdentity
from cpi.aws.landing import AwsLanding
from cpi.aws.places import Places
from cpi.aws.preflight import AwsPreflight
from cpi.aws.prices import AwsPricing
from cpi.aws.records import Records
from cpi.aws.uploads import Uploads
from cpi.cloud import ConnectedCloud
from cpi.support import person


def connect_cloud(
    config: AwsConfig, environment: str, *, api: Api | None = None, tags: Mapping[str, str] | None = None
) -> ConnectedCloud:
    """Give the cloud and what it can do beside CPI v2; `api` is one that is there already, for the same settings.

    `tags` are the environment's. Raises CloudError: tag-not-allowed, tag-too-long, too-many-tags.
    """
    labels.check_environments_tags(tags or {})
    api = api or Api(config, tags=tags)
    places, bucket = Places(api, config, environment), Bucket(api, environment)
    records = Records(api, config, environment)
    cloud = AwsCloud(api, config, places, uploads=Uploads(api, config, person.tell))
    return ConnectedCloud(
        name="aws",
        cloud=cloud,
        finder=cloud,
        landing=AwsLanding(api, config, bucket=bucket, records=records, forget=places.forget),
        preflight=AwsPreflight(api, config, places=places, bucket=bucket, records=records),
        power=cloud,
        console=cloud,
        pricing=AwsPricing(api, config),
        storage=bucket,
        identity=AwsIdentity(api, config),
    )
