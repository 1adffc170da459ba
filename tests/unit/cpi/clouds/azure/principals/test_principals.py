"""Applications and secrets as they are sent, whole, and as Graph tells them."""

from typing import Any

import pytest

from cpi.clouds.azure.principals import principals
from cpi.clouds.azure.principals.principals import Application, Secret
from cpi.contract.errors import ConflictError

TAGS = principals.owner_tags("lab", "s")
REPORTED: dict[str, Any] = {
    "id": "object",
    "appId": "client",
    "displayName": "compleat-lab",
    "tags": [*TAGS, "WindowsAzureActiveDirectoryIntegratedApp"],
    "passwordCredentials": [
        {
            "customKeyIdentifier": None,
            "endDateTime": "2027-01-01T00:00:00Z",
            "keyId": "key",
            "startDateTime": "2026-01-01T00:00:00Z",
            "secretText": None,
            "hint": "abc",
            "displayName": None,
        }
    ],
}
"""As Microsoft's page on applications has it."""


def test_what_is_sent_is_whole() -> None:
    assert principals.render_application("compleat-lab", TAGS) == {
        "displayName": "compleat-lab",
        "signInAudience": "AzureADMyOrg",
        "tags": ["compleat-environment:lab", "compleat-subscription:s"],
    }
    assert principals.render_secret("word", now_s=1_800_000_000, days=365) == {
        "passwordCredential": {"displayName": "word", "endDateTime": "2028-01-15T08:00:00Z"}
    }


def test_an_application_is_read_and_its_secrets_text_never_shown() -> None:
    secret = Secret(key_id="key", name="", expires="2027-01-01T00:00:00Z")
    assert principals.read_application(REPORTED) == Application(
        id="object", app_id="client", name="compleat-lab", tags=tuple(REPORTED["tags"]), secrets=(secret,)
    )
    assert "hush" not in repr(principals.read_secret({"keyId": "k", "secretText": "hush"}))


def test_keys_are_the_same_each_time_and_others_for_others() -> None:
    assert principals.unique_name("lab", "s") == principals.unique_name("lab", "s")
    assert len({principals.unique_name(*pair) for pair in (("lab", "s"), ("lab", "t"), ("bar", "s"))}) == 3


def test_ours_is_chosen_by_its_tags_and_a_name_of_somebody_elses_is_refused() -> None:
    own = principals.read_application(REPORTED)
    theirs = principals.read_application({**REPORTED, "tags": []})
    assert principals.choose_own([theirs, own], "compleat-lab", TAGS) is own
    assert principals.choose_own([], "compleat-lab", TAGS) is None
    with pytest.raises(ConflictError) as raised:
        principals.choose_own([theirs], "compleat-lab", TAGS)
    assert raised.value.code == "name-taken"


@pytest.mark.parametrize(
    ("expires", "is_lasting"),
    [("2027-01-16T08:00:01Z", True), ("2027-01-29T07:59:59Z", False), ("", False), ("soon", False)],
)
def test_a_secret_lasts_when_its_end_is_known_and_far(expires: str, is_lasting: bool) -> None:
    days = 1 if is_lasting else 14
    assert principals.is_lasting(expires, now_s=1_800_000_000, days=days) is is_lasting
