"""Why a sign-in failed, from Microsoft's own words: one table, with what to do.

Takes azure-identity's error, gives the error to raise. Codes that begin with AADSTS are Microsoft's.
Source: MicrosoftDocs/entra-docs docs/identity-platform/reference-error-codes.md and v2-oauth2-device-code.md.
"""

import json
import re

from azure.core.exceptions import AzureError, ClientAuthenticationError

from cpi.clouds.azure.wire import refusals
from cpi.contract.errors import CloudError, DeniedError
from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """The error for an answer that `sign` matches."""

    sign: str
    code: str
    what: str
    fix: str


_ROWS = (
    Denial(
        sign=r"authorization_declined|AADSTS65004",
        code="sign-in-declined",
        what="The sign-in was declined in the browser.",
        fix="Run the command again, and accept the request in the browser.",
    ),
    Denial(
        sign=r"expired_token|code_expired|AADSTS70019|AADSTS70020|Timed out waiting for user",
        code="sign-in-code-expired",
        what="The code expired before a sign-in.",
        fix="Run the command again, and enter the new code in the browser at once.",
    ),
    Denial(
        sign=r"AADSTS65001|AADSTS90094|AADSTS900941|consent_required",
        code="consent-needed",
        what="An administrator of the tenant must consent first.",
        fix="Ask an administrator to consent to the application named above, or to run this command.",
    ),
    Denial(
        sign=r"AADSTS53003|AADSTS530003|AADSTS50076|AADSTS50079|AADSTS50158",
        code="sign-in-policy-refused",
        what="A policy of the tenant forbids this sign-in.",
        fix="Sign in as the tenant's policy requires, or ask an administrator for a principal's file.",
    ),
    Denial(
        sign=r"AADSTS90002|AADSTS900023|AADSTS900021|Unable to get authority configuration",
        code="unknown-tenant",
        what="Microsoft's sign-in service does not know the tenant.",
        fix="Correct tenant_id in the environment's file: `az account show --query tenantId`.",
    ),
    Denial(
        sign=r"AADSTS7000222",
        code="credentials-expired",
        what="The principal's secret has expired.",
        fix="Run `compleat azure create-principal` for the environment: it creates a new one.",
    ),
    Denial(
        sign=r"AADSTS700027|AADSTS700030",
        code="credentials-refused",
        what="The application does not have this certificate.",
        fix="Upload it: `az ad app credential reset --append --id CLIENT_ID --cert @FILE`, or correct the path.",
    ),
    Denial(
        sign=r"AADSTS70021|AADSTS700211|AADSTS700212|AADSTS700213|AADSTS700024",
        code="credentials-refused",
        what="The application does not trust the federated token, or the token has expired.",
        fix="Compare its issuer, subject and audience with `az ad app federated-credential list --id CLIENT_ID`.",
    ),
)
_ANY = Denial(
    sign="",
    code="credentials-refused",
    what="Azure rejected the sign-in.",
    fix="Correct the environment's credentials; `compleat azure create-principal` creates new ones.",
)
_EARLY = re.compile(r"AADSTS(7000215|700016|7000229)\b")


def explain(error: ClientAuthenticationError) -> CloudError:
    """A sign-in that failed, in Microsoft's own words, without secrets.

    azure-identity calls every failure a refusal; what never came to an answer, or to a server's failure, is none.
    """
    if isinstance(error.__cause__, AzureError | OSError):
        return refusals.explain_unreachable(error.__cause__, "the sign-in")
    answer = f"{_code_of(error)} {error.message}"
    row = next((each for each in _ROWS if re.search(each.sign, answer)), _ANY)
    words = refusals.redact(str(error.message).splitlines()[0])
    return DeniedError(row.code, row.what, why=words, fix=row.fix)


def is_early(error: DeniedError) -> bool:
    """Whether a new principal is refused so while not every server has heard of it."""
    return bool(_EARLY.search(error.why))


def _code_of(error: ClientAuthenticationError) -> str:
    """The answer's own word ("authorization_declined"), which azure-identity leaves out of its message."""
    try:
        body = json.loads(error.response.text()) if error.response is not None else {}
    except (ValueError, AttributeError):
        return ""
    return str(body.get("error", "")) if isinstance(body, dict) else ""
