"""The stand-in's Resource Manager, which answers requests.

Takes a request and the fault rule for it, gives a reply. One lock around each answer; observers are called outside it.
"""

import copy
import uuid
from collections.abc import Callable

from tests.support.azure import access, compute, listing, pages, policies, security_groups, storage
from tests.support.azure.answers import Reply, Request, Target, read_target
from tests.support.azure.deployments import DEPLOYMENT, Deployments
from tests.support.azure.faults import Rule
from tests.support.azure.kinds import KINDS, Kind
from tests.support.azure.login import Login
from tests.support.azure.operations import Operations
from tests.support.azure.place import Change, Place
from tests.support.azure.store import SUBSCRIPTION, Held, Json, Refusal
from tests.support.azure.subscription import Subscription


class Arm:
    def __init__(self, place: Place, login: Login) -> None:
        self.place = place
        self.operations = Operations(place)
        self._login = login
        self._subscription = Subscription(place, self.operations)
        self._deployments = Deployments(place.store, self._put_whole)

    def answer(self, request: Request, rule: Rule | None) -> Reply:
        """The reply to one request; every refusal becomes an answer."""
        try:
            with self.place.store.lock:
                reply = self._answer(request, rule)
                later, self.place.later = self._inbound(request) + self.place.later, []
                reply = copy.deepcopy(reply)
        except Refusal as refusal:  # also of what has ended since, and is not there any more
            reply = Reply(status=refusal.status, body=refusal.body)
            with self.place.store.lock:
                later, self.place.later = self.place.later, []
        for report in later:
            report()
        reply.headers.setdefault("x-ms-request-id", str(uuid.uuid4()))
        return reply

    def _inbound(self, request: Request) -> list[Callable[[], None]]:
        """Report the allowed traffic, after each change that may affect it."""
        if request.method == "GET" or "/microsoft.network/" not in request.path.lower():
            return []
        inbound = security_groups.read_inbound(self.place.store)
        return [lambda: self.place.observer.inbound_changed(inbound)]

    def _answer(self, request: Request, rule: Rule | None) -> Reply:
        if not request.path.startswith("/logs/"):
            self.place.asking = access.check(self.place, self._login, request)
            access.check_locks(self.place, request)
        found = self.operations.answer(request) or self._deployments.list_operations(request)
        if found is not None:
            return found
        target = read_target(request)
        if request.path.lower().endswith(f"{SUBSCRIPTION}/providers/{compute.VM}".lower()):
            return self._list_status(request)
        if target is None or "Microsoft.Authorization".lower() in request.path.lower():
            return self._subscription.answer(request, rule)
        return self._resource(request, target, rule)

    def _resource(self, request: Request, target: Target, rule: Rule | None) -> Reply:
        if target.kind.lower() == storage.CONTAINER.lower():
            return storage.answer_container(self.place, request, target)
        if target.kind.lower().startswith(DEPLOYMENT.lower()):
            self.operations.settle(self.place.store.find(target.scope))
            self.place.store.need(target.scope, code="ResourceGroupNotFound")
            return self._deployments.answer(request, target)
        kind = KINDS.get(target.kind.lower())
        if kind is None:
            raise Refusal(404, "InvalidResourceType", f"The resource type '{target.kind}' could not be found.")
        self.operations.settle(self.place.store.find(target.scope))
        self.place.store.need(target.scope, code="ResourceGroupNotFound")
        if target.is_list:
            return self._list(request, target, kind)
        match request.method:
            case "PUT":
                return self._put(request, target, kind, rule)
            case "PATCH":
                return self._patch(request, target, kind, rule)
            case "DELETE":
                return self._delete(request, target, kind, rule)
            case "POST":
                return self._act(request, target, rule)
        return self._get(request, target, kind)

    def _put_whole(self, request: Request) -> Reply:
        """A resource of a deployment, with the end of its operation."""
        target = read_target(request)
        assert target is not None
        reply = self._resource(request, target, None)
        held = self.place.store.find(target.id)
        self.operations.settle(held)
        return reply

    def _put(self, request: Request, target: Target, kind: Kind, rule: Rule | None) -> Reply:
        self._check_write(target, request)
        old = self.place.store.find(target.id)
        if old and request.headers.get("if-none-match") == "*":
            raise Refusal(412, "PreconditionFailed", "The resource exists.")
        if old is None and "location" not in request.body and "/subnets/" not in target.id:
            raise Refusal(400, "LocationRequired", "The location property is required for this definition.")
        if "/subnets/" not in target.id:
            policies.check(self.place, target.name, request.body)
        return self._write(request, kind, rule, _change(target, request.body, old))

    def _patch(self, request: Request, target: Target, kind: Kind, rule: Rule | None) -> Reply:
        self._check_write(target, request)
        old = self.place.store.need(target.id, code="NotFound" if "Compute" in target.id else "ResourceNotFound")
        return self._write(
            request, kind, rule, _change(target, _merge(old.body, request.body or {}), old), is_patch=True
        )

    def _write(
        self, request: Request, kind: Kind, rule: Rule | None, change: Change, *, is_patch: bool = False
    ) -> Reply:
        kind.put(self.place, change)
        old = change.old
        status, which = kind.new if old is None else kind.old
        if is_patch and kind.type == compute.VM:
            status, which = 200, "A"
        body = {"id": change.id, "name": change.name, "type": kind.type, **change.body}
        if "/subnets/" not in change.id and old is not None:
            body.setdefault("location", old.body.get("location"))
        held = Held(id=change.id, body=body, hidden={**(old.hidden if old else {}), **change.hidden})
        self.place.store.put(held)
        if not which:
            body["properties"]["provisioningState"] = "Succeeded"
            self.place.later += change.after
            if "availabilitySets" in kind.type or "Identit" in kind.type:
                body["properties"].pop("provisioningState")
            return Reply(status=status, body=self._shown(kind, held))
        state = "Creating" if old is None else "Updating"
        body["properties"]["provisioningState"] = state
        operation = self.operations.begin(held, rule, lambda: self._finish(kind, held))
        self.operations.after[operation.id] = change.after
        shown = None if kind.is_body_late else self._shown(kind, held)
        return Reply(status=status, body=shown, headers=self.operations.headers(request, operation, which))

    def _finish(self, kind: Kind, held: Held) -> Json | None:
        operation = self.place.store.operations[held.operation]
        held.body["properties"]["provisioningState"] = "Failed" if operation.error else "Succeeded"
        if operation.error and kind.type == compute.VM:
            held.hidden["power"] = "unknown"
        return self._shown(kind, held)

    def _delete(self, request: Request, target: Target, kind: Kind, rule: Rule | None) -> Reply:
        held = self.place.store.find(target.id)
        if held is None:
            return Reply(status=204)
        self.operations.settle(held)
        kind.check_delete(self.place, held)
        status, which = kind.delete
        if not which:
            self.place.store.drop(held.id)
            return Reply(status=status)
        held.body["properties"]["provisioningState"] = "Deleting"
        operation = self.operations.begin(held, rule, lambda: self._drop(kind, held))
        return Reply(status=status, headers=self.operations.headers(request, operation, which))

    def _drop(self, kind: Kind, held: Held) -> Json | None:
        if self.place.store.operations[held.operation].error:
            held.body["properties"]["provisioningState"] = "Failed"
            return None
        kind.on_delete(self.place, held)
        self.place.store.drop(held.id)
        if kind.type == compute.VM:
            self.place.later.append(lambda: self.place.observer.vm_deleted(held.id))
        return None

    def _act(self, request: Request, target: Target, rule: Rule | None) -> Reply:
        held = self.place.store.need(target.id)
        self.operations.settle(held)
        action = target.action.lower()
        if action == "listkeys":
            return Reply(status=200, body=storage.keys(held.id))
        if action in ("begingetaccess", "endgetaccess"):
            body = request.body or {}
            operation = self.operations.begin(held, rule, lambda: pages.change_access(self.place, held, action, body))
            return Reply(status=202, headers=self.operations.headers(request, operation, "AL"))
        if action == "retrievebootdiagnosticsdata":
            log = f"{request.base}/logs/{held.body['name']}?sig=secret"
            return Reply(status=200, body={"serialConsoleLogBlobUri": log})
        if action not in _POWER:
            raise Refusal(400, "InvalidRequestUri", f"There is no action '{target.action}'.")
        operation = self.operations.begin(held, rule, lambda: self._set_power(held, action))
        return Reply(status=202, headers=self.operations.headers(request, operation, "AL"))

    def _set_power(self, held: Held, action: str) -> None:
        if self.place.store.operations[held.operation].error:
            return
        before, held.hidden["power"] = held.hidden.get("power"), _POWER[action]
        if action == "restart":
            self.place.later.append(lambda: self.place.observer.vm_restarted(held.id))
        elif action == "start" and before != "running":
            facts = compute.vm_facts(self.place, held.id)
            self.place.later.append(lambda: self.place.observer.vm_started(facts))
        elif action != "start" and before == "running":
            self.place.later.append(lambda: self.place.observer.vm_stopped(held.id))

    def _get(self, request: Request, target: Target, kind: Kind) -> Reply:
        if target.parent and self.place.store.find(target.parent) is None:
            raise Refusal(404, "ParentResourceNotFound", f"The parent resource '{target.parent}' was not found.")
        held = self.place.store.need(target.id)
        if not self.operations.is_stuck(held):
            self.operations.settle(held)
        if self.place.store.find(target.id) is None:
            raise Refusal(404, "ResourceNotFound", f"The Resource '{target.id}' was not found.")
        if target.action:
            return Reply(status=200, body=compute.instance_view(held))
        return Reply(status=200, body=self._with_view(request, self._shown(kind, held), held))

    def _list(self, request: Request, target: Target, kind: Kind) -> Reply:
        start = (target.id or target.scope).lower() + "/"
        found = [one for one in self.place.store.of_type(kind.type) if one.id.lower().startswith(start)]
        for held in found:
            self.operations.settle(held)
        found = [one for one in found if self.place.store.find(one.id)]
        return listing.page(request, found, lambda held: self._shown(kind, held))

    def _list_status(self, request: Request) -> Reply:
        """The run-time status of the subscription's VMs; groups' names come in capitals there."""
        found = self.place.store.of_type(compute.VM)
        for held in found:
            self.operations.settle(held)
        return listing.page(request, self.place.store.of_type(compute.VM), compute.show_status)

    def _with_view(self, request: Request, body: Json, held: Held) -> Json:
        if "instanceview" not in request.query.get("$expand", "").lower():
            return body
        return {**body, "properties": {**body["properties"], "instanceView": compute.instance_view(held)}}

    def _shown(self, kind: Kind, held: Held) -> Json:
        return kind.show(self.place, held) if kind.show else held.body

    def _check_write(self, target: Target, request: Request) -> None:
        state = self.place.region.providers.get(target.space, "NotRegistered")
        if state != "Registered":
            words = f"The subscription is not registered to use namespace '{target.space}'."
            raise Refusal(409, "MissingSubscriptionRegistration", words)
        if not isinstance(request.body, dict):
            raise Refusal(400, "InvalidRequestContent", "The request content was invalid.")
        if target.parent and self.place.store.find(target.parent) is None:
            words = (
                f"Can not perform requested operation on nested resource. Parent resource '{target.parent}' not found."
            )
            raise Refusal(404, "ParentResourceNotFound", words)
        held = self.place.store.find(target.id)
        if self.operations.is_stuck(held):
            raise Refusal(
                409, "AnotherOperationInProgress", "Another operation on this or dependent resource is in progress."
            )
        self.operations.settle(held)


_POWER = {"start": "running", "restart": "running", "poweroff": "stopped", "deallocate": "deallocated"}


def _change(target: Target, body: Json, old: Held | None) -> Change:
    clean = {key: value for key, value in copy.deepcopy(body).items() if key not in ("id", "name", "type")}
    return Change(id=old.id if old else target.id, scope=target.scope, name=target.name, body=clean, old=old)


def _merge(old: Json, new: Json) -> Json:
    merged = dict(old)
    for key, value in new.items():
        is_both = isinstance(value, dict) and isinstance(merged.get(key), dict) and key != "tags"
        merged[key] = _merge(merged[key], value) if is_both else value
    return merged
