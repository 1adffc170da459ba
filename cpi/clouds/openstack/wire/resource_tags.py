"""Tags as each of OpenStack's services keeps them: metadata, texts ("name=value"), headers. Pure.

Takes tags as written, gives them checked, and in each service's form. Nova and Cinder keep metadata; Neutron and Glance
keep texts, as properties of an image would change the machines made of it; Swift keeps headers.
Source: openstack/nova nova/api/validation/parameter_types.py, openstack/cinder the same, openstack/neutron
neutron/extensions/tagging.py, openstack/swift swift/common/constraints.py, all of Zed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from cpi.clouds.openstack.wire import names
from cpi.contract.errors import CloudError
from cpi.kit import tag_limits
from cpi.kit import tags as owner_tags
from cpi.kit.tag_limits import TagLimits

LIMITS = TagLimits(
    cloud="OpenStack",
    most=128,
    longest_name=names.LONGEST,
    longest_value=names.LONGEST,
    forbidden=re.compile(r"[^A-Za-z0-9_:. -]"),
    allowed="the letters a to z, digits, '-', '_', ':', '.' and spaces",
)
"""Nova's for a server; its quota `metadata_items` is 128 unless the operator changed it."""

MOST = 40
"""The limit of the environment's tags: newer Neutrons keep 50 on a resource, and a port has one of compleat."""

_HEADER = "X-Container-Meta-"
_NOT_IN_HEADERS = re.compile(r"[^A-Za-z0-9-]")
_LONGEST_HEADER, _MOST_HEADERS_BYTES = 128, 3900
_LONGEST_HEADER_VALUE = 256
_SWIFTS = ("temp-url-key", "quota", "web-", "access-control", "sync-", "versions")
"""How names begin that mean something to Swift on a container."""


def read_tags(written: Mapping[str, str], *, has_container: bool) -> dict[str, str]:
    """Raises CloudError: tag-name-reserved, tags-invalid (with all that is wrong)."""
    owner_tags.check_environment_tags(written)
    wrong = [f"{error.what} {error.why}" for error in tag_limits.refusals(written, LIMITS)]
    wrong += [*_wrong(written), *(_wrong_headers(written) if has_container else ())]
    if wrong:
        raise CloudError(
            "tags-invalid",
            "OpenStack does not accept the environment's tags.",
            why=" ".join(wrong),
            fix="Correct `tags` in the environment's file.",
        )
    return dict(written)


def write_texts(tags: Mapping[str, str]) -> list[str]:
    """As Neutron and Glance keep them."""
    return [f"{name}={value}"[: names.LONGEST] for name, value in tags.items()]


def add_texts(there: Sequence[str], tags: Mapping[str, str]) -> list[str]:
    """What a resource is to have that has some: all of these, and of its own those that say something else."""
    return [*(text for text in there if text.partition("=")[0] not in tags), *write_texts(tags)]


def write_headers(tags: Mapping[str, str]) -> dict[str, str]:
    """As Swift keeps them on a container: names in letters, digits and '-', values in UTF-8."""
    return {_HEADER + _header_name(name): value.encode().decode("latin-1") for name, value in tags.items()}


def _header_name(name: str) -> str:
    return _NOT_IN_HEADERS.sub("-", name)


def _wrong(written: Mapping[str, str]) -> Iterator[str]:
    if len(written) > MOST:
        yield f"{len(written)} tags exceed {MOST}: Neutron keeps 50 on a resource, and some are used already."
    for name, value in written.items():
        length = len(name) + 1 + len(value)
        if length > names.LONGEST:
            yield f"Neutron stores '{name[:40]}' as name=value: {length} characters; {names.LONGEST} are allowed."
        if not value.isprintable():
            yield f"The value of tag '{name[:40]}' contains a character that is not printable."


def _wrong_headers(written: Mapping[str, str]) -> Iterator[str]:
    lower = [_header_name(name).lower() for name in written]
    headers = write_headers(written)
    for name, value in written.items():
        header = _header_name(name).lower()
        if lower.count(header) > 1:
            yield f"The name '{name[:40]}' occurs twice for Swift, which ignores case and '_'."
        if header.startswith(_SWIFTS):
            yield f"The name '{name[:40]}' is reserved by Swift."
        if not value.strip() or value != value.strip():
            yield f"The value of '{name[:40]}' is empty or begins or ends with a space, which Swift does not keep."
        if len(header) > _LONGEST_HEADER or len(value.encode()) > _LONGEST_HEADER_VALUE:
            yield f"Tag '{name[:40]}' is longer than Swift's {_LONGEST_HEADER} (name) and 256 bytes (value)."
    if sum(len(name) + len(value) for name, value in headers.items()) > _MOST_HEADERS_BYTES:
        yield f"All tags together exceed the {_MOST_HEADERS_BYTES} bytes that Swift keeps on a container."
