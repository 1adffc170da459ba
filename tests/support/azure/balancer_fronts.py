"""Front ends and rules of load balancers, as Azure's network provider checks and fills them in.

Takes the place and a body, changes it, refuses as Azure does.
"""

from collections.abc import Iterator

from tests.support.azure import ip_configurations
from tests.support.azure.ip_configurations import NIC
from tests.support.azure.place import Change, Place
from tests.support.azure.store import Held, Json, Refusal, is_same

BALANCER = "Microsoft.Network/loadBalancers"
_ADDRESS = "Microsoft.Network/publicIPAddresses"


def settle(place: Place, change: Change) -> None:
    """Each front is a public address that there is, or an address of a subnet; ports of a front are used once."""
    properties = change.body["properties"]
    for front in properties.get("frontendIPConfigurations", []):
        own = front.setdefault("properties", {})
        _refuse_switch(change, front)
        public = own.get("publicIPAddress", {}).get("id", "")
        if public:
            _need_free(place, public, change.id)
        elif "subnet" in own:
            subnet = place.store.need(own["subnet"]["id"])
            ip_configurations.settle_address(place, change, own, subnet)
    _refuse_ports(properties)
    _refuse_used(place, change)


def in_subnet(place: Place, subnet_id: str) -> Iterator[str]:
    """The ids of front ends in a subnet."""
    for balancer in place.store.of_type(BALANCER):
        for front in balancer.body["properties"].get("frontendIPConfigurations", []):
            if is_same(front.get("properties", {}).get("subnet", {}).get("id", ""), subnet_id):
                yield front["id"]


def has_address(place: Place, address_id: str) -> str:
    """The id of the front end that a public address is in, "" for none."""
    for balancer in place.store.of_type(BALANCER):
        for front in balancer.body["properties"].get("frontendIPConfigurations", []):
            if is_same(front.get("properties", {}).get("publicIPAddress", {}).get("id", ""), address_id):
                return str(front["id"])
    return ""


def configuration_of(place: Place, rule_id: str) -> str:
    """The IP configuration that an inbound NAT rule leads to, "" for none."""
    for nic in place.store.of_type(NIC):
        for config in nic.body["properties"].get("ipConfigurations", []):
            named = config["properties"].get("loadBalancerInboundNatRules", [])
            if any(is_same(one["id"], rule_id) for one in named):
                return str(config["id"])
    return ""


def need_rule(place: Place, rule_id: str, configuration: str) -> None:
    """One that is there, and leads to no other interface."""
    balancer = place.store.find(rule_id.partition("/inboundNatRules/")[0])
    rules = balancer.body["properties"].get("inboundNatRules", []) if balancer else []
    if not any(is_same(one["id"], rule_id) for one in rules):
        raise Refusal(400, "InvalidResourceReference", f"Resource {rule_id} referenced by resource was not found.")
    used = configuration_of(place, rule_id)
    if used and not is_same(used, configuration):
        words = f"{configuration} cannot use {rule_id}, which is associated with {used}."
        raise Refusal(400, "InboundNatRuleInUse", words)


def shown_rules(place: Place, held: Held) -> list[Json]:
    """The inbound NAT rules of a balancer with the interfaces that they lead to, as Azure answers."""
    rules = [dict(one) for one in held.body["properties"].get("inboundNatRules", [])]
    for rule in rules:
        used = configuration_of(place, rule["id"])
        rule["properties"] = {**rule["properties"], **({"backendIPConfiguration": {"id": used}} if used else {})}
    return rules


def _refuse_switch(change: Change, front: Json) -> None:
    """A front that is there stays public, or inside of its network."""
    old = change.old.body["properties"].get("frontendIPConfigurations", []) if change.old else []
    before = next((one["properties"] for one in old if one["name"] == front["name"]), None)
    if before is not None and ("subnet" in before) != ("subnet" in front["properties"]):
        words = f"Frontend IP configuration {front['name']} cannot change between a public address and a subnet."
        raise Refusal(400, "LoadBalancerFrontendIPConfigCannotChangeType", words)


def _need_free(place: Place, address_id: str, balancer_id: str) -> None:
    address = place.store.find(address_id)
    if address is None:
        words = f"Resource {address_id} referenced by resource was not found. Please make sure that it exists."
        raise Refusal(400, "InvalidResourceReference", words)
    used = address.body["properties"].get("ipConfiguration", {}).get("id", "") or has_address(place, address_id)
    if used and not used.lower().startswith(f"{balancer_id}/".lower()):
        words = f"{balancer_id} is referencing public IP address {address_id} that is already allocated to {used}."
        raise Refusal(400, "PublicIPAddressInUse", words)


def _refuse_ports(properties: Json) -> None:
    rules = [*properties.get("loadBalancingRules", []), *properties.get("inboundNatRules", [])]
    ports = [(one["properties"]["protocol"].lower(), one["properties"]["frontendPort"]) for one in rules]
    if len(set(ports)) != len(ports):
        words = "Two rules use the same frontend port, protocol and IP configuration."
        raise Refusal(400, "RulesUseSameFrontendPortProtocolAndIPConfig", words)


def _refuse_used(place: Place, change: Change) -> None:
    """A rule that leads to an interface is not removed."""
    old = change.old.body["properties"].get("inboundNatRules", []) if change.old else []
    kept = {str(one["name"]).lower() for one in change.body["properties"].get("inboundNatRules", [])}
    for rule in old:
        used = configuration_of(place, rule["id"])
        if used and str(rule["name"]).lower() not in kept:
            words = f"Inbound NAT rule {rule['id']} cannot be removed because it is in use by {used}."
            raise Refusal(400, "InUseInboundNatRuleCannotBeDeleted", words)
