"""Why sign-ins fail, in our words."""

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError

from cpi.clouds.azure.wire import sign_in_failures
from cpi.contract.errors import DeniedError


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Authentication failed: AADSTS7000215: Invalid client secret provided.", "credentials-refused"),
        ("AADSTS7000222: The provided client secret keys are expired.", "credentials-expired"),
        ("AADSTS90002: Tenant 'x' not found.", "unknown-tenant"),
        ("AADSTS65001: The user or administrator has not consented", "consent-needed"),
        ("AADSTS53003: Access has been blocked by Conditional Access policies.", "sign-in-policy-refused"),
        ("Timed out waiting for user to authenticate", "sign-in-code-expired"),
        ("Authentication failed: authorization_declined", "sign-in-declined"),
        ("Please run 'az login' to setup account.", "credentials-refused"),
    ],
)
def test_a_refusal_is_told_by_microsofts_own_number(message: str, code: str) -> None:
    error = sign_in_failures.explain(ClientAuthenticationError(message=f"{message}\nTrace ID: 1"))
    assert (error.code, error.why) == (code, message)


@pytest.mark.parametrize("cause", [ServiceRequestError("no route"), OSError("refused"), HttpResponseError("503")])
def test_what_never_came_to_a_refusal_is_tried_again(cause: Exception) -> None:
    error = ClientAuthenticationError(message=f"Authentication failed: {cause}")
    error.__cause__ = cause
    assert sign_in_failures.explain(error).code == "cloud-unreachable"


@pytest.mark.parametrize(("number", "is_early"), [("7000215", True), ("700016", True), ("7000222", False)])
def test_a_new_principal_is_refused_like_a_wrong_one(number: str, is_early: bool) -> None:
    error = sign_in_failures.explain(ClientAuthenticationError(message=f"AADSTS{number}: words"))
    assert isinstance(error, DeniedError) and sign_in_failures.is_early(error) is is_early
