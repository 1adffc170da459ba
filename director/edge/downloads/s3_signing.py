"""URLs of S3 objects, signed for an hour by botocore.

Takes a bucket with credentials, gives a URL whose query holds the signature.
"""

from botocore.auth import HmacV1QueryAuth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from director.edge.downloads import object_requests
from director.edge.downloads.object_requests import UnsignableError
from director.model.releases.object_stores import CredentialSource, S3Bucket

_LIFETIME_S = 3600


def signed_url(bucket: S3Bucket, url: str) -> str:
    """Sign a GET of the URL. Raises UnsignableError."""
    request = AWSRequest(method="GET", url=url)
    credentials = _credentials(bucket)
    if bucket.is_signed_v2:
        HmacV1QueryAuth(credentials, expires=_LIFETIME_S).add_auth(request)
    else:
        S3SigV4QueryAuth(credentials, "s3", object_requests.s3_region(bucket), expires=_LIFETIME_S).add_auth(request)
    return str(request.url)


def _credentials(bucket: S3Bucket) -> Credentials:
    if bucket.credentials is CredentialSource.STATIC:
        return Credentials(bucket.access_key_id, bucket.secret_access_key)
    try:
        found = Session().get_credentials()
        frozen = found.get_frozen_credentials() if found else None
    except BotoCoreError as error:
        raise UnsignableError(f"`credentials_source: env_or_profile`: {error}") from error
    if not frozen or not frozen.access_key or not frozen.secret_key:
        raise UnsignableError("`credentials_source: env_or_profile`, and neither the environment nor a profile has any")
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
