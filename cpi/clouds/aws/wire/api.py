"""The only file that talks to AWS: boto3, one client a service, nothing repeated and nothing waited for.

Takes an operation's name and parameters, gives AWS's answer. Raises the errors of cpi.clouds.aws.wire.refusals.
"""

import datetime
import email.utils
import http
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from cpi.clouds.aws.wire import credentials, refusals, resource_tags
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.errors import CloudError, DeniedError
from cpi.contract.value_classes import dataclass
from cpi.kit.refusals import Call

Answer = Mapping[str, Any]
Filters = Mapping[str, str] | Mapping[str, str | tuple[str, ...]]

_CONNECT_S = 5.0
_READ_S = 30.0
_POOL = 32
_PRICE_REGION = "us-east-1"
_PAGES = 200
_ID_HEADERS = frozenset({"x-amzn-requestid", "x-amz-request-id"})
_NO_REQUEST_ID = "The answer has no request id of AWS's."
"""More pages than any account fills; a list that never ends is an error, not a loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdentity:
    """`ahead_s`: how far AWS's clock is ahead; `left_s`: the credentials' lifetime, None: unlimited."""

    account: str
    arn: str
    ahead_s: float
    left_s: float | None


class Api:
    """Safe to use from many threads. Nothing is built or asked before the first call.

    `tags` are the environment's own: every call that makes something and says its tags says these too.
    """

    def __init__(self, config: AwsConfig, *, tags: Mapping[str, str] | None = None) -> None:
        self._config = config
        self._tags = dict(tags or {})
        self._clients: dict[str, Any] = {}
        self._session: boto3.Session | None = None
        self._lock = threading.Lock()

    @property
    def tags(self) -> Mapping[str, str]:
        """The environment's own, which every create says."""
        return self._tags

    @property
    def region(self) -> str:
        """Where everything is."""
        return self._config.region

    def read(self, service: str, operation: str, **parameters: Any) -> Answer:
        """Ask something that changes nothing."""
        return self._call(service, Call(name=operation, is_changing=False), parameters)

    def change(self, service: str, operation: str, **parameters: Any) -> Answer:
        """Change something; a reply that does not come is a LostReplyError."""
        return self._call(service, Call(name=operation, is_changing=True), parameters)

    def list_all(self, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """What EC2 lists under `key`, page after page."""
        token: dict[str, Any] = {}
        for _ in range(_PAGES):
            page = self.read("ec2", operation, **parameters, **token)
            yield from page.get(key, ())
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}
        raise CloudError("list-endless", f"{operation} returned more than {_PAGES} pages.")

    def sign(self, operation: str, *, valid_s: int, parameters: Mapping[str, str]) -> str:
        """A URL of S3 that anyone may use for `valid_s` seconds; makes no call."""
        client = self._client("s3")
        url: str = client.generate_presigned_url(operation, Params=dict(parameters), ExpiresIn=valid_s)
        return url

    def ca(self) -> str:
        """The PEM that AWS's servers are checked by; "" for the usual authorities."""
        return Path(self._config.ca).read_text(encoding="ascii") if self._config.ca else ""

    def identity(self) -> "CallerIdentity":
        """Who we are to AWS, and how far its clock is from ours."""
        answer = self.read("sts", "GetCallerIdentity")
        date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date", "")
        ahead_s = email.utils.parsedate_to_datetime(date).timestamp() - time.time() if date else 0.0
        return CallerIdentity(
            account=str(answer["Account"]), arn=str(answer["Arn"]), ahead_s=ahead_s, left_s=self._left_s()
        )

    def login_method(self) -> str:
        """The SDK's word for where it found the credentials ("env", "sso"); "" while it has not looked."""
        if self._session is None:
            return ""
        # What a call before found; to ask the SDK again might wait for the metadata service of EC2.
        found = getattr(self._session._session, "_credentials", None)
        return str(getattr(found, "method", ""))

    def _left_s(self) -> float | None:
        credentials = self._session.get_credentials() if self._session else None
        expiry = getattr(credentials, "_expiry_time", None)
        return expiry.timestamp() - time.time() if isinstance(expiry, datetime.datetime) else None

    def _call(self, service: str, call: Call, parameters: Mapping[str, Any]) -> Answer:
        tagged = resource_tags.with_environments_tags(call.name, parameters, self._tags)
        try:
            client = self._signed_in(service)
            answer: Answer = getattr(client, _method(call.name))(**tagged)
        except ClientError as error:
            if _is_of_proxy(error):
                raise refusals.WIRE.malformed(call, _NO_REQUEST_ID) from error
            raise self._explained(error, call) from error
        except ParamValidationError as error:
            raise refusals.unreadable(call, str(error)) from error
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise refusals.WIRE.unreachable(call, _reason(error)) from error
        except SSLError as error:
            raise refusals.WIRE.untrusted(_reason(error)) from error
        except BotoCoreError as error:
            raise refusals.WIRE.lost(call, _reason(error)) from error
        except ResponseParserError as error:
            raise refusals.WIRE.malformed(call, "The answer is cut off, or is not AWS's.") from error
        if not _has_request_id(answer):
            # A page of a proxy can be well-formed XML, which the SDK reads as an answer without content.
            raise refusals.WIRE.malformed(call, _NO_REQUEST_ID)
        return answer

    def _explained(self, error: ClientError, call: Call) -> CloudError:
        refused = _refused(error, call)
        is_of_role = error.operation_name == credentials.SIGNING_IN.name and isinstance(refused, DeniedError)
        return refusals.role_refused(refused.why, role=self._config.role_arn) if is_of_role else refused

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def _signed_in(self, service: str) -> Any:
        """A client whose credentials are good: a fault of theirs never looks like an answer that was lost."""
        with credentials.explaining(self._config):
            client = self._client(service)
            if self._session is not None:
                credentials.renew_credentials(self._session)
        return client

    def _make_client(self, service: str) -> Any:
        config = self._config
        if self._session is None:
            self._session = credentials.make_session(config)
        return self._session.client(  # type: ignore[call-overload]
            service,
            region_name=_PRICE_REGION if service == "pricing" else config.region,
            endpoint_url=_endpoint(service, config),
            verify=config.ca or None,
            config=_sdk_config(service, config),
        )

    def today(self) -> str:
        """The day, by this machine's clock."""
        return datetime.datetime.now(datetime.UTC).date().isoformat()

    def close(self) -> None:
        """Let go of connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()


def _endpoint(service: str, config: AwsConfig) -> str | None:
    own = {"ec2": config.ec2_endpoint, "elb": config.elb_endpoint, "elbv2": config.elb_endpoint}
    return own.get(service) or config.endpoint_url or None


def _sdk_config(service: str, config: AwsConfig) -> Config:
    """No repetition: the engine decides on it, and must know of each."""
    return Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=_CONNECT_S,
        read_timeout=_READ_S,
        max_pool_connections=_POOL,
        signature_version="s3v4" if service == "s3" else None,
        user_agent_extra="compleat",
        # Under S3's one name for all regions a new bucket's URL is redirected, and its signature does not fit there.
        s3={"addressing_style": "virtual"} if service == "s3" and not config.endpoint_url else None,
        use_dualstack_endpoint=config.dualstack or None,
    )


def filters(named: Filters) -> list[dict[str, Any]]:
    """EC2's filters from names and values."""
    return [
        {"Name": name, "Values": [values] if isinstance(values, str) else list(values)}
        for name, values in named.items()
    ]


def code_of(error: CloudError) -> str:
    """AWS's own code of an error, "" where it has none."""
    cause = error.__cause__
    return str(cause.response.get("Error", {}).get("Code", "")) if isinstance(cause, ClientError) else ""


def _is_of_proxy(error: ClientError) -> bool:
    """Whether a refusal is not AWS's: its "not found" would pass for the word that a resource is gone."""
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
    return not _has_request_id(error.response) and status < 500 and status != http.HTTPStatus.TOO_MANY_REQUESTS


def _has_request_id(answer: Mapping[str, Any]) -> bool:
    """Each answer of AWS has one, in its body or in a header."""
    about = answer.get("ResponseMetadata", {})
    return bool(about.get("RequestId")) or not _ID_HEADERS.isdisjoint(about.get("HTTPHeaders", {}))


def _refused(error: ClientError, call: Call) -> CloudError:
    answer = error.response.get("Error", {})
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
    return refusals.refusal_of(str(answer.get("Code", "")), str(answer.get("Message", "")), call, status=status)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:400]


def _method(operation: str) -> str:
    """boto3's name of an operation: RunInstances is run_instances."""
    letters: list[str] = []
    for at, letter in enumerate(operation):
        if letter.isupper() and at and not operation[at - 1].isupper():
            letters.append("_")
        letters.append(letter.lower())
    return "".join(letters)
