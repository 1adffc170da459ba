"""Whether subscription, permissions, providers and resource group let anything be made at all.

Takes a plan, asks Azure, gives findings.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cpi.clouds.azure.landing.arm_parts import PROVIDERS
from cpi.clouds.azure.preflight import findings, permissions
from cpi.clouds.azure.wire import config, ownership
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import DeniedError
from cpi.contract.values import Finding, PreflightRequest
from cpi.kit import judge

Json = Mapping[str, Any]
_AUTHORIZATION = "providers/Microsoft.Authorization"
_REGISTERED = ("Registered", "Registering")


class AccountChecks:
    def __init__(self, api: Api, settings: config.AzureConfig, places: ResourcePaths, *, environment: str) -> None:
        self._api = api
        self._settings = settings
        self._places = places
        self._environment = environment

    def location(self) -> list[Finding]:
        """A region that there is, and where the environment's own group is; blanks and capitals do not count."""
        wanted = self._settings.location
        known = [str(one["name"]) for one in self._api.list(f"{self._places.root()}/locations")]
        if known and _plain(wanted) not in known:
            return [judge.unknown_name("location", wanted, known, where="The subscription", setting="`location`")]
        group = None if self._settings.resource_group_name else self._api.get(self._places.scope())
        if group is None or _plain(str(group["location"])) == _plain(wanted):
            return []
        return [findings.of_group_elsewhere(self._places.group, str(group["location"]), wanted)]

    def providers(self) -> list[Finding]:
        """`up` registers what is missing, unless it works in a group that it was given."""
        is_fatal = bool(self._settings.resource_group_name)
        return [
            judge.unregistered(one, fix=f"Run `az provider register --namespace {one} --wait`.", is_fatal=is_fatal)
            for one in self._unregistered()
        ]

    def permissions(self, request: PreflightRequest) -> list[Finding]:
        """In the group; where `up` is to make the group, in the whole subscription."""
        scope, needed, root = self._places.scope(), permissions.needed(request, self._settings), self._places.root()
        if self._api.get(scope) is None:
            if self._settings.resource_group_name:
                return []
            missing = [permissions.registering(provider) for provider in self._unregistered()]
            scope, needed = root, (*permissions.GROUP_ACTIONS, *missing, *needed)
        allowed = self._api.list(f"{scope}/{_AUTHORIZATION}/permissions")
        lacking = permissions.lacking(needed, allowed)
        fix = (
            "Run `compleat azure create-principal` for the environment, or "
            f"`az role assignment create --role Contributor --assignee CLIENT_ID --scope {scope}`."
        )
        why = f"Azure grants no more on {scope}."
        return list(judge.permissions(lacking, who="The principal", why=why, fix=fix))

    def group(self) -> list[Finding]:
        """Named and gone, about to go, somebody else's, or locked."""
        name, group = self._settings.resource_group_name, self._api.get(self._places.scope())
        found = [*self._locked()]
        if group is None:
            return [*found, findings.of_group(name, self._settings.location)] if name else found
        if str(group["properties"].get("provisioningState")) == "Deleting":
            found.append(findings.of_group_going(self._places.group))
        return found if name else [*found, *judge.each([group], lambda one: ownership.require(one, self._environment))]

    def _locked(self) -> Iterator[Finding]:
        scopes = (f"{self._places.root()}/{_AUTHORIZATION}/locks/".lower(), f"{self._places.scope()}/".lower())
        for lock in self._locks():
            if str(lock["id"]).lower().startswith(scopes):
                yield findings.of_lock(str(lock["id"]), str(lock["properties"]["level"]))

    def _locks(self) -> Sequence[Json]:
        """Of the whole subscription; who may look at the group alone sees those of the group."""
        try:
            return self._api.list(f"{self._places.root()}/{_AUTHORIZATION}/locks")
        except DeniedError:
            return self._api.list(f"{self._places.scope()}/{_AUTHORIZATION}/locks")

    def _unregistered(self) -> list[str]:
        root = self._places.root()
        states = {one: (self._api.get(f"{root}/providers/{one}") or {}).get("registrationState") for one in PROVIDERS}
        return [provider for provider, state in states.items() if state not in _REGISTERED]


def _plain(location: str) -> str:
    return location.replace(" ", "").lower()
