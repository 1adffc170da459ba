"""Services that moto has not, as far as the plugin asks them: service-quotas, the price list, IAM's simulation.

Takes an account's limits and permissions, and calls; gives answers, None for what moto answers itself.
"""

import base64
import json
from dataclasses import dataclass, field

from tests.support.aws import back
from tests.support.aws.answers import Answer, json_answer, refusal, xml_answer
from tests.support.aws.calls import Call

QUOTAS = {
    "ec2/L-1216C47A": ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 640.0),
    "ec2/L-34B43A08": ("All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 640.0),
    "ec2/L-DB2E81BA": ("Running On-Demand G and VT instances", 0.0),
    "ec2/L-0263D0A3": ("EC2-VPC Elastic IPs", 50.0),
    "vpc/L-F678F1CE": ("VPCs per Region", 50.0),
    "vpc/L-FE5A380F": ("NAT gateways per Availability Zone", 5.0),
    "ebs/L-D18FCD1D": ("Storage for General Purpose SSD (gp2) volumes, in TiB", 50.0),
    "ebs/L-7A658B76": ("Storage for General Purpose SSD (gp3) volumes, in TiB", 50.0),
    "ebs/L-FD252861": ("Storage for Provisioned IOPS SSD (io1) volumes, in TiB", 50.0),
    "ebs/L-09BD8365": ("Storage for Provisioned IOPS SSD (io2) volumes, in TiB", 20.0),
    "ebs/L-17AF77E8": ("Storage for Cold HDD (sc1) volumes, in TiB", 50.0),
    "ebs/L-82ACEF56": ("Storage for Throughput Optimized HDD (st1) volumes, in TiB", 50.0),
    "ebs/L-B3A130E6": ("IOPS for Provisioned IOPS SSD (io1) volumes", 300000.0),
    "ebs/L-8D977E7E": ("IOPS for Provisioned IOPS SSD (io2) volumes", 100000.0),
    "ebs/L-9CF3C2EB": ("Storage for Magnetic (standard) volumes, in TiB", 50.0),
}


@dataclass(slots=True)
class Account:
    """`limits` change quotas; `denied` are actions ("ec2:RunInstances") the caller may not do, "*" all."""

    limits: dict[str, float] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    known_keys: set[str] = field(default_factory=set)
    requested: list[dict[str, object]] = field(default_factory=list)
    closed: str = ""
    """What EC2 answers to everything, as of an account that may not use it: "OptInRequired", "Blocked"."""
    session_s: int = 0
    """How long an assumed role is valid; 0: as long as requested."""
    prices: dict[str, str] = field(default_factory=dict)
    """Instance type to dollars an hour, volume type to dollars a GiB and month; empty: no price list answers."""

    def may(self, action: str) -> bool:
        """Whether the caller may do an action."""
        return not {action, "*"} & self.denied

    def limit(self, code: str) -> float | None:
        """The value of a quota ("ec2/L-1216C47A")."""
        if code in self.limits:
            return self.limits[code]
        return QUOTAS[code][1] if code in QUOTAS else None


def answer_own(call: Call, account: Account) -> Answer | None:
    """The answer of one of the stand-in's own services."""
    if call.service == "servicequotas":
        return _answer_quotas(call, account)
    if call.service == "pricing":
        return _answer_prices(call, account)
    if call.action == "SimulatePrincipalPolicy":
        return _answer_simulation(call, account)
    return None


def refuse_permission(call: Call, account: Account) -> Answer | None:
    """What the caller may not do, or who the caller is not."""
    if account.known_keys and call.access_key not in account.known_keys:
        code = "AuthFailure" if call.service == "ec2" else "InvalidClientTokenId"
        return refusal(call, code, "AWS was not able to validate the provided access credentials", status=401)
    if account.closed and call.service == "ec2":
        return refusal(call, account.closed, "You are not subscribed to this service.", status=403)
    if account.may(f"{call.service}:{call.action}"):
        return None
    code = "UnauthorizedOperation" if call.service == "ec2" else "AccessDenied"
    message = f"You are not authorized to perform this operation. {call.service}:{call.action} is denied."
    return refusal(call, code, message, status=403)


def _answer_quotas(call: Call, account: Account) -> Answer:
    if call.action == "RequestServiceQuotaIncrease":
        account.requested.append(dict(call.parameters))
        asked = {"Id": f"request-{len(account.requested)}", "Status": "PENDING", **call.parameters}
        return json_answer({"RequestedQuota": asked})
    if call.action == "ListServiceQuotas":
        prefix = call.get("ServiceCode") + "/"
        mine = [code for code in QUOTAS if code.startswith(prefix)]
        return json_answer({"Quotas": [_quota(code, account) for code in mine]})
    code = f"{call.get('ServiceCode')}/{call.get('QuotaCode')}"
    if account.limit(code) is None:
        return refusal(call, "NoSuchResourceException", "The request failed because the specified quota is unknown")
    return json_answer({"Quota": _quota(code, account)})


def _quota(code: str, account: Account) -> dict[str, object]:
    service, _, quota = code.partition("/")
    name = QUOTAS.get(code, ("", 0.0))[0]
    return {
        "ServiceCode": service,
        "ServiceName": service,
        "QuotaCode": quota,
        "QuotaName": name,
        "Value": account.limit(code),
        "Unit": "None",
        "Adjustable": True,
    }


def _answer_prices(call: Call, account: Account) -> Answer:
    if not account.prices:
        return refusal(call, "InternalErrorException", "not reachable", status=500)
    wanted = {one["Value"] for one in json.loads(call.get("Filters", "[]"))}
    listed = [json.dumps(_product(kind, amount)) for kind, amount in account.prices.items() if kind in wanted]
    return json_answer({"FormatVersion": "aws_v1", "PriceList": listed})


def _product(kind: str, amount: str) -> dict[str, object]:
    attribute, unit = ("instanceType", "Hrs") if "." in kind else ("volumeApiName", "GB-Mo")
    price = {"pricePerUnit": {"USD": amount}, "unit": unit}
    term = {"priceDimensions": {"rate": price}, "effectiveDate": "2026-01-01T00:00:00Z"}
    return {"product": {"attributes": {attribute: kind}}, "terms": {"OnDemand": {"offer": term}}}


def _answer_simulation(call: Call, account: Account) -> Answer:
    members = "".join(
        f"<member><EvalActionName>{action}</EvalActionName><EvalDecision>"
        f"{'allowed' if account.may(action) else 'implicitDeny'}</EvalDecision></member>"
        for name, action in sorted(call.parameters.items())
        if name.startswith("ActionNames.member.")
    )
    space = "https://iam.amazonaws.com/doc/2010-05-08/"
    return xml_answer(
        f'<SimulatePrincipalPolicyResponse xmlns="{space}"><SimulatePrincipalPolicyResult>'
        f"<IsTruncated>false</IsTruncated><EvaluationResults>{members}</EvaluationResults>"
        "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )


def console_answer(call: Call, text: str) -> Answer:
    """What an instance printed."""
    space = "http://ec2.amazonaws.com/doc/2016-11-15/"
    output = base64.b64encode(text.encode()).decode()
    return xml_answer(
        f'<GetConsoleOutputResponse xmlns="{space}"><instanceId>{call.get("InstanceId")}</instanceId>'
        f"<timestamp>2026-01-01T00:00:00.000Z</timestamp><output>{output}</output></GetConsoleOutputResponse>"
    )


def refuse_quota(call: Call, account: Account) -> Answer | None:
    """The limits on what runs: vCPUs, addresses, NAT gateways (of which all are in one zone)."""
    if call.get("DryRun") == "true":
        return None
    if call.action == "AllocateAddress":
        limit = account.limit("ec2/L-0263D0A3")
        if limit is not None and len(back.ec2(call.region).addresses) >= limit:
            return refusal(call, "AddressLimitExceeded", "The maximum number of addresses has been reached.")
    if call.action == "CreateNatGateway":
        limit, there = account.limit("vpc/L-FE5A380F"), back.ec2(call.region).nat_gateways.values()
        if limit is not None and sum(one.state != "deleted" for one in there) >= limit:
            return refusal(call, "NatGatewayLimitExceeded", "The maximum number of NAT gateways has been reached.")
    if call.action == "RunInstances":
        return _refuse_vcpus(call, account)
    return None


def _refuse_vcpus(call: Call, account: Account) -> Answer | None:
    types = back.INSTANCE_TYPES
    limit = account.limit("ec2/L-1216C47A") or 0.0
    running = [one.instance_type for one in back.instances(call.region) if one.state in ("running", "pending")]
    used = sum(types[kind]["VCpuInfo"]["DefaultVCpus"] for kind in running if kind in types)
    asked = types.get(call.get("InstanceType"), {}).get("VCpuInfo", {}).get("DefaultVCpus", 0)
    if used + asked <= limit:
        return None
    message = (
        f"You have requested more vCPU capacity than your current vCPU limit of {limit:.0f} allows for the instance "
        "bucket that the specified instance type belongs to."
    )
    return refusal(call, "VcpuLimitExceeded", message)
