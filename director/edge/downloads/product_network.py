"""Files of products of a Pivotal Network: found by product, release and file name, with a token and the EULA accepted.

Takes `pivnet://PRODUCT/RELEASE/FILE`, gives where the file is for some minutes, and its digest. Answers are bounded.
Source: github.com/pivotal-cf/go-pivnet v7 product_files.go; the API's version 2.
"""

import fnmatch
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from director.edge.downloads import downloads
from director.edge.downloads.downloads import DownloadError, DownloadSettings, ServerAnswer
from director.errors import InputError
from director.model.releases.release import ReleaseReference

SCHEME = "pivnet://"
_HOST = "https://network.tanzu.vmware.com"
_TOKEN, _ENDPOINT = "PIVNET_TOKEN", "PIVNET_ENDPOINT"  # names of variables
_OLD_TOKEN_LENGTH = 20
_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFile:
    """Where the file may be downloaded for some minutes; `digest` is a SHA-256, "" where the network has none."""

    url: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _ProductPath:
    product: str
    release: str
    file: str


class ProductNetwork:
    """`environment` has the token, and the address of another network than the public one."""

    def __init__(self, settings: DownloadSettings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._token = environment.get(_TOKEN, "").strip()
        self._api = f"{environment.get(_ENDPOINT, '') or _HOST}/api/v2"

    def find_file(self, reference: ReleaseReference) -> ProductFile:
        """Raises InputError: pivnet-url-wrong, pivnet-token-missing, pivnet-token-refused, pivnet-eula-not-accepted,
        pivnet-file-unknown; DownloadError.
        """
        wanted = _wanted(reference)
        login = {"Authorization": self._authorization(reference)}
        releases = f"products/{quote(wanted.product, safe='')}/releases"
        listed = _members(self._get(releases, login, reference), "releases")
        release = next((one for one in listed if one.get("version") == wanted.release), None)
        if release is None:
            versions = (str(one.get("version")) for one in listed)
            raise _unknown(reference, f"release '{wanted.release}' of product '{wanted.product}'", versions)
        place = f"{releases}/{_number(release)}"
        files = _members(self._get(f"{place}/product_files", login, reference), "product_files")
        fitting = [one for one in files if fnmatch.fnmatchcase(_name(one), wanted.file)]
        if len(fitting) != 1:
            raise _unknown(reference, f"one file '{wanted.file}' in release '{wanted.release}'", map(_name, files))
        if reference.accepts_eula:
            self._ask(f"{place}/eula_acceptance", login, reference, is_post=True)
        download = f"{place}/product_files/{_number(fitting[0])}/download"
        answer = self._ask(download, login, reference, is_post=True)
        if not answer.location:
            raise DownloadError(f"{downloads.shown(self._api)} named no place for '{_name(fitting[0])}'")
        sha256 = str(fitting[0].get("sha256") or "")
        return ProductFile(url=answer.location, digest=f"sha256:{sha256}" if sha256 else "")

    def _authorization(self, reference: ReleaseReference) -> str:
        if not self._token:
            raise InputError(
                "pivnet-token-missing",
                f"Release '{reference.name}/{reference.version}' needs a token of the product network.",
                why=f"The environment variable {_TOKEN} is not set.",
                fix=f"Create a token in your profile there, and set {_TOKEN} to it.",
                where=reference.where,
            )
        if not _is_header_text(self._token):
            raise _refused(reference, f"{_TOKEN} has characters that no token has")
        if len(self._token) <= _OLD_TOKEN_LENGTH:
            return f"Token {self._token}"
        body = json.dumps({"refresh_token": self._token}).encode()
        answer = self._ask("authentication/access_tokens", {}, reference, is_post=True, body=body)
        access = str(_tree(answer).get("access_token", ""))
        if not access or not _is_header_text(access):
            raise DownloadError(f"{downloads.shown(self._api)} gave no access token")
        return f"Bearer {access}"

    def _get(self, path: str, login: Mapping[str, str], reference: ReleaseReference) -> Mapping[str, JsonValue]:
        return _tree(self._ask(path, login, reference, is_post=False))

    def _ask(
        self,
        path: str,
        login: Mapping[str, str],
        reference: ReleaseReference,
        *,
        is_post: bool,
        body: bytes = b"{}",
    ) -> ServerAnswer:
        headers = {**login, "Content-Type": "application/json", "Accept": "application/json"}
        url = f"{self._api}/{path}"
        answer = downloads.ask(url, self._settings, headers=headers, body=body if is_post else None)
        if answer.status == 401:
            raise _refused(reference, f"It answered 401; {_TOKEN} is wrong, or expired")
        if answer.status == 451:
            raise InputError(
                "pivnet-eula-not-accepted",
                f"The EULA of release '{reference.name}/{reference.version}' is not accepted.",
                why="The product network gives the file to those alone who have accepted it.",
                fix="Read it there and accept it, or write `accept_eula: true` beside the release in the index.",
                where=reference.where,
            )
        if answer.status == 404:
            raise _unknown(reference, downloads.shown(url), ())
        if answer.status >= 400:
            raise DownloadError(f"{downloads.shown(url)} answered {answer.status}")
        return answer


def _wanted(reference: ReleaseReference) -> _ProductPath:
    parts = [unquote(part) for part in reference.url.removeprefix(SCHEME).split("/")]
    if len(parts) != 3 or not all(parts):
        raise InputError(
            "pivnet-url-wrong",
            f"The url of release '{reference.name}' does not name a file of a product network.",
            why=f"It is {reference.url}.",
            fix=f"Write {SCHEME}PRODUCT/RELEASE/FILE, for example {SCHEME}p-redis/3.5.0/redis-*.tgz.",
            where=reference.where,
        )
    return _ProductPath(product=parts[0], release=parts[1], file=parts[2])


def _is_header_text(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _refused(reference: ReleaseReference, why: str) -> InputError:
    return InputError(
        "pivnet-token-refused",
        "The product network does not accept the token.",
        why=f"{why}.",
        fix=f"Create a new token in your profile there, and set {_TOKEN} to it.",
        where=reference.where,
    )


def _tree(answer: ServerAnswer) -> Mapping[str, JsonValue]:
    try:
        tree = json.loads(answer.content)
    except (ValueError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        raise DownloadError("the product network's answer is not a JSON object")
    return tree


def _members(tree: Mapping[str, JsonValue], key: str) -> list[Mapping[str, JsonValue]]:
    listed = tree.get(key)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _number(tree: Mapping[str, JsonValue]) -> int:
    found = tree.get("id")
    if not isinstance(found, int):
        raise DownloadError("the product network's answer has no id")
    return found


def _name(file: Mapping[str, JsonValue]) -> str:
    return str(file.get("aws_object_key") or "").rpartition("/")[2]


def _unknown(reference: ReleaseReference, what: str, known: Iterable[str]) -> InputError:
    names = sorted(name for name in known if name.isprintable())
    rest = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return InputError(
        "pivnet-file-unknown",
        f"The product network does not have {what}.",
        why=f"It has: {', '.join(names[:_LISTED]) or 'none'}{rest}.",
        fix="Correct the url; `*` matches any part of the file's name.",
        where=reference.where,
    )
