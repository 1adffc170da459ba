"""Instance profiles that VMs name: whether they are there, and whether we may give their role to a VM.

Takes names, gives findings. Source: IAM's SimulatePrincipalPolicy, with the role as the resource of iam:PassRole.
"""

import datetime
import email.utils
import json
from collections.abc import Iterable, Iterator

from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import permissions
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import CloudError, DeniedError, TransientError
from cpi.contract.values import Finding

_ACTION = "iam:PassRole"
_NEW_S = 600.0
"""EC2 knows a new profile after 10 to 30 s as a rule; one that is older than this is wrong for another reason."""
_SERVICE = {
    "ContextKeyName": "iam:PassedToService",
    "ContextKeyValues": ["ec2.amazonaws.com"],
    "ContextKeyType": "string",
}


def findings(api: Api, arn: str, profiles: Iterable[str]) -> Iterator[Finding]:
    """What is wrong with each; `arn` is who we are to AWS."""
    for profile in profiles:
        try:
            answer = api.read("iam", "GetInstanceProfile", InstanceProfileName=profile.rpartition("/")[2])
        except CloudError as error:
            yield Finding(
                code="unknown-instance-profile",
                what=f"Instance profile '{profile}' cannot be used.",
                why=error.why,
                fix="Correct iam_instance_profile.",
                written_names=(profile,),
            )
            continue
        for role in answer["InstanceProfile"]["Roles"]:
            if not _may_pass(api, arn, str(role["Arn"])):
                yield _not_passed(arn, str(role["Arn"]), profile)


def retry_if_new(api: Api, profile: str, error: CloudError) -> CloudError:
    """The error to raise for one that RunInstances gave: TransientError where EC2 has not heard of the profile yet.

    Source: AWS's IAM guide, "Changes that I make are not always immediately visible". BOSH does not retry.
    """
    is_refused = sdk.code_of(error) == "InvalidParameterValue" and "iaminstanceprofile" in _letters(error.why)
    if not is_refused or not _is_new(api, profile):
        return error
    return TransientError(
        "not-visible-yet",
        f"EC2 does not know the instance profile '{profile}' yet.",
        why=f"IAM made it less than {_NEW_S / 60:.0f} minutes ago, which EC2 sees with a delay. {error.why}",
        fix="No action needed: compleat retries. If it still fails, delete the instance profile and create it again.",
    )


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalpha())


def _is_new(api: Api, profile: str) -> bool:
    """By AWS's own clock; a profile that IAM does not show is not new, but wrong."""
    try:
        answer = api.read("iam", "GetInstanceProfile", InstanceProfileName=profile.rpartition("/")[2])
    except CloudError:
        return False
    made: datetime.datetime = answer["InstanceProfile"]["CreateDate"]
    date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date", "")
    return bool(date) and (email.utils.parsedate_to_datetime(date) - made).total_seconds() < _NEW_S


def _may_pass(api: Api, arn: str, role: str) -> bool:
    """Checked by IAM's simulation; unknown if the user may not call it."""
    if arn.endswith(":root"):
        return True
    try:
        answer = api.read(
            "iam",
            "SimulatePrincipalPolicy",
            PolicySourceArn=permissions.policy_source(arn),
            ActionNames=[_ACTION],
            ResourceArns=[role],
            ContextEntries=[_SERVICE],
        )
    except CloudError as error:
        if not isinstance(error, DeniedError) and sdk.code_of(error) not in ("NoSuchEntity", "InvalidInput"):
            raise
        return True
    return all(one["EvalDecision"] == "allowed" for one in answer["EvaluationResults"])


def _not_passed(arn: str, role: str, profile: str) -> Finding:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [_ACTION], "Resource": role}]}
    return Finding(
        code="role-not-passed",
        what=f"{arn} may not pass role {role} to a VM.",
        why=f"A VM uses instance profile '{profile}', and AWS's policy simulation denies {_ACTION}.",
        fix=f"Attach this policy: {json.dumps(policy)}",
        written_names=(profile,),
    )
