"""Signed URLs as S3 checks them: not after their time, and not changed.

Takes a WSGI call of S3, gives a refusal or None. The secret key of every caller is `SECRET_KEY`.
"""

import datetime
from urllib.parse import parse_qsl, quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.support.aws.answers import Answer, refusal
from tests.support.aws.calls import Call, Environ

SECRET_KEY = "test-secret-key"
_FORM = "%Y%m%dT%H%M%SZ"


def refuse(environ: Environ) -> Answer | None:
    """Whatever is wrong with a signed URL, or that a call has no signature at all; None for other calls too."""
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    call = Call(service="s3", action=environ["REQUEST_METHOD"])
    if "X-Amz-Signature" not in query:
        is_signed = "HTTP_AUTHORIZATION" in environ or environ["REQUEST_METHOD"] == "POST"
        return None if is_signed else refusal(call, "AccessDenied", "Access Denied", status=403)
    made = datetime.datetime.strptime(query["X-Amz-Date"], _FORM).replace(tzinfo=datetime.UTC)
    if datetime.datetime.now(datetime.UTC) > made + datetime.timedelta(seconds=int(query["X-Amz-Expires"])):
        return refusal(call, "AccessDenied", "Request has expired", status=403)
    if _signature(environ, query) != query["X-Amz-Signature"]:
        message = "The request signature we calculated does not match the signature you provided."
        return refusal(call, "SignatureDoesNotMatch", message, status=403)
    return None


def _signature(environ: Environ, query: dict[str, str]) -> str:
    access_key, _, region, *_ = query["X-Amz-Credential"].split("/")
    rest = {name: value for name, value in query.items() if name != "X-Amz-Signature"}
    words = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(rest.items()))
    url = f"http://{environ['HTTP_HOST']}{quote(environ['PATH_INFO'], safe='/-_.~')}?{words}"
    signed = query["X-Amz-SignedHeaders"].split(";")
    headers = {name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", "") for name in signed}
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, headers=headers)
    request.context["timestamp"] = query["X-Amz-Date"]
    auth = S3SigV4QueryAuth(Credentials(access_key, SECRET_KEY), "s3", region)
    # Only the headers that the URL names were signed.
    canonical = auth.canonical_request(request)
    text: str = auth.signature(auth.string_to_sign(request, canonical), request)
    return text
