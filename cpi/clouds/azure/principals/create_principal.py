"""`compleat azure create-principal`: from a person's sign-in to a principal that works, written to a file.

Takes a call, gives what to run. Killed anywhere and called again it continues: the application and its roles have names
derived from the environment; a secret that was created but not saved is named in `FILE.begun`, and removed.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from cpi.clouds.azure.connect import connect_api
from cpi.clouds.azure.landing.landing_zone import AzureLanding
from cpi.clouds.azure.preflight import findings
from cpi.clouds.azure.principals import principals
from cpi.clouds.azure.principals.directory import Directory
from cpi.clouds.azure.principals.principal_order import Order, read_order
from cpi.clouds.azure.principals.principals import Application
from cpi.clouds.azure.roles.propagation import PropagationPatience, persist
from cpi.clouds.azure.roles.roles import Grant, Roles
from cpi.clouds.azure.wire import credential_kinds, credentials, ownership, principal_file, sign_in_failures
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.pipeline import Address
from cpi.clouds.azure.wire.principal_file import BegunFile, Principal, UnfinishedSecrets
from cpi.contract.commands import CommandCall, CommandResult, Run
from cpi.contract.errors import CloudError, ConflictError, DeniedError, NotFoundError, Retry, TransientError
from cpi.contract.json_value import JsonValue
from cpi.contract.value_classes import dataclass
from cpi.kit.operation_clock import OperationClock, system_clock

T = TypeVar("T")
_DIRECTORY_S = 180.0
"""How long a new application, principal or assignment may stay unknown to Microsoft's other servers."""
_TRIAL_S = 600.0
"""Azure says that a role may take up to ten minutes to be in force."""
_SOON_DAYS = 14
"""A secret that lives no longer is replaced; preflight warns a week before the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a person who signed in works with. `definitions` are the ids of the order's roles."""

    order: Order
    arm: Api
    directory: Directory
    clock: OperationClock
    report: Callable[[str], None]
    definitions: tuple[str, ...] = ()


def prepare(call: CommandCall) -> Run:
    """Check, sign in, look; makes nothing but a token. Raises CloudError."""
    order = read_order(call)
    saved = principal_file.find(order.path)
    signed_in = _sign_in(order, call.report)
    _check_clock(signed_in)
    _check_group(signed_in)
    roles = Roles(signed_in.arm)
    definitions = tuple(roles.definition(role, scope) for role, scope in order.grants)
    found = _sure(signed_in, lambda: signed_in.directory.find_application(order.name, order.tags))
    if saved is not None and (found is None or saved.client_id != found.app_id):
        raise _foreign_file(order, saved)
    return _PrincipalMaker(replace(signed_in, definitions=definitions)).run


class _PrincipalMaker:
    def __init__(self, signed_in: SignedIn) -> None:
        self._signed_in = signed_in
        self._order = signed_in.order
        self._made: list[str] = []

    def run(self) -> CommandResult:
        with principal_file.holding(self._order.path) as held:
            self._make_group()
            application = self._make_application()
            principal_id = self._make_principal(application)
            self._give_roles(principal_id)
            principal = self._make_secret(application, held)
            self._try(principal)
            self._settle(application, principal, held)
        return _result(self._order, principal, principal_id, made=self._made)

    def _make_group(self) -> None:
        order = self._order
        if not order.is_of_group or order.settings.resource_group_name:
            return
        landing = AzureLanding(self._signed_in.arm, order.settings, order.places, environment=order.environment)
        is_new = self._signed_in.arm.get(order.places.scope()) is None
        _sure(self._signed_in, landing.create_group)
        self._note(f"resource group '{order.places.group}'" if is_new else "")

    def _make_application(self) -> Application:
        order, directory = self._order, self._signed_in.directory
        found = _sure(self._signed_in, lambda: directory.find_application(order.name, order.tags))
        if found is not None:
            return found
        made = _sure(self._signed_in, lambda: directory.make_application(order.unique_name, order.name, order.tags))
        self._note(f"application '{order.name}'")
        return made

    def _make_principal(self, application: Application) -> str:
        directory = self._signed_in.directory
        found = _sure(self._signed_in, lambda: directory.find_principal(application.app_id))
        if found:
            return found
        made = _sure(self._signed_in, lambda: directory.make_principal(application.app_id))
        self._note("service principal")
        return made

    def _give_roles(self, principal_id: str) -> None:
        for (role, scope), definition in zip(self._order.grants, self._signed_in.definitions, strict=True):
            self._give_role(Grant(role=role, scope=scope, definition_id=definition, principal_id=principal_id))

    def _give_role(self, grant: Grant) -> None:
        roles = Roles(self._signed_in.arm)
        if not _sure(self._signed_in, lambda: roles.is_given(grant)):
            _sure(self._signed_in, lambda: roles.give(grant))
            self._note(f"role {grant.role} on {grant.scope}")

    def _make_secret(self, application: Application, held: BegunFile) -> Principal:
        """The saved one while it is valid; else a new one, named on disk before the request.

        One whose answer was lost can never be read again; it has the same name, so `_settle` removes it.
        """
        saved = principal_file.find(self._order.path)
        now_s = self._signed_in.clock.wall_s()
        there = _sure(self._signed_in, lambda: self._signed_in.directory.read_application(application))
        keys = [secret.key_id for secret in there.secrets]
        least_days = min(_SOON_DAYS, self._order.days - 1)
        if saved and saved.key_id in keys and principals.is_lasting(saved.expires, now_s=now_s, days=least_days):
            return saved
        name = f"compleat-{secrets.token_hex(8)}"
        old = (saved.key_id,) if saved is not None and saved.key_id else ()
        held.note(UnfinishedSecrets(names=(*held.begun.names, name), replaced=(*held.begun.replaced, *old)))
        body = principals.render_secret(name, now_s=now_s, days=self._order.days)
        made = _sure(self._signed_in, lambda: self._signed_in.directory.add_secret(application, body))
        principal = Principal(
            client_id=application.app_id,
            client_secret=made.text,
            tenant_id=self._order.settings.tenant_id,
            key_id=made.key_id,
            expires=made.expires,
        )
        principal_file.save(self._order.path, principal)
        self._note("secret")
        return principal

    def _try(self, principal: Principal) -> None:
        """Sign in as the principal and read where its roles hold, until all of Azure has heard of it."""
        signed_in = self._signed_in
        patience = PropagationPatience(signed_in.clock, _TRIAL_S)
        try:
            persist(
                lambda: _look_as(signed_in, principal),
                patience=patience,
                is_early=_is_early_trial,
                on_wait=lambda: signed_in.report("Waiting until the new principal works; this may take some minutes."),
            )
        except CloudError as error:
            if not _is_early_trial(error):
                raise
            raise TransientError(
                "principal-not-ready",
                f"The principal was created and saved, but does not work after {_TRIAL_S / 60:.0f} minutes.",
                why=error.why,
                fix="Run the same command again in some minutes: it continues.",
            ) from error

    def _settle(self, application: Application, principal: Principal, held: BegunFile) -> None:
        """Remove what was made and never saved, and what the saved secret took the place of."""
        begun = held.begun
        if begun != UnfinishedSecrets():
            self._remove(
                application,
                lambda each: (
                    each.key_id != principal.key_id and (each.name in begun.names or each.key_id in begun.replaced)
                ),
            )
        held.note(UnfinishedSecrets())

    def _remove(self, application: Application, is_wanted: Callable[[principals.Secret], bool]) -> None:
        directory = self._signed_in.directory
        for secret in _sure(self._signed_in, lambda: directory.read_application(application)).secrets:
            if is_wanted(secret):
                _sure(self._signed_in, partial(directory.remove_secret, application, secret.key_id))

    def _note(self, made: str) -> None:
        if made:
            self._made.append(made)
            self._signed_in.report(f"Made: {made}.")


def _sign_in(order: Order, report: Callable[[str], None]) -> SignedIn:
    """One sign-in for both: the token for Graph comes without asking again."""
    clock, where = system_clock(), order.settings.where()
    chosen = order.settings.credentials
    client_id = (
        chosen.client_id
        if isinstance(chosen, credential_kinds.DeviceCode)
        else credential_kinds.DeviceCode(kind="device_code").client_id
    )
    person = credentials.device_code(order.settings, client_id, report)
    graph_scope = where.graph_scope or f"{where.graph.rstrip('/')}/.default"
    graph = Api(
        Address(url=where.graph, scope=graph_scope, ca_file=where.ca_file), person, clock=clock, limit_s=_DIRECTORY_S
    )
    arm = connect_api(order.settings, person, clock, tags=order.environment_tags)
    return SignedIn(order=order, arm=arm, directory=Directory(graph), clock=clock, report=report)


def _check_clock(signed_in: SignedIn) -> None:
    """The first call: whether the person is let in, and what the time is there."""
    answer = signed_in.arm.ask(signed_in.order.places.root())
    for found in findings.check_skew(answer.headers, now_s=signed_in.clock.wall_s()):
        raise CloudError("clock-skew", found.what, why=found.why, fix=found.fix)


def _check_group(signed_in: SignedIn) -> None:
    order = signed_in.order
    there = signed_in.arm.get(order.places.scope()) if order.is_of_group else None
    name = order.settings.resource_group_name
    if there is None and order.is_of_group and name:
        missing = findings.of_group(name, order.settings.location)
        raise NotFoundError("unknown-resource-group", missing.what, why=missing.why, fix=missing.fix)
    if there is not None and not name:
        ownership.require(there, order.environment)


def _look_as(signed_in: SignedIn, principal: Principal) -> None:
    """With a credential of its own each time: the library would give an old refusal again."""
    chosen = credential_kinds.ClientSecret.model_validate(
        {"kind": "client_secret", "client_id": principal.client_id, "client_secret": principal.client_secret}
    )
    settings = signed_in.order.settings.model_copy(update={"credentials": chosen})
    api = connect_api(settings, credentials.make_credential(settings, signed_in.report), signed_in.clock, tags={})
    for _, scope in signed_in.order.grants:
        api.ask(scope)


def _is_early_trial(error: CloudError) -> bool:
    is_new = isinstance(error, DeniedError) and (sign_in_failures.is_early(error) or error.code == "not-authorized")
    return is_new or error.retry is not Retry.NEVER


def _is_early(error: CloudError) -> bool:
    """What failed on the way, or is not known everywhere yet."""
    return isinstance(error, NotFoundError) or error.retry is not Retry.NEVER


def _sure(signed_in: SignedIn, call: Callable[[], T]) -> T:
    """A call that may be repeated, repeated while that may help."""
    return persist(
        call,
        patience=PropagationPatience(signed_in.clock, _DIRECTORY_S),
        is_early=_is_early,
        on_wait=lambda: signed_in.report("Waiting for Azure ..."),
    )


def _foreign_file(order: Order, saved: Principal) -> ConflictError:
    return ConflictError(
        "principal-file-taken",
        f"The file '{order.path}' contains another principal: {saved.client_id}.",
        why="It is not this environment's application, and compleat never overwrites a secret.",
        fix="Move the file, or choose another with `--file`.",
    )


def _result(order: Order, principal: Principal, principal_id: str, *, made: list[str]) -> CommandResult:
    lines = [f"  principal   {order.name} ({principal.client_id})"]
    lines += [f"  role        {role} on {scope}" for role, scope in order.grants]
    lines += [f"  secret      in {order.path}, valid until {principal.expires[:10]}", ""]
    done = "It was created, and it works." if made else "Everything existed already, and it works."
    lines.append(f"{done} Next: `compleat up -e {order.environment}`.")
    data: dict[str, JsonValue] = {
        "client_id": principal.client_id,
        "principal_id": principal_id,
        "name": order.name,
        "tenant_id": order.settings.tenant_id,
        "file": order.path,
        "expires": principal.expires,
        "roles": [{"role": role, "scope": scope} for role, scope in order.grants],
        "made": list(made),
    }
    return CommandResult(lines=tuple(lines), data=data)
