"""What the account's user must be allowed to do, and how we find out before trying.

Takes who we are, gives the actions that are denied. Asks IAM to simulate; where that is not allowed, tries dry runs.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.errors import CloudError, DeniedError
from cpi.contract.landing_parts import ImageOrigin
from cpi.contract.values import PreflightRequest
from cpi.kit import blob_accounts

VM_ACTIONS = (
    "ec2:RunInstances",
    "ec2:TerminateInstances",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:RebootInstances",
    "ec2:CreateTags",
    "ec2:CreateVolume",
    "ec2:DeleteVolume",
    "ec2:AttachVolume",
    "ec2:DetachVolume",
    "ec2:ModifyVolume",
    "ec2:CreateSnapshot",
    "ec2:DeleteSnapshot",
    "ec2:AssociateAddress",
    "ec2:CreateLaunchTemplate",
    "ec2:DeleteLaunchTemplate",
    "ec2:DescribeInstances",
    "ec2:DescribeVolumes",
    "ec2:DescribeAddresses",
    "ec2:DescribeImages",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "ec2:DescribeSubnets",
    "ssm:GetParameter",
)
"""VMs, disks and stemcells (a light one is a launch template)."""
LANDING_ACTIONS = (
    "ec2:CreateVpc",
    "ec2:DeleteVpc",
    "ec2:AssociateVpcCidrBlock",
    "ec2:DescribeVpcs",
    "ec2:CreateSubnet",
    "ec2:DeleteSubnet",
    "ec2:CreateInternetGateway",
    "ec2:AttachInternetGateway",
    "ec2:DetachInternetGateway",
    "ec2:DeleteInternetGateway",
    "ec2:DescribeInternetGateways",
    "ec2:CreateRouteTable",
    "ec2:CreateRoute",
    "ec2:AssociateRouteTable",
    "ec2:DisassociateRouteTable",
    "ec2:DeleteRouteTable",
    "ec2:DescribeRouteTables",
    "ec2:DescribeNatGateways",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeKeyPairs",
    "ec2:CreateSecurityGroup",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:DeleteSecurityGroup",
    "ec2:AllocateAddress",
    "ec2:ReleaseAddress",
)
NAT_ACTIONS = ("ec2:CreateNatGateway", "ec2:DeleteNatGateway")
TABLE_ACTIONS = ("ec2:ReplaceRoute", "ec2:DeleteRoute", "ec2:ReplaceRouteTableAssociation")
"""Routes that a template changes."""
KEY_ACTIONS = ("ec2:ImportKeyPair", "ec2:DeleteKeyPair")
ROUTING_ACTIONS = ("ec2:ModifyInstanceAttribute", "ec2:ModifyNetworkInterfaceAttribute")
CLASSIC_BALANCER_ACTIONS = (
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
    "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
)
ROUTE_ACTIONS = ("ec2:DescribeRouteTables", "ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute")
BALANCER_ACTIONS = (
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:RegisterTargets",
    "elasticloadbalancing:DeregisterTargets",
)
MADE_BALANCER_ACTIONS = (
    "elasticloadbalancing:CreateLoadBalancer",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:CreateTargetGroup",
    "elasticloadbalancing:ModifyTargetGroup",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:CreateListener",
    "elasticloadbalancing:DeleteListener",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:ModifyListenerAttributes",
    "elasticloadbalancing:AddTags",
    "elasticloadbalancing:DescribeTags",
    *BALANCER_ACTIONS,
)
"""Load balancers that a template adds."""
LISTING_BALANCERS = ("elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups")
"""Called by each listing of a landing zone. A login without them has none, so they are not required before `up`
(cpi.clouds.aws.landing.elb_parts says when they are)."""
UPLOAD_ACTIONS = (
    "ebs:StartSnapshot",
    "ebs:PutSnapshotBlock",
    "ebs:CompleteSnapshot",
    "ec2:RegisterImage",
    "ec2:DeregisterImage",
)
MAKING_ACTIONS: Mapping[ImageOrigin, tuple[str, ...]] = {
    "snapshot": ("ec2:RegisterImage", "ec2:DeregisterImage"),
    "vm": ("ec2:CreateImage", "ec2:DeregisterImage"),
}
"""Images of templates, by what they are made of."""
NAME_ACTIONS = ("route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ChangeResourceRecordSets")
BUCKET_ACTIONS = (
    "ec2:CreateVpcEndpoint",
    "ec2:ModifyVpcEndpoint",
    "ec2:DeleteVpcEndpoints",
    "s3:CreateBucket",
    "s3:PutBucketTagging",
    "s3:GetBucketTagging",
    "s3:ListBucket",
    "s3:DeleteBucket",
    "s3:PutObject",
    "s3:GetObject",
    "s3:DeleteObject",
)
LISTING_ACCOUNTS = ("s3:ListAllMyBuckets",)
"""The same for storage accounts (cpi.clouds.aws.landing.blob_accounts)."""
ACCOUNT_ACTIONS = (
    *LISTING_ACCOUNTS,
    "s3:CreateBucket",
    "s3:PutBucketTagging",
    "s3:GetBucketTagging",
    "s3:ListBucket",
    "s3:DeleteBucket",
    "s3:PutObject",
    "s3:DeleteObject",
)
"""Storage accounts that a template adds."""

_OF_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "lb_target_groups": BALANCER_ACTIONS,
    "elbs": CLASSIC_BALANCER_ACTIONS,
    "advertised_routes": ROUTE_ACTIONS,
}
"""What cloud properties of a VM take beside the calls of all VMs."""

_DRY: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("CreateVpc", {"CidrBlock": "10.0.0.0/16"}),
    ("CreateInternetGateway", {}),
    ("AllocateAddress", {"Domain": "vpc"}),
    ("DescribeInstances", {}),
    ("DescribeVolumes", {}),
)
"""Those that AWS can judge without naming anything that exists."""

_BATCH = 50


def needed(config: AwsConfig, request: PreflightRequest) -> tuple[str, ...]:
    """What a plan takes; asked about the account alone, all that `up` takes."""
    actions = [*VM_ACTIONS]
    if request.landing or not request.vms:
        actions += LANDING_ACTIONS
        kinds = {one.kind for one in request.landing}
        actions += NAT_ACTIONS if config.private_networks or "nat_gateway" in kinds else ()
        actions += TABLE_ACTIONS if any("targets" in one.properties for one in request.landing) else ()
        actions += KEY_ACTIONS if config.public_key else ()
        actions += BUCKET_ACTIONS if config.bucket else ()
        actions += NAME_ACTIONS if config.dns_names else ()
        actions += MADE_BALANCER_ACTIONS if "load_balancer" in kinds else ()
        actions += ACCOUNT_ACTIONS if blob_accounts.ACCOUNT in kinds else ()
    if config.stemcell_image or any(one.image_path for one in request.stemcells):
        actions += UPLOAD_ACTIONS
    for one in request.stemcells:
        actions += MAKING_ACTIONS.get(one.source.origin, ()) if one.source else ()
    for name, more in _OF_PROPERTIES.items():
        actions += more if any(vm.cloud_properties.get(name) for vm in request.vms) else ()
    if any(vm.cloud_properties.get("source_dest_check") is False for vm in request.vms):
        actions += ROUTING_ACTIONS
    return tuple(dict.fromkeys(actions))


def denied(api: Api, arn: str, actions: Iterable[str]) -> tuple[str, ...]:
    """Those of the actions that are denied, in their order."""
    wanted = tuple(actions)
    if arn.endswith(":root"):
        return ()
    try:
        return tuple(_simulate(api, policy_source(arn), wanted))
    except CloudError as error:
        if not isinstance(error, DeniedError) and sdk.code_of(error) not in ("NoSuchEntity", "InvalidInput"):
            raise
        return tuple(_try(api))


def policy_source(arn: str) -> str:
    """The user or role behind an identity: a role that is taken on has a session's name of its own."""
    if ":assumed-role/" not in arn:
        return arn
    partition, account, role = arn.split(":")[1], arn.split(":")[4], arn.split("/")[1]
    return f"arn:{partition}:iam::{account}:role/{role}"


def remedy(lacking: tuple[str, ...]) -> str:
    """The policy that gives what is lacking."""
    statement = {"Effect": "Allow", "Action": list(lacking), "Resource": "*"}
    return f"Attach this policy to it: {json.dumps({'Version': '2012-10-17', 'Statement': [statement]})}"


def _simulate(api: Api, arn: str, actions: tuple[str, ...]) -> Iterable[str]:
    for at in range(0, len(actions), _BATCH):
        answer = api.read(
            "iam", "SimulatePrincipalPolicy", PolicySourceArn=arn, ActionNames=list(actions[at : at + _BATCH])
        )
        verdicts = {one["EvalActionName"]: one["EvalDecision"] for one in answer["EvaluationResults"]}
        yield from (action for action in actions[at : at + _BATCH] if verdicts.get(action, "allowed") != "allowed")


def _try(api: Api) -> Iterable[str]:
    for operation, parameters in _DRY:
        try:
            api.read("ec2", operation, DryRun=True, **parameters)
        except DeniedError:
            yield f"ec2:{operation}"
        except CloudError as error:
            if sdk.code_of(error) != "DryRunOperation":
                raise
