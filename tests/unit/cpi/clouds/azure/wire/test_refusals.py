"""What Azure says when it refuses, in our classes and words."""

import pytest

from cpi.clouds.azure.wire import refusals
from cpi.contract.errors import (
    CloudError,
    ConflictError,
    DeniedError,
    LostReplyError,
    NoCapacityError,
    NotFoundError,
    NotSupportedError,
    ThrottledError,
    TransientError,
)
from cpi.contract.values import JsonValue


def _explained(status: int, code: str, message: str = "words", **headers: str) -> CloudError:
    body: JsonValue = {"error": {"code": code, "message": message}}
    return refusals.explain(refusals.read_refusal(status, body, headers), "PUT x")


@pytest.mark.parametrize(
    ("status", "code", "kind", "own"),
    [
        (409, "SkuNotAvailable", NoCapacityError, "no-capacity"),
        (200, "AllocationFailed", NoCapacityError, "no-capacity"),
        (200, "InternalExecutionError", CloudError, "operation-failed"),
        (400, "NicInUse", ConflictError, "in-use"),
        (404, "ResourceGroupNotFound", NotFoundError, "not-found"),
        (404, "SubscriptionNotFound", DeniedError, "unknown-subscription"),
        (401, "ExpiredAuthenticationToken", DeniedError, "credentials-refused"),
        (403, "AuthorizationFailed", DeniedError, "not-authorized"),
        (403, "RequestDisallowedByPolicy", DeniedError, "policy-refused"),
        (403, "Authorization_RequestDenied", DeniedError, "directory-not-authorized"),
        (400, "PrincipalNotFound", TransientError, "not-visible-yet"),
        (409, "MissingSubscriptionRegistration", DeniedError, "provider-not-registered"),
        (409, "SomethingNew", ConflictError, "in-use"),
        (400, "SomethingNew", CloudError, "request-refused"),
        (429, "TooManyRequests", ThrottledError, "throttled"),
        (503, "ServerTimeout", LostReplyError, "server-error"),
    ],
)
def test_a_refusal_has_its_class_its_code_and_azures_words(
    status: int, code: str, kind: type[CloudError], own: str
) -> None:
    error = _explained(status, code)
    assert (type(error), error.code) == (kind, own)
    assert f"{code}: words" in error.why


def test_a_policy_that_refuses_is_named_with_what_helps_against_it() -> None:
    reported = {
        "policyDefinitionDisplayName": "Require a tag on resources",
        "policyAssignmentId": "/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/tags",
    }
    inner: JsonValue = {
        "code": "RequestDisallowedByPolicy",
        "message": "Resource 'compleat' was disallowed by policy.",
        "additionalInfo": [{"type": "PolicyViolation", "info": reported}, {"type": "Other", "info": {}}],
    }
    for body in ({"error": inner}, {"error": {"code": "InvalidTemplateDeployment", "details": [inner]}}):
        error = refusals.explain(refusals.read_refusal(403, body, {}), "PUT networkSecurityGroups/compleat")
        assert (type(error), error.code) == (DeniedError, "policy-refused")
        assert error.what == "A policy of the subscription refused PUT networkSecurityGroups/compleat."
        assert error.why.startswith("Policy 'Require a tag on resources' (assignment /subscriptions/s/providers/")
        assert "under `tags`" in error.fix
        assert "create-principal" not in error.fix


@pytest.mark.parametrize(
    ("message", "own"),
    [
        ("exceeding approved standardBSFamily Cores quota. Current Limit: 10", "quota-exceeded"),
        ("The maximum number of data disks allowed to be attached to a VM of this size is 4.", "too-many-disks"),
        ("Disk d is attached to VM v.", "in-use"),
    ],
)
def test_one_code_of_azures_means_three_things(message: str, own: str) -> None:
    assert _explained(409, "OperationNotAllowed", message).code == own


def test_the_innermost_known_code_decides() -> None:
    inner: JsonValue = {"code": "PublicIPCountLimitReached", "message": "m", "details": []}
    body: JsonValue = {"error": {"code": "DeploymentFailed", "message": "m", "details": [inner]}}
    error = refusals.explain(refusals.read_refusal(409, body, {}), "PUT x")
    assert error.code == "quota-exceeded"


def test_an_application_that_another_server_made_a_moment_ago_is_waited_for() -> None:
    words = "The appId 'x' of the service principal does not reference a valid application object."
    assert _explained(400, "Request_BadRequest", words).code == "not-visible-yet"


@pytest.mark.parametrize("body", [None, "<html>bad gateway</html>", [], {"error": "text"}, {"message": "m"}])
def test_an_answer_in_no_form_of_azures_is_explained_all_the_same(body: JsonValue) -> None:
    assert refusals.explain(refusals.read_refusal(502, body, {}), "PUT x").code == "server-error"


@pytest.mark.parametrize(
    ("status", "code", "kind", "own"),
    [
        (404, "ContainerNotFound", NotFoundError, "storage-missing"),
        (404, "BlobNotFound", NotFoundError, "not-found"),
        (409, "ContainerBeingDeleted", TransientError, "not-ready-yet"),
        (403, "KeyBasedAuthenticationNotPermitted", NotSupportedError, "storage-keys-forbidden"),
        (403, "AuthorizationFailure", NotSupportedError, "storage-closed"),
        (403, "AuthenticationFailed", DeniedError, "credentials-refused"),
        (503, "ServerBusy", ThrottledError, "throttled"),
    ],
)
def test_a_refusal_by_the_blob_service_is_read_from_its_header_and_xml(
    status: int, code: str, kind: type[CloudError], own: str
) -> None:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Words.\nRequestId:1</Message></Error>"
    headers = {"X-Ms-Error-Code": code}
    reported = [refusals.explain(refusals.read_refusal(status, one, headers), "PUT x") for one in (body, None)]
    assert [(type(one), one.code) for one in reported] == [(kind, own)] * 2
    assert [one.why for one in reported] == [
        f"Azure answered {status} {code}: Words.",
        f"Azure answered {status} {code}:",
    ]


def test_pauses_are_read_from_three_headers() -> None:
    assert refusals.read_pause({"X-Ms-Retry-After-Ms": "20"}, default_s=1) == 0.02
    assert refusals.read_pause({"Retry-After": "35"}, default_s=1) == 35
    assert refusals.read_pause({"Retry-After": "tomorrow"}, default_s=1) == 1
    error = _explained(429, "TooManyRequests", Retry_After="7", **{"Retry-After": "7"})
    assert isinstance(error, ThrottledError) and error.after_s == 7


def test_secrets_are_hidden() -> None:
    said = "Bearer abc sig=def client_secret=ghi password='jkl'"
    assert refusals.redact(said) == "Bearer [hidden] sig=[hidden] client_secret=[hidden] password='[hidden]'"


def test_no_answer_at_all_is_told_apart_from_a_certificate_that_nobody_trusts() -> None:
    assert type(refusals.explain_unreachable(OSError("refused"), "GET x")) is TransientError
    error = refusals.explain_unreachable(OSError("[SSL: CERTIFICATE_VERIFY_FAILED]"), "GET x")
    assert (type(error), error.code) == (DeniedError, "cloud-not-trusted")
