"""The file of logins on the jumpbox.

Takes endpoints with their logins, gives text whose secrets are still names.
"""

from collections.abc import Iterable, Iterator

from cpi.contract.value_classes import dataclass
from director.model.ids import EnvironmentName
from director.model.secret_ref import SecretRef, SecretText
from director.model.written.bundle import ReportedEndpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointLogin:
    """An endpoint of the report under its name; `password` is None where it has no login."""

    name: str
    url: str
    reported: ReportedEndpoint
    password: SecretRef | None = None


def user_key(name: str, reported: ReportedEndpoint) -> str:
    """The name under which the endpoint's user is reported."""
    return reported.user_key or f"{name}_user"


def password_key(name: str, reported: ReportedEndpoint) -> str:
    """The name under which its password is reported."""
    return reported.password_key or f"{name}_password"


def describe_credentials(environment: EnvironmentName, logins: Iterable[EndpointLogin]) -> SecretText:
    """A line for each URL, user and password."""
    return SecretText(parts=(f"# The logins of environment {environment}.\n", *_parts(logins)))


def _parts(logins: Iterable[EndpointLogin]) -> Iterator[str | SecretRef]:
    for each in logins:
        yield f"{each.name}_url: {each.url}\n"
        if each.reported.user and each.password:
            yield f"{user_key(each.name, each.reported)}: {each.reported.user}\n"
            yield f"{password_key(each.name, each.reported)}: "
            yield each.password
            yield "\n"
