"""The built-in policy "Require a tag on resources", and the same on resource groups, with the effect deny.

Takes a body about to be kept, refuses it as Azure Policy does.
Source: MicrosoftDocs/azure-docs articles/governance/policy/how-to/get-compliance-data.md; Azure/azure-policy
built-in-policies/policyDefinitions/Tags/RequireTag_Deny.json.
"""

from tests.support.azure.place import Place
from tests.support.azure.store import SUBSCRIPTION, Json, Refusal

NAME = "Require a tag on resources"
_ROOT = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"


def check(place: Place, name: str, body: Json) -> None:
    """Refuse what lacks one of the required tags; a type that takes no tags is not asked."""
    there = {tag.lower() for tag in body.get("tags") or {}}
    for wanted in place.region.required_tags:
        if wanted.lower() not in there:
            info = {"policyDefinitionDisplayName": NAME, "policyAssignmentId": f"{_ROOT}/policyAssignments/{wanted}"}
            words = f"Resource '{name}' was disallowed by policy. Reasons: 'Tag {wanted} is required.'."
            more = [{"type": "PolicyViolation", "info": {**info, "policyDefinitionEffect": "deny"}}]
            raise Refusal(403, "RequestDisallowedByPolicy", words, target=name, additionalInfo=more)
