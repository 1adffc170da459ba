"""What Azure and this machine know before an environment is written: logins, subscriptions, locations.

Takes a SetupCall, gives suggestions. Nothing is created.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cpi.clouds.azure.connect import connect_api
from cpi.clouds.azure.wire import config, principal_file
from cpi.clouds.azure.wire.credentials import make_credential
from cpi.contract.json_value import JsonValue
from cpi.contract.setup import AnswerChoice, SetupCall, Suggest, Suggestions
from cpi.kit.operation_clock import system_clock

_PRINCIPAL = "~/.compleat/azure-principal.json"
_SOMEWHERE = "westeurope"
"""A location for the settings, which need one, before the question is answered."""


def suggest_login(call: SetupCall) -> Suggestions:
    """The ways to sign in; the default is one that this machine has."""
    path = str(call.hints.get("principalFile") or _PRINCIPAL)
    has_file, users = principal_file.place_of(path).is_file(), _users(call)
    create = f"`compleat azure create-principal -e {call.environment}`"
    choices = (
        AnswerChoice(
            value="file", label=f"the service principal of {path}" + ("" if has_file else f", which {create} creates")
        ),
        AnswerChoice(value="cli", label=f"{users[0]}, the user of `az login`" if users else "the user of `az login`"),
        AnswerChoice(value="environment", label="the variables AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID"),
        AnswerChoice(value="managed_identity", label="the identity of the Azure VM that compleat runs on"),
    )
    is_in_variables = bool(os.environ.get("AZURE_CLIENT_ID"))
    default = "file" if has_file else "environment" if is_in_variables else "cli" if users else "file"
    note = "" if has_file or users or is_in_variables else f"No login was found on this machine; {create} creates one."
    return Suggestions(choices=choices, default=default, is_closed=True, note=note)


def suggest_subscription(call: SetupCall) -> Suggestions:
    """The subscriptions of `az login`; the default is the one that is selected there."""
    listed = _subscriptions(call)
    choices = tuple(AnswerChoice(value=str(one["id"]), label=str(one.get("name") or "")) for one in listed)
    selected = [str(one["id"]) for one in listed if one.get("isDefault")]
    default = selected[0] if selected else str(listed[0]["id"]) if listed else os.environ.get("AZURE_SUBSCRIPTION_ID")
    return Suggestions(choices=choices, default=default)


def suggest_tenant(call: SetupCall) -> Suggestions:
    """The tenant of the subscription, where `az login` knows it."""
    chosen = str(call.properties.get("subscription_id") or "").lower()
    known = [str(one.get("tenantId")) for one in _subscriptions(call) if str(one["id"]).lower() == chosen]
    return Suggestions(default=known[0] if known else os.environ.get("AZURE_TENANT_ID"))


def suggest_location(call: SetupCall) -> Suggestions:
    """The locations that the subscription has. Raises CloudError."""
    known: dict[str, JsonValue] = {name: value for name, value in call.properties.items() if name != "public_sources"}
    settings = config.read_config({**known, "location": known.get("location") or _SOMEWHERE})
    credential = make_credential(settings, lambda _: None)
    api = connect_api(settings, credential, system_clock(), tags={})
    names = sorted(str(one["name"]) for one in api.list(f"/subscriptions/{settings.subscription_id}/locations"))
    default = _SOMEWHERE if _SOMEWHERE in names else names[0] if names else None
    return Suggestions(
        choices=tuple(AnswerChoice(value=name) for name in names), default=default, is_closed=bool(names)
    )


def _users(call: SetupCall) -> Sequence[str]:
    """Who is signed in by the Azure CLI."""
    users = [(one.get("user") or {}).get("name") for one in _subscriptions(call)]
    return [str(name) for name in users if name]


def _subscriptions(call: SetupCall) -> Sequence[Mapping[str, Any]]:
    """The subscriptions that the Azure CLI is signed in to, from its own file."""
    folder = os.environ.get("AZURE_CONFIG_DIR") or str(Path(call.user_home, ".azure"))
    try:
        read = json.loads(Path(folder, "azureProfile.json").read_text(encoding="utf-8-sig"))
        return [one for one in read["subscriptions"] if isinstance(one, dict) and one.get("id")]
    except (OSError, ValueError, KeyError, TypeError):
        return []


SOURCES: Mapping[str, Suggest] = MappingProxyType(
    {
        "login": suggest_login,
        "subscription": suggest_subscription,
        "tenant": suggest_tenant,
        "location": suggest_location,
    }
)
