"""What is asked of a whole subscription: groups, providers, usages, sizes, images, roles, quota.

Takes a request, gives a reply.
"""

import functools
import re
import uuid
from collections.abc import Callable
from typing import Any

from tests.support.azure import access, compute, network, policies, storage
from tests.support.azure.answers import Reply, Request
from tests.support.azure.catalogue import COMPUTE_USAGES, LOCATION, NETWORK_USAGES, disk_sku
from tests.support.azure.faults import Rule
from tests.support.azure.operations import Operations
from tests.support.azure.place import Place
from tests.support.azure.store import SUBSCRIPTION, Held, Json, Refusal, is_same, name_of

Handler = Callable[[Request, "re.Match[str]", Rule | None], Reply]


class Subscription:
    def __init__(self, place: Place, operations: Operations) -> None:
        self._place = place
        self._operations = operations
        sub, role = "/subscriptions/[^/]+", "(?P<scope>.*)/providers/Microsoft.Authorization"
        image = f"{sub}/providers/Microsoft.Compute/locations/[^/]+/publishers/(?P<p>[^/]+)/artifacttypes/vmimage/offers/(?P<o>[^/]+)/skus/(?P<s>[^/]+)/versions"  # noqa: E501
        self._table: list[tuple[str, str, Handler]] = [
            ("GET", "/subscriptions", self._subscriptions),
            ("GET", sub, self._subscriptions),
            ("GET", f"{sub}/locations", self._locations),
            ("PUT|PATCH", f"{sub}/resourceGroups/[^/]+", self._put_group),
            ("GET|HEAD", f"{sub}/resourceGroups/[^/]+", self._get_group),
            ("DELETE", f"{sub}/resourceGroups/[^/]+", self._delete_group),
            ("GET", f"{sub}/resourceGroups", self._list_groups),
            ("GET", f"{sub}/resourceGroups/[^/]+/resources", self._list_resources),
            ("GET", f"{role}/roleAssignments", self._list_roles),
            ("GET", f"{role}/roleDefinitions", self._list_definitions),
            ("PUT", f"{role}/roleDefinitions/(?P<name>[^/]+)", self._put_definition),
            ("PUT|GET|DELETE", f"{role}/roleAssignments/(?P<name>[^/]+)", self._role),
            ("GET", f"{role}/permissions", self._permissions),
            ("GET", f"{role}/locks", self._locks),
            ("GET", f"{sub}/providers/Microsoft.Compute/locations/[^/]+/usages", self._compute_usages),
            ("GET", f"{sub}/providers/Microsoft.Network/locations/[^/]+/usages", self._network_usages),
            ("GET", f"{sub}/providers/Microsoft.Network/locations/[^/]+/CheckDnsNameAvailability", self._check_label),
            ("GET", f"{sub}/providers/Microsoft.Compute/skus", self._skus),
            ("GET", image, self._images),
            ("GET", f"{image}/(?P<v>[^/]+)", self._image),
            ("POST", f"{sub}/providers/Microsoft.Storage/checkNameAvailability", self._check_name),
            ("PUT|PATCH", "(?P<scope>.*)/providers/Microsoft.Quota/quotas/(?P<name>[^/]+)", self._quota),
            ("GET", f"{sub}/providers/(?P<space>[^/]+)", self._provider),
            ("POST", f"{sub}/providers/(?P<space>[^/]+)/register", self._register),
            ("GET", "/logs/(?P<vm>[^/]+)", self._console),
        ]

    def answer(self, request: Request, rule: Rule | None) -> Reply:
        """By the table above."""
        for methods, pattern, handler in self._table:
            found = re.fullmatch(pattern, request.path, re.IGNORECASE)
            if found and request.method in methods.split("|"):
                return handler(request, found, rule)
        raise Refusal(404, "NotFound", f"The stand-in does not know {request.method} {request.path}.")

    def _subscriptions(self, request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        if request.path.count("/") > 1 and name_of(request.path) != SUBSCRIPTION:
            words = f"The subscription '{name_of(request.path)}' could not be found."
            raise Refusal(404, "SubscriptionNotFound", words)
        one = {"id": request.path, "subscriptionId": name_of(request.path), "displayName": "Test"}
        one["state"] = self._place.region.state
        return Reply(status=200, body=one if request.path.count("/") > 1 else {"value": [one]})

    def _locations(self, request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        names = ("westeurope", "westus2", "northeurope")
        return Reply(status=200, body={"value": [{"id": f"{request.path}/{name}", "name": name} for name in names]})

    def _put_group(self, request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        old = self._place.store.find(request.path)
        if old is None and request.body.get("location", "").replace(" ", "").lower() != LOCATION:
            place = request.body.get("location")
            raise Refusal(
                400, "LocationNotAvailableForResourceGroup", f"The provided location '{place}' is not available."
            )
        if old is not None and request.body.get("location", LOCATION) != old.body["location"]:
            words = f"Invalid resource group location. The Resource group already exists in location '{old.body['location']}'."  # noqa: E501
            raise Refusal(409, "InvalidResourceGroupLocation", words)
        policies.check(self._place, name_of(request.path), request.body)
        body = {
            "id": old.id if old else request.path,
            "name": name_of(request.path),
            "type": "Microsoft.Resources/resourceGroups",
            "location": LOCATION,
            "tags": request.body.get("tags", old.body["tags"] if old else {}),
            "properties": {"provisioningState": "Succeeded"},
        }
        self._place.store.put(Held(id=body["id"], body=body))
        return Reply(status=200 if old else 201, body=body)

    def _get_group(self, request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        self._operations.settle(self._place.store.find(request.path))
        held = self._place.store.find(request.path)
        if request.method == "HEAD":
            return Reply(status=204 if held else 404)
        return Reply(status=200, body=self._group(request.path).body)

    def _group(self, path: str) -> Held:
        held = self._place.store.find(path)
        if held is None:
            raise Refusal(404, "ResourceGroupNotFound", f"Resource group '{name_of(path)}' could not be found.")
        return held

    def _delete_group(self, request: Request, _found: "re.Match[str]", rule: Rule | None) -> Reply:
        held = self._group(request.path)
        held.body["properties"]["provisioningState"] = "Deleting"
        operation = self._operations.begin(held, rule, lambda: self._end_group(held))
        return Reply(status=202, headers=self._operations.headers(request, operation, "L"))

    def _end_group(self, held: Held) -> None:
        if self._place.store.operations[held.operation].error:
            return
        for vm in self._place.store.of_type(compute.VM):
            if vm.id.lower().startswith(held.id.lower() + "/"):
                self._place.later.append(functools.partial(self._place.observer.vm_deleted, vm.id))
        self._place.store.drop(held.id)

    def _list_groups(self, _request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        groups = self._place.store.of_type("Microsoft.Resources/resourceGroups")
        for group in groups:
            self._operations.settle(group)
        return Reply(status=200, body={"value": [one.body for one in groups if self._place.store.find(one.id)]})

    def _list_resources(self, request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        start = self._group(request.path.removesuffix("/resources")).id.lower() + "/providers/"
        inside = [one for key, one in self._place.store.held.items() if key.startswith(start)]
        fields = ("id", "name", "type", "location", "tags", "managedBy")
        unlisted = ("Microsoft.Resources/deployments", "Microsoft.Authorization/roleAssignments")
        listed = [one.body for one in inside if one.body["type"] not in unlisted]
        flat = [body for body in listed if body["id"].split("/providers/")[1].count("/") == 2]
        return Reply(status=200, body={"value": [{key: body[key] for key in fields if key in body} for body in flat]})

    def _list_roles(self, request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        wanted = re.fullmatch(r"principalId eq '(.*)'", request.query.get("$filter", ""))
        roles = [one.body for one in self._place.store.of_type("Microsoft.Authorization/roleAssignments")]
        mine = [one for one in roles if not wanted or one["properties"]["principalId"] == wanted[1]]
        scope = found["scope"].lower()
        here = [one for one in mine if scope.startswith(one["properties"]["scope"].lower())]
        below = [one for one in mine if one not in here and one["properties"]["scope"].lower().startswith(scope)]
        return Reply(status=200, body={"value": [*here, *below]})

    def _list_definitions(self, request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        wanted = re.fullmatch(r"roleName eq '(.*)'", request.query.get("$filter", ""))
        root = f"/subscriptions/{found['scope'].split('/')[2]}/providers/Microsoft.Authorization/roleDefinitions"
        known = access.definitions(self._place)
        chosen = [name for name in known if not wanted or name == wanted[1]]
        made = [{"id": f"{root}/{known[name]}", "properties": {"roleName": name}} for name in chosen]
        return Reply(status=200, body={"value": made})

    def _put_definition(self, request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        wanted = request.body["properties"]
        same = access.definitions(self._place).get(wanted["roleName"], found["name"])
        if same != found["name"]:
            words = f"A custom role with the name '{wanted['roleName']}' already exists."
            raise Refusal(409, "RoleDefinitionWithSameNameExists", words)
        body = {"id": request.path, "name": found["name"], "type": access.DEFINITION, "properties": wanted}
        self._place.store.put(Held(id=request.path, body=body))
        return Reply(status=201, body=body)

    def _role(self, request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        held = self._place.store.find(request.path)
        if request.method == "GET":
            if held is None:
                raise Refusal(404, "RoleAssignmentNotFound", f"The role assignment '{found['name']}' is not found.")
            return Reply(status=200, body=held.body)
        if request.method == "DELETE":
            self._place.store.drop(request.path)
            return Reply(status=200, body=held.body) if held else Reply(status=204)
        properties = {"scope": found["scope"], "principalType": "ServicePrincipal", **request.body["properties"]}
        self._check_role(request, properties)
        body = {"id": request.path, "name": found["name"], "type": "Microsoft.Authorization/roleAssignments"}
        body |= {"properties": properties}
        self._place.store.put(Held(id=request.path, body=body))
        return Reply(status=201, body=body)

    def _check_role(self, request: Request, properties: Json) -> None:
        if name_of(properties["roleDefinitionId"]) not in access.definitions(self._place).values():
            raise Refusal(400, "RoleDefinitionDoesNotExist", "The specified role definition does not exist.")
        if "/resourcegroups/" in properties["scope"].lower():
            self._group("/".join(properties["scope"].split("/")[:5]))
        principal = properties["principalId"]
        if self._place.region.unknown_principals.get(principal, 0) > 0:
            self._place.region.unknown_principals[principal] -= 1
            raise Refusal(400, "PrincipalNotFound", f"Principal {principal} does not exist in the directory.")
        for other in self._place.store.of_type("Microsoft.Authorization/roleAssignments"):
            there = other.body["properties"]
            same = all(is_same(there[key], properties[key]) for key in ("principalId", "roleDefinitionId", "scope"))
            if same:
                raise Refusal(409, "RoleAssignmentExists", "The role assignment already exists.")

    def _permissions(self, _request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        allowed = access.permissions(self._place, self._place.asking, found["scope"])
        return Reply(status=200, body={"value": [{**one, "dataActions": [], "notDataActions": []} for one in allowed]})

    def _locks(self, _request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        """Those at a scope and below it, as recorded."""
        kind = "Microsoft.Authorization/locks"
        listed = [
            {"id": f"{scope}/providers/{kind}/keep", "type": kind, "name": "keep", "properties": {"level": level}}
            for scope, level in self._place.region.locks.items()
            if f"{scope}/".lower().startswith(f"{found['scope']}/".lower())
        ]
        return Reply(status=200, body={"value": listed})

    def _compute_usages(self, _request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        used = {**compute.families_in_use(self._place), **compute.disks_in_use(self._place)}
        return Reply(status=200, body={"value": [self._usage(name, used.get(name, 0)) for name in COMPUTE_USAGES]})

    def _network_usages(self, _request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        addresses = len(self._place.store.of_type("Microsoft.Network/publicIPAddresses"))
        used = {"PublicIPAddresses": addresses, "StandardSkuPublicIpAddresses": addresses}
        extra = self._place.region.extra_use
        usages = [self._usage(name, used.get(name, 0) + extra.get(name, 0)) for name in NETWORK_USAGES]
        return Reply(status=200, body={"value": usages})

    def _usage(self, name: str, used: int) -> Json:
        limit = self._place.region.limits[name]
        return {"unit": "Count", "currentValue": used, "limit": limit, "name": {"value": name, "localizedValue": name}}

    def _skus(self, _request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        region = self._place.region
        sizes = [size.sku(name) for name, size in region.sizes.items()]
        return Reply(status=200, body={"value": [*sizes, *map(disk_sku, region.disk_types)]})

    def _versions(self, found: "re.Match[str]") -> dict[str, str]:
        for key, versions in self._place.region.images.items():
            if tuple(word.lower() for word in key) == (found["p"].lower(), found["o"].lower(), found["s"].lower()):
                return versions
        words = f"Artifact: VMImage was not found for {found['p']}:{found['o']}:{found['s']}."
        raise Refusal(404, "NotFound", words)

    def _images(self, request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        names = sorted(self._versions(found), reverse="desc" in request.query.get("$orderby", ""))
        names = names[: int(request.query.get("$top", "100"))]
        return Reply(
            status=200, body=[{"location": LOCATION, "name": one, "id": f"{request.path}/{one}"} for one in names]
        )

    def _image(self, request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        versions = self._versions(found)
        if found["v"] not in versions:
            raise Refusal(404, "NotFound", f"Artifact: VMImage version {found['v']} was not found.")
        properties = {
            "osDiskImage": {"operatingSystem": "Linux"},
            "architecture": versions[found["v"]],
            "hyperVGeneration": "V2",
        }
        body = {"location": LOCATION, "name": found["v"], "id": request.path, "properties": properties}
        return Reply(status=200, body=body)

    def _check_name(self, request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        return Reply(status=200, body=storage.check_name(self._place, request.body["name"]))

    def _check_label(self, request: Request, _found: "re.Match[str]", _rule: Rule | None) -> Reply:
        return Reply(
            status=200, body={"available": network.is_label_free(self._place, request.query["domainnamelabel"])}
        )

    def _quota(self, request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        limit = request.body["properties"]["limit"]["value"]
        name = f"{found['scope']}/providers/Microsoft.Quota/quotaRequests/{uuid.uuid4()}"
        body: dict[str, Any] = {"id": name, "name": name_of(name), "type": "Microsoft.Quota/quotaRequests"}
        body |= {"properties": {"provisioningState": "Accepted", "message": f"{found['name']} to {limit}"}}
        self._place.store.put(Held(id=name, body=body))
        return Reply(status=202, body=None, headers={"Location": f"{request.base}{name}"})

    def _provider(self, _request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        providers = self._place.region.providers
        name = next((one for one in providers if one.lower() == found["space"].lower()), found["space"])
        state = providers.get(name, "NotRegistered")
        if state == "Registering":
            providers[name] = "Registered"
        return Reply(status=200, body={"namespace": name, "registrationState": state, "resourceTypes": []})

    def _register(self, _request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        self._place.region.providers[found["space"]] = "Registering"
        return Reply(status=200, body={"namespace": found["space"], "registrationState": "Registering"})

    def _console(self, request: Request, found: "re.Match[str]", _rule: Rule | None) -> Reply:
        vm = next(one for one in self._place.store.of_type(compute.VM) if one.body["name"] == found["vm"])
        log = self._place.observer.console_log(vm.id) or f"{found['vm']} booted\nlogin:\n"
        return Reply(status=200, body=log)
