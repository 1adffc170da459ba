"""The only file that talks to OpenStack: openstacksdk's session and catalogue; nothing repeated, nothing waited for.

Takes a service, a path and a body, gives the answer. Raises the errors of cpi.clouds.openstack.wire.refusals.
"""

import contextlib
import email.utils
import json
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

import requests
from keystoneauth1 import exceptions as sdk_errors
from keystoneauth1.session import Session
from openstack.exceptions import ConfigException

from cpi.clouds.openstack.wire import credentials, refusals
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.clouds.openstack.wire.keystone_tokens import KeystoneToken
from cpi.clouds.openstack.wire.refusals import Asked
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import NO_TAGS

Json = Mapping[str, Any]

_TYPES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "compute": (("compute",), "/v2.1"),
    "network": (("network",), "/v2.0"),
    "image": (("image",), "/v2"),
    "volume": (("volumev3", "block-storage", "block-store"), "/v3/{project}"),
    "object": (("object-store",), ""),
    "balancer": (("load-balancer",), "/v2"),
    "identity": (("identity",), "/v3"),
}
"""A service's names in catalogues, and the version that is added to an address without one."""

_PAGES = 500
"""More pages than any project fills; a list that never ends is an error, not a loop."""
_PAGE = "200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """What is sent beside method and path."""

    query: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    content: Iterator[bytes] | BinaryIO | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Api:
    """Safe to use from many threads. Nothing is built or asked before the first call.

    `tags` are the environment's own, for creating calls.
    """

    def __init__(self, config: OpenStackConfig, *, tags: Mapping[str, str] = NO_TAGS) -> None:
        self.tags = tags
        self._config = config
        self._lock = threading.Lock()
        self._made: Session | None = None
        self._interface = "public"
        self._region = ""
        self._addresses: dict[str, str] = {}

    def read(self, service: str, path: str, **query: str) -> Json:
        """Ask something that changes nothing."""
        return self._json(service, Asked(method="GET", path=path), Send(query=query))

    def post(self, service: str, path: str, body: Json) -> Json:
        """Make or do something; a reply that does not come is a LostReplyError."""
        return self._json(service, Asked(method="POST", path=path), Send(body=body))

    def put(self, service: str, path: str, body: Json | None = None) -> Json:
        """Change something; a reply that does not come is a LostReplyError."""
        return self._json(service, Asked(method="PUT", path=path), Send(body=body))

    def delete(self, service: str, path: str) -> None:
        """Delete something. Gone before is success."""
        with contextlib.suppress(NotFoundError):
            self._json(service, Asked(method="DELETE", path=path), Send())

    def upload(self, path: str, content: Iterator[bytes]) -> None:
        """Send an image's bytes."""
        headers = {"Content-Type": "application/octet-stream"}
        self._json("image", Asked(method="PUT", path=path), Send(content=content, headers=headers))

    def list_all(self, service: str, path: str, key: str, **query: str) -> Iterator[Any]:
        """What a service lists under `key`, page after page."""
        asked = {"limit": _PAGE, **query}
        for _ in range(_PAGES):
            page = self.read(service, path, **asked)
            if not isinstance(page.get(key), list):
                raise refusals.unexpected(Asked(method="GET", path=path), f"It has no list of {key}.")
            yield from page[key]
            following = _next_of(page, key)
            if not following:
                return
            asked = {**asked, **dict(parse_qsl(urlsplit(following).query))}
        raise CloudError("list-endless", f"The list of {key} has more than {_PAGES} pages.")

    def list_stored(self, path: str, **query: str) -> Iterator[str]:
        """The names that Swift lists, of containers or of what is in one, page after page."""
        return (str(one["name"]) for one in self.describe_stored(path, **query))

    def describe_stored(self, path: str, **query: str) -> Iterator[Json]:
        """The same with what Swift says of each: the size of an object is its `bytes`. With a delimiter, what their
        names have before it is a `subdir`.
        """
        marker = ""
        for _ in range(_PAGES):
            page = self.read("object", path, format="json", marker=marker, **query).get("list")
            if not isinstance(page, list):
                raise refusals.unexpected(Asked(method="GET", path=path), "It is not a list.")
            if not page:
                return
            yield from page
            marker = str(page[-1].get("name") or page[-1]["subdir"])
        raise CloudError("list-endless", f"The list of objects has more than {_PAGES} pages.")

    def head_stored(self, path: str) -> Mapping[str, str]:
        """The headers of a container or an object, in any case of letters."""
        return self._send("object", Asked(method="HEAD", path=path), Send()).headers

    def put_stored(self, path: str, send: Send) -> None:
        """Make a container or an object; a reply that does not come is a LostReplyError."""
        self._send("object", Asked(method="PUT", path=path), send)

    def post_stored(self, path: str, headers: Mapping[str, str]) -> None:
        """Set a container's properties."""
        self._send("object", Asked(method="POST", path=path), Send(headers=headers))

    def stored_at(self) -> str:
        """The address under which Swift keeps this project's containers."""
        return self._address("object")

    def stored_abilities(self) -> Json:
        """What Swift says of itself, beside the addresses of its versions."""
        self.sign_in()
        root = re.sub(r"/v1(/.*)?$", "", self._address("object"))
        asked = Asked(method="GET", path="/info")
        return _parsed(self._sent(root + asked.path, asked, Send()), asked)

    def ca(self) -> str:
        """The PEM text that the services' certificates are checked by; "" means the usual authorities."""
        with self._guarded(Asked(method="GET", path="the authorities")):
            verify = self._session().verify
        return Path(verify).read_text() if isinstance(verify, str) else ""

    @staticmethod
    def new_key() -> str:
        """A random secret."""
        return secrets.token_urlsafe(32)

    def project(self) -> str:
        """The id of the project that everything is in."""
        with self._guarded(Asked(method="GET", path="the project")):
            return str(self._session().get_project_id())

    def keystone(self) -> tuple[str, str]:
        """The address of Keystone, and the region ("" if the cloud has only one); makes no call."""
        with self._guarded(Asked(method="GET", path="the settings")):
            session = self._session()
        return str(getattr(session.auth, "auth_url", "") or ""), self._region

    def ahead_s(self) -> float:
        """How far Keystone's clock is ahead of this machine's; reads only the version, so it works before a login."""
        asked = Asked(method="GET", path="Keystone's version")
        with self._guarded(asked):
            session = self._session()
            url = str(getattr(session.auth, "auth_url", ""))
            answer = session.request(url, "GET", authenticated=False, raise_exc=False, log=False)
        date = answer.headers.get("Date", "")
        return email.utils.parsedate_to_datetime(date).timestamp() - time.time() if date else 0.0

    @staticmethod
    def now_s() -> float:
        """This machine's clock, in seconds of Unix time."""
        return time.time()

    def sign_in(self) -> None:
        """Get a token, unless there is one that lives."""
        with self._guarded(Asked(method="GET", path="a token")):
            self._session().get_token()

    def login(self) -> KeystoneToken | None:
        """Who signed in; None where that is no login of Keystone's (a token that somebody else got)."""
        with self._guarded(Asked(method="GET", path="a token")):
            session = self._session()
            ask = getattr(session.auth, "get_access", None)
            access = ask(session) if ask else None
        if access is None:
            return None
        return KeystoneToken(
            user_id=str(access.user_id),
            application_credential_id=str(getattr(access, "application_credential_id", None) or ""),
            roles=frozenset(access.role_names),
        )

    def listen(self, hear: Callable[..., None]) -> None:
        """Report every answer unchanged, for recordings."""
        self._session().session.hooks["response"].append(hear)

    def has_service(self, service: str) -> bool:
        """Whether the catalogue names it."""
        try:
            self._address(service)
        except NotFoundError:
            return False
        return True

    def _json(self, service: str, asked: Asked, send: Send) -> Json:
        answer = self._send(service, asked, send)
        # Swift answers changes with a word for people.
        return {} if service == "object" and asked.call.is_changing else _parsed(answer, asked)

    def _send(self, service: str, asked: Asked, send: Send) -> requests.Response:
        self.sign_in()
        headers = {**self._versions(service), **send.headers}
        return self._sent(self._address(service) + asked.path, asked, replace(send, headers=headers))

    def _sent(self, url: str, asked: Asked, send: Send) -> requests.Response:
        with self._guarded(asked):
            answer = self._session().request(
                url,
                asked.method,
                params=dict(send.query) or None,
                json=send.body,
                data=send.content,
                headers={"Accept": "application/json", **send.headers},
                raise_exc=False,
                redirect=False,
                log=False,
                connect_retries=0,
                status_code_retries=0,
                # With a new token the SDK would send what is left of a stream that is read already: nothing.
                allow_reauth=send.content is None,
            )
        if answer.status_code >= 300:
            cloud_answer = refusals.read_fault(answer.status_code, answer.text, answer.headers)
            raise refusals.WIRE.refusal(cloud_answer, asked.call)
        return answer

    def _versions(self, service: str) -> Mapping[str, str]:
        return {"OpenStack-API-Version": f"compute {self._config.compute_api_version}"} if service == "compute" else {}

    def _address(self, service: str) -> str:
        if service not in self._addresses:
            self._addresses[service] = self._find_address(service)
        return self._addresses[service]

    def _find_address(self, service: str) -> str:
        types, version = _TYPES[service]
        with self._guarded(Asked(method="GET", path="the catalogue")):
            session = self._session()
            for name in types:
                found = self._listed(session, name)
                if found:
                    is_whole = not version or re.search(r"/v\d[^/]*(/|$)", urlsplit(found).path)
                    return found if is_whole else found + version.format(project=session.get_project_id())
        raise refusals.no_service(service, self._region)

    def _listed(self, session: Session, name: str) -> str:
        """What the catalogue says of a service type; "" when nothing."""
        region = self._region or None
        try:
            found = session.get_endpoint(
                service_type=name, interface=self._interface, region_name=region, skip_discovery=True
            )
        except (sdk_errors.EndpointNotFound, ValueError):
            # The SDK says the latter of a service under two names (a migration's) that has no address in the region.
            return ""
        return str(found or "").rstrip("/")

    def _session(self) -> Session:
        with self._lock:
            if self._made is None:
                # At level debug the SDK writes bodies and headers, tokens and user data among them.
                for name in ("keystoneauth", "openstack", "urllib3"):
                    logging.getLogger(name).setLevel(logging.INFO)
                region = credentials.read_region(self._config)
                self._interface = self._config.interface() or str(region.config.get("interface") or "public")
                self._region = self._config.region or str(region.config.get("region_name") or "")
                self._made = region.get_session()
                options = self._config.connection_options
                # The SDK's own setting is one number for both; what it hands on to the HTTP library may be a pair.
                self._made.timeout = (float(options.connect_timeout), float(options.read_timeout))
            return self._made

    @contextlib.contextmanager
    def _guarded(self, asked: Asked) -> Iterator[None]:
        try:
            yield
        except (sdk_errors.SSLError, requests.exceptions.SSLError) as error:
            raise refusals.WIRE.untrusted(_reason(error)) from error
        except sdk_errors.ConnectionError as error:
            raise _no_answer(error, asked) from error
        except sdk_errors.HttpError as error:
            fault = refusals.read_fault(error.http_status, error.message or "", {})
            raise refusals.not_signed_in(fault, _reason(error)) from error
        except (sdk_errors.InvalidResponse, RecursionError) as error:
            raise refusals.no_keystone("The answer to the sign-in is not Keystone's, but perhaps a proxy's.") from error
        except (sdk_errors.ClientException, ConfigException) as error:
            raise refusals.not_usable(_reason(error)) from error
        except OSError as error:
            # The HTTP library's answer to a file of certificates that is not there.
            raise refusals.WIRE.untrusted(_reason(error)) from error


def _parsed(answer: requests.Response, asked: Asked) -> Json:
    """What is no JSON comes from somebody between (a portal, a proxy), and says nothing of what there is."""
    if not answer.content:
        return {}
    try:
        reported = json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        raise refusals.unexpected(asked, "It is not JSON.") from error
    return reported if isinstance(reported, dict) else {"list": reported}


def _next_of(page: Json, key: str) -> str:
    """Nova, Cinder and Neutron name the next page in links, Glance in a word."""
    links = page.get(f"{key}_links", ())
    return next((str(link["href"]) for link in links if link.get("rel") == "next"), str(page.get("next") or ""))


_UNSENT = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "ProxyError")


def _no_answer(error: sdk_errors.ConnectionError, asked: Asked) -> CloudError:
    """No answer: an unsent request is safe to retry; the effect of any other is unknown."""
    below = error.__context__
    answer = repr(below.args) if below is not None else ""
    if any(word in answer for word in _UNSENT) or isinstance(below, requests.exceptions.ConnectTimeout):
        return refusals.WIRE.unreachable(asked.call, _reason(error))
    return refusals.WIRE.lost(asked.call, _reason(error))


def _reason(error: Exception) -> str:
    return str(error)[:400] or type(error).__name__
